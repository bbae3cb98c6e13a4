package rules_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
	"github.com/funcall/funcall/provider/gemini"
	"github.com/funcall/funcall/provider/openai"
	"github.com/funcall/funcall/provider/providertest"
)

const ephemeral = `,"cache_control":{"type":"ephemeral"}`

// TestSessionsShareTheirBeginning has sessions with instructions of their own. Their requests
// begin with the same bytes as those of any other session of the agent, up to the place where
// the shared instructions end, and have the same tools. Anthropic's mark is at that place.
func TestSessionsShareTheirBeginning(t *testing.T) {
	text := string(jsontree.AppendString(nil, steeredInstructions))
	open := strings.TrimSuffix(text, `"`)
	for name, want := range map[string]struct {
		shared string            // the beginning
		own    map[string]string // what follows, by the session's own instructions
	}{
		"chat": {`{"model":"m","messages":[{"role":"system","content":` + open, map[string]string{
			"": `"},{`, "It is \"Monday\".": `\n\nIt is \"Monday\"."},{`, "Zoë.\n\nGold.": `\n\nZoë.\n\nGold."},{`}},
		"responses": {`{"model":"m","instructions":` + open, map[string]string{
			"": `","input":[`, "It is \"Monday\".": `\n\nIt is \"Monday\".","input":[`, "Zoë.\n\nGold.": `\n\nZoë.\n\nGold.","input":[`}},
		"anthropic": {`{"model":"m","system":[{"type":"text","text":` + text + ephemeral + `}`, map[string]string{
			"": `],"messages":[`, "It is \"Monday\".": `,{"type":"text","text":"It is \"Monday\"."}],"messages":[`, "Zoë.\n\nGold.": `,{"type":"text","text":"Zoë.\n\nGold."}],"messages":[`}},
		"gemini": {`{"systemInstruction":{"parts":[{"text":` + text + `}`, map[string]string{
			"": `]},"contents":[`, "It is \"Monday\".": `,{"text":"It is \"Monday\"."}]},"contents":[`, "Zoë.\n\nGold.": `,{"text":"Zoë.\n\nGold."}]},"contents":[`}},
	} {
		t.Run(name, func(t *testing.T) {
			api := steered(name)
			server := api.serve(slices.Repeat([]providertest.Turn{providertest.Say("Hello.")}, 12)...)
			agent := newAgent(t, api.dial(server.Start(t)), funcall.Config{Instructions: steeredInstructions, Tools: steeredToolsOf(steeredTools)})
			var tools string
			for range 2 {
				for own, next := range want.own {
					for _, some := range [][]string{nil, {"look", "close"}} {
						opts := []funcall.RunOption{funcall.WithInstructions(own)}
						if some != nil {
							opts = append(opts, funcall.WithTools(some...))
						}
						if _, err := agent.Session(fmt.Sprint(own, some), opts...).Send(t.Context(), "Hi"); err != nil {
							t.Fatal(err)
						}
						requests := server.Requests()
						body := string(requests[len(requests)-1])
						if !strings.HasPrefix(body, want.shared+next) {
							t.Errorf("the request does not begin with\n%s\n%s", want.shared+next, body)
						}
						if n := strings.Count(body, "cache_control"); n > 4 {
							t.Errorf("%d marks", n)
						}
						if some != nil && !api.restricts {
							continue
						}
						var sent struct{ Tools json.RawMessage }
						parse(t, []byte(body), &sent)
						if tools == "" {
							tools = string(sent.Tools)
						}
						if string(sent.Tools) != tools {
							t.Errorf("other tools than in the request of another session:\n%s\n%s", sent.Tools, tools)
						}
					}
				}
			}
		})
	}
}

// TestMarkWithoutSharedInstructions has an agent without instructions. What its sessions share
// are its tools, so Anthropic's mark follows them.
func TestMarkWithoutSharedInstructions(t *testing.T) {
	for _, c := range []struct {
		tools  []string
		begins string
		marked string
	}{
		{steeredTools, `{"model":"m","system":[{"type":"text","text":"It is Monday."}],"messages":[`, ephemeral + `}],"max_tokens"`},
		{nil, `{"model":"m","system":[{"type":"text","text":"It is Monday."` + ephemeral + `}],"messages":[`, ""},
	} {
		api := steered("anthropic")
		server := api.serve(providertest.Say("Hello."))
		agent := newAgent(t, api.dial(server.Start(t)), funcall.Config{Tools: steeredToolsOf(c.tools)})
		if _, err := agent.Run(t.Context(), "Hi", funcall.WithInstructions("It is Monday.")); err != nil {
			t.Fatal(err)
		}
		if body := string(server.Requests()[0]); !strings.HasPrefix(body, c.begins) || !strings.Contains(body, c.marked) || strings.Count(body, "cache_control") != 2 {
			t.Errorf("%d tools: %s", len(c.tools), body)
		}
	}
}

// TestOwnInstructionsEncodeNothingAgain alternates between two conversations with long shared
// instructions: neither makes the client encode them again.
func TestOwnInstructionsEncodeNothingAgain(t *testing.T) {
	adaptertest.CountsAllocations(t)
	shared := strings.Repeat("Be kind. ", 12<<10)
	var requests []*provider.Request
	for _, own := range []string{"It is Monday.", "It is Tuesday."} {
		requests = append(requests, &provider.Request{System: shared + own, SystemPrefix: len(shared), Messages: []*provider.Message{provider.User("Hi")}})
	}
	says := func(document string) *http.Client { return adaptertest.ReplayBytes("application/json", document) }
	for name, p := range map[string]provider.Provider{
		"chat":      openai.New("m", openai.HTTPClient(says(`{"choices":[{"message":{"content":"ok"},"finish_reason":"stop"}]}`))),
		"responses": openai.NewResponses("m", openai.HTTPClient(says(`{"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"ok"}]}]}`))),
		"anthropic": anthropic.New("m", anthropic.APIKey("k"), anthropic.HTTPClient(says(`{"content":[{"type":"text","text":"ok"}],"stop_reason":"end_turn"}`))),
		"gemini":    gemini.New("m", gemini.HTTPClient(says(`{"candidates":[{"content":{"parts":[{"text":"ok"}]},"finishReason":"STOP"}]}`))),
	} {
		const times = 100
		var before, after runtime.MemStats
		for i := range times + 2 {
			if i == 2 {
				runtime.ReadMemStats(&before)
			}
			if _, err := p.Generate(t.Context(), requests[i%2], nil); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		runtime.ReadMemStats(&after)
		if each := (after.TotalAlloc - before.TotalAlloc) / times; each > uint64(len(shared)/2) {
			t.Errorf("%s: a request allocates %d bytes, of %d of instructions", name, each, len(shared))
		}
	}
}
