package anthropic_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
)

func dial(hc *http.Client) provider.Provider {
	return anthropic.New("m", anthropic.HTTPClient(hc))
}

// TestQuirks has responses of the API and its gateways. A body that begins with a brace is a
// document, any other is a stream.
func TestQuirks(t *testing.T) {
	const (
		use  = `{"type":"tool_use","id":"t1","name":"f","input":{"a":1}}`
		none = `{"type":"tool_use","id":"t1","name":"f","input":{}}`
		f1   = `t1:f({"a":1}) tool_calls`
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
		{"long integers", doc(`{"type":"tool_use","id":"t1","name":"f","input":{ "b": 90071992547409931234, "a": 1.10 }}`, "tool_use"), `t1:f({"b":90071992547409931234,"a":1.10}) tool_calls`},
		{"no id", doc(`{"type":"tool_use","name":"f","input":{}}`, "tool_use"), `:f({}) tool_calls`},
		{"no input", doc(`{"type":"tool_use","id":"t1","name":"f"}`, "tool_use"), `t1:f() tool_calls`},
		{"thinking", doc(`{"type":"thinking","thinking":"Hm","signature":"s"},{"type":"redacted_thinking","data":"d"},`+use, "tool_use"), "reasoning(Hm) reasoning() " + f1},
		{"a tool of the server's", doc(`{"type":"server_tool_use","id":"s1","name":"web_search","input":{"q":"a"}},{"type":"web_search_tool_result","tool_use_id":"s1","content":[]},{"type":"text","text":"a"}`, "end_turn"),
			`server(s1:web_search(a)  {"type":"server_tool_use","id":"s1","name":"web_search","input":{"q":"a"}}) server(s1:web_search()  {"type":"web_search_tool_result","tool_use_id":"s1","content":[]}) text(a) stop`},
		{"what it found", doc(`{"type":"server_tool_use","id":"s1","name":"web_fetch","input":{"url":"https://a","n":1}},{"type":"web_fetch_tool_result","tool_use_id":"s1","content":{"type":"web_fetch_result","url":"https://a","content":{"type":"document","title":"A","source":{"type":"text","media_type":"text/plain","data":"Hi"}}}}`, "end_turn"),
			`server(s1:web_fetch({"url":"https://a","n":1})  {"type":"server_tool_use","id":"s1","name":"web_fetch","input":{"url":"https://a","n":1}}) server(s1:web_fetch() https://a` + "\n" + `A` + "\n" + `Hi {"type":"web_fetch_tool_result","tool_use_id":"s1","content":{"type":"web_fetch_result","url":"https://a","content":{"type":"document","title":"A","source":{"type":"text","media_type":"text/plain","data":"Hi"}}}}) stop`},
		{"a tool that fails", doc(`{"type":"web_search_tool_result","tool_use_id":"s1","content":{"type":"web_search_tool_result_error","error_code":"max_uses_exceeded"}}`, "end_turn"),
			`server(s1:web_search() max_uses_exceeded {"type":"web_search_tool_result","tool_use_id":"s1","content":{"type":"web_search_tool_result_error","error_code":"max_uses_exceeded"}}) stop`},
		{"a tool of an MCP server", doc(`{"type":"mcp_tool_use","id":"m1","name":"echo","server_name":"e","input":{"a":"b"}},{"type":"mcp_tool_result","tool_use_id":"m1","is_error":false,"content":[{"type":"text","text":"b"}]}`, "end_turn"),
			`server(m1:echo(b)  {"type":"mcp_tool_use","id":"m1","name":"echo","server_name":"e","input":{"a":"b"}}) server(m1:() b {"type":"mcp_tool_result","tool_use_id":"m1","is_error":false,"content":[{"type":"text","text":"b"}]}) stop`},
		{"two results of one id", doc(`{"type":"code_execution_tool_result","tool_use_id":"s1","content":{"stdout":"1"}},{"type":"code_execution_tool_result","tool_use_id":"s1","content":{"stdout":"2"}}`, "end_turn"),
			`server(s1:code_execution() 1 {"type":"code_execution_tool_result","tool_use_id":"s1","content":{"stdout":"1"}}) server(:code_execution() 2 {"type":"code_execution_tool_result","tool_use_id":"s1","content":{"stdout":"2"}}) stop`},
		{"nothing said", doc("", "end_turn"), "stop"},
		{"no reason", strings.Replace(doc(`{"type":"text","text":"Hi"}`, "x"), `"x"`, `null`, 1), "text(Hi) stop"},
		{"cut by length", doc(`{"type":"text","text":"Hi"}`, "max_tokens"), "text(Hi) length"},
		{"cut by the context", doc(use, "model_context_window_exceeded"), `t1:f({"a":1}) length`},
		{"refused", doc("", "refusal"), "filtered"},
		{"paused", doc(`{"type":"text","text":"Hi"}`, "pause_turn"), "text(Hi) length"},
		{"an unknown reason", doc(use, "new_reason"), `t1:f({"a":1}) length`},
		{"invalid blocks", doc(`null,7,{},{"text":"a"}`, "end_turn"), "stop"},
		{"content of null", `{"type":"message","content":null,"stop_reason":"end_turn"}`, "stop"},
		{"a message without a type", strings.Replace(doc(`{"type":"text","text":"Hi"}`, "end_turn"), `"type":"message",`, "", 1), "text(Hi) stop"},
		{"no error", strings.Replace(doc(`{"type":"text","text":"Hi"}`, "end_turn"), `"type":"message"`, `"error":false,"message":"ok"`, 1), "text(Hi) stop"},
		{"content as a string", `{"type":"message","content":"Hi \"you\"","stop_reason":"end_turn"}`, `text(Hi "you") stop`},
		{"null everywhere", `{"type":"message","id":null,"model":null,"error":null,"content":[{"type":"thinking","thinking":null,"signature":null},{"type":"text","text":"Hi","citations":null},{"type":"tool_use","id":null,"name":"f","input":null,"caller":null},{"type":null}],"stop_reason":"end_turn","usage":null}`, "reasoning() text(Hi) :f() tool_calls"},
		{"fields of other types", `{"type":"message","id":7,"model":{},"content":[{"type":"text","text":"Hi","citations":{"a":[1]}},{"type":"text","text":{"value":"a"}},{"type":"text","text":"!","citations":[null,7]},{"type":7,"text":"a"},{"type":"tool_use","id":["a"],"name":"f","input":{},"caller":"me"}],"stop_reason":"end_turn","usage":[{"input_tokens":1}]}`, "text(Hi) text(!) :f({}) tool_calls"},
		{"input as a string", doc(`{"type":"tool_use","id":"t1","name":"f","input":"{\"a\":1}"}`, "tool_use"), f1},
		{"input as a list", doc(`{"type":"tool_use","id":"t1","name":"f","input":[1]}`, "tool_use"), "t1:f([1]) tool_calls"},
		{"input of null", doc(`{"type":"tool_use","id":"t1","name":"f","input":null}`, "tool_use"), "t1:f() tool_calls"},
		{"a call of nothing", doc(`{"type":"text","text":"Hi"},{"type":"tool_use","id":"t1","input":{ }},{"type":"tool_use"}`, "tool_use"), "text(Hi) stop"},
		{"a call of nothing beside one", doc(`{"type":"tool_use","id":"t0","name":"","input":{}},`+use, "tool_use"), f1},
		{"a call of an empty list", doc(`{"type":"text","text":"Hi"},{"type":"tool_use","id":"t1","name":"","input":[]}`, "tool_use"), "text(Hi) stop"},
		{"arguments for no tool", doc(`{"type":"tool_use","id":"t1","input":{"a":1}}`, "tool_use"), `t1:({"a":1}) tool_calls`},
		{"a long name of an unknown block", doc(`{"type":"surprise","name":"`+strings.Repeat("x", 300)+`"},{"type":"text","text":"Hi"}`, "end_turn"), `native({"type":"surprise","name":"` + strings.Repeat("x", 300) + `"}) text(Hi) stop`},
		{"a compaction", doc(`{"type":"compaction","content":"So far: a"},{"type":"text","text":"Hi"}`, "end_turn"), `native({"type":"compaction","content":"So far: a"}) text(Hi) stop`},
		{"an error", `{"type":"error","error":{"type":"api_error","message":"Oh"}}`, "error unavailable"},
		{"an error without a type", `{"error":{"message":"invalid x","type":"invalid_request_error"}}`, "error invalid_request"},
		{"an error in a message", `{"type":"message","error":{"type":"overloaded_error","message":"Oh"},"content":[],"stop_reason":null}`, "error overloaded"},
		{"an error in a message without content", `{"type":"message","error":{"type":"rate_limit_error","message":"Oh"}}`, "error rate_limited"},
		{"an error in words, in a message", `{"type":"message","error":"Overloaded","content":[],"stop_reason":null}`, "error unavailable"},
		{"an error that is a list", `{"error":["Oh"],"content":[],"stop_reason":null}`, "error unavailable"},
		{"an error that is a number", `{"error":500,"content":[],"stop_reason":null}`, "error unavailable"},
		{"an error in an event without a type", event(started) + event(`{"error":{"type":"overloaded_error","message":"Oh"}}`), "error overloaded"},
		{"another API's document", `{"choices":[]}`, "error malformed"},
		{"a name without end", doc(`{"type":"tool_use","name":"`+strings.Repeat("x", 300)+`"}`, "tool_use"), "error malformed"},
		{"more calls than any answer has", doc(strings.TrimSuffix(strings.Repeat(use+",", 257), ","), "tool_use"), "error malformed"},
		{"too many blocks", doc(strings.TrimSuffix(strings.Repeat(text+",", 1025), ","), "end_turn"), "error malformed"},

		{"streamed", event(started) + begin("0", text) + says("0", "Hel") + says("0", "lo") + stop("0") + reason("end_turn") + event(stopped), "text(Hello) stop"},
		{"a call, streamed", event(started) + begin("0", none) + json1("0", "") + json1("0", `{\"a\":`) + json1("0", ` 1}`) + stop("0") + end, `t1:f({"a": 1}) tool_calls`},
		{"text among arguments", begin("0", none) + json1("0", `{\"a\":`) + says("0", "1}") + stop("0") + end, "error malformed"},
		{"arguments among text", begin("0", text) + json1("0", "{}") + stop("0") + end, "error malformed"},
		{"a call without arguments", begin("0", none) + json1("0", "") + stop("0") + end, `t1:f({}) tool_calls`},
		{"arguments in the start alone", begin("0", use) + stop("0") + end, f1},
		{"text in the start", begin("0", `{"type":"text","text":"Hel"}`) + says("0", "lo") + stop("0") + reason("end_turn") + event(stopped), "text(Hello) stop"},
		{"text, thinking, a call", begin("0", `{"type":"thinking","thinking":"","signature":""}`) + delta("0", `{"type":"thinking_delta","thinking":"Hm"}`) + delta("0", `{"type":"signature_delta","signature":"s"}`) + stop("0") + begin("1", text) + says("1", "Hi") + stop("1") + begin("2", none) + json1("2", `{\"a\":1}`) + stop("2") + end, "reasoning(Hm) text(Hi) " + f1},
		{"pieces of two calls by turns", begin("0", none) + begin("1", strings.Replace(none, "t1", "t2", 1)) + json1("0", `{\"a\"`) + json1("1", `{\"b\":2}`) + json1("0", `:1}`) + stop("1") + stop("0") + end, `t1:f({"a":1}) t2:f({"b":2}) tool_calls`},
		{"no indexes", strings.ReplaceAll(begin("0", none)+json1("0", `{\"a\":1}`)+stop("0")+end, `"index":0,`, ""), f1},
		{"no stop of the block", begin("0", none) + json1("0", `{\"a\":1}`) + end, f1},
		{"arguments in the start alone, without its stop", begin("0", use) + end, f1},
		{"arguments in the start alone, without its stop, behind a call", begin("0", none) + begin("1", strings.Replace(use, "t1", "t2", 1)) + json1("0", `{\"b\":2}`) + end, `t1:f({"b":2}) t2:f({"a":1}) tool_calls`},
		{"no arguments, without its stop", begin("0", none) + end, `t1:f({}) tool_calls`},
		{"no message_stop", begin("0", none) + json1("0", `{\"a\":1}`) + stop("0") + reason("tool_use"), f1},
		{"no message_stop, in a call", begin("0", none) + json1("0", `{\"a\"`) + reason("tool_use"), "error unavailable"},
		{"no reason at all", begin("0", none) + json1("0", `{\"a\":1}`) + stop("0"), "error unavailable"},
		{"a piece behind the stop", begin("0", none) + json1("0", `{\"a\":1}`) + stop("0") + json1("0", "x") + end, f1},
		{"text of a block that never began", says("0", "Hi") + stop("0") + reason("end_turn") + event(stopped), "error malformed"},
		{"text of a block that never began, beside one", begin("0", text) + says("0", "Hi") + says("1", "you") + stop("0") + reason("end_turn") + event(stopped), "error malformed"},
		{"text of a block without a type", begin("0", `{"type":null,"text":""}`) + says("0", "Hi") + reason("end_turn") + event(stopped), "error malformed"},
		{"arguments of a block that never began", json1("7", "x") + begin("0", none) + json1("0", `{\"a\":1}`) + stop("0") + end, "error malformed"},
		{"pieces of nothing for a block that never began", json1("7", "") + says("7", "") + delta("7", `{"type":"thinking_delta","thinking":"Hm"}`) + delta("7", `{"type":"signature_delta","signature":"s"}`) + delta("7", `{"type":"surprise_delta","text":"x"}`) + stop("7") + begin("0", none) + json1("0", `{\"a\":1}`) + stop("0") + end, f1},
		{"a server's tool in pieces", begin("0", `{"type":"server_tool_use","id":"s1","name":"web_search","input":{}}`) + json1("0", `{\"q\":\"a\"}`) + stop("0") + reason("end_turn") + event(stopped), `server(s1:web_search(a)  {"id":"s1","input":{"q":"a"},"name":"web_search","type":"server_tool_use"}) stop`},
		{"a server's tool that is cut off", begin("0", text) + says("0", "Hi") + stop("0") + begin("1", `{"type":"server_tool_use","id":"s1","name":"web_search","input":{}}`) + json1("1", `{\"q\":`) + reason("max_tokens") + event(stopped), `text(Hi) server(s1:web_search({"q":)  {"id":"s1","input":{"_invalid_json":"{\"q\":"},"name":"web_search","type":"server_tool_use"}) length`},
		{"a compaction in pieces", begin("0", `{"type":"compaction","content":null}`) + delta("0", `{"type":"compaction_delta","content":"So ","encrypted_content":"old"}`) + delta("0", `{"type":"compaction_delta","content":"far","encrypted_content":"new","x":null}`) + stop("0") + delta("0", `{"content":"late"}`) + reason("end_turn") + event(stopped), `native({"content":"So far","encrypted_content":"new","type":"compaction"}) stop`},
		{"an unknown block in pieces", begin("0", `{"type":"surprise","text":"a","x":"<&>"}`) + delta("0", `{"type":"text_delta","text":"b"}`) + stop("0") + begin("1", text) + says("1", "Hi") + stop("1") + reason("end_turn") + event(stopped), `native({"text":"ab","type":"surprise","x":"<&>"}) text(Hi) stop`},
		{"a call of nothing, streamed", begin("0", text) + says("0", "Hi") + stop("0") + begin("1", `{"type":"tool_use","id":"t1","name":"","input":{}}`) + json1("1", "") + stop("1") + end, "text(Hi) stop"},
		{"a call of nothing, with a piece that says nothing", begin("0", text) + says("0", "Hi") + stop("0") + begin("1", `{"type":"tool_use","id":"","name":"","input":{}}`) + json1("1", "{") + json1("1", " }") + stop("1") + end, "text(Hi) stop"},
		{"a call of nothing beside one, streamed", begin("0", `{"type":"tool_use"}`) + json1("0", "{}") + begin("1", none) + json1("1", `{\"a\":1}`) + stop("1") + end, f1},
		{"arguments in the start, and a piece that says nothing", begin("0", use) + json1("0", "{}") + stop("0") + end, f1},
		{"arguments that say nothing, in pieces", begin("0", none) + json1("0", "{") + json1("0", " }") + stop("0") + end, "t1:f({ }) tool_calls"},
		{"arguments that say nothing, in pieces, without the stop", begin("0", none) + json1("0", "{") + json1("0", " }") + end, "t1:f({ }) tool_calls"},
		{"a call of nothing, without its stop", begin("0", text) + says("0", "Hi") + stop("0") + begin("1", `{"type":"tool_use"}`) + reason("tool_use"), "text(Hi) stop"},
		{"arguments for no tool, streamed", begin("0", strings.Replace(none, `"f"`, `""`, 1)) + json1("0", `{\"a\":`) + json1("0", ` 1}`) + stop("0") + end, `t1:({"a": 1}) tool_calls`},
		{"arguments for no tool, behind a call", begin("0", strings.Replace(none, `"name":"f",`, "", 1)) + begin("1", strings.Replace(none, "t1", "t2", 1)) + json1("1", "{}") + json1("0", `{\"a\":1}`) + stop("0") + stop("1") + end, `t2:f({}) t1:({"a":1}) tool_calls`},
		{"arguments as an object", begin("0", none) + delta("0", `{"type":"input_json_delta","partial_json":{"a":1}}`) + stop("0") + end, f1},
		{"no type of the delta", begin("0", none) + delta("0", `{"partial_json":"{\"a\":1}"}`) + stop("0") + end, f1},
		{"a delta of another kind", begin("0", text) + says("0", "Hi") + delta("0", `{"type":"surprise_delta","text":"x"}`) + delta("0", `{"type":"thinking_delta","thinking":"x"}`) + stop("0") + reason("end_turn") + event(stopped), "text(Hi) stop"},
		{"text among thoughts", begin("0", `{"type":"thinking","thinking":""}`) + says("0", "Hi") + stop("0") + reason("end_turn") + event(stopped), "error malformed"},
		{"events without their parts", event(`{"type":"message_start"}`) + event(`{"type":"content_block_start","index":0}`) + event(`{"type":"content_block_start","index":0,"content_block":null}`) + begin("0", text) + event(`{"type":"content_block_delta","index":0}`) + event(`{"type":"content_block_delta","index":0,"delta":null}`) + says("0", "Hi") + event(`{"type":"message_delta","usage":{"output_tokens":2}}`) + event(`{"type":"message_delta","delta":"x","usage":null}`) + reason("end_turn") + event(stopped), "text(Hi) stop"},
		{"indexes of null", strings.ReplaceAll(begin("0", text)+stop("0")+begin("1", none)+json1("1", `{\"a\":1}`)+stop("1")+end, `"index":1`, `"index":null`), f1},
		{"a message in its start", event(strings.Replace(started, `[],"stop_reason":null`, `[`+use+`],"stop_reason":"tool_use"`, 1)) + event(stopped), f1},
		{"another message behind the end", event(started) + begin("0", text) + says("0", "Hi") + stop("0") + reason("end_turn") + event(stopped) + event(started) + begin("0", use) + end, "text(Hi) stop"},
		{"events of tomorrow", event(`{"type":"surprise","delta":{"text":"x"}}`) + begin("0", none) + delta("0", `{"type":"surprise_delta","x":1}`) + json1("0", `{\"a\":1}`) + stop("0") + end, f1},
		{"an end mark of another API", begin("0", none) + json1("0", `{\"a\":1}`) + stop("0") + end + "data: [DONE]\n\n", f1},
		{"an error in the stream", begin("0", text) + says("0", "Hi") + event(`{"type":"error","error":{"type":"rate_limit_error","message":"Slow"}}`), "error rate_limited"},
		{"a broken event", begin("0", text) + event(`{"type":"content_block_delta","delta":{]}`), "error malformed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			adaptertest.Fixture(t, c.body, c.want, dial)
		})
	}
	for _, none := range []string{`null`, `false`, `0`, `""`, `[]`, `{}`, `{"type":null,"message":""}`} {
		for _, typed := range []string{`"type":"message",`, ""} {
			body := `{` + typed + `"error":` + none + `,"content":[` + use + `],"stop_reason":"tool_use"}`
			t.Run("no error in "+body, func(t *testing.T) { adaptertest.Fixture(t, body, f1, dial) })
		}
	}
}

// TestResponse tests the other members of a response, whole and streamed.
func TestResponse(t *testing.T) {
	stream := event(strings.Replace(started, `"input_tokens":40`, `"input_tokens":40,"cache_creation_input_tokens":10,"cache_read_input_tokens":50`, 1)) +
		reason("stop_sequence") + event(stopped)
	for contentType, body := range map[string]string{"application/json": doc("", "stop_sequence"), "text/event-stream": stream} {
		for _, layout := range adaptertest.Layouts {
			resp, err := dial(adaptertest.Replay(contentType, layout.Body(contentType, body))).Generate(t.Context(), adaptertest.Question, nil)
			if err != nil {
				t.Fatal(err)
			}
			if want := (provider.Usage{Input: 100, CacheRead: 50, CacheWrite: 10, Output: 37}); resp.Usage != want {
				t.Errorf("%v: %+v", layout, resp.Usage)
			}
			if resp.ID != "msg_1" || resp.Model != "claude-test-1" || resp.RawFinish != "stop_sequence" || resp.Finish != provider.FinishStop {
				t.Errorf("%v: %+v", layout, resp)
			}
		}
	}
}

// TestUsage tests that the last value of each count applies: a later event may have a lower
// one, or none.
func TestUsage(t *testing.T) {
	const before = `{"input_tokens":900,"cache_creation_input_tokens":60,"cache_read_input_tokens":40,"output_tokens":5,"output_tokens_details":{"thinking_tokens":3}}`
	for name, c := range map[string]struct {
		later string
		want  provider.Usage
	}{
		"the output alone":        {`{"output_tokens":7}`, provider.Usage{Input: 1000, CacheWrite: 60, CacheRead: 40, Output: 7, Reasoning: 3}},
		"less, by compaction":     {`{"input_tokens":200,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":4,"output_tokens_details":{"thinking_tokens":0},"iterations":[{"type":"compaction","input_tokens":900,"output_tokens":70},{"type":"message","input_tokens":200,"output_tokens":4}]}`, provider.Usage{Input: 200, Output: 4}},
		"more, by tools":          {`{"input_tokens":5000,"cache_creation_input_tokens":60,"cache_read_input_tokens":40,"output_tokens":7}`, provider.Usage{Input: 5100, CacheWrite: 60, CacheRead: 40, Output: 7, Reasoning: 3}},
		"null":                    {`{"input_tokens":null,"cache_creation_input_tokens":null,"cache_read_input_tokens":"?","output_tokens":null,"output_tokens_details":null}`, provider.Usage{Input: 1000, CacheWrite: 60, CacheRead: 40, Output: 5, Reasoning: 3}},
		"nothing":                 {`null`, provider.Usage{Input: 1000, CacheWrite: 60, CacheRead: 40, Output: 5, Reasoning: 3}},
		"no input alone":          {`{"input_tokens":0,"output_tokens":7}`, provider.Usage{Input: 1000, CacheWrite: 60, CacheRead: 40, Output: 7, Reasoning: 3}},
		"no input beside a cache": {`{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":50,"output_tokens":7}`, provider.Usage{Input: 1010, CacheWrite: 60, CacheRead: 50, Output: 7, Reasoning: 3}},
		"no cache alone":          {`{"cache_read_input_tokens":0,"output_tokens":7}`, provider.Usage{Input: 1000, CacheWrite: 60, CacheRead: 40, Output: 7, Reasoning: 3}},
		"a cache alone":           {`{"cache_read_input_tokens":50}`, provider.Usage{Input: 1010, CacheWrite: 60, CacheRead: 50, Output: 5, Reasoning: 3}},
		"a prompt of no token":    {`{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":7}`, provider.Usage{Input: 1000, CacheWrite: 60, CacheRead: 40, Output: 7, Reasoning: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			stream := event(`{"type":"message_start","message":{"content":[],"usage":`+before+`}}`) +
				event(`{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":`+c.later+`}`)
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

// TestRestartedStream has a proxy that asks the API again in the middle of a stream. The first
// message is dropped. If its text was emitted, the call fails, and the caller may retry.
func TestRestartedStream(t *testing.T) {
	again := strings.NewReplacer("msg_1", "msg_2", `"input_tokens":40`, `"input_tokens":30`).Replace(event(started))
	call := begin("1", `{"type":"tool_use","id":"t1","name":"f","input":{}}`) + delta("1", `{"type":"input_json_delta","partial_json":"{\"a\""}`)
	said := begin("0", `{"type":"text","text":""}`) + delta("0", `{"type":"text_delta","text":"One mom"}`)
	thought := begin("0", `{"type":"thinking","thinking":""}`) + delta("0", `{"type":"thinking_delta","thinking":"Hm"}`) + stop("0")
	search := begin("0", `{"type":"server_tool_use","id":"s1","name":"web_search","input":{}}`) + stop("0")
	whole := thought + begin("1", `{"type":"tool_use","id":"t2","name":"f","input":{}}`) + delta("1", `{"type":"input_json_delta","partial_json":"{}"}`) + stop("1") + reason("tool_use") + event(stopped)
	const want, failed = "reasoning(Hm) t2:f({}) tool_calls", "error unavailable"
	for name, c := range map[string]struct{ stream, whole, streamed string }{
		"at once":                  {event(started) + again + whole, want, want},
		"after a thought":          {event(started) + thought + again + whole, want, want},
		"in the middle of a call":  {event(started) + thought + call + again + whole, want, want},
		"after a call":             {event(started) + thought + call + stop("1") + again + whole, want, want},
		"after the end":            {event(started) + thought + call + stop("1") + reason("end_turn") + again + whole, want, want},
		"after text":               {event(started) + said + again + whole, want, failed},
		"after text, and for good": {event(started) + said + again + said, failed, failed},
		"after a search":           {event(started) + search + again + whole, want, failed},
		"twice":                    {event(started) + call + again + call + again + whole, want, want},
		"and then broken off":      {event(started) + thought + call + stop("1") + reason("end_turn") + again + thought, failed, failed},
	} {
		t.Run(name, func(t *testing.T) {
			p := dial(adaptertest.Replay("text/event-stream", c.stream))
			if got := adaptertest.Ask(t.Context(), t, p, false); got != c.whole {
				t.Errorf("whole: got %s, want %s", got, c.whole)
			}
			if got := adaptertest.Ask(t.Context(), t, p, true); got != c.streamed {
				t.Errorf("streamed: got %s, want %s", got, c.streamed)
			}
			if resp, err := p.Generate(t.Context(), adaptertest.Question, nil); err == nil {
				if want := (provider.Usage{Input: 30, Output: 37}); resp.ID != "msg_2" || resp.Usage != want {
					t.Errorf("%s, %+v", resp.ID, resp.Usage)
				}
			}
		})
	}
}

// TestEchoed stores a response and sends it back to the model: the blocks are unchanged and in
// order.
func TestEchoed(t *testing.T) {
	const blocks = `{"type":"thinking","thinking":"Hm <é>","signature":"c2ln+/=="},{"type":"redacted_thinking","data":"b3BhcXVl"},{"type":"thinking","thinking":"","signature":""},` +
		`{"type":"text","text":"See.","citations":[{"type":"char_location","cited_text":"a"}]},` +
		`{"type":"server_tool_use","id":"s1","name":"web_search","input":{"q":"a"}},` +
		`{"type":"tool_use","id":"t1","name":"f","input":{"b":90071992547409931234}},` +
		`{"type":"tool_use","id":"t2","name":"f","input":{},"caller":{"type":"code_execution_20250825","tool_id":"s1"}}`
	const results = `{"type":"tool_result","tool_use_id":"t1","content":""},{"type":"tool_result","tool_use_id":"t2","content":""}`
	const plain = `{"type":"text","text":"See."},{"type":"text","text":"[web_search ran at the model's provider]\ninput: a\n"},{"type":"tool_use","id":"t1","name":"f","input":{"b":90071992547409931234}},{"type":"tool_use","id":"t2","name":"f","input":{}}`
	// The caller is the model where it is not said, so that this one need not go back.
	reply := doc(strings.Replace(blocks, `931234}`, `931234},"caller":{"type":"direct"}`, 1), "tool_use")
	for layout, reply := range adaptertest.InLayouts(reply) {
		t.Run(layout, func(t *testing.T) {
			bodies := echo(t, reply)
			for i, want := range []string{blocks, plain} {
				want = `{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"assistant","content":[` + want + `]},{"role":"user","content":[` + results + `]}],"tools":[{"name":"f","input_schema":{"type":"object"}}],"max_tokens":8192}`
				if diff := cmp.Diff(want, bodies[i]); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

// echo reads a response, and returns the requests that send it back to its server and to
// another one.
func echo(t *testing.T, reply string) []string {
	t.Helper()
	hc, bodies := adaptertest.Record(reply)
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
	tools := []*provider.Tool{{Name: "f", Schema: json.RawMessage(`{"type":"object"}`)}}
	req := &provider.Request{Tools: tools, Messages: []*provider.Message{provider.User("a"), &message, results(provider.ToolResult{CallID: "t1", Name: "f"}, provider.ToolResult{CallID: "t2", Name: "f"})}}
	elsewhere := anthropic.New("m", anthropic.HTTPClient(hc), anthropic.NoPromptCache(), anthropic.BaseURL("https://elsewhere.example/v1"))
	for _, to := range []*anthropic.Client{p, elsewhere} {
		if _, err := to.Generate(t.Context(), req, nil); err != nil {
			t.Fatal(err)
		}
	}
	return (*bodies)[1:]
}
