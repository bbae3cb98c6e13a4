package openai

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/funcall/funcall/internal/adapter/httpapi"
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// reservedOfResponses are the members of a request that extra fields must leave
// alone.
var reservedOfResponses = []string{"model", "input", "instructions", "stream"}

// encode returns the body of a request; see [Client.encode].
func (r *Responses) encode(req *provider.Request, stream bool) (httpapi.Body, error) {
	extra, err := wire.ExtraMembers(r.base.Extra, req.Extra, reservedOfResponses)
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
	key, itemsOf := r.encodingKey, r.encodeMessage
	if store, _ := extra.Take("store"); string(store) == "true" {
		key, itemsOf = r.storedKey, r.encodeStored
	}
	list := make([][]byte, 0, 3+len(messages)+len(req.Tools)+len(tools.server))
	list = append(list, r.base.Head.Bytes(system, r.newHead))
	comma := false
	for i, m := range messages {
		encoded, err := m.Encoded(key, itemsOf)
		if err != nil {
			return httpapi.Body{}, fmt.Errorf("message %d: %w", len(req.Messages)-len(messages)+i, err)
		}
		list, comma = wire.AddElement(list, encoded, comma)
	}
	if tools.any {
		list, comma = append(list, beforeTools), false
	}
	for _, t := range req.Tools {
		encoded, err := t.Encoded(r.toolKey, r.encodeTool)
		if err != nil {
			return httpapi.Body{}, fmt.Errorf("tool %q: %w", t.Name, err)
		}
		list, comma = wire.AddElement(list, encoded, comma)
	}
	for _, tool := range tools.server {
		list, comma = wire.AddElement(list, tool, comma)
	}
	tail, err := r.appendSettings([]byte{']'}, req, stream, tools)
	if err != nil {
		return httpapi.Body{}, fmt.Errorf("settings: %w", err)
	}
	return httpapi.BodyOf(append(list, append(tail, '}'))), nil
}

// newHead makes the beginning of a body.
func (r *Responses) newHead(system string) []byte {
	b := append([]byte(nil), `{"model":`...)
	b = jsontree.AppendString(b, r.base.Model)
	if system != "" {
		b = append(b, `,"instructions":`...)
		b = jsontree.AppendString(b, system)
	}
	return append(b, `,"input":[`...)
}

func (r *Responses) appendSettings(b []byte, req *provider.Request, stream bool, tools tooling) ([]byte, error) {
	ownReasoning, extra := tools.extra.Take("reasoning")
	ownText, extra := extra.Take("text")
	f := &wire.Fields{B: b, Extra: extra}
	if stream {
		f.Bool("stream", true)
	}
	f.Bool("store", false)
	if r.reasons {
		f.Raw("include", `["reasoning.encrypted_content"]`)
	}
	if tools.choice == provider.ToolsNamed {
		f.Raw("tool_choice", `{"type":"function","name":`+string(jsontree.AppendString(nil, wiretool.OpenAI.Name(req.Choice.Name)))+"}")
	} else {
		f.Text("tool_choice", string(tools.choice))
	}
	if req.ParallelCalls != nil && tools.any {
		f.Bool("parallel_tool_calls", *req.ParallelCalls)
	}
	if len(req.Stop) > 0 {
		return nil, wire.Unsupported("the Responses API has no stop sequences (Stop)")
	}
	if req.Seed != nil {
		return nil, wire.Unsupported("the Responses API has no seed (Seed)")
	}
	err := errors.Join(
		f.Float("temperature", req.Temperature),
		f.Float("top_p", req.TopP),
		f.MaxTokens("max_output_tokens", req.MaxOutputTokens))
	if err != nil {
		return nil, err
	}
	reasoning, err := wire.Nested("reasoning", ownReasoning, func(f *wire.Fields) error { f.Text("effort", req.ReasoningEffort); return nil })
	if err != nil {
		return nil, err
	}
	f.Object("reasoning", reasoning)
	text, err := wire.Nested("text", ownText, func(f *wire.Fields) error { return textFormat(f, req.OutputSchema, r.strict) })
	if err != nil {
		return nil, err
	}
	f.Object("text", text)
	return extra.Append(f.B), nil
}

func textFormat(f *wire.Fields, o *provider.OutputSchema, strictTools bool) error {
	if o == nil {
		return nil
	}
	schema, strict, err := answerSchema(o.Schema, strictTools)
	if err != nil {
		return fmt.Errorf("output schema: %w", err)
	}
	if !f.Begin("format") {
		return nil
	}
	name := "answer"
	if o.Name != "" {
		name = wiretool.OpenAI.Name(o.Name)
	}
	f.B = append(f.B, `{"type":"json_schema","name":`...)
	f.B = jsontree.AppendString(f.B, name)
	if o.Description != "" {
		f.B = append(f.B, `,"description":`...)
		f.B = jsontree.AppendString(f.B, o.Description)
	}
	f.B = append(f.B, `,"schema":`...)
	f.B = append(f.B, schema...)
	f.B = append(f.B, `,"strict":`...)
	f.B = append(strconv.AppendBool(f.B, strict), '}')
	return nil
}

// newTool returns a tool, with a comma ahead of it. Strict mode is on where it
// is not said, so it is said.
func (r *Responses) newTool(t *provider.Tool) ([]byte, error) {
	t, err := wiretool.OpenAI.Tool(t)
	if err != nil {
		return nil, err
	}
	schema, strict, err := toolSchema(t.Schema, r.strict)
	if err != nil {
		return nil, err
	}
	b := []byte(`,{"type":"function","name":`)
	b = jsontree.AppendString(b, t.Name)
	if t.Description != "" {
		b = append(b, `,"description":`...)
		b = jsontree.AppendString(b, t.Description)
	}
	b = append(b, `,"parameters":`...)
	b = append(b, schema...)
	b = append(b, `,"strict":`...)
	return append(strconv.AppendBool(b, strict), '}'), nil
}
