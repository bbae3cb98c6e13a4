// Command quickstart is the smallest agent: one Go function, and a script in place of a model.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider/providertest"
)

type StockQuery struct {
	SKU string `json:"sku" jsonschema_description:"The article, such as WEP-2024"`
}

func stock(_ context.Context, q StockQuery) (map[string]int, error) {
	return map[string]int{q.SKU: 47}, nil
}

func main() {
	// A script plays the model: its first call has a mistake, as a model's calls sometimes do.
	model := providertest.NewScript(nil,
		providertest.Call("get_stock", `{"sku": 2024}`),
		providertest.Call("get_stock", `{"sku": "WEP-2024"}`),
		providertest.Say("Yes, we have 47 of them."))
	agent, err := funcall.New(model, funcall.Config{
		Instructions: "You answer questions about stock, in one sentence.",
		Tools: []funcall.Tool{
			funcall.NewTool("get_stock", "Tells how many pieces of an article are in stock.", stock, funcall.ReadOnly()),
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Run(context.Background(), "Do you have 3 of WEP-2024?")
	if err != nil {
		log.Fatal(err)
	}
	for _, call := range res.Calls {
		fmt.Println(call.Tool, call.Args, "->", call.Text())
	}
	fmt.Println(res.Text())
}
