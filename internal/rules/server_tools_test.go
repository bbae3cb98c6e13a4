package rules_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/internal/apitest/anthropicserver"
	"github.com/funcall/funcall/internal/apitest/apiserver"
	"github.com/funcall/funcall/internal/apitest/chatserver"
	"github.com/funcall/funcall/internal/apitest/geminiserver"
	"github.com/funcall/funcall/internal/apitest/responsesserver"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
	"github.com/funcall/funcall/provider/gemini"
	"github.com/funcall/funcall/provider/openai"
	"github.com/funcall/funcall/transcript"
)

// hosted are the APIs with tools of their own, switched on by options: what is sent for them,
// an answer that uses them, whole and as events, and what becomes of it.
var hosted = []struct {
	name   string
	check  *apiserver.Server
	dial   func(address string) provider.Provider
	tools  string // the elements of the list
	whole  string
	stream []string
	calls  []provider.ServerCall
	items  []string // what goes back unchanged
	live   bool     // the calls are shown ahead of the text
	alone  bool     // the API refuses functions beside the tools
}{
	{
		name: "anthropic", check: anthropicserver.New(),
		dial: func(a string) provider.Provider {
			return anthropic.New("claude-sonnet-4-5", anthropic.BaseURL(a+"/v1"), anthropic.APIKey("key-1"),
				anthropic.WebSearch(anthropic.WebSearchConfig{MaxUses: 2, AllowedDomains: []string{"rain.example"}, Location: provider.UserLocation{City: "Kiel", Country: "DE"}}),
				anthropic.CodeExecution())
		},
		tools: `{"type":"web_search_20250305","name":"web_search","max_uses":2,"allowed_domains":["rain.example"],"user_location":{"type":"approximate","city":"Kiel","country":"DE"}},` +
			`{"type":"code_execution_20250825","name":"code_execution"}`,
		whole: `{"type":"message","content":[` + claudeSearch + `,` + claudeFound + `,` + claudeCode + `,` + claudePrinted + `,{"type":"text","text":"It rains."}],"stop_reason":"end_turn","usage":{"input_tokens":100,"output_tokens":10,"server_tool_use":{"web_search_requests":1,"web_fetch_requests":0}}}`,
		stream: []string{
			`{"type":"message_start","message":{"content":[],"usage":{"input_tokens":100,"output_tokens":1}}}`,
			`{"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"srv_1","name":"web_search","input":{}}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"query\":"}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"\"rain in Kiel\"}"}}`,
			`{"type":"content_block_stop","index":0}`,
			`{"type":"content_block_start","index":1,"content_block":` + claudeFound + `}`,
			`{"type":"content_block_stop","index":1}`,
			`{"type":"content_block_start","index":2,"content_block":` + claudeCode + `}`,
			`{"type":"content_block_stop","index":2}`,
			`{"type":"content_block_start","index":3,"content_block":` + claudePrinted + `}`,
			`{"type":"content_block_stop","index":3}`,
			`{"type":"content_block_start","index":4,"content_block":{"type":"text","text":""}}`,
			`{"type":"content_block_delta","index":4,"delta":{"type":"text_delta","text":"It rains."}}`,
			`{"type":"content_block_stop","index":4}`,
			`{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":10,"server_tool_use":{"web_search_requests":1}}}`,
			`{"type":"message_stop"}`,
		},
		calls: []provider.ServerCall{
			{ID: "srv_1", Name: "web_search", Input: "rain in Kiel", Output: "Rain: https://rain.example"},
			{ID: "srv_2", Name: "code_execution", Input: "echo 42", Output: "42"},
		},
		items: []string{`"query":"rain in Kiel"`, claudeFound, claudeCode, claudePrinted},
		live:  true,
	},
	{
		name: "responses", check: responsesserver.New(),
		dial: func(a string) provider.Provider {
			return openai.NewResponses("gpt-5-mini", openai.BaseURL(a+"/v1"),
				openai.WebSearch(openai.WebSearchConfig{AllowedDomains: []string{"rain.example"}, ContextSize: "low", Location: provider.UserLocation{Region: "SH", Timezone: "Europe/Berlin"}}),
				openai.FileSearch(openai.FileSearchConfig{VectorStores: []string{"vs_1"}, MaxResults: 3}),
				openai.CodeInterpreter())
		},
		tools: `{"type":"web_search","filters":{"allowed_domains":["rain.example"]},"search_context_size":"low","user_location":{"type":"approximate","region":"SH","timezone":"Europe/Berlin"}},` +
			`{"type":"file_search","vector_store_ids":["vs_1"],"max_num_results":3},{"type":"code_interpreter","container":{"type":"auto"}}`,
		whole: gptResponse,
		stream: []string{
			`{"type":"response.created","response":{"id":"r","status":"in_progress","output":[]}}`,
			`{"type":"response.output_item.added","output_index":0,"item":{"type":"web_search_call","id":"ws_1","status":"in_progress"}}`,
			`{"type":"response.web_search_call.searching","output_index":0,"item_id":"ws_1"}`,
			`{"type":"response.output_item.done","output_index":0,"item":` + gptSearch + `}`,
			`{"type":"response.output_item.added","output_index":1,"item":{"type":"file_search_call","id":"fs_1","status":"in_progress","queries":[],"results":null}}`,
			`{"type":"response.output_item.done","output_index":1,"item":` + gptFiles + `}`,
			`{"type":"response.output_item.added","output_index":2,"item":{"type":"code_interpreter_call","id":"ci_1","status":"in_progress","code":"","outputs":null,"container_id":"cntr_1"}}`,
			`{"type":"response.code_interpreter_call_code.delta","output_index":2,"item_id":"ci_1","delta":"print(42)"}`,
			`{"type":"response.output_item.done","output_index":2,"item":` + gptCode + `}`,
			`{"type":"response.output_item.added","output_index":3,"item":{"type":"message","id":"msg_1","role":"assistant","status":"in_progress","content":[]}}`,
			`{"type":"response.output_text.delta","output_index":3,"item_id":"msg_1","delta":"It rains."}`,
			`{"type":"response.output_item.done","output_index":3,"item":` + gptMessage + `}`,
			`{"type":"response.completed","response":` + gptResponse + `}`,
		},
		calls: []provider.ServerCall{
			{ID: "ws_1", Name: "web_search", Input: "rain in Kiel\nrain today", Output: "https://rain.example"},
			{ID: "fs_1", Name: "file_search", Input: "rain", Output: "rain.txt: It rains a lot."},
			{ID: "ci_1", Name: "code_execution", Input: "print(42)", Output: "42"},
		},
		items: []string{gptSearch, gptFiles, gptCode, `"web_search_call.action.sources","file_search_call.results","code_interpreter_call.outputs"]`},
		live:  true,
	},
	{
		name: "responses without results", check: responsesserver.New(),
		dial: func(a string) provider.Provider {
			return openai.NewResponses("gpt-4o", openai.BaseURL(a+"/v1"), openai.WebSearch(openai.WebSearchConfig{}))
		},
		tools: `{"type":"web_search"}`,
		whole: gptCited,
		stream: []string{
			`{"type":"response.output_item.added","output_index":0,"item":{"type":"web_search_call","id":"ws_1","status":"in_progress"}}`,
			`{"type":"response.completed","response":` + gptCited + `}`,
		},
		calls: []provider.ServerCall{{ID: "ws_1", Name: "web_search", Input: "rain", Output: "Rain: https://rain.example"}},
		items: []string{gptPlainSearch, `"url_citation"`},
	},
	{
		name: "gemini", check: geminiserver.New(),
		dial: func(a string) provider.Provider {
			return gemini.New("gemini-3-flash", gemini.BaseURL(a+"/v1beta"), gemini.GoogleSearch(), gemini.CodeExecution(), gemini.URLContext(), gemini.FileSearch("fileSearchStores/s"))
		},
		tools: `{"googleSearch":{}},{"codeExecution":{}},{"urlContext":{}},{"fileSearch":{"fileSearchStoreNames":["fileSearchStores/s"]}}`,
		whole: `{"candidates":[{"content":{"role":"model","parts":[` + geminiCode + `,` + geminiPrinted + `,` + geminiCall + `,` + geminiResponse + `,{"text":"It rains."}]},"finishReason":"STOP",` + geminiGrounding + `}],` + geminiUsage + `}`,
		stream: []string{
			`{"candidates":[{"content":{"role":"model","parts":[` + geminiCode + `]}}]}`,
			`{"candidates":[{"content":{"role":"model","parts":[` + geminiPrinted + `]}}]}`,
			`{"candidates":[{"content":{"role":"model","parts":[` + geminiCall + `,` + geminiResponse + `]},"groundingMetadata":{}}]}`,
			`{"candidates":[{"content":{"role":"model","parts":[{"text":"It "}]},` + geminiGrounding + `}]}`,
			`{"candidates":[{"content":{"role":"model","parts":[{"text":"rains."}]},` + geminiGrounding + `}]}`,
			`{"candidates":[{"content":{"role":"model","parts":[{"text":""}]},"finishReason":"STOP","groundingMetadata":{}}],` + geminiUsage + `}`,
		},
		calls: []provider.ServerCall{
			{ID: "code_1", Name: "code_execution", Input: "print(42)", Output: "42"},
			{ID: "t1", Name: "web_search", Input: "rain in Kiel", Output: "rain.example: https://google.example/1"},
			{Name: "file_search", Output: "rain.txt: It rains a lot."},
			{Name: "web_fetch", Input: "https://page.example"},
		},
		items: []string{geminiCode, geminiPrinted, geminiCall, geminiResponse},
	},
	{
		name: "gemini with metadata alone", check: geminiserver.New(), alone: true,
		dial: func(a string) provider.Provider {
			return gemini.New("gemini-2.5-flash", gemini.BaseURL(a+"/v1beta"), gemini.GoogleSearch())
		},
		tools: `{"googleSearch":{}}`,
		whole: `{"candidates":[{"content":{"role":"model","parts":[{"text":"It rains."}]},"finishReason":"STOP",` + geminiSearched + `}],` + geminiUsage + `}`,
		stream: []string{
			`{"candidates":[{"content":{"role":"model","parts":[{"text":"It rains."}]}}]}`,
			`{"candidates":[{"content":{"role":"model","parts":[{"text":""}]},"finishReason":"STOP",` + geminiSearched + `}],` + geminiUsage + `}`,
		},
		calls: []provider.ServerCall{{Name: "web_search", Input: "rain\nrain today", Output: "rain.example: https://google.example/1"}},
		items: []string{`{"role":"model","parts":[{"text":"It rains."}]}`},
	},
	{
		name: "gemini with a page", check: geminiserver.New(), alone: true,
		dial: func(a string) provider.Provider {
			return gemini.New("gemini-2.5-flash", gemini.BaseURL(a+"/v1beta"), gemini.URLContext())
		},
		tools: `{"urlContext":{}}`,
		whole: `{"candidates":[{"content":{"role":"model","parts":[{"text":"It rains."}]},"finishReason":"STOP",` + geminiPage + `}],` + geminiUsage + `}`,
		stream: []string{
			`{"candidates":[{"content":{"role":"model","parts":[{"text":"It rains."}]},"finishReason":"STOP",` + geminiPage + `}],` + geminiUsage + `}`,
		},
		calls: []provider.ServerCall{{Name: "web_fetch", Input: "https://page.example", Output: "A page: https://page.example"}},
	},
	{
		name: "chat", check: chatserver.New(), alone: true,
		dial: func(a string) provider.Provider {
			return openai.New("gpt-4o-search-preview", openai.BaseURL(a+"/v1"), openai.WebSearch(openai.WebSearchConfig{ContextSize: "low", Location: provider.UserLocation{City: "Kiel"}}))
		},
		whole: `{"choices":[{"message":{"role":"assistant","content":"It rains.","annotations":[` + chatCitation + `,` + chatCitation + `]},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":10}}`,
		stream: []string{
			`{"choices":[{"delta":{"role":"assistant","content":"It rains."}}]}`,
			`{"choices":[{"delta":{"annotations":[` + chatCitation + `]}}]}`,
			`{"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":10}}`,
			`[DONE]`,
		},
		calls: []provider.ServerCall{{Name: "web_search", Output: "Rain: https://rain.example"}},
		items: []string{`{"role":"assistant","content":"It rains."}`, `"web_search_options":{"search_context_size":"low","user_location":{"type":"approximate","approximate":{"city":"Kiel"}}}`},
	},
}

const (
	geminiCode      = `{"executableCode":{"language":"PYTHON","code":"print(42)"},"thoughtSignature":"c2ln"}`
	geminiPrinted   = `{"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"42\n"}}`
	geminiCall      = `{"toolCall":{"id":"t1","toolType":"GOOGLE_SEARCH_WEB","args":{"queries":["rain in Kiel"]}},"thoughtSignature":"c2ln"}`
	geminiResponse  = `{"toolResponse":{"id":"t1","toolType":"GOOGLE_SEARCH_WEB","response":{"search_suggestions":"<div>"}},"thoughtSignature":"c2ln"}`
	geminiWeb       = `{"web":{"uri":"https://google.example/1","title":"rain.example"}}`
	geminiGrounding = `"groundingMetadata":{"webSearchQueries":["rain in Kiel"],"groundingChunks":[` + geminiWeb + `,{"retrievedContext":{"title":"rain.txt","text":"It rains a lot.","fileSearchStore":"fileSearchStores/s"}}]},"urlContextMetadata":{"urlMetadata":[{"retrievedUrl":"https://page.example","urlRetrievalStatus":"URL_RETRIEVAL_STATUS_SUCCESS"}]}`
	geminiSearched  = `"groundingMetadata":{"webSearchQueries":["rain","rain today"],"searchEntryPoint":{"renderedContent":"<div>"},"groundingChunks":[` + geminiWeb + `],"groundingSupports":[]}`
	geminiPage      = `"groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://page.example","title":"A page"}}]},"urlContextMetadata":{"urlMetadata":[{"retrievedUrl":"https://page.example"}]}`
	geminiUsage     = `"usageMetadata":{"promptTokenCount":100,"candidatesTokenCount":10}`
	chatCitation    = `{"type":"url_citation","url_citation":{"start_index":0,"end_index":2,"url":"https://rain.example","title":"Rain"}}`
)

const (
	gptSearch   = `{"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","query":"rain in Kiel","queries":["rain in Kiel","rain today"],"sources":[{"type":"url","url":"https://rain.example"}]}}`
	gptFiles    = `{"type":"file_search_call","id":"fs_1","status":"completed","queries":["rain"],"results":[{"file_id":"file_1","filename":"rain.txt","score":0.5,"attributes":{},"text":"It rains a lot."}]}`
	gptCode     = `{"type":"code_interpreter_call","id":"ci_1","status":"completed","code":"print(42)","container_id":"cntr_1","outputs":[{"type":"logs","logs":"42\n"}]}`
	gptMessage  = `{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"It rains.","annotations":[]}]}`
	gptUsage    = `"usage":{"input_tokens":100,"output_tokens":10}`
	gptResponse = `{"id":"r","status":"completed","output":[` + gptSearch + `,` + gptFiles + `,` + gptCode + `,` + gptMessage + `],` + gptUsage + `}`

	gptPlainSearch = `{"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","query":"rain"}}`
	gptCited       = `{"id":"r","status":"completed","output":[` + gptPlainSearch +
		`,{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"It rains.","annotations":[` + gptCitation + `,` + gptCitation + `]}]}],` + gptUsage + `}`
	gptCitation = `{"type":"url_citation","start_index":0,"end_index":2,"url":"https://rain.example","title":"Rain"}`
)

const (
	claudeSearch  = `{"type":"server_tool_use","id":"srv_1","name":"web_search","input":{"query":"rain in Kiel"}}`
	claudeFound   = `{"type":"web_search_tool_result","tool_use_id":"srv_1","content":[{"type":"web_search_result","url":"https://rain.example","title":"Rain","encrypted_content":"RQ==","page_age":null}]}`
	claudeCode    = `{"type":"server_tool_use","id":"srv_2","name":"bash_code_execution","input":{"command":"echo 42"}}`
	claudePrinted = `{"type":"bash_code_execution_tool_result","tool_use_id":"srv_2","content":{"type":"bash_code_execution_result","stdout":"42\n","stderr":"","return_code":0,"content":[]}}`
)

// replies is a server that checks each request, and answers it with a document or a stream.
type replies struct {
	check  *apiserver.Server
	reply  string
	bodies []string
}

func (s *replies) start(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = s.check.Check(r, body)
		}
		if err != nil {
			t.Errorf("%v: %s", err, body)
		}
		s.bodies = append(s.bodies, string(body))
		w.Header().Set("Content-Type", "application/json")
		if s.reply[0] != '{' {
			w.Header().Set("Content-Type", "text/event-stream")
		}
		_, _ = io.WriteString(w, s.reply)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func (s *replies) last() string { return s.bodies[len(s.bodies)-1] }

// events is a stream of server-sent events.
func events(data []string) string {
	return "data: " + strings.Join(data, "\n\ndata: ") + "\n\n"
}

// watch has a question answered in a stream, and returns its events in words.
func watch(t *testing.T, chat *funcall.Session) (res *funcall.Result, words []string) {
	t.Helper()
	for ev, err := range chat.Stream(t.Context(), "Does it rain?") {
		if err != nil {
			t.Fatal(err)
		}
		word := ev.Kind.String()
		if ev.Server != nil {
			word += " " + ev.Server.Name
		}
		if ev.Kind == funcall.EventServerToolEnd {
			word += fmt.Sprintf("(%s): %s", ev.Server.Input, ev.Server.Output)
		}
		words = append(words, word)
		res = ev.Result
	}
	return res, words
}

// ranThere begins what a model is told of a call that another one made.
const ranThere = " ran at the model's provider]"

// TestHostedTools has a model use the tools of its API. A consumer sees them, the result lists
// them, their items go back to the model as they came, and another model is told what they
// found.
func TestHostedTools(t *testing.T) {
	for _, api := range hosted {
		for form, reply := range map[string]string{"whole": api.whole, "streamed": events(api.stream)} {
			t.Run(api.name+"/"+form, func(t *testing.T) {
				server := &replies{check: api.check, reply: reply}
				store := new(transcript.Memory)
				cfg := funcall.Config{Store: store}
				if !api.alone {
					cfg.Tools = []funcall.Tool{tool("look", echo, funcall.ReadOnly())}
				}
				chat := newAgent(t, api.dial(server.start(t)), cfg).Session("s")
				res, words := watch(t, chat)
				if res.Text() != "It rains." || !reflect.DeepEqual(res.ServerCalls, api.calls) {
					t.Errorf("%q, %+v, want %+v", res.Text(), res.ServerCalls, api.calls)
				}
				var want []string
				for _, c := range api.calls {
					want = append(want, "server_tool_start "+c.Name, fmt.Sprintf("server_tool_end %s(%s): %s", c.Name, c.Input, c.Output))
				}
				if api.live && form == "streamed" {
					want = append(want, "text", "model", "done")
				} else {
					want = slices.Concat([]string{"text"}, want, []string{"model", "done"})
				}
				if !api.live || form == "whole" {
					words = slices.DeleteFunc(words, func(w string) bool { return w == "text" })
					want = slices.DeleteFunc(want, func(w string) bool { return w == "text" })
				}
				if !slices.Equal(words, want) {
					t.Errorf("events\n%s\nwant\n%s", strings.Join(words, "\n"), strings.Join(want, "\n"))
				}
				if list := member(t, []byte(server.last()), "tools"); !strings.HasSuffix(list, api.tools+"]") && api.tools != "" {
					t.Errorf("the tools are %s, want %s", list, api.tools)
				}

				if _, err := chat.Send(t.Context(), "Sure?"); err != nil {
					t.Fatal(err)
				}
				for _, item := range api.items {
					if !strings.Contains(server.last(), item) {
						t.Errorf("%s does not go back: %s", item, server.last())
					}
				}

				other := &replies{check: chatserver.New(), reply: `{"choices":[{"message":{"role":"assistant","content":"Yes."},"finish_reason":"stop"}]}`}
				foreign := openai.New("m", openai.BaseURL(other.start(t)+"/v1"))
				if _, err := newAgent(t, foreign, funcall.Config{Store: store}).Session("s").Send(t.Context(), "Really?"); err != nil {
					t.Fatal(err)
				}
				if strings.Contains(server.last(), ranThere) {
					t.Errorf("the maker is told: %s", server.last())
				}
				for _, c := range api.calls {
					for _, told := range []string{"[" + c.Name + ranThere, c.Input, c.Output} {
						if told == "" || c.Input+c.Output == "" {
							continue
						}
						quoted, _ := json.Marshal(told)
						if !strings.Contains(other.last(), strings.Trim(string(quoted), `"`)) {
							t.Errorf("the other model is not told %q: %s", told, other.last())
						}
					}
				}
			})
		}
	}
}
