package anthropic

import (
	"encoding/json"

	"github.com/funcall/funcall/internal/jsontree"
	"github.com/funcall/funcall/internal/wire"
	"github.com/funcall/funcall/internal/wiretool"
	"github.com/funcall/funcall/provider"
)

// tooling is what a request says of tools.
type tooling struct {
	any       bool // there are tools
	functions []*provider.Tool
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
		if t.functions = stubs(req.Messages); t.functions != nil {
			t.choice = provider.ToolsNone
		}
	}
	t.any = len(t.functions) > 0 || len(t.server) > 0
	if !t.any || t.choice != provider.ToolsAuto {
		t.extra = t.extra.Without("tool_choice")
	}
	t.forced = t.choice == provider.ToolsRequired || t.choice == provider.ToolsNamed || forces(t.extra)
	return t, nil
}

// stubs returns a tool for each that the conversation has a call of, in the order
// of their first calls: the list grows at its end, so that the API's prompt cache
// keeps what stands ahead.
func stubs(messages []*provider.Message) (tools []*provider.Tool) {
	seen := make(map[string]bool)
	for _, m := range messages {
		for _, call := range m.ToolCalls() {
			if name := wiretool.Anthropic.Name(call.Name); !seen[name] {
				seen[name] = true
				tools = append(tools, &provider.Tool{Name: name, Description: "No longer available.", Schema: json.RawMessage(`{"type":"object"}`)})
			}
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
			return nil, c.api.Invalid(err, "tool %q", t.Name)
		}
		list, comma = wire.AddElement(list, encoded, comma)
	}
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

func toolChoice(choice provider.ToolMode, req *provider.Request) []byte {
	kind := map[provider.ToolMode]string{provider.ToolsAuto: "auto", provider.ToolsNone: "none", provider.ToolsRequired: "any", provider.ToolsNamed: "tool"}[choice]
	single := req.ParallelCalls != nil && !*req.ParallelCalls && choice != provider.ToolsNone
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
