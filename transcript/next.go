package transcript

import (
	"fmt"
	"time"

	"github.com/funcall/funcall/internal/text/wording"
	"github.com/funcall/funcall/provider"
)

// Next says what is to be done: it is a function of the transcript alone. To
// follow a transcript as it grows, use a [Tracker], which does not start over.
func Next(t Transcript) Action { return Track(t).Next() }

// ActionKind says what an Action is.
type ActionKind string

const (
	ActionRest      ActionKind = "rest"      // nothing: no run is open
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
	// stand.
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
	switch {
	case k.in == nil || k.end != nil:
		return Action{Kind: ActionRest}
	case k.out == nil:
		return k.model(nil)
	}
	p := newPlan(k)
	if act, decided := p.calls(); decided {
		return act
	}
	// Every call of the turn is answered, or will be by p.before.
	closing := "" // what is said where the closing call brought no text
	if k.out.ToolsOff && k.out.Message.Text() == "" {
		closing = k.words()
	}
	switch {
	case !k.out.Finish.Complete():
		return p.end(OutcomeTruncated, string(k.out.Finish), closing)
	case p.ender != nil:
		words := ""
		if k.out.Message.Text() == "" {
			words = p.ender.said()
		}
		return p.end(p.ender.call.EndsWith, "called "+p.ender.call.Tool, words)
	case k.out.StructuredText != "":
		return p.end(OutcomeDone, "", "")
	case k.out.ToolsOff:
		return p.end(OutcomeLimit, k.closing, closing)
	case len(k.slots) == 0 && k.out.Refusal == "":
		return p.end(OutcomeDone, "", "")
	}
	return k.model(p.before)
}

// plan is what one look at the calls of the last output comes to.
type plan struct {
	*Tracker
	ender  *slot  // the call that ended the run
	stop   string // why no further call of the turn is run, or ""
	before []Body // answers for which nothing has to be done
	ready  []Work
	wait   []Work
}

func newPlan(k *Tracker) *plan {
	p := &plan{Tracker: k}
	if k.out != nil {
		p.ender = k.ender()
		p.stop = k.stopped(p.ender)
	}
	return p
}

// calls goes through the calls of the last output, in their order.
func (p *plan) calls() (Action, bool) {
	if why := p.callLimit(); why != "" && p.stop == "" {
		p.stop = fmt.Sprintf(textLimit, why)
	}
	open := true // no call that runs alone has claimed the batch
	for i := range p.slots {
		s := &p.slots[i]
		state := p.state(s, p.stop)
		again := state == callStarted && s.call.Class == ClassIdempotent
		switch {
		case state == callAnswered:
		case state == callStarted && !again:
			return Action{Kind: ActionReconcile, Calls: []Work{p.work(i)}, TimeLeft: p.left()}, true
		case again && p.stop != "": // no longer to be repeated
			p.answer(i, StatusInDoubt, wording.InDoubt)
		case state == callAwaiting:
			p.wait = append(p.wait, p.work(i))
		case state != callReady && !again:
			status, text := s.settled(state, p.stop)
			p.answer(i, status, text)
		case !open:
		case s.call.Class == ClassReadOnly:
			p.add(i)
		default: // runs alone, after the read-only calls ahead of it
			if open = false; len(p.ready) == 0 {
				p.add(i)
			}
		}
	}
	// Where fewer calls are left than are ready, stop sees to the others once
	// these have run.
	p.ready = p.ready[:min(len(p.ready), max(0, p.in.Limits.Calls-p.ranCalls))]
	switch {
	case len(p.ready) > 0:
		if w := p.ready[0]; w.Call.Class != ClassReadOnly {
			p.before = append(p.before, &Intent{Ref: w.Ref, Attempt: w.Attempt})
		}
		return Action{Before: p.before, Kind: ActionTools, Calls: p.ready, TimeLeft: p.left()}, true
	case len(p.wait) > 0:
		return Action{Before: p.before, Kind: ActionWait, Calls: p.wait}, true
	}
	return Action{}, false
}

// callLimit is the limit that forbids to run a call, or nothing. Steps and
// refusals bound calls of the model, and not the tool calls that a turn made.
func (k *Tracker) callLimit() string {
	why := k.hardLimit()
	if why == "" && k.ranCalls >= k.in.Limits.Calls {
		why = LimitCalls
	}
	return why
}

// add adds a call to those that are ready.
func (p *plan) add(i int) {
	if p.ready == nil {
		p.ready = make([]Work, 0, len(p.slots)-i)
	}
	p.ready = append(p.ready, p.work(i))
}

func (p *plan) work(i int) Work {
	s := &p.slots[i]
	ref := Ref{p.outAt, i}
	w := Work{
		Session: p.t.ID, Ref: ref, Call: *s.call, Key: p.key(ref, s),
		Subject: p.in.Subject, Attempt: s.attempts + 1, Decision: s.decision,
		InDoubt: s.begun > 0 || p.doubtOf(s) != nil, StartedAt: s.begunAt, AttemptsSinceResume: s.tries,
	}
	if w.Call.Args = s.args(); p.waits(s) {
		w.Call.ApprovalReason = p.asks(s)
	}
	return w
}

// Key is the idempotency key of the call at ref in a session.
func Key(session string, ref Ref) string { return session + "/" + ref.String() }

func (p *plan) answer(i int, status Status, text string) {
	p.before = append(p.before, &Result{
		Ref: Ref{p.outAt, i}, Status: status, Content: []provider.Part{provider.Text{Text: text}},
	})
}

func (p *plan) end(o Outcome, why, words string) Action {
	return Action{Before: append(p.before, &End{Outcome: o, Reason: why, ClosingText: words}), Kind: ActionRest}
}

// Names of limits, as End.Reason has them.
const (
	LimitSteps       = "steps"
	LimitCalls       = "calls"
	LimitRefusals    = "refusals"
	LimitTokens      = "tokens"
	LimitActiveTime  = "active time"
	LimitCost        = "cost"
	LimitUnknownCost = "a turn of unknown cost" // with a limit of cost
)

// model asks the model, or closes the run where a limit forbids that.
func (k *Tracker) model(before []Body) Action {
	why := k.limit(k.refusedTurns())
	if k.hardLimit() != "" { // one more call would break the limit itself
		return Action{Before: append(before, &End{Outcome: OutcomeLimit, Reason: why, ClosingText: k.words()}), Kind: ActionRest}
	}
	return Action{
		Before: before, Kind: ActionModel, ToolsOff: why != "", Limit: why, TimeLeft: k.left(), ClosingText: k.words(), Settings: k.in.Settings, OutputSchema: k.in.OutputSchema,
		Session: k.t.ID, Subject: k.in.Subject, Entry: len(k.t.Entries) + len(before), CallsLeft: max(0, k.in.Limits.Calls-k.ranCalls),
	}
}

func (k *Tracker) limit(refusals int) string {
	l := k.in.Limits
	switch hard := k.hardLimit(); {
	case hard != "":
		return hard
	case k.steps >= l.Steps:
		return LimitSteps
	case k.ranCalls >= l.Calls:
		return LimitCalls
	case refusals >= l.Refusals:
		return LimitRefusals
	}
	return ""
}

// hardLimit is a limit that one more call of anything would break.
func (k *Tracker) hardLimit() string {
	l := k.in.Limits
	switch {
	case l.Tokens > 0 && k.usage.Total() >= l.Tokens:
		return LimitTokens
	case l.ActiveTime > 0 && k.active >= l.ActiveTime:
		return LimitActiveTime
	case l.Cost > 0 && k.cost.Amount >= l.Cost:
		return LimitCost
	case l.Cost > 0 && k.cost.UnknownCalls > 0:
		return LimitUnknownCost
	}
	return ""
}

func (k *Tracker) left() time.Duration {
	if k.in.Limits.ActiveTime <= 0 {
		return 0
	}
	return max(k.in.Limits.ActiveTime-k.active, 1)
}

func (k *Tracker) words() string {
	if w := k.in.Limits.ClosingText; w != "" {
		return w
	}
	return wording.AtLimit
}
