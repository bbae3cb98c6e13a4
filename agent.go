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
//
// Errors to compare with errors.Is are [ErrBusy], [ErrPending], [ErrNotPending],
// [ErrStaleDecision], [ErrExpired], [ErrInvalidArguments], [ErrWrongSubject], [ErrNoOutput] and
// [ErrTruncated]. A model's failure is a [provider.Error].
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
	"github.com/funcall/funcall/internal/agent/leases"
	"github.com/funcall/funcall/internal/agent/limits"
	"github.com/funcall/funcall/internal/agent/sessions"
	"github.com/funcall/funcall/internal/agent/spending"
	"github.com/funcall/funcall/internal/agent/storable"
	"github.com/funcall/funcall/internal/exec"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// Config configures an agent. The zero value is an agent without tools, with the default
// limits. A session or a run can change Instructions, Tools, Settings and Limits, by the options
// ([RunOption]) that their comments name. All other fields hold for each run.
type Config struct {
	// Instructions are the system prompt of every conversation. A run adds to them by
	// [WithInstructions] and [WithInstructionsFunc], and cannot replace them. Keep them the same
	// from call to call, and put what changes into those options: providers cache requests by
	// prefix.
	Instructions string
	// Tools are the functions that the model may call, in the order in which it sees them.
	// [WithTools] restricts a run to some of them, and [WithToolChoice] says whether it must
	// call one.
	Tools []Tool
	// RunOptions apply to each run, ahead of the options of its session and its own, which add
	// to them or override them. An option that does not fit the agent is an error of New.
	RunOptions []RunOption
	// Settings are the generation settings. [WithSettings] overrides them, field by field.
	Settings provider.Settings
	// Store keeps the sessions. Package transcript/sqlstore has stores that outlive the
	// process. If Store is nil, sessions are kept in memory as long as the agent. The agent
	// keeps the sessions used last in memory, up to 64 MiB, so that a message does not pay for
	// the past. Idempotency keys are made of session IDs: a deleted session's ID cannot be used
	// again ([Session.Delete]); do not use that of a lost one again. Each append is bounded by
	// 10 seconds, independently of the run's context, and is tried twice.
	Store transcript.Store
	// Limits bound each run. [WithLimits] overrides them, field by field. A zero field
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
	// LeaseFor is how long a run has its session, if the store is a [transcript.Leaser]. Each
	// append extends the lease, and so does a renewal after a third of that time. If the process
	// dies, [Session.Resume] continues the run after this time at the latest, and at once on the
	// same Linux machine, unless the two run in different containers. If the store fails for
	// longer than this time, another worker may take over; effects are safe, because the store
	// decides whose append counts. The default is 6 seconds.
	LeaseFor time.Duration
	// TakeoverAfter is for stores without leases: the age of a session's last entry, by Now, from
	// which [Session.Resume] continues a run that has not ended. The default is the longest time
	// that a step of this agent can take within its limits, plus one minute.
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
	setup    *transcript.Setup
	digest   string
	log      *slog.Logger
	exec     exec.Runner
	costs    costs.Book
	ledger   transcript.Ledger
	leaser   transcript.Leaser // nil if the store gives no leases
	leases   leases.Set
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
		limits.NotNegative("Config.GracePeriod", int64(cfg.GracePeriod)), limits.NotNegative("Config.TakeoverAfter", int64(cfg.TakeoverAfter)),
		checkLease(cfg.LeaseFor))
	model, err := guard.Model(p)
	a.costs, a.shared = costs.Book{Model: model, Prices: maps.Clone(cfg.Prices)}, cfg.Store != nil
	errs = append(errs, err, guard.Check(p), limits.Check(cfg.Limits), a.costs.CheckLimit("Limits.Cost", cfg.Limits.Cost), a.addTools(cfg.Tools))
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("funcall: the agent cannot be made:\n%w", err)
	}
	a.cfg = a.withDefaults(cfg)
	a.log = a.cfg.Logger
	a.cfg.RunOptions = slices.Clone(cfg.RunOptions)
	a.exec.Grace, a.exec.Now = a.cfg.GracePeriod, a.cfg.Now
	if _, err := a.runConfig(); err != nil {
		return nil, fmt.Errorf("funcall: the agent cannot be made: Config.RunOptions: %w", err)
	}
	return a, nil
}

// checkLease returns an error if the time of a lease is negative, or too short to be renewed.
func checkLease(d time.Duration) error {
	const least = 10 * time.Millisecond
	if d != 0 && d < least {
		return fmt.Errorf("Config.LeaseFor is %v: use %v or more, or 0 for the default of 6s", d, least)
	}
	return nil
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
	a.ledger = guard.Ledger(cfg.Logger, cfg.Store)
	a.leaser = guard.Leaser(cfg.Logger, cfg.Store)
	cfg.Store = guard.Store(cfg.Logger, cfg.Store)
	cfg.Limits = limits.Over(limits.Default, cfg.Limits)
	a.setup = &transcript.Setup{Instructions: storable.Text(cfg.Instructions), Tools: append([]string{}, a.names...)}
	digests := []string{cfg.Instructions}
	for _, name := range a.names {
		digests = append(digests, a.tools[name].digest)
	}
	a.digest = digest.Of(digests...)
	cfg.TakeoverAfter = cmp.Or(cfg.TakeoverAfter, a.longestStep(cfg)+time.Minute)
	cfg.LeaseFor = cmp.Or(cfg.LeaseFor, 6*time.Second)
	a.leases.TTL, a.leases.Log = cfg.LeaseFor, cfg.Logger
	return cfg
}

// ruleTimeout bounds the question whether a person has to decide, for all calls of
// one turn together: a live run must not look dead because a turn has many.
const ruleTimeout = 5 * time.Second

// longestStep is the longest that may pass between two appends of a live run: a
// model call, its budgets and the rules about its calls; a batch of read-only calls that all
// hang, some of them at a time; or a backend that is asked what became of a call,
// waited for, and asked again.
func (a *Agent) longestStep(cfg Config) time.Duration {
	longest := cfg.ModelTimeout + 4*spending.Timeout + ruleTimeout + cfg.GracePeriod
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

// AbandonedCalls returns the number of tool calls, approval rules, reconcilers and functions of
// options that were abandoned and have not returned yet; see [Config.GracePeriod].
func (a *Agent) AbandonedCalls() int { return a.exec.Abandoned() }

// runConfig returns what the agent's options and further ones set for a run that begins. Its
// error names every mistake.
func (a *Agent) runConfig(opts ...RunOption) (*runConfig, error) {
	c := a.applied(opts)
	c.fail(storable.CheckID("subject", c.subject))
	if c.settings != nil {
		if b, err := json.Marshal(c.settings); err != nil || !utf8.Valid(b) {
			c.fail(fmt.Errorf("WithSettings: they cannot be stored as JSON in UTF-8: %v", err))
		}
	}
	if err := errors.Join(limits.Check(c.limits), a.costs.CheckLimit("Limits.Cost", c.limits.Cost)); err != nil {
		c.fail(fmt.Errorf("WithLimits: %w", err))
	}
	c.checkTools(a.names)
	c.checkBudgets(a.costs)
	return c, errors.Join(c.errs...)
}

// applied returns what the agent's options and further ones set, unchecked: to look at a session,
// or to continue a run, its subject and its hooks count alone.
func (a *Agent) applied(opts []RunOption) *runConfig {
	c := new(runConfig)
	for _, list := range [][]RunOption{a.cfg.RunOptions, opts} {
		for _, opt := range list {
			if opt == nil {
				c.fail(errors.New("a RunOption is nil"))
				continue
			}
			opt(c)
		}
	}
	return c
}

// watch makes an iterator of a run. The run works on the consumer's goroutine, inside
// of emit; when the consumer leaves or panics, its context is canceled.
func watch(ctx context.Context, do func(context.Context, func(Event)) (*Result, error)) iter.Seq2[Event, error] {
	return consumer.Watch(ctx, func(ctx context.Context, emit func(Event)) (Event, error) {
		res, err := do(ctx, emit)
		return Event{Kind: EventDone, Result: res}, err
	})
}
