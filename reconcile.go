package funcall

import (
	"context"
	"errors"
	"reflect"

	"github.com/funcall/funcall/internal/agent/intent"
	"github.com/funcall/funcall/internal/agent/toolresult"
	"github.com/funcall/funcall/internal/exec"
	"github.com/funcall/funcall/internal/schema/arguments"
	"github.com/funcall/funcall/transcript"
)

// ErrNotApplied is what a [Reconcile] function returns if the backend has no record
// of the call. It may be wrapped.
var ErrNotApplied = toolresult.ErrNotApplied

// Reconcile adds a function that asks the backend for the outcome of an in-doubt call: one
// that started, and whose outcome is unknown after a crash, a timeout, a panic or a lost
// reply. Without it the model is told that the outcome is unknown.
//
// The function is given the idempotency key of the call. It returns
//
//   - what the tool would have returned, if the call was applied; an error that is
//     [Visible], if the backend refused the call and the tool would have failed so;
//   - [ErrNotApplied], if the backend has no record of the call: it is made again, under
//     the same key, once the last attempt must be over;
//   - any other error, if the backend cannot tell: the call stays in doubt. So it
//     does if the error is ErrNotApplied and also a timeout, a cancellation or [InDoubt].
//
// The function has the tool's timeout. If it panics or is abandoned, the call stays in doubt.
//
// ErrNotApplied counts only once the last attempt must be over: the tool's timeout plus
// [Config.GracePeriod] after its intent. No handler starts later, and its context is done by
// then. If the backend says ErrNotApplied earlier, it is asked once more at that time. A call
// is started at most three times until the run is resumed; then it has failed.
//
// That time is measured by the wall clocks of the worker that wrote the intent and of the
// worker that asks. If the clocks differ, if a worker stalls inside a handler, or if the
// backend may apply a request later, only the idempotency key prevents a second effect.
//
// In and Out are the tool's own; In may be json.RawMessage. For a [ReadOnly] or [Idempotent]
// tool, which is run again instead, [New] returns an error.
func Reconcile[In, Out any](f func(ctx context.Context, key string, in In) (Out, error)) ToolOption {
	return func(t *tool) {
		t.fail(checkInput("Reconcile", reflect.TypeFor[In](), t.in))
		t.fail(checkResult(reflect.TypeFor[Out](), "result type of Reconcile"))
		if f == nil {
			t.fail(errors.New("Reconcile(nil)"))
			return
		}
		name, args := t.name, t.args
		t.reconcile = func(ctx context.Context, raw string) (any, error) {
			in, err := arguments.Decode[In](args, name, raw)
			if err != nil {
				return nil, errors.New(err.Error()) // it is not the model's mistake
			}
			out, err := f(ctx, CallFrom(ctx).Key, in)
			switch _, visible := errors.AsType[*toolresult.VisibleError](err); {
			case err == nil:
				return out, nil
			case visible || errors.Is(err, ErrNotApplied): // whole: it may say more, such as a timeout
				return nil, err
			}
			return nil, InDoubt(err)
		}
	}
}

// doReconcile returns the outcome of a started call. If the backend has no record of it, the
// attempt is void, and transcript.Next has the call made again.
func (a *Agent) doReconcile(ctx context.Context, s *step) ([]transcript.Body, error) {
	w := s.Calls[0]
	t := a.tools[w.Call.Tool]
	result := toolresult.InDoubt(w, "the call was started, and no result was stored")
	if t != nil && t.reconcile != nil {
		over := w.StartedAt.Add(max(w.Call.MaxDuration, t.timeout+a.cfg.GracePeriod))
		// An answer of ErrNotApplied is as old as its question.
		asked, alive := a.cfg.Now(), a.exec.StillRuns(w.Key)
		c := a.askBackend(ctx, t, s)
		wait := over.Sub(a.cfg.Now())
		if c.notApplied() && asked.Before(over) && (s.TimeLeft <= 0 || wait < s.TimeLeft) && exec.Sleep(ctx, wait) {
			asked, alive = a.cfg.Now(), a.exec.StillRuns(w.Key)
			c = a.askBackend(ctx, t, s)
		}
		if ctx.Err() != nil { // who resumes the run asks again
			return nil, ctx.Err()
		}
		switch certain := !alive && !asked.Before(over); {
		case c.notApplied() && certain && w.AttemptsSinceResume < maxTries:
			return []transcript.Body{intent.Void(w.Ref, w.Attempt-1)}, nil
		case c.notApplied() && certain:
			result = toolresult.Failed(w, "the backend has no record of the call, and no further attempt is allowed")
		case c.notApplied():
			result = toolresult.InDoubt(w, "the backend has no record of the call, but the attempt may still be running")
		default:
			result = c.result
		}
	}
	bodies := []transcript.Body{result}
	s.emitLast(bodies, Event{Kind: EventToolEnd, Tool: w.Call.Tool, Ref: w.Ref, Args: w.Call.Args, Text: result.Text(), Status: result.Status, Duration: result.Duration})
	return bodies, nil
}

// askBackend calls a tool's reconciler as a call is made: within its time, and
// survived whatever it does.
func (a *Agent) askBackend(ctx context.Context, t *tool, s *step) *call {
	c := &call{agent: a, work: &s.Calls[0], tool: t, purpose: toReconcile}
	c.Handler, c.Timeout = c, t.timeout
	a.exec.Run(ctx, exec.After(s.TimeLeft), &c.Job)
	c.result = c.judge()
	c.log(ctx)
	return c
}

// notApplied reports whether the backend has no record of the call.
func (c *call) notApplied() bool {
	return c.State == exec.Ended && !c.TimedOut && c.out.NotApplied
}
