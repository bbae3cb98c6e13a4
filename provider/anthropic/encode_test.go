package anthropic_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/internal/apitest/anthropicserver"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
	"github.com/funcall/funcall/provider/providertest"
)

// sent returns the body that a client sends for a request.
func sent(t *testing.T, req *provider.Request, opts ...anthropic.Option) string {
	t.Helper()
	body, err := trySend(t, req, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func trySend(t *testing.T, req *provider.Request, opts ...anthropic.Option) (string, error) {
	t.Helper()
	hc, bodies := adaptertest.Record(doc("", "end_turn"))
	_, err := anthropic.New("claude-test", append([]anthropic.Option{anthropic.HTTPClient(hc)}, opts...)...).Generate(t.Context(), req, nil)
	if len(*bodies) == 0 {
		return "", err
	}
	return (*bodies)[0], err
}

func results(parts ...provider.Part) *provider.Message {
	return &provider.Message{Role: provider.RoleTool, Parts: parts}
}

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
				provider.Reasoning{Text: "Hm.", State: provider.State{Owner: owner, Data: json.RawMessage(`{"signature":"s"}`)}},
				provider.Text{Text: "One moment."}, provider.Text{Text: " \n"},
				provider.ToolCall{ID: "c1", Name: "z_first", Args: `{"b": 9007199254740993, "a":"<&>"}`},
				provider.ToolCall{ID: "c2", Name: "no such tool!", Args: ""},
			),
			results(
				provider.ToolResult{CallID: "c1", Parts: []provider.Part{provider.Text{Text: "4"}, provider.Text{Text: "2"}}},
				provider.ToolResult{CallID: "c2", IsError: true},
			),
			provider.User("And this?", provider.Media{MIME: "image/png", Data: []byte{1, 2}}, provider.Media{MIME: "image/gif", URL: "https://example.com/?a=1&b=2"}),
			provider.Assistant(provider.ToolCall{ID: "c3", Name: "a_second", Args: `{"x":`}),
			results(provider.ToolResult{CallID: "c3", IsError: true, Parts: []provider.Part{provider.Text{Text: "see"}, provider.Media{MIME: "application/pdf", Data: []byte("%PDF")}}}),
		},
		Choice:       provider.ToolChoice{Mode: provider.ToolsNamed, Name: "z_first"},
		OutputSchema: &provider.OutputSchema{Name: "the answer", Schema: json.RawMessage(`{"type":"object","properties":{"a":{"type":"integer","minimum":1}},"required":["a"],"additionalProperties":false}`)},
		Settings: provider.Settings{
			Temperature: new(0.25), TopP: new(1e-7), MaxOutputTokens: 64, Stop: []string{"a", "b"},
			ReasoningEffort: "low", ParallelCalls: new(false),
			Extra: json.RawMessage(`{"metadata":{"user_id":"u"},"top_p":0.5,"output_config":{"x":1}}`),
		},
	}
}

func TestEncode(t *testing.T) {
	const mark = `,"cache_control":{"type":"ephemeral"}`
	want := strings.Join([]string{
		`{"model":"claude-test","system":[{"type":"text","text":"Be kind. <b>& brief</b>"` + mark + `}],"messages":[`,
		`{"role":"user","content":[{"type":"text","text":"Hi"}]},`,
		`{"role":"assistant","content":[{"type":"thinking","thinking":"Hm.","signature":"s"},{"type":"text","text":"One moment."},`,
		`{"type":"tool_use","id":"c1","name":"z_first","input":{"b": 9007199254740993, "a":"<&>"}},`,
		`{"type":"tool_use","id":"c2","name":"no_such_tool_sv5efvgq","input":{}}]},`,
		`{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"42"},{"type":"tool_result","tool_use_id":"c2","content":"Error","is_error":true},`,
		`{"type":"text","text":"And this?"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQI="}},{"type":"image","source":{"type":"url","url":"https://example.com/?a=1&b=2"}}]},`,
		`{"role":"assistant","content":[{"type":"tool_use","id":"c3","name":"a_second","input":{"_invalid_json":"{\"x\":"}}]},`,
		`{"role":"user","content":[{"type":"tool_result","tool_use_id":"c3","content":[{"type":"text","text":"see"},{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERg=="}}],"is_error":true` + mark + `}]}],`,
		`"tools":[{"name":"z_first","description":"Comes first.","input_schema":{"type":"object","properties":{"b":{"type":"integer","maximum":9007199254740993},"a":{}}}},`,
		`{"name":"a_second","input_schema":{"type":"object","properties":{}}}],`,
		`"max_tokens":64,"temperature":0.25,"stop_sequences":["a","b"],"tool_choice":{"type":"tool","name":"z_first","disable_parallel_tool_use":true},`,
		`"output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object","properties":{"a":{"type":"integer","description":"(at least 1)"}},"required":["a"],"additionalProperties":false}},"x":1},`,
		`"metadata":{"user_id":"u"},"top_p":0.5}`,
	}, "")
	if diff := cmp.Diff(want, sent(t, conversation())); diff != "" {
		t.Error(diff)
	}
	if got := sent(t, conversation(), anthropic.NoPromptCache()); got != strings.ReplaceAll(want, mark, "") {
		t.Error(got)
	}
}

func TestR23_SameBytes(t *testing.T) {
	kept := conversation()
	want := sent(t, kept)
	for range 1000 {
		if got := sent(t, kept); got != want {
			t.Fatal(cmp.Diff(want, got))
		}
	}
}

// TestAlternatingTurns has conversations in which user and model do not alternate, and empty
// messages.
func TestAlternatingTurns(t *testing.T) {
	const user, model = `{"role":"user","content":[{"type":"text","text":"`, `{"role":"assistant","content":[{"type":"text","text":"`
	says := func(text string) *provider.Message { return provider.Assistant(provider.Text{Text: text}) }
	foreign := provider.State{Owner: "elsewhere", Data: json.RawMessage(`{"signature":"s","data":"d"}`)}
	for name, c := range map[string]struct {
		messages []*provider.Message
		want     string
	}{
		"nothing":            {nil, user + `(nothing)"}]}`},
		"nothing said":       {[]*provider.Message{provider.User(" \n")}, user + `(nothing)"}]}`},
		"the model begins":   {[]*provider.Message{says("a"), provider.User("b")}, user + `(nothing)"}]},` + model + `a"}]},` + user + `b"}]}`},
		"the model ends":     {[]*provider.Message{provider.User("a"), says("b ")}, user + `a"}]},` + model + `b "}]},` + user + `Go on."}]}`},
		"the model twice":    {[]*provider.Message{provider.User("a"), says("b"), says("c")}, user + `a"}]},` + model + `b"}]},` + user + `Go on."}]},` + model + `c"}]},` + user + `Go on."}]}`},
		"the user twice":     {[]*provider.Message{provider.User("a"), provider.User("b")}, user + `a"},{"type":"text","text":"b"}]}`},
		"an empty answer":    {[]*provider.Message{provider.User("a"), says(""), provider.User("b")}, user + `a"},{"type":"text","text":"b"}]}`},
		"the system between": {[]*provider.Message{provider.User("a"), says("b"), {Role: provider.RoleSystem, Parts: []provider.Part{provider.Text{Text: "c"}}}}, user + `a"}]},` + model + `b"}]},` + user + `c"}]}`},
		"what another made":  {[]*provider.Message{provider.User("a"), provider.Assistant(provider.Reasoning{Text: "x", State: foreign}, provider.Native{State: foreign}, provider.Media{MIME: "image/png", Data: []byte{1}}), provider.User("b")}, user + `a"}]},` + model + `[media of type image/png]"}]},` + user + `b"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(`{"model":"claude-test","messages":[`+c.want+`],"max_tokens":8192}`, sent(t, &provider.Request{Messages: c.messages}, anthropic.NoPromptCache())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestEmptyResults tests that empty results keep their content.
func TestEmptyResults(t *testing.T) {
	blank := provider.Text{Text: " \n"}
	for name, c := range map[string]struct {
		result provider.ToolResult
		want   string
	}{
		"no parts":    {provider.ToolResult{}, `"content":""}`},
		"no text":     {provider.ToolResult{Parts: []provider.Part{provider.Text{}}}, `"content":""}`},
		"white space": {provider.ToolResult{Parts: []provider.Part{blank}}, `"content":""}`},
		"an error":    {provider.ToolResult{Parts: []provider.Part{blank}, IsError: true}, `"content":"Error","is_error":true}`},
		"media alone": {provider.ToolResult{Parts: []provider.Part{blank, provider.Media{MIME: "image/png", Data: []byte{1}}}},
			`"content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQ=="}}]}`},
	} {
		c.result.CallID = "c1"
		messages := []*provider.Message{provider.User("a"), provider.Assistant(provider.ToolCall{ID: "c1", Name: "f"}), results(c.result)}
		if body := sent(t, &provider.Request{Messages: messages}, anthropic.NoPromptCache()); !strings.Contains(body, `"tool_use_id":"c1",`+c.want) {
			t.Errorf("%s: %s\nlacks %s", name, body, c.want)
		}
	}
}

// TestThinking tests that the model thinks only if the API allows it.
func TestThinking(t *testing.T) {
	tools := []*provider.Tool{{Name: "f", Schema: json.RawMessage(`{"type":"object"}`)}}
	call := provider.ToolCall{ID: "c", Name: "f", Args: "{}"}
	answered := results(provider.ToolResult{CallID: "c"})
	thought := provider.Reasoning{Text: "Hm", State: provider.State{Owner: owner, Data: json.RawMessage(`{"signature":"s"}`)}}
	for name, c := range map[string]struct {
		req  provider.Request
		want bool
	}{
		"a question":                   {provider.Request{Messages: adaptertest.Question.Messages}, true},
		"tools":                        {provider.Request{Tools: tools, Messages: adaptertest.Question.Messages}, true},
		"no tools now":                 {provider.Request{Tools: tools, Choice: provider.ToolChoice{Mode: provider.ToolsNone}, Messages: adaptertest.Question.Messages}, true},
		"a forced call":                {provider.Request{Tools: tools, Choice: provider.ToolChoice{Mode: provider.ToolsRequired}, Messages: adaptertest.Question.Messages}, false},
		"a turn that began thinking":   {provider.Request{Tools: tools, Messages: []*provider.Message{provider.User("a"), provider.Assistant(thought, call), answered}}, true},
		"a turn that did not":          {provider.Request{Tools: tools, Messages: []*provider.Message{provider.User("a"), provider.Assistant(call), answered}}, false},
		"a turn that was so, and over": {provider.Request{Tools: tools, Messages: []*provider.Message{provider.User("a"), provider.Assistant(call), answered, provider.Assistant(provider.Text{Text: "b"}), provider.User("c")}}, true},
	} {
		body := sent(t, &c.req, anthropic.Thinking(2048))
		if strings.Contains(body, `"thinking":{"type":"enabled","budget_tokens":2048}`) != c.want || !strings.Contains(body, `"max_tokens":10240`) {
			t.Errorf("%s: %s", name, body)
		}
	}
}

// TestThinkingOfOtherModels tests that thinking of another model is sent only to Anthropic's
// own server, which reads or drops it.
func TestThinkingOfOtherModels(t *testing.T) {
	tools := []*provider.Tool{{Name: "f", Schema: json.RawMessage(`{"type":"object"}`)}}
	gateway := anthropic.BaseURL("https://gateway.example/v1")
	for _, c := range []struct {
		owner string
		opts  []anthropic.Option
		want  bool
	}{
		{"anthropic|api.anthropic.com|claude-test", nil, true},
		{"anthropic|api.anthropic.com|claude-other", nil, true},
		{"anthropic|api.anthropic.com", nil, true}, // stored before owners named the model
		{"anthropic|gateway.example|claude-test", nil, false},
		{"anthropic|gateway.example|claude-test", []anthropic.Option{gateway}, true},
		{"anthropic|gateway.example|gpt-5", []anthropic.Option{gateway}, false},
		{"anthropic|gateway.example", []anthropic.Option{gateway}, true},
		{"anthropic|api.anthropic.com|claude-test", []anthropic.Option{gateway}, false},
	} {
		state := func(data string) provider.State { return provider.State{Owner: c.owner, Data: json.RawMessage(data)} }
		past := provider.Assistant(
			provider.Reasoning{Text: "Hm", State: state(`{"signature":"SIGNED"}`)},
			provider.Native{State: state(`{"type":"server_tool_use","id":"SIGNED"}`)},
			provider.ToolCall{ID: "c", Name: "f", Args: "{}", State: state(`{"caller":{"type":"SIGNED"}}`)})
		body := sent(t, &provider.Request{Tools: tools, Messages: adaptertest.Paired(provider.User("a"), past)}, append(c.opts, anthropic.Thinking(2048))...)
		want := 0
		if c.want {
			want = 3
		}
		if n := strings.Count(body, "SIGNED"); n != want || strings.Contains(body, `"budget_tokens"`) != c.want {
			t.Errorf("of %s: %d blocks are sent, want %d: %s", c.owner, n, want, body)
		}
	}
}

// TestThinkingIsLeftOut tests that thinking that the API refuses is left out: at the end of a
// message, and in a request without thinking.
func TestThinkingIsLeftOut(t *testing.T) {
	thought := provider.Reasoning{Text: "Hm", State: provider.State{Owner: owner, Data: json.RawMessage(`{"signature":"s"}`)}}
	const sent1 = `{"type":"thinking","thinking":"Hm","signature":"s"}`
	call := provider.ToolCall{ID: "c", Name: "f", Args: "{}"}
	tools := []*provider.Tool{{Name: "f", Schema: json.RawMessage(`{"type":"object"}`)}}
	loop := []*provider.Message{provider.User("a"), provider.Assistant(thought, call), results(provider.ToolResult{CallID: "c"})}
	for name, c := range map[string]struct {
		req  provider.Request
		opt  anthropic.Option
		want int // how many thoughts are sent
	}{
		"ahead of a call":           {provider.Request{Messages: loop}, anthropic.Thinking(1024), 1},
		"at the end":                {provider.Request{Messages: []*provider.Message{provider.User("a"), provider.Assistant(thought), provider.User("b")}}, anthropic.Thinking(1024), 0},
		"ahead of an empty text":    {provider.Request{Messages: []*provider.Message{provider.User("a"), provider.Assistant(thought, provider.Text{Text: " "}), provider.User("b")}}, anthropic.Thinking(1024), 0},
		"between and at the end":    {provider.Request{Messages: []*provider.Message{provider.User("a"), provider.Assistant(thought, provider.Text{Text: "x"}, thought), provider.User("b")}}, anthropic.Thinking(1024), 1},
		"a forced call":             {provider.Request{Messages: loop, Tools: tools, Choice: provider.ToolChoice{Mode: provider.ToolsRequired}}, anthropic.Thinking(1024), 0},
		"a forced call, adaptive":   {provider.Request{Messages: loop, Tools: tools, Choice: provider.ToolChoice{Mode: provider.ToolsNamed, Name: "f"}}, anthropic.ExtraFields(json.RawMessage(`{"thinking":{"type":"adaptive"}}`)), 0},
		"a free call, adaptive":     {provider.Request{Messages: loop, Tools: tools}, anthropic.ExtraFields(json.RawMessage(`{"thinking":{"type":"adaptive"}}`)), 1},
		"a foreign choice, forced":  {provider.Request{Messages: loop, Tools: tools, Settings: provider.Settings{Extra: json.RawMessage(`{"tool_choice":{"type":"any"}}`)}}, anthropic.Thinking(1024), 0},
		"a foreign choice":          {provider.Request{Messages: loop, Tools: tools, Settings: provider.Settings{Extra: json.RawMessage(`{"tool_choice":{"type":"auto"}}`)}}, anthropic.Thinking(1024), 1},
		"not asked for any thought": {provider.Request{Messages: loop}, anthropic.MaxTokens(9), 1},
	} {
		body := sent(t, &c.req, c.opt)
		if got := strings.Count(body, sent1); got != c.want || c.want == 0 && strings.Contains(name, "forced") && strings.Contains(body, "thinking") {
			t.Errorf("%s: %d thoughts in %s", name, got, body)
		}
	}
}

func TestToolChoice(t *testing.T) {
	tools := []*provider.Tool{{Name: "f", Schema: json.RawMessage(`{"type":"object"}`)}}
	for want, c := range map[string]struct {
		mode     provider.ToolMode
		parallel *bool
	}{
		`"max_tokens":8192}`: {provider.ToolsAuto, new(true)},
		`"max_tokens":8192,"tool_choice":{"type":"auto","disable_parallel_tool_use":true}}`:          {provider.ToolsAuto, new(false)},
		`"max_tokens":8192,"tool_choice":{"type":"none"}}`:                                           {provider.ToolsNone, new(false)},
		`"max_tokens":8192,"tool_choice":{"type":"any","disable_parallel_tool_use":true}}`:           {provider.ToolsRequired, new(false)},
		`"max_tokens":8192,"tool_choice":{"type":"any"}}`:                                            {provider.ToolsRequired, nil},
		`"input_schema":{"type":"object"},"cache_control":{"type":"ephemeral"}}],"max_tokens":8192}`: {provider.ToolsAuto, nil},
	} {
		got := sent(t, &provider.Request{Tools: tools, Choice: provider.ToolChoice{Mode: c.mode}, Settings: provider.Settings{ParallelCalls: c.parallel}})
		if !strings.HasSuffix(got, want) {
			t.Errorf("%s\ndoes not end in %s", got, want)
		}
	}
}

// TestR23_CallsWithoutTools continues a conversation with calls without tools, which the API
// refuses: stubs are added. A longer conversation leaves the earlier stubs unchanged.
func TestR23_CallsWithoutTools(t *testing.T) {
	turn := func(names ...string) []*provider.Message {
		calls, answers := provider.Assistant(), results()
		for _, name := range names {
			calls.Parts = append(calls.Parts, provider.ToolCall{ID: "c-" + wiretool.Anthropic.Name(name), Name: name, Args: "{}"})
			answers.Parts = append(answers.Parts, provider.ToolResult{CallID: "c-" + wiretool.Anthropic.Name(name), Name: name})
		}
		return []*provider.Message{provider.User("go"), calls, answers}
	}
	const first = `{"name":"z","description":"No longer available.","input_schema":{"type":"object"}},{"name":"a","description":"No longer available.","input_schema":{"type":"object"}}`
	short := turn("z", "a")
	long := append(turn("z", "a"), turn("z", "21 st/äöü", "b")...)
	for name, c := range map[string]struct {
		req    provider.Request
		stubs  string
		forbid bool
	}{
		"calls":         {provider.Request{Messages: short}, first + `],`, true},
		"more calls":    {provider.Request{Messages: long}, first + `,{"name":"` + wiretool.Anthropic.Name("21 st/äöü") + `","description":"No longer available.","input_schema":{"type":"object"}},{"name":"b",`, true},
		"a choice":      {provider.Request{Messages: short, Settings: provider.Settings{Extra: json.RawMessage(`{"tool_choice":{"type":"any"}}`)}}, first, true},
		"none":          {provider.Request{Messages: short, Choice: provider.ToolChoice{Mode: provider.ToolsNone}}, first, true},
		"a server tool": {provider.Request{Messages: short, Settings: provider.Settings{Extra: json.RawMessage(`{"tools":[{"type":"web_search_20250305","name":"web_search"}]}`)}}, `{"type":"web_search_20250305","name":"web_search"}],`, false},
		"another tool":  {provider.Request{Messages: short, Tools: []*provider.Tool{{Name: "f", Schema: json.RawMessage(`{"type":"object"}`)}}}, `{"name":"f","input_schema":{"type":"object"}}],`, false},
		"no calls":      {provider.Request{Messages: short[:1]}, "", false},
	} {
		server := anthropicserver.New(providertest.Say("ok"))
		p := anthropic.New("m", anthropic.BaseURL(server.Start(t)), anthropic.APIKey("key-1"), anthropic.NoPromptCache())
		if _, err := p.Generate(t.Context(), &c.req, nil); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		body := string(server.Requests()[0])
		if want := `"tools":[` + c.stubs; strings.Contains(body, want) != (c.stubs != "") || strings.HasSuffix(body, `"tool_choice":{"type":"none"}}`) != c.forbid {
			t.Errorf("%s: %s\nlacks %s", name, body, want)
		}
		once := sent(t, &c.req)
		for range 100 {
			if again := sent(t, &c.req); again != once {
				t.Fatalf("%s: it is encoded anew: %s", name, cmp.Diff(once, again))
			}
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	messages := func(m ...*provider.Message) *provider.Request {
		return &provider.Request{Messages: adaptertest.Paired(m...)}
	}
	settings := func(s provider.Settings) *provider.Request { return &provider.Request{Settings: s} }
	for _, c := range []struct {
		req  *provider.Request
		kind provider.ErrorKind
		says string
	}{
		{messages(provider.User("a", provider.Media{MIME: "image/tiff", Data: []byte{1}})), provider.KindInvalidMedia, "message 0: part 1: the API has no media of type image/tiff"},
		{messages(provider.User("a", provider.Media{MIME: "image/png"})), provider.KindInvalidMedia, "neither data nor a URL"},
		{messages(results(provider.ToolResult{Name: "f", Parts: []provider.Part{provider.Media{MIME: "a/b", Data: []byte{1}}}})), provider.KindInvalidMedia, `the result of "f", part 0: the API has no media of type a/b`},
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
		{&provider.Request{OutputSchema: &provider.OutputSchema{Schema: json.RawMessage(`{"type":"object"}`)}}, provider.KindUnsupported, "output schema: the root allows additional properties"},
		{&provider.Request{OutputSchema: &provider.OutputSchema{Schema: json.RawMessage(`{"type":"object","properties":{"größe":{"type":"string"}},"additionalProperties":false}`)}}, provider.KindUnsupported, "output schema: the API does not accept these property names"},
		{settings(provider.Settings{Seed: new(int64(1))}), provider.KindUnsupported, "no seed"},
		{settings(provider.Settings{Stop: []string{"a", "\n"}}), provider.KindUnsupported, "only white space"},
		{settings(provider.Settings{Temperature: new(math.NaN())}), provider.KindInvalidRequest, "temperature is NaN"},
		{settings(provider.Settings{MaxOutputTokens: -1}), provider.KindInvalidRequest, "MaxOutputTokens is -1"},
		{settings(provider.Settings{Extra: json.RawMessage(`{"messages":[]}`)}), provider.KindInvalidRequest, `"messages" is reserved`},
		{settings(provider.Settings{Extra: json.RawMessage(`{"output_config":7}`)}), provider.KindInvalidRequest, "output_config: extra fields"},
	} {
		body, err := trySend(t, c.req)
		if e := adaptertest.Failure(t, err); e.Kind != c.kind || !strings.Contains(err.Error(), c.says) || body != "" {
			t.Errorf("%v\ndoes not say %s", err, c.says)
		}
	}
}
