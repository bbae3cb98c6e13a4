package funcall

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"time"

	"github.com/funcall/funcall/transcript"
)

// Reconciled is what a backend knows of a call that was begun.
type Reconciled uint8

const (
	// Unknown: the backend cannot tell.
	Unknown Reconciled = iota
	// Happened: it was done, and what it came to is known.
	Happened
	// NeverHappened: the backend has not heard of it.
	NeverHappened
)

// Reconcile lets the backend be asked what became of a call that was begun, and
// of which nobody knows the end: after a crash, a timeout, a panic, a lost reply.
// Without it the model is told that the outcome is unknown.
//
// The function is given the key under which the call was made. It returns what
// the tool would have returned, and Happened (with an error that is [Visible],
// where the tool would have failed so); or NeverHappened, and the call is made
// again, under the same key. It has the tool's timeout. An error, a panic and
// Unknown leave the call in doubt.
//
// A worker makes the call three times at the most. NeverHappened is believed only
// once the attempt must be over: when the tool's timeout and [Config.Grace] have
// passed since its intent was written, by the wall clocks of the worker that wrote
// it and of the one that asks now. A tool does not start later than that, and its
// context is done by then. The backend is asked once more then, as a request may
// have been on its way. Where the two clocks may differ, where a worker stands still
// in the midst of the tool, or where a backend may take a request up later still, it
// is the key alone that keeps it from being done twice.
//
// In and Out are the tool's own; In may be json.RawMessage. It is for tools that
// have an effect: one that is [ReadOnly] or [Idempotent] is simply run again.
func Reconcile[In, Out any](f func(ctx context.Context, key string, in In) (Out, Reconciled, error)) ToolOption {
	return func(t *tool) {
		t.wants(reflect.TypeFor[In](), "Reconcile")
		t.returns(reflect.TypeFor[Out](), "result type of Reconcile")
		if f == nil {
			t.fail(errors.New("Reconcile(nil)"))
			return
		}
		name, args := t.name, t.args
		t.reconcile = func(ctx context.Context, raw json.RawMessage) (any, error) {
			in, err := read[In](args, name, raw)
			if err != nil {
				return nil, errors.New(err.Error()) // it is not the model's mistake
			}
			out, known, err := f(ctx, CallFrom(ctx).Key, in)
			var visible *visibleError
			switch {
			case known == Happened && (err == nil || errors.As(err, &visible)):
				return out, err
			case err != nil:
				return nil, InDoubt(err)
			case known == NeverHappened:
				return nil, errNeverHappened
			}
			return nil, InDoubt(errors.New("the backend cannot tell"))
		}
	}
}

// maxTries is how often a call is begun of which the backend never hears.
const maxTries = 3

var errNeverHappened = errors.New("the backend has not heard of it")

// doReconcile says what became of a call that was begun. Where the backend never
// heard of it the attempt is void, and transcript.Next has it made again.
func (a *Agent) doReconcile(ctx context.Context, s *step, out *[]transcript.Body) error {
	w := s.Calls[0]
	t := a.tools[w.Call.Tool]
	result := inDoubt(w, "it was begun, and no result was stored")
	if t != nil && t.reconcile != nil {
		over := w.Begun.Add(max(w.Call.Within, t.timeout+a.cfg.Grace))
		// What the backend has not heard of counts as of when it was asked.
		asked, alive := a.cfg.Now(), a.stillRuns(w.Key)
		c := a.askBackend(ctx, t, s)
		if c.never() && asked.Before(over) && sleep(ctx, over.Sub(a.cfg.Now()), s.Left) {
			asked, alive = a.cfg.Now(), a.stillRuns(w.Key)
			c = a.askBackend(ctx, t, s)
		}
		if ctx.Err() != nil { // who resumes the run asks again
			return ctx.Err()
		}
		switch certain := !alive && !asked.Before(over); {
		case c.never() && certain && w.Tries < maxTries:
			*out = append(*out, void(w.Ref, w.Attempt-1))
			return nil
		case c.never() && certain:
			result = failed(w, "it was begun time and again, and the backend never heard of it")
		case c.never():
			result = inDoubt(w, "the backend has not heard of it, and it may still be under way")
		default:
			result = c.result
		}
	}
	*out = append(*out, result)
	if s.emit != nil {
		s.emit(Event{Kind: EventToolEnd, Tool: w.Call.Tool, Ref: w.Ref, Args: w.Call.Args, Text: result.Text(), Status: result.Status, Took: result.Took})
	}
	return nil
}

// stillRuns reports whether an attempt under the key was given up on, and has not
// returned.
func (a *Agent) stillRuns(key string) bool {
	_, hung := a.hung.Load(key)
	return hung
}

// askBackend calls a tool's reconciler as a call is made: within its time, and
// survived whatever it does.
func (a *Agent) askBackend(ctx context.Context, t *tool, s *step) *call {
	asked := *t
	asked.handler, asked.retries = t.reconcile, 0
	b := a.newBatch(ctx, 1)
	defer b.cancel()
	if s.Left > 0 {
		b.deadline = time.Now().Add(s.Left)
	}
	c := &call{work: s.Calls[0], tool: &asked, reconciles: true}
	b.calls = []*call{c}
	b.begin(c)
	b.run()
	return c
}

// never reports whether the backend answered that it has not heard of the call.
func (c *call) never() bool { return c.state.Load() == hasEnded && c.out.never }

// sleep waits for d, unless ctx is done or the run has not that much time left;
// then it returns false.
func sleep(ctx context.Context, d, left time.Duration) bool {
	if left > 0 && d >= left {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
