package transcript

import (
	"slices"

	"github.com/funcall/funcall/provider"
)

// Messages is the conversation as the model is sent it: results stand in the
// order of their calls, whatever the order in which they came. The results of
// the last turn are there once all of its calls are answered.
func (k *Tracker) Messages() []*provider.Message {
	k.catchUp(false)
	k.shared = true
	return slices.Clip(k.messages)
}

// Messages is the conversation as the model is sent it.
func (t Transcript) Messages() []*provider.Message { return Track(t).Messages() }

// follow is the message that follows an output, kept with it, so that whoever
// loads the transcript again finds it encoded.
type follow struct {
	results []*Result
	message *provider.Message
}

// catchUp adds what follows the last output to the messages: the results of
// its calls, then the words that closed the run. While results are missing it
// waits for them, unless the turn is over.
func (k *Tracker) catchUp(over bool) {
	if !over && k.missing > 0 {
		return
	}
	k.addAnswers()
	k.messages = append(k.messages, k.said...)
	k.said = nil
}

func (k *Tracker) addAnswers() {
	if k.out == nil || k.told {
		return
	}
	k.told = true
	refused := k.out.Refusal != "" && !k.out.ToolsOff
	if len(k.slots) == 0 && !refused {
		return
	}
	if a := k.out.follow.Load(); a != nil && a.answers(k.slots) {
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
		if a.results[i] = s.result; s.result == nil {
			continue
		}
		a.message.Parts = append(a.message.Parts, provider.ToolResult{
			CallID: s.call.ID, Name: s.call.Tool, Parts: s.result.Content, IsError: s.result.Status != StatusOK,
		})
	}
	if len(a.message.Parts) > 0 {
		k.out.follow.Store(a)
		k.messages = append(k.messages, a.message)
	}
}

// answers reports whether these are the answers to exactly these calls. Two
// transcripts that share an output may have gone different ways after it.
func (a *follow) answers(slots []slot) bool {
	return slices.EqualFunc(a.results, slots, func(r *Result, s slot) bool { return r == s.result })
}
