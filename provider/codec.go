package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// The JSON of messages is stored in transcripts, so it is stable: each part carries a
// "type", and fields are only ever added. A part of an unknown type is kept unchanged, as a
// Native, and written back.

// ownerCodec owns the State of a Native that holds a part of unknown type.
const ownerCodec = "json:part"

type messageJSON struct {
	Role  Role              `json:"role"`
	Parts []json.RawMessage `json:"parts"`
	State *stateJSON        `json:"state,omitempty"`
}

type stateJSON struct {
	Owner string          `json:"owner"`
	Data  json.RawMessage `json:"data,omitempty"`
}

// partJSON has the fields of all parts. Type says which of them apply.
type partJSON struct {
	Type     string            `json:"type"`
	Text     string            `json:"text,omitempty"`
	Redacted bool              `json:"redacted,omitempty"`
	MIME     string            `json:"mime,omitempty"`
	Data     []byte            `json:"data,omitempty"`
	URL      string            `json:"url,omitempty"`
	ID       string            `json:"id,omitempty"`
	CallID   string            `json:"call_id,omitempty"`
	Name     string            `json:"name,omitempty"`
	Args     *string           `json:"args,omitempty"`
	RawID    string            `json:"raw_id,omitempty"`
	Parts    []json.RawMessage `json:"parts,omitempty"`
	IsError  bool              `json:"is_error,omitempty"`
	Input    string            `json:"input,omitempty"`
	Output   string            `json:"output,omitempty"`
	State    *stateJSON        `json:"state,omitempty"`
}

// MarshalJSON encodes the message; each part carries its type.
func (m *Message) MarshalJSON() ([]byte, error) {
	parts, err := marshalParts(m.Parts)
	if err != nil {
		return nil, err
	}
	if parts == nil {
		parts = []json.RawMessage{}
	}
	return marshal(messageJSON{Role: m.Role, Parts: parts, State: m.State.json()})
}

// UnmarshalJSON decodes what MarshalJSON of this or another version wrote.
func (m *Message) UnmarshalJSON(b []byte) error {
	var j messageJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return fmt.Errorf("message: %w", err)
	}
	parts, err := unmarshalParts(j.Parts)
	if err != nil {
		return fmt.Errorf("message: %w", err)
	}
	m.Role, m.Parts, m.State = j.Role, parts, j.State.state()
	m.enc.kept.Store(nil)
	return nil
}

// MarshalParts encodes parts as a JSON array; each part carries its type.
func MarshalParts(parts []Part) ([]byte, error) {
	raws, err := marshalParts(parts)
	if err != nil {
		return nil, err
	}
	if raws == nil {
		return []byte("[]"), nil
	}
	return marshal(raws)
}

// UnmarshalParts decodes what MarshalParts of this or another version wrote.
func UnmarshalParts(b []byte) ([]Part, error) {
	var raws []json.RawMessage
	if err := json.Unmarshal(b, &raws); err != nil {
		return nil, fmt.Errorf("parts: %w", err)
	}
	return unmarshalParts(raws)
}

func marshalParts(parts []Part) ([]json.RawMessage, error) {
	var raws []json.RawMessage
	for i, p := range parts {
		raw, err := marshalPart(p)
		if err != nil {
			return nil, fmt.Errorf("part %d: %w", i, err)
		}
		raws = append(raws, raw)
	}
	return raws, nil
}

func marshalPart(p Part) (json.RawMessage, error) {
	var j partJSON
	switch p := p.(type) {
	case Text:
		j = partJSON{Type: "text", Text: p.Text, State: p.State.json()}
	case Reasoning:
		j = partJSON{Type: "reasoning", Text: p.Text, Redacted: p.Redacted, State: p.State.json()}
	case Media:
		j = partJSON{Type: "media", MIME: p.MIME, Data: p.Data, URL: p.URL, State: p.State.json()}
	case ToolCall:
		j = partJSON{Type: "tool_call", ID: p.ID, Name: p.Name, Args: &p.Args, RawID: p.RawID, State: p.State.json()}
	case ToolResult:
		parts, err := marshalParts(p.Parts)
		if err != nil {
			return nil, err
		}
		j = partJSON{Type: "tool_result", CallID: p.CallID, Name: p.Name, Parts: parts, IsError: p.IsError}
	case ServerCall:
		j = partJSON{Type: "server_call", ID: p.ID, Name: p.Name, Input: p.Input, Output: p.Output, IsError: p.IsError, State: p.State.json()}
	case Native:
		if p.State.Owner == ownerCodec {
			return marshal(p.State.Data)
		}
		j = partJSON{Type: "native", State: p.State.json()}
	default:
		return nil, fmt.Errorf("type %T cannot be stored", p)
	}
	return marshal(j)
}

func unmarshalParts(raws []json.RawMessage) ([]Part, error) {
	var parts []Part
	for i, raw := range raws {
		p, err := unmarshalPart(raw)
		if err != nil {
			return nil, fmt.Errorf("part %d: %w", i, err)
		}
		parts = append(parts, p)
	}
	return parts, nil
}

func unmarshalPart(raw json.RawMessage) (Part, error) {
	// Decode the type alone first: a part of a newer type may give any other field another
	// meaning.
	var tag struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(raw, &tag); err != nil {
		return nil, err
	}
	switch tag.Type {
	case "":
		return nil, errors.New(`missing "type"`)
	case "text", "reasoning", "media", "tool_call", "tool_result", "server_call", "native":
	default:
		data, err := marshal(raw)
		return Native{State: State{Owner: ownerCodec, Data: data}}, err
	}
	var j partJSON
	if err := json.Unmarshal(raw, &j); err != nil {
		return nil, err
	}
	state := j.State.state()
	switch tag.Type {
	case "text":
		return Text{Text: j.Text, State: state}, nil
	case "reasoning":
		return Reasoning{Text: j.Text, Redacted: j.Redacted, State: state}, nil
	case "media":
		if len(j.Data) == 0 {
			j.Data = nil
		}
		return Media{MIME: j.MIME, Data: j.Data, URL: j.URL, State: state}, nil
	case "tool_call":
		if j.Args == nil {
			return nil, errors.New(`tool call without "args"`)
		}
		return ToolCall{ID: j.ID, Name: j.Name, Args: *j.Args, RawID: j.RawID, State: state}, nil
	case "tool_result":
		parts, err := unmarshalParts(j.Parts)
		return ToolResult{CallID: j.CallID, Name: j.Name, Parts: parts, IsError: j.IsError}, err
	case "server_call":
		return ServerCall{ID: j.ID, Name: j.Name, Input: j.Input, Output: j.Output, IsError: j.IsError, State: state}, nil
	default:
		if state.Owner == ownerCodec {
			return nil, fmt.Errorf("owner %q is reserved: a native part must have another", ownerCodec)
		}
		return Native{State: state}, nil
	}
}

func (s State) json() *stateJSON {
	if s.IsZero() {
		return nil
	}
	return &stateJSON{Owner: s.Owner, Data: s.Data}
}

func (j *stateJSON) state() State {
	if j == nil {
		return State{}
	}
	var data json.RawMessage
	if len(j.Data) > 0 && string(j.Data) != "null" {
		// Compact, so that decoding what is encoded again gives an equal State.
		data, _ = marshal(j.Data)
	}
	return State{Owner: j.Owner, Data: data}
}

// marshal is json.Marshal without HTML escapes, which make transcripts hard to read.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
