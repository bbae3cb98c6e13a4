package funcall_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
	"github.com/funcall/funcall/provider/prices"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// Prices are data: a table to begin with, and what you pay in place of it. With
// them a run knows what it cost, and can be held to a limit.
func ExampleConfig_prices() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"model":"gpt-5-mini-2025-08-07","choices":[{"message":{"content":"It is on its way."},"finish_reason":"stop"}],"usage":{"prompt_tokens":1200,"completion_tokens":60}}`)
	}))
	defer server.Close()

	table := prices.Published()
	table["gpt-5-mini"] = provider.Price{Input: provider.Dollar / 4, Output: 2 * provider.Dollar} // a million tokens each
	agent, err := funcall.New(openai.New("gpt-5-mini", openai.BaseURL(server.URL)), funcall.Config{
		Prices: table,
		Limits: transcript.Limits{Cost: provider.Dollar / 20},
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
	show := func(cost transcript.Cost) { fmt.Println(cost, cost.UnknownCalls) }
	show(res.Cost)
	fmt.Println(transcript.Track(res.Transcript).Cost().Amount)
	// Output:
	// $0.00042 0
	// $0.00042
}

// Some APIs say what each answer costs: OpenRouter, Vercel's gateway, xAI,
// Perplexity. Their word wins over a price, and needs none.
func ExampleConfig_costOfTheAPI() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"choices":[{"message":{"content":"It is on its way."},"finish_reason":"stop"}],"usage":{"prompt_tokens":1200,"completion_tokens":60,"cost":0.00042}}`)
	}))
	defer server.Close()

	model := openai.New("openai/gpt-5-mini", openai.BaseURL(server.URL))
	response, err := model.Generate(context.Background(), &provider.Request{Messages: []*provider.Message{provider.User("Where is ORD-78342?")}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(response.Cost)

	agent, err := funcall.New(model, funcall.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := agent.Run(context.Background(), "Where is ORD-78342?")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.Cost)
	// Output:
	// $0.00042
	// $0.00042
}

// At a limit the run finishes: the model is asked once more, without tools,
// for what it has.
func ExampleConfig_limits() {
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

// Limits of one run replace the agent's. ClosingText is the answer if the model cannot be asked
// once more.
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

// Quotes cost money: they begin when the model's turn is complete, and so never
// for a turn that breaks off.
func ExampleNoEarlyStart() {
	quote := funcall.NewTool("quote", "Asks the carrier for a price.",
		func(context.Context, struct{}) (string, error) {
			fmt.Println("the carrier is asked")
			return "$4.99", nil
		}, funcall.ReadOnly(), funcall.NoEarlyStart())

	agent, err := funcall.New(
		providertest.NewScript(nil, providertest.Call("quote", `{}`), providertest.Say("It costs $4.99.")),
		funcall.Config{Tools: []funcall.Tool{quote}})
	if err != nil {
		log.Fatal(err)
	}
	for ev, err := range agent.Stream(context.Background(), "What is express?") {
		if err != nil {
			log.Fatal(err)
		}
		if ev.Kind == funcall.EventModelEnd {
			fmt.Println("a turn is complete")
		}
	}
	// Output:
	// a turn is complete
	// the carrier is asked
	// a turn is complete
}

// A tool that ignores its context cannot be stopped. It is left alone, and
// counted until it returns: watch the number.
func ExampleAgent_AbandonedCalls() {
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
	fmt.Println("abandoned:", agent.AbandonedCalls())
	close(release)
	// Output:
	// I cannot see it. <nil>
	// abandoned: 1
}

// An engine that owns the transcript itself, as a durable workflow does: Next
// is its deterministic part, Do is the part with effects.
func ExampleAgent_Do() {
	ctx := context.Background()
	agent, err := funcall.New(providertest.NewScript(nil,
		providertest.Call("get_order_status", `{"order_id":"ORD-78342"}`), providertest.Say("It is on its way.")),
		funcall.Config{Tools: []funcall.Tool{lookupTool()}})
	if err != nil {
		log.Fatal(err)
	}
	in, err := agent.NewInput(ctx, "workflow-1", "Where is ORD-78342?", funcall.Subject("CUST-9821"))
	if err != nil {
		log.Fatal(err)
	}
	t := transcript.Transcript{ID: "workflow-1"}
	add := func(bodies ...transcript.Body) { // in one append, to whatever keeps it
		for _, b := range bodies {
			t.Entries = append(t.Entries, transcript.Entry{Time: time.Now(), Body: b})
		}
	}
	add(in)
	for {
		act := transcript.Next(t)
		add(act.Before...)
		fmt.Println(act.Kind)
		if act.Kind == transcript.ActionNone || act.Kind == transcript.ActionWait {
			break
		}
		bodies, err := agent.Do(ctx, t.Messages(), act, nil)
		add(bodies...)
		if err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// model
	// tools
	// model
	// rest
}
