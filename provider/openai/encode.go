package openai

import (
	"errors"
	"fmt"

	"github.com/funcall/funcall/internal/adapter/httpapi"
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// reserved are the members of a request that extra fields must leave alone.
var reserved = []string{"model", "messages", "stream", "stream_options", "n"}

// encode returns the body of a request. The same request gives the same
// bytes: members stand in a fixed order, and past messages and tools keep
// their encoding.
func (c *Client) encode(req *provider.Request, stream bool) (httpapi.Body, error) {
	extra, err := wire.ExtraMembers(c.base.Extra, req.Extra, reserved)
	if err != nil {
		return httpapi.Body{}, fmt.Errorf("settings: %w", err)
	}
	tools, err := toolingOf(req, extra)
	if err != nil {
		return httpapi.Body{}, fmt.Errorf("settings: %w", err)
	}
	system, messages, err := wire.Conversation(req)
	if err != nil {
		return httpapi.Body{}, fmt.Errorf("messages: %w", err)
	}
	var few [32][]byte // so that a short conversation needs no list on the heap
	list := few[:0]
	if n := 3 + len(messages) + len(req.Tools) + len(tools.server); n > len(few) {
		list = make([][]byte, 0, n)
	}
	list = append(list, c.base.Head.Bytes(system, c.newHead))
	key, encode := c.encodingKey, c.encodeMessage
	if ids := c.callIDs(messages); ids.round > 0 {
		key, encode = fmt.Sprint(key, "|", ids.round), c.messages(ids).Encode
	}
	d := dialog{comma: system != "", alternate: c.quirks.AlternateRoles}
	for i, m := range messages {
		encoded, err := m.Encoded(key, encode)
		if err != nil {
			return httpapi.Body{}, fmt.Errorf("message %d: %w", len(req.Messages)-len(messages)+i, err)
		}
		list = d.add(list, m, encoded)
	}
	list = d.end(list)
	comma := d.comma
	if tools.any {
		list, comma = append(list, beforeTools), false
	}
	for _, t := range req.Tools {
		encoded, err := t.Encoded(c.toolKey, c.encodeTool)
		if err != nil {
			return httpapi.Body{}, fmt.Errorf("tool %q: %w", t.Name, err)
		}
		list, comma = wire.AddElement(list, encoded, comma)
	}
	for _, tool := range tools.server {
		list, comma = wire.AddElement(list, tool, comma)
	}
	tail, err := c.appendTail(make([]byte, 0, 64+len(req.Extra)+len(c.base.Extra)), req, stream, tools)
	if err != nil {
		return httpapi.Body{}, err
	}
	return httpapi.BodyOf(append(list, tail)), nil
}

var beforeTools = []byte(`],"tools":[`)

// newHead makes the beginning of a body.
func (c *Client) newHead(system string) []byte {
	b := make([]byte, 0, 128+len(c.base.Model)+len(system))
	b = append(b, `{"model":`...)
	b = jsontree.AppendString(b, c.base.Model)
	b = append(b, `,"messages":[`...)
	if system != "" {
		b = c.appendSystem(b, system)
	}
	return b
}

// appendTail appends what follows behind the messages and the tools.
func (c *Client) appendTail(b []byte, req *provider.Request, stream bool, tools tooling) ([]byte, error) {
	b = append(b, ']')
	if stream {
		b = append(b, `,"stream":true`...)
		if !c.noStreamUsage {
			b = append(b, `,"stream_options":{"include_usage":true}`...)
		}
	}
	b, err := c.appendSettings(b, req, tools)
	if err != nil {
		return nil, err
	}
	return append(tools.extra.Append(b), '}'), nil
}

func (c *Client) appendSettings(b []byte, req *provider.Request, tools tooling) ([]byte, error) {
	f := &wire.Fields{B: b, Extra: tools.extra}
	if tools.choice == provider.ToolsNamed {
		f.Raw("tool_choice", `{"type":"function","function":{"name":`+string(jsontree.AppendString(nil, wiretool.OpenAI.Name(req.Choice.Name)))+"}}")
	} else {
		f.Text("tool_choice", string(tools.choice))
	}
	if req.ParallelCalls != nil && tools.any {
		f.Bool("parallel_tool_calls", *req.ParallelCalls)
	}
	err := errors.Join(
		f.Float("temperature", req.Temperature),
		f.Float("top_p", req.TopP),
		f.MaxTokens(c.maxTokensField, req.MaxOutputTokens))
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	f.Texts("stop", req.Stop)
	if req.Seed != nil {
		f.Int("seed", *req.Seed)
	}
	f.Text("reasoning_effort", req.ReasoningEffort)
	if err := responseFormat(f, req.OutputSchema, c.strict); err != nil {
		return nil, fmt.Errorf("output schema: %w", err)
	}
	return f.B, nil
}

func responseFormat(f *wire.Fields, o *provider.OutputSchema, strictTools bool) error {
	if o == nil {
		return nil
	}
	schema, strict, err := answerSchema(o.Schema, strictTools)
	if err != nil || !f.Begin("response_format") {
		return err
	}
	name := "answer"
	if o.Name != "" {
		name = wiretool.OpenAI.Name(o.Name)
	}
	f.B = append(f.B, `{"type":"json_schema","json_schema":{"name":`...)
	f.B = jsontree.AppendString(f.B, name)
	if o.Description != "" {
		f.B = append(f.B, `,"description":`...)
		f.B = jsontree.AppendString(f.B, o.Description)
	}
	f.B = append(f.B, `,"schema":`...)
	f.B = append(f.B, schema...)
	if strict {
		f.B = append(f.B, `,"strict":true`...)
	}
	f.B = append(f.B, "}}"...)
	return nil
}
