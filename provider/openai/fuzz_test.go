package openai_test

import (
	"net/http"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

// FuzzStream has a server send arbitrary bytes: the result is a response that can be stored
// and sent back, or an error with a kind.
func FuzzStream(f *testing.F) {
	f.Add("text/event-stream", hello+openCall+stopped+usageLast+done)
	f.Add("text/event-stream", chunk(calls(`{"id":12,"function":{"name":"f","arguments":{"a":"\ud83d"}},"extra_content":{"a": [1]}}`), `"stop"`))
	f.Add("application/json", `{"choices":[{"message":{"content":[{"text":"a"}],"reasoning":"r","reasoning_details":[{"index":0,"text":"x"}]}}],"usage":{"prompt_tokens":1e99}}`)
	f.Add("text/event-stream", "event: error\ndata: {\"error\":{\"code\":429}}\n\n")
	f.Add("", `[{"error":{"message":"x"}}]`)
	f.Fuzz(func(t *testing.T, contentType, body string) {
		adaptertest.Reply(t, contentType, body, func(hc *http.Client) provider.Provider { return openai.New("m", openai.HTTPClient(hc)) })
	})
}

// FuzzAlike sends chunks that are like the one before them.
func FuzzAlike(f *testing.F) {
	chat := func(delta, finish, more string) string {
		return `{"id":"r","object":"chat.completion.chunk","created":NUMBER,"model":"m","choices":[{"index":0,"delta":` + delta + `,"logprobs":null,"finish_reason":` + finish + `}]` + more + `}`
	}
	events := []string{
		chat(`{"role":"assistant","content":TEXT}`, "null", ""),
		chat(`{"content":TEXT}`, "null", ""),
		chat(`{"content":TEXT}`, "null", `,"usage":null,"obfuscation":TEXT`),
		chat(`{"content":TEXT}`, "null", `,"usage":{"prompt_tokens":NUMBER,"completion_tokens":2,"cost":NUMBER}`),
		chat(`{"content":TEXT,"content":"b"}`, "null", ""),
		chat(`{"content":"b","refusal":TEXT}`, "null", ""),
		chat(`{"content":[{"type":"text","text":TEXT}]}`, "null", ""),
		chat(`{"content":"","reasoning_content":TEXT}`, "null", ""),
		chat(`{"reasoning":TEXT,"reasoning_details":[{"type":"reasoning.text","text":TEXT,"index":NUMBER}]}`, "null", ""),
		chat(`{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}]}`, "null", ""),
		chat(`{"tool_calls":[{"index":0,"function":{"arguments":TEXT}}]}`, "null", ""),
		chat(`{"tool_calls":[{"index":0,"id":"c1","function":{"name":"f","arguments":TEXT}}]}`, "null", ""),
		chat(`{"tool_calls":[{"id":TEXT,"function":{"name":"f","arguments":TEXT}}]}`, "null", ""),
		chat(`{"tool_calls":[{"index":NUMBER,"function":{"name":TEXT,"arguments":"{}"}}]}`, "null", ""),
		chat(`{"tool_calls":[{"index":1,"id":"c2","function":{"name":"g","arguments":TEXT,"arguments":"{}"}}]}`, "null", ""),
		chat(`{"tool_calls":[{"index":0,"function":{"arguments":{"a":TEXT}}}]}`, "null", ""),
		chat(`{"function_call":{"name":"f","arguments":TEXT}}`, "null", ""),
		chat(`{"content":TEXT}`, `TEXT`, ""),
		chat(`{}`, `"tool_calls"`, ""),
		`{"choices":[{"delta":{"role":TEXT,"content":TEXT},"index":NUMBER}]}`,
		`{"choices":[{"delta":{"content":TEXT},"message":{"content":"all"}}]}`,
		`{"choices":[{"index":0,"delta":{"content":TEXT}},{"index":1,"delta":{"content":"other"}}]}`,
		`{"choices":[{"index":0,"delta":{"content":TEXT}},{"index":1,"delta":{"content":""}}]}`,
		`{"choices":[{"index":2,"delta":{"content":TEXT},"finish_reason":"stop"}]}`,
		`{"choices":[{"index":0,"delta":{"content":TEXT},"error":null}]}`,
		`{"choices":[{"delta":{"content":TEXT},"message":{"content":TEXT,"reasoning_content":"all"},"finish_reason":"stop"}]}`,
		`{"choices":[],"error":{"message":TEXT}}`,
		`{"error":TEXT}`,
		`[DONE]`,
	}
	for _, program := range adaptertest.Programs() {
		f.Add(program)
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		adaptertest.Alike(t, program, "", events, func(hc *http.Client) provider.Provider { return openai.New("m", openai.HTTPClient(hc)) })
	})
}

// TestAlikeThenOther has streams whose chunks are like the one before, up to one that depends on
// what the others have left.
func TestAlikeThenOther(t *testing.T) {
	chat := func(delta, finish string) string {
		return `{"choices":[{"index":0,"delta":` + delta + `,"finish_reason":` + finish + `}]}`
	}
	args := func(text string) string {
		return chat(`{"tool_calls":[{"index":0,"function":{"arguments":`+text+`}}]}`, "null")
	}
	begin := chat(`{"tool_calls":[{"index":0,"id":"c1","function":{"name":"f","arguments":""}}]}`, "null")
	stop := chat(`{}`, `"stop"`)
	for name, events := range map[string][]string{
		"arguments after the end":      {begin, chat(`{}`, `"tool_calls"`), args(`"{"`), args(`"}"`)},
		"a function call after tools":  {args(`""`), args(`"{1}"`), chat(`{"function_call":{"name":"f","arguments":"{}"}}`, "null"), stop},
		"a message that ends":          {args(`""`), args(`"{1}"`), `{"choices":[{"index":0,"delta":{},"message":{"content":"all"},"finish_reason":"stop"}]}`},
		"a message and then the end":   {args(`""`), args(`"{1}"`), `{"choices":[{"index":0,"delta":{},"message":{"content":"all"}}]}`, stop},
		"text and then a message":      {chat(`{"content":""}`, "null"), chat(`{"content":"a"}`, "null"), `{"choices":[{"index":0,"delta":{},"message":{"content":"all"}}]}`, stop},
		"reasoning and then a message": {chat(`{"reasoning":""}`, "null"), chat(`{"reasoning":"a"}`, "null"), `{"choices":[{"index":0,"delta":{},"message":{"reasoning":"all"}}]}`, stop},
	} {
		t.Run(name, func(t *testing.T) {
			var program []byte
			for i := range events {
				program = append(program, byte(i), 0, 0, 0)
			}
			adaptertest.Alike(t, program, "", events, func(hc *http.Client) provider.Provider { return openai.New("m", openai.HTTPClient(hc)) })
		})
	}
}

// FuzzResponsesAlike does the same for the Responses API.
func FuzzResponsesAlike(f *testing.F) {
	events := []string{
		`{"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"m1"}}`,
		`{"type":"response.output_text.delta","sequence_number":NUMBER,"item_id":"m1","output_index":0,"content_index":0,"delta":TEXT,"logprobs":[],"obfuscation":TEXT}`,
		`{"type":"response.output_text.delta","item_id":"m1","delta":TEXT,"delta":"b"}`,
		`{"type":"response.output_text.delta","item_id":"m1","delta":"b","delta":TEXT}`,
		`{"type":"response.output_text.delta","output_index":NUMBER,"delta":TEXT}`,
		`{"type":"response.reasoning_summary_text.delta","item_id":"r1","output_index":1,"delta":TEXT}`,
		`{"type":"response.reasoning_summary_part.added","item_id":"r1","output_index":1,"summary_index":NUMBER,"delta":TEXT}`,
		`{"type":"response.function_call_arguments.delta","item_id":"f1","output_index":2,"delta":TEXT}`,
		`{"type":"response.output_item.added","output_index":2,"item":{"type":"function_call","id":"f1","call_id":"c1","name":"f","arguments":""}}`,
		`{"type":"response.output_item.added","output_index":2,"delta":TEXT,"item":{"type":"function_call","id":"f1","call_id":"c1","name":"f","arguments":TEXT}}`,
		`{"type":"response.function_call_arguments.done","item_id":"f1","output_index":2,"arguments":TEXT,"delta":TEXT}`,
		`{"type":"response.output_item.done","output_index":2,"delta":TEXT,"item":{"type":"function_call","id":"f1","call_id":"c1","name":"f","arguments":"{}"}}`,
		`{"type":TEXT,"delta":TEXT}`,
		`{"type":"response.output_text.delta","item_id":TEXT,"delta":NUMBER}`,
		`{"delta":TEXT,"status":"completed"}`,
		`{"type":"error","message":"m","delta":TEXT}`,
		`{"type":"response.completed","response":{"id":"r","status":"completed","output":[]}}`,
	}
	for _, program := range adaptertest.Programs() {
		f.Add(program)
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		adaptertest.Alike(t, program, "", events, func(hc *http.Client) provider.Provider { return openai.NewResponses("m", openai.HTTPClient(hc)) })
	})
}
