package anthropic_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
)

// TestQuirks has what the API and its gateways make of an answer. A body that
// begins with a brace is a document, any other is a stream.
func TestQuirks(t *testing.T) {
	const (
		use  = `{"type":"tool_use","id":"t1","name":"f","input":{"a": 1}}`
		none = `{"type":"tool_use","id":"t1","name":"f","input":{}}`
		f1   = `t1:f({"a": 1}) tool_calls`
		text = `{"type":"text","text":""}`
	)
	json1 := func(index, piece string) string {
		return delta(index, `{"type":"input_json_delta","partial_json":"`+piece+`"}`)
	}
	says := func(index, piece string) string {
		return delta(index, `{"type":"text_delta","text":"`+piece+`"}`)
	}
	end := reason("tool_use") + event(stopped)
	for _, c := range []struct{ name, body, want string }{
		{"text", doc(`{"type":"text","text":"Hi"}`, "end_turn"), "text(Hi) stop"},
		{"two texts", doc(`{"type":"text","text":"a"},{"type":"text","text":"b"}`, "end_turn"), "text(a) text(b) stop"},
		{"a call", doc(use, "tool_use"), f1},
		{"a call, end_turn", doc(use, "end_turn"), f1},
		{"tool_use without a call", doc(`{"type":"text","text":"Hi"}`, "tool_use"), "text(Hi) stop"},
		{"long integers", doc(`{"type":"tool_use","id":"t1","name":"f","input":{ "b": 90071992547409931234, "a": 1.10 }}`, "tool_use"), `t1:f({ "b": 90071992547409931234, "a": 1.10 }) tool_calls`},
		{"no id", doc(`{"type":"tool_use","name":"f","input":{}}`, "tool_use"), `:f({}) tool_calls`},
		{"no input", doc(`{"type":"tool_use","id":"t1","name":"f"}`, "tool_use"), `t1:f() tool_calls`},
		{"thinking", doc(`{"type":"thinking","thinking":"Hm","signature":"s"},{"type":"redacted_thinking","data":"d"},`+use, "tool_use"), "reasoning(Hm) reasoning() " + f1},
		{"a tool of the server's", doc(`{"type":"server_tool_use","id":"s1","name":"web_search","input":{"q":"a"}},{"type":"web_search_tool_result","tool_use_id":"s1","content":[]},{"type":"text","text":"a"}`, "end_turn"),
			`native({"type":"server_tool_use","id":"s1","name":"web_search","input":{"q":"a"}}) native({"type":"web_search_tool_result","tool_use_id":"s1","content":[]}) text(a) stop`},
		{"nothing said", doc("", "end_turn"), "stop"},
		{"no reason", strings.Replace(doc(`{"type":"text","text":"Hi"}`, "x"), `"x"`, `null`, 1), "text(Hi) stop"},
		{"cut by length", doc(`{"type":"text","text":"Hi"}`, "max_tokens"), "text(Hi) length"},
		{"cut by the context", doc(use, "model_context_window_exceeded"), `t1:f({"a": 1}) length`},
		{"refused", doc("", "refusal"), "filtered"},
		{"paused", doc(`{"type":"text","text":"Hi"}`, "pause_turn"), "text(Hi) length"},
		{"a reason that nobody knows", doc(use, "new_reason"), `t1:f({"a": 1}) length`},
		{"blocks that are none", doc(`null,7,{},{"text":"a"}`, "end_turn"), "stop"},
		{"content of null", `{"type":"message","content":null,"stop_reason":"end_turn"}`, "stop"},
		{"an error", `{"type":"error","error":{"type":"api_error","message":"Oh"}}`, "error unavailable"},
		{"an error without a type", `{"error":{"message":"invalid x","type":"invalid_request_error"}}`, "error invalid_request"},
		{"another API's document", `{"choices":[]}`, "error malformed"},
		{"a name without end", doc(`{"type":"tool_use","name":"`+strings.Repeat("x", 300)+`"}`, "tool_use"), "error malformed"},
		{"more calls than any answer has", doc(strings.TrimSuffix(strings.Repeat(use+",", 1025), ","), "tool_use"), "error malformed"},

		{"streamed", event(started) + begin("0", text) + says("0", "Hel") + says("0", "lo") + stop("0") + reason("end_turn") + event(stopped), "text(Hello) stop"},
		{"a call, streamed", event(started) + begin("0", none) + json1("0", "") + json1("0", `{\"a\":`) + json1("0", ` 1}`) + stop("0") + end, f1},
		{"text among arguments", begin("0", none) + json1("0", `{\"a\":`) + says("0", "1}") + stop("0") + end, "error malformed"},
		{"arguments among text", begin("0", text) + json1("0", "{}") + stop("0") + end, "error malformed"},
		{"a call without arguments", begin("0", none) + json1("0", "") + stop("0") + end, `t1:f({}) tool_calls`},
		{"arguments in the start alone", begin("0", use) + stop("0") + end, f1},
		{"text in the start", begin("0", `{"type":"text","text":"Hel"}`) + says("0", "lo") + stop("0") + reason("end_turn") + event(stopped), "text(Hello) stop"},
		{"text, thinking, a call", begin("0", `{"type":"thinking","thinking":"","signature":""}`) + delta("0", `{"type":"thinking_delta","thinking":"Hm"}`) + delta("0", `{"type":"signature_delta","signature":"s"}`) + stop("0") + begin("1", text) + says("1", "Hi") + stop("1") + begin("2", none) + json1("2", `{\"a\": 1}`) + stop("2") + end, "reasoning(Hm) text(Hi) " + f1},
		{"pieces of two calls by turns", begin("0", none) + begin("1", strings.Replace(none, "t1", "t2", 1)) + json1("0", `{\"a\"`) + json1("1", `{\"b\":2}`) + json1("0", `: 1}`) + stop("1") + stop("0") + end, `t1:f({"a": 1}) t2:f({"b":2}) tool_calls`},
		{"no indexes", strings.ReplaceAll(begin("0", none)+json1("0", `{\"a\": 1}`)+stop("0")+end, `"index":0,`, ""), f1},
		{"no stop of the block", begin("0", none) + json1("0", `{\"a\": 1}`) + end, f1},
		{"no message_stop", begin("0", none) + json1("0", `{\"a\": 1}`) + stop("0") + reason("tool_use"), f1},
		{"no message_stop, in a call", begin("0", none) + json1("0", `{\"a\"`) + reason("tool_use"), "error unavailable"},
		{"no reason at all", begin("0", none) + json1("0", `{\"a\": 1}`) + stop("0"), "error unavailable"},
		{"a piece behind the stop", begin("0", none) + json1("0", `{\"a\": 1}`) + stop("0") + json1("0", "x") + end, f1},
		{"a piece of nothing", json1("7", "x") + begin("0", none) + json1("0", `{\"a\": 1}`) + stop("0") + end, f1},
		{"a server's tool in pieces", begin("0", `{"type":"server_tool_use","id":"s1","name":"web_search","input":{}}`) + json1("0", `{\"q\":\"a\"}`) + stop("0") + reason("end_turn") + event(stopped), `native({"id":"s1","input":{"q":"a"},"name":"web_search","type":"server_tool_use"}) stop`},
		{"events of tomorrow", event(`{"type":"surprise","delta":{"text":"x"}}`) + begin("0", none) + delta("0", `{"type":"surprise_delta","x":1}`) + json1("0", `{\"a\": 1}`) + stop("0") + end, f1},
		{"an end mark of another API", begin("0", none) + json1("0", `{\"a\": 1}`) + stop("0") + end + "data: [DONE]\n\n", f1},
		{"an error in the stream", begin("0", text) + says("0", "Hi") + event(`{"type":"error","error":{"type":"rate_limit_error","message":"Slow"}}`), "error rate_limited"},
		{"a broken event", begin("0", text) + event(`{"type":"content_block_delta","delta":{]}`), "error malformed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			contentType := "text/event-stream"
			if c.body[0] == '{' {
				contentType = "application/json"
			}
			p := anthropic.New("m", anthropic.HTTPClient(adaptertest.Replay(contentType, c.body)))
			for _, stream := range []bool{false, true} {
				if got := adaptertest.Ask(t.Context(), t, p, stream); got != c.want {
					t.Errorf("streamed %v: got %s, want %s", stream, got, c.want)
				}
			}
		})
	}
}

// TestResponse has everything else that an answer says, whole and streamed.
func TestResponse(t *testing.T) {
	stream := event(strings.Replace(started, `"input_tokens":40`, `"input_tokens":40,"cache_creation_input_tokens":10,"cache_read_input_tokens":50`, 1)) +
		reason("stop_sequence") + event(stopped)
	for contentType, body := range map[string]string{"application/json": doc("", "stop_sequence"), "text/event-stream": stream} {
		resp, err := anthropic.New("m", anthropic.HTTPClient(adaptertest.Replay(contentType, body))).Generate(t.Context(), adaptertest.Question, nil)
		if err != nil {
			t.Fatal(err)
		}
		if want := (provider.Usage{Input: 100, CacheRead: 50, CacheWrite: 10, Output: 37}); resp.Usage != want {
			t.Errorf("%+v", resp.Usage)
		}
		if resp.ID != "msg_1" || resp.Model != "claude-test-1" || resp.RawFinish != "stop_sequence" || resp.Finish != provider.FinishStop {
			t.Errorf("%+v", resp)
		}
	}
}

// TestEchoed has an answer go through a store and back to the model: the blocks
// as they came, in their order.
func TestEchoed(t *testing.T) {
	const blocks = `{"type":"thinking","thinking":"Hm <é>","signature":"c2ln+/=="},{"type":"redacted_thinking","data":"b3BhcXVl"},{"type":"thinking","thinking":"","signature":""},` +
		`{"type":"text","text":"See.","citations":[{"type":"char_location","cited_text":"a"}]},` +
		`{"type":"server_tool_use","id":"s1","name":"web_search","input":{"q":"a"}},` +
		`{"type":"tool_use","id":"t1","name":"f","input":{ "b": 90071992547409931234 }}`
	hc, bodies := adaptertest.Record(doc(blocks, "tool_use"))
	p := anthropic.New("m", anthropic.HTTPClient(hc), anthropic.NoPromptCache())
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
	req := &provider.Request{Messages: []*provider.Message{provider.User("a"), &message, results(provider.ToolResult{CallID: "t1", Name: "f"})}}
	elsewhere := anthropic.New("m", anthropic.HTTPClient(hc), anthropic.NoPromptCache(), anthropic.BaseURL("https://elsewhere.example/v1"))
	for _, to := range []*anthropic.Client{p, elsewhere} {
		if _, err := to.Generate(t.Context(), req, nil); err != nil {
			t.Fatal(err)
		}
	}
	const around = `{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"assistant","content":[%]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1"}]}],"max_tokens":8192}`
	if diff := cmp.Diff(strings.Replace(around, "%", blocks, 1), (*bodies)[1]); diff != "" {
		t.Error(diff)
	}
	plain := `{"type":"text","text":"See."},{"type":"tool_use","id":"t1","name":"f","input":{ "b": 90071992547409931234 }}`
	if diff := cmp.Diff(strings.Replace(around, "%", plain, 1), (*bodies)[2]); diff != "" {
		t.Error(diff)
	}
}
