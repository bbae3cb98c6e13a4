package rules_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"github.com/funcall/funcall/transcript"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/internal/adapter/wiretool"
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

// member returns a member of a request, or "" if it has none of that name.
func member(t *testing.T, body []byte, name string) string {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return string(members[name])
}

// A choice is an API's form of the tool choice.
type choice struct{ name, other, forced, none, answer string }

var inChat = choice{"tool_choice", `"parallel_tool_calls":false`, `"required"`, `"none"`, `{"type":"function","function":{"name":"answer"}}`}

var choices = map[string]choice{
	"chat": inChat, "mistral": inChat, "kimi": inChat,
	"responses": {"tool_choice", `"parallel_tool_calls":false`, `"required"`, `"none"`, `{"type":"function","name":"answer"}`},
	"anthropic": {"tool_choice", `"top_k":5`, `{"type":"any"}`, `{"type":"none"}`, `{"type":"tool","name":"answer"}`},
	"gemini": {"toolConfig", `"labels":{}`, `{"functionCallingConfig":{"mode":"ANY"}}`, `{"functionCallingConfig":{"mode":"NONE"}}`,
		`{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["answer"]}}`},
}

// A run at its limit closes without calls, also where the request has no functions
// and the extra members make the model use tools that run at the server.
func TestServerToolsAreOffAtTheLimit(t *testing.T) {
	const browse = `{"type":"function","function":{"name":"browse"}}`
	elements := map[string]string{"chat": browse, "mistral": browse, "kimi": browse, "responses": `{"type":"web_search"}`,
		"anthropic": `{"type":"web_search_20250305","name":"web_search"}`}
	for _, api := range apis {
		c, element := choices[api.name], elements[api.name]
		if element == "" {
			continue // Gemini refuses a choice without functions
		}
		t.Run(api.name, func(t *testing.T) {
			server := api.serve(providertest.Call("ghost", `{}`), providertest.Say("That is all."))
			agent := newAgent(t, api.dial(server.Start(t)), funcall.Config{
				Limits:   transcript.Limits{Steps: 1},
				Settings: provider.Settings{Extra: json.RawMessage(fmt.Sprintf(`{"tools":[%s],%q:%s}`, element, c.name, c.forced))},
			})
			res, err := agent.Run(t.Context(), "go")
			if err != nil || res.Text() != "That is all." {
				t.Fatalf("%v: %q", err, res.Text())
			}
			for i, want := range []string{c.forced, c.none} {
				body := server.Requests()[i]
				if got := member(t, body, c.name); got != want || member(t, body, "tools") == "" {
					t.Errorf("request %d: %s, want %s: %s", i, got, want, body)
				}
			}
		})
	}
}

// A choice among the extra members counts where the request has none, and not in
// the request that closes a run or asks for an answer by a call.
func TestRequestChoiceWins(t *testing.T) {
	for _, api := range apis {
		c := choices[api.name]
		settings := provider.Settings{Extra: json.RawMessage(fmt.Sprintf(`{%q:%s,%s}`, c.name, c.forced, c.other))}
		t.Run(api.name, func(t *testing.T) {
			server := api.serve(providertest.Call("look", `{"id":"a"}`), providertest.Say("That is all."))
			agent := newAgent(t, api.dial(server.Start(t)), funcall.Config{
				Tools:    []funcall.Tool{tool("look", echo, funcall.ReadOnly())},
				Limits:   transcript.Limits{Steps: 1},
				Settings: settings,
			})
			res, err := agent.Run(t.Context(), "go")
			if err != nil || res.Text() != "That is all." {
				t.Fatalf("%v: %q", err, res.Text())
			}
			for i, want := range []string{c.forced, c.none} {
				body := server.Requests()[i]
				if got := member(t, body, c.name); got != want || !strings.Contains(string(body), c.other) {
					t.Errorf("request %d: %s, want %s: %s", i, got, want, body)
				}
			}
		})
		t.Run(api.name+"/the request names a tool", func(t *testing.T) {
			server := api.serve(providertest.Call("answer", "{}"))
			req := &provider.Request{
				Messages: []*provider.Message{provider.User("go")}, Settings: settings,
				Tools:  []*provider.Tool{{Name: "answer", Description: "Answers.", Schema: json.RawMessage(`{"type":"object","properties":{},"additionalProperties":false}`)}},
				Choice: provider.ToolChoice{Mode: provider.ToolsNamed, Name: "answer"},
			}
			if _, err := api.dial(server.Start(t)).Generate(t.Context(), req, nil); err != nil {
				t.Fatal(err)
			}
			if got := member(t, server.Requests()[0], c.name); got != c.answer {
				t.Errorf("%s, want %s", got, c.answer)
			}
		})
		t.Run(api.name+"/no tools", func(t *testing.T) {
			server := api.serve(providertest.Say("Hi."))
			if _, err := newAgent(t, api.dial(server.Start(t)), funcall.Config{Settings: settings}).Run(t.Context(), "go"); err != nil {
				t.Fatal(err)
			}
			if got := member(t, server.Requests()[0], c.name); got != "" {
				t.Errorf("a choice among nothing: %s", got)
			}
		})
	}
}

// searches are the APIs with a search that runs at the server: how it is switched
// on, the answer that it leads to, whole and as events, and what of that goes back.
var searches = []struct {
	name          string
	check         *apiserver.Server
	dial          func(address string, extra json.RawMessage) provider.Provider
	extra         string
	whole, stream string
	back          []string
}{
	{
		name: "chat", check: chatserver.New(),
		dial: func(a string, extra json.RawMessage) provider.Provider {
			return openai.New("m", openai.BaseURL(a+"/v1"), openai.ExtraFields(extra))
		},
		extra:  `{"tools":[{"type":"openrouter:web_search","parameters":{"max_results":3}}]}`,
		whole:  `{"choices":[{"message":{"role":"assistant","content":"It rains.","annotations":[{"type":"url_citation","url_citation":{"url":"https://rain.example"}}]},"finish_reason":"stop"}]}`,
		stream: "data: {\"choices\":[{\"delta\":{\"content\":\"It rains.\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
		back:   []string{"It rains."},
	},
	{
		name: "responses", check: responsesserver.New(),
		dial: func(a string, extra json.RawMessage) provider.Provider {
			return openai.NewResponses("m", openai.BaseURL(a+"/v1"), openai.ExtraFields(extra))
		},
		extra:  `{"tools":[{"type":"web_search"}]}`,
		whole:  searchedResponse,
		stream: `data: {"type":"response.completed","response":` + searchedResponse + "}\n\n",
		back:   []string{`"ws_1"`, `"url_citation"`},
	},
	{
		name: "anthropic", check: anthropicserver.New(),
		dial: func(a string, extra json.RawMessage) provider.Provider {
			return anthropic.New("m", anthropic.BaseURL(a+"/v1"), anthropic.APIKey("key-1"), anthropic.ExtraFields(extra))
		},
		extra: `{"tools":[{"type":"web_search_20250305","name":"web_search"}]}`,
		whole: `{"type":"message","content":[{"type":"server_tool_use","id":"srv_1","name":"web_search","input":{"query":"rain"}},` + found + `,{"type":"text","text":"It rains.","citations":[` + cited + `]}],"stop_reason":"end_turn"}`,
		stream: `data: {"type":"message_start","message":{"content":[]}}

data: {"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"srv_1","name":"web_search","input":{}}}

data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"query\":\"rain\"}"}}

data: {"type":"content_block_stop","index":0}

data: {"type":"content_block_start","index":1,"content_block":` + found + `}

data: {"type":"content_block_stop","index":1}

data: {"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}}

data: {"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"It rains."}}

data: {"type":"content_block_delta","index":2,"delta":{"type":"citations_delta","citation":` + cited + `}}

data: {"type":"content_block_stop","index":2}

data: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}

data: {"type":"message_stop"}

`,
		back: []string{`"srv_1"`, `"query":"rain"`, `"encrypted_content":"E"`, `"cited_text":"rain"`},
	},
	{
		name: "gemini", check: geminiserver.New(),
		dial: func(a string, extra json.RawMessage) provider.Provider {
			return gemini.New("gemini-3-m", gemini.BaseURL(a+"/v1beta"), gemini.ExtraFields(extra))
		},
		extra:  `{"tools":[{"google_search":{}}],"toolConfig":{"includeServerSideToolInvocations":true}}`,
		whole:  searchedContent,
		stream: "data: " + searchedContent + "\n\n",
		back:   []string{`"toolCall"`, `"toolResponse"`, `"c2ln"`},
	},
}

const (
	searchedResponse = `{"id":"r","status":"completed","output":[{"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","query":"rain"}},` +
		`{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"It rains.","annotations":[{"type":"url_citation","start_index":0,"end_index":2,"url":"https://rain.example","title":"Rain"}]}]}]}`
	found           = `{"type":"web_search_tool_result","tool_use_id":"srv_1","content":[{"type":"web_search_result","url":"https://rain.example","title":"Rain","encrypted_content":"E"}]}`
	cited           = `{"type":"web_search_result_location","url":"https://rain.example","title":"Rain","encrypted_index":"I","cited_text":"rain"}`
	searchedContent = `{"candidates":[{"content":{"role":"model","parts":[{"toolCall":{"id":"t1","toolType":"GOOGLE_SEARCH","args":{"queries":["rain"]}},"thoughtSignature":"c2ln"},` +
		`{"toolResponse":{"id":"t1","toolType":"GOOGLE_SEARCH","response":{}}},{"text":"It rains."}]},"finishReason":"STOP"}]}`
)

// Tools that run at the server are switched on by extra members. They stand
// behind the functions. Their calls are not the agent's, and go back as they came.
func TestServerTools(t *testing.T) {
	for _, api := range searches {
		for _, stream := range []bool{false, true} {
			for _, bySettings := range []bool{false, true} {
				for _, tools := range [][]funcall.Tool{nil, {tool("look", echo, funcall.ReadOnly())}} {
					t.Run(fmt.Sprintf("%s/streamed=%v/settings=%v/functions=%d", api.name, stream, bySettings, len(tools)), func(t *testing.T) {
						var bodies []string
						server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
							body, err := io.ReadAll(r.Body)
							if err == nil {
								err = api.check.Check(r, body)
							}
							if err != nil {
								t.Errorf("%v: %s", err, body)
							}
							bodies = append(bodies, string(body))
							if stream {
								w.Header().Set("Content-Type", "text/event-stream")
								_, _ = io.WriteString(w, api.stream)
								return
							}
							w.Header().Set("Content-Type", "application/json")
							_, _ = io.WriteString(w, api.whole)
						}))
						defer server.Close()
						extra := json.RawMessage(api.extra)
						cfg, onClient := funcall.Config{Tools: tools}, extra
						if bySettings {
							cfg.Settings.Extra, onClient = extra, json.RawMessage(`{"tools":[{"type":"replaced"}]}`)
						}
						model := api.dial(server.URL, onClient)
						chat := newAgent(t, model, cfg).Session("s")
						for range 2 {
							res, err := send(t, chat, stream)
							if err != nil {
								t.Fatal(err)
							}
							if res.Text() != "It rains." || len(res.Calls) > 0 || res.Outcome != transcript.OutcomeDone {
								t.Errorf("%s: %q, %d calls", res.Outcome, res.Text(), len(res.Calls))
							}
						}
						for _, part := range api.back {
							if len(bodies) != 2 || !strings.Contains(bodies[1], part) {
								t.Errorf("%s does not go back: %s", part, bodies)
							}
						}
						var list, want []json.RawMessage
						if err := json.Unmarshal([]byte(member(t, []byte(bodies[0]), "tools")), &list); err != nil {
							t.Fatal(err)
						}
						if err := json.Unmarshal([]byte(member(t, extra, "tools")), &want); err != nil {
							t.Fatal(err)
						}
						if len(list) != len(tools)+1 || string(list[len(tools)]) != string(want[0]) {
							t.Errorf("the tools are %s", list)
						}
						// A request that forbids calls is one that the API takes.
						req := &provider.Request{Messages: []*provider.Message{provider.User("go")}, Choice: provider.ToolChoice{Mode: provider.ToolsNone}, Settings: provider.Settings{Extra: extra}}
						for range tools {
							req.Tools = append(req.Tools, &provider.Tool{Name: "f", Schema: json.RawMessage(`{"type":"object","properties":{}}`)})
						}
						var emit func(provider.Delta)
						if stream {
							emit = func(provider.Delta) {}
						}
						if _, err := model.Generate(t.Context(), req, emit); err != nil {
							t.Error(err)
						}
						none := strings.Trim(choices[api.name].none, "{}")
						if got := member(t, []byte(bodies[2]), choices[api.name].name); strings.Contains(got, none) == (api.name == "gemini" && len(tools) == 0) {
							t.Errorf("the choice is %s", got)
						}
					})
				}
			}
		}
	}
}

func send(t *testing.T, chat *funcall.Session, stream bool) (res *funcall.Result, err error) {
	t.Helper()
	if !stream {
		return chat.Send(t.Context(), "Does it rain?")
	}
	for ev, err2 := range chat.Stream(t.Context(), "Does it rain?") {
		res, err = ev.Result, err2
	}
	return res, err
}

// An extra member "tools" that is not a list of tools, and extra members that carry the
// conversation itself, are refused before anything is sent.
func TestExtraToolsAreRefused(t *testing.T) {
	schema := json.RawMessage(`{"type":"object","properties":{}}`)
	functions := []*provider.Tool{{Name: "look", Schema: schema}, {Name: "look at it", Schema: schema}}
	reserved := map[string][]string{
		"chat": {"model", "messages", "stream"}, "responses": {"model", "input", "instructions", "stream"},
		"anthropic": {"model", "messages", "system", "stream"}, "gemini": {"contents", "systemInstruction"},
	}
	for _, api := range searches {
		client := api.dial("http://127.0.0.1:1", nil)
		refuses := func(extra, says string) {
			t.Helper()
			req := &provider.Request{Tools: functions, Messages: []*provider.Message{provider.User("go")}, Settings: provider.Settings{Extra: json.RawMessage(extra)}}
			_, err := client.Generate(t.Context(), req, nil)
			if e, ok := errors.AsType[*provider.Error](err); !ok || e.Kind != provider.KindInvalidRequest || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %s: %v\ndoes not say %s", api.name, extra, err, says)
			}
		}
		refuses(`{"tools":{"type":"web_search"}}`, `"tools" must be an array of objects`)
		refuses(`{"tools":null}`, `"tools" must be an array of objects`)
		refuses(`{"tools":[{"type":"a"},"web_search"]}`, `element 1 of "tools" must be an object, not "web_search"`)
		for _, form := range []string{`{"type":"x","name":%q}`, `{"type":"function","function":{"name":%q}}`, `{"type":"custom","custom":{"name":%q}}`,
			`{"functionDeclarations":[{"name":"a"},{"name":%q}]}`, `{"function_declarations":[{"name":%q}]}`} {
			for _, name := range []string{"look", wiretool.OpenAI.Name("look at it")} {
				refuses(`{"tools":[`+fmt.Sprintf(form, name)+`]}`, `"tools"[0] and a function are both named "`+name+`"`)
			}
		}
		for _, name := range reserved[api.name] {
			refuses(fmt.Sprintf(`{%q:[]}`, name), fmt.Sprintf("%q is reserved: the client sets it", name))
		}
	}
}
