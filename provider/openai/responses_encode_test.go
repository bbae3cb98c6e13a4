package openai_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

func trySendResponses(t *testing.T, req *provider.Request, opts ...openai.Option) (string, error) {
	t.Helper()
	hc, bodies := adaptertest.Record(doc(textItem, "completed"))
	_, err := openai.NewResponses("gpt-test", append([]openai.Option{openai.HTTPClient(hc)}, opts...)...).Generate(t.Context(), req, nil)
	if len(*bodies) == 0 {
		return "", err
	}
	return (*bodies)[0], err
}

// responsesConversation is the conversation without what the API lacks.
func responsesConversation() *provider.Request {
	req := conversation()
	req.Stop, req.Seed = nil, nil
	req.Extra = json.RawMessage(`{"top_p":0.5,"reasoning":{"summary":"auto"},"text":{"verbosity":"low"}}`)
	return req
}

func TestResponsesEncode(t *testing.T) {
	want := strings.Join([]string{
		`{"model":"gpt-test","instructions":"Be kind. <b>& brief</b>","input":[`,
		`{"type":"message","role":"user","content":"Hi"},`,
		`{"type":"message","role":"assistant","content":"One moment."},`,
		`{"type":"function_call","call_id":"c1","name":"z_first","arguments":"{\"b\": 9007199254740993, \"a\":\"<&>\"}"},`,
		`{"type":"function_call","call_id":"c2","name":"no_such_tool_sv5efvgq","arguments":"{}"},`,
		`{"type":"function_call_output","call_id":"c1","output":"42"},`,
		`{"type":"function_call_output","call_id":"c2","output":"Error: unknown tool"},`,
		`{"type":"message","role":"user","content":[{"type":"input_text","text":"And this?"},{"type":"input_image","detail":"auto","image_url":"data:image/png;base64,AQI="},{"type":"input_image","detail":"auto","image_url":"https://example.com/?a=1&b=2"}]},`,
		`{"type":"function_call","call_id":"c3","name":"a_second","arguments":"{\"x\":\"\\ud83d\\ude00 \\ufffd \\\\ud83d\"}"},`,
		`{"type":"function_call","call_id":"c4","name":"a_second","arguments":"{\"_invalid_json\":\"{\\\"x\\\":1,\\\"x\\\":2}\"}"},`,
		`{"type":"function_call_output","call_id":"c3","output":""},{"type":"function_call_output","call_id":"c4","output":""}],`,
		`"tools":[{"type":"function","name":"z_first","description":"Comes first.","parameters":{"type":"object","properties":{"b":{"type":"integer","maximum":9007199254740993},"a":{}}},"strict":false},`,
		`{"type":"function","name":"a_second","parameters":{"type":"object","properties":{}},"strict":false}],`,
		`"store":false,"include":["reasoning.encrypted_content"],"tool_choice":{"type":"function","name":"z_first"},"parallel_tool_calls":false,`,
		`"temperature":0.25,"max_output_tokens":64,"reasoning":{"effort":"low","summary":"auto"},`,
		`"text":{"format":{"type":"json_schema","name":"the_answer_u7ezqxkg","description":"d","schema":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false},"strict":true},"verbosity":"low"},"top_p":0.5}`,
	}, "")
	got, err := trySendResponses(t, responsesConversation())
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestR23_ResponsesSameBytes(t *testing.T) {
	kept := responsesConversation()
	want, err := trySendResponses(t, kept)
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if got, _ := trySendResponses(t, kept); got != want {
			t.Fatal(cmp.Diff(want, got))
		}
	}
}

// TestNoReasoningRequestForOldModels tests that requests to models that do not reason ask for
// no reasoning.
func TestNoReasoningRequestForOldModels(t *testing.T) {
	for model, want := range map[string]bool{"gpt-5-mini": true, "o4-mini": true, "gpt-oss-120b": true, "gpt-4o": false, "gpt-4.1-mini": false, "chatgpt-4o-latest": false} {
		hc, bodies := adaptertest.Record(doc(textItem, "completed"))
		if _, err := openai.NewResponses(model, openai.HTTPClient(hc)).Generate(t.Context(), question, nil); err != nil {
			t.Fatal(err)
		}
		if strings.Contains((*bodies)[0], "encrypted_content") != want {
			t.Errorf("%s: %s", model, (*bodies)[0])
		}
	}
}

func TestResponsesMedia(t *testing.T) {
	file := provider.Media{MIME: "application/pdf", Data: []byte("%PDF")}
	png := provider.Media{MIME: "image/png", Data: []byte{1, 2}}
	const pdf = `{"type":"input_file","filename":"document.pdf","file_data":"data:application/pdf;base64,JVBERg=="}`
	for name, c := range map[string]struct {
		message *provider.Message
		want    string
	}{
		"a PDF":                {provider.User("", file), `{"type":"message","role":"user","content":[` + pdf + `]}`},
		"a PDF by its address": {provider.User("", provider.Media{MIME: "application/pdf", URL: "https://a"}), `{"type":"message","role":"user","content":[{"type":"input_file","file_url":"https://a"}]}`},
		"made by a model":      {provider.Assistant(png), `{"type":"message","role":"assistant","content":"[media of type image/png]"}`},
		"in a result": {&provider.Message{Role: provider.RoleTool, Parts: []provider.Part{provider.ToolResult{CallID: "c", Name: "f", IsError: true, Parts: []provider.Part{provider.Text{Text: "see"}, file}}}},
			`{"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":"Error: "},{"type":"input_text","text":"see"},` + pdf + `]}`},
		"reasoning that led to nothing": {&provider.Message{Role: provider.RoleAssistant, Parts: []provider.Part{
			provider.Text{Text: "a"}, provider.Reasoning{State: provider.State{Owner: "openai.responses|api.openai.com", Data: json.RawMessage(`{"type":"reasoning"}`)}}}},
			`{"type":"message","role":"assistant","content":"a"}`},
	} {
		got, err := trySendResponses(t, &provider.Request{Messages: adaptertest.Paired(c.message)})
		if want := c.want + `],"store":false,"include":["reasoning.encrypted_content"]}`; !strings.HasSuffix(got, want) || err != nil {
			t.Errorf("%s: %v\n%s\ndoes not end in %s", name, err, got, want)
		}
	}
}

func TestResponsesEncodeRefuses(t *testing.T) {
	messages := func(m ...*provider.Message) *provider.Request {
		return &provider.Request{Messages: adaptertest.Paired(m...)}
	}
	settings := func(s provider.Settings) *provider.Request { return &provider.Request{Settings: s} }
	tool := func(p ...provider.Part) *provider.Message {
		return &provider.Message{Role: provider.RoleTool, Parts: p}
	}
	for _, c := range []struct {
		req  *provider.Request
		opts []openai.Option
		kind provider.ErrorKind
		says string
	}{
		{settings(provider.Settings{Stop: []string{"a"}}), nil, provider.KindUnsupported, "no stop sequences"},
		{settings(provider.Settings{Seed: new(int64(1))}), nil, provider.KindUnsupported, "no seed"},
		{settings(provider.Settings{MaxOutputTokens: -1}), nil, provider.KindInvalidRequest, "MaxOutputTokens is -1"},
		{settings(provider.Settings{Extra: json.RawMessage(`{"input":[]}`)}), nil, provider.KindInvalidRequest, `"input" is reserved`},
		{settings(provider.Settings{Extra: json.RawMessage(`{"text":7}`)}), nil, provider.KindInvalidRequest, "text: extra fields"},
		{&provider.Request{OutputSchema: &provider.OutputSchema{}}, nil, provider.KindInvalidRequest, "output schema: no schema"},
		{&provider.Request{Tools: []*provider.Tool{{Name: "f"}}}, nil, provider.KindInvalidRequest, `tool "f": no schema`},
		{&provider.Request{Choice: provider.ToolChoice{Mode: provider.ToolsRequired}}, nil, provider.KindInvalidRequest, "needs tools"},
		{messages(nil), nil, provider.KindInvalidRequest, "message 0 is nil"},
		{messages(&provider.Message{Role: "robot"}), nil, provider.KindInvalidRequest, `unknown role "robot"; use system`},
		{messages(provider.User("a", provider.Media{MIME: "audio/wav", Data: []byte{1}})), nil, provider.KindInvalidMedia, "message 0: part 1: the Responses API has no media of type audio/wav"},
		{messages(provider.User("a", provider.Media{MIME: "image/png"})), nil, provider.KindInvalidMedia, "neither data nor a URL"},
		{messages(provider.User("a", provider.ToolCall{})), nil, provider.KindInvalidRequest, "cannot hold"},
		{messages(provider.User("a"), &provider.Message{Role: provider.RoleSystem, Parts: []provider.Part{provider.Media{}}}), nil, provider.KindInvalidRequest, "cannot hold"},
		{messages(provider.Assistant(provider.ToolResult{})), nil, provider.KindInvalidRequest, "cannot hold"},
		{messages(tool(provider.Text{})), nil, provider.KindInvalidRequest, "cannot hold"},
		{messages(tool(provider.ToolResult{Parts: []provider.Part{provider.ToolCall{}}})), nil, provider.KindInvalidRequest, "a tool result cannot hold"},
		{messages(tool(provider.ToolResult{Name: "f", Parts: []provider.Part{provider.Media{MIME: "a/b", Data: []byte{1}}}})), nil, provider.KindInvalidMedia, `the result of "f", part 0`},
		{question, []openai.Option{openai.MaxTokensField("max_tokens")}, provider.KindInvalidRequest, "apply only to Chat Completions"},
		{question, []openai.Option{openai.SystemRole("developer")}, provider.KindInvalidRequest, "apply only to Chat Completions"},
		{question, []openai.Option{openai.NoStreamUsage()}, provider.KindInvalidRequest, "apply only to Chat Completions"},
		{question, []openai.Option{openai.WithQuirks(openai.Quirks{ShortCallIDs: true})}, provider.KindInvalidRequest, "apply only to Chat Completions"},
		{question, []openai.Option{openai.BaseURL("https://api.openai.com/v1/responses")}, provider.KindInvalidRequest, "BaseURL ends in /responses"},
	} {
		body, err := trySendResponses(t, c.req, c.opts...)
		if e := failure(t, err); e.Kind != c.kind || !strings.Contains(err.Error(), c.says) || body != "" {
			t.Errorf("%v\ndoes not say %s", err, c.says)
		}
	}
	if _, err := openai.NewResponses("").Generate(t.Context(), question, nil); err == nil {
		t.Error("there is no model, and no error")
	}
}
