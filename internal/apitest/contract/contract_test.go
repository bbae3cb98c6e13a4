// Package contract checks the adapters against the vendors' own types and a third-party
// server. The script
// .ci/contract/run gives its tests what they need; without it they are skipped.
package contract

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
	"github.com/funcall/funcall/provider/gemini"
	"github.com/funcall/funcall/provider/openai"
)

// An adapter is one to be checked. The answers that it records its requests
// with have what it must send back.
type adapter struct {
	name   string
	dial   func(hc *http.Client, base string) provider.Provider
	answer string
	path   string // of the API, behind the address of a server
}

var adapters = []adapter{
	{"chat", func(hc *http.Client, base string) provider.Provider {
		return openai.New("gpt-5-mini", openai.APIKey("test"), openai.BaseURL(base), openai.HTTPClient(hc), openai.Strict(true))
	}, `{"choices":[{"message":{"content":"One moment.","tool_calls":[{"id":"c1","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Berlin\"}"}},{"id":"c2","type":"function","function":{"name":"send","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}`, "/v1"},
	{"responses", func(hc *http.Client, base string) provider.Provider {
		return openai.NewResponses("gpt-5-mini", openai.APIKey("test"), openai.BaseURL(base), openai.HTTPClient(hc), openai.Strict(true))
	}, `{"id":"resp_1","status":"completed","output":[{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Hm"}],"encrypted_content":"gAAAA"},{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"One moment.","annotations":[]}]},{"type":"function_call","id":"fc_1","call_id":"c1","name":"get_weather","arguments":"{\"city\":\"Berlin\"}","status":"completed"},{"type":"function_call","id":"fc_2","call_id":"c2","name":"send","arguments":"{}","status":"completed"}]}`, "/v1"},
	{"anthropic", func(hc *http.Client, base string) provider.Provider {
		return anthropic.New("claude-sonnet-4-5", anthropic.APIKey("test"), anthropic.BaseURL(base), anthropic.HTTPClient(hc), anthropic.Thinking(2048))
	}, `{"type":"message","content":[{"type":"thinking","thinking":"Hm","signature":"c2ln"},{"type":"redacted_thinking","data":"ZGF0YQ=="},{"type":"text","text":"One moment."},{"type":"tool_use","id":"c1","name":"get_weather","input":{"city":"Berlin"}},{"type":"tool_use","id":"c2","name":"send","input":{}}],"stop_reason":"tool_use"}`, "/v1"},
	{"gemini", func(hc *http.Client, base string) provider.Provider {
		return gemini.New("gemini-3-pro", gemini.APIKey("test"), gemini.BaseURL(base), gemini.HTTPClient(hc), gemini.IncludeThoughts())
	}, `{"candidates":[{"content":{"parts":[{"text":"Hm","thought":true},{"text":"One moment."},{"functionCall":{"id":"c1","name":"get_weather","args":{"city":"Berlin"}},"thoughtSignature":"c2ln"},{"functionCall":{"id":"c2","name":"send","args":{}}}],"role":"model"},"finishReason":"STOP"}]}`, "/v1beta"},
}

var tools = []*provider.Tool{
	{Name: "get_weather", Description: "Tells the weather.", Schema: json.RawMessage(`{"type":"object","properties":{"city":{"type":"string","description":"Where"},"days":{"type":"integer","minimum":1,"maximum":14,"default":1},"unit":{"type":"string","enum":["c","f"]}},"required":["city"],"additionalProperties":false}`)},
	{Name: "send", Description: "Sends it.", Schema: json.RawMessage(`{"type":"object","properties":{"tags":{"type":"object","additionalProperties":{"type":"string","maxLength":9}},"to":{"type":"array","items":{"type":"string"},"uniqueItems":true}},"additionalProperties":false}`)},
}

// requests are everything that can be asked of any API. What one lacks it says.
func requests(answer *provider.Message) map[string]*provider.Request {
	png := provider.Media{MIME: "image/png", Data: []byte("\x89PNG")}
	text := func(s string) []provider.Part { return []provider.Part{provider.Text{Text: s}} }
	results := &provider.Message{Role: provider.RoleTool, Parts: []provider.Part{
		provider.ToolResult{CallID: "c1", Name: "get_weather", Parts: text(`{"sun":true}`)},
		provider.ToolResult{CallID: "c2", Name: "send", Parts: text("it failed"), IsError: true},
	}}
	ask := func(more ...*provider.Message) []*provider.Message {
		return append([]*provider.Message{provider.User("How is the weather?")}, more...)
	}
	elsewhere := provider.Assistant(provider.Text{Text: "Elsewhere."}, provider.ToolCall{ID: "x1", Name: "get_weather", Args: `{"city":`})
	of := func(choice provider.ToolMode, name string) *provider.Request {
		return &provider.Request{Tools: tools, Messages: ask(), Choice: provider.ToolChoice{Mode: choice, Name: name}}
	}
	set := func(s provider.Settings) *provider.Request {
		return &provider.Request{System: "Be kind.", Messages: ask(), Settings: s}
	}
	return map[string]*provider.Request{
		"plain":    {Messages: ask()},
		"system":   {System: "Be kind.", Messages: ask(provider.Assistant(provider.Text{Text: "Fine."}), &provider.Message{Role: provider.RoleSystem, Parts: text("Be brief.")}, provider.User("And now?"))},
		"tools":    {System: "Be kind.", Tools: tools, Messages: ask()},
		"loop":     {Tools: tools, Messages: ask(answer, results, provider.User("Thanks."))},
		"foreign":  {Tools: tools, Messages: ask(elsewhere, &provider.Message{Role: provider.RoleTool, Parts: []provider.Part{provider.ToolResult{CallID: "x1", Name: "get_weather", Parts: text("no JSON"), IsError: true}}})},
		"none":     of(provider.ToolsNone, ""),
		"required": of(provider.ToolsRequired, ""),
		"named":    of(provider.ToolsNamed, "send"),
		"image":    {Messages: []*provider.Message{provider.User("What is this?", png, provider.Media{MIME: "image/png", URL: "https://example.com/a.png"})}},
		"document": {Messages: []*provider.Message{provider.User("What is this?", provider.Media{MIME: "application/pdf", Data: []byte("%PDF")})}},
		"imageInResult": {Tools: tools, Messages: ask(elsewhere, &provider.Message{Role: provider.RoleTool, Parts: []provider.Part{
			provider.ToolResult{CallID: "x1", Name: "get_weather", Parts: append(text("see"), png)}}})},
		"output":   {Messages: ask(), OutputSchema: &provider.OutputSchema{Name: "weather", Description: "The weather.", Schema: tools[0].Schema}},
		"sampling": set(provider.Settings{Temperature: new(0.5), TopP: new(0.9)}),
		"length":   set(provider.Settings{MaxOutputTokens: 4000}),
		"stop":     set(provider.Settings{Stop: []string{"END"}}),
		"seed":     set(provider.Settings{Seed: new(int64(7))}),
		"effort":   set(provider.Settings{ReasoningEffort: "low"}),
		"single":   {Tools: tools, Messages: ask(), Settings: provider.Settings{ParallelCalls: new(false)}},
	}
}

// TestCapture writes the bodies of requests to the directory that
// FUNCALL_CONTRACT_DIR names, one a file, to be checked against the vendors' types.
func TestCapture(t *testing.T) {
	dir := os.Getenv("FUNCALL_CONTRACT_DIR")
	if dir == "" {
		t.Skip("FUNCALL_CONTRACT_DIR is not set: see .ci/contract/run")
	}
	for _, a := range adapters {
		hc, bodies := adaptertest.Record(a.answer)
		p := a.dial(hc, "http://contract.test"+a.path)
		first, err := p.Generate(t.Context(), adaptertest.Question, nil)
		if err != nil {
			t.Fatalf("%s: %v", a.name, err)
		}
		for name, req := range requests(first.Message) {
			for _, stream := range []bool{false, true} {
				var emit func(provider.Delta)
				file := a.name + "-" + name
				if stream {
					emit, file = func(provider.Delta) {}, file+"-streamed"
				}
				before := len(*bodies)
				if _, err := p.Generate(t.Context(), req, emit); err != nil {
					if e := adaptertest.Failure(t, err); e.Kind != provider.KindUnsupported && e.Kind != provider.KindInvalidMedia {
						t.Errorf("%s: %v", file, err)
					}
					continue
				}
				if err := os.WriteFile(filepath.Join(dir, file+".json"), []byte((*bodies)[before]), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// TestAimock talks to a third-party server, at the address that
// FUNCALL_TEST_AIMOCK_URL names: a question, a tool call, its result, an answer.
func TestAimock(t *testing.T) {
	address := os.Getenv("FUNCALL_TEST_AIMOCK_URL")
	if address == "" {
		t.Skip("FUNCALL_TEST_AIMOCK_URL is not set: see .ci/contract/run")
	}
	type place struct {
		City string `json:"city"`
	}
	for _, a := range adapters {
		for _, stream := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/streamed=%v", a.name, stream), func(t *testing.T) {
				var asked []string
				tool := funcall.NewTool("get_weather", "Tells the weather.", func(_ context.Context, p place) (string, error) {
					asked = append(asked, p.City)
					return "sunny", nil
				}, funcall.ReadOnly())
				agent, err := funcall.New(a.dial(nil, address+a.path), funcall.Config{Instructions: "Be kind.", Tools: []funcall.Tool{tool}})
				if err != nil {
					t.Fatal(err)
				}
				var res *funcall.Result
				text := ""
				if stream {
					for ev, err2 := range agent.Stream(t.Context(), "How is the weather?") {
						if ev.Kind == funcall.EventText {
							text += ev.Text
						}
						res, err = ev.Result, err2
					}
				} else {
					res, err = agent.Run(t.Context(), "How is the weather?")
				}
				if err != nil || len(asked) != 1 || asked[0] != "Zürich" || res.Text() != "It is sunny in Zürich." || res.Steps != 2 || stream && text != res.Text() {
					t.Errorf("%v: asked %q, said %q (%q), %d steps", err, asked, res.Text(), text, res.Steps)
				}
			})
		}
	}
}
