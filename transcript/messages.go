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

// follow is the message that follows an output, kept with it, so that whoever
// loads the transcript again finds it encoded.
type follow struct {
	results []*Result
	message *provider.Message
}

// held stands in for the results of calls that await approval while the conversation goes
// on.
var held = &Result{Content: []provider.Part{provider.Text{Text: textAwaiting}}}

// catchUp adds what follows the last output to the messages: the results of
// its calls, then the words that closed the run. While results are missing it
// waits for them, unless the turn is over.
func (k *Tracker) catchUp(over bool) {
	k.replaceHeld()
	if !over && k.missing > 0 {
		return
	}
	k.addAnswers(nil)
	k.messages = append(k.messages, k.said...)
	k.said = nil
}

// addAnswers adds the results of the calls of the last output to the messages, with
// missing in place of those that are not there; if that is nil, they are left out.
func (k *Tracker) addAnswers(missing *Result) {
	if k.out == nil || k.told {
		return
	}
	k.told = true
	refused := k.out.Refusal != "" && !k.out.ToolsOff
	if len(k.slots) == 0 && !refused {
		return
	}
	if a := k.out.follow.Load(); a != nil && a.answers(k.slots, missing) {
		k.messages = append(k.messages, a.message)
		return
	}
	a := &follow{message: &provider.Message{Role: provider.RoleTool}}
	if len(k.slots) == 0 { // there is no call to answer, so it is the user who says it
		a.message = provider.User(k.out.Refusal)
	} else {
		a.results = make([]*Result, len(k.slots))
		a.message.Parts = make([]provider.Part, 0, len(k.slots))
	}
	for i := range k.slots {
		s := &k.slots[i]
		if a.results[i] = cmp.Or(s.result, missing); a.results[i] != nil {
			a.message.Parts = append(a.message.Parts, s.told(a.results[i]))
		}
	}
	if len(a.message.Parts) > 0 {
		k.out.follow.Store(a)
		k.messages = append(k.messages, a.message)
	}
}

// told returns the call's result as the model is told it.
func (s *slot) told(r *Result) provider.ToolResult {
	return provider.ToolResult{CallID: s.call.ID, Name: s.call.Tool, Parts: r.Content, IsError: r.Status != StatusOK}
}

// replaceHeld puts late results where a text stood in for them: each call of such a turn
// has its part in the message behind the output.
func (k *Tracker) replaceHeld() {
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
		message.Parts[r.Index] = s.told(s.result)
	}
	k.late = nil
}

// own makes the messages the Tracker's own: what was handed out keeps its memory.
func (k *Tracker) own() {
	if k.shared {
		k.messages, k.shared = slices.Clone(k.messages), false
	}
}

// answers reports whether these are the answers to exactly these calls. Two
// transcripts that share an output may have gone different ways after it.
func (a *follow) answers(slots []slot, missing *Result) bool {
	return slices.EqualFunc(a.results, slots, func(r *Result, s slot) bool { return r == cmp.Or(s.result, missing) })
}
