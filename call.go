package funcall

import (
	"context"
	"log/slog"
	"time"

	"github.com/funcall/funcall/internal/agent/runlog"
	"github.com/funcall/funcall/internal/agent/toolresult"
	"github.com/funcall/funcall/internal/exec"
	"github.com/funcall/funcall/transcript"
)

// CallInfo describes the call that a tool runs for.
type CallInfo struct {
	Session string
	Ref     transcript.Ref // the call's place in the transcript
	Attempt int            // number of this start of the call, from 1
	Retry   int            // number of this retry within the attempt, from 0; see [Retry]
	// Key is the idempotency key: session ID plus call position. It is stable across attempts
	// and restarts, and unique per call. A call that repeats an in-doubt call (same tool, same
	// arguments) reuses that call's key. Pass it to the backend. A store in memory is empty in
	// the next process, whose sessions have the same keys again: a backend that keeps keys needs
	// a store that keeps sessions.
	Key string
	// Subject is whom the run acts for; see [Subject].
	Subject string
	// Approved reports whether a person approved the call, as it was or with other arguments;
	// see [RequireApproval].
	Approved bool
}

type callKey struct{}

// CallFrom returns the call that a tool's context belongs to. For any other context it returns
// the zero CallInfo.
func CallFrom(ctx context.Context) CallInfo {
	c, _ := ctx.Value(callKey{}).(*call)
	if c == nil {
		return CallInfo{}
	}
	w := c.work
	return CallInfo{Session: w.Session, Ref: w.Ref, Attempt: w.Attempt, Retry: c.Retry(), Key: w.Key, Subject: w.Subject, Approved: w.Decision != nil}
}

// A call is code of a tool that runs for a tool call: its handler, its reconciler or
// its approval rule. It is the context that the code is given; CallFrom finds it there.
type call struct {
	exec.Job

	agent   *Agent
	work    *transcript.Work // the action's, or its own
	tool    *tool
	purpose purpose
	begun   bool
	dropped bool              // its result is not wanted any more
	out     toolresult.Ending // of the code; see exec.Job.Outcome for when it may be read

	result *transcript.Result // nil until the call is settled
}

// A purpose is what a call's code runs for.
type purpose uint8

const (
	toRun       purpose = iota
	toReconcile         // it asks for the outcome of the call
	toApprove           // it asks whether a person has to decide
)

// Handle runs the code. Another attempt is made for a failure that says nothing else.
func (c *call) Handle(context.Context) (again bool) {
	c.out.Begin()
	return c.out.Take(c.code()(c, c.work.Call.Args))
}

// MayStart reports whether an effect may start: the worker still has the session; see
// [exec.Starter].
func (c *call) MayStart(ctx context.Context) bool {
	return c.agent.leases.MayStart(ctx, c.work.Session)
}

// code returns what the call runs.
func (c *call) code() toolCode {
	switch c.purpose {
	case toReconcile:
		return c.tool.reconcile
	case toApprove:
		return c.tool.asks
	}
	return c.tool.code
}

// Value finds the call itself, for CallFrom.
func (c *call) Value(key any) any {
	if key == (callKey{}) {
		return c
	}
	return c.Job.Value(key)
}

// ending returns what code that has ended came to.
func (c *call) ending() *toolresult.Ending {
	if c.Panic != nil {
		c.out.Panicked(c.Panic.Text)
	}
	return &c.out
}

// judge returns the result of the call.
func (c *call) judge() (r *transcript.Result) {
	if c.State == exec.Abandoned {
		r = toolresult.Abandoned(*c.work, c.Duration)
	} else {
		r = c.ending().Result(*c.work, c.tool.maxResult, c.TimedOut)
	}
	r.Duration = c.Duration
	return r
}

// log logs the call, which has its result.
func (c *call) log(ctx context.Context) {
	abandoned, stack := 0, []byte(nil)
	if c.State == exec.Abandoned {
		abandoned = max(1, c.agent.AbandonedCalls()) // it may have returned since
	}
	if c.Panic != nil {
		stack = c.Panic.Stack
	}
	runlog.ToolCall(ctx, c.agent.log, c.work, c.result, c.purpose == toReconcile, abandoned, stack)
}

// Retried logs that the call failed and is retried; see [exec.Handler].
func (c *call) Retried() {
	runlog.Warn(c, c.agent.log, c.work, "tool call is retried", slog.Int("retry", c.Retry()+1), slog.String("error", c.out.Err))
}

// Late logs that the call returned after it had been abandoned; see [exec.Handler].
func (c *call) Late(took time.Duration) {
	what := "tool call"
	if c.purpose == toApprove {
		what = "approval rule"
	}
	runlog.Warn(c, c.agent.log, c.work, "abandoned "+what+" returned", runlog.Duration(took), slog.Int("abandoned", c.agent.AbandonedCalls()))
}
