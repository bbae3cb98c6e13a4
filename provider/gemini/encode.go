package gemini

import (
	"errors"
	"fmt"
	"math"

	"github.com/funcall/funcall/internal/adapter/dialect"
	"github.com/funcall/funcall/internal/adapter/httpapi"
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// reserved are the members of a request that extra fields must leave alone.
var reserved = []string{"contents", "systemInstruction", "system_instruction"}

// respelled are members that the API knows by two names, of which this package
// reads the second.
var respelled = [][2]string{{"tool_config", "toolConfig"}, {"generation_config", "generationConfig"}}

// extraMembers returns the tools that run at the server, and the other extra
// members.
func (c *Client) extraMembers(req *provider.Request) (server [][]byte, extra wire.Members, err error) {
	if extra, err = wire.ExtraMembers(c.base.Extra, req.Extra, reserved); err != nil {
		return nil, nil, err
	}
	for _, names := range respelled {
		if extra.Has(names[0]) {
			return nil, nil, fmt.Errorf("extra fields: use %q instead of %q", names[1], names[0])
		}
	}
	return wire.ServerTools(extra, req.Tools, wiretool.Gemini.Name)
}

// encode returns the body of a request. The same request gives the same
// bytes: members stand in a fixed order, and past messages and tools keep
// their encoding.
func (c *Client) encode(req *provider.Request, _ bool) (httpapi.Body, error) {
	server, extra, err := c.extraMembers(req)
	if err != nil {
		return httpapi.Body{}, fmt.Errorf("settings: %w", err)
	}
	system, messages, err := wire.Conversation(req)
	if err != nil {
		return httpapi.Body{}, fmt.Errorf("messages: %w", err)
	}
	list := make([][]byte, 0, 8+2*len(messages)+len(req.Tools)+len(server))
	list = append(list, c.base.Head.Bytes(system, newHead))
	list, _, err = turns.Append(list, messages, func(i int, m *provider.Message) ([]byte, error) {
		parts, err := m.Encoded(c.encodingKey, c.encodeMessage)
		if err != nil {
			return nil, fmt.Errorf("message %d: %w", len(req.Messages)-len(messages)+i, err)
		}
		return parts, nil
	})
	if err != nil {
		return httpapi.Body{}, err
	}
	if list, err = c.appendTools(list, req.Tools, server); err != nil {
		return httpapi.Body{}, err
	}
	tail := []byte{']'}
	if tail, err = c.appendSettings(tail, req, len(server) > 0, extra); err != nil {
		return httpapi.Body{}, fmt.Errorf("settings: %w", err)
	}
	return httpapi.BodyOf(append(list, append(tail, '}'))), nil
}

var (
	beforeTools     = []byte(`],"tools":[`)
	beforeFunctions = []byte(`{"functionDeclarations":[`)
	afterFunctions  = []byte(`]}`)
)

// appendTools appends the functions, which are one tool to the API, and those
// that run at the server.
func (c *Client) appendTools(list [][]byte, functions []*provider.Tool, server [][]byte) ([][]byte, error) {
	if len(functions) == 0 && len(server) == 0 {
		return list, nil
	}
	list = append(list, beforeTools)
	if len(functions) > 0 {
		list = append(list, beforeFunctions)
		comma := false
		for _, t := range functions {
			encoded, err := t.Encoded(c.toolKey, c.encodeTool)
			if err != nil {
				return nil, fmt.Errorf("tool %q: %w", t.Name, err)
			}
			list, comma = wire.AddElement(list, encoded, comma)
		}
		list = append(list, afterFunctions)
	}
	comma := len(functions) > 0
	for _, tool := range server {
		list, comma = wire.AddElement(list, tool, comma)
	}
	return list, nil
}

// newHead makes the beginning of a body.
func newHead(system string) []byte {
	b := []byte{'{'}
	if system != "" {
		b = append(b, `"systemInstruction":{"parts":[{"text":`...)
		b = append(jsontree.AppendString(b, system), "}]},"...)
	}
	return append(b, `"contents":[`...)
}

// turns are the contents of a conversation, which the API calls user and model.
var turns = wire.Turns{
	First:     []byte(`{"role":"user","parts":[`),
	ThenUser:  []byte(`]},{"role":"user","parts":[`),
	ThenModel: []byte(`]},{"role":"model","parts":[`),
	End:       []byte(`]}`),
	Silence:   []byte(`,{"text":" "}`),
	GoOn:      []byte(`,{"text":"Go on."}`),
}

// encodeTool returns a tool, with a comma ahead of it.
func (c *Client) encodeTool(t *provider.Tool) ([]byte, error) {
	t, err := wiretool.Gemini.Tool(t)
	if err != nil {
		return nil, err
	}
	field, speak := "parametersJsonSchema", dialect.Gemini
	if c.openAPI {
		field, speak = "parameters", dialect.GeminiOpenAPI
	}
	schema, err := speak.Convert(t.Schema)
	if err != nil {
		return nil, err
	}
	b := []byte(`,{"name":`)
	b = jsontree.AppendString(b, t.Name)
	if t.Description != "" {
		b = append(b, `,"description":`...)
		b = jsontree.AppendString(b, t.Description)
	}
	if string(schema) != `{"type":"object"}` { // parameters that are none are left out: the API refuses them in OpenAPI's words
		b = append(b, `,"`+field+`":`...)
		b = append(b, schema...)
	}
	return append(b, '}'), nil
}

func (c *Client) appendSettings(b []byte, req *provider.Request, server bool, extra wire.Members) ([]byte, error) {
	choice, err := wire.Choice(req, server)
	if err != nil {
		return nil, err
	}
	f := &wire.Fields{B: b}
	own, extra := extra.Take("toolConfig")
	config, err := wire.Nested("toolConfig", own, func(f *wire.Fields) error {
		const calling = "functionCallingConfig"
		if choice != provider.ToolsAuto || len(req.Tools) == 0 && !server {
			f.Extra = f.Extra.Without(calling, "function_calling_config")
		}
		switch {
		case len(req.Tools) == 0 && choice == provider.ToolsRequired:
			return wire.Unsupported("the API cannot make a model use tools that run at the server (ToolChoice)")
		case len(req.Tools) == 0: // the API refuses a choice without functions
		case choice == provider.ToolsNone:
			f.Raw(calling, `{"mode":"NONE"}`)
		case choice == provider.ToolsRequired:
			f.Raw(calling, `{"mode":"ANY"}`)
		case choice == provider.ToolsNamed:
			f.Raw(calling, `{"mode":"ANY","allowedFunctionNames":[`+string(jsontree.AppendString(nil, wiretool.Gemini.Name(req.Choice.Name)))+`]}`)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	f.Object("toolConfig", config)
	if req.ParallelCalls != nil && !*req.ParallelCalls && len(req.Tools) > 0 {
		return nil, wire.Unsupported("the API has no switch against parallel calls (ParallelCalls)")
	}
	own, extra = extra.Take("generationConfig")
	generation, err := wire.Nested("generationConfig", own, func(f *wire.Fields) error { return c.generation(f, req) })
	if err != nil {
		return nil, err
	}
	f.Object("generationConfig", generation)
	return extra.Append(f.B), nil
}

func (c *Client) generation(f *wire.Fields, req *provider.Request) error {
	err := errors.Join(
		f.Float("temperature", req.Temperature),
		f.Float("topP", req.TopP),
		f.MaxTokens("maxOutputTokens", req.MaxOutputTokens))
	if err != nil {
		return err
	}
	f.Texts("stopSequences", req.Stop)
	if req.Seed != nil {
		if *req.Seed < math.MinInt32 || *req.Seed > math.MaxInt32 {
			return wire.Unsupported(fmt.Sprintf("Seed is %d; the API takes a seed of 32 bits", *req.Seed))
		}
		f.Int("seed", *req.Seed)
	}
	if o := req.OutputSchema; o != nil {
		schema, err := dialect.Gemini.Convert(o.Schema)
		if err != nil {
			return fmt.Errorf("output schema: %w", err)
		}
		if !wiretool.Gemini.Fits(o.Schema) {
			return wire.Unsupported("output schema: the API takes no such names, or no choice of forms at the root")
		}
		f.Text("responseMimeType", "application/json")
		f.Raw("responseJsonSchema", string(schema))
	}
	own, extra := f.Extra.Take("thinkingConfig")
	f.Extra = extra
	thinking, err := wire.Nested("thinkingConfig", own, func(f *wire.Fields) error {
		if c.includeThoughts {
			f.Bool("includeThoughts", true)
		}
		if c.thinkingBudget != nil {
			f.Int("thinkingBudget", int64(*c.thinkingBudget))
		}
		f.Text("thinkingLevel", req.ReasoningEffort)
		return nil
	})
	if err != nil {
		return err
	}
	f.Object("thinkingConfig", thinking)
	return nil
}
