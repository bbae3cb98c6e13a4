package transcript

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/funcall/funcall/provider"
)

// A Tracker follows a transcript as it grows. It keeps the state that [Next] needs, so the
// cost of a step does not grow with the conversation. A Tracker must not be used by several
// goroutines at once.
type Tracker struct {
	t  Transcript
	at time.Time // of the last entry

	// The run that began with the last input.
	in           *Input
	inAt         int
	setup        *Setup // of the run
	end          *End
	out          *Output // its last output
	outAt        int
	failed       *Attempt // the last failed model call after out
	slots        []slot   // the calls of out
	ender        *slot    // the first of them that ends the run, or nil
	missing      int32    // the number of them without a result
	inputs       int32    // the number of marks of inputs
	ran          bool     // one of them ran
	withdrawn    bool     // the run's input is left out of the messages
	shared       bool     // a caller holds messages
	sentAnswers  bool     // messages has the results of out
	closingLimit string   // if out closes the run, the limit that was reached
	steps        int
	ranCalls     int
	refusals     int32 // turns in a row, without out's; small, as many trackers are in memory
	lastMessages int32 // the number of messages that lastUsage counts
	usage        provider.Usage
	cost         Cost
	active       time.Duration
	lastUsage    *provider.Usage // of the conversation's last output that has one and was not withdrawn
	doubts       []*slot         // the in-doubt calls of the whole conversation
	earlier      []mark          // outputs of earlier runs with calls that awaited approval when the next input came
	seen         look            // at the entries read so far

	refused provider.ErrorKind // why the API refused the content of the run's last request
	marks   []mark             // of the inputs, then of the last run's outputs
	newer   *Unknown           // the first entry that needs a newer version

	messages     []*provider.Message
	closingTexts []*provider.Message // closing texts, until the results of out are in messages
	late         []Ref               // calls of earlier runs with results that are not in messages yet
}

// A slot is the state of one tool call.
type slot struct {
	ref         Ref
	call        *Call
	state       callState // as of the last look
	begun       int32     // the number of stored intents that are not void
	sinceResume int32     // the number of attempts since the last Resume
	attempts    int       // the number of the last attempt
	voided      int       // the number of the last void attempt
	begunAt     time.Time // of the last attempt
	key         string    // of the first attempt; "" before it
	asked       string    // the reason for approval, kept after the doubt that caused it is resolved
	canonical   string    // the canonical form of the arguments; "" until it is needed
	decision    *Decision
	result      *Result
}

// resultText returns the text of the call's result, or what it will be.
func (s *slot) resultText() string {
	if s.result == nil {
		return s.call.Args
	}
	return s.result.Text()
}

// answers reports whether the call is the structured output of the run.
func (o *Output) answers(c *Call) bool {
	return c.IsOutput && c.Refusal == "" && o.Finish.Complete()
}

// StructuredOutput returns the structured output that the turn gave, as text or as a call, or
// "" if it gave none.
func (o *Output) StructuredOutput() string {
	for i := range o.Calls {
		if o.answers(&o.Calls[i]) {
			return o.Calls[i].Args
		}
	}
	return o.StructuredText
}

// ran reports whether the status is that of a call that was run.
func (r *Result) ran() bool {
	return r.Status == StatusOK || r.Status == StatusFailed || r.Status == StatusInDoubt
}

// Track returns a Tracker that has read t.
func Track(t Transcript) *Tracker {
	k := &Tracker{t: Transcript{ID: t.ID, Entries: t.Entries[:0:0]}}
	k.marks = make([]mark, 0, len(t.Entries)/3+4) // a turn has at least three entries
	k.messages = make([]*provider.Message, 0, len(t.Entries)+6)
	for _, e := range t.Entries {
		k.read(len(k.t.Entries), e)
		k.t.Entries = t.Entries[: len(k.t.Entries)+1 : len(k.t.Entries)+1]
	}
	return k
}

// Add reads the next entry. An entry that cannot be at its position is kept and has no effect;
// [Validate] reports it.
func (k *Tracker) Add(e Entry) {
	k.read(len(k.t.Entries), e)
	if k.t.Entries == nil {
		k.t.Entries = make([]Entry, 0, 4) // the shortest run has three
	}
	k.t.Entries = append(k.t.Entries, e)
}

// Transcript returns the transcript read so far.
func (k *Tracker) Transcript() Transcript {
	return Transcript{ID: k.t.ID, Entries: slices.Clip(k.t.Entries)}
}

// Len returns the number of entries.
func (k *Tracker) Len() int { return len(k.t.Entries) }

// UpdatedAt returns the time of the last entry.
func (k *Tracker) UpdatedAt() time.Time { return k.at }

// LastRun returns the entries of the last run, its input included, and the position of the first
// of them.
func (k *Tracker) LastRun() (entries []Entry, from int) {
	return slices.Clip(k.t.Entries[k.inAt:]), k.inAt
}

// Subject returns whom the last run acts for. If there is no run yet, ok is false.
func (k *Tracker) Subject() (subject string, ok bool) {
	if k.in == nil {
		return "", false
	}
	return k.in.Subject, true
}

// Setup returns the agent when the last run began, as the last input that has a Setup says. It is
// nil if no input has one: there is no run yet, or older versions began all of them.
func (k *Tracker) Setup() *Setup { return k.setup }

// Outcome returns how the last run ended, and its End. If the run has not ended, the outcome
// is OutcomeWaiting or OutcomeOpen, and the End is nil. If there is no run yet, it is
// OutcomeOpen; see [Tracker.Subject].
func (k *Tracker) Outcome() (Outcome, *End) {
	if k.end != nil {
		return k.end.Outcome, k.end
	}
	if k.look().run == runAwaiting {
		return OutcomeWaiting, nil
	}
	return OutcomeOpen, nil
}

// Resumable reports whether the last run can continue: it has not ended, or it failed or was
// canceled and its turn was not withdrawn.
func (k *Tracker) Resumable() bool {
	if k.in == nil || k.withdrawn || k.newer != nil {
		return false
	}
	return k.end == nil || k.end.Outcome == OutcomeFailed || k.end.Outcome == OutcomeCanceled
}

func (k *Tracker) read(at int, e Entry) {
	k.seen.taken = false
	open := k.in != nil && k.end == nil
	idle := !open // the time before e does not count as active
	switch b := e.Body.(type) {
	case *Input:
		k.begin(at, b)
	case *Output:
		if open {
			k.output(at, b)
		}
	case *Attempt:
		if open {
			k.failed = b
			k.usage, k.cost = k.usage.Add(b.Usage), k.cost.add(b.Cost)
		}
	case *Intent:
		if s := k.slot(b.Ref); s != nil {
			switch {
			case !b.Void:
				s.key = k.key(s)
				s.begun++
				if b.Attempt > s.attempts {
					s.sinceResume++
					s.begunAt, s.attempts = e.Time, b.Attempt
				}
			case b.Attempt != s.voided: // only that attempt; an earlier one may have had its effect
				if s.begun, s.voided = max(0, s.begun-1), b.Attempt; s.begun == 0 {
					s.begunAt = time.Time{}
				}
			}
		}
	case *Decision:
		if _, err := k.decides(b, e.Time); err == nil {
			k.slot(b.Ref).decide(b)
		}
		idle = true
	case *Result:
		if s := k.slot(b.Ref); s != nil && s.result == nil {
			s.result = b
			k.answered(s)
		}
	case *Resume:
		k.end, k.failed, k.refused = nil, nil, ""
		for i := range k.slots {
			k.slots[i].sinceResume = 0
		}
		idle = true
	case *End:
		if open {
			k.finish(b)
		}
	case *Withdrawal:
		if k.fitsWithdrawal(b) == nil {
			k.withdraw(b)
		}
	case *Unknown:
		if b.Needs != "" && k.newer == nil {
			k.newer = b
		}
	}
	// Stored entries have only the wall clock. The clocks of two machines may differ, so a
	// step back counts as 0.
	now := e.Time.Round(0)
	if d := now.Sub(k.at); d > 0 && !idle && !k.at.IsZero() {
		k.active += min(d, math.MaxInt64-k.active)
	}
	k.at = now
}

func (k *Tracker) begin(at int, in *Input) {
	if k.awaitsDecision() {
		k.addAnswers(standIn)
		k.earlier = append(k.earlier, k.marks[len(k.marks)-1])
	}
	k.catchUp(true)
	k.marks = append(k.marks[:k.inputs], mark{at: at, in: in, messages: len(k.messages)})
	k.inputs = int32(len(k.marks))
	if in.Message != nil {
		k.messages = append(k.messages, in.Message)
	}
	k.in, k.inAt, k.refused, k.withdrawn = in, at, "", false
	if in.Setup != nil {
		k.setup = in.Setup
	}
	k.end, k.out, k.failed, k.slots, k.ender, k.missing = nil, nil, nil, nil, nil, 0
	k.steps, k.ranCalls, k.refusals, k.active = 0, 0, 0, 0
	k.usage, k.cost = provider.Usage{}, Cost{}
}

func (k *Tracker) output(at int, out *Output) {
	k.refusals = int32(k.refusedTurns())
	if out.ToolsOff {
		k.closingLimit = cmp.Or(out.Limit, k.limit(int(k.refusals)))
	}
	k.catchUp(true)
	if out.Message != nil && len(out.Message.Parts) > 0 {
		k.messages = append(k.messages, out.Message)
	}
	if out.Usage.WithoutTools() != (provider.Usage{}) {
		k.lastUsage, k.lastMessages = &out.Usage, int32(len(k.messages))
	}
	k.out, k.outAt, k.failed, k.sentAnswers, k.ran = out, at, nil, false, false
	k.slots, k.ender, k.missing = make([]slot, len(out.Calls)), nil, int32(len(out.Calls))
	for i := range out.Calls {
		s := &k.slots[i]
		s.ref, s.call = Ref{at, i}, &out.Calls[i]
		if k.ender == nil && out.answers(s.call) {
			k.ender = s
		}
	}
	k.marks = append(k.marks, mark{at: at, in: k.in, out: out, slots: k.slots, messages: len(k.messages)})
	k.steps++
	k.usage, k.cost = k.usage.Add(out.Usage), k.cost.add(out.Cost)
}

// answered updates the state after the result of s.
func (k *Tracker) answered(s *slot) {
	k.updateDoubts(s)
	if !k.isLast(s.ref) { // it does not count towards the last run
		k.late = append(k.late, s.ref)
		return
	}
	k.missing--
	state := k.entryState(s)
	if state.ran() {
		k.ran = true
		k.ranCalls++
	}
	if state == callOK && s.call.EndsWith != "" && (k.ender == nil || s.ref.Index < k.ender.ref.Index) {
		k.ender = s
	}
}

func (k *Tracker) finish(end *End) {
	k.refused = k.refusedFor(end)
	if k.end = end; end.ClosingText != "" { // the model must know what the user was told
		k.closingTexts = append(k.closingTexts, provider.Assistant(provider.Text{Text: end.ClosingText}))
	}
}

// slot returns the call at r, or nil if it is not in the table of calls.
func (k *Tracker) slot(r Ref) *slot {
	slots := k.slots
	if !k.isLast(r) {
		m := k.earlierOutput(r)
		if m == nil {
			return nil
		}
		slots = m.slots
	}
	if r.Index < 0 || r.Index >= len(slots) {
		return nil
	}
	return &slots[r.Index]
}

// isLast reports whether the call at r is one of the last output's.
func (k *Tracker) isLast(r Ref) bool { return k.out != nil && r.Entry == k.outAt }

// earlierOutput returns the output of an earlier run that has the call at r, or nil.
func (k *Tracker) earlierOutput(r Ref) *mark {
	i := sort.Search(len(k.earlier), func(i int) bool { return k.earlier[i].at >= r.Entry })
	if i == len(k.earlier) || k.earlier[i].at != r.Entry {
		return nil
	}
	return &k.earlier[i]
}

// calls yields the table of calls: those of the last output, after those of earlier outputs
// with calls that awaited approval when the next input came.
func (k *Tracker) calls(yield func(*slot) bool) {
	for i := range k.earlier {
		slots := k.earlier[i].slots
		for j := range slots {
			if !yield(&slots[j]) {
				return
			}
		}
	}
	for i := range k.slots {
		if !yield(&k.slots[i]) {
			return
		}
	}
}

// awaitsDecision reports whether a call of the last output awaits approval.
func (k *Tracker) awaitsDecision() bool {
	if k.missing == 0 {
		return false
	}
	for i := range k.slots {
		if k.state(&k.slots[i]) == callAwaiting {
			return true
		}
	}
	return false
}

// outputOf returns the output that has the call.
func (k *Tracker) outputOf(s *slot) *Output { return k.t.Entries[s.ref.Entry].Body.(*Output) }

// Call returns the verdict on the call at r, and the call as the model made it. ok is false
// unless the call is one of the last output's, or its turn waited for approval when a later
// input came.
func (k *Tracker) Call(r Ref) (verdict Call, made provider.ToolCall, ok bool) {
	s := k.slot(r)
	if s == nil {
		return Call{}, provider.ToolCall{}, false
	}
	if calls := k.outputOf(s).Message.ToolCalls(); r.Index < len(calls) {
		made = calls[r.Index]
	}
	return *s.call, made, true
}

// unanswered returns the first call without a result, or nil.
func unanswered(slots []slot) *slot {
	for i := range slots {
		if s := &slots[i]; s.result == nil {
			return s
		}
	}
	return nil
}
