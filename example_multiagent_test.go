package funcall_test

import (
	"context"
	"fmt"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// An Errand is what one agent asks of another.
type Errand struct {
	Text string `json:"text" jsonschema_description:"What to do, with everything that is needed: the colleague sees nothing else"`
}

// askAgent returns a tool that asks another agent. Each call is a session of that agent, under the
// key of the call. So a call that is started again continues that session, and what the other
// agent did is not done twice.
func askAgent(name, description string, other *funcall.Agent) funcall.Tool {
	return funcall.NewTool(name, description, func(ctx context.Context, e Errand) (string, error) {
		call := funcall.CallFrom(ctx)
		chat := other.Session("agent:"+call.Key, funcall.Subject(call.Subject))
		state, err := chat.State(ctx)
		if err != nil {
			return "", err
		}
		run := chat.Resume // also returns the answer of a run that has ended
		if state.Entries == 0 {
			run = func(ctx context.Context) (*funcall.Result, error) { return chat.Send(ctx, e.Text) }
		}
		res, err := run(ctx)
		if err != nil {
			return "", funcall.InDoubt(err) // it may have done something by now
		}
		if res.Outcome == transcript.OutcomeWaiting {
			return "A person has to decide first. Nothing more happens in this call.", nil
		}
		return res.Text(), nil
	}, funcall.Idempotent(), funcall.Timeout(5*time.Minute))
}

// The desk asks the warehouse, another agent with tools of its own. Both spend one budget.
func Example_agentAsATool() {
	store := new(transcript.Memory)
	day := funcall.Budget{Name: "day", Every: 24 * time.Hour, Tokens: 100_000}
	budget := []funcall.RunOption{funcall.WithBudget(day)}

	stock := funcall.NewTool("count_stock", "Counts the pieces of an article.",
		func(ctx context.Context, q struct {
			SKU string `json:"sku"`
		}) (int, error) {
			fmt.Println("counted for", funcall.CallFrom(ctx).Subject)
			return 47, nil
		}, funcall.ReadOnly())
	warehouse, err := funcall.New(providertest.NewScript(nil,
		providertest.Call("count_stock", `{"sku":"WEP-2024"}`).WithUsage(provider.Usage{Input: 300, Output: 20}),
		providertest.Say("There are 47.").WithUsage(provider.Usage{Input: 340, Output: 10})),
		funcall.Config{Tools: []funcall.Tool{stock}, Store: store, RunOptions: budget})
	if err != nil {
		fmt.Println(err)
		return
	}
	desk, err := funcall.New(providertest.NewScript(nil,
		providertest.Call("ask_warehouse", `{"text":"How many WEP-2024 are there?"}`).WithUsage(provider.Usage{Input: 100, Output: 20}),
		providertest.Say("Yes, we have 47.").WithUsage(provider.Usage{Input: 130, Output: 10})),
		funcall.Config{Tools: []funcall.Tool{askAgent("ask_warehouse", "Asks the warehouse.", warehouse)}, Store: store, RunOptions: budget})
	if err != nil {
		fmt.Println(err)
		return
	}

	ctx := context.Background()
	res, err := desk.Session("ticket-1", funcall.Subject("CUST-9821")).Send(ctx, "Do you have WEP-2024?")
	fmt.Println(res.Text(), err)
	fmt.Println("the desk:", res.Usage.Total(), "tokens")
	for _, c := range res.Calls {
		inner, err := warehouse.Session("agent:" + transcript.Key("ticket-1", c.Ref)).State(ctx)
		fmt.Println("the warehouse:", inner.TotalUsage.Total(), "tokens", err)
	}
	spent, err := desk.Spent(ctx, day, "")
	fmt.Println("the budget:", spent.Tokens, "tokens", err)
	// Output:
	// counted for CUST-9821
	// Yes, we have 47. <nil>
	// the desk: 260 tokens
	// the warehouse: 670 tokens <nil>
	// the budget: 930 tokens <nil>
}

// A Route is the role that answers a message.
type Route struct {
	Role string `json:"role" jsonschema:"enum=orders,enum=billing"`
}

// One conversation is answered in several roles. A small model chooses the role, and the role is a
// set of options for the run.
func Example_routing() {
	roles := map[string][]funcall.RunOption{
		"orders":  {funcall.WithInstructions("You answer questions about orders."), funcall.WithTools("get_order_status")},
		"billing": {funcall.WithInstructions("You answer questions about invoices."), funcall.WithTools()},
	}
	router, err := funcall.New(providertest.NewScript(nil,
		providertest.Say(`{"role":"orders"}`), providertest.Say(`{"role":"billing"}`)), funcall.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	desk, err := funcall.New(providertest.NewScript(nil,
		providertest.Call("get_order_status", `{"order_id":"ORD-78342"}`), providertest.Say("It is on its way."),
		providertest.Say("The invoice follows by mail.")), funcall.Config{Tools: []funcall.Tool{lookupTool()}})
	if err != nil {
		fmt.Println(err)
		return
	}

	ctx := context.Background()
	chat := desk.Session("ticket-1", funcall.Subject("CUST-9821"))
	for _, text := range []string{"Where is ORD-78342?", "And where is the invoice?"} {
		route, _, err := funcall.Generate[Route](ctx, router, text)
		if err != nil {
			fmt.Println(err)
			return
		}
		res, err := chat.Send(ctx, text, roles[route.Role]...)
		fmt.Println(route.Role+":", res.Text(), err)
	}
	// Output:
	// orders: It is on its way. <nil>
	// billing: The invoice follows by mail. <nil>
}
