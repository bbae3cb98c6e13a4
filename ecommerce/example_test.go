package ecommerce_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/ecommerce/offline"
)

func Example() {
	agent, err := funcall.New(offline.New(), funcall.Config{
		Instructions: ecommerce.Policy,
		Tools:        ecommerce.Tools(ecommerce.NewMock()),
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, customer := range []string{"CUST-8765", "CUST-9821"} {
		chat := agent.Session("ticket-of-"+customer, ecommerce.Customer(customer))
		res, err := chat.Send(context.Background(), "What is the status of ORD-91234?")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(res.Text())
	}
	// Output:
	// Order ORD-91234 is being processed and should arrive by 2024-11-22. It holds 1 x Mechanical Keyboard RGB at $149.99; the total is $149.99.
	// I cannot find an order ORD-91234. Please check its number.
}

// A fault that strikes after the effect is the one that duplicates returns
// where the idempotency key is forgotten. The tool reports it as in doubt, so
// that no model repeats it; whoever does, with the same key, makes no second one.
func ExampleMock_Fault() {
	shop := ecommerce.NewMock(ecommerce.Latency(0))
	shop.Fault(ecommerce.ToolReturn, ecommerce.Fail(errors.New("connection lost")).AfterEffect().Times(1))

	sarah := ecommerce.ViewerFor("CUST-9821")
	request := ecommerce.ReturnRequest{OrderID: "ORD-78342", Reason: ecommerce.ReasonDefective}
	for range 2 {
		r, err := shop.Return(context.Background(), sarah, "the-same-key", request)
		if err != nil {
			fmt.Println("error:", err)
			continue
		}
		fmt.Println(r.ID, r.RefundAmount)
	}
	fmt.Println("returns made:", len(shop.Returns()))
	// Output:
	// error: connection lost
	// RET-100001 115.97
	// returns made: 1
}
