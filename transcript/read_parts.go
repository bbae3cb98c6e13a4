package transcript

import (
	"bytes"
	"encoding/json"

	"github.com/funcall/funcall/provider"
)

func (r *reader) message() *provider.Message {
	m := new(provider.Message)
	r.expect('{')
	for key := range r.Object() {
		switch string(key) {
		case "role":
			m.Role = provider.Role(r.text())
		case "parts":
			m.Parts = r.parts()
		case "state":
			r.state(&m.State)
		default:
			r.odd = true
		}
	}
	return m
}

// parts reads the parts of a message or of a result; nil stands for an empty list.
func (r *reader) parts() (parts []provider.Part) {
	r.expect('[')
	for range r.Array() {
		if p := r.part(); p != nil {
			parts = append(parts, p)
		}
		if r.odd {
			return nil
		}
	}
	return parts
}

// A partText is a part as it is written: Type says which fields apply.
type partText struct {
	typ, text, mime, url, id, callID, name, args, rawID string
	data                                                []byte
	redacted, isError, hasArgs                          bool
	parts                                               []provider.Part
	state                                               provider.State
}

// part reads a part, or returns nil and sets odd.
func (r *reader) part() provider.Part {
	var p partText
	r.expect('{')
	for key := range r.Object() {
		r.partField(&p, string(key))
		if r.odd {
			return nil
		}
	}
	if made := p.part(); made != nil {
		return made
	}
	r.odd = true
	return nil
}

func (r *reader) partField(p *partText, key string) {
	switch key {
	case "type":
		p.typ = r.text()
	case "text":
		p.text = r.text()
	case "redacted":
		p.redacted = r.bool()
	case "mime":
		p.mime = r.text()
	case "data":
		r.value(&p.data)
	case "url":
		p.url = r.text()
	case "id":
		p.id = r.text()
	case "call_id":
		p.callID = r.text()
	case "name":
		p.name = r.text()
	case "args":
		p.args, p.hasArgs = r.text(), true
	case "raw_id":
		p.rawID = r.text()
	case "parts":
		p.parts = r.parts()
	case "is_error":
		p.isError = r.bool()
	case "state":
		r.state(&p.state)
	default:
		r.odd = true
	}
}

// part returns the part that p describes, or nil if encoding/json must look at it.
func (p *partText) part() provider.Part {
	switch p.typ {
	case "text":
		return provider.Text{Text: p.text, State: p.state}
	case "reasoning":
		return provider.Reasoning{Text: p.text, Redacted: p.redacted, State: p.state}
	case "media":
		if len(p.data) == 0 {
			p.data = nil
		}
		return provider.Media{MIME: p.mime, Data: p.data, URL: p.url, State: p.state}
	case "tool_call":
		if p.hasArgs {
			return provider.ToolCall{ID: p.id, Name: p.name, Args: p.args, RawID: p.rawID, State: p.state}
		}
	case "tool_result":
		return provider.ToolResult{CallID: p.callID, Name: p.name, Parts: p.parts, IsError: p.isError}
	}
	return nil
}

func (r *reader) state(s *provider.State) {
	r.expect('{')
	for key := range r.Object() {
		switch string(key) {
		case "owner":
			s.Owner = r.text()
		case "data":
			s.Data = r.data()
		default:
			r.odd = true
		}
	}
}

// data reads the data of a state, without white space.
func (r *reader) data() json.RawMessage {
	raw := r.Raw()
	if r.Err() != nil || string(raw) == "null" {
		return nil
	}
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		r.odd = true
	}
	return b.Bytes()
}
