package funcall_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
	"github.com/funcall/funcall/provider/gemini"
	"github.com/funcall/funcall/provider/openai"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

type OrderQuery struct {
	OrderID         string `json:"order_id" jsonschema_description:"The order, such as ORD-78342"`
	IncludeTracking bool   `json:"include_tracking,omitempty" jsonschema:"default=true"`
}

type OrderStatus struct {
	Status string `json:"status"`
}

// orders stands for the systems of a shop.
type orders map[string]OrderStatus

func (s orders) Order(_ context.Context, id string) (OrderStatus, error) {
	o, ok := s[id]
	if !ok {
		return o, funcall.Visible(errors.New("there is no order " + id))
	}
	return o, nil
}

func lookupTool() funcall.Tool {
	type Order = OrderStatus
	shop := orders{"ORD-78342": {"in_transit"}}
	lookup := funcall.NewTool("get_order_status", "Retrieves the status of one order.",
		func(ctx context.Context, q OrderQuery) (Order, error) { return shop.Order(ctx, q.OrderID) },
		funcall.ReadOnly(), funcall.Timeout(2*time.Second))
	return lookup
}

func stream(ctx context.Context, agent *funcall.Agent) error {
	for ev, err := range agent.Stream(ctx, "Where is ORD-78342?") {
		if err != nil {
			return err
		}
		if ev.Kind == funcall.EventText {
			fmt.Print(ev.Text)
		}
	}
	return nil
}

func Example() {
	model := providertest.NewScript(nil,
		providertest.Call("get_order_status", `{"order_id":"ORD-78342"}`),
		providertest.Say("It is on its way."))
	agent, err := funcall.New(model, funcall.Config{
		Instructions: "Answer questions about orders.",
		Tools:        []funcall.Tool{lookupTool()},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := agent.Run(context.Background(), "Where is ORD-78342?")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.Outcome, "after", res.Steps, "steps:", res.Text())
	for _, c := range res.Calls {
		fmt.Println(c.Tool, c.Args, c.Status, c.Text())
	}
	// Output:
	// done after 2 steps: It is on its way.
	// get_order_status {"include_tracking":true,"order_id":"ORD-78342"} ok {"status":"in_transit"}
}

// Every model is a provider.Provider.
func Example_providers() {
	_ = openai.New("gpt-5-mini", openai.APIKey(os.Getenv("OPENAI_API_KEY")))     // Chat Completions, and all that speak it
	_ = openai.NewResponses("gpt-5", openai.APIKey(os.Getenv("OPENAI_API_KEY"))) // the Responses API
	_ = anthropic.New("claude-sonnet-4-5", anthropic.APIKey(os.Getenv("ANTHROPIC_API_KEY")))
	_ = gemini.New("gemini-2.5-flash", gemini.APIKey(os.Getenv("GEMINI_API_KEY")))
}

func ExampleAgent_Stream() {
	agent, err := funcall.New(providertest.NewScript(nil, providertest.Say("On its way.")), funcall.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := stream(context.Background(), agent); err != nil {
		fmt.Println(err)
	}
	// Output: On its way.
}

func ExampleAgent_Session() {
	ctx := context.Background()
	agent, err := funcall.New(providertest.NewScript(nil, providertest.Say("Done."), providertest.Say("You are welcome.")), funcall.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	chat := agent.Session("ticket-4711", funcall.Subject("CUST-9821"))
	res, err := chat.Send(ctx, "Return it, please.")
	fmt.Println(res.Text(), err)
	res, err = chat.Send(ctx, "Thank you!")
	fmt.Println(res.Text(), err, len(res.Transcript.Messages()), "messages")
	// Output:
	// Done. <nil>
	// You are welcome. <nil> 4 messages
}

// What one sets in a service. All of it has defaults, but for the tools.
func ExampleConfig() {
	zero := 0.0
	agent, err := funcall.New(providertest.NewScript(nil, providertest.Say("Hello.")), funcall.Config{
		Instructions:      "You answer the customers of a shop.",
		Tools:             []funcall.Tool{lookupTool()},
		Settings:          provider.Settings{Temperature: &zero, MaxOutputTokens: 1000},
		Store:             new(transcript.Memory), // a database, in production
		Limits:            transcript.Limits{Steps: 8, Tokens: 50_000, ActiveTime: time.Minute},
		MaxParallel:       4,
		DisableEarlyStart: true,
		ModelTimeout:      time.Minute,
		GracePeriod:       time.Second,
		Logger:            slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Run(context.Background(), "Hello!")
	fmt.Println(res.Text(), err)
	// Output: Hello. <nil>
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
	// Config.MaxParallel is negative (-1); leave it out for the default
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

// Everything that there is to see of a run.
func ExampleEvent() {
	agent, err := funcall.New(providertest.NewScript(nil,
		providertest.Call("get_order_status", `{"order_id":"ORD-78342"}`).WithText("One moment."),
		providertest.Say("It is on its way.")),
		funcall.Config{Tools: []funcall.Tool{lookupTool()}})
	if err != nil {
		log.Fatal(err)
	}
	for ev, err := range agent.Stream(context.Background(), "Where is ORD-78342?") {
		switch ev.Kind {
		case funcall.EventText, funcall.EventReasoning:
			fmt.Printf("%q\n", ev.Text)
		case funcall.EventToolInput:
			fmt.Println("the model writes a call of", ev.Tool)
		case funcall.EventModelEnd:
			fmt.Println("a model turn is complete")
		case funcall.EventToolStart:
			fmt.Println("begun:", ev.Tool, ev.Args)
		case funcall.EventToolEnd:
			fmt.Println("ended:", ev.Tool, ev.Status, ev.Text)
		case funcall.EventDone: // the last, always
			fmt.Println(ev.Result.Outcome, err)
		}
	}
	// Output:
	// "One "
	// "moment."
	// the model writes a call of get_order_status
	// a model turn is complete
	// begun: get_order_status {"include_tracking":true,"order_id":"ORD-78342"}
	// ended: get_order_status ok {"status":"in_transit"}
	// "It "
	// "is "
	// "on "
	// "its "
	// "way."
	// a model turn is complete
	// done <nil>
}

// What a run came to: its outcome, its calls, its tokens and its transcript.
func ExampleResult() {
	agent, err := funcall.New(providertest.NewScript(nil,
		providertest.Call("get_order_status", `{"order":"ORD-78342"}`).WithUsage(provider.Usage{Input: 300, Output: 20}),
		providertest.Call("get_order_status", `{"order_id":"ORD-78342"}`).WithUsage(provider.Usage{Input: 400, Output: 20}),
		providertest.Say("It is on its way.").WithUsage(provider.Usage{Input: 450, CacheRead: 400, Output: 10})),
		funcall.Config{Tools: []funcall.Tool{lookupTool()}})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Run(context.Background(), "Where is ORD-78342?")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Outcome, res.Steps, res.Usage.Total())
	for _, c := range res.Calls {
		fmt.Println(c.Ref, c.Tool, c.Args, c.Status)
	}
	fmt.Println(len(res.Transcript.Entries), "entries,", len(res.Transcript.Messages()), "messages")
	// Output:
	// done 3 1200
	// 1.0 get_order_status {"order":"ORD-78342"} refused
	// 3.0 get_order_status {"include_tracking":true,"order_id":"ORD-78342"} ok
	// 7 entries, 6 messages
}

// A call that failed, as an operator reads it: what the model was told, and
// what went wrong.
func ExampleCallRecord() {
	find := funcall.NewTool("find_order", "Finds an order.",
		func(context.Context, OrderQuery) (string, error) { return "", errors.New("db-7: connection refused") },
		funcall.ReadOnly())
	agent, err := funcall.New(providertest.NewScript(nil,
		providertest.Call("find_order", `{"order_id":"ORD-78342"}`), providertest.Say("I cannot look it up now.")),
		funcall.Config{Tools: []funcall.Tool{find}})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Session("ticket-4711").Send(context.Background(), "Where is ORD-78342?")
	if err != nil {
		log.Fatal(err)
	}
	var failed []funcall.CallRecord
	for _, c := range res.Calls {
		if c.Status == transcript.StatusFailed {
			failed = append(failed, c)
		}
	}
	fmt.Println(failed[0].Text())
	fmt.Println(failed[0].ErrorText)
	// Output:
	// The tool failed (reference 09d080d1).
	// db-7: connection refused
}

// The answer as a Go value, for a program that sorts mail. What does not fit
// the struct is told to the model, which tries again.
func ExampleGenerate() {
	type Triage struct {
		Queue  string `json:"queue" jsonschema:"enum=returns,enum=shipping,enum=other"`
		Urgent bool   `json:"urgent,omitempty"`
	}
	ctx := context.Background()
	agent, err := funcall.New(providertest.NewScript(nil,
		providertest.Say(`{"queue":"theft"}`),
		providertest.Say(`{"queue":"shipping","urgent":true}`)),
		funcall.Config{Instructions: "You sort the mail of a shop."})
	if err != nil {
		log.Fatal(err)
	}
	triage, _, err := funcall.Generate[Triage](ctx, agent, "My parcel is open and the earbuds are gone!")
	fmt.Printf("%+v %v\n", triage, err)
	// Output: {Queue:shipping Urgent:true} <nil>
}

// An answer that is no struct is asked for as an object with the property "value".
func ExampleGenerate_list() {
	agent, err := funcall.New(providertest.NewScript(nil, providertest.Say(`{"value":["returns","shipping"]}`)), funcall.Config{})
	if err != nil {
		log.Fatal(err)
	}
	queues, res, err := funcall.Generate[[]string](context.Background(), agent, "Which queues is this for?")
	fmt.Println(queues, err)
	fmt.Println(string(res.Output))
	// Output:
	// [returns shipping] <nil>
	// {"value":["returns","shipping"]}
}

// What asks a single question and what goes on with a conversation can be
// asked alike.
func ExampleRunner() {
	type Mood struct {
		Angry bool `json:"angry"`
	}
	agent, err := funcall.New(providertest.NewScript(nil,
		providertest.Say(`{"angry":false}`), providertest.Say(`{"angry":true}`)), funcall.Config{})
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range []funcall.Runner{agent, agent.Session("ticket-4711")} {
		mood, _, err := funcall.Generate[Mood](context.Background(), r, "How does the customer feel?")
		fmt.Println(mood.Angry, err)
	}
	// Output:
	// false <nil>
	// true <nil>
}
