package rules_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// steering is what a request asks of the model.
type steering struct {
	System string
	Prefix int // of System; 0 for all, -1 for nothing
	Tools  string
	All    string // "" if Tools are all
	Choice provider.ToolChoice
}

func steeredBy(r *provider.Request) steering {
	names := func(tools []*provider.Tool) string {
		var list []string
		for _, t := range tools {
			list = append(list, t.Name)
		}
		return strings.Join(list, " ")
	}
	return steering{r.System, r.SystemPrefix, names(r.Tools), names(r.AllTools), r.Choice}
}

// checkSteered compares what the requests of the script asked with what was wanted.
func checkSteered(t *testing.T, model *providertest.Script, want ...steering) {
	t.Helper()
	var got []steering
	for _, r := range model.Requests() {
		got = append(got, steeredBy(r))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the requests (-want +got):\n%s", diff)
	}
}

var twoTools = []funcall.Tool{tool("look", echo, funcall.ReadOnly()), tool("pay", echo)}

// choose returns the option for a choice that holds as long as the API's default.
func choose(mode provider.ToolMode, name string) funcall.RunOption {
	if name == "" {
		return funcall.WithToolChoice(mode)
	}
	return funcall.WithToolChoice(mode, name)
}

// Options of the agent, the session and the run apply in that order. Instructions add up.
func TestSteer_OptionsOfThreeLevels(t *testing.T) {
	model := providertest.NewScript(t, providertest.Say("a"), providertest.Say("b"), providertest.Say("c"))
	agent := newAgent(t, model, funcall.Config{
		Instructions: "Be brief.", Tools: twoTools,
		RunOptions: []funcall.RunOption{funcall.WithInstructions("The shop is open."), funcall.WithTools("look"), choose(provider.ToolsNone, "")},
	})
	chat := agent.Session("s", funcall.WithInstructions("Anna is a gold customer."), choose(provider.ToolsAuto, ""))
	for _, do := range []func() (*funcall.Result, error){
		func() (*funcall.Result, error) { return agent.Run(t.Context(), "Hi.") },
		func() (*funcall.Result, error) { return chat.Send(t.Context(), "Hi.") },
		func() (*funcall.Result, error) {
			return chat.Send(t.Context(), "Hi.", funcall.WithInstructions("Answer in verse."), funcall.WithTools("pay", "look"))
		},
	} {
		if _, err := do(); err != nil {
			t.Fatal(err)
		}
	}
	checkSteered(t, model,
		steering{"Be brief.\n\nThe shop is open.", 9, "look", "look pay", provider.ToolChoice{Mode: provider.ToolsNone}},
		steering{"Be brief.\n\nThe shop is open.\n\nAnna is a gold customer.", 9, "look", "look pay", provider.ToolChoice{}},
		steering{"Be brief.\n\nThe shop is open.\n\nAnna is a gold customer.\n\nAnswer in verse.", 9, "look pay", "look pay", provider.ToolChoice{}})
}

// A function for instructions is told the run, and asked once, though the session is loaded
// and the run begins anew. What it returned is stored.
func TestSteer_InstructionsAreAskedOnce(t *testing.T) {
	store := new(transcript.Memory)
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var asked []funcall.RunInfo
	model := providertest.NewScript(t, providertest.Say("a"), providertest.Say("b"), providertest.Say("c"))
	agent := newAgent(t, model, funcall.Config{
		Store: store, Now: func() time.Time { return noon },
		RunOptions: []funcall.RunOption{funcall.WithInstructionsFunc(func(_ context.Context, run funcall.RunInfo) (string, error) {
			asked = append(asked, run)
			return fmt.Sprintf("Question %d of %s.", len(asked), run.Subject), nil
		})},
	})
	other := newAgent(t, providertest.NewScript(t, providertest.Say("x")), funcall.Config{Store: store})
	chat := agent.Session("s", funcall.Subject("anna"))
	for range 2 {
		if _, err := chat.Send(t.Context(), "Hi."); err != nil {
			t.Fatal(err)
		}
		if len(asked) == 1 { // the agent's state of the session is stale from here on
			if _, err := other.Session("s", funcall.Subject("anna")).Send(t.Context(), "Hi."); err != nil {
				t.Fatal(err)
			}
		}
	}
	info := funcall.RunInfo{Session: "s", Subject: "anna", Time: noon}
	if diff := cmp.Diff([]funcall.RunInfo{info, info}, asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if _, err := agent.Run(t.Context(), "Hi."); err != nil {
		t.Fatal(err)
	}
	if run := asked[2]; !strings.HasPrefix(run.Session, "run-") || run.Subject != "" {
		t.Errorf("Run: %+v", run)
	}
	checkSteered(t, model,
		steering{System: "Question 1 of anna.", Prefix: -1}, steering{System: "Question 2 of anna.", Prefix: -1}, steering{System: "Question 3 of .", Prefix: -1})
	tr, err := chat.Transcript(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var stored []string
	for _, e := range tr.Entries {
		if in, ok := e.Body.(*transcript.Input); ok {
			text := ""
			if in.Steering != nil {
				text = in.Steering.Instructions
			}
			stored = append(stored, text)
		}
	}
	if want := []string{"Question 1 of anna.", "", "Question 2 of anna."}; !slices.Equal(stored, want) {
		t.Errorf("stored: %q", stored)
	}
}

// If a function for instructions gives no text, no model is asked and nothing is stored.
func TestSteer_InstructionsThatFail(t *testing.T) {
	broken := errors.New("the calendar is down")
	for name, c := range map[string]struct {
		ask  func(context.Context, funcall.RunInfo) (string, error)
		want string
	}{
		"an error":             {func(context.Context, funcall.RunInfo) (string, error) { return "x", broken }, "WithInstructionsFunc: the calendar is down"},
		"a panic":              {func(context.Context, funcall.RunInfo) (string, error) { panic("no calendar") }, "no calendar"},
		"an error's own panic": {func(context.Context, funcall.RunInfo) (string, error) { return "", panickyError{} }, "an error's own panic"},
		"no answer": {func(ctx context.Context, _ funcall.RunInfo) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}, "deadline exceeded"},
		"no return": {func(context.Context, funcall.RunInfo) (string, error) {
			time.Sleep(time.Hour)
			return "", nil
		}, "had not returned after 7s"},
		"too much": {func(context.Context, funcall.RunInfo) (string, error) { return strings.Repeat("x", 1<<20+1), nil }, "hold 1048577 bytes; at most 1048576"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				defer time.Sleep(2 * time.Hour)
				fails := false
				agent := newAgent(t, providertest.NewScript(t, providertest.Say("Hello.")), funcall.Config{})
				chat := agent.Session("s", funcall.WithInstructionsFunc(func(ctx context.Context, run funcall.RunInfo) (string, error) {
					if !fails {
						return "", nil
					}
					return c.ask(ctx, run)
				}))
				if _, err := chat.Send(t.Context(), "Hi."); err != nil {
					t.Fatal(err)
				}
				before, err := chat.Transcript(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				fails = true
				res, err := chat.Send(t.Context(), "Again.")
				if err == nil || !strings.Contains(err.Error(), c.want) || name == "an error" && !errors.Is(err, broken) {
					t.Errorf("Send returned %v", err)
				}
				if after, err := chat.Transcript(t.Context()); err != nil || len(after.Entries) != len(before.Entries) || len(res.Transcript.Entries) != len(before.Entries) {
					t.Errorf("%d entries, then %d, %v", len(before.Entries), len(after.Entries), err)
				}
				if res, err := agent.Run(t.Context(), "Hi.", funcall.WithInstructionsFunc(c.ask)); err == nil || res.Outcome != transcript.OutcomeFailed || len(res.Transcript.Entries) > 0 {
					t.Errorf("Run returned %v, %v", res, err)
				}
			})
		})
	}
}

// A run that is continued has what it began with, whatever the agent's configuration is now.
func TestR03_AContinuedRunIsTheRunThatBegan(t *testing.T) {
	began := func(p provider.Provider, store transcript.Store) *funcall.Agent {
		return newAgent(t, p, funcall.Config{
			Instructions: "Be brief.", Store: store, TakeoverAfter: time.Nanosecond,
			Tools:      append([]funcall.Tool{tool("gift", echo, always("gifts are dear"))}, twoTools...),
			RunOptions: []funcall.RunOption{funcall.WithInstructions("It is Monday.")},
		})
	}
	now := func(p provider.Provider, store transcript.Store) *funcall.Agent {
		return newAgent(t, p, funcall.Config{
			Instructions: "Be verbose.", Store: store, TakeoverAfter: time.Nanosecond,
			Tools:      []funcall.Tool{tool("new", echo), twoTools[1], tool("gift", echo, always("gifts are dear")), twoTools[0]},
			RunOptions: []funcall.RunOption{funcall.WithInstructions("It is Tuesday."), funcall.WithTools("new"), choose(provider.ToolsNone, "")},
		})
	}
	all := []funcall.RunOption{funcall.WithTools("gift", "look"), choose(provider.ToolsNamed, "look")}
	named, auto := provider.ToolChoice{Mode: provider.ToolsNamed, Name: "look"}, provider.ToolChoice{}
	for name, c := range map[string]struct {
		opts  []funcall.RunOption
		after int // appends, until the first agent crashes
		turns []providertest.Turn
		want  steering
	}{
		"before the first response": {all, 1, []providertest.Turn{providertest.Say("a")}, steering{"Be brief.\n\nIt is Monday.", 9, "gift look", "new pay gift look", named}},
		"after it":                  {all, 2, []providertest.Turn{providertest.Call("look", `{"id":"a"}`), providertest.Say("a")}, steering{"Be brief.\n\nIt is Monday.", 9, "gift look", "new pay gift look", auto}},
		"every step": {append(all[:1:1], funcall.WithToolChoiceEveryStep(provider.ToolsRequired)), 2, []providertest.Turn{providertest.Call("look", `{"id":"a"}`), providertest.Say("a")},
			steering{"Be brief.\n\nIt is Monday.", 9, "gift look", "new pay gift look", provider.ToolChoice{Mode: provider.ToolsRequired}}},
		"all tools": {nil, 1, []providertest.Turn{providertest.Say("a")}, steering{"Be brief.\n\nIt is Monday.", 9, "pay gift look", "new pay gift look", auto}},
	} {
		t.Run(name, func(t *testing.T) {
			store := new(transcript.Memory)
			first := began(providertest.NewScript(nil, c.turns...), &crashingStore{Store: store, after: c.after})
			if _, err := first.Session("s").Send(t.Context(), "Hi.", c.opts...); err == nil {
				t.Fatal("it did not crash")
			}
			model := providertest.NewScript(t, providertest.Say("done"))
			if res, err := now(model, store).Session("s", funcall.WithInstructions("Never.")).Resume(t.Context()); err != nil || res.Text() != "done" {
				t.Fatalf("%v, %v", res, err)
			}
			checkSteered(t, model, c.want)
		})
	}
	t.Run("a decision", func(t *testing.T) {
		store := new(transcript.Memory)
		res, err := began(providertest.NewScript(t, providertest.Call("gift", `{"id":"a"}`)), store).Session("s").Send(t.Context(), "Hi.", all[0])
		if err != nil || res.Outcome != transcript.OutcomeWaiting {
			t.Fatalf("%v, %v", res.Outcome, err)
		}
		model := providertest.NewScript(t, providertest.Say("done"), providertest.Say("again"))
		chat := now(model, store).Session("s")
		if _, err := chat.Decide(t.Context(), funcall.Deny(res.Pending[0], "")); err != nil {
			t.Fatal(err)
		}
		if _, err := chat.Send(t.Context(), "Thanks."); err != nil {
			t.Fatal(err)
		}
		checkSteered(t, model,
			steering{"Be brief.\n\nIt is Monday.", 9, "gift look", "new pay gift look", auto},
			steering{"Be verbose.\n\nIt is Tuesday.", 11, "new", "new pay gift look", provider.ToolChoice{Mode: provider.ToolsNone}})
	})
}

// If the agent that continues has no tool of the choice, the model decides.
func TestR03_AChoiceThatCannotBeMade(t *testing.T) {
	for name, opts := range map[string][]funcall.RunOption{
		"named":    {choose(provider.ToolsNamed, "look")},
		"required": {funcall.WithTools("look"), choose(provider.ToolsRequired, "")},
	} {
		store := new(transcript.Memory)
		first := newAgent(t, providertest.NewScript(nil, providertest.Say("a")), funcall.Config{Store: &crashingStore{Store: store, after: 1}, Tools: twoTools})
		if _, err := first.Session("s").Send(t.Context(), "Hi.", opts...); err == nil {
			t.Fatal("it did not crash")
		}
		model := providertest.NewScript(t, providertest.Say("done"))
		agent := newAgent(t, model, funcall.Config{Store: store, TakeoverAfter: time.Nanosecond, Tools: twoTools[1:]})
		if _, err := agent.Session("s").Resume(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if choice := model.Requests()[0].Choice; choice != (provider.ToolChoice{}) {
			t.Errorf("%s: %+v", name, choice)
		}
	}
}

// The agent's instructions and tools are stored once, and again when they have changed.
func TestSteer_TheSetupIsStoredOnce(t *testing.T) {
	store := new(transcript.Memory)
	var want []*transcript.Setup
	for i, cfg := range []funcall.Config{{Instructions: "a", Tools: twoTools}, {Instructions: "b", Tools: twoTools}, {Instructions: "b", Tools: twoTools[:1]}, {Instructions: "b"}} {
		setup := &transcript.Setup{Instructions: cfg.Instructions, Tools: []string{"look", "pay"}[:len(cfg.Tools)]}
		cfg.Store = store
		for range 2 { // agents, as after a restart
			agent := newAgent(t, providertest.NewScript(t, providertest.Say("a"), providertest.Say("b")), cfg)
			for range 2 {
				if _, err := agent.Session("s").Send(t.Context(), "Hi."); err != nil {
					t.Fatal(err)
				}
				want = append(want, setup)
				setup = nil
			}
		}
		tr, err := store.Load(t.Context(), "s")
		if err != nil {
			t.Fatal(err)
		}
		var got []*transcript.Setup
		for _, e := range tr.Entries {
			if in, ok := e.Body.(*transcript.Input); ok {
				got = append(got, in.Setup)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("configuration %d (-want +got):\n%s", i, diff)
		}
	}
}

// A call that the run may not make is refused, also one that streams.
func TestSteer_CallsOfOtherTools(t *testing.T) {
	for name, c := range map[string]struct {
		opt  funcall.RunOption
		told string
	}{
		"a subset": {funcall.WithTools("pay"), `unknown tool "look"`},
		"none":     {choose(provider.ToolsNone, ""), "no tools can be called in this run"},
		"nothing":  {funcall.WithTools(), "there are no tools"},
	} {
		for _, stream := range []bool{false, true} {
			var ran counter
			model := providertest.NewScript(t, providertest.Call("look", `{"id":"a"}`), providertest.Say("done").Expect(providertest.HasError("look", c.told)))
			agent := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{tool("look", ran.look, funcall.ReadOnly()), tool("pay", echo)}})
			res, err := send(t, agent.Session("s", c.opt), stream)
			if err != nil || res.Text() != "done" || res.Calls[0].Status != transcript.StatusRefused {
				t.Errorf("%s, streamed %t: %v, %v", name, stream, res, err)
			}
			check(t, res)
			if n := len(ran.ran) + ran.canceled; n > 0 {
				t.Errorf("%s, streamed %t: the tool ran %d times", name, stream, n)
			}
		}
	}
}

// A successful call of a tool of StopAfter ends the run, once its turn is answered.
func TestSteer_StopAfter(t *testing.T) {
	fail := errors.New("no money")
	var broke bool
	pay := tool("pay", func(ctx context.Context, i Item) (string, error) {
		if broke {
			return "", funcall.Visible(fail)
		}
		return echo(ctx, i)
	})
	model := providertest.NewScript(t,
		providertest.Calls(call("look", `{"id":"a"}`), call("pay", `{"id":"a"}`), call("look", `{"id":"b"}`)),
		providertest.Call("pay", `{"id":"a"}`), providertest.Say("It did not work."),
		providertest.Call("pay", `{"id":"a"}`), providertest.Say("Paid."))
	chat := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{twoTools[0], pay}}).Session("s")
	res, err := chat.Send(t.Context(), "Pay.", funcall.StopAfter("look"), funcall.StopAfter("pay"))
	if err != nil || res.Outcome != transcript.OutcomeDone || res.Reason != "called look" || res.Text() != "a++" || res.Steps != 1 {
		t.Fatalf("%s %q %q after %d steps, %v", res.Outcome, res.Reason, res.Text(), res.Steps, err)
	}
	broke = true
	if res, err = chat.Send(t.Context(), "Pay.", funcall.StopAfter("pay")); err != nil || res.Text() != "It did not work." {
		t.Fatalf("%q, %v", res.Text(), err)
	}
	broke = false // and no option
	if res, err = chat.Send(t.Context(), "Pay."); err != nil || res.Text() != "Paid." {
		t.Fatalf("%q, %v", res.Text(), err)
	}
	check(t, res)
}

// A condition is asked before each model call but the first. Its reason is stored.
func TestSteer_StopWhen(t *testing.T) {
	looks := func() *providertest.Script {
		return providertest.NewScript(nil, providertest.Calls(call("look", `{"id":"a"}`), call("lock", `{}`))).Loop()
	}
	var seen []int
	stop := func(_ context.Context, tr transcript.Transcript) (string, error) {
		if seen = append(seen, len(tr.Entries)); len(seen) == 3 {
			return "it goes round in circles", nil
		}
		return "", nil
	}
	model := looks()
	chat := newAgent(t, model, funcall.Config{Tools: twoTools}).Session("s")
	res, err := chat.Send(t.Context(), "Look.", funcall.StopWhen(func(context.Context, transcript.Transcript) (string, error) { return "", nil }), funcall.StopWhen(stop))
	if err != nil || res.Outcome != transcript.OutcomeDone || res.Reason != "stopped: it goes round in circles" || res.Steps != 3 || len(seen) != 3 {
		t.Fatalf("%s %q after %d steps, asked at %v, %v", res.Outcome, res.Reason, res.Steps, seen, err)
	}
	check(t, res)
	for i, c := range res.Calls {
		if c.Status == "" {
			t.Errorf("call %d has no result", i)
		}
	}
	if end, ok := res.Transcript.Entries[len(res.Transcript.Entries)-1].Body.(*transcript.End); !ok || end.Reason != res.Reason {
		t.Errorf("the last entry is %+v", end)
	}
}

// If a condition fails, the run fails, and can be resumed.
func TestSteer_StopWhenFails(t *testing.T) {
	for name, c := range map[string]struct {
		ask  funcall.StopFunc
		want string
	}{
		"an error": {func(context.Context, transcript.Transcript) (string, error) { return "", errors.New("no rule") }, "StopWhen: no rule"},
		"a panic":  {func(context.Context, transcript.Transcript) (string, error) { panic("no rule") }, "no rule"},
		"no return": {func(context.Context, transcript.Transcript) (string, error) {
			time.Sleep(time.Hour)
			return "", nil
		}, "had not returned"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				defer time.Sleep(2 * time.Hour)
				model := providertest.NewScript(t, providertest.Call("look", `{"id":"a"}`), providertest.Say("done"))
				chat := newAgent(t, model, funcall.Config{Tools: twoTools}).Session("s")
				res, err := chat.Send(t.Context(), "Look.", funcall.StopWhen(c.ask))
				if err == nil || !strings.Contains(err.Error(), c.want) || res.Outcome != transcript.OutcomeFailed || res.Calls[0].Status != transcript.StatusOK {
					t.Fatalf("%s, %v", res.Outcome, err)
				}
				if res, err = chat.Resume(t.Context()); err != nil || res.Text() != "done" { // without the condition
					t.Fatalf("%q, %v", res.Text(), err)
				}
			})
		})
	}
}

// A condition of the agent or the session is asked by Resume and Decide, too.
func TestSteer_StopWhenOfASession(t *testing.T) {
	model := providertest.NewScript(t, providertest.Call("gift", `{"id":"a"}`))
	agent := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{tool("gift", echo, always("gifts are dear"))}})
	chat := agent.Session("s", funcall.StopWhen(func(context.Context, transcript.Transcript) (string, error) { return "enough", nil }))
	res, err := chat.Send(t.Context(), "A gift.")
	if err != nil || res.Outcome != transcript.OutcomeWaiting {
		t.Fatalf("%s, %v", res.Outcome, err)
	}
	if res, err = chat.Decide(t.Context(), funcall.Approve(res.Pending[0])); err != nil || res.Reason != "stopped: enough" || res.Calls[0].Status != transcript.StatusOK {
		t.Fatalf("%s %q, %v", res.Outcome, res.Reason, err)
	}
}

// A run that waits for a person has an answer: the model's text or the waiting text.
func TestSteer_WaitingText(t *testing.T) {
	for name, c := range map[string]struct {
		turn providertest.Turn
		opts []funcall.RunOption
		want string
	}{
		"the model's": {providertest.Respond(&provider.Response{Message: provider.Assistant(provider.Text{Text: "One moment."}, call("gift", `{"id":"a"}`)), Finish: provider.FinishToolCalls}),
			[]funcall.RunOption{funcall.WithWaitingText("Please wait.")}, "One moment."},
		"the run's":   {providertest.Call("gift", `{"id":"a"}`), []funcall.RunOption{funcall.WithWaitingText("Please wait.")}, "Please wait."},
		"the default": {providertest.Call("gift", `{"id":"a"}`), nil, "This has to be approved by a person first. I will continue once that is done."},
	} {
		store := new(transcript.Memory)
		gift := []funcall.Tool{tool("gift", echo, always("gifts are dear"))}
		res, err := newAgent(t, providertest.NewScript(t, c.turn), funcall.Config{Store: store, Tools: gift}).Session("s").Send(t.Context(), "A gift.", c.opts...)
		if err != nil || res.Outcome != transcript.OutcomeWaiting || res.Text() != c.want {
			t.Errorf("%s: %q, %v", name, res.Text(), err)
		}
		again, err := newAgent(t, providertest.NewScript(t), funcall.Config{Store: store, Tools: gift}).Session("s", funcall.WithWaitingText("Other.")).Resume(t.Context())
		if err != nil || again.Text() != c.want {
			t.Errorf("%s, elsewhere: %q, %v", name, again.Text(), err)
		}
	}
}

// Options that cannot hold are refused: those of the agent by New, others before anything is
// stored.
func TestSteer_OptionsThatAreRefused(t *testing.T) {
	for want, opts := range map[string][]funcall.RunOption{
		`WithTools: unknown tool "lok"; did you mean "look"?`:               {funcall.WithTools("pay", "lok")},
		`StopAfter: unknown tool "refund"`:                                  {funcall.StopAfter("refund")},
		`WithToolChoice: unknown tool ""`:                                   {choose(provider.ToolsNamed, "")},
		`WithToolChoice: unknown mode "always"`:                             {choose("always", "")},
		`WithToolChoice names the tool "look"; that needs the mode "named"`: {choose(provider.ToolsRequired, "look")},
		`WithInstructionsFunc(nil)`:                                         {funcall.WithInstructionsFunc(nil)},
		`StopWhen(nil)`:                                                     {funcall.StopWhen(nil)},
		`a RunOption is nil`:                                                {nil},
		`WithLimits: Limits.Steps is negative`:                              {funcall.WithLimits(transcript.Limits{Steps: -1})},
		`the subject "\x00" holds NUL`:                                      {funcall.Subject("\x00")},
		`WithToolChoice: the tool "pay" is not among those of WithTools`:    {funcall.WithTools("look"), choose(provider.ToolsNamed, "pay")},
		`WithToolChoice: a call is required, and the run has no tools`:      {funcall.WithTools(), choose(provider.ToolsRequired, "")},
	} {
		if _, err := funcall.New(providertest.NewScript(t), funcall.Config{Tools: twoTools, RunOptions: opts}); err == nil || !strings.Contains(err.Error(), "Config.RunOptions: "+want) {
			t.Errorf("New: %v, want %s", err, want)
		}
		agent := newAgent(t, providertest.NewScript(t), funcall.Config{Tools: twoTools})
		for name, do := range map[string]func() (*funcall.Result, error){
			"Run":  func() (*funcall.Result, error) { return agent.Run(t.Context(), "Hi.", opts...) },
			"Send": func() (*funcall.Result, error) { return agent.Session("s", opts...).Send(t.Context(), "Hi.") },
			"NewInput": func() (*funcall.Result, error) {
				_, err := agent.NewInput(t.Context(), "s", "Hi.", opts...)
				return nil, err
			},
		} {
			if _, err := do(); err == nil || !strings.HasPrefix(err.Error(), "funcall: ") || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %s", name, err, want)
			}
		}
	}
	agent := newAgent(t, providertest.NewScript(t), funcall.Config{})
	if in, err := agent.NewInput(t.Context(), "s", "Hi.", funcall.WithInstructions("It is Monday.")); err != nil || in.Steering.Instructions != "It is Monday." {
		t.Errorf("NewInput: %+v, %v", in, err)
	}
}

// A run that is to call a tool first may end with an output that is asked for as a call, too.
func TestSteer_AChoiceAndAnOutputByTool(t *testing.T) {
	model := providertest.NewScript(t, providertest.Fail(&provider.Error{Kind: provider.KindUnsupported}),
		providertest.Call("look", `{"id":"a"}`), providertest.Call("answer", `{"id":"b"}`))
	agent := newAgent(t, model, funcall.Config{Tools: twoTools, RunOptions: []funcall.RunOption{funcall.WithTools("look")}})
	item, res, err := funcall.Generate[Item](t.Context(), agent, "Which?", choose(provider.ToolsNamed, "look"))
	if err != nil || item.ID != "b" {
		t.Fatalf("%+v, %v", item, err)
	}
	check(t, res)
	look := provider.ToolChoice{Mode: provider.ToolsNamed, Name: "look"}
	checkSteered(t, model, steering{Tools: "look", All: "look pay", Choice: look}, steering{Tools: "look", All: "look pay", Choice: look},
		steering{Tools: "look answer", All: "look pay answer", Choice: provider.ToolChoice{Mode: provider.ToolsRequired}})
}
