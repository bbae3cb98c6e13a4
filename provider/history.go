package provider

import "slices"

// LastMessages returns the end of a conversation: at most n messages, starting with a user's
// message, as many as possible. Calls and results stay together. System messages at the head
// of the conversation are instructions: they stay, and do not count.
//
// If the last turn, from the last user's message on, has more than n messages it
// is returned whole: a model must see what it is doing. A conversation of at most
// n messages, or without a user's message, is returned as it is.
//
// If system messages are kept ahead of a cut, the result is a new slice. Otherwise it
// shares the memory of messages.
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
	case start <= head: // nothing to cut, or no user's message
		return messages
	case head > 0:
		return slices.Concat(messages[:head], messages[start:])
	}
	return messages[start:len(messages):len(messages)]
}
