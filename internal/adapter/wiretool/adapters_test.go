package wiretool_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/internal/apitest/anthropicserver"
	"github.com/funcall/funcall/internal/apitest/apiserver"
	"github.com/funcall/funcall/internal/apitest/chatserver"
	"github.com/funcall/funcall/internal/apitest/geminiserver"
	"github.com/funcall/funcall/internal/apitest/responsesserver"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
	"github.com/funcall/funcall/provider/gemini"
	"github.com/funcall/funcall/provider/openai"
	"github.com/funcall/funcall/provider/providertest"
)

// clients are all adapters, each with the strict server of its API.
var clients = []struct {
	name     string
	api      *wiretool.API
	messages string // the member of a request that holds the conversation
	serve    func(...providertest.Turn) *apiserver.Server
	dial     func(address string) provider.Provider
}{
	{"chat", wiretool.OpenAI, "messages", chatserver.New, func(a string) provider.Provider {
		return openai.New("m", openai.BaseURL(a), openai.APIKey("key-1"))
	}},
	{"chat, strict", wiretool.OpenAI, "messages", chatserver.New, func(a string) provider.Provider {
		return openai.New("m", openai.BaseURL(a), openai.APIKey("key-1"), openai.Strict(true))
	}},
	{"responses", wiretool.OpenAI, "input", responsesserver.New, func(a string) provider.Provider {
		return openai.NewResponses("m", openai.BaseURL(a), openai.APIKey("key-1"))
	}},
	{"responses, strict", wiretool.OpenAI, "input", responsesserver.New, func(a string) provider.Provider {
		return openai.NewResponses("m", openai.BaseURL(a), openai.APIKey("key-1"), openai.Strict(true))
	}},
	{"anthropic", wiretool.Anthropic, "messages", anthropicserver.New, func(a string) provider.Provider {
		return anthropic.New("m", anthropic.BaseURL(a), anthropic.APIKey("key-1"), anthropic.NoPromptCache())
	}},
	{"gemini", wiretool.Gemini, "contents", geminiserver.New, func(a string) provider.Provider {
		return gemini.New("m", gemini.BaseURL(a), gemini.APIKey("key-1"))
	}},
	{"gemini, OpenAPI", wiretool.Gemini, "contents", geminiserver.New, func(a string) provider.Provider {
		return gemini.New("m", gemini.BaseURL(a), gemini.APIKey("key-1"), gemini.OpenAPISchemas())
	}},
}

const (
	searchSchema = `{"type":"object","properties":{"$top":{"type":"integer"},"ids[]":{"type":"array","items":{"type":"object","properties":{"größe":{"type":"string"}},"required":["größe"],"additionalProperties":false}}},"required":["$top","ids[]"],"additionalProperties":false}`
	pickSchema   = `{"type":"object","properties":{"$a":{"type":"string"},"b":{"type":"string"}},"anyOf":[{"required":["$a"]},{"required":["b"]}]}`
)

func plain(name string) *provider.Tool {
	return &provider.Tool{Name: name, Description: "Does it.", Schema: json.RawMessage(`{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}`)}
}

// TestConversation has a model call tools whose names, properties and roots no API accepts.
// Each server refuses what the real one does. A caller sees only the original names, and the
// history is sent as the model wrote it, also from a store and without the tools.
func TestConversation(t *testing.T) {
	for _, c := range clients {
		for _, stream := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/streamed=%v", c.name, stream), func(t *testing.T) {
				read := strings.Repeat("very long ", 20) + "files/read"
				tools := []*provider.Tool{
					plain("look"), plain(read), plain("21st"), plain("größe.lesen"),
					{Name: "search?", Description: "Searches.", Schema: json.RawMessage(searchSchema)},
					{Name: "pick", Description: "Picks.", Schema: json.RawMessage(pickSchema)},
				}
				p := c.api.Property
				wrote := map[string]string{
					read:      `{"a":"x"}`,
					"search?": `{"` + p("$top") + `":9007199254740993,"` + p("ids[]") + `":[{"` + p("größe") + `":"ä"}]}`,
					"pick":    `{"input":{"` + p("$a") + `":"ok"}}`,
					"none/of": `{"input":{"a":1}}`,
				}
				own := []provider.ToolCall{
					{ID: "c1", Name: read, Args: `{"a":"x"}`},
					{ID: "c2", Name: "search?", Args: `{"$top":9007199254740993,"ids[]":[{"größe":"ä"}]}`},
					{ID: "c3", Name: "pick", Args: `{"$a":"ok"}`},
					{ID: "c4", Name: "none/of", Args: `{"input":{"a":1}}`}, // is made up, and stays on the wire what it was
				}
				var calls []provider.ToolCall
				for _, call := range own {
					name := c.api.Name(call.Name)
					if call.Name == "none/of" {
						name = call.Name
					}
					calls = append(calls, provider.ToolCall{ID: call.ID, Name: name, Args: wrote[call.Name]})
				}
				server := c.serve(providertest.Calls(calls...), providertest.Say("one"), providertest.Say("two"))
				model := c.dial(server.Start(t))
				ask := func(req *provider.Request) *provider.Response {
					t.Helper()
					var deltas []provider.Delta
					var emit func(provider.Delta)
					if stream {
						emit = func(d provider.Delta) { deltas = append(deltas, d) }
					}
					resp, err := model.Generate(t.Context(), req, emit)
					if err != nil {
						t.Fatal(err)
					}
					if stream {
						adaptertest.CheckDeltas(t, resp, deltas)
					}
					for _, d := range deltas {
						known := func(call provider.ToolCall) bool { return call.Name == d.Name }
						if (d.Kind == provider.DeltaCallStart || d.Kind == provider.DeltaCallEnd) && !slices.ContainsFunc(own, known) {
							t.Errorf("the delta %+v names no tool", d)
						}
					}
					return resp
				}

				req := &provider.Request{Tools: tools, Choice: provider.ToolChoice{Mode: provider.ToolsNamed, Name: read}, Messages: []*provider.Message{provider.User("Go on.")}}
				resp := ask(req)
				got := resp.Message.ToolCalls()
				for i := range got {
					got[i].State = provider.State{}
				}
				if diff := cmp.Diff(own, got); diff != "" {
					t.Fatal(diff)
				}

				results := &provider.Message{Role: provider.RoleTool}
				for _, call := range own {
					results.Parts = append(results.Parts, provider.ToolResult{CallID: call.ID, Name: call.Name, Parts: []provider.Part{provider.Text{Text: "done"}}})
				}
				req = &provider.Request{Tools: tools, Messages: append(req.Messages, resp.Message, results)}
				ask(req)
				stored, err := json.Marshal(resp.Message)
				if err != nil {
					t.Fatal(err)
				}
				again := new(provider.Message)
				if err := json.Unmarshal(stored, again); err != nil {
					t.Fatal(err)
				}
				ask(&provider.Request{Tools: tools[:1], Messages: []*provider.Message{req.Messages[0], again, results}})

				conversation := func(request []byte) string {
					var body map[string]json.RawMessage
					if err := json.Unmarshal(request, &body); err != nil {
						t.Fatal(err)
					}
					return string(body[c.messages])
				}
				requests := server.Requests()
				if diff := cmp.Diff(conversation(requests[1]), conversation(requests[2])); diff != "" {
					t.Errorf("without the tools the past is another: %s", diff)
				}
				for _, args := range wrote {
					quoted, err := json.Marshal(args)
					if err != nil {
						t.Fatal(err)
					}
					if past := conversation(requests[1]); !strings.Contains(past, args) && !strings.Contains(past, strings.Trim(string(quoted), `"`)) {
						t.Errorf("%s was not sent back: %s", args, past)
					}
				}
			})
		}
	}
}

// TestObjectsAsText has a model write objects into JSON strings, which the check decodes: the
// names inside are the original ones, also below a wrapper.
func TestObjectsAsText(t *testing.T) {
	const inside = `{"type":"object","properties":{"o":{"type":"object","properties":{"$top":{"type":"integer"}}}}}`
	for _, c := range clients {
		wrapped := `"{\"input\":{\"b\":\"x\"}}"`
		if c.api != wiretool.OpenAI {
			wrapped = `{"input":"{\"b\":\"x\"}"}` // the arguments are an object there
		}
		calls := []provider.ToolCall{
			{ID: "c1", Name: "inside", Args: `{"o":"{\"` + c.api.Property("$top") + `\":2}"}`},
			{ID: "c2", Name: "pick", Args: wrapped},
		}
		server := c.serve(providertest.Calls(calls...))
		req := &provider.Request{Messages: []*provider.Message{provider.User("Go on.")}, Tools: []*provider.Tool{
			{Name: "inside", Description: "Does it.", Schema: json.RawMessage(inside)}, {Name: "pick", Description: "Picks.", Schema: json.RawMessage(pickSchema)},
		}}
		resp, err := c.dial(server.Start(t)).Generate(t.Context(), req, nil)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := resp.Message.ToolCalls()
		if got[0].Args != `{"o":"{\"$top\":2}"}` || got[1].Args != `"{\"b\":\"x\"}"` {
			t.Errorf("%s: %s, %s", c.name, got[0].Args, got[1].Args)
		}
	}
}

// TestOtherProvidersCalls sends a turn of another model, with the original arguments and names
// that this API accepts.
func TestOtherProvidersCalls(t *testing.T) {
	for _, c := range clients {
		server := c.serve(providertest.Say("one"))
		past := provider.Assistant(provider.ToolCall{ID: "c1", Name: "pick", Args: `{"$a":"ok"}`, State: provider.State{Owner: "another", Data: json.RawMessage(`{"wire_args":"{\"input\":{}}"}`)}})
		result := &provider.Message{Role: provider.RoleTool, Parts: []provider.Part{provider.ToolResult{CallID: "c1", Name: "pick", Parts: []provider.Part{provider.Text{Text: "done"}}}}}
		req := &provider.Request{Tools: []*provider.Tool{{Name: "pick", Schema: json.RawMessage(pickSchema)}}, Messages: []*provider.Message{provider.User("Go on."), past, result}}
		if _, err := c.dial(server.Start(t)).Generate(t.Context(), req, nil); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if sent := string(server.Requests()[0]); !strings.Contains(sent, `$a`) || strings.Contains(sent, "wire_args") {
			t.Errorf("%s: %s", c.name, sent)
		}
	}
}

// TestRefusedRequests has lists of tools that no name can tell apart.
func TestRefusedRequests(t *testing.T) {
	for _, c := range clients {
		server := c.serve(providertest.Say("one"))
		model := c.dial(server.Start(t))
		twice := &provider.Request{Messages: []*provider.Message{provider.User("Hi")}, Tools: []*provider.Tool{plain("a/b"), plain(c.api.Name("a/b"))}}
		_, err := model.Generate(t.Context(), twice, nil)
		if e := adaptertest.Failure(t, err); e.Kind != provider.KindInvalidRequest || !strings.Contains(e.Message, `"a/b" and "a_b_`) {
			t.Errorf("%s: %v", c.name, err)
		}
		if len(server.Requests()) > 0 {
			t.Errorf("%s: the request was sent", c.name)
		}
	}
}
