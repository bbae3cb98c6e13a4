package gemini_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/internal/apitest/geminiserver"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/gemini"
	"github.com/funcall/funcall/provider/providertest"
)

func signed(sig string) provider.State {
	return provider.State{Owner: owner, Data: json.RawMessage(`{"thoughtSignature":"` + sig + `"}`)}
}

func results(parts ...provider.Part) *provider.Message {
	return &provider.Message{Role: provider.RoleTool, Parts: parts}
}

// conversation has a bit of everything.
func conversation() *provider.Request {
	return &provider.Request{
		System: "Be kind. <b>& brief</b>",
		Tools: []*provider.Tool{
			{Name: "z_first", Description: "Comes first.", Schema: json.RawMessage(`{ "type":"object", "properties":{"b":{"type":"integer","maximum":9007199254740993},"a":{"type":"string"}} }`)},
			{Name: "a_second", Schema: json.RawMessage(`{"type":"object","properties":{}}`)},
		},
		Messages: []*provider.Message{
			provider.User("Hi"),
			{Role: provider.RoleAssistant, State: provider.State{Owner: owner}, Parts: []provider.Part{
				provider.Reasoning{Text: "Hm."},
				provider.Text{Text: "One moment."},
				provider.ToolCall{ID: "c1", Name: "z_first", Args: `{"b": 9007199254740993, "a":"<&>"}`, State: signed("c2ln+/==")},
				provider.ToolCall{ID: "c2", Name: "7 up!", Args: ""},
			}},
			results(
				provider.ToolResult{CallID: "c1", Name: "z_first", Parts: []provider.Part{provider.Text{Text: "4"}, provider.Text{Text: "2"}}},
				provider.ToolResult{CallID: "c2", Name: "7 up!", IsError: true, Parts: []provider.Part{provider.Text{Text: "unknown tool"}}},
			),
			provider.User("And this?", provider.Media{MIME: "image/png", Data: []byte{1, 2}}, provider.Media{MIME: "image/gif", URL: "https://example.com/?a=1&b=2"}),
			provider.Assistant(provider.ToolCall{ID: "c3", Name: "a_second", Args: `{"x":`}),
			results(provider.ToolResult{CallID: "c3", Name: "a_second", IsError: true, Parts: []provider.Part{provider.Text{Text: "broken"}}}),
		},
		Choice:       provider.ToolChoice{Mode: provider.ToolsNamed, Name: "z_first"},
		OutputSchema: &provider.OutputSchema{Name: "the answer", Schema: json.RawMessage(`{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}`)},
		Settings: provider.Settings{
			Temperature: new(0.25), TopP: new(1e-7), MaxOutputTokens: 64, Stop: []string{"a", "\n"},
			Seed: new(int64(math.MinInt32)), ReasoningEffort: "low", ParallelCalls: new(true),
			Extra: json.RawMessage(`{"cachedContent":"c/1","generationConfig":{"topK":40,"topP":0.5,"thinkingConfig":{"includeThoughts":true}}}`),
		},
	}
}

func TestEncode(t *testing.T) {
	want := strings.Join([]string{
		`{"systemInstruction":{"parts":[{"text":"Be kind. <b>& brief</b>"}]},"contents":[`,
		`{"role":"user","parts":[{"text":"Hi"}]},`,
		`{"role":"model","parts":[{"text":"One moment."},`,
		`{"functionCall":{"id":"c1","name":"z_first","args":{"b": 9007199254740993, "a":"<&>"}},"thoughtSignature":"c2ln+/=="},`,
		`{"functionCall":{"id":"c2","name":"_7_up_zjcvvd7k","args":{}}}]},`,
		`{"role":"user","parts":[{"functionResponse":{"id":"c1","name":"z_first","response":{"output":"42"}}},`,
		`{"functionResponse":{"id":"c2","name":"_7_up_zjcvvd7k","response":{"error":"unknown tool"}}},`,
		`{"text":"And this?"},{"inlineData":{"mimeType":"image/png","data":"AQI="}},{"fileData":{"mimeType":"image/gif","fileUri":"https://example.com/?a=1&b=2"}}]},`,
		`{"role":"model","parts":[{"functionCall":{"id":"c3","name":"a_second","args":{"_invalid_json":"{\"x\":"}},"thoughtSignature":"skip_thought_signature_validator"}]},`,
		`{"role":"user","parts":[{"functionResponse":{"id":"c3","name":"a_second","response":{"error":"broken"}}}]}],`,
		`"tools":[{"functionDeclarations":[{"name":"z_first","description":"Comes first.","parametersJsonSchema":{"type":"object","properties":{"b":{"type":"integer","maximum":9007199254740993},"a":{"type":"string"}}}},`,
		`{"name":"a_second","parametersJsonSchema":{"type":"object","properties":{}}}]}],`,
		`"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["z_first"]}},`,
		`"generationConfig":{"temperature":0.25,"maxOutputTokens":64,"stopSequences":["a","\n"],"seed":-2147483648,`,
		`"responseMimeType":"application/json","responseJsonSchema":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false},`,
		`"thinkingConfig":{"thinkingLevel":"low","includeThoughts":true},"topK":40,"topP":0.5},"cachedContent":"c/1"}`,
	}, "")
	if diff := cmp.Diff(want, sent(t, conversation())); diff != "" {
		t.Error(diff)
	}
}

func TestR23_SameBytes(t *testing.T) {
	want := sent(t, conversation())
	kept := conversation()
	for range 1000 {
		if got := sent(t, kept); got != want {
			t.Fatal(cmp.Diff(want, got))
		}
	}
}

// TestAlternatingTurns has conversations in which user and model do not alternate. The API
// requires that the user begins and ends, that the roles alternate, and that no message is
// empty.
func TestAlternatingTurns(t *testing.T) {
	const user, model = `{"role":"user","parts":[{"text":"`, `{"role":"model","parts":[{"text":"`
	says := func(text string) *provider.Message { return provider.Assistant(provider.Text{Text: text}) }
	foreign := provider.State{Owner: "elsewhere", Data: json.RawMessage(`{"a":1}`)}
	for name, c := range map[string]struct {
		messages []*provider.Message
		want     string
	}{
		"nothing":            {nil, user + ` "}]}`},
		"nothing said":       {[]*provider.Message{provider.User("")}, user + ` "}]}`},
		"the model begins":   {[]*provider.Message{says("a"), provider.User("b")}, user + ` "}]},` + model + `a"}]},` + user + `b"}]}`},
		"the model ends":     {[]*provider.Message{provider.User("a"), says("b")}, user + `a"}]},` + model + `b"}]},` + user + `Go on."}]}`},
		"the user twice":     {[]*provider.Message{provider.User("a"), provider.User("b")}, user + `a"},{"text":"b"}]}`},
		"an empty answer":    {[]*provider.Message{provider.User("a"), says(""), provider.User("b")}, user + `a"},{"text":"b"}]}`},
		"the model twice":    {[]*provider.Message{provider.User("a"), says("b"), says("c"), provider.User("d")}, user + `a"}]},` + model + `b"}]},` + user + `Go on."}]},` + model + `c"}]},` + user + `d"}]}`},
		"the system between": {[]*provider.Message{provider.User("a"), says("b"), {Role: provider.RoleSystem, Parts: []provider.Part{provider.Text{Text: "c"}}}, provider.User("d")}, user + `a"}]},` + model + `b"}]},` + user + `c"},{"text":"d"}]}`},
		"what another made":  {[]*provider.Message{provider.User("a"), provider.Assistant(provider.Reasoning{Text: "x", State: foreign}, provider.Native{State: foreign}), provider.User("b")}, user + `a"},{"text":"b"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(`{"contents":[`+c.want+`]}`, sent(t, &provider.Request{Messages: c.messages})); diff != "" {
				t.Error(diff)
			}
		})
	}
	system := []*provider.Message{{Role: provider.RoleSystem, Parts: []provider.Part{provider.Text{Text: "b"}}}, provider.User("c")}
	if got := sent(t, &provider.Request{System: "a", Messages: system}); got != `{"systemInstruction":{"parts":[{"text":"a"},{"text":"b"}]},"contents":[`+user+`c"}]}]}` {
		t.Error(got)
	}
}

// TestSignatures has calls that the model signed, that it did not sign, and that another model
// made.
func TestSignatures(t *testing.T) {
	call := func(state provider.State) provider.Part {
		return provider.ToolCall{ID: "c", Name: "f", Args: "{}", State: state}
	}
	ours := func(parts ...provider.Part) *provider.Message {
		return &provider.Message{Role: provider.RoleAssistant, State: provider.State{Owner: owner}, Parts: parts}
	}
	const plain = `{"functionCall":{"id":"c","name":"f","args":{}}`
	for name, c := range map[string]struct {
		message *provider.Message
		model   string
		want    string
	}{
		"signed":              {ours(call(signed("AA==")), call(provider.State{})), model, plain + `,"thoughtSignature":"AA=="},` + plain + `}`},
		"unsigned":            {ours(call(provider.State{})), model, plain + `}`},
		"of another model":    {provider.Assistant(call(provider.State{Owner: "gemini|h|gemini-2.5-pro", Data: json.RawMessage(`{"thoughtSignature":"AA=="}`)}), call(provider.State{})), model, plain + `,"thoughtSignature":"skip_thought_signature_validator"},` + plain + `}`},
		"for an older model":  {provider.Assistant(call(provider.State{})), "gemini-2.5-flash", plain + `}`},
		"a thought":           {ours(provider.Reasoning{Text: "hm", State: signed("AA==")}), model, `{"text":"hm","thought":true,"thoughtSignature":"AA=="}`},
		"an empty last text":  {ours(provider.Text{Text: "a"}, provider.Text{State: signed("AA==")}), model, `{"text":"a"},{"text":"","thoughtSignature":"AA=="}`},
		"an image":            {ours(provider.Media{MIME: "image/png", Data: []byte{1}, State: signed("AA==")}), model, `{"inlineData":{"mimeType":"image/png","data":"AQ=="},"thoughtSignature":"AA=="}`},
		"code that it ran":    {ours(provider.Native{State: provider.State{Owner: owner, Data: json.RawMessage(`{"executableCode":{"code":"1"}}`)}}), model, `{"executableCode":{"code":"1"}}`},
		"an odd image":        {provider.Assistant(provider.Media{MIME: "model/stl", Data: []byte{1}}), model, `{"text":"[media of type model/stl]"}`},
		"a signature, broken": {ours(provider.Text{Text: "a", State: provider.State{Owner: owner, Data: json.RawMessage(`7`)}}), model, `{"text":"a"}`},
	} {
		t.Run(name, func(t *testing.T) {
			hc, bodies := adaptertest.Record(said)
			req := &provider.Request{Messages: adaptertest.Paired(provider.User("a"), c.message, provider.User("b"))}
			if _, err := gemini.New(c.model, gemini.HTTPClient(hc)).Generate(t.Context(), req, nil); err != nil {
				t.Fatal(err)
			}
			want := `{"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[` + c.want + `]},{"role":"user","parts":[`
			if got := (*bodies)[0]; !strings.HasPrefix(got, want) || !strings.HasSuffix(got, `{"text":"b"}]}]}`) {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// TestMediaInResults has media inside a result if the model accepts that, and otherwise next
// to it.
func TestMediaInResults(t *testing.T) {
	req := &provider.Request{Messages: []*provider.Message{
		provider.User("a"), provider.Assistant(provider.ToolCall{ID: "c", Name: "f"}),
		results(provider.ToolResult{CallID: "c", Name: "f", Parts: []provider.Part{provider.Text{Text: "see"}, provider.Media{MIME: "application/pdf", Data: []byte{1}}}}),
	}}
	const pdf = `{"inlineData":{"mimeType":"application/pdf","data":"AQ=="}}`
	for name, want := range map[string]string{
		"gemini-3-flash":             `{"functionResponse":{"id":"c","name":"f","response":{"output":"see"},"parts":[` + pdf + `]}}]}]}`,
		"tunedModels/gemini-2.5-pro": `{"functionResponse":{"id":"c","name":"f","response":{"output":"see"}}},{"text":"From the result of the tool call c (f):"},` + pdf + `]}]}`,
	} {
		hc, bodies := adaptertest.Record(said)
		if _, err := gemini.New(name, gemini.HTTPClient(hc)).Generate(t.Context(), req, nil); err != nil {
			t.Fatal(err)
		}
		if got := (*bodies)[0]; !strings.HasSuffix(got, want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestOptions(t *testing.T) {
	req := &provider.Request{Messages: []*provider.Message{
		provider.User("a"), provider.Assistant(provider.ToolCall{ID: "c", Name: "f"}), results(provider.ToolResult{CallID: "c", Name: "f"}),
	}}
	body := sent(t, req, gemini.NoCallIDs(), gemini.IncludeThoughts(), gemini.ThinkingBudget(0), gemini.ExtraFields(json.RawMessage(`{"labels":{"a":"b"}}`)))
	want := `{"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{}},"thoughtSignature":"skip_thought_signature_validator"}]},` +
		`{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":""}}}]}],"generationConfig":{"thinkingConfig":{"includeThoughts":true,"thinkingBudget":0}},"labels":{"a":"b"}}`
	if diff := cmp.Diff(want, body); diff != "" {
		t.Error(diff)
	}
}

func TestToolChoice(t *testing.T) {
	tools := []*provider.Tool{{Name: "f", Schema: json.RawMessage(`{"type":"object"}`)}}
	for mode, want := range map[provider.ToolMode]string{
		provider.ToolsAuto:     `}]}]}`,
		provider.ToolsNone:     `}]}],"toolConfig":{"functionCallingConfig":{"mode":"NONE"}}}`,
		provider.ToolsRequired: `}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY"}}}`,
	} {
		if got := sent(t, &provider.Request{Tools: tools, Choice: provider.ToolChoice{Mode: mode}}); !strings.HasSuffix(got, want) {
			t.Errorf("%q: %s", mode, got)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	messages := func(m ...*provider.Message) *provider.Request {
		return &provider.Request{Messages: adaptertest.Paired(m...)}
	}
	settings := func(s provider.Settings) *provider.Request { return &provider.Request{Settings: s} }
	f := []*provider.Tool{{Name: "f", Schema: json.RawMessage(`{}`)}}
	for _, c := range []struct {
		req  *provider.Request
		kind provider.ErrorKind
		says string
	}{
		{messages(provider.User("a", provider.Media{MIME: "font/ttf", Data: []byte{1}})), provider.KindInvalidMedia, "message 0: part 1: the API has no media of type font/ttf"},
		{messages(provider.User("a", provider.Media{Data: []byte{1}})), provider.KindInvalidMedia, "media without a MIME type"},
		{messages(provider.User("a", provider.Media{MIME: "image/png"})), provider.KindInvalidMedia, "neither data nor a URL"},
		{messages(provider.User("a"), results(provider.ToolResult{Name: "f", Parts: []provider.Part{provider.Media{MIME: "x/y", Data: []byte{1}}}})), provider.KindInvalidMedia, `the result of "f", part 0: the API has no media of type x/y`},
		{messages(results(provider.ToolResult{Name: "f", Parts: []provider.Part{provider.ToolCall{}}})), provider.KindInvalidRequest, "a tool result cannot hold a provider.ToolCall"},
		{messages(results(provider.Text{})), provider.KindInvalidRequest, `a message of role "tool" cannot hold a provider.Text`},
		{messages(provider.User("a", provider.ToolCall{})), provider.KindInvalidRequest, `a message of role "user" cannot hold`},
		{messages(provider.User("a"), &provider.Message{Role: provider.RoleSystem, Parts: []provider.Part{provider.Media{}}}), provider.KindInvalidRequest, `role "system" cannot hold`},
		{messages(provider.Assistant(provider.ToolResult{})), provider.KindInvalidRequest, `role "assistant" cannot hold`},
		{messages(&provider.Message{Role: "robot"}), provider.KindInvalidRequest, `unknown role "robot"; use system, user, assistant or tool`},
		{messages(nil), provider.KindInvalidRequest, "message 0 is nil"},
		{&provider.Request{Tools: []*provider.Tool{{Name: "f"}}}, provider.KindInvalidRequest, `tool "f": no schema`},
		{&provider.Request{Choice: provider.ToolChoice{Mode: provider.ToolsRequired}}, provider.KindInvalidRequest, `"required" needs tools`},
		{&provider.Request{OutputSchema: &provider.OutputSchema{}}, provider.KindInvalidRequest, "output schema: no schema"},
		{&provider.Request{Tools: f, Settings: provider.Settings{ParallelCalls: new(false)}}, provider.KindUnsupported, "cannot turn off parallel calls"},
		{&provider.Request{OutputSchema: &provider.OutputSchema{Schema: json.RawMessage(`{"type":"object","anyOf":[{"required":["a"]}]}`)}}, provider.KindUnsupported, "at the root of a schema"},
		{settings(provider.Settings{Seed: new(int64(math.MaxInt32 + 1))}), provider.KindUnsupported, "Seed is 2147483648"},
		{settings(provider.Settings{Temperature: new(math.NaN())}), provider.KindInvalidRequest, "temperature is NaN"},
		{settings(provider.Settings{MaxOutputTokens: -1}), provider.KindInvalidRequest, "MaxOutputTokens is -1"},
		{settings(provider.Settings{Extra: json.RawMessage(`{"contents":[]}`)}), provider.KindInvalidRequest, `"contents" is reserved`},
		{settings(provider.Settings{Extra: json.RawMessage(`{"tool_config":{}}`)}), provider.KindInvalidRequest, `use "toolConfig" instead of "tool_config"`},
		{settings(provider.Settings{Extra: json.RawMessage(`{"toolConfig":[]}`)}), provider.KindInvalidRequest, "toolConfig: extra fields: want one JSON object"},
		{&provider.Request{Choice: provider.ToolChoice{Mode: provider.ToolsRequired}, Settings: provider.Settings{Extra: json.RawMessage(`{"tools":[{"googleSearch":{}}]}`)}}, provider.KindUnsupported, "cannot force a call of a server-side tool"},
		{settings(provider.Settings{Extra: json.RawMessage(`{"generationConfig":7}`)}), provider.KindInvalidRequest, "generationConfig: extra fields: want one JSON object"},
		{settings(provider.Settings{Extra: json.RawMessage(`{"generationConfig":{"thinkingConfig":[]}}`)}), provider.KindInvalidRequest, "thinkingConfig: extra fields"},
	} {
		body, err := trySend(t, c.req)
		if e := adaptertest.Failure(t, err); e.Kind != c.kind || !strings.Contains(err.Error(), c.says) || body != "" {
			t.Errorf("%v\ndoes not say %s", err, c.says)
		}
	}
	for _, name := range []string{"", "gemini 3", "models/../x", "a?b", "a:b", "a//b"} {
		_, err := gemini.New(name).Generate(t.Context(), adaptertest.Question, nil)
		if e := adaptertest.Failure(t, err); e.Kind != provider.KindInvalidRequest || e.Status != 0 || e.Err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestToolConfig tests that other tool settings are kept, and that a choice yields to the
// request's own.
func TestToolConfig(t *testing.T) {
	f := []*provider.Tool{{Name: "f", Schema: json.RawMessage(`{"type":"object"}`)}}
	for _, c := range []struct {
		mode        provider.ToolMode
		tools       []*provider.Tool
		extra, want string
	}{
		{provider.ToolsNone, f, `{"functionCallingConfig":{"mode":"ANY"},"retrievalConfig":{"languageCode":"de"}}`, `{"functionCallingConfig":{"mode":"NONE"},"retrievalConfig":{"languageCode":"de"}}`},
		{provider.ToolsNone, f, `{"function_calling_config":{"mode":"ANY"}}`, `{"functionCallingConfig":{"mode":"NONE"}}`},
		{provider.ToolsAuto, f, `{"functionCallingConfig":{"mode":"ANY"}}`, `{"functionCallingConfig":{"mode":"ANY"}}`},
		{provider.ToolsAuto, nil, `{"functionCallingConfig":{"mode":"ANY"},"retrievalConfig":{}}`, `{"retrievalConfig":{}}`},
	} {
		body := sent(t, &provider.Request{Tools: c.tools, Choice: provider.ToolChoice{Mode: c.mode}, Settings: provider.Settings{Extra: json.RawMessage(`{"toolConfig":` + c.extra + `}`)}})
		if !strings.HasSuffix(body, `"toolConfig":`+c.want+`}`) {
			t.Errorf("%s\ndoes not end in %s", body, c.want)
		}
	}
	none := provider.ToolChoice{Mode: provider.ToolsNone}
	if body := sent(t, &provider.Request{Choice: none, Settings: provider.Settings{Extra: json.RawMessage(`{"tools":[{"googleSearch":{}}]}`)}}); strings.Contains(body, "toolConfig") {
		t.Errorf("a choice without functions: %s", body)
	}
}

// TestOpenAPISchemas sends tools in the older form to a server that knows no other.
func TestOpenAPISchemas(t *testing.T) {
	server := geminiserver.New(providertest.Say("ok"))
	p := gemini.New("gemini-3-test", gemini.BaseURL(server.Start(t)), gemini.OpenAPISchemas())
	req := &provider.Request{Messages: adaptertest.Question.Messages, Tools: []*provider.Tool{
		{Name: "now", Schema: json.RawMessage(`{"type":"object","properties":{},"additionalProperties":false}`)},
		{Name: "find", Schema: json.RawMessage(`{"type":"object","properties":{"n":{"type":["integer","null"],"exclusiveMinimum":0,"enum":[1,2]},"tags":{"type":"array","items":{"type":"string"},"uniqueItems":true}},"required":["n"],"additionalProperties":false}`)},
	}}
	if _, err := p.Generate(t.Context(), req, nil); err != nil {
		t.Error(err)
	}
	if body := string(server.Requests()[0]); !strings.Contains(body, `{"name":"now"},`) || !strings.Contains(body, `"nullable":true`) {
		t.Error(body)
	}
}
