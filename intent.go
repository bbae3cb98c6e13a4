package funcall

import (
	"log/slog"
	"time"

	"github.com/funcall/funcall/transcript"
)

// An intent says to other workers that an attempt may be under way. It holds for
// a bounded time: once that has passed, the backend's word that it has not heard
// of the attempt is believed, and another worker may make the call. So a handler
// does not start after that time, and its context is done by then. A worker that
// stood still meanwhile finds out here, right before the handler.

// lifetime returns how long an attempt can take from its intent until it is given
// up on, by the stored verdict or else by the tool as it is configured here.
func (a *Agent) lifetime(t *tool, w transcript.Work) time.Duration {
	if w.Call.MaxDuration > 0 {
		return w.Call.MaxDuration
	}
	return t.timeout + a.cfg.GracePeriod
}

// untilOver returns how long the intent of the call still holds. It reads the wall
// clock: the monotonic one stands still while a machine is suspended.
func (a *Agent) untilOver(c *call) time.Duration {
	age := a.cfg.Now().Round(0).Sub(c.intended.Round(0))
	return a.lifetime(c.tool, c.work) - age
}

// intentHolds reports whether an attempt at the call may start now.
func (a *Agent) intentHolds(c *call) bool { return c.intended.IsZero() || a.untilOver(c) > 0 }

// starts reports whether the handler of the call is to be called: while its intent
// holds, and its context is not done. Nothing may come between it and the handler.
func (b *batch) starts(c *call) bool {
	if c.intended.IsZero() {
		return true
	}
	return b.agent.intentHolds(c) && c.Err() == nil && c.state.CompareAndSwap(notStarted, underWay)
}

// isOpen reports whether it is not decided yet what becomes of the call.
func (c *call) isOpen() bool {
	s := c.state.Load()
	return s == notStarted || s == underWay
}

// notStarted returns the result of a call whose handler was not called, or nil if
// its attempt is void and transcript.Next has it made again, unless another worker
// was first.
func (b *batch) notStarted(c *call) *transcript.Result {
	if b.ctx.Err() != nil {
		return nil
	}
	const why = "it was not started: its time was over, as the worker stood still or the store was slow"
	b.agent.log.LogAttrs(b.ctx, slog.LevelWarn, "tool call not started",
		slog.String("session", c.work.Session), slog.String("ref", c.work.Ref.String()), slog.String("tool", c.work.Call.Tool),
		slog.Duration("intent_age", b.agent.cfg.Now().Sub(c.intended)))
	switch {
	case c.work.AttemptsSinceResume+1 < maxTries:
		return nil
	case c.work.InDoubt: // not this attempt, and perhaps one before
		return inDoubt(c.work, why)
	}
	return failed(c.work, why)
}

// void says that an attempt was never begun, though its intent is stored.
func void(ref transcript.Ref, attempt int) *transcript.Intent {
	return &transcript.Intent{Ref: ref, Attempt: attempt, Void: true}
}
