// Command openai is the program of examples/quickstart with a real model. It reads the key from
// OPENAI_API_KEY.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider/openai"
)

type StockQuery struct {
	SKU string `json:"sku" jsonschema_description:"The article, such as WEP-2024"`
}

func stock(_ context.Context, q StockQuery) (map[string]int, error) {
	return map[string]int{q.SKU: 47}, nil
}

func main() {
	model := openai.New("gpt-5-mini", openai.APIKey(os.Getenv("OPENAI_API_KEY")))
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
