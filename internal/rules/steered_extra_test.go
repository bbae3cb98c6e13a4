package rules_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// TestSubsetBesideExtraMembers has extra members that have tools of the server's, or choose
// among tools, in a run that may call only some tools. They keep their meaning, so only the
// tools of the run are sent. An empty subset leaves the server's tools on.
func TestSubsetBesideExtraMembers(t *testing.T) {
	const (
		ofResponses = `{"tools":[{"type":"web_search"}]}`
		ofAnthropic = `{"tools":[{"type":"web_search_20250305","name":"web_search"}]}`
		ofGemini    = `{"tools":[{"googleSearch":{}}],"toolConfig":{"includeServerSideToolInvocations":true}}`
	)
	all := strings.Join(steeredTools[2:], " ")
	for _, c := range []struct {
		api, extra string
		tools      string            // of the run
		mode, want provider.ToolMode // of the run, and of the request
		sent       string            // a list of tools; a server's tool may have no name in it
	}{
		{"responses", ofResponses, "fetch", "", "", "fetch "},
		{"responses", ofResponses, "fetch", provider.ToolsRequired, provider.ToolsRequired, "fetch "},
		{"responses", ofResponses, "", "", "", ""},
		{"anthropic", ofAnthropic, "fetch", "", "", "fetch web_search"},
		{"anthropic", ofAnthropic, "", "", "", "web_search"},
		{"gemini", ofGemini, "fetch", "", "", "fetch"},
		{"gemini", ofGemini, "fetch", provider.ToolsRequired, provider.ToolsRequired, "fetch"},
		{"gemini", ofGemini, "", "", "", ""},

		{"chat", `{"tool_choice":"required"}`, "fetch", "", provider.ToolsRequired, "fetch"},
		{"chat", `{"tool_choice":"required"}`, "fetch", provider.ToolsNone, provider.ToolsNone, "fetch"},
		{"responses", `{"tool_choice":"required"}`, "fetch", "", provider.ToolsRequired, "fetch"},
		{"anthropic", `{"tool_choice":{"type":"any"}}`, "fetch", "", provider.ToolsRequired, "fetch"},
		{"gemini", `{"toolConfig":{"functionCallingConfig":{"mode":"ANY"}}}`, "fetch", "", provider.ToolsRequired, "fetch"},
		{"gemini", `{"toolConfig":{"retrievalConfig":{}}}`, "fetch", provider.ToolsNone, provider.ToolsNone, all},
	} {
		t.Run(fmt.Sprintf("%s, %s, %q, %q", c.api, c.extra, c.tools, c.mode), func(t *testing.T) {
			api := steered(c.api)
			server := api.serve(providertest.Say("Done."))
			agent := newAgent(t, api.dial(server.Start(t)), funcall.Config{Tools: steeredToolsOf(steeredTools[2:]), Settings: provider.Settings{Extra: json.RawMessage(c.extra)}})
			if _, err := agent.Run(t.Context(), "Hi", funcall.WithTools(strings.Fields(c.tools)...), funcall.WithToolChoice(c.mode)); err != nil {
				t.Fatal(err)
			}
			body := server.Requests()[0]
			got := api.read(t, body)
			if sent := strings.Join(got.Tools, " "); sent != c.sent || got.Choice.Mode != c.want || !slices.Equal(got.May, got.Tools) {
				t.Errorf("sent %q, of them %q may be called, choice %q; want %q, all of them, and %q: %s", sent, got.May, got.Choice.Mode, c.sent, c.want, body)
			}
			if strings.Contains(c.extra, "earch") != strings.Contains(string(body), "earch") {
				t.Errorf("the server's tool: %s", body)
			}
		})
	}
}

// TestSubsetAtTheLimit closes runs that may call only some tools at their limit. The request
// that closes a run has the tools of the one before it, so that the cache holds.
func TestSubsetAtTheLimit(t *testing.T) {
	for _, api := range steeredAPIs {
		for _, tools := range [][]string{{"look"}, {}} {
			server := api.serve(providertest.Call("look", `{}`), providertest.Say("That is all."))
			agent := newAgent(t, api.dial(server.Start(t)), funcall.Config{Tools: steeredToolsOf(steeredTools), Limits: transcript.Limits{Steps: 1}})
			res, err := agent.Run(t.Context(), "Hi", funcall.WithTools(tools...))
			if err != nil || res.Text() != "That is all." {
				t.Fatalf("%s, tools %q: %v: %q", api.name, tools, err, res.Text())
			}
			first, last := server.Requests()[0], server.Requests()[1]
			if diff := cmp.Diff(member(t, first, "tools"), member(t, last, "tools")); diff != "" {
				t.Errorf("%s, tools %q: %s", api.name, tools, diff)
			}
			if got := api.read(t, last).Choice.Mode; got != provider.ToolsNone {
				t.Errorf("%s, tools %q: the choice at the limit is %q", api.name, tools, got)
			}
		}
	}
}

// TestSubsetAndOutputByTool has structured outputs that the APIs cannot enforce, so that the
// model is asked for a call: that tool is added to those of the run.
func TestSubsetAndOutputByTool(t *testing.T) {
	type odd struct {
		Size int `json:"größe,omitempty"`
	}
	const schema = `{"type":"object","properties":{"größe":{"type":"integer"}}}`
	for _, name := range []string{"anthropic", "anthropic that thinks", "gemini"} {
		for _, c := range []struct {
			tools []string
			want  provider.ToolChoice
		}{
			{[]string{"look", "close"}, provider.ToolChoice{Mode: provider.ToolsRequired}},
			{[]string{}, provider.ToolChoice{Mode: provider.ToolsNamed, Name: "answer"}},
		} {
			api := steered(name)
			server := api.serve(providertest.Call("answer", written(t, api.names, schema, `{"größe":42}`)))
			agent := newAgent(t, api.dial(server.Start(t)), funcall.Config{Tools: steeredToolsOf([]string{"look", "fetch", "close"})})
			out, _, err := funcall.Generate[odd](t.Context(), agent, "Hi", funcall.WithTools(c.tools...))
			if err != nil || out.Size != 42 {
				t.Fatalf("%s, tools %q: %v, %v", name, c.tools, out, err)
			}
			may := append(slices.Clone(c.tools), "answer")
			want := steeredRequest{Tools: may, May: may, Choice: c.want}
			if api.restricts {
				want.Tools = []string{"look", "fetch", "close", "answer"}
				if c.want.Name != "" {
					want.May = want.Tools // the name says enough
				}
			}
			requests := server.Requests()
			body := requests[len(requests)-1]
			if diff := cmp.Diff(want, api.read(t, body)); diff != "" {
				t.Errorf("%s, tools %q (-want +got):\n%s\n%s", name, c.tools, diff, body)
			}
		}
	}
}

// TestCallOutsideOfTheSubset has models that call a tool of the agent's that the run may not
// call. The refusal has the tool's own name, not the one on the wire.
func TestCallOutsideOfTheSubset(t *testing.T) {
	for _, api := range steeredAPIs {
		server := api.serve(providertest.Call(api.names.Name("orders/list.all"), `{}`), providertest.Say("Done."))
		agent := newAgent(t, api.dial(server.Start(t)), funcall.Config{Tools: steeredToolsOf(steeredTools)})
		res, err := agent.Run(t.Context(), "Hi", funcall.WithTools("look"))
		if err != nil || len(res.Calls) != 1 {
			t.Fatalf("%s: %v, %+v", api.name, err, res.Calls)
		}
		if c := res.Calls[0]; c.Tool != "orders/list.all" || c.Status != transcript.StatusRefused {
			t.Errorf("%s: %+v", api.name, c)
		}
	}
}
