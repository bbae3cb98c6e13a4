package openai

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

func (c *Client) appendSystem(b []byte, text string) []byte {
	return append(jsontree.AppendString(c.beginSystem(b), text), '}')
}

func (c *Client) beginSystem(b []byte) []byte {
	b = append(b, `{"role":`...)
	b = jsontree.AppendString(b, c.systemRole)
	return append(b, `,"content":`...)
}

// messageEncoder returns the encoder of messages in a request with those IDs. It writes
// messages, each with a comma before it: one, or one for each tool result.
func (c *Client) messageEncoder(ids callIDs) wire.Encoder[provider.Message] {
	key := fmt.Sprint(c.base.Owner, "|", c.systemRole, "|", c.quirks)
	if ids.round > 0 {
		key = fmt.Sprint(key, "|", ids.round)
	}
	messages := &wire.Messages{
		Media:     checkMedia,
		System:    c.encodeSystem,
		User:      encodeUser,
		Assistant: func(m *provider.Message) []byte { return c.encodeAssistant(m, ids) },
		Results:   func(m *provider.Message) []byte { return encodeResults(m, ids) },
	}
	return wire.Encoder[provider.Message]{Key: key, Encode: messages.Encode}
}

func (c *Client) encodeSystem(m *provider.Message) []byte {
	if c.quirks.AlternateRoles {
		return encodeUser(m)
	}
	return c.appendSystem([]byte{','}, m.Text())
}

func encodeUser(m *provider.Message) []byte {
	size := 64
	for _, p := range m.Parts {
		if p, ok := p.(provider.Text); ok {
			size += len(p.Text)
		}
	}
	b := append(make([]byte, 0, size), userHead...)
	if !wire.HasMedia(m.Parts) { // every server accepts a plain string
		b = jsontree.AppendString(b, m.Text())
		return append(b, '}')
	}
	sep := byte('[')
	for _, p := range m.Parts {
		switch p := p.(type) {
		case provider.Text:
			if p.Text == "" { // servers refuse an empty text
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
	return append(b, "]}"...)
}

// textOf returns the text of an assistant message. A text replaces media that another API's
// model made, and tells what its server-side tools did, on lines of its own, so that the
// conversation can continue.
func (c *Client) textOf(m *provider.Message) string {
	if !slices.ContainsFunc(m.Parts, needsText) {
		return m.Text()
	}
	var b strings.Builder
	for _, p := range m.Parts {
		switch p := p.(type) {
		case provider.Text:
			b.WriteString(p.Text)
		case provider.Media:
			fmt.Fprintf(&b, "[%s]", wire.Describe(p))
		case provider.ServerCall:
			if !c.base.Owner.Made(p.State) { // the text has its own model's citations
				told := wire.Told(p)
				if before := b.String(); told != "" && before != "" && before[len(before)-1] != '\n' {
					b.WriteByte('\n')
				}
				b.WriteString(told)
			}
		}
	}
	return b.String()
}

// needsText reports whether a text takes the place of a part.
func needsText(p provider.Part) bool {
	switch p.(type) {
	case provider.Media, provider.ServerCall:
		return true
	}
	return false
}

func (c *Client) encodeAssistant(m *provider.Message, ids callIDs) []byte {
	text := c.textOf(m)
	calls, size := 0, 0
	for _, p := range m.Parts {
		if call, ok := p.(provider.ToolCall); ok {
			calls++
			size += 128 + len(call.Args) + len(call.Args)/4
		}
	}
	b := make([]byte, 0, 96+len(text)+size)
	b = append(b, `,{"role":"assistant","content":`...)
	if text == "" && calls > 0 {
		b = append(b, "null"...)
	} else {
		b = jsontree.AppendString(b, text)
	}
	reasoned, thought := false, ""
	for _, p := range m.Parts {
		p, ok := p.(provider.Reasoning)
		switch {
		case !ok || reasoned: // one part of reasoning for each message
		case c.base.Owner.Made(p.State):
			b = appendReasoning(b, p, c.quirks)
			reasoned = true
		case c.base.Owner.MadeByServer(p.State):
			thought = p.Text
		}
	}
	if c.quirks.ReasoningContent && !reasoned {
		b = append(b, `,"reasoning_content":`...)
		b = jsontree.AppendString(b, cmp.Or(thought, noReasoning))
	}
	if c.quirks.AlternateRoles && text == "" && calls == 0 {
		return nil
	}
	sep := `,"tool_calls":[`
	for _, p := range m.Parts {
		if call, ok := p.(provider.ToolCall); ok {
			b = c.appendCall(append(b, sep...), call, ids)
			sep = ","
		}
	}
	if calls > 0 {
		b = append(b, ']')
	}
	return append(b, '}')
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

// encodeResults writes one message for each result. Chat Completions has no flag for a failed
// call, so the text says it. Media are not allowed in a result: they follow in a user message
// that names the call.
func encodeResults(m *provider.Message, ids callIDs) []byte {
	var b, media []byte
	for r := range wire.Results(m) {
		r.CallID = ids.of(r.CallID)
		if wire.HasMedia(r.Parts) {
			media = appendText(append(media, ','), wire.WhoseMedia(r))
		}
		for _, p := range r.Parts {
			if p, ok := p.(provider.Media); ok {
				media = appendMedia(append(media, ','), p)
			}
		}
		text := r.Text()
		b = wire.GrowResult(b, text)
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
	return b
}
