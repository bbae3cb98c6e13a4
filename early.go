package funcall

import (
	"context"
	"slices"
	"time"

	"github.com/funcall/funcall/internal/agent/callids"
	"github.com/funcall/funcall/internal/agent/storable"
	"github.com/funcall/funcall/internal/exec"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// early runs read-only calls of a turn that the model is still writing. They
// count only if the turn turns out to be complete and has the same calls in the same
// places; otherwise they are dropped. A nil early does nothing.
type early struct {
	agent   *Agent
	ctx     context.Context
	jobs    *exec.Crew
	turn    turn
	left    int          // how many tool calls the run may still run
	until   time.Time    // when the run's active time is over; zero for no bound
	written []*earlyCall // the calls that are complete, each once
	barrier bool         // a call that is not read-only came: what follows waits for it
	asked   rules
	batch   *batch // nil until a call has begun
}

// An earlyCall is a call whose turn is not complete.
type earlyCall struct {
	call
	own     transcript.Work   // the call's
	written provider.ToolCall // by the model
	stands  bool              // the turn has the name and the arguments in its place; see verdict
}

// newEarly returns nil where nothing can begin early.
func (a *Agent) newEarly(ctx context.Context, jobs *exec.Crew, act *transcript.Action, streamed bool) *early {
	if !streamed || act.ToolsOff || act.ToolChoice().Mode == provider.ToolsNone || a.cfg.DisableEarlyStart || len(a.tools) == 0 {
		return nil
	}
	return &early{agent: a, ctx: ctx, jobs: jobs, turn: turnOf(act), left: act.CallsLeft, until: exec.After(act.TimeLeft)}
}

// complete takes note of a call of which nothing more will come.
func (e *early) complete(c provider.ToolCall) {
	if e == nil || len(e.written) == storable.MaxCalls || slices.ContainsFunc(e.written, func(o *earlyCall) bool { return callids.Repeats(o.written, c) }) {
		return
	}
	at := len(e.written)
	v := e.agent.verdict(e.ctx, e.turn, &e.asked, at, c)
	w := &earlyCall{call: call{agent: e.agent}, own: e.work(at, v), written: c}
	w.work = &w.own
	e.written = append(e.written, w)
	e.barrier = e.barrier || v.Refusal == "" && v.Class != transcript.ClassReadOnly
	if e.barrier || v.Refusal != "" || v.ApprovalReason != "" || at >= e.left || e.agent.tools[v.Tool].noEarlyStart {
		return
	}
	if e.batch == nil {
		e.batch = e.agent.newBatch(e.ctx, e.jobs, e.agent.cfg.MaxParallel)
		e.batch.jobs.Deadline = e.until
	}
	if b := e.batch; !b.jobs.Full() {
		w.tool = e.agent.tools[v.Tool]
		b.begin(&w.call)
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

// verdict returns the verdict on call number i of the complete turn, if it is the
// call that was written there.
func (e *early) verdict(i int, c provider.ToolCall) (transcript.Call, bool) {
	if e == nil || i >= len(e.written) || e.written[i].written.Name != c.Name || e.written[i].written.Args != c.Args {
		return transcript.Call{}, false
	}
	e.written[i].stands = true
	v := e.written[i].work.Call
	v.ID = c.ID
	return v, true
}

// adopt hands over the calls that have begun, and drops those that the turn does not
// have. It returns nil if none has begun.
func (e *early) adopt() *batch {
	if e == nil || e.batch == nil {
		return nil
	}
	b := e.batch
	e.batch, b.calls = nil, make([]*call, 0, len(e.written))
	for _, w := range e.written {
		switch {
		case !w.begun:
		case w.stands:
			b.calls = append(b.calls, &w.call)
		default:
			b.drop(&w.call)
		}
	}
	return b
}

// drop leaves what was not adopted, and returns when none of it is running.
func (e *early) drop() {
	b := e.adopt()
	if b == nil {
		return
	}
	b.fill(nil)
	b.run()
	b.jobs.End()
}
