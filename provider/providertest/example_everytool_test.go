package providertest_test

import (
	"context"
	"fmt"
	"log"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider/providertest"
)

type stockQuery struct {
	SKU      string `json:"sku" jsonschema:"example=WEP-2024"`
	Quantity int    `json:"quantity" jsonschema:"minimum=3,maximum=3"`
}

// A smoke test of all tools: each is called once, with arguments that fit its
// schema.
func ExampleEveryTool() {
	tools := []funcall.Tool{
		funcall.NewTool("get_stock", "How many of an article there are.",
			func(_ context.Context, q stockQuery) (string, error) {
				return fmt.Sprintf("%d and more", q.Quantity), nil
			},
			funcall.ReadOnly()),
		funcall.NewTool("restock", "Orders more of an article.",
			func(context.Context, struct{}) (string, error) { panic("not written yet") }),
	}
	agent, err := funcall.New(providertest.EveryTool(2), funcall.Config{Tools: tools})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Run(context.Background(), "Go.")
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range res.Calls {
		fmt.Println(c.Tool, c.Args, c.Status)
	}
	fmt.Println(res.Text())
	// Output:
	// get_stock {"quantity":3,"sku":"WEP-2024"} ok
	// restock {} in_doubt
	// I called get_stock, restock (error).
}
