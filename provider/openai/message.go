package openai

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiremedia"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

func (c *Client) appendSystem(b []byte, text string) []byte {
	b = append(b, `{"role":`...)
	b = jsontree.AppendString(b, c.systemRole)
	b = append(b, `,"content":`...)
	b = jsontree.AppendString(b, text)
	return append(b, '}')
}

// encoder returns the function that makes the wire messages of one neutral message,
// each with a comma ahead of it: one, or a message for each tool result.
func (c *Client) encoder(ids callIDs) func(*provider.Message) ([]byte, error) {
	return func(m *provider.Message) ([]byte, error) {
		m, err := wiremedia.InlineAll(m)
		if err != nil {
			return nil, err
		}
		switch m.Role {
		case provider.RoleSystem:
			return c.encodeSystem(m)
		case provider.RoleUser:
			return encodeUser(m)
		case provider.RoleAssistant:
			return c.encodeAssistant(m, ids)
		case provider.RoleTool:
			return encodeResults(m, ids)
		}
		return nil, fmt.Errorf("unknown role %q; use system, user, assistant or tool", m.Role)
	}
}

func (c *Client) encodeSystem(m *provider.Message) ([]byte, error) {
	for i, p := range m.Parts {
		if _, ok := p.(provider.Text); !ok {
			return nil, wire.Misplaced(m, i, p)
		}
	}
	if c.quirks.AlternateRoles {
		return encodeUser(m)
	}
	return c.appendSystem([]byte{','}, m.Text()), nil
}

func encodeUser(m *provider.Message) ([]byte, error) {
	media, size := false, 0
	for i, p := range m.Parts {
		switch p := p.(type) {
		case provider.Text:
			size += len(p.Text)
		case provider.Native: // it is never ours, so that it is left out
		case provider.Media:
			if err := checkMedia(p); err != nil {
				return nil, fmt.Errorf("part %d: %w", i, err)
			}
			media = true
		default:
			return nil, wire.Misplaced(m, i, p)
		}
	}
	b := make([]byte, 0, 64+size)
	b = append(b, userHead...)
	if !media { // a plain string is what every server takes
		b = jsontree.AppendString(b, m.Text())
		return append(b, '}'), nil
	}
	sep := byte('[')
	for _, p := range m.Parts {
		switch p := p.(type) {
		case provider.Text:
			if p.Text == "" { // which servers refuse
				continue
			}
			b = appendText(append(b, sep), p.Text)
		case provider.Media:
			b = appendMedia(append(b, sep), p)
		default:
			continue
		}
		sep = ','
	}
	return append(b, "]}"...), nil
}

// textOf is the text of an assistant's message. Where another API's model made
// an image it says so in its place, so that the conversation goes on.
func textOf(m *provider.Message) string {
	if !slices.ContainsFunc(m.Parts, func(p provider.Part) bool { _, ok := p.(provider.Media); return ok }) {
		return m.Text()
	}
	var b strings.Builder
	for _, p := range m.Parts {
		switch p := p.(type) {
		case provider.Text:
			b.WriteString(p.Text)
		case provider.Media:
			fmt.Fprintf(&b, "[%s]", wire.Describe(p))
		}
	}
	return b.String()
}

func (c *Client) encodeAssistant(m *provider.Message, ids callIDs) ([]byte, error) {
	text, calls := textOf(m), m.ToolCalls()
	b := make([]byte, 0, 128+len(text)+160*len(calls))
	b = append(b, `,{"role":"assistant","content":`...)
	if text == "" && len(calls) > 0 {
		b = append(b, "null"...)
	} else {
		b = jsontree.AppendString(b, text)
	}
	reasoned, thought := false, ""
	for i, p := range m.Parts {
		switch p := p.(type) {
		case provider.Text, provider.ToolCall, provider.Native:
		case provider.Media: // another API's model made it, and this one has no form for that: see textOf
		case provider.Reasoning:
			switch {
			case reasoned: // an answer has one
			case c.base.Owner.Made(p.State):
				b = appendReasoning(b, p, c.quirks)
				reasoned = true
			case c.base.Owner.MadeByServer(p.State):
				thought = p.Text
			}
		default:
			return nil, wire.Misplaced(m, i, p)
		}
	}
	if c.quirks.ReasoningContent && !reasoned {
		b = append(b, `,"reasoning_content":`...)
		b = jsontree.AppendString(b, cmp.Or(thought, noThought))
	}
	if c.quirks.AlternateRoles && text == "" && len(calls) == 0 {
		return nil, nil
	}
	for i, call := range calls {
		if i == 0 {
			b = append(b, `,"tool_calls":[`...)
		} else {
			b = append(b, ',')
		}
		b = c.appendCall(b, call, ids)
	}
	if len(calls) > 0 {
		b = append(b, ']')
	}
	return append(b, '}'), nil
}

func (c *Client) appendCall(b []byte, call provider.ToolCall, ids callIDs) []byte {
	args, extra := wiretool.Sent(call, c.base.Owner)
	b = append(b, `{"id":`...)
	b = jsontree.AppendString(b, ids.of(call.ID))
	b = append(b, `,"type":"function","function":{"name":`...)
	b = jsontree.AppendString(b, wiretool.OpenAI.Name(call.Name))
	b = append(b, `,"arguments":`...)
	b = jsontree.AppendString(b, wire.Args(args))
	b = append(b, '}')
	if len(extra) > 0 {
		b = append(b, `,"extra_content":`...)
		b = append(b, extra...)
	}
	return append(b, '}')
}

// encodeResults gives each result a message of its own. Chat Completions has
// no flag for a failed call, so that the text has to say it, and no media in a
// result: they follow in a user's message, which says whose they are.
func encodeResults(m *provider.Message, ids callIDs) ([]byte, error) {
	var b, media []byte
	for i, p := range m.Parts {
		r, ok := p.(provider.ToolResult)
		if !ok {
			return nil, wire.Misplaced(m, i, p)
		}
		r.CallID = ids.of(r.CallID)
		owned := false
		for j, q := range r.Parts {
			switch q := q.(type) {
			case provider.Text:
			case provider.Media:
				if err := checkMedia(q); err != nil {
					return nil, fmt.Errorf("part %d, the result of %q, part %d: %w", i, r.Name, j, err)
				}
				if !owned {
					media = appendText(append(media, ','), wire.WhoseMedia(r))
					owned = true
				}
				media = appendMedia(append(media, ','), q)
			default:
				return nil, wire.MisplacedInResult(i, r, j, q)
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
	if media != nil {
		b = append(append(b, userHead...), '[')
		b = append(b, media[1:]...)
		b = append(b, "]}"...)
	}
	return b, nil
}

// newTool returns a tool, with a comma ahead of it.
func (c *Client) newTool(t *provider.Tool) ([]byte, error) {
	t, err := wiretool.OpenAI.Tool(t)
	if err != nil {
		return nil, err
	}
	schema, strict, err := toolSchema(t.Schema, c.strict)
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
	if strict {
		b = append(b, `,"strict":true`...)
	}
	return append(b, "}}"...), nil
}
