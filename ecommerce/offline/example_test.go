package offline_test

import (
	"context"
	"fmt"
	"log"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/ecommerce/offline"
	"github.com/funcall/funcall/provider"
)

// A shop's customer service that needs no model, no key and no network.
func ExampleNew() {
	agent, err := funcall.New(offline.New(), funcall.Config{
		Instructions: ecommerce.Policy,
		Tools:        ecommerce.Tools(ecommerce.NewMock(ecommerce.Latency(0))),
	})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Run(context.Background(), "Is WEP-2024 in stock?", ecommerce.Visitor())
	fmt.Println(res.Text(), err)
	// Output: Yes: Wireless Earbuds Pro (WEP-2024) is in stock. We have 47. The closest warehouse is Chicago, IL, with 25; it ships in 1-2 days. Delivery takes 2-4 business days. <nil>
}

// A streamed answer has pauses as a model's has; tests turn them off.
func ExamplePace() {
	model := offline.New(offline.Pace(0))
	resp, err := model.Generate(context.Background(), &provider.Request{
		Messages: []*provider.Message{provider.User("Thanks!")},
	}, func(provider.Delta) {})
	fmt.Println(resp.Message.Text(), err)
	// Output: You are welcome. Is there anything else? <nil>
}
