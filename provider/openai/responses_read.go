package openai

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// An item that is done is read field by field. If a needed field has the wrong type, the
// response is broken and a.err is set. All other fields are kept unchanged.

// odd records that a needed field has the wrong type.
func (a *items) odd(kind, field string) {
	if a.err == nil {
		a.err = fmt.Errorf("an item of the output is broken: the %s of a %s is %.40s", field, kind, a.scan.Raw())
	}
}

// textField reads a field that must be text; null counts as missing.
func (a *items) textField(kind, field string) []byte {
	switch a.scan.Kind() {
	case '"':
		b, _ := a.scan.Bytes()
		return b
	case 'n':
		return nil
	}
	a.odd(kind, field)
	return nil
}

// A madeMessage is a message that is done.
type madeMessage struct {
	itemState
	text  string
	plain bool // its content is one text
	cited []citation
}

func (a *items) readMessage(raw []byte) (m madeMessage) {
	s := &a.scan
	s.Again(raw, func() {
		for key := range s.Object() {
			switch string(key) {
			case "id":
				s.Once(&m.ID)
			case "status":
				s.Once(&m.Status)
			case "phase":
				s.Once(&m.Phase)
			case "content":
				m.readContent(a)
			}
		}
	})
	return m
}

// readContent reads the content of a message: a list of parts, or text.
func (m *madeMessage) readContent(a *items) {
	s := &a.scan
	if s.Kind() != '[' {
		m.text = string(a.textField("message", "content"))
		return
	}
	var all []byte
	n := 0
	plain := true
	for range s.Array() {
		n++
		isText := false
		for key := range s.Object() {
			switch string(key) {
			case "type":
				kind, _ := s.Bytes()
				isText = string(kind) == "output_text"
			case "text", "refusal":
				if text := a.textField("message", "text"); all == nil {
					all = slices.Clip(text) // usually the only one
				} else {
					all = append(all, text...)
				}
			case "annotations":
				for range s.Array() {
					plain = false
					if c := readCitation(s); c.line != "" {
						m.cited = append(m.cited, c)
					}
				}
			}
		}
		plain = plain && isText
	}
	m.text, m.plain = string(all), plain && n == 1
}

// readReasoning returns the summary of reasoning, and its text if there is any. It skips what
// is not text, because the item is sent back unchanged. whole reports whether the item holds
// the reasoning, encrypted or as text; otherwise it is only an ID in the server's store.
func (a *items) readReasoning(raw []byte) (text string, whole bool) {
	s := &a.scan
	var summary, content, encrypted []byte
	texts := func(all, between []byte) []byte {
		for i := range s.Array() {
			if i > 0 {
				all = append(all, between...)
			}
			for key := range s.Object() {
				if string(key) == "text" {
					b, _ := s.Bytes()
					all = append(all, b...)
				}
			}
		}
		return all
	}
	s.Again(raw, func() {
		for key := range s.Object() {
			switch string(key) {
			case "summary":
				summary = texts(summary, paragraph)
			case "content":
				content = texts(content, nil)
			case "encrypted_content":
				encrypted, _ = s.Bytes()
			}
		}
	})
	return string(append(summary, content...)), len(content)+len(encrypted) > 0
}

// maxMembers bounds the state of a call, whose members are compared with each other. No call
// has a tenth as many.
const maxMembers = 64

// callFields are the members of a call that its part holds.
var callFields = []string{"type", "call_id", "name", "arguments"}

// readCall reads a completed call and its status. State.Data of the call has the other members
// of the item, which the API wants back.
func (a *items) readCall(raw []byte) (c provider.ToolCall, status string) {
	s := &a.scan
	state, members := []byte{'{'}, 0
	s.Again(raw, func() {
		for key := range s.Object() {
			switch string(key) {
			case "type":
			case "call_id":
				c.ID = string(textOrRaw(s))
			case "name":
				c.Name = string(a.textField("function_call", "name"))
			case "arguments": // an object in place of its text
				c.Args = string(textOrRaw(s))
			default:
				if !mayGoBack(key, s.Kind()) || members == maxMembers {
					continue
				}
				value := s.Raw()
				if string(key) == "status" {
					s.Again(value, func() { s.Once(&status) })
				}
				if members++; members > 1 {
					state = append(state, ',')
				}
				state = append(jsontree.AppendString(state, key), ':')
				state = append(state, value...)
			}
		}
	})
	c.State.Data = wire.WithoutNulls(append(state, '}'))
	return c, status
}

// mayGoBack reports whether the API accepts a member of an item back. It refuses null, and
// other types where text is expected.
func mayGoBack(key []byte, kind byte) bool {
	switch string(key) {
	case "id", "status", "phase", "encrypted_content":
		return kind == '"'
	}
	return kind != 'n'
}

// sentBack returns an item in the form that the API accepts back: unchanged, without refused
// members, and with a required one. value is that member's value if the item has none of its
// type.
func (a *items) sentBack(raw []byte, needed, value string) json.RawMessage {
	s := &a.scan
	b, has := []byte{'{'}, false
	s.Again(raw, func() {
		for key := range s.Object() {
			kind := s.Kind()
			isNeeded := string(key) == needed
			if !mayGoBack(key, kind) || isNeeded && kind != value[0] {
				continue
			}
			has = has || isNeeded
			b = append(append(jsontree.AppendString(b, key), ':'), s.Raw()...)
			b = append(b, ',')
		}
	})
	if !has {
		b = append(append(jsontree.AppendString(b, needed), ':'), value...)
		b = append(b, ',')
	}
	b[len(b)-1] = '}'
	return wire.WithoutNulls(b)
}
