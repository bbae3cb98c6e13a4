package funcall_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

type Order struct {
	OrderID  string `json:"order_id" jsonschema_description:"The order, such as ORD-78342"`
	Tracking bool   `json:"include_tracking,omitempty" jsonschema:"default=true"`
	Quantity int    `json:"quantity,omitempty" jsonschema:"minimum=1,default=1"`
}

// Building a typed tool with three fields: schema, digest and validator.
func BenchmarkNewTool(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		t := funcall.NewTool("get_order_status", "Looks an order up.", func(context.Context, Order) (string, error) { return "", nil })
		if t.Schema() == nil {
			b.Fatal("no schema")
		}
	}
}

// TestThreeTurnsCostLittle counts the allocations of the loop, the scripted model included.
func TestThreeTurnsCostLittle(t *testing.T) {
	for name, c := range map[string]struct {
		streamed bool
		most     float64
	}{"whole": {false, 160}, "streamed": {true, 200}} {
		ask := threeTurns(t, c.streamed)
		n := testing.AllocsPerRun(50, ask)
		t.Logf("%s: %v allocations", name, n)
		if n > c.most {
			t.Errorf("%s: %v allocations, want %v at most", name, n, c.most)
		}
	}
}

// Three turns with 1 + 3 tool calls, over a model that answers at once: what
// the loop itself costs.
func BenchmarkThreeTurns(b *testing.B) {
	for _, stream := range []bool{false, true} {
		b.Run(map[bool]string{false: "whole", true: "streamed"}[stream], func(b *testing.B) {
			ask := threeTurns(b, stream)
			b.ReportAllocs()
			for b.Loop() {
				ask()
			}
		})
	}
}

// threeTurns returns a function that asks an agent a question of three turns.
func threeTurns(t testing.TB, stream bool) (ask func()) {
	args := `{"order_id":"ORD-78342"}`
	call := func(n int) provider.ToolCall {
		return provider.ToolCall{ID: fmt.Sprint("c", n), Name: "look", Args: args}
	}
	model := providertest.NewScript(nil,
		providertest.Calls(call(1)), providertest.Calls(call(2), call(3), call(4)), providertest.Say("It is on its way, and will be there on Friday.")).Loop()
	agent := mustAgent(t, model)
	return func() {
		if stream {
			for _, err := range agent.Stream(context.Background(), "Where is ORD-78342?") {
				if err != nil {
					t.Fatal(err)
				}
			}
		} else if _, err := agent.Run(context.Background(), "Where is ORD-78342?"); err != nil {
			t.Fatal(err)
		}
	}
}

func mustAgent(b testing.TB, model provider.Provider) *funcall.Agent {
	agent, err := funcall.New(model, funcall.Config{Tools: []funcall.Tool{
		funcall.NewTool("look", "Looks an order up.", func(context.Context, Order) (string, error) { return `{"status":"in_transit"}`, nil }, funcall.ReadOnly()),
		funcall.NewTool("wait", "Waits.", func(context.Context, Order) (string, error) { time.Sleep(50 * time.Millisecond); return "", nil }, funcall.ReadOnly()),
	}})
	if err != nil {
		b.Fatal(err)
	}
	return agent
}

// Five calls of 50 ms side by side.
func BenchmarkFiveSlowTools(b *testing.B) {
	var calls []provider.ToolCall
	for n := range 5 {
		calls = append(calls, provider.ToolCall{ID: fmt.Sprint("c", n), Name: "wait", Args: `{"order_id":"ORD-1"}`})
	}
	agent := mustAgent(b, providertest.NewScript(nil, providertest.Calls(calls...), providertest.Say("done")).Loop())
	for b.Loop() {
		if _, err := agent.Run(context.Background(), "go"); err != nil {
			b.Fatal(err)
		}
	}
}

// One more message in a conversation of 60 turns.
func BenchmarkSixtyTurns(b *testing.B) {
	model := providertest.NewScript(nil, providertest.Say("It is on its way, and will be there on Friday.")).Loop()
	store := new(transcript.Memory)
	agent, err := funcall.New(model, funcall.Config{Store: store})
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	for range 60 {
		if _, err := agent.Session("base").Send(ctx, "And the other one?"); err != nil {
			b.Fatal(err)
		}
	}
	base, err := store.Load(ctx, "base")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		id := fmt.Sprint("s", n)
		if err := store.Append(ctx, transcript.Batch{Session: id, Entries: base.Entries}); err != nil {
			b.Fatal(err)
		}
		if _, err := agent.Session(id).Send(ctx, "And the other one?"); err != nil {
			b.Fatal(err)
		}
		if err := store.Delete(ctx, id); err != nil {
			b.Fatal(err)
		}
	}
}
