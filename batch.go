package funcall

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/funcall/funcall/transcript"
)

// doTools runs the calls of one batch: read-only ones side by side, or one
// other alone. It takes over those that began early. It calls emit on the
// caller's goroutine.
func (a *Agent) doTools(ctx context.Context, s *step) ([]transcript.Body, error) {
	b := s.early.adopt(s.Calls)
	if b == nil {
		b = a.newBatch(ctx, min(len(s.Calls), a.cfg.MaxParallel))
	}
	b.emit = s.emit
	b.fill(s.Calls, s.intended)
	if s.TimeLeft > 0 {
		b.deadline = time.Now().Add(s.TimeLeft)
	}
	defer b.close()
	b.run()
	if b.fatal != nil {
		return b.bodies(), b.fatal
	}
	return b.bodies(), ctx.Err()
}

// A batch is tool calls that run side by side. Its fields belong to the
// goroutine that runs the loop.
type batch struct {
	agent    *Agent
	ctx      context.Context
	cancel   context.CancelFunc
	emit     func(Event)
	deadline time.Time  // when the run's active time is over; zero for no bound
	calls    []*call    // in the order of the turn
	next     int        // the first of calls that may not have begun
	started  []*call    // that have a goroutine, whoever still wants them
	ended    chan *call // has room for every call that is open, so that nobody waits to send
	open     int        // calls begun and not settled
	late     *time.Timer
	due      time.Time // when late fires; zero for never
	fatal    error
}

// A call is one tool call of a batch, and the context that its tool is given.
type call struct {
	context.Context // until its time is over

	work     transcript.Work
	tool     *tool
	intended time.Time // when its intent was written; zero for a call that has none
	begun    bool
	stop     context.CancelFunc
	began    time.Time
	giveUp   time.Time // when it is abandoned
	dropped  bool      // its result is not wanted any more

	reconciles bool         // it asks what became of the call
	retry      atomic.Int32 // of the attempt

	state    atomic.Int32
	out      outcome
	took     time.Duration
	timedOut bool // its context was done when it ended
	canceled bool // the whole batch was

	result *transcript.Result // nil until the call is settled
}

// What became of a call is decided once, by the goroutine that comes first: the
// call's own, or the batch's.
const (
	notStarted int32 = iota // a call with an intent, until its handler starts
	underWay
	hasEnded
	wasAbandoned
	neverStarted // its handler will not start
)

// newBatch returns a batch of which no more than parallel calls run at once.
func (a *Agent) newBatch(ctx context.Context, parallel int) *batch {
	b := &batch{agent: a, started: make([]*call, 0, parallel), ended: make(chan *call, parallel)}
	b.ctx, b.cancel = context.WithCancel(ctx)
	return b
}

// fill adds the work that has not begun early. The calls stand in the order of
// the work afterwards. The intents of those that change something were written at
// the time intended.
func (b *batch) fill(work []transcript.Work, intended time.Time) {
	begun := b.calls
	calls := make([]call, len(work)-len(begun))
	b.calls = make([]*call, 0, len(work))
	for _, w := range work {
		if len(begun) > 0 && begun[0].work.Ref == w.Ref {
			b.calls, begun = append(b.calls, begun[0]), begun[1:]
			continue
		}
		if calls[0].work = w; w.Call.Class != transcript.ClassReadOnly {
			calls[0].intended = intended
		}
		b.calls, calls = append(b.calls, &calls[0]), calls[1:]
	}
}

// run begins calls while there is room, and settles them as they end.
func (b *batch) run() {
	for _, c := range b.calls {
		if c.begun && c.result == nil {
			b.announce(c)
		}
	}
	canceled := b.ctx.Done()
	for {
		for b.open < cap(b.ended) && b.mayBegin() {
			b.beginNext()
		}
		if b.open == 0 {
			break
		}
		select {
		case c := <-b.ended:
			b.settle(c)
		case <-canceled:
			canceled = nil
			for _, c := range b.started {
				b.hurry(c)
			}
		case <-b.late.C:
			b.abandonLate()
		}
	}
	if b.late != nil {
		b.late.Stop()
	}
}

// close leaves nothing running. Calls run only if runtime.Goexit took the goroutine
// away, in a consumer: what they come to is not told.
func (b *batch) close() {
	b.cancel()
	if b.open > 0 {
		b.emit, b.due = nil, time.Time{}
		for _, c := range b.started {
			if c.isOpen() {
				b.abandonAt(c, c.giveUp)
			}
		}
		b.run()
	}
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
		(b.next == 0 || b.deadline.IsZero() || time.Now().Before(b.deadline))
}

func (b *batch) beginNext() {
	c := b.calls[b.next]
	c.tool = b.agent.tools[c.work.Call.Tool]
	if c.tool == nil || c.tool.digest != c.work.Call.Digest {
		c.begun = true
		b.tell(c, changed(c.work))
		return
	}
	b.begin(c)
	b.announce(c) // after that, as a consumer may take its time
}

// announce passes on that a call begins.
func (b *batch) announce(c *call) {
	if w := &c.work; b.emit != nil {
		b.emit(Event{Kind: EventToolStart, Tool: w.Call.Tool, Ref: w.Ref, Args: w.Call.Args})
	}
}

// begin starts a call, on a goroutine of its own: a tool that ignores its
// context could not be left otherwise.
func (b *batch) begin(c *call) {
	timeout := c.tool.timeout
	if !b.deadline.IsZero() {
		timeout = min(timeout, time.Until(b.deadline))
	}
	if c.intended.IsZero() {
		c.state.Store(underWay)
	} else {
		timeout = min(timeout, b.agent.untilOver(c))
	}
	c.Context, c.stop = context.WithTimeout(b.ctx, timeout)
	c.begun, c.began = true, b.agent.cfg.Now()
	b.started = append(b.started, c)
	b.open++
	b.abandonAt(c, time.Now().Add(timeout+b.agent.cfg.GracePeriod))
	go func() {
		if !b.starts(c) {
			if c.state.CompareAndSwap(notStarted, neverStarted) {
				b.ended <- c
			}
			return
		}
		defer func() { // also when runtime.Goexit takes the goroutine away
			timedOut, canceled := c.Err() != nil, b.ctx.Err() != nil
			c.stop()
			took := b.agent.cfg.Now().Sub(c.began)
			if c.state.CompareAndSwap(underWay, hasEnded) {
				c.timedOut, c.canceled, c.took = timedOut, canceled, took
				b.ended <- c
				return
			}
			b.agent.abandoned.Add(-1)
			b.agent.hung.CompareAndDelete(c.work.Key, c)
			b.agent.logLate(c, took)
		}()
		b.agent.invoke(c)
	}()
}

// Value finds the call itself, for CallFrom.
func (c *call) Value(key any) any {
	if key == (callKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// abandonAt sets when a call is given up on.
func (b *batch) abandonAt(c *call, t time.Time) {
	c.giveUp = t
	if !b.due.IsZero() && !t.Before(b.due) {
		return
	}
	if b.due = t; b.late == nil {
		b.late = time.NewTimer(time.Until(t))
		return
	}
	b.late.Reset(time.Until(t))
}

// hurry leaves a call that was told to stop no more than the grace period.
func (b *batch) hurry(c *call) {
	if soon := time.Now().Add(b.agent.cfg.GracePeriod); soon.Before(c.giveUp) {
		b.abandonAt(c, soon)
	}
}

// abandonLate gives up on the calls whose time is over, unless they have ended.
func (b *batch) abandonLate() {
	now := time.Now()
	b.due = time.Time{}
	for _, c := range b.started {
		switch {
		case !c.isOpen():
		case c.giveUp.After(now):
			b.abandonAt(c, c.giveUp)
		case c.hangs(b.agent):
			b.settle(c)
		}
	}
}

// hangs gives up on the call, unless it has ended.
func (c *call) hangs(a *Agent) bool {
	if c.state.CompareAndSwap(notStarted, neverStarted) {
		return true
	}
	changes := c.tool.class != transcript.ClassReadOnly && !c.reconciles
	if changes {
		a.hung.Store(c.work.Key, c) // ahead of the news, so that it is deleted after it was stored
	}
	if c.state.CompareAndSwap(underWay, wasAbandoned) {
		a.abandoned.Add(1)
		return true
	}
	a.hung.CompareAndDelete(c.work.Key, c)
	return false
}

// drop tells a call that nobody wants its result any more.
func (b *batch) drop(c *call) {
	c.dropped = true
	c.stop()
	b.hurry(c)
}

// settle takes note of a call that ended or was abandoned.
func (b *batch) settle(c *call) {
	b.open--
	var r *transcript.Result
	switch c.state.Load() {
	case neverStarted:
		c.stop()
		if r = b.notStarted(c); r == nil {
			return
		}
	case wasAbandoned:
		c.canceled, c.took = b.ctx.Err() != nil, b.agent.cfg.Now().Sub(c.began)
		r = gaveUp(c.tool, c.work, c.took)
	default:
		r = judge(c.tool, c.work, &c.out, c.timedOut)
		if b.fatal == nil && !c.dropped {
			b.fatal = c.out.fatal
		}
	}
	r.Duration = c.took
	if c.dropped { // it was never made, except for whoever has to mend it
		if c.result = r; c.state.Load() == wasAbandoned || c.out.panicked != nil {
			b.agent.logCall(b.ctx, c)
		}
		return
	}
	if c.asksBackend(r) {
		c.result = r
		b.agent.logCall(b.ctx, c)
		return
	}
	if c.canceled && r.Status == transcript.StatusFailed && c.tool.class == transcript.ClassReadOnly {
		r.Status = transcript.StatusInterrupted // we stopped it: that is no answer
	}
	b.tell(c, r)
}

// asksBackend reports whether the result is none yet, because there is somebody
// to ask: the intent stays without one, and transcript.Next says to reconcile.
func (c *call) asksBackend(r *transcript.Result) bool {
	return r.Status == transcript.StatusInDoubt && c.tool != nil && c.tool.reconcile != nil && !c.reconciles
}

// tell takes the result of a call, and passes the news on.
func (b *batch) tell(c *call, r *transcript.Result) {
	c.result = r
	b.agent.logCall(b.ctx, c)
	if b.emit != nil {
		b.emit(Event{
			Kind: EventToolEnd, Tool: c.work.Call.Tool, Ref: c.work.Ref,
			Text: r.Text(), Status: r.Status, Duration: r.Duration,
		})
	}
}

// bodies is what happened, in the order of the calls.
func (b *batch) bodies() []transcript.Body {
	var bodies []transcript.Body
	for _, c := range b.calls {
		class := c.work.Call.Class
		switch {
		case c.result == nil && class != transcript.ClassReadOnly && (!c.begun || c.state.Load() == neverStarted): // its intent was stored, and its handler was not called
			bodies = append(bodies, void(c.work.Ref, c.work.Attempt))
		case c.result == nil:
		case c.asksBackend(c.result):
		case c.result.Status == transcript.StatusInterrupted: // Resume makes it again, and Repair answers it
		case c.canceled && c.result.Status == transcript.StatusInDoubt && class == transcript.ClassIdempotent: // likewise, under its key
		default:
			bodies = append(bodies, c.result)
		}
	}
	if b.fatal != nil {
		bodies = append(bodies, &transcript.End{Outcome: transcript.OutcomeFailed, Reason: cutText(b.fatal.Error(), maxErr)})
	}
	return bodies
}
