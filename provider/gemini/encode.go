package gemini

import (
	"fmt"
	"math"

	"github.com/funcall/funcall/internal/adapter/client"
	"github.com/funcall/funcall/internal/adapter/dialect"
	"github.com/funcall/funcall/internal/adapter/httpapi"
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

var form = wire.Form{
	Reserved: []string{"contents", "systemInstruction", "system_instruction"},
	ToolName: wiretool.Gemini.Name,
}

// respelled are members with two names in the API. This package reads the second.
var respelled = [][2]string{{"tool_config", "toolConfig"}, {"generation_config", "generationConfig"}}

// encode returns the body of a request. Equal requests have equal bytes: members are in a
// fixed order, and past messages and tools keep their encoding.
func (c *Client) encode(req *provider.Request, _ bool) (*httpapi.Body, error) {
	d, err := form.Draft(req, c.base.Extra)
	if err != nil {
		return nil, err
	}
	body := httpapi.NewBody()
	list := append(body.Pieces(8+len(d.Messages)+d.Pieces()), c.base.Head.Bytes(d.System, newHead))
	if list, _, err = turns.Append(list, &d, c.messages); err != nil {
		return nil, err
	}
	if list, err = c.appendTools(list, &d); err != nil {
		return nil, err
	}
	f := d.Settings(body.Tail())
	c.appendSettings(f, &d)
	return client.End(body, list, f)
}

var (
	beforeTools     = []byte(`],"tools":[`)
	beforeFunctions = []byte(`{"functionDeclarations":[`)
	afterFunctions  = []byte(`]}`)
)

// appendTools appends the functions, which are one tool in the API, and the server-side tools.
func (c *Client) appendTools(list [][]byte, d *wire.Draft) (_ [][]byte, err error) {
	if !d.HasTools {
		return list, nil
	}
	list = append(list, beforeTools)
	hasFunctions := len(d.Request.Tools) > 0
	if hasFunctions {
		if list, _, err = d.AppendFunctions(append(list, beforeFunctions), c.tools); err != nil {
			return nil, err
		}
		list = append(list, afterFunctions)
	}
	return d.AppendServer(list, hasFunctions), nil
}

// newHead returns the beginning of a body.
func newHead(system string) []byte {
	b := []byte{'{'}
	if system != "" {
		b = append(b, `"systemInstruction":{"parts":[{"text":`...)
		b = append(jsontree.AppendString(b, system), "}]},"...)
	}
	return append(b, `"contents":[`...)
}

// turns writes the contents of a conversation; the roles are user and model.
var turns = wire.Turns{
	First:     []byte(`{"role":"user","parts":[`),
	ThenUser:  []byte(`]},{"role":"user","parts":[`),
	ThenModel: []byte(`]},{"role":"model","parts":[`),
	End:       []byte(`]}`),
	Silence:   []byte(`,{"text":" "}`),
	GoOn:      []byte(`,{"text":"Go on."}`),
}

// encodeTool returns a tool, with a comma before it.
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
	if string(schema) == `{"type":"object"}` { // the API refuses OpenAPI parameters without properties
		schema = nil
	}
	return append(wire.AppendNamed([]byte(",{"), t.Name, t.Description, field, schema), '}'), nil
}

func (c *Client) appendSettings(f *wire.Fields, d *wire.Draft) {
	req := d.Request
	for _, names := range respelled {
		if f.Extra.Has(names[0]) {
			f.Fail(fmt.Errorf("extra fields: use %q instead of %q", names[1], names[0]))
		}
	}
	f.Nested("toolConfig", func(f *wire.Fields) {
		const calling = "functionCallingConfig"
		if d.Choice != provider.ToolsAuto || !d.HasTools {
			f.Extra = f.Extra.Without(calling, "function_calling_config")
		}
		switch {
		case len(req.Tools) == 0 && d.Choice == provider.ToolsRequired:
			f.Fail(wire.Unsupported("the API cannot force a call of a server-side tool (ToolChoice)"))
		case len(req.Tools) == 0: // the API refuses a choice without functions
		case d.Choice == provider.ToolsNone:
			f.Raw(calling, `{"mode":"NONE"}`)
		case d.Choice == provider.ToolsRequired:
			f.Raw(calling, `{"mode":"ANY"}`)
		case d.Choice == provider.ToolsNamed:
			f.Raw(calling, `{"mode":"ANY","allowedFunctionNames":[`+string(jsontree.AppendString(nil, wiretool.Gemini.Name(req.Choice.Name)))+`]}`)
		}
	})
	if req.ParallelCalls != nil && !*req.ParallelCalls && len(req.Tools) > 0 {
		f.Fail(wire.Unsupported("the API cannot turn off parallel calls (ParallelCalls)"))
	}
	f.Nested("generationConfig", func(f *wire.Fields) { c.generation(f, req) })
}

func (c *Client) generation(f *wire.Fields, req *provider.Request) {
	f.Float("temperature", req.Temperature)
	f.Float("topP", req.TopP)
	f.MaxTokens("maxOutputTokens", req.MaxOutputTokens)
	f.Texts("stopSequences", req.Stop)
	if seed := req.Seed; seed != nil {
		if *seed < math.MinInt32 || *seed > math.MaxInt32 {
			f.Fail(wire.Unsupported(fmt.Sprintf("Seed is %d; the API accepts only 32-bit seeds", *seed)))
		}
		f.Int("seed", *seed)
	}
	if o := req.OutputSchema; o != nil {
		schema, err := dialect.Gemini.Convert(o.Schema)
		if err == nil && !wiretool.Gemini.Fits(o.Schema) {
			err = wire.NoFit
		}
		if err != nil {
			f.Fail(fmt.Errorf("output schema: %w", err))
		}
		f.Text("responseMimeType", "application/json")
		f.Raw("responseJsonSchema", string(schema))
	}
	f.Nested("thinkingConfig", func(f *wire.Fields) {
		if c.includeThoughts {
			f.Bool("includeThoughts", true)
		}
		if c.thinkingBudget != nil {
			f.Int("thinkingBudget", int64(*c.thinkingBudget))
		}
		f.Text("thinkingLevel", req.ReasoningEffort)
	})
}
