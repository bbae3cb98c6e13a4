package provider

import (
	"strings"
	"sync/atomic"
)

// Role is whose turn a message is.
type Role string

const (
	RoleSystem    Role = "system"
	RoleUser      Role = "user"
	RoleAssistant Role = "assistant"
	RoleTool      Role = "tool" // holds the ToolResults of one assistant turn, in the order of its calls
)

// A Message is one turn of a conversation. It must not change once it was
// part of a Request, and must not be copied after that.
type Message struct {
	Role  Role
	Parts []Part
	// State is what the message's maker wants back with it.
	State State

	enc encodings
}

// User returns a user's message.
func User(text string, more ...Part) *Message {
	parts := make([]Part, 0, 1+len(more))
	if text != "" || len(more) == 0 {
		parts = append(parts, Text{Text: text})
	}
	return &Message{Role: RoleUser, Parts: append(parts, more...)}
}

// Assistant returns a model's message.
func Assistant(parts ...Part) *Message { return &Message{Role: RoleAssistant, Parts: parts} }

// Text returns the message's text parts, joined.
func (m *Message) Text() string {
	if m == nil {
		return ""
	}
	return joinText(m.Parts)
}

// ToolCalls returns the message's tool calls, in order.
func (m *Message) ToolCalls() []ToolCall {
	if m == nil {
		return nil
	}
	n := 0
	for _, p := range m.Parts {
		if _, ok := p.(ToolCall); ok {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	calls := make([]ToolCall, 0, n)
	for _, p := range m.Parts {
		if c, ok := p.(ToolCall); ok {
			calls = append(calls, c)
		}
	}
	return calls
}

// Encoded returns the message's encoding under key; where there is none yet
// it is made with encode and kept with the message. So a conversation's past
// is encoded once, not once a step.
//
// The key names the adapter and every flag that changes the bytes. Nobody may
// write to what Encoded returns. It is safe for concurrent use.
func (m *Message) Encoded(key string, encode func(*Message) ([]byte, error)) ([]byte, error) {
	return encoded(&m.enc, key, m, encode)
}

// encodings keeps a few encodings of one value, newest first: a conversation
// that changes its provider back and forth has two.
type encodings struct{ kept atomic.Pointer[[]encoding] }

type encoding struct {
	key   string
	bytes []byte
}

// maxEncodings is enough for a tool that is sent by four adapters: each keeps
// what is sent, and what of its schema is other than the tool's own.
const maxEncodings = 8

func encoded[T any](e *encodings, key string, v T, encode func(T) ([]byte, error)) ([]byte, error) {
	var kept []encoding
	old := e.kept.Load()
	if old != nil {
		kept = *old
	}
	for i := range kept {
		if kept[i].key == key {
			return kept[i].bytes, nil
		}
	}
	b, err := encode(v)
	if err != nil {
		return nil, err
	}
	// A list and its first element in one allocation: mostly there is no other.
	next := new(struct {
		list  []encoding
		first [1]encoding
	})
	next.first[0] = encoding{key, b}
	next.list = append(next.first[:], kept[:min(len(kept), maxEncodings-1)]...)
	e.kept.CompareAndSwap(old, &next.list) // whoever loses the race has encoded in vain, no more
	return b, nil
}

func joinText(parts []Part) string {
	var one string
	n := 0
	for _, p := range parts {
		if t, ok := p.(Text); ok {
			one = t.Text
			n++
		}
	}
	if n < 2 { // the common case, without a copy
		return one
	}
	var b strings.Builder
	for _, p := range parts {
		if t, ok := p.(Text); ok {
			b.WriteString(t.Text)
		}
	}
	return b.String()
}
