package main

import (
	"context"
	"fmt"
	"log"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider/providertest"
)

func main() {
	model := providertest.NewScript(nil, // what the model will do, turn by turn
		providertest.Call("get_order", `{"order":"1001"}`),
		providertest.Call("get_order", `{"order_id":"A-1001"}`),
		providertest.Say("Your kettle was delivered."))
	agent, err := funcall.New(model, funcall.Config{Tools: []funcall.Tool{getOrder}})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Run(context.Background(), "Where is my kettle? The order is 1001.", funcall.Subject("sarah"))
	if err != nil {
		log.Fatal(err)
	}
	for _, call := range res.Calls {
		fmt.Printf("%s %s\n%s: %s\n\n", call.Tool, call.Args, call.Status, call.Text())
	}
	fmt.Println(res.Text())
}
