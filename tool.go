package funcall

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/internal/json/resultjson"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// A Tool is a function that a model may call. Make one with [NewTool], or with
// [NewRawTool] where there is no Go type. A Tool does not change; it may be
// shared by agents and used by any number of goroutines.
type Tool struct{ t *tool }

// A ToolHandler runs a call. The arguments are JSON that the tool's schema
// accepts, with its defaults filled in. See [NewTool] for what becomes of the
// value and the error.
type ToolHandler func(ctx context.Context, args json.RawMessage) (any, error)

// A ToolOption refines a tool.
type ToolOption func(*tool)

type tool struct {
	name, description string
	args              arguments
	handler           ToolHandler
	class             transcript.Class
	ends              transcript.Outcome
	timeout           time.Duration
	maxResult         int
	notEarly          bool
	in                reflect.Type // nil where there is no Go type
	asks              func(ctx context.Context, args json.RawMessage) (why string, err error)
	askWithin         time.Duration
	reconcile         ToolHandler
	retries           int
	backoff           time.Duration

	errs   []error
	digest string
	wire   *provider.Tool
}

const (
	defaultToolTimeout = 30 * time.Second
	defaultMaxResult   = 64 << 10
)

// NewTool makes a tool of a Go function. Its arguments are described to the
// model by the JSON Schema of In, a struct: fields are required unless they
// have omitempty or omitzero; `jsonschema:"default=…,enum=…"` and
// `jsonschema_description:"…"` tags say more. Nothing that the schema refuses
// reaches fn, and the defaults of what is missing are filled in before it is
// called. A required field has no default.
//
// What fn returns is what the model reads: a string as it is, a [provider.Part] or a slice of
// them as they are, anything else as JSON, with [] and {} in place of nil slices and maps.
// [New] refuses an Out that encoding/json cannot encode (a channel, a func, a complex number).
// Of an error the model learns no more than a reference to look it up by, unless it is
// [Visible]; [Fatal] ends the run. A panic is an error.
//
// Of a tool that changes something, an error says that nothing was done. Where
// that is not certain (a reply was lost) return it as [InDoubt]; timeouts,
// cancellations and panics are taken so without being told.
//
// A tool is taken to change something, so it runs alone and never again,
// unless it is said to be [ReadOnly] or [Idempotent]; [Reconcile] lets its
// backend be asked what became of a call, and [RequireApproval] a person before
// it runs.
//
// A name is a letter or _, and up to 63 more letters, digits, _ and -: every API
// takes that.
//
// NewTool does not fail: [New] reports every mistake of every tool, and [Tool.Err]
// those of one.
func NewTool[In, Out any](name, description string, fn func(context.Context, In) (Out, error), opts ...ToolOption) Tool {
	t := &tool{name: name, description: description, in: reflect.TypeFor[In]()}
	args, err := reflectArguments[In]()
	if err != nil {
		t.fail(err)
	}
	t.returns(reflect.TypeFor[Out](), "result type")
	if fn == nil {
		t.fail(errors.New("its function is nil"))
	}
	t.args = args
	t.handler = func(ctx context.Context, raw json.RawMessage) (any, error) {
		in, err := decode[In](args, name, raw)
		if err != nil {
			return nil, err
		}
		return fn(ctx, in)
	}
	return t.finish(opts)
}

// NewRawTool makes a tool of a JSON Schema and a handler, for tools that are
// not known when the program is written. Arguments take the same path as those
// of [NewTool]: nothing that the checked part of the schema refuses reaches the
// handler, and defaults are filled in. A description may be missing.
//
// A name is at most 256 bytes of UTF-8, without control characters and without
// white space at its ends. If an API does not take it, the adapter sends it in
// another form. Transcripts, events and approvals hold the name itself.
//
// The schema may be of any draft from 4 to 2020-12, of the one that it declares or
// of none, or OpenAPI's. [Tool.Schema] is its translation into 2020-12. Defaults
// and examples that do not fit their own schema are dropped. Formats and encodings
// are advice to the model, and not checked. Patterns are those of ECMA 262; of
// these, look-around, back references and what is too large cannot be checked, and
// [Tool.Unchecked] lists them. References to other documents are not followed.
//
// A schema that cannot work is reported by [Tool.Err], and by [New].
func NewRawTool(name, description string, jsonSchema json.RawMessage, handler ToolHandler, opts ...ToolOption) Tool {
	t := &tool{name: name, description: description, handler: handler}
	args, err := parseArguments(jsonSchema)
	if err != nil {
		t.fail(err)
	}
	if handler == nil {
		t.fail(errors.New("its handler is nil"))
	}
	t.args = args
	return t.finish(opts)
}

// ReadOnly says that the tool changes nothing. Its calls run beside others,
// and may be repeated.
func ReadOnly() ToolOption { return func(t *tool) { t.class = transcript.ClassReadOnly } }

// Idempotent says that the tool changes something, but that two calls with the
// same [CallInfo.Key] change it once. It runs alone; after a crash it is run
// again under the same key.
func Idempotent() ToolOption { return func(t *tool) { t.class = transcript.ClassIdempotent } }

// Timeout bounds a call. The default is 30 seconds. A tool that goes on when
// its context is done is abandoned after [Config.GracePeriod].
func Timeout(d time.Duration) ToolOption {
	return func(t *tool) {
		if t.timeout = min(d, maxWait); d <= 0 {
			t.fail(fmt.Errorf("a timeout of %v leaves it no time; to have the default, leave Timeout out", d))
		}
	}
}

// Retry runs a call that failed up to n times more, after waits of backoff, twice
// that, and so on, each shortened by chance, by up to a half. [Timeout] bounds all
// of it. An error that is [Visible] or [Fatal] is not retried, nor is a panic. It is
// for tools that are [ReadOnly] or [Idempotent]: all attempts have one key.
func Retry(n int, backoff time.Duration) ToolOption {
	return func(t *tool) {
		if t.retries, t.backoff = n, backoff; n < 1 || backoff < 0 {
			t.fail(fmt.Errorf("Retry(%d, %v): it takes a number of retries from 1, and a wait that is not negative", n, backoff))
		}
	}
}

// NoEarlyStart says that calls of the tool begin when the model's turn is complete,
// and not before, whatever [Config.EarlyStart] is: for reads that cost, or that
// must not be made for nothing.
func NoEarlyStart() ToolOption { return func(t *tool) { t.notEarly = true } }

// MaxResultBytes bounds the text of a result, in bytes. What is longer is cut, and
// says so. The default is 64 KiB.
func MaxResultBytes(bytes int) ToolOption {
	return func(t *tool) {
		if t.maxResult = bytes; bytes <= 0 {
			t.fail(fmt.Errorf("a result of %d bytes says nothing; to have the default, leave MaxResultBytes out", bytes))
		}
	}
}

// EndsRun says that a successful call ends the run, with outcome [transcript.OutcomeDone] (the call
// is the answer) or [transcript.OutcomeHandedOff] (a person takes over). Where the model said
// nothing beside the call, the result's text is the run's text.
func EndsRun(outcome transcript.Outcome) ToolOption {
	return func(t *tool) {
		if t.ends = outcome; outcome != transcript.OutcomeDone && outcome != transcript.OutcomeHandedOff {
			t.fail(fmt.Errorf("a call cannot end a run as %q; it can as %q or %q", outcome, transcript.OutcomeDone, transcript.OutcomeHandedOff))
		}
	}
}

// Wrap puts a function around the tool's handler: for metrics, caching, rate
// limits, access control. Of several, the last is the outermost.
func Wrap(wrapper func(ToolHandler) ToolHandler) ToolOption {
	return func(t *tool) {
		if wrapper == nil {
			t.fail(errors.New("Wrap(nil)"))
			return
		}
		if t.handler = wrapper(t.handler); t.handler == nil {
			t.fail(errors.New("a wrapper returned no handler"))
		}
	}
}

// With returns a copy of the tool with more options, for tools that come from
// another package.
func (t Tool) With(opts ...ToolOption) Tool {
	if t.t == nil {
		return t
	}
	made := *t.t
	made.errs = append([]error(nil), t.t.errs...)
	return made.finish(opts)
}

// Name is what the model calls the tool.
func (t Tool) Name() string {
	if t.t == nil {
		return ""
	}
	return t.t.name
}

// Schema is the JSON Schema of the arguments, as every provider is given it.
// It is nil where the tool has a mistake that [New] will report.
func (t Tool) Schema() json.RawMessage {
	if t.t == nil || t.t.args.schema == nil {
		return nil
	}
	return t.t.args.schema.JSON()
}

// Unchecked lists the keywords of the schema that arguments are not held against:
// patterns that package regexp cannot express, and what depends on these. Such are
// look-around, back references, properties of characters that package unicode lacks
// (\p{Emoji}), repetitions and classes that are too large (.{1,10000}), patterns
// that are no regular expressions, and all patterns after 200,000 instructions of
// them. They are JSON Pointers into [Tool.Schema], such as
// "/properties/id/pattern", in the order of the schema. It is nil if everything is
// checked.
func (t Tool) Unchecked() []string {
	if t.t == nil || t.t.args.schema == nil {
		return nil
	}
	return t.t.args.schema.Unchecked()
}

// Err returns what [New] would report for the tool, all of its mistakes in one
// error. It is nil if New takes the tool by itself: two tools may still have names
// that do not go together. So a program that is given tools by others can leave out
// those that cannot work.
func (t Tool) Err() error {
	if t.t == nil {
		return errors.New("the tool is empty: make it with NewTool")
	}
	return t.t.err()
}

// returns reports what JSON has no form for in the type of a result.
func (t *tool) returns(out reflect.Type, what string) {
	if err := resultjson.Check(out, "Out"); err != nil {
		t.fail(fmt.Errorf("%s: %w", what, err))
	}
}

func (t *tool) fail(err error) { t.errs = append(t.errs, err) }

func (t *tool) err() error {
	mistakes := t.errs[:len(t.errs):len(t.errs)]
	if t.retries > 0 && t.class == transcript.ClassEffect {
		mistakes = append(mistakes, errors.New("Retry is for tools that are ReadOnly or Idempotent: this one might do twice what it does"))
	}
	if t.reconcile != nil && t.class != transcript.ClassEffect {
		mistakes = append(mistakes, errors.New("Reconcile is for tools that have an effect: this one is run again instead"))
	}
	if t.askWithin > 0 && t.asks == nil {
		mistakes = append(mistakes, errors.New("ApprovalTimeout bounds an approval, and there is no RequireApproval"))
	}
	if t.args.schema != nil {
		if err := wiretool.CheckProperties(t.args.schema.JSON()); err != nil {
			mistakes = append(mistakes, err)
		}
	}
	var errs []error
	for _, err := range mistakes {
		errs = append(errs, fmt.Errorf("tool %q: %w", t.name, err))
	}
	return errors.Join(errs...)
}

const maxToolName = 256

// Names that every API takes.
var plainName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$`)

// checkName returns what is wrong with the tool's name. The author of a Go type
// can choose one that every API takes; a raw tool has the name that its server
// gave it, and adapters map that.
func (t *tool) checkName() error {
	name := t.name
	switch {
	case name == "":
		return errors.New("the name is empty")
	case t.in != nil && !plainName.MatchString(name):
		return errors.New("some API refuses the name: take a letter or _, and up to 63 more letters, digits, _ and -")
	case len(name) > maxToolName:
		return fmt.Errorf("the name is %d bytes long, and at most %d are allowed", len(name), maxToolName)
	case !utf8.ValidString(name):
		return errors.New("the name is not valid UTF-8")
	case strings.ContainsFunc(name, unicode.IsControl):
		return errors.New("the name has a control character: leave it out")
	case strings.TrimSpace(name) != name:
		return errors.New("the name begins or ends with white space: trim it")
	}
	return nil
}

func (t *tool) finish(opts []ToolOption) Tool {
	if t.wire == nil { // not so when With comes back here
		t.class, t.timeout, t.maxResult = transcript.ClassEffect, defaultToolTimeout, defaultMaxResult
		if err := t.checkName(); err != nil {
			t.fail(err)
		}
		if t.in != nil && strings.TrimSpace(t.description) == "" {
			t.fail(errors.New("without a description no model can tell when to call it"))
		}
	}
	for _, opt := range opts {
		if opt == nil {
			t.fail(errors.New("an option is nil"))
			continue
		}
		opt(t)
	}
	t.wire = &provider.Tool{Name: t.name, Description: t.description, Schema: Tool{t}.Schema()}
	says := []string{t.name, t.description, string(t.wire.Schema), string(t.class), string(t.ends)}
	if t.asks != nil { // a call that was made before must not pass for one that needs nobody
		says = append(says, "asks")
	}
	t.digest = digest(says...)
	return Tool{t}
}

// digest identifies a list of texts.
func digest(texts ...string) string {
	h := sha256.New()
	for _, s := range texts {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// CallInfo is what a tool can know of the call that it runs for.
type CallInfo struct {
	Session string
	Ref     transcript.Ref // the call's place in the transcript
	Attempt int            // counts from 1, one for each time that it was begun
	Retry   int            // counts the retries within the attempt; see [Retry]
	// Key is the idempotency key: the session's id and the call's place in it,
	// so the same on every attempt and after every crash, and different for
	// every call of every session; but for a call that is to do what an earlier
	// one in doubt was to do, which has that one's. Give it to whoever does the
	// work.
	Key string
	// Subject is whom the run acts for; see [Subject].
	Subject string
}

type callKey struct{}

// CallFrom returns the call that ctx belongs to: in a tool, the one that it was
// called for. Elsewhere it returns the zero CallInfo.
func CallFrom(ctx context.Context) CallInfo {
	c, _ := ctx.Value(callKey{}).(*call)
	if c == nil {
		return CallInfo{}
	}
	w := &c.work
	return CallInfo{Session: w.Session, Ref: w.Ref, Attempt: w.Attempt, Retry: int(c.retry.Load()), Key: w.Key, Subject: w.Subject}
}
