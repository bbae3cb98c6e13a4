package funcall_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// The five ways in which a tool fails, and what the model is told of each.
func ExampleNewTool_errors() {
	type None struct{}
	failing := func(err error) funcall.Tool {
		return funcall.NewTool("cancel_order", "Cancels an order.",
			func(context.Context, None) (string, error) { return "", err })
	}
	err := errors.New("db-7: connection refused")
	try(failing(err), `{}`)
	try(failing(funcall.Visible(errors.New("the order was shipped already"))), `{}`)
	try(failing(funcall.InDoubt(err)), `{}`)
	try(failing(funcall.Fatal(err)), `{}`)
	try(funcall.NewTool("cancel_order", "Cancels an order.",
		func(context.Context, None) (string, error) { panic("no such order") }), `{}`)
	// Output:
	// failed: The tool failed (reference 158acf41).
	// failed: the order was shipped already
	// in_doubt: It is not known whether this was done. Do not call it again; say that it is being checked.
	// failed: The tool failed (reference 158acf41).
	// error: db-7: connection refused
	// in_doubt: It is not known whether this was done. Do not call it again; say that it is being checked.
}

func ExampleVisible() {
	find := funcall.NewTool("find_order", "Finds an order.",
		func(_ context.Context, q OrderQuery) (string, error) {
			return "", funcall.Visible(fmt.Errorf("there is no order %s: its number has five digits", q.OrderID))
		}, funcall.ReadOnly())

	try(find, `{"order_id":"ORD-1"}`)
	// Output: failed: there is no order ORD-1: its number has five digits
}

var errBlocked = errors.New("the account is blocked")

func ExampleFatal() {
	pay := funcall.NewTool("pay", "Pays an invoice.",
		func(context.Context, struct{}) (string, error) { return "", funcall.Fatal(errBlocked) })

	agent, err := funcall.New(providertest.NewScript(nil, providertest.Call("pay", `{}`)),
		funcall.Config{Tools: []funcall.Tool{pay}})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Run(context.Background(), "Pay my invoice, please.")
	fmt.Println(res.Outcome, errors.Is(err, errBlocked))
	// Output: failed true
}

// The request was sent, and the reply got lost: nobody knows whether it was
// paid. The model must not believe that it was not.
func ExampleInDoubt() {
	pay := funcall.NewTool("pay", "Pays an invoice.",
		func(context.Context, struct{}) (string, error) {
			err := errors.New("connection reset by peer")
			return "", funcall.InDoubt(fmt.Errorf("payment service: %w", err))
		})

	try(pay, `{}`)
	// Output: in_doubt: It is not known whether this was done. Do not call it again; say that it is being checked.
}

// New names every mistake of every tool at once.
func ExampleNew() {
	type Query struct {
		Reason string        `json:"reason,omitempty" jsonschema:"enum=broken,default=lost"`
		Within time.Duration `json:"within"`
	}
	_, err := funcall.New(providertest.NewScript(nil), funcall.Config{
		MaxParallel: -1,
		Tools: []funcall.Tool{
			funcall.NewTool("start return ", "", func(context.Context, Query) (string, error) { return "", nil }),
		},
	})
	fmt.Println(err)
	// Output:
	// funcall: the agent cannot be made:
	// Config.MaxParallel is negative; leave it out for the default
	// tool "start return ": Query.Within: time.Duration is a number of nanoseconds in JSON, which models get wrong: use an integer of a named unit such as TimeoutSeconds, or a string type with UnmarshalText that calls time.ParseDuration
	// Query.Reason: the default "lost" does not fit its own schema: must be "broken"
	// tool "start return ": some API refuses the name; use a letter or _, and up to 63 more letters, digits, _ and -
	// tool "start return ": the description is empty; say when the model should call the tool
}

// What a service does about the errors of a run.
func ExampleAgent_Run() {
	model := providertest.NewScript(nil, providertest.Fail(&provider.Error{
		Kind: provider.KindRateLimited, Status: 429, Message: "too many requests", RetryAfter: 2 * time.Second,
	}))
	agent, err := funcall.New(model, funcall.Config{})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Run(context.Background(), "Where is my order?")
	if e, ok := errors.AsType[*provider.Error](err); ok {
		switch e.Kind {
		case provider.KindRateLimited, provider.KindOverloaded:
			fmt.Println("busy; try again in", e.RetryAfter)
		default:
			fmt.Println("the model cannot be asked:", e)
		}
	}
	fmt.Println(res.Outcome)
	// Output:
	// busy; try again in 2s
	// failed
}
