package anthropic_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/apitest/anthropicserver"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
	"github.com/funcall/funcall/provider/providertest"
)

// TestUsesWithoutResult has uses of server-side tools without a result in past turns, with a
// server that refuses them once it is too late for the result.
func TestUsesWithoutResult(t *testing.T) {
	server := anthropicserver.New(slices.Repeat([]providertest.Turn{providertest.Say("ok")}, 2*12)...)
	p := anthropic.New("m", anthropic.APIKey("k"), anthropic.BaseURL(server.Start(t)))
	mine := "anthropic|" + strings.TrimSuffix(strings.TrimPrefix(strings.Split(p.String(), " at ")[1], "http://"), "/v1}")
	state := func(data string) provider.State { return provider.State{Owner: mine, Data: json.RawMessage(data)} }
	const use, found = `{"type":"server_tool_use","id":"s1","name":"web_search","input":{"query":"rain"}}`, `{"type":"web_search_tool_result","tool_use_id":"s1","content":[]}`
	const told = `[web_search ran at the model's provider]\ninput: rain\n`
	search := provider.ServerCall{ID: "s1", Name: "web_search", Input: "rain", State: state(use)}
	result := provider.ServerCall{ID: "s1", Name: "web_search", Output: "wet", State: state(found)}
	const caller = `"caller":{"type":"code_execution_20250825","tool_id":"s1"}`
	call := func(id string, s provider.State) provider.Part {
		return provider.ToolCall{ID: id, Name: "f", Args: "{}", State: s}
	}
	inCode := state("{" + caller + "}")
	done := func(id string) *provider.Message { return results(provider.ToolResult{CallID: id}) }
	says, asks := provider.Assistant(provider.Text{Text: "It rains."}), provider.User("And now?")
	for _, c := range []struct {
		name     string
		messages []*provider.Message
		sent     bool // the use is sent as it is
		calls    int  // how many have a caller
	}{
		{"with a result", []*provider.Message{provider.Assistant(search, result), asks}, true, 0},
		{"before a text of the user", []*provider.Message{provider.Assistant(search), asks}, false, 0},
		{"at the end", []*provider.Message{provider.Assistant(search)}, false, 0},
		{"before another turn", []*provider.Message{provider.Assistant(search), says, asks}, false, 0},
		{"beside a call", []*provider.Message{provider.Assistant(search, call("c1", provider.State{})), done("c1")}, true, 0},
		{"beside a call, and the user wrote", []*provider.Message{provider.Assistant(search, call("c1", provider.State{})), done("c1"), asks}, false, 0},
		{"the result in the next turn", []*provider.Message{provider.Assistant(search, call("c1", provider.State{})), done("c1"), provider.Assistant(result, says.Parts[0]), asks}, true, 0},
		{"no result in the next turn", []*provider.Message{provider.Assistant(search, call("c1", provider.State{})), done("c1"), says, asks}, false, 0},
		{"the result too late", []*provider.Message{provider.Assistant(search), asks, provider.Assistant(result, says.Parts[0]), asks}, false, 0},
		{"calls of code", []*provider.Message{provider.Assistant(search, call("c1", inCode)), done("c1"), provider.Assistant(call("c2", inCode)), done("c2")}, true, 2},
		{"calls of code that went on", []*provider.Message{provider.Assistant(search, call("c1", inCode)), done("c1"), provider.Assistant(call("c2", inCode)), done("c2"), provider.Assistant(result), asks}, true, 2},
		{"calls of code that ended", []*provider.Message{provider.Assistant(search, call("c1", inCode)), done("c1"), provider.Assistant(call("c2", inCode)), done("c2"), asks}, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			messages := append([]*provider.Message{provider.User("Weather?")}, c.messages...)
			for range 2 { // the second time with what is kept of the first
				if _, err := p.Generate(t.Context(), &provider.Request{Messages: messages}, nil); err != nil {
					t.Fatal(err)
				}
			}
			requests := server.Requests()
			body := strings.ReplaceAll(string(requests[len(requests)-1]), `,"cache_control":{"type":"ephemeral"}`, "")
			if strings.Contains(body, use) != c.sent || strings.Contains(body, told) == c.sent || strings.Count(body, caller) != c.calls {
				t.Errorf("sent %s", body)
			}
			for _, m := range c.messages {
				for _, p := range m.Parts {
					if call, ok := p.(provider.ServerCall); ok && call.State.Owner == "" {
						t.Error("the request was changed")
					}
				}
			}
		})
	}
}
