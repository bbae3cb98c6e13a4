package funcall_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/funcall/funcall/transcript"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// try has a scripted model call the tool once, and prints what it is told.
func try(tool funcall.Tool, args string) {
	model := providertest.NewScript(nil, providertest.Call(tool.Name(), args), providertest.Say("I see."))
	agent, err := funcall.New(model, funcall.Config{Tools: []funcall.Tool{tool}})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Session("ticket-1", funcall.Subject("CUST-9821")).Send(context.Background(), "Please.")
	for _, c := range res.Calls {
		fmt.Printf("%s: %s\n", c.Status, c.Text())
	}
	if err != nil {
		fmt.Println("error:", err)
	}
}

// The tags of the input describe it to the model, and the arguments are checked against them.
func ExampleNewTool() {
	type Address struct {
		Street string `json:"street"`
		ZIP    string `json:"zip" jsonschema:"pattern=^[0-9]{5}$"`
	}
	type Redirect struct {
		OrderID string  `json:"order_id" jsonschema_description:"The order, such as ORD-78342"`
		To      Address `json:"to"`
		Speed   string  `json:"speed,omitempty" jsonschema:"enum=standard,enum=express,default=standard"`
		Items   []int   `json:"items,omitempty" jsonschema:"minItems=1" jsonschema_description:"Indexes of the items, counted from 0; all, if left out"`
	}
	redirect := funcall.NewTool("redirect_parcel", "Sends a parcel that is under way to another address.",
		func(_ context.Context, r Redirect) (string, error) {
			return fmt.Sprintf("%s goes to %s (%s)", r.OrderID, r.To.ZIP, r.Speed), nil
		})

	try(redirect, `{"order_id":"ORD-78342","to":{"street":"55 Pike Street","zip":"98101"}}`)
	try(redirect, `{"order_id":78342,"to":{"zip":"Seattle"},"speed":"fast","gift":true}`)
	// Output:
	// ok: ORD-78342 goes to 98101 (standard)
	// refused: invalid arguments for "redirect_parcel" (5 problems):
	// - unknown property "gift"
	// - /order_id: must be a string, got the number 78342
	// - /speed: must be one of "standard", "express"
	// - /to: missing required property "street"
	// - /to/zip: must match the pattern ^[0-9]{5}$
}

// A string is what the model reads as it is; parts are, too. Anything else it
// reads as JSON.
func ExampleNewTool_results() {
	type None struct{}
	type Stock struct {
		SKU      string `json:"sku"`
		Quantity int    `json:"quantity"`
	}
	try(funcall.NewTool("policy", "Reads the return policy.",
		func(context.Context, None) (string, error) { return "Within 30 days.", nil }), `{}`)
	try(funcall.NewTool("stock", "Counts what is left.",
		func(context.Context, None) (Stock, error) { return Stock{"WEP-2024", 47}, nil }), `{}`)
	try(funcall.NewTool("photo", "Shows the article.",
		func(context.Context, None) ([]provider.Part, error) {
			return []provider.Part{
				provider.Text{Text: "From the front:"},
				provider.Media{MIME: "image/png", URL: "https://shop.example/wep-2024.png"},
			}, nil
		}), `{}`)
	// Output:
	// ok: Within 30 days.
	// ok: {"sku":"WEP-2024","quantity":47}
	// ok: From the front:
}

// A tool that is only known when the program runs, such as one that another
// service offers.
func ExampleNewRawTool() {
	schema := json.RawMessage(`{
		"type": "object",
		"properties": {
			"words": {"type": "string", "minLength": 4},
			"limit": {"type": "integer", "default": 10}
		},
		"required": ["words"],
		"additionalProperties": false
	}`)
	search := funcall.NewRawTool("search_faq", "Searches the shop's answers.", schema,
		func(_ context.Context, args json.RawMessage) (any, error) {
			return "asked with " + string(args), nil
		}, funcall.ReadOnly())

	try(search, `{"words":"returns"}`)
	try(search, `{"words":"ret"}`)
	// Output:
	// ok: asked with {"limit":10,"words":"returns"}
	// refused: invalid arguments for "search_faq": /words: must be at least 4 characters long
}

// One tool of a server that cannot work does not cost the others: it says so
// itself, and is left out.
func ExampleTool_Err() {
	published := map[string]string{ // what the server lists
		"search": `{"$schema": "http://json-schema.org/draft-04/schema#", "type": "object",
			"properties": {"words": {"type": "string"}, "limit": {"type": "integer", "minimum": 0, "exclusiveMinimum": true, "default": null}}}`,
		"files/upload": `{"type": "object", "properties": {"file": {"type": "file"}}}`,
		"status":       `{"type": "object", "properties": []}`,
	}
	call := func(context.Context, json.RawMessage) (any, error) { return "done", nil }
	var tools []funcall.Tool
	for _, name := range slices.Sorted(maps.Keys(published)) {
		tool := funcall.NewRawTool(name, "", json.RawMessage(published[name]), call, funcall.ReadOnly())
		if err := tool.Err(); err != nil {
			fmt.Println("left out:", err)
			continue
		}
		tools = append(tools, tool)
		fmt.Println(tool.Name(), string(tool.Schema()))
	}

	_, err := funcall.New(providertest.NewScript(nil), funcall.Config{Tools: tools})
	fmt.Println(err)
	// Output:
	// left out: tool "files/upload": schema/properties/file/type: this is not what JSON Schema (draft 2020-12) allows there
	// search {"type":"object","properties":{"words":{"type":"string"},"limit":{"type":"integer","exclusiveMinimum":0}}}
	// status {"type":"object","properties":{}}
	// <nil>
}

// A pattern with look-around cannot be checked. The model is shown it, and the
// handler has to look for itself.
func ExampleTool_Unchecked() {
	schema := json.RawMessage(`{"type": "object", "properties": {
		"id": {"type": "string", "pattern": "^(?!0)[0-9]+$", "maxLength": 5},
		"name": {"type": "string", "pattern": "^[\\u00e4-\\u00fca-z]+$"}}}`)
	look := funcall.NewRawTool("look", "Looks.", schema,
		func(_ context.Context, args json.RawMessage) (any, error) { return string(args), nil }, funcall.ReadOnly())

	fmt.Println(look.Unchecked())
	try(look, `{"id":"007","name":"jörg"}`)
	try(look, `{"id":"123456","name":"Jörg"}`)
	// Output:
	// [/properties/id/pattern]
	// ok: {"id":"007","name":"jörg"}
	// refused: invalid arguments for "look" (2 problems):
	// - /id: must be at most 5 characters long
	// - /name: must match the pattern ^[\\u00e4-\\u00fca-z]+$
}

// Calls that only read run side by side: these two wait for each other.
func ExampleReadOnly() {
	var both sync.WaitGroup
	both.Add(2)
	track := funcall.NewTool("track", "Finds a parcel.",
		func(_ context.Context, q OrderQuery) (string, error) {
			both.Done()
			both.Wait()
			return q.OrderID + " is in Chicago", nil
		}, funcall.ReadOnly())

	agent, err := funcall.New(providertest.NewScript(nil,
		providertest.Calls(
			provider.ToolCall{Name: "track", Args: `{"order_id":"ORD-78342"}`},
			provider.ToolCall{Name: "track", Args: `{"order_id":"ORD-70211"}`}),
		providertest.Say("Both are in Chicago.")),
		funcall.Config{Tools: []funcall.Tool{track}})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Run(context.Background(), "Where are my two parcels?")
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range res.Calls {
		fmt.Println(c.Text())
	}
	// Output:
	// ORD-78342 is in Chicago
	// ORD-70211 is in Chicago
}

// Two calls with one key make one credit, so the tool may say that it is
// idempotent: after a crash it is run again instead of being in doubt.
func ExampleIdempotent() {
	type Credit struct {
		Cents int `json:"cents" jsonschema:"minimum=1,maximum=5000"`
	}
	ledger := make(map[string]int)
	credit := funcall.NewTool("grant_credit", "Credits the customer's account.",
		func(ctx context.Context, c Credit) (string, error) {
			key := funcall.CallFrom(ctx).Key
			if _, done := ledger[key]; !done {
				ledger[key] = c.Cents
			}
			return "credited", nil
		}, funcall.Idempotent())

	try(credit, `{"cents":500}`)
	fmt.Println(ledger)
	// Output:
	// ok: credited
	// map[ticket-1/1.0:500]
}

// What a tool knows of its call, beside its arguments. None of it comes from
// the model.
func ExampleCallFrom() {
	type None struct{}
	orders := funcall.NewTool("list_orders", "Lists the customer's orders.",
		func(ctx context.Context, _ None) (string, error) {
			call := funcall.CallFrom(ctx)
			return fmt.Sprintf("orders of %s (%s, attempt %d, key %s)", call.Subject, call.Session, call.Attempt, call.Key), nil
		}, funcall.ReadOnly())

	try(orders, `{}`)
	// Output: ok: orders of CUST-9821 (ticket-1, attempt 1, key ticket-1/1.0)
}

// A tool that does not answer in time has failed if it only reads. If it
// changes something, it is in doubt.
func ExampleTimeout() {
	slow := func(ctx context.Context, _ OrderQuery) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	}
	track := funcall.NewTool("track", "Finds a parcel.", slow, funcall.ReadOnly(), funcall.Timeout(time.Millisecond))
	cancel := funcall.NewTool("cancel", "Cancels an order.", slow, funcall.Timeout(time.Millisecond))

	try(track, `{"order_id":"ORD-78342"}`)
	try(cancel, `{"order_id":"ORD-78342"}`)
	// Output:
	// failed: The tool did not answer in time (reference 158acf41).
	// in_doubt: It is not known whether this was done. Do not call it again; say that it is being checked.
}

func ExampleMaxResultBytes() {
	terms := funcall.NewTool("terms", "Reads the terms of sale.",
		func(context.Context, struct{}) (string, error) { return strings.Repeat("§", 20_000), nil },
		funcall.ReadOnly(), funcall.MaxResultBytes(9))

	try(terms, `{}`)
	// Output:
	// ok: §§§§
	// [cut: the first 8 of 40000 bytes]
}

// A call that hands the customer over ends the run, and what it returns is the
// last that the customer hears.
func ExampleEndsRun() {
	type Reason struct {
		Reason string `json:"reason"`
	}
	handOver := funcall.NewTool("hand_over", "Calls a colleague, for what you cannot solve.",
		func(_ context.Context, r Reason) (string, error) { return "A colleague will call you today.", nil },
		funcall.EndsRun(transcript.OutcomeHandedOff))

	agent, err := funcall.New(
		providertest.NewScript(nil, providertest.Call("hand_over", `{"reason":"legal threat"}`)),
		funcall.Config{Tools: []funcall.Tool{handOver}})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Run(context.Background(), "I will sue you!")
	fmt.Println(res.Outcome, err)
	fmt.Println(res.Text())
	// Output:
	// handed_over <nil>
	// A colleague will call you today.
}

// Access control around a tool: what it decides by comes from the session, not
// from the model.
func ExampleWrap() {
	staffOnly := func(next funcall.ToolHandler) funcall.ToolHandler {
		return func(ctx context.Context, args json.RawMessage) (any, error) {
			if !strings.HasPrefix(funcall.CallFrom(ctx).Subject, "STAFF-") {
				return nil, funcall.Visible(errors.New("only the staff may do this"))
			}
			return next(ctx, args)
		}
	}
	block := funcall.NewTool("block_account", "Blocks the account of a customer.",
		func(context.Context, struct{}) (string, error) { return "blocked", nil },
		funcall.Wrap(staffOnly))

	try(block, `{}`) // as CUST-9821
	// Output: failed: only the staff may do this
}

// Tools of another package, with this shop's own bounds and metrics.
func ExampleTool_With() {
	calls := 0
	counted := func(next funcall.ToolHandler) funcall.ToolHandler {
		return func(ctx context.Context, args json.RawMessage) (any, error) {
			calls++
			return next(ctx, args)
		}
	}
	tool := lookupTool().With(funcall.Timeout(time.Minute), funcall.Wrap(counted))

	try(tool, `{"order_id":"ORD-78342"}`)
	fmt.Println(calls, "call")
	// Output:
	// ok: {"status":"in_transit"}
	// 1 call
}

func ExampleTool_Schema() {
	fmt.Println(string(lookupTool().Schema()))
	// Output: {"type":"object","properties":{"order_id":{"type":"string","description":"The order, such as ORD-78342"},"include_tracking":{"type":"boolean","default":true}},"required":["order_id"],"additionalProperties":false}
}

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

// The request was sent and the reply was lost, so the outcome is unknown. The model must not
// believe that the invoice was not paid.
func ExampleInDoubt() {
	pay := funcall.NewTool("pay", "Pays an invoice.",
		func(context.Context, struct{}) (string, error) {
			err := errors.New("connection reset by peer")
			return "", funcall.InDoubt(fmt.Errorf("payment service: %w", err))
		})

	try(pay, `{}`)
	// Output: in_doubt: It is not known whether this was done. Do not call it again; say that it is being checked.
}
