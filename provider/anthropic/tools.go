package anthropic

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// tooling is what a request says of tools.
type tooling struct {
	any       bool // there are tools
	functions []*provider.Tool
	stubs     []byte   // in place of functions, each with a comma ahead of it
	server    [][]byte // tools that run at the server, each with a comma ahead of it
	choice    provider.ToolMode
	forced    bool         // the model has to call one
	extra     wire.Members // the extra members that are not tools
}

// toolingOf returns the tools of a request. The API refuses a conversation with
// calls in it if the request has no tools: it gets stubs then, which the model must
// not call. A choice among the extra members gives way to one of the request's own,
// and is not sent without tools, as the API refuses it.
func toolingOf(req *provider.Request, extra wire.Members) (t tooling, err error) {
	t.functions = req.Tools
	if t.server, t.extra, err = wire.ServerTools(extra, req.Tools, wiretool.Anthropic.Name); err != nil {
		return tooling{}, err
	}
	if t.choice, err = wire.Choice(req, len(t.server) > 0); err != nil {
		return tooling{}, err
	}
	if len(t.functions) == 0 && len(t.server) == 0 {
		if t.stubs = stubs(req.Messages); t.stubs != nil {
			t.choice = provider.ToolsNone
		}
	}
	t.any = len(t.functions)+len(t.stubs)+len(t.server) > 0
	if !t.any || t.choice != provider.ToolsAuto {
		t.extra = t.extra.Without("tool_choice")
	}
	t.forced = t.choice == provider.ToolsRequired || t.choice == provider.ToolsNamed || forces(t.extra)
	return t, nil
}

// stubs returns the encoding of a tool for each that the conversation has a call of,
// in the order of their first calls: the list grows at its end, so that the API's
// prompt cache keeps what stands ahead.
func stubs(messages []*provider.Message) (tools []byte) {
	const head, tail = `,{"name":`, `,"description":"No longer available.","input_schema":{"type":"object"}}`
	seen := make(map[string]bool)
	for _, m := range messages {
		for _, p := range m.Parts {
			call, ok := p.(provider.ToolCall)
			if !ok {
				continue
			}
			name := wiretool.Anthropic.Name(call.Name)
			if seen[name] {
				continue
			}
			seen[name] = true
			tools = slices.Grow(tools, len(head)+len(name)+len(`""`)+len(tail))
			tools = jsontree.AppendString(append(tools, head...), name)
			tools = append(tools, tail...)
		}
	}
	return tools
}

// forces reports whether a choice among the extra members makes the model call a
// tool.
func forces(extra wire.Members) bool {
	own, _ := extra.Take("tool_choice")
	if own == nil {
		return false
	}
	var choice struct{ Type string }
	_ = json.Unmarshal(own, &choice) // the API says what is wrong with it
	return choice.Type == "any" || choice.Type == "tool"
}

// appendTools appends the tools. If marked, the functions get a mark of the prompt
// cache: it covers them where no system text with a mark follows.
func (c *Client) appendTools(list [][]byte, tools tooling, marked bool) ([][]byte, error) {
	if !tools.any {
		return list, nil
	}
	list = append(list, beforeTools)
	comma := false
	for _, t := range tools.functions {
		encoded, err := t.Encoded("anthropic", newTool)
		if err != nil {
			return nil, fmt.Errorf("tool %q: %w", t.Name, err)
		}
		list, comma = wire.AddElement(list, encoded, comma)
	}
	list, comma = wire.AddElement(list, tools.stubs, comma)
	if marked && comma {
		last := list[len(list)-1]
		list = append(list[:len(list)-1], last[:len(last)-1], cacheMark, closing)
	}
	for _, tool := range tools.server {
		list, comma = wire.AddElement(list, tool, comma)
	}
	return list, nil
}

// newTool returns a tool, with a comma ahead of it.
func newTool(t *provider.Tool) ([]byte, error) {
	t, err := wiretool.Anthropic.Tool(t)
	if err != nil {
		return nil, err
	}
	schema, err := wire.Schema(t.Schema)
	if err != nil {
		return nil, err
	}
	b := []byte(`,{"name":`)
	b = jsontree.AppendString(b, t.Name)
	if t.Description != "" {
		b = append(b, `,"description":`...)
		b = jsontree.AppendString(b, t.Description)
	}
	b = append(b, `,"input_schema":`...)
	b = append(b, schema...)
	return append(b, '}'), nil
}

// noCalls are the members of a choice that forbids calls.
var noCalls = []byte(`,"type":"none"`)

// toolChoice returns the members of a choice, or nil if the request restricts nothing.
func toolChoice(choice provider.ToolMode, req *provider.Request) []byte {
	if choice == provider.ToolsNone {
		return noCalls
	}
	kind := map[provider.ToolMode]string{provider.ToolsAuto: "auto", provider.ToolsRequired: "any", provider.ToolsNamed: "tool"}[choice]
	single := req.ParallelCalls != nil && !*req.ParallelCalls
	if choice == provider.ToolsAuto && !single {
		return nil
	}
	f := &wire.Fields{}
	f.Text("type", kind)
	if choice == provider.ToolsNamed {
		f.Text("name", wiretool.Anthropic.Name(req.Choice.Name))
	}
	if single {
		f.Bool("disable_parallel_tool_use", true)
	}
	return f.B
}
