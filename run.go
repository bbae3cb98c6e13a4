package funcall

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"strings"
	"time"

	"github.com/funcall/funcall/internal/agent/consumer"
	"github.com/funcall/funcall/internal/agent/intent"
	"github.com/funcall/funcall/internal/agent/journal"
	"github.com/funcall/funcall/internal/agent/runlog"
	"github.com/funcall/funcall/internal/agent/sessions"
	"github.com/funcall/funcall/internal/agent/storable"
	"github.com/funcall/funcall/internal/agent/structured"
	"github.com/funcall/funcall/internal/exec"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// Run answers one message without an earlier conversation. Nothing is stored: if a call needs
// approval, Run returns [ErrPending]; use a [Session] for such tools. The Result is never nil.
// If err is not nil, it holds what is known, the transcript included.
func (a *Agent) Run(ctx context.Context, text string, opts ...RunOption) (*Result, error) {
	return a.send(ctx, text, opts, nil, nil)
}

// Stream is like Run and yields events as they happen. Each range over the sequence starts a
// run: range once. The last event is EventDone: it has the Result, and comes with the error
// that Run would return. With all other events the error is nil.
//
// The run works on the caller's goroutine. Leaving the loop cancels the run, with
// OutcomeCanceled. So does a panic in the loop; the panic continues after the run has ended
// and is stored.
func (a *Agent) Stream(ctx context.Context, text string, opts ...RunOption) iter.Seq2[Event, error] {
	return watch(ctx, func(ctx context.Context, emit func(Event)) (*Result, error) {
		return a.send(ctx, text, opts, nil, emit)
	})
}

func (a *Agent) send(ctx context.Context, text string, opts []RunOption, answer *structured.Form, emit func(Event)) (*Result, error) {
	r, res, err := a.begin(ctx, text, opts, answer, emit)
	if r == nil {
		return res, err
	}
	return r.result(ctx, r.loop(ctx))
}

// begin begins a run that is not kept. If it cannot go on, begin returns its result.
func (a *Agent) begin(ctx context.Context, text string, opts []RunOption, answer *structured.Form, emit func(Event)) (*run, *Result, error) {
	id := "run-" + strings.ToLower(rand.Text()[:16])
	now := a.cfg.Now()
	c, in, err := a.newInput(text, opts, answer)
	if err == nil {
		err = a.fill(ctx, c, in, RunInfo{Session: id, Subject: c.subject, Time: now})
	}
	if err != nil {
		return nil, failed(id, err), err
	}
	r := a.newRun(sessions.NewState(transcript.Track(transcript.Transcript{ID: id})), nil, c, answer, emit)
	if res, err := r.start(ctx, now, in); res != nil {
		return nil, res, err
	}
	return r, nil, nil
}

// failed returns the result of a run that did not begin.
func failed(id string, err error) *Result {
	return &Result{Outcome: transcript.OutcomeFailed, Reason: err.Error(), Transcript: transcript.Transcript{ID: id}}
}

// run is the loop over one transcript: Next says what to do, Do does it, and
// what happened is appended.
type run struct {
	agent   *Agent
	state   *sessions.State // of the conversation
	tracker *transcript.Tracker
	journal journal.Journal
	emit    func(Event)      // nil if the run is not watched
	hooks   *hooks           // nil if the run has none
	answer  *structured.Form // of the answer that is wanted; nil until it is read off the transcript
	shared  *provider.Run    // by the requests of the run; nil until the first
	early   *early           // of the model's last turn; nil where nothing begins early
	jobs    exec.Crew        // runs the calls
	step    *step            // that is being done, or nil
	room    step             // of each step in turn
	over    bool             // loop has returned
	log     *slog.Logger     // names the session
}

func (a *Agent) newRun(state *sessions.State, store transcript.Store, c *runConfig, answer *structured.Form, emit func(Event)) *run {
	return &run{
		agent: a, state: state, tracker: state.Tracker, journal: journal.New(state.Tracker, store, a.shared), emit: emit, hooks: c.given(),
		answer: answer, jobs: exec.Crew{Runner: &a.exec}, log: runlog.Session(a.log, state.Tracker.Transcript().ID),
	}
}

// start appends what the run begins with, as of now. It returns the result of a run that
// does not go on.
func (r *run) start(ctx context.Context, now time.Time, first ...transcript.Body) (*Result, error) {
	r.journal.Add(now, first...)
	if err := r.journal.Flush(ctx); err != nil {
		return resultOf(r.tracker), err
	}
	runlog.Begin(ctx, r.log, first)
	if !r.journal.Open() { // a turn was withdrawn
		return resultOf(r.tracker), nil
	}
	return nil, nil
}

// result returns and logs how the run ended.
func (r *run) result(ctx context.Context, err error) (*Result, error) {
	res := resultOf(r.tracker)
	if err == nil && res.Outcome == transcript.OutcomeTruncated && (res.Text() == "" || res.cutCalls) {
		err = fmt.Errorf("%w (%s)", ErrTruncated, res.Reason)
	}
	runlog.End(ctx, r.log, r.tracker, len(res.Calls), err)
	return res, err
}

// loop goes on until the run ends, waits or cannot go on. Many runs wait at the same time, so
// the functions that wait have small frames: what is over by then is left to others.
func (r *run) loop(ctx context.Context) error {
	defer r.leave(ctx)
	for {
		s, err := r.next(ctx)
		if s == nil {
			r.over = true
			return err
		}
		r.step = s
		bodies, err := r.agent.do(ctx, s)
		r.step, r.answer, r.shared = nil, s.answer, s.shared
		r.add(bodies...)
		if err != nil {
			err = r.stop(ctx, err)
			r.over = true
			return err
		}
	}
}

// leave ends what the run still does, and then the run, if runtime.Goexit or a panic in a
// consumer or in a store has ended its loop.
func (r *run) leave(ctx context.Context) {
	over := false
	defer func() {
		if !over {
			if r.step != nil {
				r.add(r.step.left...)
			}
			_, _ = r.result(ctx, r.end(ctx, transcript.OutcomeFailed, errGoexit))
		}
	}()
	r.close()
	over = r.over
}

func (r *run) close() {
	defer r.jobs.Close()
	defer r.early.drop()
	r.step.leave()
}

// next stores what was done, and returns the next step. It returns nil if the run has ended,
// waits or cannot go on. What is needed no more once the step is made is not kept on the
// stack: many runs wait at the same time.
func (r *run) next(ctx context.Context) (*step, error) {
	if ctx.Err() != nil && r.journal.Open() {
		return nil, r.cancel(ctx, ctx.Err())
	}
	act := r.tracker.Next()
	if act.Kind == transcript.ActionModel && r.hooks.stops() && r.tracker.Steps() > 0 {
		if err := r.put(ctx, act.Before); err != nil { // what was done must not wait for the program
			return nil, err
		}
		end, err := r.stops(ctx)
		if err != nil {
			return nil, r.stop(ctx, err)
		}
		if act = r.tracker.Next(); end != nil {
			act = transcript.Action{Kind: transcript.ActionNone, Before: []transcript.Body{end}}
		}
	}
	if err := r.put(ctx, act.Before); err != nil {
		return nil, err
	}
	if act.Kind == transcript.ActionNone || act.Kind == transcript.ActionWait && r.journal.Keeps() {
		return nil, nil
	}
	if act.Kind == transcript.ActionWait { // the run is not kept, so it could not be continued
		w := act.Calls[0]
		return nil, r.end(ctx, transcript.OutcomeFailed, fmt.Errorf("%w: call %s of tool %q needs approval, and Run stores nothing; use a Session", ErrPending, w.Ref, w.Call.Tool))
	}
	s := &r.room
	*s = step{Action: act, intended: r.tracker.UpdatedAt(), answer: r.answer, shared: r.shared, jobs: &r.jobs, log: r.log, emit: r.emit, hooks: r.hooks}
	if act.Kind == transcript.ActionModel {
		s.messages, s.callIDs = r.tracker.Messages(), &r.state.CallIDs
		r.early.drop()
		r.early = r.agent.newEarly(ctx, &r.jobs, &s.Action, r.emit != nil)
	}
	s.early = r.early
	return s, nil
}

// put stores what was done and what comes before the next action. If that fails, put returns
// the error of the run.
func (r *run) put(ctx context.Context, before []transcript.Body) error {
	r.tell(before) // ahead of the intents, which must not age while a consumer reads
	err := r.begin(ctx, before)
	if err == nil || errors.Is(err, transcript.ErrConflict) {
		return err
	}
	return r.end(ctx, transcript.OutcomeFailed, err)
}

// stops asks the conditions of [StopWhen], and returns the End if one holds. Everything that
// happened is stored by then.
func (r *run) stops(ctx context.Context) (*transcript.End, error) {
	t := r.tracker.Transcript() // a function that is abandoned keeps its own
	for _, f := range r.hooks.stopWhen {
		reason, err := r.agent.consult(ctx, "StopWhen", func(ctx context.Context) (string, error) { return f(ctx, t) })
		if err != nil {
			return nil, err
		}
		if reason != "" {
			return &transcript.End{Outcome: transcript.OutcomeDone, Reason: storable.Reason("stopped: " + reason)}, nil
		}
	}
	return nil, nil
}

// begin stores what was done and what is about to be, in one append. If that fails,
// what was about to be done has not begun.
func (r *run) begin(ctx context.Context, bodies []transcript.Body) (err error) {
	stored := false
	defer func() { // also if runtime.Goexit takes the goroutine away
		if !stored && !errors.Is(err, transcript.ErrConflict) {
			r.add(intent.Voids(bodies)...)
		}
	}()
	r.add(bodies...)
	err = r.journal.Flush(ctx)
	stored = err == nil
	return err
}

// tell emits the ends of calls that were answered without being run.
func (r *run) tell(bodies []transcript.Body) {
	if r.emit == nil {
		return
	}
	for _, b := range bodies {
		if res, ok := b.(*transcript.Result); ok {
			_, c, _ := r.tracker.Call(res.Ref)
			r.emit(Event{Kind: EventToolEnd, Tool: c.Name, Ref: res.Ref, Args: c.Args, Text: res.Text(), Status: res.Status})
		}
	}
}

var errGoexit = errors.New("the goroutine of the run was ended by runtime.Goexit")

// stop ends a run of which a step failed.
func (r *run) stop(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return r.cancel(ctx, err)
	}
	return r.end(ctx, transcript.OutcomeFailed, err)
}

// cancel ends a run whose context is done, for that cause.
func (r *run) cancel(ctx context.Context, cause error) error {
	if r.emit != nil && context.Cause(ctx) == consumer.ErrPanicked { // its own: a run around this one may have the cause, too
		return r.end(ctx, transcript.OutcomeFailed, consumer.ErrPanicked)
	}
	return r.end(ctx, transcript.OutcomeCanceled, cause)
}

// end closes the run, unless what was done closed it already, and stores what
// is not stored yet. It returns the cause, with what came on top of it.
func (r *run) end(ctx context.Context, o transcript.Outcome, cause error) error {
	if r.journal.Open() {
		r.add(&transcript.End{Outcome: o, Reason: storable.Reason(cause.Error())})
	}
	if r.journal.Deleted() {
		return cause
	}
	if err := r.journal.Flush(ctx); err != nil {
		return errors.Join(cause, err)
	}
	return cause
}

func (r *run) add(bodies ...transcript.Body) {
	if len(bodies) > 0 {
		r.journal.Add(r.agent.cfg.Now(), bodies...)
	}
}
