package providertest_test

import (
	"context"
	"fmt"
	"log"
	"testing"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// A script calls a tool and then answers. In a test, pass t as the first argument of
// NewScript: then each mistake fails the test, even if the code under test ignores the error.
func ExampleScript() {
	model := providertest.NewScript(nil,
		providertest.Call("get_order_status", `{"order_id":"ORD-1"}`),
		providertest.Say("It is on its way.").
			Expect(providertest.HasResult("get_order_status", "shipped")),
	)

	req := &provider.Request{Messages: []*provider.Message{provider.User("Where is ORD-1?")}}
	for {
		resp, err := model.Generate(context.Background(), req, nil)
		if err != nil {
			log.Fatal(err)
		}
		req.Messages = append(req.Messages, resp.Message)
		calls := resp.Message.ToolCalls()
		if len(calls) == 0 {
			fmt.Println(resp.Message.Text())
			break
		}
		results := &provider.Message{Role: provider.RoleTool}
		for _, c := range calls {
			fmt.Println(c.ID, c.Name, c.Args)
			results.Parts = append(results.Parts, provider.ToolResult{
				CallID: c.ID, Name: c.Name, Parts: []provider.Part{provider.Text{Text: "shipped"}},
			})
		}
		req.Messages = append(req.Messages, results)
	}
	// Output:
	// c1 get_order_status {"order_id":"ORD-1"}
	// It is on its way.
}

// If a request differs from what the script expects, the error says how.
func ExampleTurn_Expect() {
	model := providertest.NewScript(nil,
		providertest.Say("It is on its way.").Expect(providertest.UserSays("ORD-1")),
	)
	_, err := model.Generate(context.Background(), &provider.Request{
		Messages: []*provider.Message{provider.User("Where is ORD-2?")},
	}, nil)
	fmt.Println(err)
	// Output:
	// script: invalid request: turn 1: want "ORD-1" from the user, got "Where is ORD-2?"
	// 	request: user "Where is ORD-2?"
}

func ExampleTurn_FailAfter() {
	model := providertest.NewScript(nil,
		providertest.Say("It is on its way.").FailAfter(2, &provider.Error{Kind: provider.KindOverloaded, Status: 529}),
	)
	_, err := model.Generate(context.Background(), new(provider.Request), func(d provider.Delta) {
		fmt.Printf("%q\n", d.Text)
	})
	fmt.Println(err)
	// Output:
	// "It "
	// "is "
	// overloaded (HTTP 529)
}

// A wrapper must pass the suite like an adapter. The serve function of an adapter starts a
// server that renders the turns; here a script plays them.
func ExampleConformance() {
	withUser := func(next provider.Provider) provider.Provider {
		return provider.Func(func(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
			changed := *req
			changed.System += "\nThe user's name is Ada."
			return next.Generate(ctx, &changed, emit)
		})
	}

	// In a file of its own this is func TestWithUserConforms(t *testing.T).
	_ = func(t *testing.T) {
		providertest.Conformance(t, func(t *testing.T, turns []providertest.Turn) provider.Provider {
			return withUser(providertest.NewScript(t, turns...))
		})
	}
}

var (
	background = context.Background()
	question   = &provider.Request{Messages: []*provider.Message{provider.User("Where is ORD-1?")}}
)

// In a test, the first argument is the test's t.
func ExampleNewScript() {
	model := providertest.NewScript(nil, providertest.Say("It is on its way."))
	resp, err := model.Generate(background, question, nil)
	fmt.Println(resp.Message.Text(), err)

	_, err = model.Generate(background, question, nil) // the script has no more turns
	fmt.Println(err)
	// Output:
	// It is on its way. <nil>
	// script: invalid request: turn 2: no turn left: the script has 1
	// 	request: user "Where is ORD-1?"
}

// In one turn, the model thinks, writes text and calls a tool.
func ExampleCall() {
	turn := providertest.Call("get_order_status", `{"order_id":"ORD-1"}`).
		WithReasoning("An order: look it up.").
		WithText("One moment.").
		WithUsage(provider.Usage{Input: 300, Output: 40})
	resp, err := providertest.NewScript(nil, turn).Generate(background, question, nil)
	for _, p := range resp.Message.Parts {
		fmt.Printf("%T\n", p)
	}
	fmt.Println(resp.Finish, resp.Usage.Total(), err)
	// Output:
	// provider.Reasoning
	// provider.Text
	// provider.ToolCall
	// tool_calls 340 <nil>
}

func ExampleCalls() {
	turn := providertest.Calls(
		provider.ToolCall{Name: "get_order_status", Args: `{"order_id":"ORD-1"}`},
		provider.ToolCall{ID: "mine", Name: "get_order_status", Args: `{"order_id":"ORD-2"}`})
	resp, err := providertest.NewScript(nil, turn).Generate(background, question, nil)
	for _, c := range resp.Message.ToolCalls() {
		fmt.Println(c.ID, c.Name, c.Args)
	}
	fmt.Println(err)
	// Output:
	// c1 get_order_status {"order_id":"ORD-1"}
	// mine get_order_status {"order_id":"ORD-2"}
	// <nil>
}

// A response can be truncated by a token limit.
func ExampleSay() {
	turn := providertest.Say("It is on its").WithFinish(provider.FinishLength)
	resp, err := providertest.NewScript(nil, turn).Generate(background, question, nil)
	fmt.Println(resp.Message.Text(), resp.Finish, err)
	// Output: It is on its length <nil>
}

// Respond can send any response, such as a call without an ID, as some gateways do.
func ExampleRespond() {
	turn := providertest.Respond(&provider.Response{
		Message: provider.Assistant(provider.ToolCall{Name: "get_order_status", Args: `{}`}),
		Finish:  provider.FinishToolCalls,
		Model:   "small-model",
	})
	resp, err := providertest.NewScript(nil, turn).Generate(background, question, nil)
	fmt.Printf("%q %s %v\n", resp.Message.ToolCalls()[0].ID, resp.Model, err)
	// Output: "" small-model <nil>
}

func ExampleFail() {
	turn := providertest.Fail(&provider.Error{Kind: provider.KindRateLimited, Status: 429, RetryAfter: 2 * time.Second})
	_, err := providertest.NewScript(nil, turn).Generate(background, question, nil)
	fmt.Println(err)
	// Output: rate limited (HTTP 429) (retry after 2s)
}

// A model that never answers tests the caller's timeout.
func ExampleHang() {
	ctx, cancel := context.WithTimeout(background, 10*time.Millisecond)
	defer cancel()
	_, err := providertest.NewScript(nil, providertest.Hang().WithDelay(time.Millisecond)).Generate(ctx, question, nil)
	fmt.Println(err)
	// Output: script: timeout: context deadline exceeded
}

func ExampleTurn_HangAfter() {
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	model := providertest.NewScript(nil, providertest.Say("It is on its way.").HangAfter(2))
	_, err := model.Generate(ctx, question, func(d provider.Delta) {
		fmt.Printf("%q\n", d.Text)
		if d.Text == "is " {
			cancel()
		}
	})
	fmt.Println(err)
	// Output:
	// "It "
	// "is "
	// script: canceled: context canceled
}

// Loop repeats the turns, for benchmarks.
func ExampleScript_Loop() {
	model := providertest.NewScript(nil, providertest.Say("Tick."), providertest.Say("Tock.")).Loop()
	for range 3 {
		resp, err := model.Generate(background, question, nil)
		fmt.Println(resp.Message.Text(), err)
	}
	// Output:
	// Tick. <nil>
	// Tock. <nil>
	// Tick. <nil>
}

// Requests returns what the model received, for checks after a run.
// A limit of cost needs a price for the model "script".
func ExampleScript_Model() {
	model := providertest.NewScript(nil, providertest.Say("Hello!").WithUsage(provider.Usage{Input: 10}))
	prices := provider.Prices{model.Model(): {Input: provider.Dollar}}
	price, known := prices.Lookup(model.Model(), "")
	fmt.Println(price.Input, known)
	// Output: $1.00 true
}

func ExampleScript_Requests() {
	model := providertest.NewScript(nil, providertest.Say("It is on its way."))
	_, err := model.Generate(background, question, nil)
	fmt.Println(err)
	for _, req := range model.Requests() {
		fmt.Println(len(req.Tools), "tools,", req.Messages[0].Text())
	}
	// Output:
	// <nil>
	// 0 tools, Where is ORD-1?
}

// pieces streams a response and prints its pieces.
func pieces(cut providertest.Cut) {
	model := providertest.NewScript(nil, providertest.Say("It is on.")).Cut(cut)
	_, err := model.Generate(background, question, func(d provider.Delta) { fmt.Printf("%q ", d.Text) })
	fmt.Println(err)
}

func ExampleScript_Cut() {
	pieces(func(rest string) int { return 4 })
	// Output: "It i" "s on" "." <nil>
}

func ExampleCutWords() {
	pieces(providertest.CutWords)
	// Output: "It " "is " "on." <nil>
}

func ExampleCutRunes() {
	pieces(providertest.CutRunes(3))
	// Output: "It " "is " "on." <nil>
}

func ExampleCutWhole() {
	pieces(providertest.CutWhole)
	// Output: "It is on." <nil>
}

// The same seed cuts in the same way, so failures are reproducible.
func ExampleCutRandom() {
	for d := range providertest.Deltas(&provider.Response{
		Message: provider.Assistant(provider.Text{Text: "It is on its way, and arrives tomorrow."}),
	}, providertest.CutRandom(4)) {
		fmt.Printf("%q\n", d.Text)
	}
	// Output:
	// "I"
	// "t is on its wa"
	// "y, "
	// "and arrives t"
	// "o"
	// "mor"
	// "row."
}

// Deltas are what a server that streams a turn has to send.
func ExampleDeltas() {
	resp := &provider.Response{
		Message: provider.Assistant(
			provider.Text{Text: "One moment."},
			provider.ToolCall{ID: "c1", Name: "get_order_status", Args: `{"order_id":"ORD-1"}`}),
		Finish: provider.FinishToolCalls,
	}
	for d := range providertest.Deltas(resp, providertest.CutWhole) {
		fmt.Printf("%d %s%q\n", d.Kind, d.Name, d.Text)
	}
	// Output:
	// 1 "One moment."
	// 3 get_order_status""
	// 4 "{\"order_id\":\"ORD-1\"}"
	// 5 get_order_status"{\"order_id\":\"ORD-1\"}"
}

// An API without a cache does not count such tokens.
func ExampleSkip() {
	_ = func(t *testing.T) {
		providertest.Conformance(t, func(t *testing.T, turns []providertest.Turn) provider.Provider {
			return providertest.NewScript(t, turns...)
		}, providertest.Skip("UsageCacheWrite", "the API writes no cache"))
	}
}

// A check for Turn.Expect returns an error if the request is not as expected.
func ExampleHasTools() {
	req := &provider.Request{
		Tools:    []*provider.Tool{{Name: "get_order_status"}},
		Messages: question.Messages,
	}
	fmt.Println(providertest.HasTools("get_order_status")(req))
	fmt.Println(providertest.HasTools("get_order_status", "process_return")(req))
	// Output:
	// <nil>
	// want the tools [get_order_status process_return], got [get_order_status]
}

func ExampleUserSays() {
	fmt.Println(providertest.UserSays("ORD-1")(question))
	fmt.Println(providertest.UserSays("ORD-2")(question))
	// Output:
	// <nil>
	// want "ORD-2" from the user, got "Where is ORD-1?"
}

func ExampleToolsOff() {
	req := &provider.Request{
		Tools:  []*provider.Tool{{Name: "get_order_status"}},
		Choice: provider.ToolChoice{Mode: provider.ToolsNone},
	}
	fmt.Println(providertest.ToolsOff(req))
	// Output: <nil>
}

// answered is a conversation with the result or the error of a tool.
func answered(text string, failed bool) *provider.Request {
	return &provider.Request{Messages: []*provider.Message{
		provider.User("Where is ORD-1?"),
		provider.Assistant(provider.ToolCall{ID: "c1", Name: "get_order_status", Args: `{"order_id":"ORD-1"}`}),
		{Role: provider.RoleTool, Parts: []provider.Part{
			provider.ToolResult{CallID: "c1", Name: "get_order_status", Parts: []provider.Part{provider.Text{Text: text}}, IsError: failed},
		}},
	}}
}

func ExampleHasResult() {
	fmt.Println(providertest.HasResult("get_order_status", "transit")(answered("in_transit", false)))
	// Output: <nil>
}

func ExampleHasError() {
	fmt.Println(providertest.HasError("get_order_status", "no order")(answered("there is no order ORD-1", true)))
	// Output: <nil>
}

type stockQuery struct {
	SKU      string `json:"sku" jsonschema:"example=WEP-2024"`
	Quantity int    `json:"quantity" jsonschema:"minimum=3,maximum=3"`
}

// A smoke test calls each tool once, with arguments that fit its schema.
func ExampleEveryTool() {
	tools := []funcall.Tool{
		funcall.NewTool("get_stock", "How many of an article there are.",
			func(_ context.Context, q stockQuery) (string, error) {
				return fmt.Sprintf("%d and more", q.Quantity), nil
			},
			funcall.ReadOnly()),
		funcall.NewTool("restock", "Orders more of an article.",
			func(context.Context, struct{}) (string, error) { panic("not written yet") }),
	}
	agent, err := funcall.New(providertest.EveryTool(2), funcall.Config{Tools: tools})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Run(context.Background(), "Go.")
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range res.Calls {
		fmt.Println(c.Tool, c.Args, c.Status)
	}
	fmt.Println(res.Text())
	// Output:
	// get_stock {"quantity":3,"sku":"WEP-2024"} ok
	// restock {} in_doubt
	// I called get_stock, restock (error).
}
