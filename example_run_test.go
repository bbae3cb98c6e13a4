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
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

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
		case funcall.EventToolCall:
			fmt.Println("the model writes a call of", ev.Tool)
		case funcall.EventModel:
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
	fmt.Println(failed[0].Err)
	// Output:
	// The tool failed (reference 09d080d1).
	// db-7: connection refused
}

// At a limit the run finishes: the model is asked once more, without tools,
// for what it has.
func ExampleLimits() {
	turn := providertest.Call("get_order_status", `{"order_id":"ORD-78342"}`)
	agent, err := funcall.New(
		providertest.NewScript(nil, turn, turn, providertest.Say("It is in transit, as far as I can see.").Expect(providertest.ToolsOff)),
		funcall.Config{Tools: []funcall.Tool{lookupTool()}, Limits: transcript.Limits{Steps: 2}})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Run(context.Background(), "Where is ORD-78342?")
	fmt.Println(res.Outcome, res.Reason, err)
	fmt.Println(res.Text())
	// Output:
	// limit steps <nil>
	// It is in transit, as far as I can see.
}

// Limits of one run, over the agent's. The words are said where the model may
// not be asked again.
func ExampleWithLimits() {
	agent, err := funcall.New(
		providertest.NewScript(nil, providertest.Call("get_order_status", `{"order_id":"ORD-78342"}`).WithUsage(provider.Usage{Input: 900, Output: 100})),
		funcall.Config{Tools: []funcall.Tool{lookupTool()}})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Run(context.Background(), "Where is ORD-78342?",
		funcall.WithLimits(transcript.Limits{Tokens: 1000, ClosingText: "Please call us: 555-0100."}))
	fmt.Println(res.Outcome, res.Reason, err)
	fmt.Println(res.Calls[0].Status)
	fmt.Println(res.Text())
	// Output:
	// limit tokens <nil>
	// skipped
	// Please call us: 555-0100.
}

// Settings of one run, over the agent's. What is left out stays.
func ExampleWithSettings() {
	model := provider.Func(func(_ context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
		return &provider.Response{
			Message: provider.Assistant(provider.Text{Text: fmt.Sprintf("at most %d tokens, effort %s", req.MaxOutputTokens, req.ReasoningEffort)}),
			Finish:  provider.FinishStop,
		}, nil
	})
	agent, err := funcall.New(model, funcall.Config{Settings: provider.Settings{MaxOutputTokens: 500, ReasoningEffort: "low"}})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Run(context.Background(), "Compare the two.", funcall.WithSettings(provider.Settings{ReasoningEffort: "high"}))
	fmt.Println(res.Text(), err)
	// Output: at most 500 tokens, effort high <nil>
}

// A photo beside the words.
func ExampleAttach() {
	agent, err := funcall.New(providertest.NewScript(nil, providertest.Say("The left earbud is broken.")), funcall.Config{})
	if err != nil {
		log.Fatal(err)
	}
	photo := provider.Media{MIME: "image/jpeg", URL: "https://shop.example/uploads/4711.jpg"}
	res, err := agent.Run(context.Background(), "What is wrong with it?", funcall.Attach(photo))
	fmt.Println(res.Text(), err)
	// Output: The left earbud is broken. <nil>
}

// A session belongs to the subject of its first message.
func ExampleSubject() {
	agent, err := funcall.New(providertest.NewScript(nil, providertest.Say("Hello, Sarah.")), funcall.Config{})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	res, err := agent.Session("ticket-4711", funcall.Subject("CUST-9821")).Send(ctx, "Hello!")
	fmt.Println(res.Text(), err)

	res, err = agent.Session("ticket-4711", funcall.Subject("CUST-8765")).Send(ctx, "What did she say?")
	fmt.Println(errors.Is(err, funcall.ErrWrongSubject), len(res.Transcript.Entries))
	// Output:
	// Hello, Sarah. <nil>
	// true 0
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

// A tool that ignores its context cannot be stopped. It is left alone, and
// counted until it returns: watch the number.
func ExampleAgent_Abandoned() {
	release := make(chan bool)
	deaf := funcall.NewTool("legacy_lookup", "Asks the old system.",
		func(context.Context, struct{}) (string, error) { <-release; return "", nil },
		funcall.ReadOnly(), funcall.Timeout(time.Millisecond))

	agent, err := funcall.New(
		providertest.NewScript(nil, providertest.Call("legacy_lookup", `{}`), providertest.Say("I cannot see it.")),
		funcall.Config{Tools: []funcall.Tool{deaf}, GracePeriod: time.Millisecond})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Run(context.Background(), "Where is my order from 1999?")
	fmt.Println(res.Text(), err)
	fmt.Println("abandoned:", agent.Abandoned())
	close(release)
	// Output:
	// I cannot see it. <nil>
	// abandoned: 1
}
