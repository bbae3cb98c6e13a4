package rules_test

import (
	"context"
	"errors"
	"fmt"
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

// An error of the program that tells of another, deleted session ends the run like any other:
// what a tool has done is stored.
func TestR04_AnErrorOfAnotherDeletedSession(t *testing.T) {
	deleted := fmt.Errorf("the sub-session: %w", transcript.ErrDeleted)
	for name, opts := range map[string][]funcall.RunOption{
		"a tool":      nil,
		"a condition": {funcall.StopWhen(func(context.Context, transcript.Transcript) (string, error) { return "", deleted })},
	} {
		pay := tool("pay", func(ctx context.Context, i Item) (string, error) {
			if opts == nil {
				return "", funcall.Fatal(deleted)
			}
			return echo(ctx, i)
		})
		store := new(transcript.Memory)
		agent := newAgent(t, providertest.NewScript(t, providertest.Call("pay", `{"id":"a"}`)), funcall.Config{Store: store, Tools: []funcall.Tool{pay}})
		res, err := agent.Session("s").Send(t.Context(), "Pay.", opts...)
		if !errors.Is(err, transcript.ErrDeleted) || res.Outcome != transcript.OutcomeFailed {
			t.Errorf("%s: %s, %v", name, res.Outcome, err)
		}
		if tr, err := store.Load(t.Context(), "s"); err != nil || len(tr.Entries) != len(res.Transcript.Entries) || len(tr.Entries) != 5 {
			t.Errorf("%s: %d entries are stored of %d, %v", name, len(tr.Entries), len(res.Transcript.Entries), err)
		}
	}
}

// An option does not change by being used: not by an option before it, and not in another run.
func TestSteer_OptionsAreNotChanged(t *testing.T) {
	shared := funcall.WithSettings(provider.Settings{Seed: new(int64(7))})
	model := providertest.NewScript(t, providertest.Say("a"), providertest.Say("b"))
	agent := newAgent(t, model, funcall.Config{})
	for _, opts := range [][]funcall.RunOption{{funcall.WithSettings(provider.Settings{Temperature: new(0.5)}), shared}, {shared}} {
		if _, err := agent.Run(t.Context(), "Hi.", opts...); err != nil {
			t.Fatal(err)
		}
	}
	want := []provider.Settings{{Temperature: new(0.5), Seed: new(int64(7))}, {Seed: new(int64(7))}}
	if diff := cmp.Diff(want, []provider.Settings{model.Requests()[0].Settings, model.Requests()[1].Settings}); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

// A condition sees the result of each call, refused ones included, and all of it is stored.
func TestSteer_StopWhenSeesWhatIsStored(t *testing.T) {
	store := new(transcript.Memory)
	asked := 0
	stop := func(ctx context.Context, tr transcript.Transcript) (string, error) {
		asked++
		stored, err := store.Load(ctx, "s")
		if n := len(stored.Entries); err != nil || n != len(tr.Entries) {
			t.Errorf("%d entries are stored, and %d shown, %v", n, len(tr.Entries), err)
		}
		if got := results(tr); len(got) != asked+1 {
			t.Errorf("question %d: results %q", asked, got)
		}
		return "", nil
	}
	model := providertest.NewScript(t, providertest.Calls(call("pay", `{"id":"a"}`), call("lock", `{}`)), providertest.Call("lock", `{}`), providertest.Say("done"))
	agent := newAgent(t, model, funcall.Config{Store: store, Tools: twoTools})
	if res, err := agent.Session("s").Send(t.Context(), "Pay.", funcall.StopWhen(stop)); err != nil || res.Text() != "done" || asked != 2 {
		t.Fatalf("%q after %d questions, %v", res.Text(), asked, err)
	}
}

// What a choice means for an output that is asked for as a call, and for the request that closes
// a run.
func TestSteer_ChoicesInTheEnd(t *testing.T) {
	unsupported := providertest.Fail(&provider.Error{Kind: provider.KindUnsupported})
	every := funcall.WithToolChoiceEveryStep(provider.ToolsNamed, "look")
	answer := provider.ToolChoice{Mode: provider.ToolsNamed, Name: "answer"}
	for name, c := range map[string]struct {
		opts  []funcall.RunOption
		turns []providertest.Turn
		want  []steering // from the first by tool on
	}{
		"none": {[]funcall.RunOption{choose(provider.ToolsNone, "")}, []providertest.Turn{providertest.Call("answer", `{"id":"b"}`)},
			[]steering{{Tools: "look pay answer", Choice: answer}}},
		"required": {[]funcall.RunOption{choose(provider.ToolsRequired, "")}, []providertest.Turn{providertest.Call("look", `{"id":"a"}`), providertest.Call("answer", `{"id":"b"}`)},
			[]steering{{Tools: "look pay", Choice: provider.ToolChoice{Mode: provider.ToolsRequired}}, {Tools: "look pay answer", Choice: provider.ToolChoice{Mode: provider.ToolsRequired}}}},
	} {
		model := providertest.NewScript(t, append([]providertest.Turn{unsupported}, c.turns...)...)
		agent := newAgent(t, model, funcall.Config{Tools: twoTools})
		if item, _, err := funcall.Generate[Item](t.Context(), agent, "Which?", c.opts...); err != nil || item.ID != "b" {
			t.Errorf("%s: %+v, %v", name, item, err)
		}
		for i, r := range model.Requests()[1:] {
			if diff := cmp.Diff(c.want[i], steeredBy(r)); diff != "" {
				t.Errorf("%s, request %d (-want +got):\n%s", name, i, diff)
			}
		}
	}
	model := providertest.NewScript(t, providertest.Call("look", `{"id":"a"}`), providertest.Say("done"))
	if _, err := newAgent(t, model, funcall.Config{Tools: twoTools}).Run(t.Context(), "Look.", every, funcall.WithLimits(transcript.Limits{Steps: 1})); err != nil {
		t.Fatal(err)
	}
	if choice := model.Requests()[1].Choice; choice != (provider.ToolChoice{Mode: provider.ToolsNone}) {
		t.Errorf("the closing request has the choice %+v", choice)
	}
}

// A function that takes too long is not believed, though it returns within the grace period. Its
// time does not make another worker's run out of a stale state.
func TestSteer_FunctionsThatTakeLong(t *testing.T) {
	takes := func(d time.Duration) funcall.RunOption {
		return funcall.WithInstructionsFunc(func(context.Context, funcall.RunInfo) (string, error) {
			time.Sleep(d)
			return "late", nil
		})
	}
	synctest.Test(t, func(t *testing.T) {
		agent := newAgent(t, providertest.NewScript(t), funcall.Config{})
		if _, err := agent.Run(t.Context(), "Hi.", takes(6*time.Second)); err == nil || !strings.Contains(err.Error(), "took longer than 5s") {
			t.Errorf("got %v", err)
		}
		store := new(transcript.Memory)
		two := []*funcall.Agent{}
		for range 2 {
			two = append(two, newAgent(t, providertest.NewScript(t, providertest.Say("a"), providertest.Say("b")), funcall.Config{Store: store}))
		}
		for i := range 4 {
			if _, err := two[i%2].Session("s", takes(3*time.Second), takes(3*time.Second)).Send(t.Context(), "Hi."); err != nil {
				t.Errorf("message %d: %v", i, err)
			}
		}
	})
}

// A session whose options do not fit the agent any more can be looked at, continued and deleted.
func TestSteer_OptionsThatDoNotFitAnyMore(t *testing.T) {
	store := new(transcript.Memory)
	gift := tool("gift", echo, always("gifts are dear"))
	opts := []funcall.RunOption{funcall.WithTools("gift", "pay"), funcall.Subject("anna")}
	if _, err := newAgent(t, providertest.NewScript(t, providertest.Call("gift", `{"id":"a"}`)), funcall.Config{Store: store, Tools: append([]funcall.Tool{gift}, twoTools...)}).Session("s", opts...).Send(t.Context(), "A gift."); err != nil {
		t.Fatal(err)
	}
	agent, err := funcall.New(providertest.NewScript(t, providertest.Say("done")), funcall.Config{Store: store, Tools: []funcall.Tool{gift}})
	if err != nil {
		t.Fatal(err)
	}
	chat := agent.Session("s", opts...)
	if _, err := chat.Send(t.Context(), "Hi."); err == nil || !strings.Contains(err.Error(), `unknown tool "pay"`) {
		t.Errorf("Send: %v", err)
	}
	state, err := chat.State(t.Context())
	if err != nil || state.Outcome != transcript.OutcomeWaiting {
		t.Fatalf("State: %+v, %v", state, err)
	}
	if res, err := chat.Decide(t.Context(), funcall.Deny(state.Pending[0], "")); err != nil || res.Text() != "done" {
		t.Errorf("Decide: %v, %v", res, err)
	}
	if _, err := agent.Session("s", funcall.WithTools("pay"), funcall.Subject("bert")).State(t.Context()); !errors.Is(err, funcall.ErrWrongSubject) {
		t.Errorf("another's State: %v", err)
	}
	if err := chat.Delete(t.Context()); err != nil {
		t.Errorf("Delete: %v", err)
	}
}

// NewInput asks the functions for instructions, those of the agent included.
func TestSteer_NewInputAsks(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	broken := errors.New("no calendar")
	ask := funcall.WithInstructionsFunc(func(_ context.Context, run funcall.RunInfo) (string, error) {
		return fmt.Sprint(run.Session, " ", run.Subject, " ", run.Time.Hour()), nil
	})
	agent := newAgent(t, providertest.NewScript(t), funcall.Config{Now: func() time.Time { return noon }, RunOptions: []funcall.RunOption{ask}})
	in, err := agent.NewInput(t.Context(), "job-1", "Hi.", funcall.Subject("anna"))
	if err != nil || in.Steering.Instructions != "job-1 anna 12" {
		t.Errorf("%+v, %v", in, err)
	}
	in, err = agent.NewInput(t.Context(), "job-1", "Hi.", funcall.WithInstructionsFunc(func(context.Context, funcall.RunInfo) (string, error) { return "", broken }))
	if in != nil || !errors.Is(err, broken) {
		t.Errorf("%+v, %v", in, err)
	}
}
