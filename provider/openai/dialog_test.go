package openai_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/internal/apitest/chatserver"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

// What dialogs are made of.
var (
	hi, well = provider.User("Hi"), provider.User("Well \"then\"?")
	nothing  = provider.User("")
	picture  = provider.Media{MIME: "image/png", Data: []byte{1, 2}}
	see      = provider.User("See", picture)
	greets   = provider.Assistant(provider.Text{Text: "Hello"})
	wordless = provider.Assistant(provider.Reasoning{Text: "Hm"})
	brief    = &provider.Message{Role: provider.RoleSystem, Parts: []provider.Part{provider.Text{Text: "Be brief."}}}
	look     = provider.Assistant(provider.ToolCall{ID: "abcDEF123", Name: "look", Args: "{}"})
	seen     = &provider.Message{Role: provider.RoleTool, Parts: []provider.Part{provider.ToolResult{CallID: "abcDEF123", Name: "look", Parts: []provider.Part{provider.Text{Text: `,{"role":"user","content":["`}}}}}
	shown    = &provider.Message{Role: provider.RoleTool, Parts: []provider.Part{provider.ToolResult{CallID: "abcDEF123", Name: "look", Parts: []provider.Part{provider.Text{Text: `,{"role":"user","content":["`}, picture}}}}
)

// And what they are on the wire.
const (
	wireImage   = `{"type":"image_url","image_url":{"url":"data:image/png;base64,AQI="}}`
	wireHi      = `{"role":"user","content":"Hi"}`
	wireWell    = `{"role":"user","content":"Well \"then\"?"}`
	wireSee     = `{"role":"user","content":[{"type":"text","text":"See"},` + wireImage + `]}`
	wireHello   = `{"role":"assistant","content":"Hello"}`
	wireLook    = `{"role":"assistant","content":null,"tool_calls":[{"id":"abcDEF123","type":"function","function":{"name":"look","arguments":"{}"}}]}`
	wireSeen    = `{"role":"tool","tool_call_id":"abcDEF123","content":",{\"role\":\"user\",\"content\":[\""}`
	wireWhose   = `{"type":"text","text":"From the result of the tool call abcDEF123 (look):"},` + wireImage
	wireGoOn    = `{"role":"user","content":"Go on."}`
	wireNoted   = `{"role":"assistant","content":"Noted."}`
	wireNothing = `{"role":"user","content":"(nothing)"}`
)

// TestAdjacentUserMessagesAreJoined has adjacent user messages, as after a failed turn. Chat
// templates refuse them.
func TestAdjacentUserMessagesAreJoined(t *testing.T) {
	for name, c := range map[string]struct {
		messages []*provider.Message
		want     string
	}{
		"one":                  {[]*provider.Message{hi}, wireHi},
		"two":                  {[]*provider.Message{hi, well}, `{"role":"user","content":"Hi\n\nWell \"then\"?"}`},
		"three, and an end":    {[]*provider.Message{hi, well, hi, greets, hi}, `{"role":"user","content":"Hi\n\nWell \"then\"?\n\nHi"},` + wireHello + "," + wireHi},
		"apart":                {[]*provider.Message{hi, greets, well}, wireHi + "," + wireHello + "," + wireWell},
		"nothing among them":   {[]*provider.Message{nothing, hi, nothing, well}, `{"role":"user","content":"Hi\n\nWell \"then\"?"}`},
		"nothing at all":       {[]*provider.Message{nothing, nothing}, `{"role":"user","content":""}`},
		"nothing but one":      {[]*provider.Message{nothing, hi}, wireHi},
		"a picture first":      {[]*provider.Message{see, hi}, `{"role":"user","content":[{"type":"text","text":"See"},` + wireImage + `,{"type":"text","text":"Hi"}]}`},
		"a picture last":       {[]*provider.Message{nothing, hi, see}, `{"role":"user","content":[{"type":"text","text":"Hi"},{"type":"text","text":"See"},` + wireImage + `]}`},
		"two pictures":         {[]*provider.Message{see, see, greets}, `{"role":"user","content":[{"type":"text","text":"See"},` + wireImage + `,{"type":"text","text":"See"},` + wireImage + `]},` + wireHello},
		"behind a result":      {[]*provider.Message{hi, look, seen, hi, well}, wireHi + "," + wireLook + "," + wireSeen + `,{"role":"user","content":"Hi\n\nWell \"then\"?"}`},
		"a result's picture":   {[]*provider.Message{hi, look, shown, greets}, wireHi + "," + wireLook + "," + wireSeen + `,{"role":"user","content":[` + wireWhose + `]},` + wireHello},
		"and a user's words":   {[]*provider.Message{hi, look, shown, hi}, wireHi + "," + wireLook + "," + wireSeen + `,{"role":"user","content":[` + wireWhose + `,{"type":"text","text":"Hi"}]}`},
		"the system between":   {[]*provider.Message{hi, brief, well}, wireHi + `,{"role":"system","content":"Be brief."},` + wireWell},
		"the model twice":      {[]*provider.Message{hi, greets, greets}, wireHi + "," + wireHello + "," + wireHello},
		"the system, to begin": {[]*provider.Message{brief, hi, well}, `{"role":"system","content":"Be brief."},{"role":"user","content":"Hi\n\nWell \"then\"?"}`},
	} {
		for range 2 { // the second time the messages have kept their encodings
			if diff := cmp.Diff(`{"model":"gpt-test","messages":[`+c.want+`]}`, sent(t, &provider.Request{Messages: c.messages}, false)); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	}
}

// TestAlternateRoles has conversations in which user and model do not alternate.
func TestAlternateRoles(t *testing.T) {
	for name, c := range map[string]struct {
		messages []*provider.Message
		want     string
	}{
		"turns":                {[]*provider.Message{hi, look, seen, greets, well}, wireHi + "," + wireLook + "," + wireSeen + "," + wireHello + "," + wireWell},
		"a turn that failed":   {[]*provider.Message{hi, look, seen, well}, wireHi + "," + wireLook + "," + wireSeen + "," + wireNoted + "," + wireWell},
		"a result's picture":   {[]*provider.Message{hi, look, shown, well}, wireHi + "," + wireLook + "," + wireSeen + "," + wireNoted + `,{"role":"user","content":[` + wireWhose + `,{"type":"text","text":"Well \"then\"?"}]}`},
		"a picture, answered":  {[]*provider.Message{hi, look, shown, greets, well}, wireHi + "," + wireLook + "," + wireSeen + "," + wireNoted + `,{"role":"user","content":[` + wireWhose + `]},` + wireHello + "," + wireWell},
		"the model begins":     {[]*provider.Message{greets, hi}, wireNothing + "," + wireHello + "," + wireHi},
		"the model ends":       {[]*provider.Message{hi, greets}, wireHi + "," + wireHello + "," + wireGoOn},
		"the model twice":      {[]*provider.Message{hi, greets, greets, well}, wireHi + "," + wireHello + "," + wireGoOn + "," + wireHello + "," + wireWell},
		"an answer and a call": {[]*provider.Message{hi, greets, look, seen}, wireHi + "," + wireHello + "," + wireGoOn + "," + wireLook + "," + wireSeen},
		"an empty answer":      {[]*provider.Message{hi, wordless, well}, `{"role":"user","content":"Hi\n\nWell \"then\"?"}`},
		"the system between":   {[]*provider.Message{hi, greets, brief, well}, wireHi + "," + wireHello + `,{"role":"user","content":"Be brief.\n\nWell \"then\"?"}`},
		"the system, to begin": {[]*provider.Message{brief, hi}, `{"role":"system","content":"Be brief."},` + wireHi},
		"the system last":      {[]*provider.Message{hi, look, seen, brief}, wireHi + "," + wireLook + "," + wireSeen + "," + wireNoted + `,{"role":"user","content":"Be brief."}`},
	} {
		got := sent(t, &provider.Request{Messages: c.messages}, false, openai.WithQuirks(openai.Quirks{AlternateRoles: true}))
		if diff := cmp.Diff(`{"model":"gpt-test","messages":[`+c.want+`]}`, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if err := chatserver.NewMistral().Check(nil, []byte(got)); err != nil {
			t.Errorf("%s: %v: %s", name, err, got)
		}
	}
	for _, m := range []*provider.Message{hi, greets, brief} { // a message has an encoding for either kind of server
		if _, err := trySend(t, &provider.Request{Messages: []*provider.Message{hi, m, hi}}, false); err != nil {
			t.Error(err)
		}
	}
	if got := sent(t, &provider.Request{Messages: []*provider.Message{hi, brief}}, false); !strings.Contains(got, `"role":"system"`) {
		t.Errorf("a server without the quirk is sent %s", got)
	}
	broken := &provider.Message{Role: provider.RoleSystem, Parts: []provider.Part{picture}}
	_, err := trySend(t, &provider.Request{Messages: []*provider.Message{hi, broken}}, false, openai.WithQuirks(openai.Quirks{AlternateRoles: true}))
	if e := failure(t, err); e.Kind != provider.KindInvalidRequest || !strings.Contains(e.Message, `role "system" cannot hold`) {
		t.Error(err)
	}
}

// TestShortCallIDs has call IDs of other APIs, which Mistral refuses.
func TestShortCallIDs(t *testing.T) {
	short := openai.WithQuirks(openai.Quirks{ShortCallIDs: true})
	ids := func(calls ...string) []string {
		t.Helper()
		m := provider.Assistant()
		for _, id := range calls {
			m.Parts = append(m.Parts, provider.ToolCall{ID: id, Name: "f", Args: "{}"})
		}
		req := &provider.Request{Messages: adaptertest.Paired(hi, m)}
		body := sent(t, req, false, short)
		if again := sent(t, req, false, short); again != body {
			t.Errorf("the same request, other bytes:\n%s\n%s", body, again)
		}
		if err := chatserver.NewMistral().Check(nil, []byte(body)); err != nil {
			t.Errorf("%q: %v", calls, err)
		}
		var request struct {
			Messages []struct {
				ToolCalls []struct{ ID string } `json:"tool_calls"`
				ID        string                `json:"tool_call_id"`
			}
		}
		if err := json.Unmarshal([]byte(body), &request); err != nil {
			t.Fatal(err)
		}
		var written []string
		for i, call := range request.Messages[1].ToolCalls {
			written = append(written, call.ID)
			if result := request.Messages[2+i].ID; result != call.ID {
				t.Errorf("%q: the call is %s, its result %s", calls, call.ID, result)
			}
		}
		return written
	}
	if got := ids("abcDEF123", "000000000"); got[0] != "abcDEF123" || got[1] != "000000000" {
		t.Errorf("IDs that fit are replaced: %q", got)
	}
	odd := []string{"toolu_01A09q90qw90lq917835lq9", "call_1", "call_2", "abcDEF12", "abcDEF1234", "abcDEF12_", "äbcdefgh", "f"}
	first := ids(odd...)
	seen := map[string]bool{}
	for i, id := range first {
		if seen[id] || id == odd[i] {
			t.Errorf("%q is written as %q", odd[i], id)
		}
		seen[id] = true
	}
	if diff := cmp.Diff(first[1:2], ids("call_1")); diff != "" {
		t.Errorf("an ID is written in another way in another request: %s", diff)
	}
	// An ID that fits is what another one is written as: both are replaced.
	both := ids(first[0], odd[0])
	if both[0] == both[1] || both[0] == first[0] {
		t.Errorf("%q and %q are written as %q", first[0], odd[0], both)
	}
	if got := ids(odd[0]); got[0] != first[0] {
		t.Errorf("%q is written as %q, and was as %q", odd[0], got[0], first[0])
	}
	// The message is the same one, which has kept how it was written before.
	one, two := provider.Assistant(provider.ToolCall{ID: odd[0], Name: "f", Args: "{}"}), provider.Assistant(provider.ToolCall{ID: first[0], Name: "f", Args: "{}"})
	alone := sent(t, &provider.Request{Messages: adaptertest.Paired(hi, one)}, false, short)
	if body := sent(t, &provider.Request{Messages: adaptertest.Paired(hi, one, two)}, false, short); strings.Count(body, first[0]) > 0 || !strings.Contains(body, both[0]) || !strings.Contains(body, both[1]) {
		t.Errorf("two calls of %q: %s", both, body)
	}
	if again := sent(t, &provider.Request{Messages: adaptertest.Paired(hi, one)}, false, short); again != alone {
		t.Errorf("the same request, other bytes:\n%s\n%s", alone, again)
	}
	// Media behind the result say whose they are.
	m := &provider.Message{Role: provider.RoleTool, Parts: []provider.Part{provider.ToolResult{CallID: "call_1", Name: "f", Parts: []provider.Part{picture}}}}
	if body := sent(t, &provider.Request{Messages: adaptertest.Paired(m)}, false, short); !strings.Contains(body, "tool call "+first[1]+" (f)") || strings.Contains(body, "call_1") {
		t.Errorf("media: %s", body)
	}
}

// TestReasoningContent sends messages of other models to one that requires reasoning_content
// with each.
func TestReasoningContent(t *testing.T) {
	thought := func(text, owner, state string) *provider.Message {
		return provider.Assistant(provider.Reasoning{Text: text, State: provider.State{Owner: owner, Data: json.RawMessage(state)}}, provider.Text{Text: "Hello"})
	}
	const server, field, details = "openai.chat|api.openai.com", `{"field":"reasoning_content"}`, `{"field":"reasoning","details":[{"type":"reasoning.encrypted","data":"x"}]}`
	for name, c := range map[string]struct {
		message *provider.Message
		want    string
	}{
		"none":                       {greets, `"content":"Hello","reasoning_content":" "}`},
		"a call":                     {look, `"content":null,"reasoning_content":" ","tool_calls":[`},
		"its own":                    {thought("Hm", server+"|gpt-test", field), `"content":"Hello","reasoning_content":"Hm"}`},
		"its own, details alone":     {thought("", server+"|gpt-test", `{"field":"","details":[{"type":"reasoning.encrypted","data":"x"}]}`), `"content":"Hello","reasoning_content":" ","reasoning_details":[{"type":"reasoning.encrypted","data":"x"}]}`},
		"its own, unreadable":        {thought("", server+"|gpt-test", `[]`), `"content":"Hello","reasoning_content":" "}`},
		"its own, of another field":  {thought("", server+"|gpt-test", `{"field":"thinking"}`), `"content":"Hello","reasoning_content":" "}`},
		"its own, empty":             {thought("", server+"|gpt-test", field), `"content":"Hello","reasoning_content":" "}`},
		"its own, by details":        {thought("Hm", server+"|gpt-test", details), `"content":"Hello","reasoning":"Hm","reasoning_details":[{"type":"reasoning.encrypted","data":"x"}]}`},
		"another model's":            {thought("Hm", server+"|other", field), `"content":"Hello","reasoning_content":"Hm"}`},
		"another model's, encrypted": {thought("Hm", server+"|other", details), `"content":"Hello","reasoning_content":"Hm"}`},
		"another model's, empty":     {thought("", server+"|other", details), `"content":"Hello","reasoning_content":" "}`},
		"another server's":           {thought("Hm", "openai.chat|elsewhere|gpt-test", field), `"content":"Hello","reasoning_content":" "}`},
		"another API's":              {thought("Hm", "anthropic|api.anthropic.com|claude", `{"signature":"x"}`), `"content":"Hello","reasoning_content":" "}`},
	} {
		body := sent(t, &provider.Request{Messages: adaptertest.Paired(hi, c.message)}, false, openai.WithQuirks(openai.Quirks{ReasoningContent: true}))
		if !strings.Contains(body, c.want) {
			t.Errorf("%s: %s\nlacks %s", name, body, c.want)
		}
	}
}

// TestPresets tests the quirks of known servers and models by the requests.
func TestPresets(t *testing.T) {
	type quirks struct{ alternate, short, reasoning bool }
	mistral, gemma, thinks := quirks{true, true, false}, quirks{true, false, false}, quirks{false, false, true}
	const elsewhere = "http://localhost:8000/v1"
	for _, c := range []struct {
		model, url string
		want       quirks
	}{
		{"gpt-5-mini", "https://api.openai.com/v1", quirks{}},
		{"anything", "https://api.mistral.ai/v1", mistral},
		{"anything", "https://codestral.mistral.ai/v1", mistral},
		{"anything", "https://api.mistral.ai:8443/v1", mistral},
		{"anything", "https://notmistral.ai/v1", quirks{}},
		{"anything", "https://mistral.ai.example/v1", quirks{}},
		{"mistralai/Mistral-Small-3.2-24B-Instruct-2506", elsewhere, mistral},
		{"ministral-8b-latest", elsewhere, mistral},
		{"magistral-medium", elsewhere, mistral},
		{"codestral-latest", elsewhere, mistral},
		{"mistralai/devstral-small", elsewhere, mistral},
		{"pixtral-12b", elsewhere, mistral},
		{"open-mixtral-8x22b", elsewhere, mistral},
		{"google/gemma-3-27b-it", elsewhere, gemma},
		{"gemma3:12b", elsewhere, gemma},
		{"anything", "https://api.moonshot.ai/v1", thinks},
		{"anything", "https://api.moonshot.cn/v1", thinks},
		{"anything", "https://api.kimi.com/coding/v1", thinks},
		{"moonshotai/Kimi-K2.5", elsewhere, thinks},
		{"moonshotai/kimi-k2-thinking", elsewhere, thinks},
		{"accounts/fireworks/models/kimi-k2p5", elsewhere, thinks},
		{"moonshotai/kimi-k2-instruct", elsewhere, quirks{}},
		{"anything", "https://api.deepseek.com", thinks},
		{"deepseek-ai/DeepSeek-V3.2", elsewhere, thinks},
		{"deepseek-v4-pro", elsewhere, thinks},
		{"deepseek-r1-distill-llama-70b", elsewhere, quirks{}},
		{"deepseek-v3", elsewhere, quirks{}},
		{"anything", "https://API.Mistral.AI/v1", mistral},
		{"ft:gpt-4.1:mistral-hotel::x", "https://api.openai.com/v1", quirks{}},
		{"ft:anything", "https://api.mistral.ai/v1", mistral},
		{"openai/ft:gpt-4.1:gemma::x", elsewhere, quirks{}},
		{"mistral-hotel/gpt-4.1", elsewhere, quirks{}},
	} {
		hc, bodies := adaptertest.Record(`{"choices":[{"message":{"content":"ok"}}]}`)
		call := provider.Assistant(provider.ToolCall{ID: "call_1", Name: "f", Args: "{}"})
		req := &provider.Request{Messages: adaptertest.Paired(hi, call, hi)}
		for _, opts := range [][]openai.Option{nil, {openai.WithQuirks(openai.Quirks{})}} {
			if _, err := openai.New(c.model, append(opts, openai.BaseURL(c.url), openai.HTTPClient(hc))...).Generate(t.Context(), req, nil); err != nil {
				t.Fatal(err)
			}
		}
		body := (*bodies)[0]
		if got := (quirks{strings.Contains(body, wireNoted), !strings.Contains(body, "call_1"), strings.Contains(body, "reasoning_content")}); got != c.want {
			t.Errorf("%s at %s: %+v, want %+v", c.model, c.url, got, c.want)
		}
		if body := (*bodies)[1]; strings.Contains(body, wireNoted) || !strings.Contains(body, "call_1") || strings.Contains(body, "reasoning_content") {
			t.Errorf("%s at %s: quirks that were turned off: %s", c.model, c.url, body)
		}
	}
}

// TestUnreadableMediaOfATool has a result with a malformed data URL: a text replaces it, and
// no user message follows.
func TestUnreadableMediaOfATool(t *testing.T) {
	broken := provider.Media{URL: "data:x"}
	result := func(p ...provider.Part) *provider.Message {
		return &provider.Message{Role: provider.RoleTool, Parts: []provider.Part{provider.ToolResult{CallID: "abcDEF123", Name: "look", Parts: p}}}
	}
	const text = `{"role":"tool","tool_call_id":"abcDEF123","content":"[media left out: the data URL \"data:x\" cannot be read: no comma; want data:<type>;base64,<data>]"}`
	for name, c := range map[string]struct {
		result *provider.Message
		want   string
	}{
		"alone":            {result(broken), text + "," + wireHi},
		"beside a picture": {result(broken, picture), text + `,{"role":"user","content":[` + wireWhose + `,{"type":"text","text":"Hi"}]}`},
	} {
		got := sent(t, &provider.Request{Messages: []*provider.Message{hi, look, c.result, hi}}, false)
		if diff := cmp.Diff(`{"model":"gpt-test","messages":[`+wireHi+","+wireLook+","+c.want+`]}`, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
