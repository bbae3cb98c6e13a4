package rules_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// The agent of the tests, and its tools. No API accepts the name of the second one.
const steeredInstructions = "Be kind. Say \"Grüezi\".\n<b>& brief</b>"

var steeredTools = []string{"look", "orders/list.all", "fetch", "close"}

// steeredToolsOf returns tools of those names.
func steeredToolsOf(names []string) (tools []funcall.Tool) {
	for _, name := range names {
		tools = append(tools, funcall.NewRawTool(name, "Does "+name+".", json.RawMessage(`{"type":"object","properties":{"id":{"type":"string"}}}`),
			func(context.Context, json.RawMessage) (any, error) { return "done", nil }, funcall.ReadOnly()))
	}
	return tools
}

// A steeredRun is a run with options.
type steeredRun struct {
	instructions string
	tools        []string // nil for all
	choice       transcript.ToolChoice
}

func (r steeredRun) String() string {
	return fmt.Sprintf("instructions %q, tools %q, choice %+v", r.instructions, r.tools, r.choice)
}

// options returns the options of the run: those for its session, and its own.
func (r steeredRun) options() (session, own []funcall.RunOption) {
	if r.instructions != "" {
		session = append(session, funcall.WithInstructions(r.instructions))
	}
	if r.tools != nil {
		own = append(own, funcall.WithTools(r.tools...))
	}
	choose := funcall.WithToolChoice
	if r.choice.EveryStep {
		choose = funcall.WithToolChoiceEveryStep
	}
	if r.choice.Name == "" {
		return session, append(own, choose(r.choice.Mode))
	}
	return session, append(own, choose(r.choice.Mode, r.choice.Name))
}

// steeredRuns are all options, alone and together.
func steeredRuns() (runs []steeredRun) {
	for _, instructions := range []string{"", "It is \"Monday\".\nZoë is here."} {
		for _, tools := range [][]string{nil, {"orders/list.all", "look"}, {"close", "look", "fetch"}, {}} {
			for _, choice := range []transcript.ToolChoice{
				{}, {Mode: provider.ToolsNone},
				{Mode: provider.ToolsRequired}, {Mode: provider.ToolsRequired, EveryStep: true},
				{Mode: provider.ToolsNamed, Name: "look"}, {Mode: provider.ToolsNamed, Name: "look", EveryStep: true},
			} {
				if len(tools) > 0 || tools == nil || choice.Mode == provider.ToolsAuto || choice.Mode == provider.ToolsNone {
					runs = append(runs, steeredRun{instructions, tools, choice})
				}
			}
		}
	}
	return runs
}

// turns returns the answers of the model in the run: a call, and then a text. A model thinks
// unless it is forced to call.
func (r steeredRun) turns(api steeredAPI) (call, text providertest.Turn) {
	call = providertest.Calls(provider.ToolCall{ID: "call_1", Name: "look", Args: `{"id":"a"}`})
	if api.thinks && !forces(r.choice.Mode) {
		call = call.WithReasoning("Let me see.")
	}
	return call, providertest.Say("Done.")
}

func forces(mode provider.ToolMode) bool {
	return mode == provider.ToolsRequired || mode == provider.ToolsNamed
}

// request returns the request of model call number step of the run, by an agent with those
// tools. began are the tools of the agent that began it.
func (r steeredRun) request(api steeredAPI, began, tools []string, step int) steeredRequest {
	may := began
	if r.tools != nil {
		may = r.tools
	}
	may = slices.DeleteFunc(slices.Clone(tools), func(name string) bool { return !slices.Contains(may, name) })
	want := steeredRequest{System: steeredInstructions, Tools: tools, May: may}
	if r.instructions != "" {
		want.System += "\n\n" + r.instructions
	}
	want.Choice = provider.ToolChoice{Mode: r.choice.Mode, Name: r.choice.Name}
	if forces(r.choice.Mode) && step > 0 && !r.choice.EveryStep ||
		r.choice.Mode == provider.ToolsNamed && !slices.Contains(may, r.choice.Name) ||
		r.choice.Mode == provider.ToolsRequired && len(may) == 0 {
		want.Choice = provider.ToolChoice{}
	}
	switch restricted := len(may) < len(tools); {
	case restricted && len(may) == 0:
		want.Choice, want.May = provider.ToolChoice{Mode: provider.ToolsNone}, tools
	case restricted && !api.restricts:
		want.Tools = may
	case want.Choice.Mode == provider.ToolsNone || want.Choice.Mode == provider.ToolsNamed: // which says enough
		want.May = tools
	}
	// A turn that began without thinking goes on without.
	want.Thinking = api.thinks && !forces(want.Choice.Mode) && (step == 0 || !forces(r.choice.Mode))
	onWire := func(names []string) []string {
		names = slices.Clone(names)
		for i, name := range names {
			names[i] = api.names.Name(name)
		}
		return names
	}
	want.Tools, want.May = onWire(want.Tools), onWire(want.May)
	return want
}

// finish reads the result of a run, whole or streamed.
func finish(t *testing.T, stream bool, whole func() (*funcall.Result, error), events func(func(funcall.Event, error) bool)) {
	t.Helper()
	var res *funcall.Result
	var err error
	if stream {
		for ev, failed := range events {
			res, err = ev.Result, failed
		}
	} else {
		res, err = whole()
	}
	if err != nil || res == nil || res.Text() != "Done." {
		t.Fatalf("%v, %v", res, err)
	}
}

// TestSteeredRequests runs every combination of instructions, tools and tool choice with each
// adapter, and reads the requests as the server received them.
func TestSteeredRequests(t *testing.T) {
	runs := steeredRuns()
	for _, api := range steeredAPIs {
		for _, stream := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/streamed=%v", api.name, stream), func(t *testing.T) {
				var turns []providertest.Turn
				for _, run := range runs {
					call, text := run.turns(api)
					turns = append(turns, call, text)
				}
				server := api.serve(turns...)
				agent := newAgent(t, api.dial(server.Start(t)), funcall.Config{Instructions: steeredInstructions, Tools: steeredToolsOf(steeredTools)})
				for i, run := range runs {
					session, own := run.options()
					chat := agent.Session(fmt.Sprint("s", i), session...)
					finish(t, stream, func() (*funcall.Result, error) { return chat.Send(t.Context(), "Hi", own...) }, chat.Stream(t.Context(), "Hi", own...))
					requests := server.Requests()[2*i:]
					if len(requests) != 2 {
						t.Fatalf("%v: %d requests", run, len(requests))
					}
					for step, body := range requests {
						if diff := cmp.Diff(run.request(api, steeredTools, steeredTools, step), api.read(t, body)); diff != "" {
							t.Errorf("%v, model call %d (-want +got):\n%s\n%s", run, step, diff, body)
						}
					}
				}
			})
		}
	}
}
