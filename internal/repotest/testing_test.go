package repotest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// lookupTool is the tool of what docs/testing.md shows.
func lookupTool() funcall.Tool {
	type query struct {
		OrderID string `json:"order_id"`
	}
	return funcall.NewTool("get_order_status", "Retrieves the status of one order.",
		func(context.Context, query) (string, error) { return "in_transit", nil }, funcall.ReadOnly())
}

// A model that says what the test wrote down for it, and complains where it is
// asked for something else.
func TestExampleOfAScript(t *testing.T) {
	model := providertest.NewScript(t,
		providertest.Call("get_order_status", `{"order_id":"ORD-78342"}`),
		providertest.Say("It is on its way.").Expect(providertest.HasResult("get_order_status", "in_transit")))
	agent, err := funcall.New(model, funcall.Config{Tools: []funcall.Tool{lookupTool()}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := agent.Run(t.Context(), "Where is ORD-78342?"); err != nil {
		t.Fatal(err)
	}
}

// Time in a test: this takes 30 seconds of the tool's clock, and none of yours.
func TestExampleOfTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := funcall.NewTool("get_stock", "How many of an article there are.",
			func(ctx context.Context, _ struct{}) (int, error) { <-ctx.Done(); return 0, ctx.Err() },
			funcall.ReadOnly())
		model := providertest.NewScript(t,
			providertest.Call("get_stock", `{}`),
			providertest.Say("I cannot see it now.").Expect(providertest.HasError("get_stock", "did not answer in time")))
		agent, err := funcall.New(model, funcall.Config{Tools: []funcall.Tool{hang}})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := agent.Run(t.Context(), "How many are left?"); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 30*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// All tools, called once each: whatever they make of made-up arguments, they
// should not panic, and their schemas should not refuse what fits them.
func TestExampleOfEveryTool(t *testing.T) {
	agent, err := funcall.New(providertest.EveryTool(1), funcall.Config{Tools: []funcall.Tool{lookupTool()}})
	if err != nil {
		t.Fatal(err)
	}
	res, err := agent.Run(t.Context(), "go")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range res.Calls {
		if c.Status == transcript.StatusRefused || c.Status == transcript.StatusInDoubt {
			t.Errorf("%s(%s) is %s: %s", c.Tool, c.Args, c.Status, c.ErrorText)
		}
	}
}

// The options of a run are in the requests that the script got.
func TestExampleOfRunOptions(t *testing.T) {
	model := providertest.NewScript(t,
		providertest.Call("get_order_status", `{"order_id":"ORD-78342"}`).Expect(providertest.HasTools("get_order_status")),
		providertest.Say("It is on its way."))
	agent, err := funcall.New(model, funcall.Config{Instructions: "You answer questions.", Tools: []funcall.Tool{lookupTool()}})
	if err != nil {
		t.Fatal(err)
	}
	chat := agent.Session("ticket-1", funcall.WithInstructions("The customer is Sarah."))
	if _, err := chat.Send(t.Context(), "Where is it?", funcall.WithToolChoice(provider.ToolsRequired)); err != nil {
		t.Fatal(err)
	}
	first, second := model.Requests()[0], model.Requests()[1]
	if !strings.HasSuffix(first.System, "The customer is Sarah.") {
		t.Errorf("instructions: %q", first.System)
	}
	if first.Choice.Mode != provider.ToolsRequired || second.Choice.Mode != provider.ToolsAuto {
		t.Errorf("choices: %q, then %q", first.Choice.Mode, second.Choice.Mode)
	}
}

// The usage of a turn counts towards budgets. The second run asks no model, so the second turn is for
// the next day.
func TestExampleOfABudget(t *testing.T) {
	daily := funcall.Budget{Name: "customer", PerSubject: true, Every: 24 * time.Hour, Tokens: 1000}
	now := time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC)
	model := providertest.NewScript(t,
		providertest.Say("Hello!").WithUsage(provider.Usage{Input: 900, Output: 200}),
		providertest.Say("Good morning!"))
	agent, err := funcall.New(model, funcall.Config{
		RunOptions: []funcall.RunOption{funcall.WithBudget(daily)},
		Now:        func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	chat := agent.Session("ticket-1", funcall.Subject("CUST-1"))
	ask := func() *funcall.Result {
		t.Helper()
		res, err := chat.Send(t.Context(), "Hi!")
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	if res := ask(); res.Outcome != transcript.OutcomeDone {
		t.Errorf("first: %s %s", res.Outcome, res.Reason)
	}
	if spent, err := agent.Spent(t.Context(), daily, "CUST-1"); err != nil || spent.Tokens != 1100 {
		t.Errorf("spent: %v, %v", spent, err)
	}
	if res := ask(); res.Outcome != transcript.OutcomeLimit || res.Reason != transcript.LimitBudget("customer") {
		t.Errorf("second: %s %s", res.Outcome, res.Reason)
	}
	now = now.Add(2 * time.Hour) // the next day has a budget of its own
	if res := ask(); res.Outcome != transcript.OutcomeDone {
		t.Errorf("third: %s %s", res.Outcome, res.Reason)
	}
}

// A pending call is decided as in production.
func TestExampleOfAnApproval(t *testing.T) {
	type order struct {
		OrderID string `json:"order_id"`
	}
	canceled := 0
	cancel := funcall.NewTool("cancel", "Cancels an order.",
		func(context.Context, order) (string, error) { canceled++; return "Canceled.", nil },
		funcall.RequireApproval(func(context.Context, order) (string, error) { return "it is an order", nil }),
		funcall.ApprovalTimeout(time.Hour))
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	model := providertest.NewScript(t,
		providertest.Call("cancel", `{"order_id":"ORD-1"}`),
		providertest.Say("It is canceled.").Expect(providertest.HasResult("cancel", "Canceled.")),
		providertest.Call("cancel", `{"order_id":"ORD-2"}`),
		providertest.Say("I may not.").Expect(providertest.HasError("cancel", "it was shipped")),
		providertest.Call("cancel", `{"order_id":"ORD-3"}`),
		providertest.Say("Please call us."))
	agent, err := funcall.New(model, funcall.Config{Tools: []funcall.Tool{cancel}, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	chat := agent.Session("ticket-1")
	ask := func(text string) transcript.PendingCall {
		t.Helper()
		res, err := chat.Send(t.Context(), text)
		if err != nil || res.Outcome != transcript.OutcomeWaiting || canceled > 1 {
			t.Fatalf("%v, %s, canceled %d times", err, res.Outcome, canceled)
		}
		return res.Pending[0]
	}
	call := ask("Cancel ORD-1.")
	if _, err := chat.Decide(t.Context(), funcall.Approve(call)); err != nil || canceled != 1 {
		t.Errorf("%v, canceled %d times", err, canceled)
	}
	call = ask("Cancel ORD-2.")
	if _, err := chat.Decide(t.Context(), funcall.Deny(call, "it was shipped")); err != nil || canceled != 1 {
		t.Errorf("%v, canceled %d times", err, canceled)
	}
	call = ask("Cancel ORD-3.")
	now = now.Add(2 * time.Hour)
	if _, err := chat.Decide(t.Context(), funcall.Approve(call)); !errors.Is(err, funcall.ErrExpired) {
		t.Errorf("too late: %v", err)
	}
	if res, err := chat.Resume(t.Context()); err != nil || res.Outcome != transcript.OutcomeDone || canceled != 1 {
		t.Errorf("%v, %s, canceled %d times", err, res.Outcome, canceled)
	}
}
