// Package funcall runs function-calling agents inside Go services.
//
// An [Agent] is a model, instructions and tools. Its loop keeps nothing but an
// append-only transcript: package transcript says what is to be done next, the
// agent does it and appends what happened. Sessions, resuming after a crash,
// execution logs and golden tests are readers and writers of that transcript.
package funcall

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// Config is what an agent is made of, beside its model. The zero value is an
// agent without tools, bounded in every way.
type Config struct {
	// Instructions are sent ahead of every conversation. Keep them the same
	// from call to call: providers cache by prefix.
	Instructions string
	// Tools are what the model may call, in the order in which it sees them.
	Tools []Tool
	// Settings are the generation settings; a run can override them with
	// [WithSettings].
	Settings provider.Settings
	// Store keeps the sessions; transcript/sqlstore has stores that outlive the
	// process. Where it is nil they are kept in memory, until the agent is gone. The id of a session that was lost or deleted must not
	// be used again: idempotency keys are made of it. An append has 10 seconds,
	// whatever became of the run's context, and is tried twice.
	Store transcript.Store
	// Limits bound each run; a run can override them with [WithLimits]. A zero field
	// takes the default: 16 steps, 64 calls, 3 turns of refusals in a row, no bound on
	// tokens, active time and cost, and an English closing text.
	//
	// At a limit, open calls are skipped and the model is asked once more, without tools,
	// to close the run. If that call would break the limit itself (tokens, active time,
	// cost), or returns no text, the closing text is the answer.
	Limits transcript.Limits
	// Prices are what models cost; see package provider/prices for a table to
	// begin with. What an API says that its answer costs
	// ([provider.Response.Cost]) wins over them. Without either the cost is
	// unknown, which shows in [Result.Cost]. A limit of cost needs a price.
	Prices provider.Prices
	// Parallel is how many read-only calls of one turn run side by side.
	// Default 8.
	MaxParallel int
	// DisableEarlyStart makes read-only calls wait for the end of the model's turn. By
	// default they start while a streamed turn is still being written. If the turn is
	// not completed, their contexts are canceled and their results are dropped. A turn's
	// tokens are known at its end, so reads may run in a turn that reaches the limit of
	// tokens. [NoEarlyStart] is the same for one tool.
	DisableEarlyStart bool
	// ModelTimeout bounds one call of the model, from the request to the end of the
	// response. Default 15 minutes, longer than any adapter's FirstByteTimeout.
	ModelTimeout time.Duration
	// Grace is how long a tool whose context is done may take to return before
	// it is abandoned. Default 2 seconds.
	GracePeriod time.Duration
	// TakeOver is how old a session's last entry must be before
	// [Session.Resume] takes an open run for dead. The default is the longest
	// that a step of this agent can take within its Limits, and a minute.
	TakeoverAfter time.Duration
	// Logger is told of model calls, tool calls and ends of runs. At Info and
	// below there are names, numbers and outcomes only: no arguments, no
	// results, no texts. At Warn and Error there are also error texts and the
	// stacks of panics. The keys are session, ref, tool, class, status, ms,
	// error, reference, model, request_id, finish, input_tokens,
	// output_tokens, cost, outcome, why, steps, calls, entries, abandoned, stack,
	// verdict, from, retry, reconcile. Control characters in values are escaped. A record
	// whose handler panics is lost.
	Logger *slog.Logger
	// Now is the clock of the transcript, for output that can be repeated. It
	// is called by several goroutines at once. If it panics, time.Now is called in
	// its stead. Default time.Now.
	Now func() time.Time
}

// An Agent runs conversations with one model and one set of tools. It does not
// change, and may be used by any number of goroutines.
type Agent struct {
	provider  provider.Provider
	model     string // as the provider names it, "" where it does not
	cfg       Config
	tools     map[string]*tool
	names     []string
	wire      []*provider.Tool
	digest    string
	log       *slog.Logger
	abandoned atomic.Int64
	hung      sync.Map // abandoned calls that change something: key to *call
	shared    bool     // the store is not the agent's own
	forms     sync.Map // of answers: reflect.Type to *form

	mu   sync.Mutex
	busy map[string]bool // the sessions that run in this process
}

// New makes an agent. Its error names every mistake in the configuration and
// in every tool.
func New(p provider.Provider, cfg Config) (*Agent, error) {
	a := &Agent{provider: p, tools: make(map[string]*tool), busy: make(map[string]bool)}
	var errs []error
	if p == nil {
		errs = append(errs, errors.New("there is no provider"))
	}
	for _, n := range []struct {
		name  string
		value int64
	}{
		{"MaxParallel", int64(cfg.MaxParallel)}, {"ModelTimeout", int64(cfg.ModelTimeout)},
		{"GracePeriod", int64(cfg.GracePeriod)}, {"TakeoverAfter", int64(cfg.TakeoverAfter)},
	} {
		if n.value < 0 {
			errs = append(errs, fmt.Errorf("Config.%s is negative; leave it out for the default", n.name))
		}
	}
	a.cfg.Prices, a.shared = maps.Clone(cfg.Prices), cfg.Store != nil
	model, err := modelOf(p)
	a.model = model
	errs = append(errs, err, checkLimits(cfg.Limits), a.checkCost(cfg.Limits), a.addTools(cfg.Tools))
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("funcall: the agent cannot be made:\n%w", err)
	}
	cfg.Prices = a.cfg.Prices
	a.cfg = a.withDefaults(cfg)
	a.log = a.cfg.Logger
	return a, nil
}

func (a *Agent) addTools(tools []Tool) error {
	var errs []error
	alike := make(map[string]string)
	for i, t := range tools {
		if t.t == nil {
			errs = append(errs, fmt.Errorf("tool %d is empty: make it with NewTool", i))
			continue
		}
		if err := t.t.err(); err != nil {
			errs = append(errs, err)
		}
		folded := strings.ToLower(t.t.name)
		if other, twice := alike[folded]; twice {
			errs = append(errs, fmt.Errorf("tool %q: there is a tool %q already (names differ by more than case)", t.t.name, other))
		}
		alike[folded] = t.t.name
		a.tools[t.t.name] = t.t
		a.names = append(a.names, t.t.name)
		a.wire = append(a.wire, t.t.wire)
	}
	if err := wiretool.CheckNames(a.wire); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (a *Agent) withDefaults(cfg Config) Config {
	if cfg.MaxParallel == 0 {
		cfg.MaxParallel = 8
	}
	if cfg.ModelTimeout == 0 {
		cfg.ModelTimeout = 15 * time.Minute
	}
	if cfg.GracePeriod == 0 {
		cfg.GracePeriod = 2 * time.Second
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	} else {
		cfg.Logger = slog.New(logHandler{cfg.Logger.Handler()})
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	} else {
		cfg.Now = safeClock(cfg.Logger, cfg.Now)
	}
	if cfg.Store == nil {
		cfg.Store = new(transcript.Memory)
	} else {
		cfg.Store = safeStore{cfg.Store, cfg.Logger}
	}
	cfg.Limits = limitsOver(defaultLimits, cfg.Limits)
	digests := []string{cfg.Instructions}
	for _, name := range a.names {
		digests = append(digests, a.tools[name].digest)
	}
	a.digest = digest(digests...)
	cfg.ModelTimeout, cfg.GracePeriod = min(cfg.ModelTimeout, maxWait), min(cfg.GracePeriod, maxWait)
	if cfg.TakeoverAfter == 0 {
		cfg.TakeoverAfter = a.longestStep(cfg) + time.Minute
	}
	return cfg
}

// maxWait is for ever, as far as a call is concerned: sums of it do not
// overflow.
const maxWait = 366 * 24 * time.Hour

// longestStep is the longest that may pass between two appends of a live run: a
// model call and the rules about its calls; a batch of read-only calls that all
// hang, some of them at a time; or a backend that is asked what became of a call,
// waited for, and asked again.
func (a *Agent) longestStep(cfg Config) time.Duration {
	longest := cfg.ModelTimeout + ruleTimeout + cfg.GracePeriod
	rounds := (min(cfg.Limits.Calls, maxCalls) + cfg.MaxParallel - 1) / cfg.MaxParallel
	for _, t := range a.tools {
		d := t.timeout + cfg.GracePeriod
		if t.class == transcript.ClassReadOnly {
			d *= time.Duration(rounds)
		}
		if t.reconcile != nil {
			d *= 3
		}
		longest = max(longest, d)
	}
	return longest
}

// Abandoned is how many tool calls, and rules about them, were given up on and have not returned yet.
func (a *Agent) Abandoned() int { return int(a.abandoned.Load()) }

// Run answers one message, with no conversation before it. Nothing is stored. If a call
// needs approval, Run returns [ErrPending]: use a [Session]. The Result is never nil: if
// err is not nil, it holds what is known, the transcript included.
func (a *Agent) Run(ctx context.Context, text string, opts ...RunOption) (*Result, error) {
	return a.send(ctx, text, opts, nil, nil)
}

// Stream is Run, watched: it yields what happens as it happens, and last of
// all an event of kind EventDone with the Result, beside the error that Run
// would return. The run goes on on the caller's goroutine; leaving the loop
// cancels it.
func (a *Agent) Stream(ctx context.Context, text string, opts ...RunOption) iter.Seq2[Event, error] {
	return watch(ctx, func(ctx context.Context, emit func(Event)) (*Result, error) {
		return a.send(ctx, text, opts, nil, emit)
	})
}

func (a *Agent) send(ctx context.Context, text string, opts []RunOption, answer *form, emit func(Event)) (*Result, error) {
	t := transcript.Transcript{ID: "run-" + strings.ToLower(rand.Text()[:16])}
	in, err := a.input(text, opts, answer)
	if err != nil {
		return &Result{Outcome: transcript.OutcomeFailed, Reason: err.Error(), Transcript: t}, err
	}
	r := a.newRun(transcript.Track(t), nil, emit)
	r.answer = answer
	return r.do(ctx, a.cfg.Now(), in)
}

// Input returns the entry that begins a run with this agent, its limits pinned
// down. Run and Send make their own; this one is for engines that own the
// transcript and call transcript.Next and [Agent.Do] themselves.
func (a *Agent) Input(text string, opts ...RunOption) (*transcript.Input, error) {
	return a.input(text, opts, nil)
}

func (a *Agent) input(text string, opts []RunOption, answer *form) (*transcript.Input, error) {
	var c runConfig
	for _, opt := range opts {
		if opt == nil {
			return nil, errors.New("funcall: a RunOption is nil")
		}
		opt(&c)
	}
	if err := checkName("subject", c.subject); err != nil {
		return nil, err
	}
	for i, p := range c.parts {
		switch p.(type) {
		case provider.Text, provider.Media:
		default:
			return nil, fmt.Errorf("funcall: attached part %d is a %T; a user's message holds Text and Media", i, p)
		}
	}
	more, other, err := weigh(c.parts)
	if err != nil {
		return nil, fmt.Errorf("funcall: Attach: %w", err)
	}
	if size := len(text) + more + other; size > maxMessage {
		return nil, fmt.Errorf("funcall: the message holds %d bytes; at most %d are taken", size, maxMessage)
	}
	if c.parts, err = checkMedia(c.parts); err != nil {
		return nil, fmt.Errorf("funcall: Attach: %w", err)
	}
	if b, err := json.Marshal(c.settings); err != nil || !utf8.Valid(b) {
		return nil, fmt.Errorf("funcall: WithSettings: they cannot be stored as JSON in UTF-8: %v", err)
	}
	c.parts, _ = mendParts(c.parts)
	if strings.TrimSpace(text) == "" && len(c.parts) == 0 {
		return nil, errors.New("funcall: the message is empty")
	}
	if err := errors.Join(checkLimits(c.limits), a.checkCost(c.limits)); err != nil {
		return nil, fmt.Errorf("funcall: WithLimits: %w", err)
	}
	in := &transcript.Input{
		Message:      provider.User(storable(text), c.parts...),
		Subject:      c.subject,
		Limits:       limitsOver(a.cfg.Limits, c.limits),
		Settings:     c.settings,
		ConfigDigest: a.digest,
	}
	if answer != nil {
		in.OutputSchema = answer.output
	}
	return in, nil
}

// A RunOption says what one run, or each run of a session, has of its own.
type RunOption func(*runConfig)

type runConfig struct {
	subject  string
	parts    []provider.Part
	settings *provider.Settings
	limits   transcript.Limits
}

// Subject says whom the run acts for, such as a customer's id. Tools find it
// in [CallInfo.Subject]. It is kept in the transcript: a session belongs to the
// subject of its first message, and messages for another get [ErrWrongSubject]. The id is
// UTF-8 without NUL, of at most 2000 bytes; a run refuses any other.
func Subject(id string) RunOption { return func(c *runConfig) { c.subject = id } }

// Attach adds parts (text, images) to the message, after its text. A data URL is
// stored as its bytes, and bytes without a MIME type get theirs. A run refuses media
// that no API would take: a broken data URL, media with nothing in it, and bytes that
// are not of their MIME type, such as an HTML page for an image.
func Attach(parts ...provider.Part) RunOption {
	parts = slices.Clone(parts)
	return func(c *runConfig) { c.parts = append(c.parts, parts...) }
}

// WithSettings overrides generation settings, field by field.
func WithSettings(s provider.Settings) RunOption {
	return func(c *runConfig) {
		if c.settings != nil {
			s = c.settings.Merge(s)
		}
		c.settings = &s
	}
}

// WithLimits overrides limits, field by field.
func WithLimits(l transcript.Limits) RunOption {
	return func(c *runConfig) { c.limits = limitsOver(c.limits, l) }
}

// watch makes an iterator of a run. The run works on the consumer's goroutine,
// inside of emit; when the consumer leaves, its context is canceled.
func watch(ctx context.Context, do func(context.Context, func(Event)) (*Result, error)) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		left := false
		res, err := do(ctx, func(ev Event) {
			if !left && !yield(ev, nil) {
				left = true
				cancel()
			}
		})
		if !left {
			left = true // a provider may emit no more
			yield(Event{Kind: EventDone, Result: res}, err)
		}
	}
}
