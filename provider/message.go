package provider

import (
	"cmp"
	"slices"
	"strings"
	"sync/atomic"
)

// A Role says who wrote a message.
type Role string

const (
	RoleSystem    Role = "system"
	RoleUser      Role = "user"
	RoleAssistant Role = "assistant"
	RoleTool      Role = "tool" // the ToolResults of one assistant turn, in the order of its calls
)

// A Message is one turn of a conversation. Once it is part of a Request, it must not be
// changed or copied.
type Message struct {
	Role  Role
	Parts []Part
	// State is opaque data of the adapter that made the message.
	State State

	enc encodings
}

// User returns a message of the user: the text, then the other parts.
func User(text string, more ...Part) *Message {
	if text == "" && len(more) > 0 {
		return newMessage(RoleUser, more)
	}
	return newMessage(RoleUser, more, Text{Text: text})
}

// Assistant returns a message of the model. The message has its own list of the parts.
func Assistant(parts ...Part) *Message { return newMessage(RoleAssistant, parts) }

// newMessage returns a message of two lists of parts. Few parts are allocated with it.
func newMessage(role Role, parts []Part, first ...Part) *Message {
	m := new(struct {
		Message
		few [3]Part
	})
	m.Role = role
	if len(first)+len(parts) > 0 {
		m.Parts = slices.Clip(append(append(m.few[:0], first...), parts...))
	}
	return &m.Message
}

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

// ServerCalls returns what the provider's own tools did, in the order in which the calls began:
// each call joined with its result, without State.
func (m *Message) ServerCalls() []ServerCall {
	if m == nil {
		return nil
	}
	var calls []ServerCall
	var at map[string]int // the calls with an ID
	for _, p := range m.Parts {
		c, ok := p.(ServerCall)
		if !ok {
			continue
		}
		c.State = State{}
		if i, known := at[c.ID]; known {
			calls[i].join(c)
			continue
		}
		if c.ID != "" {
			if at == nil {
				at = make(map[string]int)
			}
			at[c.ID] = len(calls)
		}
		calls = append(calls, c)
	}
	return calls
}

// join adds a further part of the call.
func (c *ServerCall) join(more ServerCall) {
	c.Name, c.Input, c.Output = cmp.Or(c.Name, more.Name), cmp.Or(c.Input, more.Input), cmp.Or(c.Output, more.Output)
	c.IsError = c.IsError || more.IsError
}

// Encoded returns the message's encoding under key. The first call makes it with encode and
// keeps it with the message, so that each step encodes only what is new.
//
// The key names the adapter and every setting that changes the bytes. The result is shared: do
// not write to it. Encoded is safe for concurrent use; two concurrent calls may both run
// encode.
func (m *Message) Encoded(key string, encode func(*Message) ([]byte, error)) ([]byte, error) {
	return encoded(&m.enc, key, m, encode)
}

// encodings keeps a few encodings of one value, newest first: a conversation that alternates
// between two providers has two.
type encodings struct{ kept atomic.Pointer[[]encoding] }

type encoding struct {
	key   string
	bytes []byte
}

// maxEncodings is enough for a tool that four adapters send: each keeps the bytes that it
// sends and the ways in which its schema differs from the tool's own.
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
	// Allocate the list with its first element: most values have only one encoding.
	next := new(struct {
		list  []encoding
		first [1]encoding
	})
	next.first[0] = encoding{key, b}
	next.list = append(next.first[:], kept[:min(len(kept), maxEncodings-1)]...)
	e.kept.CompareAndSwap(old, &next.list) // the loser of a race returns its own encoding, which is not kept
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
