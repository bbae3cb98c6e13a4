package funcall_test

import (
	"context"
	"strings"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// cashier returns an agent that pays, and the keys under which it did.
func cashier(t *testing.T, store transcript.Store, opts []funcall.ToolOption, turns ...providertest.Turn) (agent *funcall.Agent, paid *[]string) {
	t.Helper()
	paid = new([]string)
	pay := funcall.NewTool("pay", "Pays.", func(ctx context.Context, _ struct{}) (string, error) {
		*paid = append(*paid, funcall.CallFrom(ctx).Key)
		return "paid", nil
	}, opts...)
	agent, err := funcall.New(providertest.NewScript(t, turns...), funcall.Config{Tools: []funcall.Tool{pay}, Store: store})
	if err != nil {
		t.Fatal(err)
	}
	return agent, paid
}

// If the call of another agent is started again, that agent goes on where it was: what it paid is
// not paid again.
func TestAskAgentContinues(t *testing.T) {
	store := new(transcript.Memory)
	inner, paid := cashier(t, store, nil, providertest.Call("pay", "{}"),
		providertest.Fail(&provider.Error{Kind: provider.KindUnavailable}), providertest.Say("It is paid."))
	ask := askAgent("ask_cashier", "Asks the cashier.", inner).With(funcall.Retry(1, 0))
	outer, err := funcall.New(providertest.NewScript(t, providertest.Call("ask_cashier", `{"text":"Pay."}`),
		providertest.Say("Done.").Expect(providertest.HasResult("ask_cashier", "It is paid."))),
		funcall.Config{Tools: []funcall.Tool{ask}, Store: store})
	if err != nil {
		t.Fatal(err)
	}
	res, err := outer.Session("s").Send(t.Context(), "Pay.")
	if err != nil || res.Outcome != transcript.OutcomeDone {
		t.Fatal(res.Outcome, err)
	}
	if len(*paid) != 1 || !strings.HasPrefix((*paid)[0], "agent:s/") {
		t.Errorf("paid %q", *paid)
	}
}

// An approval of the other agent does not stop the first one. It is decided in the other agent's
// session, which the staff finds in the store.
func TestAskAgentWaits(t *testing.T) {
	store := new(transcript.Memory)
	asks := funcall.RequireApproval(func(context.Context, struct{}) (string, error) { return "it is money", nil })
	inner, paid := cashier(t, store, []funcall.ToolOption{asks}, providertest.Call("pay", "{}"), providertest.Say("It is paid."))
	outer, err := funcall.New(providertest.NewScript(t, providertest.Call("ask_cashier", `{"text":"Pay."}`),
		providertest.Say("A colleague decides.").Expect(providertest.HasResult("ask_cashier", "A person has to decide first"))),
		funcall.Config{Tools: []funcall.Tool{askAgent("ask_cashier", "Asks the cashier.", inner)}, Store: store})
	if err != nil {
		t.Fatal(err)
	}
	res, err := outer.Session("s").Send(t.Context(), "Pay.")
	if err != nil || res.Outcome != transcript.OutcomeDone || len(res.Pending) != 0 {
		t.Fatal(res.Outcome, res.Pending, err)
	}
	decided := 0
	for s, err := range store.List(t.Context(), transcript.Filter{Outcome: transcript.OutcomeWaiting}) {
		if err != nil {
			t.Fatal(err)
		}
		decided++
		res, err := inner.Session(s.ID).Decide(t.Context(), funcall.Approve(s.Pending[0], funcall.By("anna")))
		if err != nil || res.Text() != "It is paid." {
			t.Errorf("%q, %v", res.Text(), err)
		}
	}
	if decided != 1 || len(*paid) != 1 {
		t.Errorf("%d sessions waited, and %q was paid", decided, *paid)
	}
}

// If the first run is canceled, so is that of the other agent. If it is resumed, both go on.
func TestAskAgentIsCanceled(t *testing.T) {
	store := new(transcript.Memory)
	ctx, cancel := context.WithCancel(t.Context())
	runs := 0
	wait := funcall.NewTool("wait", "Waits.", func(ctx context.Context, _ struct{}) (string, error) {
		if runs++; runs > 1 {
			return "waited", nil
		}
		cancel()
		<-ctx.Done()
		return "", ctx.Err()
	}, funcall.ReadOnly())
	inner, err := funcall.New(providertest.NewScript(t, providertest.Call("wait", "{}"), providertest.Say("It is over.")),
		funcall.Config{Tools: []funcall.Tool{wait}, Store: store})
	if err != nil {
		t.Fatal(err)
	}
	outer, err := funcall.New(providertest.NewScript(t, providertest.Call("ask", `{"text":"Wait."}`),
		providertest.Say("Done.").Expect(providertest.HasResult("ask", "It is over."))),
		funcall.Config{Tools: []funcall.Tool{askAgent("ask", "Asks.", inner)}, Store: store})
	if err != nil {
		t.Fatal(err)
	}
	res, _ := outer.Session("s").Send(ctx, "Wait.")
	if res.Outcome != transcript.OutcomeCanceled || len(res.Calls) != 1 {
		t.Fatalf("%s, %+v", res.Outcome, res.Calls)
	}
	state, err := inner.Session("agent:" + transcript.Key("s", res.Calls[0].Ref)).State(t.Context())
	if err != nil || state.Outcome != transcript.OutcomeCanceled {
		t.Errorf("%s, %v", state.Outcome, err)
	}
	if res, err := outer.Session("s").Resume(t.Context()); err != nil || res.Text() != "Done." {
		t.Errorf("%q, %v", res.Text(), err)
	}
}
