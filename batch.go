package funcall

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/funcall/funcall/transcript"
)

// doTools runs the calls of one batch: read-only ones side by side, or one
// other alone. It calls emit on the caller's goroutine; where emit panics, what
// is done is in out all the same, and nothing is left running.
func (a *Agent) doTools(ctx context.Context, act transcript.Action, emit func(Event), out *[]transcript.Body) error {
	ctx, cancel := context.WithCancel(ctx)
	b := &batch{
		agent: a, ctx: ctx, emit: emit,
		calls: make([]call, len(act.Calls)),
		ended: make(chan *call, len(act.Calls)),
	}
	for i, w := range act.Calls {
		b.calls[i].work = w
	}
	if act.Left > 0 {
		b.deadline = time.Now().Add(act.Left)
	}
	defer func() {
		cancel()
		if b.open > 0 { // emit has panicked
			b.emit = nil
			b.run()
		}
		*out = append(*out, b.bodies()...)
	}()
	b.run()
	if b.fatal != nil {
		return b.fatal
	}
	return ctx.Err()
}

// A batch is tool calls that run side by side. Its fields belong to the
// goroutine that called doTools.
type batch struct {
	agent    *Agent
	ctx      context.Context
	emit     func(Event)
	deadline time.Time // when the run's active time is over; zero for no bound
	calls    []call
	ended    chan *call // has room for every call, so that nobody waits to send
	begun    int
	open     int // calls begun and not settled
	fatal    error
}

// A call is one tool call of a batch.
type call struct {
	work   transcript.Work
	tool   *tool
	began  time.Time
	giveUp *time.Timer

	state    atomic.Int32
	out      outcome
	timedOut bool // its context was done when it ended
	canceled bool // the whole batch was

	result *transcript.Result // nil until the call is settled
}

// What became of a call is decided once, by whoever comes first.
const (
	underWay int32 = iota
	hasEnded
	wasAbandoned
)

// run begins calls while there is room, and settles them as they end.
func (b *batch) run() {
	canceled := b.ctx.Done()
	var grace <-chan time.Time
	for {
		for b.begun < len(b.calls) && b.open < b.agent.cfg.Parallel && b.mayBegin() {
			b.begin()
		}
		if b.open == 0 {
			return
		}
		select {
		case c := <-b.ended:
			b.settle(c)
		case <-canceled:
			canceled, grace = nil, time.After(b.agent.cfg.Grace)
		case <-grace:
			for i := range b.calls[:b.begun] {
				if c := &b.calls[i]; c.result == nil {
					b.abandon(c)
				}
			}
		}
	}
}

// mayBegin reports whether more calls are wanted. Those that are not begun stay
// open: transcript.Next says what becomes of them.
func (b *batch) mayBegin() bool {
	return b.fatal == nil && b.ctx.Err() == nil && (b.deadline.IsZero() || time.Now().Before(b.deadline))
}

// begin starts the next call, on a goroutine of its own: a tool that ignores
// its context could not be left otherwise.
func (b *batch) begin() {
	c := &b.calls[b.begun]
	w := &c.work
	c.tool = b.agent.tools[w.Call.Tool]
	if c.tool == nil || c.tool.digest != w.Call.Digest {
		b.begun++
		b.tell(c, changed(*w))
		return
	}
	if b.emit != nil {
		b.emit(Event{Kind: EventToolStart, Tool: w.Call.Tool, Ref: w.Ref, Args: w.Call.Args})
	}
	timeout := c.tool.timeout
	if !b.deadline.IsZero() {
		timeout = min(timeout, time.Until(b.deadline))
	}
	ctx, stop := context.WithTimeout(context.WithValue(b.ctx, callInfoKey{}, &CallInfo{
		Session: w.Session, Ref: w.Ref, Attempt: w.Attempt, Key: w.Key, Subject: w.Subject,
	}), timeout)
	c.began = b.agent.cfg.Now()
	c.giveUp = time.AfterFunc(timeout+b.agent.cfg.Grace, func() { b.abandon(c) })
	b.begun++
	b.open++
	go func() {
		defer func() { // also when runtime.Goexit takes the goroutine away
			timedOut, canceled := ctx.Err() != nil, b.ctx.Err() != nil
			stop()
			if c.state.CompareAndSwap(underWay, hasEnded) {
				c.timedOut, c.canceled = timedOut, canceled
				b.ended <- c
				return
			}
			b.agent.abandoned.Add(-1)
			b.agent.logLate(ctx, c)
		}()
		invoke(ctx, c.tool, w.Call.Args, &c.out)
	}()
}

// abandon gives up on a call, unless it has ended. Any goroutine may.
func (b *batch) abandon(c *call) {
	if c.state.CompareAndSwap(underWay, wasAbandoned) {
		b.agent.abandoned.Add(1)
		b.ended <- c
	}
}

// settle takes note of a call that ended or was abandoned.
func (b *batch) settle(c *call) {
	b.open--
	c.giveUp.Stop()
	took := b.agent.cfg.Now().Sub(c.began)
	var r *transcript.Result
	if c.state.Load() == wasAbandoned {
		c.canceled = b.ctx.Err() != nil
		r = gaveUp(c.tool, c.work, took)
	} else {
		r = judge(c.tool, c.work, &c.out, c.timedOut)
		if b.fatal == nil {
			b.fatal = c.out.fatal
		}
	}
	r.Took = took
	if c.canceled && r.Status == transcript.StatusFailed && c.tool.class == transcript.ReadOnly {
		r.Status = transcript.StatusInterrupted // we stopped it: that is no answer
	}
	b.tell(c, r)
}

// tell takes the result of a call, and passes the news on.
func (b *batch) tell(c *call, r *transcript.Result) {
	c.result = r
	b.agent.logCall(b.ctx, c)
	if b.emit != nil {
		b.emit(Event{
			Kind: EventToolEnd, Tool: c.work.Call.Tool, Ref: c.work.Ref,
			Text: r.Text(), Status: r.Status, Took: r.Took,
		})
	}
}

// bodies is what happened, in the order of the calls.
func (b *batch) bodies() []transcript.Body {
	var bodies []transcript.Body
	for i := range b.calls {
		c := &b.calls[i]
		class := c.work.Call.Class
		switch {
		case c.result == nil && class != transcript.ReadOnly && i >= b.begun: // its intent was stored, and it was not begun
			bodies = append(bodies, void(c.work.Ref, c.work.Attempt))
		case c.result == nil:
		case c.result.Status == transcript.StatusInterrupted: // Resume makes it again, and Repair answers it
		case c.canceled && c.result.Status == transcript.StatusInDoubt && class == transcript.Idempotent: // likewise, under its key
		default:
			bodies = append(bodies, c.result)
		}
	}
	if b.fatal != nil {
		bodies = append(bodies, &transcript.End{Outcome: Failed, Why: b.fatal.Error()})
	}
	return bodies
}

// void says that an attempt was never begun, though its intent is stored.
func void(ref transcript.Ref, attempt int) *transcript.Intent {
	return &transcript.Intent{Ref: ref, Attempt: attempt, Void: true}
}
