package funcall

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/funcall/funcall/internal/agent/intent"
	"github.com/funcall/funcall/internal/agent/runlog"
	"github.com/funcall/funcall/internal/agent/storable"
	"github.com/funcall/funcall/internal/agent/toolresult"
	"github.com/funcall/funcall/internal/exec"
	"github.com/funcall/funcall/transcript"
)

// A batch is tool calls that run side by side. Its fields belong to the
// goroutine that runs the loop.
type batch struct {
	agent    *Agent
	ctx      context.Context
	jobs     *exec.Crew // the run's
	emit     func(Event)
	intended time.Time // when the intents of calls that change something were written
	calls    []*call   // in the order of the turn
	next     int       // the first of calls that may not have begun
	fatal    error
}

// newBatch returns a batch of which no more than parallel calls run at once.
func (a *Agent) newBatch(ctx context.Context, jobs *exec.Crew, parallel int) *batch {
	jobs.Begin(ctx, parallel)
	return &batch{agent: a, ctx: ctx, jobs: jobs}
}

// fill adds the work that has not begun early, and drops the calls that have begun
// and are no work. The calls stand in the order of the work afterwards.
func (b *batch) fill(work []transcript.Work) {
	begun := b.calls
	b.calls = make([]*call, 0, len(work))
	var calls []call
	for i := range work {
		w := &work[i]
		if n := slices.IndexFunc(begun, func(c *call) bool { return c.work.Ref == w.Ref }); n >= 0 {
			b.calls, begun = append(b.calls, begun[n]), slices.Delete(begun, n, n+1)
			continue
		}
		if len(calls) == 0 {
			calls = make([]call, len(work)-i)
		}
		calls[0].agent, calls[0].work = b.agent, w
		b.calls, calls = append(b.calls, &calls[0]), calls[1:]
	}
	for _, c := range begun {
		b.drop(c)
	}
}

// run begins calls while there is room, and settles them as they end.
func (b *batch) run() {
	for _, c := range b.calls {
		if c.begun && c.result == nil {
			b.announce(c)
		}
	}
	for {
		for !b.jobs.Full() && b.mayBegin() {
			b.beginNext()
		}
		j := b.jobs.Wait()
		if j == nil {
			return
		}
		b.settle(j.Handler.(*call))
	}
}

// leave cancels what runs, starts nothing more, and returns the entries of the batch.
func (b *batch) leave() []transcript.Body {
	b.emit, b.next = nil, len(b.calls)
	b.jobs.Cancel()
	b.run()
	return b.bodies()
}

// mayBegin reports whether more calls are wanted. Those that are not begun stay
// open: transcript.Next says what becomes of them. It reads the transcript's clock,
// which need not agree that the run's time is over, so the first call always begins:
// a step that brings nothing would be made for ever.
func (b *batch) mayBegin() bool {
	for b.next < len(b.calls) && b.calls[b.next].begun {
		b.next++
	}
	return b.next < len(b.calls) && b.fatal == nil && b.ctx.Err() == nil &&
		(b.next == 0 || b.jobs.Deadline.IsZero() || time.Now().Before(b.jobs.Deadline))
}

func (b *batch) beginNext() {
	c := b.calls[b.next]
	c.tool = b.agent.tools[c.work.Call.Tool]
	if c.tool == nil || c.tool.digest != c.work.Call.Digest {
		c.begun = true
		b.tell(c, toolresult.Changed(*c.work))
		return
	}
	b.begin(c)
	b.announce(c) // after that, as a consumer may take its time
}

// announce passes on that a call begins.
func (b *batch) announce(c *call) {
	if w := c.work; b.emit != nil {
		b.emit(Event{Kind: EventToolStart, Tool: w.Call.Tool, Ref: w.Ref, Args: w.Call.Args})
	}
}

// begin starts a call. One that changes something starts and ends while its intent
// holds, and is known by its key if it is abandoned: as long as it runs, no backend is
// believed that it never will.
func (b *batch) begin(c *call) {
	t := c.tool
	c.begun = true
	c.Handler, c.Timeout, c.Retries, c.Backoff = c, t.timeout, t.retries, t.backoff
	if t.class != transcript.ClassReadOnly {
		c.Key, c.Until = c.work.Key, b.intended.Add(b.agent.lifetime(t, *c.work))
	}
	b.jobs.Start(&c.Job)
}

// drop tells a call that its result is not wanted any more.
func (b *batch) drop(c *call) {
	c.dropped = true
	b.jobs.Stop(&c.Job)
}

// settle takes note of a call that is over.
func (b *batch) settle(c *call) {
	var r *transcript.Result
	if c.State == exec.NotStarted {
		if r = b.notStarted(c); r == nil {
			return
		}
	} else {
		r = c.judge()
	}
	if c.State == exec.Ended && b.fatal == nil && !c.dropped {
		b.fatal = c.out.Fatal
	}
	if c.dropped { // it is no part of the transcript; the operator learns of a fault
		if c.result = r; c.State == exec.Abandoned || c.Panic != nil {
			c.log(b.ctx)
		}
		return
	}
	if c.needsReconcile(r) {
		c.result = r
		c.log(b.ctx)
		return
	}
	if c.Canceled && r.Status == transcript.StatusFailed && c.tool.class == transcript.ClassReadOnly {
		r.Status = transcript.StatusInterrupted // we stopped it: that is no answer
	}
	b.tell(c, r)
}

// notStarted returns the result of a call whose handler was not called, or nil if
// its attempt is void and transcript.Next has it made again, unless another worker
// was first.
func (b *batch) notStarted(c *call) *transcript.Result {
	if c.Canceled {
		return nil
	}
	const why = "it was not started: its time was over, as the worker stood still, had lost its lease or the store was slow"
	runlog.Warn(b.ctx, b.agent.log, c.work, "tool call not started", slog.Duration("intent_age", b.agent.cfg.Now().Sub(b.intended)))
	switch {
	case c.work.AttemptsSinceResume+1 < maxTries:
		return nil
	case c.work.InDoubt: // not this attempt, and perhaps one before
		return toolresult.InDoubt(*c.work, why)
	}
	return toolresult.Failed(*c.work, why)
}

// needsReconcile reports whether an in-doubt result is dropped because the tool has a
// reconciler: the intent stays open, and transcript.Next says to reconcile.
func (c *call) needsReconcile(r *transcript.Result) bool {
	return r.Status == transcript.StatusInDoubt && c.tool != nil && c.tool.reconcile != nil
}

// tell keeps the result of a call, logs it and emits its event.
func (b *batch) tell(c *call, r *transcript.Result) {
	c.result = r
	c.log(b.ctx)
	if b.emit != nil {
		b.emit(Event{
			Kind: EventToolEnd, Tool: c.work.Call.Tool, Ref: c.work.Ref,
			Text: r.Text(), Status: r.Status, Duration: r.Duration,
		})
	}
}

// bodies returns the entries of the batch, in the order of the calls.
func (b *batch) bodies() []transcript.Body {
	bodies := make([]transcript.Body, 0, len(b.calls))
	for _, c := range b.calls {
		class := c.work.Call.Class
		switch {
		case c.result == nil && class != transcript.ClassReadOnly && (!c.begun || c.State == exec.NotStarted): // its intent was stored, and its handler was not called
			bodies = append(bodies, intent.Void(c.work.Ref, c.work.Attempt))
		case c.result == nil:
		case c.needsReconcile(c.result):
		case c.result.Status == transcript.StatusInterrupted: // Resume makes it again, and Repair answers it
		case c.Canceled && c.result.Status == transcript.StatusInDoubt && class == transcript.ClassIdempotent: // likewise, under its key
		default:
			bodies = append(bodies, c.result)
		}
	}
	if b.fatal != nil {
		bodies = append(bodies, &transcript.End{Outcome: transcript.OutcomeFailed, Reason: storable.Reason(b.fatal.Error())})
	}
	return bodies
}
