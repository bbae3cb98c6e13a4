package anthropic

import (
	"encoding/json"
	"slices"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// tooling is what a request needs for tools besides its draft.
type tooling struct {
	stubs  []byte // in place of functions, each with a comma before it
	forced bool   // the model must call a tool
}

// toolingOf completes the draft. The API refuses a conversation with calls if the request has
// no tools: then it adds stubs, and forbids calls.
func toolingOf(d *wire.Draft) (t tooling) {
	if !d.HasTools {
		if t.stubs = stubs(d.Messages); t.stubs != nil {
			d.HasTools, d.Choice = true, provider.ToolsNone
		}
	}
	t.forced = d.Choice == provider.ToolsRequired || d.Choice == provider.ToolsNamed || forces(d.Extra)
	return t
}

// stubs returns an encoded tool for each tool that the conversation calls, in the order of the
// first calls: the list grows only at its end, so that the API's prompt cache keeps the rest.
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

// forces reports whether a choice among the extra members forces a call.
func forces(extra wire.Members) bool {
	own, _ := extra.Take("tool_choice")
	if own == nil {
		return false
	}
	var choice struct{ Type string }
	_ = json.Unmarshal(own, &choice) // the API reports what is wrong
	return choice.Type == "any" || choice.Type == "tool"
}

// appendTools appends the tools. If marked is true, the last function or stub gets a mark of the
// prompt cache.
func appendTools(list [][]byte, d *wire.Draft, stubs []byte, marked bool) ([][]byte, error) {
	if !d.HasTools {
		return list, nil
	}
	list, comma, err := d.AppendFunctions(append(list, beforeTools), tools)
	if err != nil {
		return nil, err
	}
	list, comma = wire.AddElement(list, stubs, comma)
	if marked {
		last := list[len(list)-1]
		list = append(list[:len(list)-1], last[:len(last)-1], cacheMark, closing)
	}
	return d.AppendServer(list, comma), nil
}

var tools = wire.Encoder[provider.Tool]{Key: "anthropic", Encode: newTool}

// newTool returns a tool, with a comma before it.
func newTool(t *provider.Tool) ([]byte, error) {
	t, err := wiretool.Anthropic.Tool(t)
	if err != nil {
		return nil, err
	}
	schema, err := wire.Schema(t.Schema)
	if err != nil {
		return nil, err
	}
	return append(wire.AppendNamed([]byte(",{"), t.Name, t.Description, "input_schema", schema), '}'), nil
}

// noCalls are the members of a choice that forbids calls.
var noCalls = []byte(`,"type":"none"`)

// toolChoice returns the members of a choice, or nil if the request does not restrict calls.
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
