package openai

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/funcall/funcall/internal/jsontree"
	"github.com/funcall/funcall/provider"
)

// unsupported is something that Chat Completions has no form for.
type unsupported string

func (u unsupported) Error() string { return string(u) }

// systemText returns the instructions, and the messages that follow them.
// Many servers take system messages at the very beginning only, and one of
// them, so those that lead the conversation are joined to the instructions.
func (c *Client) systemText(req *provider.Request) (string, []*provider.Message) {
	system, messages := req.System, req.Messages
	for len(messages) > 0 && messages[0].Role == provider.RoleSystem {
		if text := messages[0].Text(); system == "" {
			system = text
		} else if text != "" {
			system += "\n\n" + text
		}
		messages = messages[1:]
	}
	return system, messages
}

func (c *Client) appendSystem(b []byte, text string) []byte {
	b = append(b, `{"role":`...)
	b = jsontree.AppendString(b, c.systemRole)
	b = append(b, `,"content":`...)
	b = jsontree.AppendString(b, text)
	return append(b, '}')
}

// encodeNew returns the wire messages of one neutral message, each with a comma
// ahead of it: one, or a message for each tool result.
func (c *Client) encodeNew(m *provider.Message) ([]byte, error) {
	switch m.Role {
	case provider.RoleSystem:
		for i, p := range m.Parts {
			if _, ok := p.(provider.Text); !ok {
				return nil, misplaced(m, i, p)
			}
		}
		return c.appendSystem([]byte{','}, m.Text()), nil
	case provider.RoleUser:
		return encodeUser(m)
	case provider.RoleAssistant:
		return c.encodeAssistant(m)
	case provider.RoleTool:
		return encodeResults(m)
	}
	return nil, fmt.Errorf("there is no role %q", m.Role)
}

// misplaced is the error for a part that a message of this role cannot hold.
func misplaced(m *provider.Message, i int, p provider.Part) error {
	if p, ok := p.(provider.Media); ok {
		return unsupported(fmt.Sprintf("part %d: Chat Completions has no %s in a message of role %q", i, describe(p), m.Role))
	}
	return fmt.Errorf("part %d: a message of role %q cannot hold a %T", i, m.Role, p)
}

func describe(p provider.Media) string {
	if p.MIME == "" {
		return "media without a MIME type"
	}
	return "media of type " + p.MIME
}

func encodeUser(m *provider.Message) ([]byte, error) {
	media, size := false, 0
	for i, p := range m.Parts {
		switch p := p.(type) {
		case provider.Text:
			size += len(p.Text)
		case provider.Native: // it is never ours, so that it is left out
		case provider.Media:
			if !strings.HasPrefix(p.MIME, "image/") {
				return nil, misplaced(m, i, p)
			}
			if len(p.Data) == 0 && p.URL == "" {
				return nil, fmt.Errorf("part %d: the image has neither data nor a URL", i)
			}
			media = true
		default:
			return nil, misplaced(m, i, p)
		}
	}
	b := make([]byte, 0, 64+size)
	b = append(b, `,{"role":"user","content":`...)
	if !media { // a plain string is what every server takes
		b = jsontree.AppendString(b, m.Text())
		return append(b, '}'), nil
	}
	sep := byte('[')
	for _, p := range m.Parts {
		switch p := p.(type) {
		case provider.Text:
			b = append(b, sep)
			b = append(b, `{"type":"text","text":`...)
			b = jsontree.AppendString(b, p.Text)
			b = append(b, '}')
		case provider.Media:
			b = append(b, sep)
			b = append(b, `{"type":"image_url","image_url":{"url":`...)
			b = jsontree.AppendString(b, imageURL(p))
			b = append(b, "}}"...)
		default:
			continue
		}
		sep = ','
	}
	return append(b, "]}"...), nil
}

func imageURL(p provider.Media) string {
	if len(p.Data) == 0 {
		return p.URL
	}
	return "data:" + p.MIME + ";base64," + base64.StdEncoding.EncodeToString(p.Data)
}

func (c *Client) encodeAssistant(m *provider.Message) ([]byte, error) {
	text, calls := m.Text(), m.ToolCalls()
	b := make([]byte, 0, 128+len(text)+160*len(calls))
	b = append(b, `,{"role":"assistant","content":`...)
	if text == "" && len(calls) > 0 {
		b = append(b, "null"...)
	} else {
		b = jsontree.AppendString(b, text)
	}
	reasoned := false
	for i, p := range m.Parts {
		switch p := p.(type) {
		case provider.Text, provider.ToolCall, provider.Native:
		case provider.Reasoning:
			if !reasoned && p.State.Owner == c.owner { // an answer has one
				b = appendReasoning(b, p)
				reasoned = true
			}
		default:
			return nil, misplaced(m, i, p)
		}
	}
	for i, call := range calls {
		if i == 0 {
			b = append(b, `,"tool_calls":[`...)
		} else {
			b = append(b, ',')
		}
		b = c.appendCall(b, call)
	}
	if len(calls) > 0 {
		b = append(b, ']')
	}
	return append(b, '}'), nil
}

func (c *Client) appendCall(b []byte, call provider.ToolCall) []byte {
	b = append(b, `{"id":`...)
	b = jsontree.AppendString(b, call.ID)
	b = append(b, `,"type":"function","function":{"name":`...)
	b = jsontree.AppendString(b, wireName(call.Name))
	b = append(b, `,"arguments":`...)
	b = jsontree.AppendString(b, wireArgs(call.Args))
	b = append(b, '}')
	if call.State.Owner == c.owner && len(call.State.Data) > 0 {
		b = append(b, `,"extra_content":`...)
		b = append(b, call.State.Data...)
	}
	return append(b, '}')
}

// encodeResults gives each result a message of its own. Chat Completions has
// no flag for a failed call, so that the text has to say it.
func encodeResults(m *provider.Message) ([]byte, error) {
	var b []byte
	for i, p := range m.Parts {
		r, ok := p.(provider.ToolResult)
		if !ok {
			return nil, misplaced(m, i, p)
		}
		for j, q := range r.Parts {
			if media, ok := q.(provider.Media); ok {
				return nil, unsupported(fmt.Sprintf("part %d, the result of %q, part %d: Chat Completions has no %s in a tool result", i, r.Name, j, describe(media)))
			}
			if _, ok := q.(provider.Text); !ok {
				return nil, fmt.Errorf("part %d, the result of %q, part %d: a tool result cannot hold a %T", i, r.Name, j, q)
			}
		}
		text := r.Text()
		b = slices.Grow(b, 96+len(text)+len(text)/4) // JSON in a string: about every eighth character is escaped
		b = append(b, `,{"role":"tool","tool_call_id":`...)
		b = jsontree.AppendString(b, r.CallID)
		b = append(b, `,"content":`...)
		if r.IsError {
			text = "Error: " + text
		}
		b = jsontree.AppendString(b, text)
		b = append(b, '}')
	}
	return b, nil
}

// encodeTool returns a tool, with a comma ahead of it.
func encodeTool(t *provider.Tool) ([]byte, error) {
	schema, err := compactSchema(t.Schema)
	if err != nil {
		return nil, err
	}
	b := []byte(`,{"type":"function","function":{"name":`)
	b = jsontree.AppendString(b, t.Name)
	if t.Description != "" {
		b = append(b, `,"description":`...)
		b = jsontree.AppendString(b, t.Description)
	}
	b = append(b, `,"parameters":`...)
	b = append(b, schema...)
	return append(b, "}}"...), nil
}

func compactSchema(schema json.RawMessage) ([]byte, error) {
	if len(schema) == 0 {
		return nil, errors.New("it has no schema")
	}
	var b bytes.Buffer
	if err := json.Compact(&b, schema); err != nil {
		return nil, fmt.Errorf("its schema is no JSON: %w", err)
	}
	return b.Bytes(), nil
}

// wireName makes a tool's name fit for the API, which refuses a conversation
// for one odd name that a model made up long ago.
func wireName(name string) string {
	const longest = 64
	ok := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '-'
	}
	name = strings.Map(func(r rune) rune {
		if ok(r) {
			return r
		}
		return '_'
	}, name)
	if name == "" {
		return "_"
	}
	return name[:min(len(name), longest)]
}

// wireArgs makes a call's arguments fit for servers that parse them: no text
// stands for no arguments, and half of a surrogate pair, which JSON allows and
// UTF-8 does not, is replaced. All else is sent as the model wrote it.
func wireArgs(args string) string {
	if strings.TrimSpace(args) == "" {
		return "{}"
	}
	return wholeSurrogates(args)
}

// wholeSurrogates replaces the escapes of half surrogate pairs in a JSON text,
// which may be broken.
func wholeSurrogates(text string) string {
	if !strings.Contains(text, `\u`) {
		return text
	}
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		n := 1
		switch unit := surrogate(text[i:]); {
		case unit == 0 && text[i] == '\\':
			n = min(2, len(text)-i) // so that \\ud83d is no escape
		case unit == 0:
		case unit < 0xdc00 && surrogate(text[i+6:]) >= 0xdc00:
			n = 12
		default:
			b = append(b, `\ufffd`...)
			i += 6
			continue
		}
		b = append(b, text[i:i+n]...)
		i += n
	}
	return string(b)
}

// surrogate returns the surrogate whose escape s begins with, or 0.
func surrogate(s string) int {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	if err != nil || n < 0xd800 || n > 0xdfff {
		return 0
	}
	return int(n)
}
