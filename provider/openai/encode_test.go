package openai_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

// sent returns the body that a client sends for a request.
func sent(t *testing.T, req *provider.Request, stream bool, opts ...openai.Option) string {
	t.Helper()
	body, err := trySend(t, req, stream, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func trySend(t *testing.T, req *provider.Request, stream bool, opts ...openai.Option) (string, error) {
	t.Helper()
	var body []byte
	transport := roundTrip(func(r *http.Request) (*http.Response, error) {
		body, _ = io.ReadAll(r.Body)
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"choices":[{"message":{"content":"ok"}}]}`))}, nil
	})
	c := openai.New("gpt-test", append([]openai.Option{openai.HTTPClient(&http.Client{Transport: transport})}, opts...)...)
	var emit func(provider.Delta)
	if stream {
		emit = func(provider.Delta) {}
	}
	_, err := c.Generate(t.Context(), req, emit)
	return string(body), err
}

type roundTrip = adaptertest.RoundTrip

const owner = "openai.chat|api.openai.com|gpt-test"

// conversation has a bit of everything.
func conversation() *provider.Request {
	return &provider.Request{
		System: "Be kind. <b>& brief</b>",
		Tools: []*provider.Tool{
			{Name: "z_first", Description: "Comes first.", Schema: json.RawMessage(`{ "type":"object", "properties":{"b":{"type":"integer","maximum":9007199254740993},"a":{}} }`)},
			{Name: "a_second", Schema: json.RawMessage(`{"type":"object","properties":{}}`)},
		},
		Messages: []*provider.Message{
			provider.User("Hi"),
			provider.Assistant(
				provider.Reasoning{Text: "Hm.", State: provider.State{Owner: owner, Data: json.RawMessage(`{"field":"reasoning_content"}`)}},
				provider.Text{Text: "One moment."},
				provider.ToolCall{ID: "c1", Name: "z_first", Args: `{"b": 9007199254740993, "a":"<&>"}`},
				provider.ToolCall{ID: "c2", Name: "no such tool!", Args: "", State: provider.State{Owner: owner, Data: json.RawMessage(`{"google":{"thought_signature":"s"}}`)}},
			),
			{Role: provider.RoleTool, Parts: []provider.Part{
				provider.ToolResult{CallID: "c1", Parts: []provider.Part{provider.Text{Text: "4"}, provider.Text{Text: "2"}}},
				provider.ToolResult{CallID: "c2", IsError: true, Parts: []provider.Part{provider.Text{Text: "unknown tool"}}},
			}},
			provider.User("And this?", provider.Media{MIME: "image/png", Data: []byte{1, 2}}, provider.Media{MIME: "image/gif", URL: "https://example.com/?a=1&b=2"}),
			provider.Assistant(
				provider.ToolCall{ID: "c3", Name: "a_second", Args: `{"x":"\ud83d\ude00 \ud83d \\ud83d"}`},
				provider.ToolCall{ID: "c4", Name: "a_second", Args: `{"x":1,"x":2}`}),
			{Role: provider.RoleTool, Parts: []provider.Part{provider.ToolResult{CallID: "c3"}, provider.ToolResult{CallID: "c4"}}},
		},
		Choice:       provider.ToolChoice{Mode: provider.ToolsNamed, Name: "z_first"},
		OutputSchema: &provider.OutputSchema{Name: "the answer", Description: "d", Schema: json.RawMessage(`{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}`)},
		Settings: provider.Settings{
			Temperature: new(0.25), TopP: new(1e-7), MaxOutputTokens: 64, Stop: []string{"a", "\n"},
			Seed: new(int64(math.MaxInt64)), ReasoningEffort: "low", ParallelCalls: new(false),
			Extra: json.RawMessage(`{"metadata":{"z":1, "a":12345678901234567890},"top_p":0.5}`),
		},
	}
}

func TestEncode(t *testing.T) {
	want := strings.Join([]string{
		`{"model":"gpt-test","messages":[`,
		`{"role":"system","content":"Be kind. <b>& brief</b>"},`,
		`{"role":"user","content":"Hi"},`,
		`{"role":"assistant","content":"One moment.","reasoning_content":"Hm.","tool_calls":[`,
		`{"id":"c1","type":"function","function":{"name":"z_first","arguments":"{\"b\": 9007199254740993, \"a\":\"<&>\"}"}},`,
		`{"id":"c2","type":"function","function":{"name":"no_such_tool_sv5efvgq","arguments":"{}"},"extra_content":{"google":{"thought_signature":"s"}}}]},`,
		`{"role":"tool","tool_call_id":"c1","content":"42"},`,
		`{"role":"tool","tool_call_id":"c2","content":"Error: unknown tool"},`,
		`{"role":"user","content":[{"type":"text","text":"And this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AQI="}},{"type":"image_url","image_url":{"url":"https://example.com/?a=1&b=2"}}]},`,
		`{"role":"assistant","content":null,"tool_calls":[{"id":"c3","type":"function","function":{"name":"a_second","arguments":"{\"x\":\"\\ud83d\\ude00 \\ufffd \\\\ud83d\"}"}},`,
		`{"id":"c4","type":"function","function":{"name":"a_second","arguments":"{\"_invalid_json\":\"{\\\"x\\\":1,\\\"x\\\":2}\"}"}}]},`,
		`{"role":"tool","tool_call_id":"c3","content":""},{"role":"tool","tool_call_id":"c4","content":""}],`,
		`"tools":[{"type":"function","function":{"name":"z_first","description":"Comes first.","parameters":{"type":"object","properties":{"b":{"type":"integer","maximum":9007199254740993},"a":{}}}}},`,
		`{"type":"function","function":{"name":"a_second","parameters":{"type":"object","properties":{}}}}],`,
		`"stream":true,"stream_options":{"include_usage":true},`,
		`"tool_choice":{"type":"function","function":{"name":"z_first"}},"parallel_tool_calls":false,`,
		`"temperature":0.25,"max_completion_tokens":64,"stop":["a","\n"],"seed":9223372036854775807,"reasoning_effort":"low",`,
		`"response_format":{"type":"json_schema","json_schema":{"name":"the_answer_u7ezqxkg","description":"d","schema":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false},"strict":true}},`,
		`"metadata":{"z":1, "a":12345678901234567890},"top_p":0.5}`,
	}, "")
	if diff := cmp.Diff(want, sent(t, conversation(), true)); diff != "" {
		t.Error(diff)
	}
}

func TestR23_SameBytes(t *testing.T) {
	want := sent(t, conversation(), true)
	kept := conversation()
	for i := range 1000 {
		req := conversation()
		if i%2 == 0 {
			req = kept // whose messages keep their encoding
		}
		if got := sent(t, req, true); got != want {
			t.Fatalf("encoding %d differs:\n%s", i, cmp.Diff(want, got))
		}
	}
	// The past stays as it was when the conversation goes on.
	kept.Messages = append(kept.Messages, provider.User("Go on."))
	past, _, _ := strings.Cut(want, `],"tools"`)
	if !strings.HasPrefix(sent(t, kept, true), past+`,{"role":"user"`) {
		t.Error("the past was encoded anew")
	}
}

func TestR25_DigitsSurvive(t *testing.T) {
	const args = `{"id":9007199254740993,"big":123456789012345678901234567890,"f":1.10}`
	quoted, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client(t, says(200, "", `{"choices":[{"message":{"tool_calls":[{"id":"c1","function":{"name":"f","arguments":`+string(quoted)+`}}]}}]}`)).Generate(t.Context(), question, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := resp.Message.ToolCalls()[0].Args; got != args {
		t.Errorf("read as %s", got)
	}
	if body := sent(t, &provider.Request{Messages: adaptertest.Paired(resp.Message)}, false); !strings.Contains(body, string(quoted)) {
		t.Errorf("sent back as %s", body)
	}
}

func TestOptionsForGateways(t *testing.T) {
	req := &provider.Request{
		System:   "Be kind.",
		Messages: []*provider.Message{{Role: provider.RoleSystem, Parts: []provider.Part{provider.Text{Text: "And brief."}}}, provider.User("Hi"), {Role: provider.RoleTool}, provider.Assistant()},
		Settings: provider.Settings{MaxOutputTokens: 5, Extra: json.RawMessage(`{"b":2}`)},
	}
	got := sent(t, req, true, openai.MaxTokensField("max_tokens"), openai.SystemRole("developer"), openai.NoStreamUsage(), openai.ExtraFields(json.RawMessage(`{"a":1,"b":1}`)))
	const want = `{"model":"gpt-test","messages":[{"role":"developer","content":"Be kind.\n\nAnd brief."},{"role":"user","content":"Hi"},{"role":"assistant","content":""}],"stream":true,"max_tokens":5,"a":1,"b":2}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestStrict tests that strict mode is used only if the schema allows it and the server is
// known to have it.
func TestStrict(t *testing.T) {
	const (
		closed   = `{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}`
		optional = `{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}`
		orNull   = `{"type":"object","properties":{"a":{"type":["string","null"]}},"required":["a"],"additionalProperties":false}`
		open     = `{"type":"object","properties":{"a":{"type":"string"}}}`
	)
	for _, c := range []struct {
		schema, tool, output string
		opts                 []openai.Option
	}{
		{closed, closed + `,"strict":true`, closed + `,"strict":true`, nil},
		{optional, orNull + `,"strict":true`, orNull + `,"strict":true`, nil},
		{open, open, open, nil},
		{optional, optional, orNull + `,"strict":true`, []openai.Option{openai.Strict(false)}},
		{optional, optional, orNull + `,"strict":true`, []openai.Option{openai.BaseURL("http://gateway.example/v1")}},
		{optional, orNull + `,"strict":true`, orNull + `,"strict":true`, []openai.Option{openai.BaseURL("http://gateway.example/v1"), openai.Strict(true)}},
	} {
		req := &provider.Request{
			Messages:     question.Messages,
			Tools:        []*provider.Tool{{Name: "f", Schema: json.RawMessage(c.schema)}},
			OutputSchema: &provider.OutputSchema{Schema: json.RawMessage(c.schema)},
		}
		body := sent(t, req, false, c.opts...)
		if want := `"tools":[{"type":"function","function":{"name":"f","parameters":` + c.tool + `}}]`; !strings.Contains(body, want) {
			t.Errorf("%s\nlacks %s", body, want)
		}
		if want := `"schema":` + c.output + `}}`; !strings.Contains(body, want) {
			t.Errorf("%s\nlacks %s", body, want)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	media := func(mime string) provider.Part { return provider.Media{MIME: mime, Data: []byte{1}} }
	messages := func(m ...*provider.Message) *provider.Request {
		return &provider.Request{Messages: adaptertest.Paired(m...)}
	}
	tool := func(p ...provider.Part) *provider.Message {
		return &provider.Message{Role: provider.RoleTool, Parts: p}
	}
	f := []*provider.Tool{{Name: "f", Schema: json.RawMessage(`{}`)}}
	extra := func(s string) *provider.Request {
		return &provider.Request{Settings: provider.Settings{Extra: json.RawMessage(s)}}
	}
	for _, c := range []struct {
		req  *provider.Request
		kind provider.ErrorKind
		says string
	}{
		{messages(provider.User("a"), provider.User("b", media("video/mp4"))), provider.KindInvalidMedia, `message 1: part 1: Chat Completions has no media of type video/mp4; it takes images and PDFs`},
		{messages(provider.User("b", provider.Media{MIME: "application/pdf", URL: "https://example.com/a.pdf"})), provider.KindInvalidMedia, `takes a PDF by its bytes`},
		{messages(provider.User("a", media(""))), provider.KindInvalidMedia, `media without a MIME type: set Media.MIME, such as "image/png"; Chat Completions takes images and PDFs`},
		{messages(provider.User("a", provider.Media{MIME: "image/png"})), provider.KindInvalidMedia, "part 1: the media has neither data nor a URL"},
		{messages(tool(provider.ToolResult{Name: "f", Parts: []provider.Part{media("audio/wav")}})), provider.KindInvalidMedia, `the result of "f", part 0: Chat Completions has no media of type audio/wav`},
		{messages(tool(provider.ToolResult{Name: "f", Parts: []provider.Part{provider.ToolCall{}}})), provider.KindInvalidRequest, "a tool result cannot hold a provider.ToolCall"},
		{messages(tool(provider.Text{})), provider.KindInvalidRequest, `a message of role "tool" cannot hold a provider.Text`},
		{messages(provider.User("a", provider.ToolCall{})), provider.KindInvalidRequest, `a message of role "user" cannot hold a provider.ToolCall`},
		{messages(provider.User("a"), &provider.Message{Role: provider.RoleSystem, Parts: []provider.Part{provider.Reasoning{}}}), provider.KindInvalidRequest, `role "system" cannot hold`},
		{messages(&provider.Message{Role: "robot"}), provider.KindInvalidRequest, `unknown role "robot"; use system, user, assistant or tool`},
		{messages(nil), provider.KindInvalidRequest, "message 0 is nil"},
		{&provider.Request{Tools: []*provider.Tool{{Name: "f"}}}, provider.KindInvalidRequest, `tool "f": no schema`},
		{&provider.Request{Tools: []*provider.Tool{{Name: "f", Schema: json.RawMessage(`{`)}}}, provider.KindInvalidRequest, `tool "f": the schema is not JSON`},
		{&provider.Request{Choice: provider.ToolChoice{Mode: provider.ToolsRequired}}, provider.KindInvalidRequest, `tool choice: "required" needs tools`},
		{&provider.Request{Tools: f, Choice: provider.ToolChoice{Mode: provider.ToolsNamed, Name: "g"}}, provider.KindInvalidRequest, `tool choice: the request has no tool named "g"`},
		{&provider.Request{Tools: f, Choice: provider.ToolChoice{Mode: "some"}}, provider.KindInvalidRequest, `unknown mode "some"`},
		{&provider.Request{OutputSchema: &provider.OutputSchema{}}, provider.KindInvalidRequest, "output schema: no schema"},
		{&provider.Request{Settings: provider.Settings{Temperature: new(math.NaN())}}, provider.KindInvalidRequest, "temperature is NaN"},
		{&provider.Request{Settings: provider.Settings{TopP: new(math.Inf(1))}}, provider.KindInvalidRequest, "top_p is +Inf"},
		{&provider.Request{Settings: provider.Settings{MaxOutputTokens: -1}}, provider.KindInvalidRequest, "MaxOutputTokens is -1"},
		{extra(`{"messages":[]}`), provider.KindInvalidRequest, `extra fields: "messages" is reserved: the client sets it`},
		{extra(`{"n":2}`), provider.KindInvalidRequest, `"n" is reserved`},
		{extra(`{"a":1,"a":2}`), provider.KindInvalidRequest, `duplicate member "a"`},
		{extra(`{"a":}`), provider.KindInvalidRequest, "bad JSON at byte 5"},
		{extra(`{} {}`), provider.KindInvalidRequest, "text after the object"},
		{extra(`7`), provider.KindInvalidRequest, "one JSON object"},
	} {
		body, err := trySend(t, c.req, false)
		if e := failure(t, err); e.Kind != c.kind || !strings.Contains(err.Error(), c.says) || body != "" {
			t.Errorf("%v\ndoes not say %s", err, c.says)
		}
	}
}

// TestMedia tests which media are sent in place, and which next to a result.
func TestMedia(t *testing.T) {
	png := provider.Media{MIME: "image/png", Data: []byte{1, 2}}
	const image = `{"type":"image_url","image_url":{"url":"data:image/png;base64,AQI="}}`
	results := func(parts ...provider.Part) *provider.Message {
		return &provider.Message{Role: provider.RoleTool, Parts: parts}
	}
	for name, c := range map[string]struct {
		message *provider.Message
		want    string
	}{
		"a PDF": {provider.User("", provider.Media{MIME: "application/pdf", Data: []byte("%PDF")}),
			`{"role":"user","content":[{"type":"file","file":{"filename":"document.pdf","file_data":"data:application/pdf;base64,JVBERg=="}}]}`},
		"an image that a model made": {provider.Assistant(provider.Text{Text: "Here: "}, png),
			`{"role":"assistant","content":"Here: [media of type image/png]"}`},
		"images of results": {results(
			provider.ToolResult{CallID: "c1", Name: "photo", Parts: []provider.Part{png, provider.Text{Text: "two of them"}, png}},
			provider.ToolResult{CallID: "c2", Name: "stock", Parts: []provider.Part{provider.Text{Text: "7"}}},
			provider.ToolResult{CallID: "c3", Name: "scan", Parts: []provider.Part{png}}),
			`{"role":"tool","tool_call_id":"c1","content":"two of them"},{"role":"tool","tool_call_id":"c2","content":"7"},{"role":"tool","tool_call_id":"c3","content":""},` +
				`{"role":"user","content":[{"type":"text","text":"From the result of the tool call c1 (photo):"},` + image + `,` + image + `,{"type":"text","text":"From the result of the tool call c3 (scan):"},` + image + `]}`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := sent(t, &provider.Request{Messages: adaptertest.Paired(c.message)}, false); !strings.HasSuffix(got, c.want+`]}`) {
				t.Errorf("%s\ndoes not end in %s", got, c.want)
			}
		})
	}
}

// TestReasoningGoesBack tests that opaque data of a response is sent back to its model, and to
// no other model or server.
func TestReasoningGoesBack(t *testing.T) {
	details := `"reasoning_details":[{"index":0,"signature":"sig","text":"I see.","type":"reasoning.text"},{"data":"blob","type":"reasoning.encrypted"}]`
	for _, c := range []struct{ name, reply, want string }{
		{"DeepSeek", `{"choices":[{"message":{"content":"","reasoning_content":"I <see>.","tool_calls":[{"id":"c","function":{"name":"f"}}]}}]}`, `"reasoning_content":"I <see>."`},
		{"DeepSeek, empty", `{"choices":[{"message":{"content":"hi","reasoning_content":""}}]}`, `"content":"hi","reasoning_content":""`},
		{"streamed", chunk(`{"reasoning":"I "}`, "null") + chunk(`{"reasoning":"see."}`, "null") + chunk(`{"content":"hi"}`, `"stop"`), `"reasoning":"I see."`},
		{"OpenRouter", `{"choices":[{"message":{"content":"hi","reasoning":"I see.",` + details + `}}]}`, `"reasoning":"I see.",` + details},
		{"OpenRouter, streamed", chunk(`{"reasoning":"I ","reasoning_details":[{"type":"reasoning.text","index":0,"text":"I "}]}`, "null") +
			chunk(`{"reasoning":"see.","reasoning_details":[{"type":"reasoning.text","index":0,"text":"see."}]}`, "null") +
			chunk(`{"reasoning_details":[{"type":"reasoning.text","index":0,"signature":"sig"},{"type":"reasoning.encrypted","data":"blob"}]}`, `"stop"`), details},
		{"Gemini", `{"choices":[{"message":{"tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"},"extra_content":{"google": {"thought_signature":"<s>"}}}]}}]}`, `"extra_content":{"google":{"thought_signature":"<s>"}}`},
		{"OpenAI", `{"choices":[{"message":{"content":"hi"}}]}`, `"content":"hi"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var bodies []string
			transport := roundTrip(func(r *http.Request) (*http.Response, error) {
				body, _ := io.ReadAll(r.Body)
				bodies = append(bodies, string(body))
				return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(c.reply))}, nil
			})
			maker := openai.New("m", openai.HTTPClient(&http.Client{Transport: transport}))
			resp, err := maker.Generate(t.Context(), question, nil)
			if err != nil {
				t.Fatal(err)
			}
			// The way through a store changes nothing.
			stored, err := resp.Message.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			var message provider.Message
			if err := json.Unmarshal(stored, &message); err != nil {
				t.Fatal(err)
			}
			req := &provider.Request{Messages: adaptertest.Paired(&message)}
			hc := openai.HTTPClient(&http.Client{Transport: transport})
			sibling, elsewhere := openai.New("another", hc), openai.New("m", openai.BaseURL("https://elsewhere.example/v1"), hc)
			for _, to := range []*openai.Client{maker, sibling, elsewhere} {
				if _, err := to.Generate(t.Context(), req, nil); err != nil {
					t.Fatal(err)
				}
			}
			if !strings.Contains(bodies[1], c.want) {
				t.Errorf("sent back: %s\nwant %s", bodies[1], c.want)
			}
			for _, body := range bodies[2:] {
				if strings.Contains(body, "reasoning") || strings.Contains(body, "extra_content") {
					t.Errorf("sent elsewhere: %s", body)
				}
			}
			// Transcripts were stored before owners named the model.
			var old provider.Message
			if err := json.Unmarshal(bytes.ReplaceAll(stored, []byte("|m\""), []byte("\"")), &old); err != nil {
				t.Fatal(err)
			}
			bodies = nil
			for _, to := range []*openai.Client{maker, sibling, elsewhere} {
				if _, err := to.Generate(t.Context(), &provider.Request{Messages: adaptertest.Paired(&old)}, nil); err != nil {
					t.Fatal(err)
				}
			}
			if !strings.Contains(bodies[0], c.want) || !strings.Contains(bodies[1], c.want) || strings.Contains(bodies[2], "reasoning") || strings.Contains(bodies[2], "extra_content") {
				t.Errorf("of an old transcript is sent: %s", bodies)
			}
		})
	}
}

func TestHeadersAndHook(t *testing.T) {
	var got http.Header
	var url string
	asked := client(t, func(w http.ResponseWriter, r *http.Request) {
		got, url = r.Header, r.URL.String()
		says(200, "", `{"choices":[{"message":{"content":"ok"}}]}`)(w, r)
	},
		openai.APIKey("sk-a"), openai.Header("X-Title", "shop"),
		openai.OnRequest(func(r *http.Request) error {
			body, err := r.GetBody()
			if err != nil {
				return err
			}
			signed, err := io.ReadAll(body)
			if bytes.Contains(signed, []byte("ORD-1")) {
				r.Header.Set("X-Signature", "signed "+r.Header.Get("Authorization"))
			}
			r.URL.RawQuery = "api-version=1"
			return err
		}))
	ask(t, asked, false)
	if got.Get("X-Title") != "shop" || got.Get("X-Signature") != "signed Bearer sk-a" || got.Get("Content-Type") != "application/json" || url != "/v1/chat/completions?api-version=1" {
		t.Errorf("%s %v", url, got)
	}
	own := client(t, func(w http.ResponseWriter, r *http.Request) { got = r.Header }, openai.APIKey("sk-a"), openai.Header("authorization", "Token x"))
	ask(t, own, true)
	if got.Get("Authorization") != "Token x" || got.Get("Accept") != "text/event-stream" {
		t.Errorf("%v", got)
	}
	failing := client(t, nil, openai.OnRequest(func(*http.Request) error { return io.ErrClosedPipe }))
	_, err := failing.Generate(t.Context(), question, nil)
	if e := failure(t, err); e.Kind != provider.KindInvalidRequest || e.Err != io.ErrClosedPipe || !strings.Contains(err.Error(), "the OnRequest hook failed") {
		t.Error(err)
	}
}

func TestKeysAreShownNowhere(t *testing.T) {
	const key, token = "sk-very-secret-key", "other-secret-token"
	opts := []openai.Option{openai.APIKey(key), openai.Header("api-key", "Custom "+token)}
	echo := client(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(401)
		fmt.Fprintf(w, `{"error":{"message":"Wrong key: %s, %s","code":%q}}`, r.Header.Get("Authorization"), r.Header.Get("api-key"), key)
	}, opts...)
	_, err := echo.Generate(t.Context(), question, nil)
	plain := client(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "You sent "+key) }, opts...)
	_, err2 := plain.Generate(t.Context(), question, nil)
	broken := openai.New("m", append(opts, openai.HTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("cannot send %v", r.Header)
	})}))...)
	_, err3 := broken.Generate(t.Context(), question, nil)

	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "client", echo, "error", err)
	query := openai.New("m", append(opts, openai.BaseURL("https://user:"+token+"@example.com/v1?key="+key))...)
	for _, text := range []string{
		err.Error(), err2.Error(), err3.Error(), fmt.Sprintf("%+v", err), log.String(),
		fmt.Sprintf("%v %+v %#v %s", echo, echo, echo, *echo), query.String(),
	} {
		if strings.Contains(text, "secret") {
			t.Error(text)
		}
	}
	if s := query.String(); !strings.Contains(s, "openai.Client{m at https://") {
		t.Error(s)
	}
}
