package funcall

import (
	"context"
	"slices"
	"time"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// early runs read-only calls of a turn that the model is still writing. They
// count only if the turn turns out to be complete and holds the very same calls
// in the same places; otherwise nobody hears of them. A nil early does nothing.
type early struct {
	agent    *Agent
	ctx      context.Context
	turn     turn
	left     int                 // how many tool calls the run may still run
	until    time.Time           // when the run's active time is over; zero for no bound
	made     []provider.ToolCall // the calls that are complete, each once
	verdicts []transcript.Call   // on made
	barrier  bool                // a call that is not read-only came: what follows waits for it
	asked    rules
	batch    *batch // nil until a call has begun
}

// newEarly returns nil where nothing can begin early.
func (a *Agent) newEarly(ctx context.Context, act transcript.Action, streamed bool) *early {
	if !streamed || act.ToolsOff || a.cfg.DisableEarlyStart || len(a.tools) == 0 {
		return nil
	}
	e := &early{agent: a, ctx: ctx, turn: turnOf(&act), left: act.CallsLeft}
	if act.TimeLeft > 0 {
		e.until = time.Now().Add(act.TimeLeft)
	}
	return e
}

// complete takes note of a call of which nothing more will come.
func (e *early) complete(c provider.ToolCall) {
	if e == nil || len(e.made) == maxCalls || slices.ContainsFunc(e.made, func(o provider.ToolCall) bool { return repeats(o, c) }) {
		return
	}
	at := len(e.made)
	v := e.agent.verdict(e.ctx, e.turn, &e.asked, at, c)
	e.made, e.verdicts = append(e.made, c), append(e.verdicts, v)
	e.barrier = e.barrier || v.Refusal == "" && v.Class != transcript.ClassReadOnly
	if e.barrier || v.Refusal != "" || v.ApprovalReason != "" || at >= e.left || e.agent.tools[v.Tool].notEarly {
		return
	}
	if e.batch == nil {
		e.batch = e.agent.newBatch(e.ctx, e.agent.cfg.MaxParallel)
		e.batch.deadline = e.until
	}
	if b := e.batch; b.open < cap(b.ended) {
		begun := &call{work: e.work(at, v), tool: e.agent.tools[v.Tool]}
		b.calls = append(b.calls, begun)
		b.begin(begun)
	}
}

// work is what Next will make of call number i, if its turn becomes the next entry.
func (e *early) work(i int, c transcript.Call) transcript.Work {
	ref := transcript.Ref{Entry: e.turn.entry, Index: i}
	return transcript.Work{Session: e.turn.session, Ref: ref, Call: c, Key: transcript.Key(e.turn.session, ref), Subject: e.turn.subject, Attempt: 1}
}

// rules are what the turn's rules were asked so far.
func (e *early) rules() *rules {
	if e == nil {
		return new(rules)
	}
	return &e.asked
}

// verdict returns the verdict on call number i of the turn, where it is known
// already.
func (e *early) verdict(i int, c provider.ToolCall) (transcript.Call, bool) {
	if e == nil || i >= len(e.made) || e.made[i].Name != c.Name || e.made[i].Args != c.Args {
		return transcript.Call{}, false
	}
	v := e.verdicts[i]
	v.ID = c.ID
	return v, true
}

// adopt hands the calls over that are to be done now, and drops the others. It
// returns nil where none has begun.
func (e *early) adopt(work []transcript.Work) *batch {
	if e == nil || e.batch == nil {
		return nil
	}
	b := e.batch
	e.batch = nil
	b.calls = slices.DeleteFunc(b.calls, func(c *call) bool {
		wanted := slices.ContainsFunc(work, func(w transcript.Work) bool { return isSame(&c.work, &w) })
		if !wanted {
			b.drop(c)
		}
		return !wanted
	})
	return b
}

// isSame reports whether what was begun is what is to be done: the tool was
// told its place, and given its arguments.
func isSame(begun, w *transcript.Work) bool {
	return begun.Ref == w.Ref && begun.Attempt == w.Attempt && w.Decision == nil &&
		begun.Call.Digest == w.Call.Digest && begun.Call.Args == w.Call.Args
}

// drop leaves what nobody adopted, and returns when none of it is running.
func (e *early) drop() {
	b := e.adopt(nil)
	if b == nil {
		return
	}
	b.cancel()
	b.run()
}
