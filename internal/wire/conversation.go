package wire

import (
	"fmt"
	"slices"

	"github.com/funcall/funcall/provider"
)

// Conversation returns the instructions of a request, and the messages that
// follow them. Many servers take system messages at the very beginning only, and
// one of them, so those that lead the conversation are joined to the instructions.
//
// It fails if a message is nil, or if a call and its result are not together:
// every API refuses such a request, and all later ones of the conversation.
func Conversation(req *provider.Request) (system string, messages []*provider.Message, err error) {
	if err := checkPairs(req.Messages); err != nil {
		return "", nil, err
	}
	system, messages = req.System, req.Messages
	for len(messages) > 0 && messages[0].Role == provider.RoleSystem {
		if text := messages[0].Text(); system == "" {
			system = text
		} else if text != "" {
			system += "\n\n" + text
		}
		messages = messages[1:]
	}
	return system, messages, nil
}

// checkPairs checks that the results of a message's calls stand right behind it,
// one for each call, and no other results anywhere.
func checkPairs(messages []*provider.Message) error {
	var few [16]string
	open := few[:0] // ids of the calls that have no result yet
	caller := 0     // the message that they are in
	for i, m := range messages {
		if m == nil {
			return fmt.Errorf("message %d is nil", i)
		}
		if m.Role != provider.RoleTool && len(open) > 0 {
			return unanswered(caller, open[0])
		}
		for _, p := range m.Parts {
			switch p := p.(type) {
			case provider.ToolCall:
				if m.Role != provider.RoleAssistant {
					continue // encoding the message says what is wrong with it
				}
				if len(open) == 0 {
					open = few[:0]
				}
				open, caller = append(open, p.ID), i
			case provider.ToolResult:
				if m.Role != provider.RoleTool {
					continue
				}
				at := slices.Index(open, p.CallID) // mostly 0: results stand in the order of the calls
				switch {
				case at < 0:
					return fmt.Errorf("message %d: result for call %.80q, but the previous message has no such call; %s", i, p.CallID, keepTogether)
				case at == 0:
					open = open[1:]
				default:
					open = slices.Delete(open, at, at+1)
				}
			}
		}
	}
	if len(open) > 0 {
		return unanswered(caller, open[0])
	}
	return nil
}

func unanswered(message int, id string) error {
	return fmt.Errorf("message %d: no result for call %.80q in the next message; %s", message, id, keepTogether)
}

const keepTogether = "keep each call with its result; provider.LastMessages cuts a history that way"
