package gemini

import (
	"fmt"
	"math"

	"github.com/funcall/funcall/internal/adapter/client"
	"github.com/funcall/funcall/internal/adapter/dialect"
	"github.com/funcall/funcall/internal/adapter/httpapi"
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/provider"
)

var form = wire.Form{
	Reserved: []string{"contents", "systemInstruction", "system_instruction"},
	ToolName: wiretool.Gemini.Name,
	Chooses:  chooses,
}

// respelled are members with two names in the API. This package reads the second.
var respelled = [][2]string{{"tool_config", "toolConfig"}, {"generation_config", "generationConfig"}}

// encode returns the body of a request. Equal requests have equal bytes: members are in a
// fixed order, and past messages and tools keep their encoding.
func (c *Client) encode(req *provider.Request, _ bool) (*httpapi.Body, error) {
	d, err := form.Draft(req, c.base.Extra, c.validates, c.base.Server...)
	if err != nil {
		return nil, err
	}
	if d.Choice == provider.ToolsNone { // which forbids functions alone
		d.Server, d.HasTools = nil, len(d.Functions) > 0
	}
	body := httpapi.NewBody()
	list := append(body.Pieces(8+len(d.Messages)+d.Pieces()), c.base.Head.Bytes(d.System.Shared, newHead))
	list = appendOwn(list, d.System)
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
	hasFunctions := len(d.Functions) > 0
	if hasFunctions {
		if list, _, err = d.AppendFunctions(append(list, beforeFunctions), c.tools); err != nil {
			return nil, err
		}
		list = append(list, afterFunctions)
	}
	return d.AppendServer(list, hasFunctions), nil
}

var (
	beforeSystem   = []byte(`"systemInstruction":{"parts":[`)
	afterSystem    = []byte(`]},`)
	beforeContents = []byte(`"contents":[`)
)

// newHead returns the beginning of a body, up to the shared instructions.
func newHead(shared string) []byte {
	b := []byte{'{'}
	if shared != "" {
		b = append(b, beforeSystem...)
		b = append(b, appendText(nil, shared)[1:]...)
	}
	return b
}

// appendOwn adds the conversation's own instructions, and begins its contents.
func appendOwn(list [][]byte, system wire.Instructions) [][]byte {
	own := system.Block()
	switch {
	case own == "" && system.Shared == "":
		return append(list, beforeContents)
	case own != "" && system.Shared == "":
		list = append(list, beforeSystem, appendText(nil, own)[1:])
	case own != "":
		list = append(list, appendText(nil, own))
	}
	return append(list, afterSystem, beforeContents)
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
		if len(c.base.Server) > 0 && len(d.Server) > 0 && len(d.Functions) > 0 { // required from Gemini 3 on
			f.Bool("includeServerSideToolInvocations", true)
		}
		if d.Choice != provider.ToolsAuto || !d.HasTools {
			f.Extra = f.Extra.Without(calling, "function_calling_config")
		}
		switch {
		case len(d.Functions) == 0 && d.Choice == provider.ToolsRequired:
			f.Fail(wire.Unsupported("the API cannot force a call of a server-side tool (ToolChoice)"))
		case len(d.Functions) == 0: // the API refuses a choice without functions
		case d.Choice == provider.ToolsNone:
			choose(f, "NONE")
		case d.Choice == provider.ToolsRequired:
			choose(f, "ANY", names(d.Allowed)...)
		case d.Choice == provider.ToolsNamed:
			choose(f, "ANY", wiretool.Gemini.Name(req.Choice.Name))
		case d.Allowed != nil:
			choose(f, "VALIDATED", names(d.Allowed)...)
		}
	})
	if req.ParallelCalls != nil && !*req.ParallelCalls && len(req.Tools) > 0 {
		f.Fail(wire.Unsupported("the API cannot turn off parallel calls (ParallelCalls)"))
	}
	f.Nested("generationConfig", func(f *wire.Fields) { c.generation(f, req) })
}

// calling is the member of toolConfig that chooses among functions.
const calling = "functionCallingConfig"

// chooses reports whether extra members choose among functions.
func chooses(extra wire.Members) bool {
	config, _ := extra.Take("toolConfig")
	members, err := wire.ExtraMembers(nil, config, nil)
	return err == nil && (members.Has(calling) || members.Has("function_calling_config"))
}

// choose appends the choice of functions. If some are given, it is restricted to them.
func choose(f *wire.Fields, mode string, allowed ...string) {
	f.Nested(calling, func(f *wire.Fields) {
		f.Text("mode", mode)
		f.Texts("allowedFunctionNames", allowed)
	})
}

// names returns the names of tools on the wire.
func names(tools []*provider.Tool) (list []string) {
	for _, t := range tools {
		list = append(list, wiretool.Gemini.Name(t.Name))
	}
	return list
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
