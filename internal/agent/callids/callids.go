// Package callids gives the calls of a model's turn ids by which they can be told apart.
package callids

import (
	"slices"
	"strconv"
	"strings"

	"github.com/funcall/funcall/provider"
)

// isCallID reports whether every API takes the id back.
func isCallID(id string) bool {
	odd := func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '-')
	}
	return 0 < len(id) && len(id) <= 64 && !strings.ContainsFunc(id, odd)
}

// Own returns the message with calls that can be told apart and paired
// with their results, in this turn and in the conversation: an id that is
// missing, repeated or odd is replaced, the raw one kept beside it, and an
// exact repetition of a call (same id, name and arguments) is dropped, so that
// it runs once. It returns m itself where there is nothing to do. The past is the
// conversation, of which the set may have read the beginning. A nil Set has read nothing.
func (s *Set) Own(past []*provider.Message, m *provider.Message) *provider.Message {
	if m.Role == provider.RoleAssistant && !slices.ContainsFunc(m.Parts, isCall) {
		return m
	}
	if s == nil {
		s = new(Set)
	}
	s.follow(past)
	if s.areOwn(m) {
		return m
	}
	made := &provider.Message{Role: provider.RoleAssistant, State: m.State}
	written := make(map[string]bool) // the IDs in m
	for _, c := range m.ToolCalls() {
		written[c.ID] = true
	}
	calls := make(map[said]bool)                             // those so far
	raw, ids := make(map[string]bool), make(map[string]bool) // of these
	n := 0                                                   // of the next ID
	for _, p := range m.Parts {
		c, ok := p.(provider.ToolCall)
		if !ok {
			made.Parts = append(made.Parts, p)
			continue
		}
		if calls[saidBy(c)] {
			continue
		}
		calls[saidBy(c)] = true
		if !isCallID(c.ID) || raw[c.ID] || ids[c.ID] || s.has(c.ID) {
			c.RawID = c.ID
			for n = max(n, s.calls+len(ids)); ; n++ { // what was taken is taken for the next, too
				c.ID = "call_" + strconv.Itoa(n)
				if !ids[c.ID] && !written[c.ID] && !s.has(c.ID) {
					break
				}
			}
		}
		raw[c.RawID], ids[c.ID] = true, true
		made.Parts = append(made.Parts, c)
	}
	return made
}

func isCall(p provider.Part) bool {
	_, ok := p.(provider.ToolCall)
	return ok
}

// areOwn reports whether the calls of m can be told apart as they are.
func (s *Set) areOwn(m *provider.Message) bool {
	if m.Role != provider.RoleAssistant {
		return false
	}
	ids := make(map[string]bool, len(m.Parts))
	for _, p := range m.Parts {
		c, ok := p.(provider.ToolCall)
		if !ok {
			continue
		}
		if !isCallID(c.ID) || ids[c.ID] || s.has(c.ID) {
			return false
		}
		ids[c.ID] = true
	}
	return true
}

// said is what a call says.
type said struct{ id, name, args string }

func saidBy(c provider.ToolCall) said { return said{c.ID, c.Name, c.Args} }

// Repeats reports whether c says exactly what o said already.
func Repeats(o, c provider.ToolCall) bool { return saidBy(o) == saidBy(c) }
