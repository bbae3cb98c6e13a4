package provider

import "slices"

// LastMessages returns the end of a conversation: at most n messages, beginning with a user
// message. It keeps as many as possible. Calls and their results stay together. System
// messages at the head of the conversation are instructions: they are kept, and do not count.
//
// If the last turn, from the last user message on, has more than n messages, it is returned
// whole: the model needs its own calls and their results. A conversation of at most n
// messages, or without a user message, is returned unchanged.
//
// If system messages are kept ahead of a cut, the result is a new slice. Otherwise it shares
// the memory of messages.
func LastMessages(messages []*Message, n int) []*Message {
	head := 0
	for head < len(messages) && messages[head] != nil && messages[head].Role == RoleSystem {
		head++
	}
	if len(messages)-head <= n {
		return messages
	}
	start := -1
	for i := len(messages) - 1; i >= head; i-- {
		if start >= 0 && len(messages)-i > n {
			break
		}
		if m := messages[i]; m != nil && m.Role == RoleUser {
			start = i
		}
	}
	switch {
	case start <= head: // nothing to cut, or no user message
		return messages
	case head > 0:
		return slices.Concat(messages[:head], messages[start:])
	}
	return messages[start:len(messages):len(messages)]
}
