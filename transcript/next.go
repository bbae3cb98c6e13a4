package transcript

import (
	"cmp"
	"fmt"
	"time"

	"github.com/funcall/funcall/internal/text/wording"
	"github.com/funcall/funcall/provider"
)

// Next says what is to be done: it is a function of the transcript alone. To
// follow a transcript as it grows, use a [Tracker], which does not start over.
// If an entry needs a newer version, there is nothing to do; see [Tracker.Err].
func Next(t Transcript) Action { return Track(t).Next() }

// ActionKind says what an Action is.
type ActionKind string

const (
	ActionRest      ActionKind = "rest"      // nothing: no run is open, or the program is too old (Tracker.Err)
	ActionModel     ActionKind = "model"     // one call of the model
	ActionTools     ActionKind = "tools"     // the calls of Action.Calls: any number of read-only ones, or one other
	ActionReconcile ActionKind = "reconcile" // ask the backend what became of Action.Calls[0]
	ActionWait      ActionKind = "wait"      // people decide on Action.Calls
)

// An Action is the next thing to do. Append Before, in one go with whatever
// was not yet written; then do Kind, and append what came of it.
type Action struct {
	Before []Body
	Kind   ActionKind
	Calls  []Work
	// ToolsOff says that the model must not call tools: it is to close the run, as
	// Limit is reached.
	ToolsOff bool
	Limit    string
	// Session and Subject are the run's, and Entry is where the model's turn will
	// stand, unless attempts stand ahead of it.
	Session, Subject string
	Entry            int
	// CallsLeft is how many tool calls the run may still run.
	CallsLeft int
	// Left is the active time that the run has left; 0 means no bound. Where
	// it runs out on the way, Words close the run.
	TimeLeft    time.Duration
	ClosingText string
	// Settings are the run's own generation settings, nil for none.
	Settings *provider.Settings
	// Answer describes the answer that the model is to give, nil for any text.
	OutputSchema *provider.OutputSchema
	// Fallback is what the run fell back to; see [Output].
	Fallback []string
}

// Work is one call to run. It is self-contained: another machine can do it
// without the transcript.
type Work struct {
	Session string `json:"session"`
	Ref     Ref    `json:"ref"`
	Call    Call   `json:"call"`
	// Key is the idempotency key: the session and the place of the call, so
	// the same on every attempt, and nothing that a model made up. Where an
	// earlier call of the same tool with the same arguments is in doubt, it is
	// that one's.
	Key     string `json:"key"`
	Subject string `json:"subject,omitempty"`
	Attempt int    `json:"attempt"`
	// Doubtful says that it may have been done before, under the same key: by an
	// attempt, or an earlier call, of which nobody knows the end. Begun is when
	// the last attempt began.
	InDoubt   bool      `json:"doubtful,omitempty"`
	StartedAt time.Time `json:"begun,omitzero"`
	// Tries is how often it was begun since the run was taken up last: crashes
	// are nothing that the call is to blame for.
	AttemptsSinceResume int `json:"tries,omitempty"`
	// Decision is the person's word on the call, nil where none was needed.
	Decision *Decision `json:"decision,omitempty"`
}

// The words that stand in for results of calls that were not made.
const (
	textCut         = "Not done: the response was cut off, so the call may be incomplete."
	textToolsOff    = "Not done: no more tools can be called in this run."
	textLimit       = "Not done: this run has reached its limit (%s)."
	textEnded       = "Not done: the run ended with the call of %s."
	textAwaiting    = "Not done yet: the call awaits a person's approval. Do not call it again; say that it is waiting."
	textDenied      = "A person declined this call."
	textExpired     = "Not done: nobody decided on this call in time."
	textInterrupted = "Not known: the run was interrupted before the call was answered. It changed nothing and may be called again."
	textNotBegun    = "Not done: the run was interrupted before the call was begun."
)

// textAskInDoubt is why a person has to decide on a call of which nobody else
// can tell whether it is one too many.
const textAskInDoubt = "call %s of the same tool, with the same arguments, may have been done already"

// Next says what is to be done now.
func (k *Tracker) Next() Action {
	l := k.look()
	switch l.run {
	case runNone, runEnded:
		return Action{Kind: ActionRest}
	case runReconcile:
		return Action{Kind: ActionReconcile, Calls: []Work{k.work(l.begun)}, TimeLeft: k.left()}
	}
	before := k.answers(l)
	switch l.run {
	case runCalls:
		calls := k.batch(l)
		if w := calls[0]; w.Call.Class != ClassReadOnly {
			before = append(before, &Intent{Ref: w.Ref, Attempt: w.Attempt})
		}
		return Action{Before: before, Kind: ActionTools, Calls: calls, TimeLeft: k.left()}
	case runAwaiting:
		return Action{Before: before, Kind: ActionWait, Calls: k.awaiting(l)}
	case runClosing:
		end := *l.end
		return Action{Before: append(before, &end), Kind: ActionRest}
	}
	return k.model(before)
}

// answers returns the answers to the calls that get theirs without being run.
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

// batch returns the calls to run next: read-only calls side by side, up to the first
// call that runs alone, or that one.
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
	// If fewer calls are left than are ready, the limit skips the others afterwards.
	return batch[:min(len(batch), k.in.Limits.Calls-k.ranCalls)]
}

func (k *Tracker) work(s *slot) Work {
	w := Work{
		Session: k.t.ID, Ref: s.ref, Call: *s.call, Key: k.key(s),
		Subject: k.in.Subject, Attempt: s.attempts + 1, Decision: s.decision,
		InDoubt: s.begun > 0 || k.doubtOf(s) != nil, StartedAt: s.begunAt, AttemptsSinceResume: int(s.tries),
	}
	w.Call.Args = s.args()
	if why := k.approvalReason(s); why != "" && s.decision == nil {
		w.Call.ApprovalReason = why
	}
	return w
}

// Key is the idempotency key of the call at ref in a session.
func Key(session string, ref Ref) string { return session + "/" + ref.String() }

// answer returns the answer to a call that gets it without being run, as it is in that
// state.
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
		r.Status, text = StatusInterrupted, textNotBegun
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

// stopText says why no further call of the last output is run.
func (k *Tracker) stopText() string {
	switch {
	case !k.out.Finish.Complete():
		return textCut
	case k.out.ToolsOff:
		return textToolsOff
	case k.ender != nil:
		return fmt.Sprintf(textEnded, k.ender.call.Tool)
	}
	return fmt.Sprintf(textLimit, k.seen.limit)
}

// ending returns the End that is due once every call of the last output has its answer,
// nil if the model is to be called.
func (k *Tracker) ending() *End {
	if k.out != nil {
		if end := k.endOf(k.out); end != nil {
			return end
		}
	}
	if why := k.hardLimit(); why != "" { // one more call would break the limit itself
		return &End{Outcome: OutcomeLimit, Reason: why, ClosingText: k.words()}
	}
	return nil
}

// endOf returns the End of the run if out, its last output, ends it, or nil.
func (k *Tracker) endOf(out *Output) *End {
	closing := "" // what is said if the closing call brought no text
	if out.ToolsOff && out.Message.Text() == "" {
		closing = k.words()
	}
	switch {
	case !out.Finish.Complete():
		return &End{Outcome: OutcomeTruncated, Reason: string(out.Finish), ClosingText: closing}
	case k.ender != nil:
		end := &End{Outcome: k.ender.call.EndsWith, Reason: "called " + k.ender.call.Tool}
		if out.Message.Text() == "" {
			end.ClosingText = k.ender.said()
		}
		return end
	case out.StructuredText != "":
		return &End{Outcome: OutcomeDone}
	case out.ToolsOff:
		return &End{Outcome: OutcomeLimit, Reason: k.closing, ClosingText: closing}
	case len(k.slots) == 0 && out.Refusal == "":
		return &End{Outcome: OutcomeDone}
	}
	return nil
}

// model calls the model: to close the run without tools if a limit is reached.
func (k *Tracker) model(before []Body) Action {
	why := k.limit(k.refusedTurns())
	var fallback []string
	if k.out != nil {
		fallback = k.out.Fallback
	}
	return Action{
		Before: before, Kind: ActionModel, Fallback: fallback, ToolsOff: why != "", Limit: why, TimeLeft: k.left(), ClosingText: k.words(), Settings: k.in.Settings, OutputSchema: k.in.OutputSchema,
		Session: k.t.ID, Subject: k.in.Subject, Entry: len(k.t.Entries) + len(before), CallsLeft: max(0, k.in.Limits.Calls-k.ranCalls),
	}
}
