// Package funcall runs function-calling agents inside Go services.
//
// [New] makes an [Agent] from a model (package provider), instructions and tools ([NewTool]).
// [Agent.Run] answers one message. [Agent.Session] keeps a conversation in a store: Send
// continues it, Resume continues it after a crash, Decide after an approval. [Generate]
// returns a structured output as a Go value.
//
// All state is in an append-only transcript: package transcript derives the next action from
// it, the agent performs the action and appends what happened. Sessions, logs and golden tests
// read and write that transcript.
package funcall

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/internal/agent/consumer"
	"github.com/funcall/funcall/internal/agent/costs"
	"github.com/funcall/funcall/internal/agent/digest"
	"github.com/funcall/funcall/internal/agent/guard"
	"github.com/funcall/funcall/internal/agent/limits"
	"github.com/funcall/funcall/internal/agent/sessions"
	"github.com/funcall/funcall/internal/agent/storable"
	"github.com/funcall/funcall/internal/agent/structured"
	"github.com/funcall/funcall/internal/exec"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// Config configures an agent. The zero value is an agent without tools, with the default
// limits.
type Config struct {
	// Instructions are the system prompt of every conversation. Keep them the same from call
	// to call: providers cache requests by prefix.
	Instructions string
	// Tools are the functions that the model may call, in the order in which it sees them.
	Tools []Tool
	// Settings are the generation settings. [WithSettings] overrides them for a run.
	Settings provider.Settings
	// Store keeps the sessions. Package transcript/sqlstore has stores that outlive the
	// process. If Store is nil, sessions are kept in memory as long as the agent. Do not use
	// the ID of a lost or deleted session again: idempotency keys are made of it, and the agent
	// may still have the old conversation in memory. It keeps the sessions used last, up to
	// 64 MiB, so that a message does not pay for the past. Each append is bounded by 10
	// seconds, independently of the run's context, and is tried twice.
	Store transcript.Store
	// Limits bound each run; a run can override them with [WithLimits]. A zero field
	// takes the default: 16 steps, 64 calls, 3 turns of refusals in a row, no bound on
	// tokens, active time and cost, and an English closing text.
	//
	// At a limit, open calls are skipped and the model is asked once more, without tools,
	// to close the run. If that call would break the limit itself (tokens, active time,
	// cost), or returns no text, the closing text is the answer.
	Limits transcript.Limits
	// Prices are the prices of models. Package provider/prices has a table to begin with. If
	// the API reports a cost ([provider.Response.Cost]), that cost is used instead. If there
	// is neither, the cost is unknown; see [Result.Cost]. A limit of cost needs a price.
	Prices provider.Prices
	// MaxParallel is how many read-only calls of one turn run at the same time. The default is
	// 8.
	MaxParallel int
	// DisableEarlyStart makes read-only calls wait for the end of the model's turn. By
	// default they start while a streamed turn is still being written. If the turn is
	// not completed, their contexts are canceled and their results are dropped. A turn's
	// tokens are known at its end, so reads may run in a turn that reaches the limit of
	// tokens. [NoEarlyStart] is the same for one tool.
	DisableEarlyStart bool
	// ModelTimeout bounds one model step by the monotonic clock: all of Provider.Generate,
	// with the retries and waits of wrappers. After it the run fails. The default is 15
	// minutes, longer than the default FirstByteTimeout of any adapter.
	ModelTimeout time.Duration
	// GracePeriod is how long a tool may take to return after its context is done, by the
	// monotonic clock. After it, the call is abandoned. The default is 2 seconds.
	GracePeriod time.Duration
	// TakeoverAfter is the age of a session's last entry, by Now, from which [Session.Resume]
	// continues a run that has not ended. The default is the longest time that a step of this
	// agent can take within its limits, plus one minute.
	TakeoverAfter time.Duration
	// Logger receives model calls, tool calls and ends of runs. If it is nil, nothing is
	// logged. Records at Info and below hold names, numbers and outcomes: no arguments,
	// results or texts. Records at Warn and Error also hold error texts and stacks of panics.
	// The keys are session, ref, tool, class, status, ms, error, reference, model, request_id,
	// finish, input_tokens, output_tokens, cost, outcome, reason, steps, calls, entries,
	// abandoned, stack, verdict, from, retry, reconcile and then. Control characters in values
	// are escaped. If a handler panics, its record is lost.
	Logger *slog.Logger
	// Now is the clock of entries and of deadlines that are kept in them: the age of an
	// intent, ApprovalTimeout, TakeoverAfter and the active time between steps. Running
	// deadlines and measured durations use the monotonic clock instead. Now is called by
	// several goroutines at once. If it panics, time.Now is used. The default is time.Now.
	Now func() time.Time
}

// An Agent runs conversations with one model and one set of tools. It is immutable and safe
// for concurrent use.
type Agent struct {
	provider provider.Provider
	cfg      Config
	tools    map[string]*tool
	names    []string
	wire     []*provider.Tool
	digest   string
	log      *slog.Logger
	exec     exec.Runner
	costs    costs.Book
	sessions sessions.Set // those that run in this process, and the last state of others
	shared   bool         // the store is not the agent's own
	forms    sync.Map     // of answers: reflect.Type to *structured.Form
}

// New returns an agent. Its error names every mistake in the configuration, in the tools and,
// if it is a [provider.Checker], in the provider.
func New(p provider.Provider, cfg Config) (*Agent, error) {
	a := &Agent{provider: p, tools: make(map[string]*tool)}
	var errs []error
	if p == nil {
		errs = append(errs, errors.New("the provider is nil"))
	}
	errs = append(errs, limits.NotNegative("Config.MaxParallel", int64(cfg.MaxParallel)), limits.NotNegative("Config.ModelTimeout", int64(cfg.ModelTimeout)),
		limits.NotNegative("Config.GracePeriod", int64(cfg.GracePeriod)), limits.NotNegative("Config.TakeoverAfter", int64(cfg.TakeoverAfter)))
	model, err := guard.Model(p)
	a.costs, a.shared = costs.Book{Model: model, Prices: maps.Clone(cfg.Prices)}, cfg.Store != nil
	errs = append(errs, err, guard.Check(p), limits.Check(cfg.Limits), a.costs.CheckLimit(cfg.Limits.Cost), a.addTools(cfg.Tools))
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("funcall: the agent cannot be made:\n%w", err)
	}
	a.cfg = a.withDefaults(cfg)
	a.log = a.cfg.Logger
	a.exec.Grace, a.exec.Now = a.cfg.GracePeriod, a.cfg.Now
	return a, nil
}

func (a *Agent) addTools(tools []Tool) error {
	var errs []error
	for i, t := range tools {
		if t.t == nil {
			errs = append(errs, fmt.Errorf("tool %d is the zero Tool; make it with NewTool or NewRawTool", i))
			continue
		}
		errs = append(errs, t.t.err())
		a.tools[t.t.name] = t.t
		a.names = append(a.names, t.t.name)
		a.wire = append(a.wire, t.t.wire)
	}
	return errors.Join(append(errs, wiretool.CheckNames(a.wire))...)
}

func (a *Agent) withDefaults(cfg Config) Config {
	cfg.MaxParallel = cmp.Or(cfg.MaxParallel, 8)
	cfg.ModelTimeout = min(cmp.Or(cfg.ModelTimeout, 15*time.Minute), exec.MaxWait)
	cfg.GracePeriod = min(cmp.Or(cfg.GracePeriod, 2*time.Second), exec.MaxWait)
	cfg.Logger = guard.Logger(cfg.Logger)
	cfg.Now = guard.Clock(cfg.Logger, cfg.Now)
	cfg.Store = guard.Store(cfg.Logger, cfg.Store)
	cfg.Limits = limits.Over(limits.Default, cfg.Limits)
	digests := []string{cfg.Instructions}
	for _, name := range a.names {
		digests = append(digests, a.tools[name].digest)
	}
	a.digest = digest.Of(digests...)
	cfg.TakeoverAfter = cmp.Or(cfg.TakeoverAfter, a.longestStep(cfg)+time.Minute)
	return cfg
}

// ruleTimeout bounds the question whether a person has to decide, for all calls of
// one turn together: a live run must not look dead because a turn has many.
const ruleTimeout = 5 * time.Second

// longestStep is the longest that may pass between two appends of a live run: a
// model call and the rules about its calls; a batch of read-only calls that all
// hang, some of them at a time; or a backend that is asked what became of a call,
// waited for, and asked again.
func (a *Agent) longestStep(cfg Config) time.Duration {
	longest := cfg.ModelTimeout + ruleTimeout + cfg.GracePeriod
	rounds := (min(cfg.Limits.Calls, storable.MaxCalls) + cfg.MaxParallel - 1) / cfg.MaxParallel
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

// AbandonedCalls returns the number of tool calls, approval rules and reconcilers that were
// abandoned and have not returned yet; see [Config.GracePeriod].
func (a *Agent) AbandonedCalls() int { return a.exec.Abandoned() }

// NewInput returns the entry that begins a run of this agent, with its limits filled in. It is
// for engines that own the transcript and call transcript.Next and [Agent.Do] themselves; Run
// and Send make their own.
func (a *Agent) NewInput(text string, opts ...RunOption) (*transcript.Input, error) {
	return a.input(text, opts, nil)
}

func (a *Agent) input(text string, opts []RunOption, answer *structured.Form) (*transcript.Input, error) {
	var c runConfig
	for _, opt := range opts {
		if opt == nil {
			return nil, errors.New("funcall: a RunOption is nil")
		}
		opt(&c)
	}
	if err := storable.CheckID("subject", c.subject); err != nil {
		return nil, err
	}
	message, err := storable.Message(text, c.parts)
	if err != nil {
		return nil, fmt.Errorf("funcall: %w", err)
	}
	if b, err := json.Marshal(c.settings); c.settings != nil && (err != nil || !utf8.Valid(b)) {
		return nil, fmt.Errorf("funcall: WithSettings: they cannot be stored as JSON in UTF-8: %v", err)
	}
	if err := errors.Join(limits.Check(c.limits), a.costs.CheckLimit(c.limits.Cost)); err != nil {
		return nil, fmt.Errorf("funcall: WithLimits: %w", err)
	}
	in := &transcript.Input{
		Message:      message,
		Subject:      c.subject,
		Limits:       limits.Over(a.cfg.Limits, c.limits),
		Settings:     c.settings,
		ConfigDigest: a.digest,
	}
	if answer != nil {
		in.OutputSchema = answer.Output
	}
	return in, nil
}

// A RunOption sets something for one run, or for each run of a session.
type RunOption func(*runConfig)

type runConfig struct {
	subject  string
	parts    []provider.Part
	settings *provider.Settings
	limits   transcript.Limits
}

// Subject sets whom the run acts for, such as a customer ID. Tools read it from
// [CallInfo.Subject]. The subject is stored: a session belongs to the subject of its first
// message, and a message for another subject returns [ErrWrongSubject]. The ID is UTF-8
// without NUL, at most 2000 bytes long.
func Subject(id string) RunOption { return func(c *runConfig) { c.subject = id } }

// Attach adds parts (text, images, files) to the message, after its text. A data URL is stored
// as its bytes, and bytes without a MIME type get one. Media that no API would accept is an
// error: a broken data URL, empty media, or bytes that are not of their MIME type, such as an
// HTML page for an image.
func Attach(parts ...provider.Part) RunOption {
	parts = slices.Clone(parts)
	return func(c *runConfig) { c.parts = append(c.parts, parts...) }
}

// WithSettings overrides [Config.Settings] for a run; a zero field keeps the agent's value.
// Extra is replaced as a whole, not merged.
func WithSettings(s provider.Settings) RunOption {
	return func(c *runConfig) {
		if c.settings != nil {
			s = c.settings.Merge(s)
		}
		c.settings = &s
	}
}

// WithLimits overrides [Config.Limits] for a run; a zero field keeps the agent's value. A run
// can raise or lower a bound, but not remove it.
func WithLimits(l transcript.Limits) RunOption {
	return func(c *runConfig) { c.limits = limits.Over(c.limits, l) }
}

// watch makes an iterator of a run. The run works on the consumer's goroutine, inside
// of emit; when the consumer leaves or panics, its context is canceled.
func watch(ctx context.Context, do func(context.Context, func(Event)) (*Result, error)) iter.Seq2[Event, error] {
	return consumer.Watch(ctx, func(ctx context.Context, emit func(Event)) (Event, error) {
		res, err := do(ctx, emit)
		return Event{Kind: EventDone, Result: res}, err
	})
}
