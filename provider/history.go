package provider

// LastMessages returns the end of a conversation: at most n messages, starting with a user's
// message, as many as possible. Calls and results stay together.
//
// If the last turn, from the last user's message on, has more than n messages it
// is returned whole: a model must see what it is doing. A conversation of at most
// n messages, or without a user's message, is returned as it is.
//
// What is returned shares the memory of messages.
func LastMessages(messages []*Message, n int) []*Message {
	if len(messages) <= n {
		return messages
	}
	start := -1
	for i := len(messages) - 1; i >= 0; i-- {
		if start >= 0 && len(messages)-i > n {
			break
		}
		if m := messages[i]; m != nil && m.Role == RoleUser {
			start = i
		}
	}
	if start < 0 {
		return messages
	}
	return messages[start:len(messages):len(messages)]
}
