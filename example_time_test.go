package funcall_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

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
			t.Errorf("%s(%s) is %s: %s", c.Tool, c.Args, c.Status, c.Err)
		}
	}
}

// downStore is a store that cannot be written to.
type downStore struct{ transcript.Memory }

func (*downStore) Append(context.Context, transcript.Batch) error {
	return errors.New("disk full")
}

// A message that cannot be stored is not answered: nobody would remember what
// was done for it.
func TestAStoreThatIsDown(t *testing.T) {
	agent, err := funcall.New(providertest.NewScript(t), funcall.Config{Store: new(downStore)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := agent.Session("ticket-4711").Send(t.Context(), "Hello!"); err == nil {
		t.Error("no error")
	}
}
