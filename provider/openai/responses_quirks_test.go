package openai_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/internal/apitest/responsesserver"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
	"github.com/funcall/funcall/provider/providertest"
)

// TestResponsesQuirks has responses of the API and its gateways. A body that begins with a
// brace is a document, any other is a stream.
func TestResponsesQuirks(t *testing.T) {
	const (
		callItem  = `{"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"{\"a\":1}","status":"completed"}`
		thought   = `{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Hm"},{"type":"summary_text","text":"So"}],"encrypted_content":"gAAAA="}`
		hi        = `{"type":"message","id":"msg_1","content":[{"type":"output_text","text":"Hi"}]}`
		completed = `{"type":"response.completed","response":{"id":"resp_1","status":"completed","output":[]}}`
		added     = `{"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"","status":"in_progress"}}`
		oddItem   = `{"type":"tool_search_call","id":7,"call_id":null,"name":{"a":1},"arguments":{"q":["a"]},"status":[1],"summary":"x","content":5}`
		f1        = `c1:f({"a":1}) tool_calls`
		searching = `{"type":"response.output_item.added","output_index":0,"item":{"type":"web_search_call","id":"ws_1","status":"in_progress"}}`
		searched  = `{"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","query":"rain"}}`
	)
	delta := func(index, text string) string {
		return sse(`{"type":"response.function_call_arguments.delta","output_index":` + index + `,"item_id":"fc_1","delta":` + text + `}`)
	}
	atOne := func(events string) string { return strings.ReplaceAll(events, `"output_index":0`, `"output_index":1`) }
	itemDone := func(index, item string) string {
		return sse(`{"type":"response.output_item.done","output_index":` + index + `,"item":` + item + `}`)
	}
	text := func(piece string) string {
		return sse(`{"type":"response.output_text.delta","output_index":0,"content_index":0,"item_id":"msg_1","delta":"` + piece + `"}`)
	}
	final := func(output, status string) string {
		return sse(`{"type":"response.` + status + `","response":` + doc(output, status) + `}`)
	}
	for _, c := range []struct{ name, body, want string }{
		{"a document", doc(textItem, "completed"), "text(Hello 👍) stop"},
		{"a call", doc(callItem, "completed"), f1},
		{"reasoning, then a call", doc(thought+","+callItem, "completed"), "reasoning(Hm\n\nSo) " + f1},
		{"an item of a new kind", doc(`{"type":"hologram_call","id":"h_1"},`+textItem, "completed"), `native({"type":"hologram_call","id":"h_1"}) text(Hello 👍) stop`},
		{"a search", doc(`{"type":"web_search_call","id":"ws_1"},`+textItem, "completed"), `server(ws_1:web_search()  {"type":"web_search_call","id":"ws_1"}) text(Hello 👍) stop`},
		{"a refusal", doc(`{"type":"message","id":"msg_1","content":[{"type":"refusal","refusal":"No."}]}`, "completed"), "text(No.) stop"},
		{"two parts", doc(`{"type":"message","content":[{"type":"output_text","text":"a"},{"type":"output_text","text":"b"}]}`, "completed"), "text(ab) stop"},
		{"no output", doc("", "completed"), "stop"},
		{"output of null", `{"status":"completed","output":null}`, "error malformed"},
		{"cut by length", strings.Replace(doc(textItem, "incomplete"), `"output"`, `"incomplete_details":{"reason":"max_output_tokens"},"output"`, 1), "text(Hello 👍) length"},
		{"cut by a filter", strings.Replace(doc(textItem, "incomplete"), `"output"`, `"incomplete_details":{"reason":"content_filter"},"output"`, 1), "text(Hello 👍) filtered"},
		{"a call that is cut off", strings.Replace(doc(strings.Replace(callItem, `"completed"`, `"incomplete"`, 1), "incomplete"), `"output"`, `"incomplete_details":{"reason":"max_output_tokens"},"output"`, 1), `c1:f({"a":1}) length`},
		{"failed", `{"status":"failed","error":{"code":"server_error","message":"Oh"},"output":[]}`, "error unavailable"},
		{"failed for the rate", `{"status":"failed","error":{"code":"rate_limit_exceeded","message":"Slow"},"output":[]}`, "error rate_limited"},
		{"an error that is empty", strings.Replace(doc(textItem, "completed"), `"error":null`, `"error":{}`, 1), "text(Hello 👍) stop"},
		{"cancelled", doc("", "cancelled"), "error unavailable"},
		{"in the background", doc("", "queued"), "error malformed"},
		{"an error as the document", `{"error":{"message":"no","type":"invalid_request_error","code":"context_length_exceeded"}}`, "error context_too_long"},
		{"another API's document", `{"choices":[{"message":{"content":"hi"}}]}`, "error malformed"},
		{"an item that is broken", doc(`{"type":"function_call","name":7}`, "completed"), "error malformed"},
		{"an item of a new kind that is like no other", doc(oddItem+","+textItem, "completed"), "native(" + oddItem + ") text(Hello 👍) stop"},
		{"an item of a new kind with a long name", doc(strings.Replace(oddItem, `{"a":1}`, `"`+strings.Repeat("n", 300)+`"`, 1)+","+callItem, "completed"), "native(" + strings.Replace(oddItem, `{"a":1}`, `"`+strings.Repeat("n", 300)+`"`, 1) + ") " + f1},
		{"a call of odd fields", doc(`{"type":"function_call","id":7,"call_id":12,"name":"f","arguments":{"a":1},"status":{},"summary":"x","content":5}`, "completed"), strings.Replace(f1, "c1", "12", 1)},
		{"a call without fields", doc(`{"type":"function_call","name":null,"arguments":null}`, "completed"), "stop"},
		{"a call of nothing beside text", doc(textItem+`,{"type":"function_call","id":"fc_1","call_id":"","name":"","arguments":" {}"}`, "completed"), "text(Hello 👍) stop"},
		{"a call without a name", doc(`{"type":"function_call","call_id":"c1","name":"","arguments":"{\"a\":1}"}`, "completed"), `c1:({"a":1}) tool_calls`},
		{"a call of nothing beside a call", doc(`{"type":"function_call","call_id":"c0","name":"","arguments":"{}"},`+callItem, "completed"), f1},
		{"a call of nothing, streamed", sse(`{"type":"response.output_item.added","output_index":1,"item":{"type":"function_call","id":"fc_1","call_id":"c1","name":null,"arguments":null}}`) + text("Hi") + sse(completed), "text(Hi) stop"},
		{"a text of odd fields", doc(`{"type":"message","id":7,"status":[],"phase":{},"role":null,"arguments":{},"summary":7,"content":[{"type":"output_text","text":"hi","annotations":"x","logprobs":7},{"type":"new","text":null},null,7]}`, "completed"), "text(hi) stop"},
		{"content that is a text", doc(`{"type":"message","content":"hi"}`, "completed"), "text(hi) stop"},
		{"content of null", doc(`{"type":"message","content":null}`, "completed"), "stop"},
		{"content that is a number", doc(`{"type":"message","content":7}`, "completed"), "error malformed"},
		{"a text that is an object", doc(`{"type":"message","content":[{"type":"output_text","text":{"value":"hi"}}]}`, "completed"), "error malformed"},
		{"reasoning of odd fields", doc(`{"type":"reasoning","id":[],"summary":null,"content":"x","encrypted_content":7},`+textItem, "completed"), "reasoning() text(Hello 👍) stop"},
		{"an item of a new kind, streamed", sse(`{"type":"response.output_item.added","output_index":0,"item":`+oddItem+`}`) + itemDone("0", oddItem) + itemDone("1", callItem) + final(oddItem+","+callItem, "completed"), "native(" + oddItem + ") " + f1},
		{"arguments whole alone, as an object", sse(added) + sse(`{"type":"response.function_call_arguments.done","output_index":0,"arguments":{"a":1}}`) + sse(completed), f1},
		{"invalid items", doc(`null,7,{}`, "completed"), "stop"},

		{"a call that is incomplete in a whole response", doc(strings.NewReplacer(`"completed"`, `"incomplete"`, `{\"a\":1}`, "").Replace(callItem), "completed"), "c1:f() length"},
		{"a whole call that says that it is incomplete", doc(strings.Replace(callItem, `"completed"`, `"incomplete"`, 1), "completed"), `c1:f({"a":1}) length`},
		{"a whole call that is in progress still", doc(strings.Replace(callItem, `"completed"`, `"in_progress"`, 1), "completed"), f1},
		{"a call in progress without arguments", doc(strings.NewReplacer(`"completed"`, `"in_progress"`, `{\"a\":1}`, "").Replace(callItem), "completed"), "c1:f() length"},
		{"a call that is done without arguments", doc(strings.Replace(callItem, `{\"a\":1}`, "", 1), "completed"), "c1:f() tool_calls"},
		{"a call that is never done, without arguments", sse(added) + sse(completed), "c1:f() length"},
		{"a call that is never done, with half of them", sse(added) + delta("0", `"{\"a\""`) + sse(completed), `c1:f({"a") length`},
		{"arguments as the call begins alone", strings.Replace(sse(added), `"arguments":""`, `"arguments":"{\"a\":1}"`, 1) + sse(completed), f1},
		{"arguments as the call begins, as an object", strings.Replace(sse(added), `"arguments":""`, `"arguments":{"a":1}`, 1) + sse(completed), f1},
		{"arguments as the call begins, and in pieces", strings.Replace(sse(added), `"arguments":""`, `"arguments":"{\"a\":1}"`, 1) + delta("0", `"{\"a\":1}"`) + sse(completed), f1},
		{"arguments as the call begins, and an end without", strings.Replace(sse(added), `"arguments":""`, `"arguments":"{\"a\":1}"`, 1) + itemDone("0", strings.Replace(callItem, `{\"a\":1}`, "", 1)) + sse(completed), f1},
		{"arguments as the call begins, and other ones as it ends", strings.Replace(sse(added), `"arguments":""`, `"arguments":"{\"a\":1}"`, 1) + itemDone("0", strings.Replace(callItem, `:1}`, ":2}", 1)) + sse(completed), `c1:f({"a":2}) tool_calls`},
		{"a text as the message begins alone", sse(`{"type":"response.output_item.added","output_index":0,"item":`+textItem+`}`) + sse(completed), "text(Hello 👍) stop"},

		{"a text that its end contradicts", text("Hello") + itemDone("0", strings.Replace(textItem, "Hello 👍", "Bye", 1)) + sse(completed), "error malformed"},
		{"a text whose end has no content", text("Hello") + itemDone("0", `{"type":"message","id":"msg_1","content":[]}`) + sse(completed), "text(Hello) stop"},
		{"a text whose end has content of null", text("Hello") + itemDone("0", `{"type":"message","id":"msg_1","content":null}`) + sse(completed), "text(Hello) stop"},
		{"a summary that its end contradicts", sse(`{"type":"response.reasoning_summary_text.delta","output_index":0,"delta":"Well"}`) + itemDone("0", thought) + sse(completed), "reasoning(Well) stop"},
		{"a call whose end has no id and no name", sse(added) + delta("0", `"{\"a\":1}"`) + itemDone("0", `{"type":"function_call","id":"fc_1","call_id":null,"name":null,"arguments":null}`) + sse(completed), f1},
		{"a call whose end has another id", sse(added) + itemDone("0", strings.Replace(callItem, "c1", "c2", 1)) + sse(completed), "error malformed"},
		{"a call whose end has another name", sse(added) + itemDone("0", strings.Replace(callItem, `"f"`, `"g"`, 1)) + sse(completed), "error malformed"},
		{"a call whose end alone has a name, a long one", delta("0", `"{}"`) + itemDone("0", strings.Replace(callItem, `"f"`, `"`+strings.Repeat("n", 300)+`"`, 1)) + sse(completed), "error malformed"},
		{"arguments whole that the pieces contradict", sse(added) + delta("0", `"{\"a\":1}"`) + sse(`{"type":"response.function_call_arguments.done","output_index":0,"arguments":"{\"a\":2}"}`) + sse(completed), "error malformed"},
		{"arguments at the place of a message", text("Hi") + delta("0", `"{\"a\":1}"`) + sse(completed), `text(Hi) :({"a":1}) tool_calls`},
		{"a text at the place of a call", sse(added) + text("Hi") + delta("0", `"{\"a\":1}"`) + sse(completed), `c1:f({"a":1}) text(Hi) tool_calls`},
		{"indexes of null", strings.ReplaceAll(sse(added)+strings.NewReplacer("fc_1", "fc_2", `"c1"`, `"c2"`).Replace(sse(added))+delta("0", `"{\"a\":1}"`)+strings.Replace(delta("0", `"{\"a\":2}"`), "fc_1", "fc_2", 1)+sse(completed), `"output_index":0`, `"output_index":null`), `c1:f({"a":1}) c2:f({"a":2}) tool_calls`},

		{"a search that is cut off", sse(searching) + final("", "incomplete"), `server(ws_1:web_search()  ) length`},
		{"a search that the last event lacks", sse(searching) + itemDone("0", searched) + final("", "completed"), `server(ws_1:web_search(rain)  ` + searched + `) stop`},
		{"a search that failed", itemDone("0", strings.Replace(searched, "completed", "failed", 1)) + sse(completed), `server(ws_1:web_search(rain)  ` + strings.Replace(searched, "completed", "failed", 1) + `) stop`},
		{"two searches of one id", sse(searching) + itemDone("0", searched) + itemDone("1", searched) + sse(completed), `server(ws_1:web_search(rain)  ` + searched + `) server(:web_search(rain)  ` + searched + `) stop`},
		{"a page that is opened", itemDone("0", `{"type":"web_search_call","id":"ws_1","action":{"type":"open_page","url":"https://a"}}`) + sse(completed), `server(ws_1:web_search(https://a)  {"type":"web_search_call","id":"ws_1","action":{"type":"open_page","url":"https://a"}}) stop`},
		{"code without an id, with an image", itemDone("0", `{"type":"code_interpreter_call","code":"1","outputs":[{"type":"image","url":"https://i"},{"type":"logs","logs":7}]}`) + sse(completed), `server(:code_execution(1) https://i {"type":"code_interpreter_call","code":"1","outputs":[{"type":"image","url":"https://i"},{"type":"logs","logs":7}]}) stop`},
		{"files that are cited", itemDone("0", `{"type":"file_search_call","id":"fs_1","queries":["q"],"results":null}`) + itemDone("1", strings.Replace(textItem, `"annotations":[]`, `"annotations":[{"type":"file_citation","filename":"a.txt","file_id":"f"},{"type":"file_path"},7]`, 1)) + sse(completed), `server(fs_1:file_search(q) a.txt {"type":"file_search_call","id":"fs_1","queries":["q"],"results":null}) text(Hello 👍) stop`},

		{"streamed", sse(added) + delta("0", `"{\"a\""`) + delta("0", `":1}"`) + itemDone("0", callItem) + final(callItem, "completed"), f1},
		{"pieces alone", sse(added) + delta("0", `"{\"a\":1}"`) + sse(completed), f1},
		{"no pieces, done alone", itemDone("0", callItem) + sse(completed), f1},
		{"arguments whole alone", sse(added) + sse(`{"type":"response.function_call_arguments.done","output_index":0,"arguments":"{\"a\":1}"}`) + itemDone("0", callItem) + sse(completed), f1},
		{"everything in the last event alone", final(thought+","+callItem, "completed"), "reasoning(Hm\n\nSo) " + f1},
		{"no indexes", strings.ReplaceAll(sse(added)+delta("0", `"{\"a\":1}"`)+itemDone("0", callItem)+sse(completed), `"output_index":0,`, ""), f1},
		{"no ids, no indexes", sse(`{"type":"response.output_item.added","item":{"type":"function_call","call_id":"c1","name":"f"}}`) + sse(`{"type":"response.function_call_arguments.delta","delta":"{\"a\":1}"}`) + sse(completed), f1},
		{"an item done twice", itemDone("0", callItem) + itemDone("0", callItem) + sse(completed), f1},
		{"two calls", itemDone("0", callItem) + itemDone("1", strings.NewReplacer("fc_1", "fc_2", "c1", "c2").Replace(callItem)) + sse(completed), `c1:f({"a":1}) c2:f({"a":1}) tool_calls`},
		{"two calls of one id", itemDone("0", callItem) + itemDone("1", strings.Replace(callItem, "fc_1", "fc_2", 1)) + sse(completed), `c1:f({"a":1}) c1:f({"a":1}) tool_calls`},
		{"pieces of two calls by turns", sse(added) + strings.NewReplacer(`"output_index":0`, `"output_index":1`, "fc_1", "fc_2", `"c1"`, `"c2"`).Replace(sse(added)) + delta("0", `"{\"a\""`) + delta("1", `"{\"b\":2}"`) + delta("0", `":1}"`) + sse(completed), `c1:f({"a":1}) c2:f({"b":2}) tool_calls`},
		{"the second call is done first", sse(added) + strings.NewReplacer(`"output_index":0`, `"output_index":1`, "fc_1", "fc_2", `"c1"`, `"c2"`).Replace(sse(added)) + itemDone("1", strings.NewReplacer("fc_1", "fc_2", "c1", "c2").Replace(callItem)) + itemDone("0", callItem) + sse(completed), `c1:f({"a":1}) c2:f({"a":1}) tool_calls`},
		{"pieces that are not what the end says", sse(added) + delta("0", `"{\"a\":2}"`) + itemDone("0", callItem) + sse(completed), "error malformed"},
		{"an end without the arguments", sse(added) + delta("0", `"{\"a\":1}"`) + itemDone("0", strings.Replace(callItem, `{\"a\":1}`, "", 1)) + sse(completed), f1},
		{"text in pieces", text("Hel") + text("lo") + itemDone("0", strings.Replace(textItem, "Hello 👍", "Hello", 1)) + sse(completed), "text(Hello) stop"},
		{"the rest of the text in the done event", text("Hel") + itemDone("0", textItem) + sse(completed), "text(Hello 👍) stop"},
		{"a refusal in pieces", sse(`{"type":"response.refusal.delta","output_index":0,"delta":"No."}`) + sse(completed), "text(No.) stop"},
		{"a summary in pieces", sse(`{"type":"response.reasoning_summary_text.delta","output_index":0,"delta":"Hm"}`) + sse(`{"type":"response.reasoning_summary_part.added","output_index":0,"summary_index":1}`) + sse(`{"type":"response.reasoning_summary_text.delta","output_index":0,"delta":"So"}`) + itemDone("0", thought) + sse(completed), "reasoning(Hm\n\nSo) stop"},
		{"reasoning as text (vLLM)", sse(`{"type":"response.reasoning_text.delta","item_id":"rs_1","delta":"Hm"}`) + strings.Replace(text("Hi"), `"output_index":0`, `"output_index":1`, 1) + sse(completed), "reasoning(Hm) text(Hi) stop"},
		{"reasoning in the last event alone, ahead of text", atOne(text("Hi")+itemDone("0", hi)) + final(thought+","+hi, "completed"), "reasoning(Hm\n\nSo) text(Hi) stop"},
		{"the same, with other ids", atOne(text("Hi")+itemDone("0", hi)) + final(thought+","+strings.Replace(hi, "msg_1", "msg_2", 1), "completed"), "reasoning(Hm\n\nSo) text(Hi) stop"},
		{"the same, with other ids, and the text is counted first", text("Hi") + itemDone("0", hi) + final(thought+","+strings.Replace(hi, "msg_1", "msg_2", 1), "completed"), "reasoning(Hm\n\nSo) text(Hi) stop"},
		{"the same, and the text has no end", text("Hi") + final(thought+","+strings.Replace(hi, "msg_1", "msg_2", 1), "completed"), "reasoning(Hm\n\nSo) text(Hi) stop"},
		{"reasoning in the last event alone, ahead of calls", itemDone("0", callItem) + itemDone("1", strings.NewReplacer("fc_1", "fc_2", "c1", "c2").Replace(callItem)) + final(thought+","+callItem+","+strings.NewReplacer("fc_1", "fc_2", "c1", "c2").Replace(callItem), "completed"), "reasoning(Hm\n\nSo) " + `c1:f({"a":1}) c2:f({"a":1}) tool_calls`},
		{"a call of another id in the last event, counted in another way", itemDone("0", callItem) + final(thought+","+strings.Replace(callItem, "fc_1", "fc_2", 1), "completed"), "reasoning(Hm\n\nSo) " + f1},
		{"a call of another id at each turn, without indexes", strings.ReplaceAll(sse(added)+itemDone("0", strings.Replace(callItem, "fc_1", "fc_2", 1)), `"output_index":0,`, "") + final(strings.Replace(callItem, "fc_1", "fc_3", 1), "completed"), f1},
		{"a text of another id in the last event, without indexes", strings.ReplaceAll(text("Hi"), `"output_index":0,`, "") + final(strings.Replace(hi, "msg_1", "msg_2", 1), "completed"), "text(Hi) stop"},
		{"an equal text twice", doc(hi+","+hi, "completed"), "text(Hi) text(Hi) stop"},
		{"an equal text twice, once with events", text("Hi") + itemDone("0", hi) + final(hi+","+strings.Replace(hi, "msg_1", "msg_2", 1), "completed"), "text(Hi) text(Hi) stop"},
		{"an item of a new kind in the last event alone", itemDone("0", callItem) + final(`{"type":"new","id":"n"},`+callItem, "completed"), `native({"type":"new","id":"n"}) ` + f1},
		{"the last event twice as progress", itemDone("0", callItem) + strings.Repeat(sse(`{"type":"response.in_progress","response":`+doc(thought+","+callItem, "in_progress")+`}`), 2) + final(thought+","+callItem, "completed"), "reasoning(Hm\n\nSo) " + f1},
		{"events of tomorrow", sse(`{"type":"response.surprise","output_index":0,"delta":{"a":1}}`) + itemDone("0", callItem) + sse(completed), f1},
		{"an end mark of another API", itemDone("0", callItem) + sse(completed) + "data: [DONE]\n\n", f1},
		{"an end mark too early", itemDone("0", callItem) + "data: [DONE]\n\n", "error unavailable"},
		{"no end", itemDone("0", callItem), "error unavailable"},
		{"an error in the stream", text("Hi") + sse(`{"type":"error","code":"rate_limit_exceeded","message":"Slow"}`), "error rate_limited"},
		{"an error in the stream, nested", text("Hi") + sse(`{"type":"error","error":{"type":"server_error","message":"Oh"}}`), "error unavailable"},
		{"failed in the stream", text("Hi") + sse(`{"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"Oh"}}}`), "error unavailable"},
		{"an end without its response", text("Hi") + sse(`{"type":"response.completed"}`), "error malformed"},
		{"a broken event", sse(`{"type":"response.output_text.delta","delta":}`), "error malformed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			contentType := "text/event-stream"
			if c.body[0] == '{' {
				contentType = "application/json"
			}
			p := openai.NewResponses("m", openai.HTTPClient(adaptertest.Replay(contentType, c.body)))
			for _, stream := range []bool{false, true} {
				if got := adaptertest.Ask(t.Context(), t, p, stream); got != c.want {
					t.Errorf("streamed %v: got %s, want %s", stream, got, c.want)
				}
			}
		})
	}
}

// TestResponsesEchoed stores a response and sends it back to the model: the items are
// unchanged and in order.
func TestResponsesEchoed(t *testing.T) {
	const output = `{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAAA+/="},` +
		`{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"See [1]","annotations":[{"type":"url_citation","url":"https://a"}]}],"phase":"commentary"},` +
		`{"type":"web_search_call","id":"ws_1","status":"completed"},` +
		`{"type":"function_call","call_id":"c1","name":"f","arguments":"{ \"b\": 90071992547409931234 }","id":"fc_1","status":"completed","namespace":"shop","caller":{"a":[1]}}`
	hc, bodies := adaptertest.Record(doc(strings.Replace(output, `"namespace"`, `"note":null,"namespace"`, 1), "completed"))
	p := openai.NewResponses("m", openai.HTTPClient(hc))
	resp, err := p.Generate(t.Context(), question, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := (provider.Usage{Input: 100, CacheRead: 60, Output: 37, Reasoning: 30, WebSearches: 1}); resp.Usage != want || resp.ID != "resp_1" || resp.Model != "gpt-test-1" || resp.RawFinish != "completed" {
		t.Errorf("%+v", resp)
	}
	stored, err := json.Marshal(resp.Message)
	if err != nil {
		t.Fatal(err)
	}
	var message provider.Message
	if err := json.Unmarshal(stored, &message); err != nil {
		t.Fatal(err)
	}
	result := &provider.Message{Role: provider.RoleTool, Parts: []provider.Part{provider.ToolResult{CallID: "c1", Name: "f"}}}
	req := &provider.Request{Messages: []*provider.Message{provider.User("a"), &message, result}}
	elsewhere := openai.NewResponses("m", openai.HTTPClient(hc), openai.BaseURL("https://elsewhere.example/v1"))
	for _, to := range []*openai.Responses{p, elsewhere} {
		if _, err := to.Generate(t.Context(), req, nil); err != nil {
			t.Fatal(err)
		}
	}
	const around = `{"model":"m","input":[{"type":"message","role":"user","content":"a"},%,{"type":"function_call_output","call_id":"c1","output":""}],"store":false,"include":["reasoning.encrypted_content"]}`
	if diff := cmp.Diff(strings.Replace(around, "%", output, 1), (*bodies)[1]); diff != "" {
		t.Error(diff)
	}
	plain := `{"type":"message","role":"assistant","content":"See [1]"},{"type":"message","role":"assistant","content":"[web_search ran at the model's provider]\noutput: https://a\n"},{"type":"function_call","call_id":"c1","name":"f","arguments":"{ \"b\": 90071992547409931234 }"}`
	if diff := cmp.Diff(strings.Replace(around, "%", plain, 1), (*bodies)[2]); diff != "" {
		t.Error(diff)
	}
}

// TestResponsesCallOfManyMembers has a call with so many members that comparing them pairwise
// would take seconds.
func TestResponsesCallOfManyMembers(t *testing.T) {
	var members strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&members, `,"m%d":1`, i)
	}
	hc, bodies := adaptertest.Record(doc(`{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"`+members.String()+`}`, "completed"))
	p := openai.NewResponses("m", openai.HTTPClient(hc))
	resp, err := p.Generate(t.Context(), question, nil)
	if err != nil {
		t.Fatal(err)
	}
	result := &provider.Message{Role: provider.RoleTool, Parts: []provider.Part{provider.ToolResult{CallID: "c1", Name: "f"}}}
	if _, err := p.Generate(t.Context(), &provider.Request{Messages: []*provider.Message{provider.User("a"), resp.Message, result}}, nil); err != nil {
		t.Fatal(err)
	}
	if sent := (*bodies)[1]; !strings.Contains(sent, `,"m63":1}`) || strings.Contains(sent, `"m64"`) {
		t.Errorf("%d bytes were sent back: %.3000s", len(sent), sent)
	}
}

// TestResponsesReasoningInTheStore has servers that do not encrypt reasoning. Only reasoning
// that they can read, or find in their store, is sent back. If reasoning is left out, the item
// that it led to is sent without its ID, which the API would refuse.
func TestResponsesReasoningInTheStore(t *testing.T) {
	const bare = `{"type":"reasoning","id":"rs_1","summary":[],"content":[]}`
	for name, c := range map[string]struct {
		item, stored string // stored is what the response says of itself
		store        string // what the next request says
		back         bool
	}{
		"encrypted":                  {`{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAAA="}`, "false", "false", true},
		"as text":                    {`{"type":"reasoning","id":"rs_1","summary":[],"content":[{"type":"reasoning_text","text":"Hm"}]}`, "false", "false", true},
		"stored":                     {bare, "true", "true", true},
		"stored, and now nothing is": {bare, "true", "false", false},
		"not stored":                 {bare, "false", "false", false},
		"not stored, and now all is": {bare, "false", "true", false},
		"not stored, not encrypted":  {`{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Hm"}],"encrypted_content":null}`, "null", "false", false},
		"encrypted, and now all is":  {`{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAAA="}`, "false", "true", true},
		"an ID, then encrypted":      {bare + `,{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAAA="}`, "false", "false", true},
	} {
		const search = `{"type":"web_search_call","id":"ws_1","status":"completed"}`
		const call = `{"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"{}","status":"completed"}`
		body := strings.Replace(doc(c.item+","+search+","+textItem+","+call, "completed"), `"error"`, `"store":`+c.stored+`,"error"`, 1)
		hc, bodies := adaptertest.Record(body)
		p := openai.NewResponses("m", openai.HTTPClient(hc))
		resp, err := p.Generate(t.Context(), question, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := resp.Message.Parts[0].(provider.Reasoning); !ok {
			t.Errorf("%s: the message has %T first", name, resp.Message.Parts[0])
		}
		// A message keeps its encodings, and one for the other kind of request is no good.
		for _, store := range []string{map[string]string{"true": "false", "false": "true"}[c.store], c.store} {
			req := &provider.Request{Messages: adaptertest.Paired(provider.User("a"), resp.Message), Settings: provider.Settings{Extra: json.RawMessage(`{"store":` + store + `}`)}}
			if _, err := p.Generate(t.Context(), req, nil); err != nil {
				t.Fatal(err)
			}
		}
		sent := (*bodies)[2]
		for _, id := range []string{"rs_1", "ws_1", "msg_1", "fc_1"} {
			if strings.Contains(sent, id) != c.back {
				t.Errorf("%s: %s goes back: %v, want %v: %s", name, id, !c.back, c.back, sent)
			}
		}
		if !strings.Contains(sent, "Hello") || !strings.Contains(sent, `"call_id":"c1"`) {
			t.Errorf("%s: sent back %s", name, sent)
		}
	}
}

// TestResponsesChangeTheirModel moves a conversation to another model on the same server, and
// back. The server encrypts for one model only, and refuses an item without the reasoning that
// led to it.
func TestResponsesChangeTheirModel(t *testing.T) {
	call := func(id string) providertest.Turn {
		return providertest.Calls(provider.ToolCall{ID: id, Name: "f", Args: "{}"}).WithText("One moment.").WithReasoning("Hm, " + id)
	}
	server := responsesserver.New(call("c1"), call("c2"), call("c3"), providertest.Say("Done.").WithReasoning("So."))
	address := server.Start(t)
	messages := []*provider.Message{provider.User("Go.")}
	for i, model := range []string{"a", "b", "a", "b"} {
		resp, err := openai.NewResponses(model, openai.BaseURL(address)).Generate(t.Context(), &provider.Request{Messages: messages}, nil)
		if err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		messages = append(messages, adaptertest.Paired(resp.Message)...)
	}
	for i, want := range [][]string{{}, {}, {"Hm, c1"}, {"Hm, c2"}} {
		sent := string(server.Requests()[i])
		for _, thought := range []string{"Hm, c1", "Hm, c2", "Hm, c3"} {
			if strings.Contains(sent, thought) != slices.Contains(want, thought) {
				t.Errorf("request %d: %q: %s", i, thought, sent)
			}
		}
	}
}

// FuzzResponses has a server send arbitrary bytes.
func FuzzResponses(f *testing.F) {
	f.Add("application/json", doc(textItem+`,{"type":"function_call","call_id":"c","name":"f","arguments":"\ud83d"},{"type":"x","y": [1]}`, "completed"))
	f.Add("text/event-stream", responses.StreamHead+sse(`{"type":"response.output_item.done","output_index":0,"item":`+textItem+`}`)+sse(`{"type":"response.completed","response":{"status":"completed"}}`))
	f.Add("text/event-stream", sse(`{"type":"response.output_item.added","item":{"type":"function_call"}}`)+sse(`{"type":"response.function_call_arguments.done","arguments":"{}"}`)+sse(`{"type":"response.incomplete","response":{"status":"incomplete","output":[7,{"type":"reasoning"}]}}`))
	f.Fuzz(func(t *testing.T, contentType, body string) {
		adaptertest.Reply(t, contentType, body, func(hc *http.Client) provider.Provider { return openai.NewResponses("m", openai.HTTPClient(hc)) })
	})
}

func TestResponsesDeltasCostTheirText(t *testing.T) {
	const deltas, most = 2000, 70
	for name, body := range map[string]string{
		"text":      strings.Repeat(sse(`{"type":"response.output_text.delta","sequence_number":5,"item_id":"msg_1","output_index":0,"content_index":0,"delta":" hello","logprobs":[],"obfuscation":"abc"}`), deltas),
		"arguments": strings.Repeat(sse(`{"type":"response.function_call_arguments.delta","output_index":0,"item_id":"fc_1","delta":"1"}`), deltas),
	} {
		c := openai.NewResponses("m", replay("text/event-stream", body+sse(`{"type":"response.completed","response":`+doc("", "completed")+`}`)))
		n := testing.AllocsPerRun(5, func() {
			if _, err := c.Generate(t.Context(), question, func(provider.Delta) {}); err != nil {
				t.Fatal(err)
			}
		})
		if t.Logf("%s: %v allocations for %d deltas", name, n, deltas); n > most {
			t.Errorf("%s: %v allocations for %d deltas, want %d at most", name, n, deltas, most)
		}
	}
}
