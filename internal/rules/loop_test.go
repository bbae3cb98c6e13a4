package rules_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

func TestR01_EveryWayOut(t *testing.T) {
	look := tool("look", echo, funcall.ReadOnly())
	handover := tool("handover", func(context.Context, Item) (string, error) { return "A colleague will call.", nil }, funcall.EndsRun(transcript.OutcomeHandedOff))
	fatal := tool("fatal", func(context.Context, Item) (string, error) { return "", funcall.Fatal(errors.New("no licence")) }, funcall.ReadOnly())
	const empty = "malformed: empty response: no text and no tool call; Resume asks again"
	for _, c := range []struct {
		name  string
		turns []providertest.Turn
		want  transcript.Outcome
		why   string
		text  string
		err   bool
	}{
		{"no call", []providertest.Turn{providertest.Say("hello")}, transcript.OutcomeDone, "", "hello", false},
		{"text beside a call ends nothing", []providertest.Turn{
			providertest.Call("look", `{"id":"a"}`).WithText("I look."), providertest.Say("seen")}, transcript.OutcomeDone, "", "seen", false},
		{"handover", []providertest.Turn{providertest.Call("handover", `{"id":"a"}`)}, transcript.OutcomeHandedOff, "called handover", "A colleague will call.", false},
		{"handover with words of the model", []providertest.Turn{
			providertest.Call("handover", `{"id":"a"}`).WithText("I pass you on.")}, transcript.OutcomeHandedOff, "called handover", "I pass you on.", false},
		{"a refused handover ends nothing", []providertest.Turn{
			providertest.Call("handover", `{"id":"z"}`), providertest.Say("sorry")}, transcript.OutcomeDone, "", "sorry", false},
		{"cut in text", []providertest.Turn{providertest.Say("once upon").WithFinish(provider.FinishLength)}, transcript.OutcomeTruncated, "length", "once upon", false},
		{"cut before any text", []providertest.Turn{providertest.Say("").WithFinish(provider.FinishFiltered)}, transcript.OutcomeTruncated, "filtered", "", true},
		{"the provider fails", []providertest.Turn{providertest.Fail(&provider.Error{Kind: provider.KindQuota, Message: "no money"})}, transcript.OutcomeFailed, "quota: no money", "", true},
		{"a tool fails for good", []providertest.Turn{providertest.Call("fatal", `{"id":"a"}`)}, transcript.OutcomeFailed, "no licence", "", true},
		{"an empty answer", []providertest.Turn{
			providertest.Respond(&provider.Response{Message: provider.Assistant(), Finish: provider.FinishStop})}, transcript.OutcomeFailed, empty, "", true},
		{"an empty answer behind a result", []providertest.Turn{
			providertest.Call("look", `{"id":"a"}`), providertest.Say(" \n")}, transcript.OutcomeFailed, empty, "", true},
		{"thoughts without an answer", []providertest.Turn{
			providertest.Respond(&provider.Response{Message: provider.Assistant(provider.Reasoning{Text: "Hm."}), Finish: provider.FinishStop})}, transcript.OutcomeFailed, empty, "", true},
		{"a picture", []providertest.Turn{
			providertest.Respond(&provider.Response{Message: provider.Assistant(provider.Media{MIME: "image/png", Data: []byte("\x89PNG\r\n\x1a\n")}), Finish: provider.FinishStop})}, transcript.OutcomeDone, "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			agent := newAgent(t, providertest.NewScript(t, c.turns...), funcall.Config{Tools: []funcall.Tool{look, handover, fatal}})
			res, err := agent.Session("s").Send(t.Context(), "go")
			if res.Outcome != c.want || res.Reason != c.why || res.Text() != c.text || (err != nil) != c.err {
				t.Errorf("got %s (%s) %q, %v", res.Outcome, res.Reason, res.Text(), err)
			}
			if end, ok := res.Transcript.Entries[len(res.Transcript.Entries)-1].Body.(*transcript.End); !ok || end.Outcome != c.want {
				t.Errorf("the last entry is %+v", end)
			}
			check(t, res)
		})
	}
}

func TestR02_ACutResponseRunsNothing(t *testing.T) {
	for _, finish := range []provider.FinishReason{provider.FinishLength, provider.FinishFiltered} {
		model := providertest.NewScript(t, providertest.Call("pay", `{"id":"a"}`).WithText("Paying.").WithFinish(finish))
		agent := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{tool("pay", func(context.Context, Item) (string, error) {
			t.Error("the tool ran")
			return "", nil
		})}})
		res, err := agent.Run(t.Context(), "go")
		if !errors.Is(err, funcall.ErrTruncated) || res.Outcome != transcript.OutcomeTruncated || res.Calls[0].Status != transcript.StatusSkipped {
			t.Errorf("%s: %s, %s, %v", finish, res.Outcome, res.Calls[0].Status, err)
		}
		check(t, res)
	}
}

// The loop is Next, Do, Append: an engine that owns the transcript gets the
// same conversation out of Next and Do as Run does.
func TestR03_AnEngineOfOnesOwn(t *testing.T) {
	script := func() *providertest.Script {
		return providertest.NewScript(t,
			providertest.Calls(
				provider.ToolCall{Name: "look", Args: `{"id":"a"}`},
				provider.ToolCall{Name: "pay", Args: `{"id":"b"}`},
				provider.ToolCall{Name: "nope", Args: `{}`}),
			providertest.Say("all done"))
	}
	var keys []string
	tools := []funcall.Tool{
		tool("look", echo, funcall.ReadOnly()),
		tool("pay", func(ctx context.Context, i Item) (string, error) {
			keys = append(keys, funcall.CallFrom(ctx).Key)
			return "paid", nil
		}),
	}
	engine := newAgent(t, script(), funcall.Config{Tools: tools})
	in, err := engine.NewInput(t.Context(), "s", "go", funcall.Subject("CUST-1"))
	if err != nil {
		t.Fatal(err)
	}
	tr := transcript.Transcript{ID: "s"}
	add := func(bodies ...transcript.Body) {
		for _, b := range bodies {
			tr.Entries = append(tr.Entries, transcript.Entry{Body: b})
		}
	}
	add(in)
	for {
		act := transcript.Next(tr)
		add(act.Before...)
		if act.Kind == transcript.ActionNone {
			break
		}
		bodies, err := engine.Do(t.Context(), tr.Messages(), act, nil)
		if err != nil {
			t.Fatal(err)
		}
		add(bodies...)
	}
	res, err := newAgent(t, script(), funcall.Config{Tools: tools}).Session("s", funcall.Subject("CUST-1")).Send(t.Context(), "go")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(kinds(tr), kinds(res.Transcript)); diff != "" {
		t.Errorf("the engine's transcript differs from Send's (-engine +Send):\n%s", diff)
	}
	if len(keys) != 2 || keys[0] != keys[1] {
		t.Errorf("keys %q", keys)
	}
}

// kinds sums a transcript up.
func kinds(t transcript.Transcript) []string {
	var out []string
	for _, e := range t.Entries {
		s := fmt.Sprintf("%T", e.Body)
		switch b := e.Body.(type) {
		case *transcript.Result:
			s += " " + b.Ref.String() + " " + string(b.Status)
		case *transcript.Intent:
			s += fmt.Sprintf(" %v %d %v", b.Ref, b.Attempt, b.Void)
		case *transcript.End:
			s += " " + string(b.Outcome)
		}
		out = append(out, s)
	}
	return out
}

func TestR04_CancelLeavesAConversationThatGoesOn(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	model := providertest.NewScript(t,
		providertest.Calls(
			provider.ToolCall{Name: "look", Args: `{"id":"a"}`},
			provider.ToolCall{Name: "look", Args: `{"id":"b"}`},
			provider.ToolCall{Name: "pay", Args: `{"id":"a"}`}),
		providertest.Say("fine").Expect(providertest.UserSays("still there?")),
	)
	look := tool("look", func(ctx context.Context, i Item) (string, error) {
		if i.ID == "b" {
			cancel()
			<-ctx.Done()
			return "", ctx.Err()
		}
		return "seen", nil
	}, funcall.ReadOnly())
	agent := newAgent(t, model, funcall.Config{MaxParallel: 1, Tools: []funcall.Tool{look, tool("pay", echo)}})
	s := agent.Session("s")
	res, err := s.Send(ctx, "go")
	if !errors.Is(err, context.Canceled) || res.Outcome != transcript.OutcomeCanceled {
		t.Fatal(res.Outcome, err)
	}
	check(t, res)
	if got := []transcript.Status{res.Calls[0].Status, res.Calls[1].Status, res.Calls[2].Status}; got[0] != transcript.StatusOK || got[1] != "" || got[2] != "" {
		t.Errorf("after the cancel: %q", got)
	}
	// The conversation is repaired at the next message: every call is answered.
	res, err = s.Send(t.Context(), "still there?")
	if err != nil || res.Text() != "fine" {
		t.Fatal(res.Text(), err)
	}
	var got []transcript.Status
	for _, e := range res.Transcript.Entries {
		if r, ok := e.Body.(*transcript.Result); ok {
			got = append(got, r.Status)
		}
	}
	if diff := cmp.Diff([]transcript.Status{transcript.StatusOK, transcript.StatusInterrupted, transcript.StatusInterrupted}, got); diff != "" {
		t.Error(diff)
	}
}

func TestR04_AnEffectThatIsCanceledIsInDoubt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	pay := tool("pay", func(ctx context.Context, i Item) (string, error) {
		cancel()
		<-ctx.Done()
		return "", ctx.Err()
	})
	agent := newAgent(t, providertest.NewScript(t, providertest.Call("pay", `{"id":"a"}`)), funcall.Config{Tools: []funcall.Tool{pay}})
	res, err := agent.Session("s").Send(ctx, "go")
	if !errors.Is(err, context.Canceled) || res.Calls[0].Status != transcript.StatusInDoubt {
		t.Errorf("%s, %v", res.Calls[0].Status, err)
	}
}

func TestR04_AConsumerThatPanicsLosesNothing(t *testing.T) {
	store := new(transcript.Memory)
	model := providertest.NewScript(t,
		providertest.Call("pay", `{"id":"a"}`),
		providertest.Say("paid, as I said").Expect(providertest.UserSays("again")))
	agent := newAgent(t, model, funcall.Config{Store: store, Tools: []funcall.Tool{tool("pay", echo)}})
	func() {
		defer func() {
			if recover() != "consumer" {
				t.Error("the panic did not pass through")
			}
		}()
		for ev := range agent.Session("s").Stream(t.Context(), "go") {
			if ev.Kind == funcall.EventToolEnd {
				panic("consumer")
			}
		}
	}()
	tr, err := store.Load(t.Context(), "s")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"*transcript.Input", "*transcript.Output", "*transcript.Intent 1.0 1 false", "*transcript.Result 1.0 ok", "*transcript.End failed"}
	if diff := cmp.Diff(want, kinds(tr)); diff != "" {
		t.Error(diff)
	}
	if res, err := agent.Session("s").Send(t.Context(), "again"); err != nil || res.Text() != "paid, as I said" {
		t.Error(res.Text(), err)
	}
}

// A consumer that panics while the effect begins may be ahead of the tool or behind
// it. The transcript says which.
func TestR04_AConsumerThatPanicsAsTheEffectBegins(t *testing.T) {
	store := new(transcript.Memory)
	ran := false
	pay := tool("pay", func(context.Context, Item) (string, error) { ran = true; return "", nil })
	agent := newAgent(t, providertest.NewScript(t, providertest.Call("pay", `{"id":"a"}`)), funcall.Config{Store: store, Tools: []funcall.Tool{pay}})
	func() {
		defer func() {
			if recover() != "consumer" {
				t.Error("the panic did not pass through")
			}
		}()
		for ev := range agent.Session("s").Stream(t.Context(), "go") {
			if ev.Kind == funcall.EventToolStart {
				panic("consumer")
			}
		}
	}()
	tr, err := store.Load(t.Context(), "s")
	if err != nil {
		t.Fatal(err)
	}
	end := "*transcript.Intent 1.0 1 true"
	if ran {
		end = "*transcript.Result 1.0 ok"
	}
	want := []string{"*transcript.Input", "*transcript.Output", "*transcript.Intent 1.0 1 false", end, "*transcript.End failed"}
	if diff := cmp.Diff(want, kinds(tr)); diff != "" {
		t.Errorf("the tool ran: %v\n%s", ran, diff)
	}
}

var errDisk = errors.New("disk gone")
