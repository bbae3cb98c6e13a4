package gemini_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/gemini"
)

func dial(hc *http.Client) provider.Provider { return gemini.New(model, gemini.HTTPClient(hc)) }

// TestQuirks has responses of the API, its models and its gateways. A body that begins with a
// bracket is a document, any other is a stream.
func TestQuirks(t *testing.T) {
	const f = `{"functionCall":{"name":"f","args":{"a":1}}}`
	many := func(part string, n int) string { return strings.TrimSuffix(strings.Repeat(part+",", n), ",") }
	for _, c := range []struct{ name, body, want string }{
		{"text", reply(`{"text":"Hello"}`, "STOP"), "text(Hello) stop"},
		{"code that is cut off", event(reply(`{"executableCode":{"code":"1"}}`, "")) + event(reply(`{"text":""}`, "MAX_TOKENS")), `server(code_1:code_execution(1)  {"executableCode":{"code":"1"}}) length`},
		{"code that fails, and code that runs", reply(`{"executableCode":{"code":"1"}},{"codeExecutionResult":{"outcome":"OUTCOME_FAILED","output":"no"}},{"executableCode":{"code":"2"}},{"codeExecutionResult":{"output":"2"}}`, "STOP"), `server(code_1:code_execution(1)  {"executableCode":{"code":"1"}}) server(code_1:code_execution() no {"codeExecutionResult":{"outcome":"OUTCOME_FAILED","output":"no"}}) server(code_2:code_execution(2)  {"executableCode":{"code":"2"}}) server(code_2:code_execution() 2 {"codeExecutionResult":{"output":"2"}}) stop`},
		{"metadata of no object", strings.Replace(reply(`{"text":"Hello"}`, "STOP"), `"finishReason"`, `"groundingMetadata":[1],"urlContextMetadata":{"urlMetadata":7},"finishReason"`, 1), "text(Hello) stop"},
		{"text in chunks", event(reply(`{"text":"Hel"}`, "")) + event(reply(`{"text":"lo"}`, "STOP")), "text(Hello) stop"},
		{"text in parts", reply(`{"text":"Hel"},{"text":"lo"}`, "STOP"), "text(Hello) stop"},
		{"STOP with every chunk", event(reply(`{"text":"Hel"}`, "STOP")) + event(reply(`{"text":"lo"}`, "STOP")), "text(Hello) stop"},
		{"STOP, then a cut", event(reply(`{"text":"Hel"}`, "STOP")) + event(reply(`{"text":"lo"}`, "MAX_TOKENS")), "text(Hello) length"},
		{"a cut, then STOP", event(reply(`{"text":"Hel"}`, "MAX_TOKENS")) + event(reply(`{"text":"lo"}`, "STOP")), "text(Hello) length"},
		{"the end in a chunk without content", event(reply(`{"text":"Hi"}`, "")) + event(`{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{}}`), "text(Hi) stop"},
		{"usage behind the end", event(reply(`{"text":"Hi"}`, "STOP")) + event(`{"usageMetadata":{"promptTokenCount":1}}`), "text(Hi) stop"},
		{"a list of chunks", "[" + reply(`{"text":"Hel"}`, "") + "\n,\r\n" + reply(`{"text":"lo"}`, "STOP") + "]", "text(Hello) stop"},
		{"two chunks in one event", "data: " + reply(`{"text":"Hel"}`, "") + reply(`{"text":"lo"}`, "STOP") + "\n\n", "text(Hello) stop"},
		{"a document without a reason", reply(`{"text":"Hi"}`, ""), "text(Hi) stop"},
		{"a stream without a reason", event(reply(`{"text":"Hi"}`, "")), "error unavailable"},
		{"no parts", `{"candidates":[{"content":{"role":"model"},"finishReason":"STOP"}]}`, "stop"},
		{"no content", `{"candidates":[{"finishReason":"STOP"}]}`, "stop"},
		{"an empty part", reply(`{}`, "STOP"), "stop"},
		{"parts of null", reply(`null,7,"a"`, "STOP"), "stop"},
		{"two candidates", `{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"},{"content":{"parts":[{"text":"b"}]}}]}`, "text(a) stop"},

		{"two candidates, by their index", event(`{"candidates":[{"index":0,"content":{"parts":[{"text":"a"}]}}]}`) + event(`{"candidates":[{"content":{"parts":[{"text":"x"}]},"index":1,"finishReason":"MAX_TOKENS"}]}`) + event(`{"candidates":[{"content":{"parts":[{"text":"y"}]},"index":1},{"content":{"parts":[{"text":"b"}]},"finishReason":"STOP","index":0}]}`), "text(ab) stop"},
		{"the other candidate first", event(`{"candidates":[{"index":1,"content":{"parts":[{"text":"x"}]}},{"index":0,"content":{"parts":[{"text":"a"}]}}]}`) + event(`{"candidates":[{"index":0,"finishReason":"SAFETY"},{"index":1,"finishReason":"STOP"}]}`), "text(x) stop"},
		{"null everywhere", `{"candidates":[{"content":{"parts":[null,{"text":null},{"text":"Hi","thought":null,"thoughtSignature":null,"functionCall":null,"inlineData":null,"fileData":null,"executableCode":null,"surprise":null},{"functionCall":{"id":null,"name":"f","args":null,"partialArgs":null,"willContinue":null}}],"role":null},"finishReason":"STOP","index":null,"safetyRatings":null}],"promptFeedback":null,"usageMetadata":null,"error":null,"responseId":null,"modelVersion":null}`, "text(Hi) :f() tool_calls"},
		{"fields of other types", `{"candidates":[{"content":{"parts":[{"text":{"value":"x"}},{"text":"Hi","thought":"yes","thoughtSignature":7},{"inlineData":"AQI="},{"inlineData":{"mimeType":"a/b"}},{"functionCall":"f"},{"functionCall":{"id":7,"name":"f","args":{}}}],"role":["model"]},"finishReason":"STOP","index":"0","groundingMetadata":[]}],"promptFeedback":[],"usageMetadata":[{"promptTokenCount":1}],"responseId":{},"modelVersion":7}`, "text(Hi) :f({}) tool_calls"},
		{"content of null, then some", event(`{"candidates":[{"content":null}]}`) + event(`{"candidates":null}`) + event(reply(`{"text":"Hi"}`, "STOP")), "text(Hi) stop"},
		{"a part of tomorrow", reply(`{"toolCall":{"id":"t","toolType":"GOOGLE_SEARCH"},"thoughtSignature":"c2ln"},{"text":"Hi","partMetadata":{"a":1}}`, "STOP"), `server(t:web_search()  {"toolCall":{"id":"t","toolType":"GOOGLE_SEARCH"},"thoughtSignature":"c2ln"}) text(Hi) stop`},
		{"parts without data", reply(`{"thought":true},{"thought":false},{"thoughtSignature":"c2ln"},{"text":"Hi"}`, "STOP"), "text() text(Hi) stop"},
		{"a sketch", reply(`{"inlineData":{"mimeType":"image/png","data":"AQI="},"thought":true},{"text":"Hi"}`, "STOP"), `native({"inlineData":{"mimeType":"image/png","data":"AQI="},"thought":true}) text(Hi) stop`},

		{"a call of nothing", reply(`{"functionCall":{}},{"text":"Hi"},{"functionCall":{"id":"x1","name":"","args":{ }}}`, "STOP"), "text(Hi) stop"},
		{"a call of nothing beside one", event(reply(`{"functionCall":{}},`+f, "")) + event(reply(`{"functionCall":{"args":null},"thoughtSignature":"c2ln"}`, "STOP")), `:f({"a":1}) tool_calls`},
		{"a call of no pieces", reply(`{"text":"Hi"},{"functionCall":{"name":"","args":{},"partialArgs":null}},{"functionCall":{"partialArgs":[]}},{"functionCall":{"partialArgs":[null,{}]}},{"functionCall":{"partialArgs":{}}}`, "STOP"), "text(Hi) stop"},
		{"a call of no pieces that goes on", event(reply(`{"text":"Hi"},{"functionCall":{"partialArgs":[],"willContinue":true}}`, "")) + event(reply(`{"functionCall":{"partialArgs":null}}`, "STOP")), "text(Hi) stop"},
		{"a call of an empty list", reply(`{"text":"Hi"},{"functionCall":{"id":"x1","args":[]}}`, "STOP"), "text(Hi) stop"},
		{"arguments for no tool", reply(`{"functionCall":{"args":{"a":1}}}`, "STOP"), `:({"a":1}) tool_calls`},
		{"arguments as a string", reply(`{"functionCall":{"name":"f","args":"{\"a\":1}"}}`, "STOP"), `:f({"a":1}) tool_calls`},
		{"arguments as a list", reply(`{"functionCall":{"name":"f","args":[1]}}`, "STOP"), `:f([1]) tool_calls`},
		{"text beside a call", reply(`{"functionCall":{"name":"f","args":{"a":1}},"text":"Hi"}`, "STOP"), `text(Hi) :f({"a":1}) tool_calls`},
		{"text beside a call that is signed", reply(`{"text":"Hi","functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"c2ln"},{"text":"!"}`, "STOP"), `text(Hi) :f({"a":1}) text(!) tool_calls`},
		{"text beside a call of nothing", event(reply(`{"text":"Hi"}`, "")) + event(reply(`{"functionCall":{},"text":"!"}`, "STOP")), "text(Hi!) stop"},
		{"a thought beside a call", reply(`{"functionCall":{"name":"f","args":{"a":1}},"text":"Hm","thought":true}`, "STOP"), `reasoning(Hm) :f({"a":1}) tool_calls`},
		{"text beside an image", reply(`{"inlineData":{"mimeType":"image/png","data":"AQI="},"text":"Here"}`, "STOP"), "text(Here) media(image/png, 2 bytes, ) stop"},
		{"an empty text beside a call", reply(`{"functionCall":{"name":"f","args":{"a":1}},"text":""}`, "STOP"), `:f({"a":1}) tool_calls`},
		{"a call", reply(f, "STOP"), `:f({"a":1}) tool_calls`},
		{"a call with an id", reply(`{"functionCall":{"id":"x1","name":"f","args":{"a":1}}}`, "STOP"), `x1:f({"a":1}) tool_calls`},
		{"a call whose fields come in another order", reply(`{"thoughtSignature":"c2ln","functionCall":{"args":{"a":1},"name":"f","id":"x1"}}`, "STOP"), `x1:f({"a":1}) tool_calls`},
		{"two calls in one chunk", event(reply(f+","+f, "STOP")), `:f({"a":1}) :f({"a":1}) tool_calls`},
		{"two calls in two chunks", event(reply(f, "")) + event(reply(f, "")) + event(reply(``, "STOP")), `:f({"a":1}) :f({"a":1}) tool_calls`},
		{"text, a call, text", reply(`{"text":"a"},`+f+`,{"text":"b"}`, "STOP"), `text(a) :f({"a":1}) text(b) tool_calls`},
		{"no arguments", reply(`{"functionCall":{"name":"f"}}`, "STOP"), `:f() tool_calls`},
		{"arguments of null", reply(`{"functionCall":{"name":"f","args":null}}`, "STOP"), `:f() tool_calls`},
		{"arguments with white space and long integers", reply("{\"functionCall\":{\"name\":\"f\",\"args\":{\\n \"a\": 90071992547409931234 }}}", "STOP"), "error malformed"},
		{"long integers", reply(`{"functionCall":{"name":"f","args":{ "b": 90071992547409931234, "a": 1e400 }}}`, "STOP"), `:f({"b":90071992547409931234,"a":1e400}) tool_calls`},
		{"a call that is cut off", reply(f, "MAX_TOKENS"), `:f({"a":1}) length`},
		{"more calls than any answer has", reply(many(f, 257), "STOP"), "error malformed"},
		{"a name without end", reply(`{"functionCall":{"name":"`+strings.Repeat("x", 300)+`"}}`, "STOP"), "error malformed"},
		{"more parts than any answer has", reply(many(`{"executableCode":{}}`, 5000), "STOP"), "error malformed"},

		{"a thought", reply(`{"text":"Hm","thought":true},{"text":"Hi"}`, "STOP"), "reasoning(Hm) text(Hi) stop"},
		{"thoughts in chunks", event(reply(`{"thought":true,"text":"H"}`, "")) + event(reply(`{"text":"m","thought":true}`, "")) + event(reply(`{"text":"Hi"}`, "STOP")), "reasoning(Hm) text(Hi) stop"},
		{"a signature on the last, empty text", event(reply(`{"text":"Hi"}`, "")) + event(reply(`{"text":"","thoughtSignature":"c2ln"}`, "STOP")), "text(Hi) text() stop"},
		{"texts around one that is signed", reply(`{"text":"a"},{"text":"b","thoughtSignature":"c2ln"},{"text":"c"}`, "STOP"), "text(a) text(b) text(c) stop"},
		{"an image", reply(`{"text":"Here"},{"inlineData":{"mimeType":"image/png","data":"AQI="}}`, "STOP"), "text(Here) media(image/png, 2 bytes, ) stop"},
		{"an image by its address", reply(`{"fileData":{"mimeType":"image/png","fileUri":"gs://a/b"}}`, "STOP"), "media(image/png, 0 bytes, gs://a/b) stop"},
		{"an invalid image", reply(`{"inlineData":{"mimeType":"image/png","data":"%"}}`, "STOP"), "error malformed"},
		{"code that it ran", reply(`{"executableCode": {"language":"PYTHON","code":"1"}},{"codeExecutionResult":{"outcome":"OUTCOME_OK"}},{"text":"1"}`, "STOP"),
			`server(code_1:code_execution(1)  {"executableCode":{"language":"PYTHON","code":"1"}}) server(code_1:code_execution()  {"codeExecutionResult":{"outcome":"OUTCOME_OK"}}) text(1) stop`},

		{"a reason of servers that speak like the API", reply(f, "FUNCTION_CALL"), `:f({"a":1}) tool_calls`},
		{"safety", reply(`{"text":"Hi"}`, "SAFETY"), "text(Hi) filtered"},
		{"safety, without a word", `{"candidates":[{"finishReason":"SAFETY","safetyRatings":[]}]}`, "filtered"},
		{"an unknown reason", reply(f, "NEW_REASON"), `:f({"a":1}) filtered`},
		{"a malformed call", reply(``, "MALFORMED_FUNCTION_CALL"), "error malformed"},
		{"a call of a tool that was not offered", reply(``, "UNEXPECTED_TOOL_CALL"), "error malformed"},
		{"a call of a tool that was not offered, in full", reply(`{"text":"a"},`+f, "UNEXPECTED_TOOL_CALL"), `text(a) :f({"a":1}) tool_calls`},
		{"the prompt is refused", `{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":4}}`, "error filtered"},
		{"the prompt is refused, in a stream", event(`{"promptFeedback":{"blockReason":"SAFETY"}}`), "error filtered"},
		{"no candidates", `{"candidates":[],"usageMetadata":{}}`, "error malformed"},
		{"an object of nothing", `{}`, "error malformed"},
		{"an error in a list", `[{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"no"}}]`, "error invalid_request"},
		{"an error in a stream", event(reply(`{"text":"a"}`, "")) + event(`{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"no"}}`), "error rate_limited"},
		{"an error behind the end", event(reply(`{"text":"a"}`, "STOP")) + event(`{"error":{"code":500,"status":"INTERNAL","message":"no"}}`), "error unavailable"},
		{"an error that is a list", `{"error":["Oh"],"candidates":[]}`, "error unavailable"},
		{"an error in words", `{"error":"Overloaded"}`, "error unavailable"},
		{"a broken chunk", event(`{"candidates":[{]}`), "error malformed"},
		{"comments and empty events", ": hi\n\ndata:\n\n" + event(reply(`{"text":"a"}`, "STOP")), "text(a) stop"},
		{"an end mark of another API", event(reply(`{"text":"a"}`, "STOP")) + "data: [DONE]\n\n" + "data: rest\n\n", "text(a) stop"},
	} {
		t.Run(c.name, func(t *testing.T) {
			adaptertest.Fixture(t, c.body, c.want, dial)
		})
	}
	for _, none := range []string{`null`, `false`, `0`, `""`, `[]`, `{}`, `{"code":0,"message":"","status":null}`} {
		t.Run("no error in "+none, func(t *testing.T) {
			adaptertest.Fixture(t, `{"error":`+none+`,"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}]}`, "text(Hi) stop", dial)
		})
	}
}

// TestResponse tests the other members of a response.
func TestResponse(t *testing.T) {
	usage := `{"promptTokenCount":100,"toolUsePromptTokenCount":5,"cachedContentTokenCount":60,"candidatesTokenCount":7,"thoughtsTokenCount":30,"totalTokenCount":142}`
	body := event(`{"usageMetadata":{"promptTokenCount":100,"totalTokenCount":100}}`) +
		event(strings.TrimSuffix(reply(`{"functionCall":{"name":"f","args":{}},"thoughtSignature":"`+"a\\u003d+/"+`"}`, "STOP"), "}")+`,"usageMetadata":`+usage+`}`)
	for _, layout := range adaptertest.Layouts {
		resp, err := dial(adaptertest.Replay("text/event-stream", layout.Events(body))).Generate(t.Context(), adaptertest.Question, func(provider.Delta) {})
		if err != nil {
			t.Fatal(err)
		}
		if want := (provider.Usage{Input: 105, CacheRead: 60, Output: 37, Reasoning: 30}); resp.Usage != want {
			t.Errorf("%v: %+v", layout, resp.Usage)
		}
		if resp.ID != "r1" || resp.Model != "gemini-3-pro-001" || resp.RawFinish != "STOP" || resp.Message.State.Owner != owner {
			t.Errorf("%v: %+v", layout, resp)
		}
		want := provider.State{Owner: owner, Data: json.RawMessage(`{"thoughtSignature":"a=+/"}`)}
		if diff := cmp.Diff(want, resp.Message.ToolCalls()[0].State); diff != "" {
			t.Errorf("%v: %s", layout, diff)
		}
	}
}

// TestUsage tests that the last value of each count applies: a later chunk may have a lower
// one, or none.
func TestUsage(t *testing.T) {
	const before = `{"promptTokenCount":100,"toolUsePromptTokenCount":5,"cachedContentTokenCount":60,"candidatesTokenCount":7,"thoughtsTokenCount":30}`
	for name, c := range map[string]struct {
		later string
		want  provider.Usage
	}{
		"more":        {`{"promptTokenCount":100,"candidatesTokenCount":9,"thoughtsTokenCount":40,"totalTokenCount":154}`, provider.Usage{Input: 105, CacheRead: 60, Output: 49, Reasoning: 40}},
		"less":        {`{"promptTokenCount":80,"toolUsePromptTokenCount":0,"cachedContentTokenCount":0,"candidatesTokenCount":6,"thoughtsTokenCount":0}`, provider.Usage{Input: 80, Output: 6}},
		"no thoughts": {`{"promptTokenCount":100,"candidatesTokenCount":9}`, provider.Usage{Input: 105, CacheRead: 60, Output: 39, Reasoning: 30}},
		"no counts":   {`{"trafficType":"ON_DEMAND"}`, provider.Usage{Input: 105, CacheRead: 60, Output: 37, Reasoning: 30}},
		"null":        {`{"promptTokenCount":null,"candidatesTokenCount":"9","thoughtsTokenCount":null}`, provider.Usage{Input: 105, CacheRead: 60, Output: 37, Reasoning: 30}},
		"nothing":     {`null`, provider.Usage{Input: 105, CacheRead: 60, Output: 37, Reasoning: 30}},
	} {
		t.Run(name, func(t *testing.T) {
			stream := event(`{"usageMetadata":`+before+`}`) + event(strings.TrimSuffix(reply(`{"text":"a"}`, "STOP"), "}")+`,"usageMetadata":`+c.later+`}`)
			for _, layout := range adaptertest.Layouts {
				resp, err := dial(adaptertest.Replay("text/event-stream", layout.Events(stream))).Generate(t.Context(), adaptertest.Question, nil)
				if err != nil {
					t.Fatal(err)
				}
				if resp.Usage != c.want {
					t.Errorf("%v: %+v, want %+v", layout, resp.Usage, c.want)
				}
			}
		})
	}
}

// TestEchoed stores a response and sends it back to the model: in the same order, with the
// same signatures and digits.
func TestEchoed(t *testing.T) {
	const parts = `{"text":"One moment."},{"functionCall":{"id":"x1","name":"f","args":{"b":90071992547409931234,"a":"é"}},"thoughtSignature":"c2ln"},{"executableCode":{"code":"1"}},{"text":"","thoughtSignature":"bGFzdA=="}`
	for layout, reply := range adaptertest.InLayouts(reply(`{"text":"Hm","thought":true},`+parts, "STOP")) {
		t.Run(layout, func(t *testing.T) {
			const want = `{"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[` + parts + `]},{"role":"user","parts":[{"functionResponse":{"id":"x1","name":"f","response":{"output":""}}}]}]}`
			if diff := cmp.Diff(want, echo(t, reply)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// echo reads a response, and returns the request that sends it back.
func echo(t *testing.T, reply string) string {
	t.Helper()
	hc, bodies := adaptertest.Record(reply)
	p := gemini.New(model, gemini.HTTPClient(hc))
	resp, err := p.Generate(t.Context(), adaptertest.Question, nil)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := json.Marshal(resp.Message)
	if err != nil {
		t.Fatal(err)
	}
	var message provider.Message
	if err := json.Unmarshal(stored, &message); err != nil {
		t.Fatal(err)
	}
	req := &provider.Request{Messages: []*provider.Message{provider.User("a"), &message, results(provider.ToolResult{CallID: "x1", Name: "f"})}}
	if _, err := p.Generate(t.Context(), req, nil); err != nil {
		t.Fatal(err)
	}
	return (*bodies)[1]
}
