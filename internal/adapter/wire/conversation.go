package wire

import (
	"fmt"
	"slices"

	"github.com/funcall/funcall/provider"
)

// conversation returns the instructions of a request and the messages after them. Many servers
// accept only one system message, at the beginning, so system messages at the head of the
// conversation are joined to its own instructions.
//
// It returns an error if a message is nil, or if a call and its result are not adjacent: every
// API refuses such a request, and all later ones of the conversation.
func conversation(req *provider.Request) (system Instructions, messages []*provider.Message, err error) {
	if err := checkPairs(req.Messages); err != nil {
		return Instructions{}, nil, err
	}
	system, messages = instructionsOf(req), req.Messages
	for len(messages) > 0 && messages[0].Role == provider.RoleSystem {
		system.add(messages[0].Text())
		messages = messages[1:]
	}
	return system, messages, nil
}

// checkPairs checks that the message after one with calls has one result for each call, and
// that there are no other results.
func checkPairs(messages []*provider.Message) error {
	var few [fewCalls]string
	open := openCalls{ids: few[:0]}
	caller := 0 // the message with the open calls
	for i, m := range messages {
		if m == nil {
			return fmt.Errorf("message %d is nil", i)
		}
		if m.Role != provider.RoleTool && open.any() {
			return unanswered(caller, open.first())
		}
		for _, p := range m.Parts {
			switch p := p.(type) {
			case provider.ToolCall:
				if m.Role != provider.RoleAssistant {
					continue // encoding the message returns the error
				}
				if !open.any() {
					open = openCalls{ids: few[:0]}
				}
				open, caller = open.with(p.ID), i
			case provider.ToolResult:
				if m.Role != provider.RoleTool {
					continue
				}
				var ok bool
				if open, ok = open.without(p.CallID); !ok {
					return fmt.Errorf("message %d: result for call %.80q, but the previous message has no such call; %s", i, p.CallID, keepTogether)
				}
			}
		}
	}
	if open.any() {
		return unanswered(caller, open.first())
	}
	return nil
}

func unanswered(message int, id string) error {
	return fmt.Errorf("message %d: no result for call %.80q in the next message; %s", message, id, keepTogether)
}

const keepTogether = "keep each call with its result; provider.LastMessages cuts a history that way"

// fewCalls is the largest number of calls that is searched linearly.
const fewCalls = 16

// openCalls are the calls of a message without a result. Its methods return the changed value:
// with a pointer receiver, the small array would move to the heap.
type openCalls struct {
	ids []string // of the open calls, in order; if there are many, of all the message's
	// many counts the open calls of each ID, if there are more than fewCalls: a linear search
	// for results in another order would take quadratic time.
	many map[string]int
	left int // how many are open, if there are many
}

func (o openCalls) any() bool { return o.left > 0 || o.many == nil && len(o.ids) > 0 }

func (o openCalls) with(id string) openCalls {
	o.ids = append(o.ids, id)
	switch {
	case o.many != nil:
		o.many[id]++
		o.left++
	case len(o.ids) > fewCalls:
		o.many, o.left = make(map[string]int), len(o.ids)
		for _, id := range o.ids {
			o.many[id]++
		}
	}
	return o
}

// without returns the calls without one of that ID, and whether there was one.
func (o openCalls) without(id string) (openCalls, bool) {
	if o.many != nil {
		if o.many[id] == 0 {
			return o, false
		}
		o.many[id]--
		o.left--
		return o, true
	}
	switch at := slices.Index(o.ids, id); {
	case at < 0:
		return o, false
	case at == 0: // mostly: results stand in the order of the calls
		o.ids = o.ids[1:]
	default:
		o.ids = slices.Delete(o.ids, at, at+1)
	}
	return o, true
}

// first returns the ID of the first open call. There must be one.
func (o openCalls) first() string {
	if o.many == nil {
		return o.ids[0]
	}
	return o.ids[slices.IndexFunc(o.ids, func(id string) bool { return o.many[id] > 0 })]
}
