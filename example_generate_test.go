package funcall_test

import (
	"context"
	"fmt"
	"log"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider/providertest"
)

// The output is shown while the model writes it. The last value is checked: it has the
// default, and nothing is missing.
func ExampleGenerateStream() {
	type Summary struct {
		Text   string   `json:"text"`
		Orders []string `json:"orders"`
		Mood   string   `json:"mood,omitempty" jsonschema:"default=calm"`
	}
	ctx := context.Background()
	agent, err := funcall.New(providertest.NewScript(nil,
		providertest.Call("get_order_status", `{"order_id":"ORD-78342"}`),
		providertest.Say(`{"text": "The parcel is on its way.", "orders": ["ORD-78342"]}`)),
		funcall.Config{Tools: []funcall.Tool{lookupTool()}})
	if err != nil {
		log.Fatal(err)
	}
	for p, err := range funcall.GenerateStream[Summary](ctx, agent, "Sum up the ticket.") {
		switch p.Event.Kind {
		case funcall.EventToolStart:
			fmt.Println("looking at", p.Event.Args)
		case funcall.EventOutput: // as far as it is written, unchecked
			fmt.Printf("%q %q\n", p.Value.Text, p.Value.Orders)
		case funcall.EventDone: // checked, or err says why not
			fmt.Printf("%+v %v\n", p.Value, err)
		}
	}
	// Output:
	// looking at {"include_tracking":true,"order_id":"ORD-78342"}
	// "" []
	// "The " []
	// "The parcel " []
	// "The parcel is " []
	// "The parcel is on " []
	// "The parcel is on its " []
	// "The parcel is on its way." []
	// "The parcel is on its way." ["ORD-78342"]
	// {Text:The parcel is on its way. Orders:[ORD-78342] Mood:calm} <nil>
}
