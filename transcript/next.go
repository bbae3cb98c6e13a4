package transcript

import (
	"cmp"
	"fmt"
	"time"

	"github.com/funcall/funcall/internal/text/wording"
	"github.com/funcall/funcall/provider"
)

// Next returns the next action. It depends on the transcript alone. To follow a transcript as
// it grows, use a [Tracker], which does not read the transcript again at each step. If an
// entry needs a newer version, Next returns ActionNone; see [Tracker.Err].
func Next(t Transcript) Action { return Track(t).Next() }

// An ActionKind says what an Action asks for.
type ActionKind string

const (
	ActionNone      ActionKind = "rest"      // do nothing: no run is open, or Tracker.Err is not nil
	ActionModel     ActionKind = "model"     // make one model call
	ActionTools     ActionKind = "tools"     // run Action.Calls: read-only calls in parallel, or one other call
	ActionReconcile ActionKind = "reconcile" // ask the backend for the outcome of Action.Calls[0]
	ActionWait      ActionKind = "wait"      // wait for decisions on Action.Calls
)

// An Action is the next thing to do in a run. Append Before first, in one append with earlier
// entries that are not written yet. Then do what Kind says, and append the entries that
// result.
type Action struct {
	Before []Body
	Kind   ActionKind
	Calls  []Work
	// ToolsOff means that the run has reached Limit: the model is to close the run, and must
	// not call tools.
	ToolsOff bool
	Limit    string
	// Session and Subject are the run's. Entry is the position at which the Output will stand,
	// if no Attempt is appended before it.
	Session, Subject string
	Entry            int
	// CallsLeft is the number of tool calls that the run may still run.
	CallsLeft int
	// TimeLeft is the active time that the run has left; 0 means no bound. If it runs out
	// during the action, ClosingText is the run's answer.
	TimeLeft    time.Duration
	ClosingText string
	// Setup, Steering and Settings are those of the run; see [Input]. They may be nil.
	Setup    *Setup
	Steering *Steering
	Settings *provider.Settings
	// Steps is the number of responses of the run so far.
	Steps int
	// OutputSchema describes the structured output that the model is to give. If it is nil,
	// any text does.
	OutputSchema *provider.OutputSchema
	// Fallbacks are those of the run's last Output.
	Fallbacks []string
	// LastUsage is that of the conversation's last Output that has one, or nil. It counts the
	// first LastMessages of the messages: its request's, and its own.
	LastUsage    *provider.Usage
	LastMessages int
	// LastInput is the input of the run before, with the Setup of that run, if LastUsage is of
	// that run and this one has budgets. Otherwise it is nil.
	LastInput *Input
}

// lastInput returns Action.LastInput.
func (k *Tracker) lastInput() *Input {
	if k.lastUsage == nil || k.inputs < 2 || k.in.Steering == nil || len(k.in.Steering.Budgets) == 0 {
		return nil
	}
	for _, m := range k.marks[k.inputs:] {
		if m.out != nil && m.out.Usage.WithoutTools() != (provider.Usage{}) {
			return nil // it is of this run
		}
	}
	before := k.marks[:k.inputs-1]
	in := *before[len(before)-1].in
	for i := len(before) - 1; i >= 0 && in.Setup == nil; i-- {
		in.Setup = before[i].in.Setup
	}
	return &in
}

// Tools returns the names of the tools that the run may call, or nil for all of the agent.
func (a *Action) Tools() []string {
	if a.Steering != nil && a.Steering.Tools != nil {
		return a.Steering.Tools
	}
	if a.Setup != nil {
		return a.Setup.Tools
	}
	return nil
}

// ToolChoice returns the choice for the model call of the action.
func (a *Action) ToolChoice() provider.ToolChoice {
	if a.Steering == nil {
		return provider.ToolChoice{}
	}
	return a.Steering.ToolChoice.at(a.Steps)
}

// Work is a tool call of an [Action]: to run, to reconcile or to decide, by Action.Kind. It
// can be sent to another machine, which needs no transcript.
type Work struct {
	Session string `json:"session"`
	Ref     Ref    `json:"ref"`
	Call    Call   `json:"call"`
	// Key is the idempotency key: session ID plus call position. It is stable across attempts
	// and unique per call, and no part of it comes from the model. A call that repeats an
	// in-doubt call (same tool, same arguments) reuses that call's key.
	Key     string `json:"key"`
	Subject string `json:"subject,omitempty"`
	// Attempt is the number of the next attempt, from 1.
	Attempt int `json:"attempt"`
	// InDoubt means that the effect may have happened already under this key, by an earlier
	// attempt or by the in-doubt call that this call repeats. StartedAt is when the last
	// attempt started; it is zero if there was none.
	InDoubt   bool      `json:"doubtful,omitempty"`
	StartedAt time.Time `json:"begun,omitzero"`
	// AttemptsSinceResume counts the attempts since the run was last resumed. Retries are
	// bounded by it, so attempts that a crash ended do not use up the bound.
	AttemptsSinceResume int `json:"tries,omitempty"`
	// Decision is the approval of the call, or nil if it needed none.
	Decision *Decision `json:"decision,omitempty"`
}

// What the model is told of calls that did not run.
const (
	textTruncated   = "Not done: the response was cut off, so the call may be incomplete."
	textToolsOff    = "Not done: no more tools can be called in this run."
	textLimit       = "Not done: this run has reached its limit (%s)."
	textEnded       = "Not done: the run ended with the call of %s."
	textAwaiting    = "Not done yet: the call awaits a person's approval. Do not call it again; say that it is waiting."
	textDenied      = "A person declined this call."
	textExpired     = "Not done: nobody decided on this call in time."
	textInterrupted = "Not known: the run was interrupted before the call was answered. It changed nothing and may be called again."
	textNotStarted  = "Not done: the run was interrupted before the call was begun."
)

// textAskInDoubt is the reason for the approval of a call that repeats an in-doubt call. It is
// part of [Pending.Digest]: if it changes, stored decisions become stale.
const textAskInDoubt = "call %s of the same tool, with the same arguments, may have been done already"

// Next returns the next action.
func (k *Tracker) Next() Action {
	l := k.look()
	switch l.run {
	case runNone, runEnded:
		return Action{Kind: ActionNone}
	case runReconcile:
		return Action{Kind: ActionReconcile, Calls: []Work{k.work(l.reconcile)}, TimeLeft: k.timeLeft()}
	}
	before := k.answers(l)
	switch l.run {
	case runCalls:
		calls := k.batch(l)
		if w := calls[0]; w.Call.Class != ClassReadOnly {
			before = append(before, &Intent{Ref: w.Ref, Attempt: w.Attempt})
		}
		return Action{Before: before, Kind: ActionTools, Calls: calls, TimeLeft: k.timeLeft()}
	case runAwaiting:
		return Action{Before: before, Kind: ActionWait, Calls: k.awaiting(l)}
	case runClosing:
		end := *l.end
		return Action{Before: append(before, &end), Kind: ActionNone}
	}
	return k.model(before)
}

// answers returns the results of the calls that get one without being run.
func (k *Tracker) answers(l *look) (answers []Body) {
	for s := range k.calls {
		state := s.state
		if k.isLast(s.ref) {
			state = l.due(s)
		}
		if s.result == nil && state.settled() {
			answers = append(answers, k.answer(s, state))
		}
	}
	return answers
}

// awaiting returns the calls that await approval.
func (k *Tracker) awaiting(l *look) (calls []Work) {
	for i := range k.slots {
		if s := &k.slots[i]; l.due(s) == callAwaiting {
			calls = append(calls, k.work(s))
		}
	}
	return calls
}

// batch returns the calls to run next: the ready read-only calls up to the first call that
// must run alone, or that call.
func (k *Tracker) batch(l *look) []Work {
	var batch []Work
	for i := range k.slots {
		s := &k.slots[i]
		if state := l.due(s); state != callReady && state != callStarted {
			continue
		}
		alone := s.call.Class != ClassReadOnly
		if alone && batch != nil {
			break
		}
		if batch == nil {
			batch = make([]Work, 0, len(k.slots)-i)
		}
		if batch = append(batch, k.work(s)); alone {
			break
		}
	}
	// If Limits.Calls allows fewer, the others are skipped by the next action.
	return batch[:min(len(batch), k.in.Limits.Calls-k.ranCalls)]
}

func (k *Tracker) work(s *slot) Work {
	w := Work{
		Session: k.t.ID, Ref: s.ref, Call: *s.call, Key: k.key(s),
		Subject: k.in.Subject, Attempt: s.attempts + 1, Decision: s.decision,
		InDoubt: s.begun > 0 || k.doubtOf(s) != nil, StartedAt: s.begunAt, AttemptsSinceResume: int(s.sinceResume),
	}
	w.Call.Args = s.args()
	if why := k.approvalReason(s); why != "" && s.decision == nil {
		w.Call.ApprovalReason = why
	}
	return w
}

// Key returns the idempotency key that the position of a call gives: session ID plus ref. A
// call that repeats an in-doubt call has that call's key instead. The key that a tool is given
// is [Work].Key.
func Key(session string, ref Ref) string { return session + "/" + ref.String() }

// answer returns the result of a call in that state, which is not run.
func (k *Tracker) answer(s *slot, state callState) *Result {
	r := &Result{Ref: s.ref}
	text := ""
	switch state {
	case callRefused:
		r.Status, text = StatusRefused, s.call.Refusal
	case callOutput:
		r.Status, text = StatusOK, s.call.Args
	case callInDoubt:
		r.Status, text = StatusInDoubt, wording.InDoubt
	case callInterrupted:
		r.Status, text = StatusInterrupted, textNotStarted
		if s.call.Class == ClassReadOnly {
			text = textInterrupted
		}
	case callResponded:
		r.Status, text = StatusOK, s.decision.Text
	case callDenied:
		r.Status, text = StatusDenied, cmp.Or(s.decision.Text, textDenied)
	case callExpired:
		r.Status, text = StatusDenied, textExpired
	case callSkipped:
		r.Status, text = StatusSkipped, k.stopText()
	}
	r.Content = []provider.Part{provider.Text{Text: text}}
	return r
}

// stopText returns what the model is told of a call of the last output that is skipped.
func (k *Tracker) stopText() string {
	switch {
	case !k.out.Finish.Complete():
		return textTruncated
	case k.out.ToolsOff:
		return textToolsOff
	case k.ender != nil:
		return fmt.Sprintf(textEnded, k.ender.call.Tool)
	}
	return fmt.Sprintf(textLimit, k.seen.limit)
}

// ending returns the End that is due once every call of the last output has a result, or nil
// if a model call is due.
func (k *Tracker) ending() *End {
	if k.out != nil {
		if end := k.endOf(k.out); end != nil {
			return end
		}
	}
	if why := k.hardLimit(); why != "" { // a closing model call would break the limit too
		return &End{Outcome: OutcomeLimit, Reason: why, ClosingText: k.closingText()}
	}
	return nil
}

// endOf returns the End of the run if out, its last output, ends it, or nil.
func (k *Tracker) endOf(out *Output) *End {
	closing := "" // if the closing model call returned no text
	if out.ToolsOff && out.Message.Text() == "" {
		closing = k.closingText()
	}
	switch {
	case !out.Finish.Complete():
		return &End{Outcome: OutcomeTruncated, Reason: string(out.Finish), ClosingText: closing}
	case k.ender != nil:
		end := &End{Outcome: k.ender.call.EndsWith, Reason: "called " + k.ender.call.Tool}
		if out.Message.Text() == "" {
			end.ClosingText = k.ender.resultText()
		}
		return end
	case out.StructuredText != "":
		return &End{Outcome: OutcomeDone}
	case out.ToolsOff:
		return &End{Outcome: OutcomeLimit, Reason: k.closingLimit, ClosingText: closing}
	case len(k.slots) == 0 && out.Refusal == "":
		return &End{Outcome: OutcomeDone}
	}
	return nil
}

// model returns the action of a model call, without tools if a limit is reached.
func (k *Tracker) model(before []Body) Action {
	why := k.limit(k.refusedTurns())
	var fallback []string
	if k.out != nil {
		fallback = k.out.Fallbacks
	}
	return Action{
		Before: before, Kind: ActionModel, Fallbacks: fallback, ToolsOff: why != "", Limit: why, TimeLeft: k.timeLeft(), ClosingText: k.closingText(), Settings: k.in.Settings, OutputSchema: k.in.OutputSchema,
		Session: k.t.ID, Subject: k.in.Subject, Entry: len(k.t.Entries) + len(before), CallsLeft: max(0, k.in.Limits.Calls-k.ranCalls),
		Setup: k.setup, Steering: k.in.Steering, Steps: k.steps,
		LastUsage: k.lastUsage, LastMessages: int(k.lastMessages), LastInput: k.lastInput(),
	}
}
