package funcall_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
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

// A list of mails is sorted, two at a time. One that fails does not stop the others.
func ExampleGenerateEach() {
	type Triage struct {
		Queue string `json:"queue" jsonschema:"enum=returns,enum=shipping,enum=other"`
	}
	ctx := context.Background()
	sorter := provider.Func(func(_ context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
		queue := "returns"
		if strings.Contains(req.Messages[0].Text(), "parcel") {
			queue = "shipping"
		}
		answer := provider.Text{Text: fmt.Sprintf(`{"queue":%q}`, queue)}
		return &provider.Response{Message: provider.Assistant(answer), Finish: provider.FinishStop}, nil
	})
	agent, err := funcall.New(sorter, funcall.Config{Instructions: "You sort the mail of a shop."})
	if err != nil {
		log.Fatal(err)
	}
	mails := []string{"My parcel is open!", "I want my money back.", "", "Where is my parcel?"}
	queues := make([]string, len(mails))
	done := 0
	for i, triage := range funcall.GenerateEach[Triage](ctx, agent, 2, mails) {
		done++
		if triage.Err != nil {
			fmt.Printf("mail %d: %v\n", i, triage.Err)
			continue
		}
		queues[i] = triage.Value.Queue
	}
	fmt.Printf("%d of %d: %q\n", done, len(mails), queues)
	// Output:
	// mail 2: funcall: the message is empty
	// 4 of 4: ["shipping" "returns" "" "shipping"]
}
