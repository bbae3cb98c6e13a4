package funcall

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/internal/agent/digest"
	"github.com/funcall/funcall/internal/exec"
	"github.com/funcall/funcall/internal/schema/arguments"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// A Tool is a function that the model may call. Make one with [NewTool], or with [NewRawTool]
// if there is no Go type. A Tool is immutable, safe for concurrent use, and can be shared by
// agents.
type Tool struct{ t *tool }

// A ToolHandler runs a call. The arguments are JSON that the tool's schema accepts, with
// defaults filled in. The result and the error are treated as those of [NewTool].
type ToolHandler func(ctx context.Context, args json.RawMessage) (any, error)

// toolCode runs for a call. Its arguments are checked, and those of a [ToolHandler] are a copy.
type toolCode func(ctx context.Context, args string) (any, error)

func codeOf(h ToolHandler) toolCode {
	return func(ctx context.Context, args string) (any, error) { return h(ctx, json.RawMessage(args)) }
}

// A ToolOption configures a tool.
type ToolOption func(*tool)

type tool struct {
	name, description string
	args              arguments.Arguments
	handler           ToolHandler
	code              toolCode // the handler, or without a copy what it calls
	class             transcript.Class
	ends              transcript.Outcome
	timeout           time.Duration
	maxResult         int
	noEarlyStart      bool
	in                reflect.Type // nil where there is no Go type
	asks              toolCode     // returns why a person has to decide, or ""
	askWithin         time.Duration
	reconcile         toolCode
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

// NewTool returns a tool that calls a Go function.
//
// Its arguments are described to the model by the JSON Schema of In, a struct. Fields are
// required unless they have omitempty or omitzero. The tag jsonschema takes keywords, such as
// `jsonschema:"default=…,enum=…,maxLength=…"`; the tag jsonschema_description takes free text.
// Arguments that the schema refuses never reach fn. Missing arguments have their defaults
// filled in; a required field has no default.
//
// The model reads what fn returns: a string unchanged, a [provider.Part] or a slice of them
// unchanged, anything else as JSON, with [] and {} in place of nil slices and maps. If
// encoding/json cannot encode Out (a channel, a func, a complex number), [New] returns an
// error. If fn returns an error, the model learns a reference to look it up by; see [Visible]
// and [Fatal]. A panic is an error.
//
// By default a tool is an effect: it changes something, and its calls run alone and are never
// repeated. [ReadOnly] and [Idempotent] declare otherwise. An error of an effect means that
// nothing was changed. If that is not certain, return [InDoubt]. Timeouts, cancellations and
// panics leave the call in doubt. If the model repeats an in-doubt call of an effect (same
// tool, same arguments), that call needs approval, also without [RequireApproval], and it has
// no deadline. [Reconcile] asks the backend for the outcome of an in-doubt call.
// [RequireApproval] asks a person before a call runs.
//
// Calls run on several goroutines, of one run and of several: fn must be safe for concurrent
// use. It must return soon after ctx is done; see [Timeout].
//
// A name is a letter or _, and up to 63 more letters, digits, _ and -, which every API
// accepts. NewTool does not fail: [New] and [Tool.Err] report the tool's mistakes.
func NewTool[In, Out any](name, description string, fn func(context.Context, In) (Out, error), opts ...ToolOption) Tool {
	t := &tool{name: name, description: description, in: reflect.TypeFor[In]()}
	args, err := arguments.Reflect[In]()
	t.fail(err)
	t.fail(checkResult(reflect.TypeFor[Out](), "result type"))
	if fn == nil {
		t.fail(errors.New("its function is nil"))
	}
	t.args = args
	code := func(ctx context.Context, raw string) (any, error) {
		in, err := arguments.Decode[In](args, name, raw)
		if err != nil {
			return nil, err
		}
		return fn(ctx, in)
	}
	t.code, t.handler = code, func(ctx context.Context, raw json.RawMessage) (any, error) { return code(ctx, string(raw)) }
	return t.finish(opts)
}

// NewRawTool returns a tool with a JSON Schema and a handler, for tools that are not known at
// compile time. Arguments are checked like those of [NewTool]. The description may be empty.
//
// The name is at most 256 bytes of UTF-8, without control characters and without white space
// at its ends. If an API does not accept it, the adapter sends it in another form.
// Transcripts, events and approvals hold the name itself.
//
// The schema may be of any draft from 4 to 2020-12, or OpenAPI's. [Tool.Schema] is its
// translation into 2020-12. Defaults and examples that do not fit their own schema are
// dropped. Formats and encodings are advice to the model, and are not checked. Patterns are
// those of ECMA 262; [Tool.Unchecked] lists those that cannot be checked. References to other
// documents are not followed. If the schema cannot work, [New] and [Tool.Err] say so.
func NewRawTool(name, description string, jsonSchema json.RawMessage, handler ToolHandler, opts ...ToolOption) Tool {
	t := &tool{name: name, description: description, handler: handler, code: codeOf(handler)}
	args, err := arguments.Parse(jsonSchema)
	t.fail(err)
	if handler == nil {
		t.fail(errors.New("its handler is nil"))
	}
	t.args = args
	return t.finish(opts)
}

// ReadOnly declares that the tool changes nothing. Its calls run beside others and may be
// repeated. Of ReadOnly and [Idempotent] the last one counts.
func ReadOnly() ToolOption { return func(t *tool) { t.class = transcript.ClassReadOnly } }

// Idempotent declares that two calls with the same [CallInfo.Key] change something once. A
// call runs alone. After a crash it runs again under the same key.
func Idempotent() ToolOption { return func(t *tool) { t.class = transcript.ClassIdempotent } }

// Timeout bounds a call, its retries included, by the monotonic clock. The default is 30
// seconds. If the tool has not returned [Config.GracePeriod] after its context was done, the
// call is abandoned: the run continues without it, the call is in doubt (of a [ReadOnly] tool:
// failed), and its goroutine is left running.
func Timeout(d time.Duration) ToolOption {
	return func(t *tool) {
		if t.timeout = min(d, exec.MaxWait); d <= 0 {
			t.fail(fmt.Errorf("Timeout(%v) must be positive; to have the default, leave it out", d))
		}
	}
}

// Retry retries a failed call up to n times. The waits are backoff, twice that, and so on,
// each shortened at random by up to a half. [Timeout] bounds all of it. Errors that are
// [Visible] or [Fatal], refused arguments and panics are not retried. All retries have one
// key. If the tool is neither [ReadOnly] nor [Idempotent], [New] returns an error.
func Retry(n int, backoff time.Duration) ToolOption {
	return func(t *tool) {
		if t.retries, t.backoff = n, backoff; n < 1 || backoff < 0 {
			t.fail(fmt.Errorf("Retry(%d, %v): the count must be at least 1, and the wait must not be negative", n, backoff))
		}
	}
}

// NoEarlyStart makes calls of the tool wait for the end of the model's turn, such as for reads
// that cost money; see [Config.DisableEarlyStart].
func NoEarlyStart() ToolOption { return func(t *tool) { t.noEarlyStart = true } }

// MaxResultBytes bounds the text of a result, in bytes. A longer text is cut, with a note that
// says so. The default is 64 KiB.
func MaxResultBytes(bytes int) ToolOption {
	return func(t *tool) {
		if t.maxResult = bytes; bytes <= 0 {
			t.fail(fmt.Errorf("MaxResultBytes(%d) must be positive; to have the default, leave it out", bytes))
		}
	}
}

// EndsRun makes a successful call end the run, with [transcript.OutcomeDone] (the call is the
// answer) or [transcript.OutcomeHandedOff] (a person takes over). If the model wrote no text
// beside the call, the result is the run's text.
func EndsRun(outcome transcript.Outcome) ToolOption {
	return func(t *tool) {
		if t.ends = outcome; outcome != transcript.OutcomeDone && outcome != transcript.OutcomeHandedOff {
			t.fail(fmt.Errorf("EndsRun(%q): the outcome must be transcript.OutcomeDone or transcript.OutcomeHandedOff", outcome))
		}
	}
}

// Wrap puts a function around the tool's handler, such as for metrics, caching, rate limits or
// access control. It runs for each retry, within [Timeout]. Approval rules and [Reconcile]
// functions are not wrapped. If there are several wrappers, the last is the outermost.
func Wrap(wrapper func(ToolHandler) ToolHandler) ToolOption {
	return func(t *tool) {
		if wrapper == nil {
			t.fail(errors.New("Wrap(nil)"))
			return
		}
		if t.handler = wrapper(t.handler); t.handler == nil {
			t.fail(errors.New("a wrapper returned no handler"))
		}
		t.code = codeOf(t.handler)
	}
}

// With returns a copy of the tool with further options.
func (t Tool) With(opts ...ToolOption) Tool {
	if t.t == nil {
		return t
	}
	made := *t.t
	made.errs = append([]error(nil), t.t.errs...)
	return made.finish(opts)
}

// Name returns the tool's name.
func (t Tool) Name() string {
	if t.t == nil {
		return ""
	}
	return t.t.name
}

// Schema returns the JSON Schema of the arguments, as every provider is given it. It is nil if
// the tool has a mistake; see [Tool.Err].
func (t Tool) Schema() json.RawMessage {
	if t.t == nil || t.t.args.Schema == nil {
		return nil
	}
	return t.t.args.Schema.JSON()
}

// Unchecked returns the parts of the schema that are not enforced, as JSON Pointers into
// [Tool.Schema], such as "/properties/id/pattern", in the order of the schema. It is nil if
// everything is enforced. They are patterns that package regexp cannot express (look-around,
// back references, \p{Emoji}, very large repetitions), invalid patterns, patterns beyond a
// total of 200,000 instructions, and keywords that depend on such a pattern.
func (t Tool) Unchecked() []string {
	if t.t == nil || t.t.args.Schema == nil {
		return nil
	}
	return t.t.args.Schema.Unchecked()
}

// Err returns the mistakes that [New] would report for the tool, or nil. Two valid tools may
// still have names that conflict. A program that loads tools from elsewhere can leave out
// those with an error.
func (t Tool) Err() error {
	if t.t == nil {
		return errors.New("the Tool is the zero value; make it with NewTool or NewRawTool")
	}
	return t.t.err()
}

// fail takes note of a mistake, if there is one.
func (t *tool) fail(err error) {
	if err != nil {
		t.errs = append(t.errs, err)
	}
}

func (t *tool) err() error {
	mistakes := t.errs[:len(t.errs):len(t.errs)]
	if t.retries > 0 && t.class == transcript.ClassEffect {
		mistakes = append(mistakes, errors.New("Retry needs ReadOnly or Idempotent: a retry of an effect might run it twice"))
	}
	if t.reconcile != nil && t.class != transcript.ClassEffect {
		mistakes = append(mistakes, errors.New("Reconcile is for effects: a ReadOnly or Idempotent tool is run again instead"))
	}
	if t.askWithin > 0 && t.asks == nil {
		mistakes = append(mistakes, errors.New("ApprovalTimeout needs RequireApproval"))
	}
	if t.args.Schema != nil {
		if err := wiretool.CheckProperties(t.args.Schema.JSON()); err != nil {
			mistakes = append(mistakes, err)
		}
	}
	var errs []error
	for _, err := range mistakes {
		errs = append(errs, fmt.Errorf("tool %q: %w", t.name, err))
	}
	return errors.Join(errs...)
}

func (t *tool) finish(opts []ToolOption) Tool {
	if t.wire == nil { // not so when With comes back here
		t.class, t.timeout, t.maxResult = transcript.ClassEffect, defaultToolTimeout, defaultMaxResult
		t.fail(wiretool.CheckName(t.name, t.in != nil))
		if t.in != nil && strings.TrimSpace(t.description) == "" {
			t.fail(errors.New("the description is empty; say when the model should call the tool"))
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
	if t.asks != nil { // a call made before the rule existed must not run without approval
		says = append(says, "asks")
	}
	t.digest = digest.Of(says...)
	return Tool{t}
}
