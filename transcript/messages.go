package transcript

import (
	"cmp"
	"slices"

	"github.com/funcall/funcall/provider"
)

// Messages returns the conversation as it is sent to the model. Results are in the order of
// their calls, in whatever order they were appended. The results of the last turn are included
// once all its calls have one. If an input follows a call that still awaits approval, a text
// stands in for the call's result until there is one.
func (k *Tracker) Messages() []*provider.Message {
	k.catchUp(false)
	k.shared = true
	return slices.Clip(k.messages)
}

// Messages returns the conversation as it is sent to the model; see [Tracker.Messages].
func (t Transcript) Messages() []*provider.Message { return Track(t).Messages() }

// follow caches the message that follows an output. It is kept with the output, so a Tracker
// that reads the same entries again need not build the message again.
type follow struct {
	results []*Result
	message *provider.Message
}

// newFollow returns a follow for the results of that many calls. Few are allocated with it.
func newFollow(calls int) *follow {
	made := new(struct {
		follow  follow
		message provider.Message
		results [3]*Result
		parts   [3]provider.Part
	})
	a, m := &made.follow, &made.message
	a.message, m.Role = m, provider.RoleTool
	if calls <= len(made.parts) {
		a.results, m.Parts = made.results[:calls:calls], made.parts[:0:calls]
	} else {
		a.results, m.Parts = make([]*Result, calls), make([]provider.Part, 0, calls)
	}
	return a
}

// standIn is the result that the model is told for a call that awaits approval while the
// conversation continues.
var standIn = &Result{Content: []provider.Part{provider.Text{Text: textAwaiting}}}

// catchUp appends what follows the last output to the messages: the results of its calls, then
// the closing text. If over is false, it waits until all calls have results.
func (k *Tracker) catchUp(over bool) {
	k.replaceStandIns()
	if !over && k.missing > 0 {
		return
	}
	k.addAnswers(nil)
	k.messages = append(k.messages, k.closingTexts...)
	k.closingTexts = nil
}

// addAnswers appends the results of the calls of the last output to the messages. Calls
// without a result get the result missing or, if that is nil, are left out.
func (k *Tracker) addAnswers(missing *Result) {
	if k.out == nil || k.sentAnswers {
		return
	}
	k.sentAnswers = true
	refused := k.out.Refusal != "" && !k.out.ToolsOff
	if len(k.slots) == 0 && !refused {
		return
	}
	if a := k.out.follow.Load(); a != nil && a.answers(k.slots, missing) {
		k.messages = append(k.messages, a.message)
		return
	}
	a := newFollow(len(k.slots))
	if len(k.slots) == 0 { // there is no call to answer, so the refusal is sent as a user message
		a.message = provider.User(k.out.Refusal)
	}
	for i := range k.slots {
		s := &k.slots[i]
		if a.results[i] = cmp.Or(s.result, missing); a.results[i] != nil {
			a.message.Parts = append(a.message.Parts, s.toolResult(a.results[i]))
		}
	}
	if len(a.message.Parts) > 0 {
		k.out.follow.Store(a)
		k.messages = append(k.messages, a.message)
	}
}

// toolResult returns r as the model is sent it.
func (s *slot) toolResult(r *Result) provider.ToolResult {
	return provider.ToolResult{CallID: s.call.ID, Name: s.call.Tool, Parts: r.Content, IsError: r.Status != StatusOK}
}

// replaceStandIns puts late results in the place of the stand-ins. Each call of such a turn
// has a part in the message after the output.
func (k *Tracker) replaceStandIns() {
	if len(k.late) == 0 {
		return
	}
	k.own()
	slices.SortFunc(k.late, func(a, b Ref) int { return a.Entry - b.Entry })
	var m *mark
	var message *provider.Message
	for _, r := range k.late {
		if m == nil || m.at != r.Entry {
			m = k.earlierOutput(r)
			old := k.messages[m.messages]
			message = &provider.Message{Role: old.Role, Parts: slices.Clone(old.Parts), State: old.State}
			k.messages[m.messages] = message
		}
		s := &m.slots[r.Index]
		message.Parts[r.Index] = s.toolResult(s.result)
	}
	k.late = nil
}

// own copies the slice of messages before a change if a caller holds it.
func (k *Tracker) own() {
	if k.shared {
		k.messages, k.shared = slices.Clone(k.messages), false
	}
}

// answers reports whether a holds the results of exactly these calls. Two transcripts that
// share an output may differ after it.
func (a *follow) answers(slots []slot, missing *Result) bool {
	return slices.EqualFunc(a.results, slots, func(r *Result, s slot) bool { return r == cmp.Or(s.result, missing) })
}
