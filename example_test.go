package funcall_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider/providertest"
)

type OrderQuery struct {
	OrderID         string `json:"order_id" jsonschema_description:"The order, such as ORD-78342"`
	IncludeTracking bool   `json:"include_tracking,omitempty" jsonschema:"default=true"`
}

type OrderStatus struct {
	Status string `json:"status"`
}

// orders stands for the systems of a shop.
type orders map[string]OrderStatus

func (s orders) Order(_ context.Context, id string) (OrderStatus, error) {
	o, ok := s[id]
	if !ok {
		return o, funcall.Visible(errors.New("there is no order " + id))
	}
	return o, nil
}

func lookupTool() funcall.Tool {
	type Order = OrderStatus
	shop := orders{"ORD-78342": {"in_transit"}}
	lookup := funcall.NewTool("get_order_status", "Retrieves the status of one order.",
		func(ctx context.Context, q OrderQuery) (Order, error) { return shop.Order(ctx, q.OrderID) },
		funcall.ReadOnly(), funcall.Timeout(2*time.Second))
	return lookup
}

func stream(ctx context.Context, agent *funcall.Agent) error {
	for ev, err := range agent.Stream(ctx, "Where is ORD-78342?") {
		if err != nil {
			return err
		}
		if ev.Kind == funcall.EventText {
			fmt.Print(ev.Text)
		}
	}
	return nil
}

func Example() {
	model := providertest.NewScript(nil,
		providertest.Call("get_order_status", `{"order_id":"ORD-78342"}`),
		providertest.Say("It is on its way."))
	agent, err := funcall.New(model, funcall.Config{
		Instructions: "Answer questions about orders.",
		Tools:        []funcall.Tool{lookupTool()},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := agent.Run(context.Background(), "Where is ORD-78342?")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.Outcome, "after", res.Steps, "steps:", res.Text())
	for _, c := range res.Calls {
		fmt.Println(c.Tool, c.Args, c.Status, c.Text())
	}
	// Output:
	// done after 2 steps: It is on its way.
	// get_order_status {"include_tracking":true,"order_id":"ORD-78342"} ok {"status":"in_transit"}
}

func ExampleAgent_Stream() {
	agent, err := funcall.New(providertest.NewScript(nil, providertest.Say("On its way.")), funcall.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := stream(context.Background(), agent); err != nil {
		fmt.Println(err)
	}
	// Output: On its way.
}

func ExampleAgent_Session() {
	ctx := context.Background()
	agent, err := funcall.New(providertest.NewScript(nil, providertest.Say("Done."), providertest.Say("You are welcome.")), funcall.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	chat := agent.Session("ticket-4711", funcall.Subject("CUST-9821"))
	res, err := chat.Send(ctx, "Return it, please.")
	fmt.Println(res.Text(), err)
	res, err = chat.Send(ctx, "Thank you!")
	fmt.Println(res.Text(), err, len(res.Transcript.Messages()), "messages")
	// Output:
	// Done. <nil>
	// You are welcome. <nil> 4 messages
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
