package callids

import "github.com/funcall/funcall/provider"

// A Set is the IDs of the calls in a conversation. It follows the messages as they grow, so
// what a turn costs does not grow with the conversation. The zero value is empty. A Set must
// not be used by several goroutines at once.
type Set struct {
	ids   map[string]struct{} // of the calls in the model's messages
	calls int                 // the number of calls in all messages
	read  int                 // the number of messages read
	last  *provider.Message   // the last of them
}

// Len returns the number of IDs.
func (s *Set) Len() int { return len(s.ids) }

// follow reads the messages that follow those read before. If other messages stand in their
// place, because a turn was withdrawn, it reads all of them again.
func (s *Set) follow(past []*provider.Message) {
	if s.read > len(past) || s.read > 0 && past[s.read-1] != s.last {
		*s = Set{}
	}
	for _, m := range past[s.read:] {
		s.add(m)
	}
	if s.read = len(past); s.read > 0 {
		s.last = past[s.read-1]
	}
}

func (s *Set) add(m *provider.Message) {
	for _, p := range m.Parts {
		c, ok := p.(provider.ToolCall)
		if !ok {
			continue
		}
		s.calls++
		if m.Role != provider.RoleAssistant {
			continue
		}
		if s.ids == nil {
			s.ids = make(map[string]struct{})
		}
		s.ids[c.ID] = struct{}{}
	}
}

// has reports whether a call of the conversation has the ID.
func (s *Set) has(id string) bool {
	_, ok := s.ids[id]
	return ok
}
