package anthropic

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// A use is a call of a server-side tool that has no result so far.
type use struct {
	message, part int
	id            string
}

// paired returns the messages with a text in place of each use of a server-side tool that has
// no result, and of each result without its use: the API refuses both. A use may wait for its
// result only as long as nothing but results of functions follow it. It may wait beyond the
// model's next turn if its code made a call there. If goesOn is true, the model is to go on with
// the last message.
//
// The replaced messages are copies, because each message keeps its encoding.
func (c *Client) paired(messages []*provider.Message, goesOn bool) []*provider.Message {
	var open, told []use
	for i, m := range messages {
		switch {
		case m.Role == provider.RoleTool:
			continue
		case m.Role != provider.RoleAssistant || i > 0 && messages[i-1].Role == provider.RoleAssistant: // a user's text comes here
			told, open = append(told, open...), nil
		}
		if m.Role != provider.RoleAssistant {
			continue
		}
		var waiting []string // that the calls of this turn come from
		for j, p := range m.Parts {
			switch p := p.(type) {
			case provider.ToolCall:
				for _, u := range open {
					if c.calledBy(p, u.id) {
						waiting = append(waiting, u.id)
					}
				}
			case provider.ServerCall:
				if !c.takes(p.State) || len(p.State.Data) == 0 {
					continue
				}
				u := use{i, j, p.ID}
				at := slices.IndexFunc(open, func(o use) bool { return o.id == p.ID && p.ID != "" })
				switch {
				case isUse(p.State.Data):
					open = append(open, u)
				case at < 0:
					told = append(told, u)
				default:
					open = slices.Delete(open, at, at+1)
				}
			}
		}
		rest := open[:0:0]
		for _, u := range open {
			if u.message == i || slices.Contains(waiting, u.id) {
				rest = append(rest, u)
			} else {
				told = append(told, u)
			}
		}
		open = rest
	}
	if n := len(messages); n > 0 && messages[n-1].Role == provider.RoleAssistant && !goesOn {
		told = append(told, open...)
	}
	if told == nil {
		return messages
	}
	return c.telling(messages, told)
}

// telling returns the messages in which the uses and results have no State, so that they are told
// as text, and the calls that the code of such a use made have no caller.
func (c *Client) telling(messages []*provider.Message, told []use) []*provider.Message {
	messages = slices.Clone(messages)
	replaced := make(map[int]bool)
	parts := func(i int) []provider.Part {
		if !replaced[i] {
			m := messages[i]
			messages[i] = &provider.Message{Role: m.Role, Parts: slices.Clone(m.Parts), State: m.State}
			replaced[i] = true
		}
		return messages[i].Parts
	}
	for _, u := range told {
		p := parts(u.message)[u.part].(provider.ServerCall)
		p.State = provider.State{}
		parts(u.message)[u.part] = p
		for i := u.message; i < len(messages); i++ {
			for j, p := range messages[i].Parts {
				if call, ok := p.(provider.ToolCall); ok && c.calledBy(call, u.id) {
					call.State = withoutCaller(call.State)
					parts(i)[j] = call
				}
			}
		}
	}
	return messages
}

// calledBy reports whether the code of a use made the call.
func (c *Client) calledBy(call provider.ToolCall, id string) bool {
	caller := c.state(call.State).Caller
	return caller != nil && id != "" && bytes.Contains(caller, jsontree.AppendString(nil, id))
}

func withoutCaller(s provider.State) provider.State {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(s.Data, &members) // it has a caller
	delete(members, "caller")
	s.Data, _ = json.Marshal(members)
	return s
}

// isUse reports whether a block of a server-side tool is a use, and not a result.
func isUse(block []byte) bool {
	var s jsonscan.Scanner
	s.Reset(block)
	for key := range s.Object() {
		if string(key) == "type" {
			kind, _ := s.Bytes()
			return serverKind(kind) == serverCall
		}
	}
	return false
}
