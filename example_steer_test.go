package funcall_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"slices"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// Options of a session hold for each of its runs, and those of a run for that run. The first
// response must call a tool here.
func ExampleRunOption() {
	ctx := context.Background()
	agent, err := funcall.New(
		providertest.NewScript(nil, providertest.Call("get_order_status", `{"order_id":"ORD-78342"}`), providertest.Say("It is on its way, Sarah.")),
		funcall.Config{Tools: []funcall.Tool{lookupTool()}})
	if err != nil {
		log.Fatal(err)
	}
	chat := agent.Session("ticket-4711", funcall.Subject("CUST-9821"), funcall.WithInstructions("The customer is Sarah."))
	res, err := chat.Send(ctx, "Where is ORD-78342?", funcall.WithToolChoice(provider.ToolsRequired))
	fmt.Println(res.Text(), err)
	// Output: It is on its way, Sarah. <nil>
}

// One agent serves many shops. A session adds the instructions of its shop.
func ExampleWithInstructions() {
	agent, err := funcall.New(showsInstructions{}, funcall.Config{Instructions: "You answer the customers of web shops."})
	if err != nil {
		log.Fatal(err)
	}
	chat := agent.Session("ticket-4711", funcall.WithInstructions("This is the shop Lamp & Light. It ships to Austria and Germany."))
	res, err := chat.Send(context.Background(), "Do you ship to Graz?")
	fmt.Println(res.Text(), err)
	// Output:
	// You answer the customers of web shops.
	// --- the same for all conversations up to here ---
	//
	// This is the shop Lamp & Light. It ships to Austria and Germany. <nil>
}

// The model does not know the date or the customer. The function is asked once for each run.
func ExampleWithInstructionsFunc() {
	names := map[string]string{"CUST-9821": "Sarah Johnson"} // the shop's database
	whoAndWhen := func(_ context.Context, run funcall.RunInfo) (string, error) {
		name, ok := names[run.Subject]
		if !ok {
			return "", errors.New("there is no customer " + run.Subject)
		}
		return fmt.Sprintf("Today is %s. The customer is %s.", run.Time.Format("Monday, 2006-01-02"), name), nil
	}
	agent, err := funcall.New(showsInstructions{}, funcall.Config{
		Instructions: "You answer the customers of a web shop.",
		RunOptions:   []funcall.RunOption{funcall.WithInstructionsFunc(whoAndWhen)},
		Now:          func() time.Time { return time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Session("ticket-4711", funcall.Subject("CUST-9821")).Send(context.Background(), "Is my parcel late?")
	fmt.Println(res.Text(), err)

	_, err = agent.Session("ticket-4712", funcall.Subject("CUST-0000")).Send(context.Background(), "Hello!")
	fmt.Println(err)
	// Output:
	// You answer the customers of a web shop.
	// --- the same for all conversations up to here ---
	//
	// Today is Saturday, 2026-01-31. The customer is Sarah Johnson. <nil>
	// funcall: WithInstructionsFunc: there is no customer CUST-0000
}

// showsInstructions is a model that answers with its instructions.
type showsInstructions struct{}

func (showsInstructions) Generate(_ context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
	text := req.System[:req.SystemPrefix] + "\n--- the same for all conversations up to here ---" + req.System[req.SystemPrefix:]
	return &provider.Response{Message: provider.Assistant(provider.Text{Text: text}), Finish: provider.FinishStop}, nil
}

// A visitor has not signed in, and may use the catalog only. A call of another tool is refused
// if the model makes it all the same.
func ExampleWithTools() {
	catalog := funcall.NewTool("find_product", "Finds products by name.",
		func(context.Context, struct{}) (string, error) { return "WEP-2024", nil }, funcall.ReadOnly())
	agent, err := funcall.New(
		providertest.NewScript(nil,
			providertest.Call("get_order_status", `{"order_id":"ORD-78342"}`).Expect(providertest.HasTools("find_product")),
			providertest.Say("Please sign in to see your orders.")),
		funcall.Config{Tools: []funcall.Tool{lookupTool(), catalog}})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Run(context.Background(), "Where is ORD-78342?", funcall.WithTools("find_product"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Calls[0].Status, res.Calls[0].Text())
	fmt.Println(res.Text())
	// Output:
	// refused unknown tool "get_order_status". The tools are: find_product
	// Please sign in to see your orders.
}

// The first response must be a call of get_order_status. After that the model decides.
func ExampleWithToolChoice() {
	script := providertest.NewScript(nil,
		providertest.Call("get_order_status", `{"order_id":"ORD-78342"}`),
		providertest.Say("It is on its way."))
	model := provider.Func(func(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
		fmt.Printf("mode %q, tool %q\n", req.Choice.Mode, req.Choice.Name)
		return script.Generate(ctx, req, emit)
	})
	agent, err := funcall.New(model, funcall.Config{Tools: []funcall.Tool{lookupTool()}})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Run(context.Background(), "Where is ORD-78342?",
		funcall.WithToolChoice(provider.ToolsNamed, "get_order_status"))
	fmt.Println(res.Text(), err)
	// Output:
	// mode "named", tool "get_order_status"
	// mode "", tool ""
	// It is on its way. <nil>
}

// The model must use a tool until it has escalated the ticket. It cannot talk its way out.
func ExampleWithToolChoiceEveryStep() {
	escalate := funcall.NewTool("escalate", "Hands the ticket to a person.",
		func(context.Context, struct{}) (string, error) { return "A colleague will write to you.", nil }, funcall.EndsRun(transcript.OutcomeHandedOff))
	model := providertest.NewScript(nil,
		providertest.Call("get_order_status", `{"order_id":"ORD-78342"}`), providertest.Call("escalate", `{}`))
	agent, err := funcall.New(model, funcall.Config{Tools: []funcall.Tool{lookupTool(), escalate}})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Run(context.Background(), "Where is ORD-78342?", funcall.WithToolChoiceEveryStep(provider.ToolsRequired))
	for _, req := range model.Requests() {
		fmt.Println(req.Choice.Mode)
	}
	fmt.Println(res.Outcome, res.Text(), err)
	// Output:
	// required
	// required
	// handed_over A colleague will write to you. <nil>
}

// The program needs the order, not the model's words about it. The tool's result is the answer.
func ExampleStopAfter() {
	agent, err := funcall.New(
		providertest.NewScript(nil, providertest.Call("get_order_status", `{"order_id":"ORD-78342"}`)),
		funcall.Config{Tools: []funcall.Tool{lookupTool()}})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Run(context.Background(), "Where is ORD-78342?", funcall.StopAfter("get_order_status"))
	fmt.Println(res.Outcome, res.Text(), err)
	// Output: done {"status":"in_transit"} <nil>
}

// If a tool fails, the program takes over, such as by a message to the staff. The model is not
// asked again.
func ExampleStopWhen() {
	var down funcall.StopFunc = func(_ context.Context, t transcript.Transcript) (reason string, err error) {
		for _, e := range slices.Backward(t.Entries) {
			switch b := e.Body.(type) {
			case *transcript.Result:
				if b.Status == transcript.StatusFailed {
					return "a system of ours is down", nil
				}
			case *transcript.Output: // the calls of the last turn follow it
				return "", nil
			}
		}
		return "", nil
	}
	stock := funcall.NewTool("check_stock", "Counts what is left.",
		func(context.Context, struct{}) (int, error) { return 0, errors.New("connection refused") }, funcall.ReadOnly())
	agent, err := funcall.New(providertest.NewScript(nil, providertest.Call("check_stock", `{}`)),
		funcall.Config{Tools: []funcall.Tool{stock}, RunOptions: []funcall.RunOption{funcall.StopWhen(down)}})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Run(context.Background(), "How many are left?")
	fmt.Println(res.Outcome, res.Reason, err)
	// Output: done stopped: a system of ours is down <nil>
}

// While a person decides, the customer reads the shop's own text.
func ExampleWithWaitingText() {
	chat := refundDesk(Ledger{}, nil).Session("ticket-4711",
		funcall.WithWaitingText("We are checking your refund. You will hear from us tomorrow."))
	res, err := chat.Send(context.Background(), "I want my money back.")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("customer:", res.Text())
	fmt.Println("staff:   ", res.Pending[0].Tool, res.Pending[0].Reason)
	// Output:
	// customer: We are checking your refund. You will hear from us tomorrow.
	// staff:    refund a refund of 250.00 is over 100.00
}
