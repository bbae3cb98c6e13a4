package openai

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

var beforeTools = []byte(`],"tools":[`)

// appendTools adds the tools to the pieces of a body after its messages.
func appendTools(list [][]byte, d *wire.Draft, e wire.Encoder[provider.Tool]) ([][]byte, error) {
	if !d.HasTools {
		return list, nil
	}
	list, comma, err := d.AppendFunctions(append(list, beforeTools), e)
	return d.AppendServer(list, comma), err
}

// A layout is how an API writes an object with a type.
type layout bool

const (
	flat   layout = false // {"type":"function","name":…}, as in Responses
	nested layout = true  // {"type":"function","function":{"name":…}}, as in Chat Completions
)

func (l layout) begin(b []byte, kind string) []byte {
	b = append(b, `{"type":`...)
	b = append(jsontree.AppendString(b, kind), ',')
	if l == nested {
		b = append(jsontree.AppendString(b, kind), ":{"...)
	}
	return b
}

func (l layout) end(b []byte) []byte {
	if l == nested {
		b = append(b, '}')
	}
	return append(b, '}')
}

// endSchema ends an object with a schema. It always writes strict, because the default of the
// Responses API is true.
func (l layout) endSchema(b []byte, strict bool) []byte {
	if strict || l == flat {
		b = append(b, `,"strict":`...)
		b = strconv.AppendBool(b, strict)
	}
	return l.end(b)
}

// encodeTool returns the encoder of tools, each with a comma before it.
func (l layout) encodeTool(strict bool) func(*provider.Tool) ([]byte, error) {
	return func(t *provider.Tool) ([]byte, error) {
		t, err := wiretool.OpenAI.Tool(t)
		if err != nil {
			return nil, err
		}
		schema, strict, err := toolSchema(t.Schema, strict)
		if err != nil {
			return nil, err
		}
		b := wire.AppendNamed(l.begin([]byte{','}, "function"), t.Name, t.Description, "parameters", schema)
		return l.endSchema(b, strict), nil
	}
}

// appendSettings appends the settings that both APIs name alike; maxTokens is the name of the
// bound of the output.
func (l layout) appendSettings(f *wire.Fields, d *wire.Draft, maxTokens string) {
	req := d.Request
	switch {
	case d.Allowed != nil:
		if f.Begin("tool_choice") {
			f.B = l.appendAllowed(f.B, d)
		}
	case d.Choice != provider.ToolsNamed:
		f.Text("tool_choice", string(d.Choice))
	case f.Begin("tool_choice"):
		f.B = l.appendFunction(f.B, req.Choice.Name)
	}
	if req.ParallelCalls != nil && d.HasTools {
		f.Bool("parallel_tool_calls", *req.ParallelCalls)
	}
	f.Float("temperature", req.Temperature)
	f.Float("top_p", req.TopP)
	f.MaxTokens(maxTokens, req.MaxOutputTokens)
}

// appendFunction appends a reference to a function.
func (l layout) appendFunction(b []byte, name string) []byte {
	return l.end(wire.AppendNamed(l.begin(b, "function"), wiretool.OpenAI.Name(name), "", "", nil))
}

// appendAllowed appends a choice among some of the functions that are sent.
func (l layout) appendAllowed(b []byte, d *wire.Draft) []byte {
	b = append(l.begin(b, "allowed_tools"), `"mode":`...)
	b = jsontree.AppendString(b, cmp.Or(string(d.Choice), "auto"))
	b = append(b, `,"tools":`...)
	sep := byte('[')
	for _, t := range d.Allowed {
		b = l.appendFunction(append(b, sep), t.Name)
		sep = ','
	}
	return l.end(append(b, ']'))
}

// appendOutput appends the schema of a structured output, if there is one, as a member.
func (l layout) appendOutput(f *wire.Fields, member string, o *provider.OutputSchema, strictTools bool) {
	if o == nil {
		return
	}
	schema, strict, err := answerSchema(o.Schema, strictTools)
	if err != nil {
		f.Fail(fmt.Errorf("output schema: %w", err))
	} else if f.Begin(member) {
		name := wiretool.OpenAI.Name(cmp.Or(o.Name, "answer"))
		f.B = wire.AppendNamed(l.begin(f.B, "json_schema"), name, o.Description, "schema", schema)
		f.B = l.endSchema(f.B, strict)
	}
}
