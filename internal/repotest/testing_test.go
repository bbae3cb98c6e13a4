package repotest_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall"
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
