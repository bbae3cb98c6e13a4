package provider_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"

	"github.com/funcall/funcall/provider"
)

// upper is a model that answers with the user's text in capitals.
var upper = provider.Func(func(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, &provider.Error{Kind: provider.KindCanceled, Provider: "upper", Err: err}
	}
	last := req.Messages[len(req.Messages)-1].Text()
	text := fmt.Sprintf("YOU SAID: %q", last)
	if emit != nil {
		emit(provider.Delta{Kind: provider.DeltaText, Text: text})
	}
	return &provider.Response{
		Message: provider.Assistant(provider.Text{Text: text}),
		Finish:  provider.FinishStop,
	}, nil
})

// A function can be a Provider, for tests and wrappers.
func ExampleFunc() {
	resp, err := upper.Generate(context.Background(), &provider.Request{
		Messages: []*provider.Message{provider.User("hello")},
	}, func(d provider.Delta) {
		if d.Kind == provider.DeltaText {
			fmt.Println("streamed:", d.Text)
		}
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("whole:   ", resp.Message.Text())
	// Output:
	// streamed: YOU SAID: "hello"
	// whole:    YOU SAID: "hello"
}

func ExampleError() {
	err := fmt.Errorf("ticket 4711: %w", &provider.Error{
		Kind: provider.KindContextTooLong, Provider: "openai", Status: 400, Code: "context_length_exceeded",
		Message: "the conversation has 131,000 tokens", RequestID: "req_7",
	})
	if e, ok := errors.AsType[*provider.Error](err); ok {
		fmt.Println(e.Kind, e.RequestID)
	}
	fmt.Println(err)
	// Output:
	// context_too_long req_7
	// ticket 4711: openai: context too long (HTTP 400, context_length_exceeded): the conversation has 131,000 tokens [request req_7]
}

func ExampleUser() {
	m := provider.User("What is this?", provider.Media{MIME: "image/png", URL: "https://shop.example/4711.png"})
	b, err := json.Marshal(m)
	fmt.Println(string(b), err)
	// Output: {"role":"user","parts":[{"type":"text","text":"What is this?"},{"type":"media","mime":"image/png","url":"https://shop.example/4711.png"}]} <nil>
}

// A turn of a model, and the message with the result of its call. Parts keep their order and
// their State.
func ExampleAssistant() {
	turn := provider.Assistant(
		provider.Reasoning{Text: "An order: look it up.", State: provider.State{Owner: "acme", Data: json.RawMessage(`{"signature":"c2ln"}`)}},
		provider.Text{Text: "One moment."},
		provider.ToolCall{ID: "c1", Name: "get_order_status", Args: `{"order_id":"ORD-78342"}`},
	)
	answer := &provider.Message{Role: provider.RoleTool, Parts: []provider.Part{
		provider.ToolResult{CallID: "c1", Name: "get_order_status", Parts: []provider.Part{provider.Text{Text: "in_transit"}}},
	}}
	fmt.Println(turn.Text(), turn.ToolCalls()[0].Args, turn.State.IsZero())
	for _, p := range answer.Parts {
		if r, ok := p.(provider.ToolResult); ok {
			fmt.Println(r.Name, r.Text())
		}
	}
	// Output:
	// One moment. {"order_id":"ORD-78342"} true
	// get_order_status in_transit
}

// An adapter encodes a past message once, and keeps the bytes with it. The key names the
// adapter and everything else that the bytes depend on.
func ExampleMessage_Encoded() {
	encode := func(m *provider.Message) ([]byte, error) {
		fmt.Println("encoding", m.Text())
		return json.Marshal(map[string]string{"role": string(m.Role), "content": m.Text()})
	}
	m := provider.User("Hello!")
	for range 2 {
		b, err := m.Encoded("acme|v2", encode)
		fmt.Println(string(b), err)
	}
	// Output:
	// encoding Hello!
	// {"content":"Hello!","role":"user"} <nil>
	// {"content":"Hello!","role":"user"} <nil>
}

// An adapter also encodes each tool once.
func ExampleTool_Encoded() {
	tool := &provider.Tool{Name: "get_stock", Description: "Counts what is left.", Schema: json.RawMessage(`{"type":"object"}`)}
	b, err := tool.Encoded("acme|v2", func(t *provider.Tool) ([]byte, error) {
		return json.Marshal(map[string]any{"name": t.Name, "parameters": t.Schema})
	})
	fmt.Println(string(b), err)
	// Output: {"name":"get_stock","parameters":{"type":"object"}} <nil>
}

// Parts can be stored outside of a message, such as a tool's result in a cache.
func ExampleMarshalParts() {
	b, err := provider.MarshalParts([]provider.Part{provider.Text{Text: "47 left"}})
	fmt.Println(string(b), err)
	parts, err := provider.UnmarshalParts(b)
	fmt.Println(provider.Assistant(parts...).Text(), err)
	// Output:
	// [{"type":"text","text":"47 left"}] <nil>
	// 47 left <nil>
}

func ExampleUnmarshalParts() {
	parts, err := provider.UnmarshalParts([]byte(`[{"type":"text","text":"47 left"},{"type":"hologram","depth":3}]`))
	fmt.Printf("%T %T %v\n", parts[0], parts[1], err) // a part of a newer type is kept
	// Output: provider.Text provider.Native <nil>
}

func ExampleSettings_Merge() {
	seed := int64(7)
	agent := provider.Settings{MaxOutputTokens: 500, Seed: &seed}
	run := provider.Settings{MaxOutputTokens: 2000, Stop: []string{"END"}}
	s := agent.Merge(run)
	fmt.Println(s.MaxOutputTokens, *s.Seed, s.Stop)
	// Output: 2000 7 [END]
}

// Input includes cached tokens, and Output includes reasoning, for every API.
func ExampleUsage() {
	u := provider.Usage{Input: 1200, CacheRead: 1000, Output: 80, Reasoning: 50}
	sum := u.Add(provider.Usage{Input: 300, Output: 20})
	fmt.Println(sum.Total(), sum.CacheRead)
	// Output: 1600 1000
}

func ExampleFinishReason_Complete() {
	for _, f := range []provider.FinishReason{provider.FinishStop, provider.FinishToolCalls, provider.FinishLength, provider.FinishFiltered} {
		fmt.Println(f, f.Complete())
	}
	// Output:
	// stop true
	// tool_calls true
	// length false
	// filtered false
}

// An agent creates a request, and an adapter reads it.
func ExampleRequest() {
	yes := true
	req := provider.Request{
		System:   "You answer questions about stock.",
		Tools:    []*provider.Tool{{Name: "get_stock", Description: "Counts what is left.", Schema: json.RawMessage(`{"type":"object"}`)}},
		Choice:   provider.ToolChoice{Mode: provider.ToolsNamed, Name: "get_stock"},
		Messages: []*provider.Message{provider.User("How many earbuds are left?")},
		Settings: provider.Settings{ParallelCalls: &yes},
	}
	if req.OutputSchema != nil {
		fmt.Println("an answer of the form", req.OutputSchema.Name, "is wanted")
	}
	fmt.Println(req.Choice.Mode, req.Choice.Name, len(req.Messages))
	// Output: named get_stock 1
}

// lastN sends the last n messages of a conversation.
type lastN struct {
	provider.Named // keeps Model, which Limits.Cost needs
	n              int
}

func (l lastN) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	cut := *req
	cut.Messages = provider.LastMessages(req.Messages, l.n)
	return l.Named.Generate(ctx, &cut, emit)
}

// prints is a model that prints the messages of each request.
type prints struct{}

func (prints) Model() string { return "prints-1" }

func (prints) Generate(_ context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
	for _, m := range req.Messages {
		fmt.Println(m.Role, m.Text())
	}
	return &provider.Response{Message: provider.Assistant(provider.Text{Text: "Rainy, too."}), Finish: provider.FinishStop}, nil
}

// A wrapper that sends only the end of a long conversation. The session keeps all of it.
func ExampleLastMessages() {
	model := lastN{prints{}, 5}
	_, err := model.Generate(context.Background(), &provider.Request{Messages: []*provider.Message{
		provider.User("Weather in Oslo?"),
		provider.Assistant(provider.ToolCall{ID: "c1", Name: "weather", Args: `{"city":"Oslo"}`}),
		{Role: provider.RoleTool, Parts: []provider.Part{provider.ToolResult{CallID: "c1", Name: "weather", Parts: []provider.Part{provider.Text{Text: "rain"}}}}},
		provider.Assistant(provider.Text{Text: "Rainy."}),
		provider.User("Thanks."),
		provider.Assistant(provider.Text{Text: "You are welcome."}),
		provider.User("And in Bergen?"),
	}}, nil)
	fmt.Println(err)
	// Output:
	// user Thanks.
	// assistant You are welcome.
	// user And in Bergen?
	// <nil>
}

func ExampleParseMoney() {
	m, err := provider.ParseMoney("0.0375")
	fmt.Println(m, err, m.Add(provider.Dollar))
	_, err = provider.ParseMoney("4 cents")
	fmt.Println(err)
	// Output:
	// $0.0375 <nil> $1.0375
	// invalid sum of dollars "4 cents": want a decimal number such as 0.0375
}

// A table of prices is a JSON file.
func ExamplePrices() {
	var table provider.Prices
	err := json.Unmarshal([]byte(`{"gpt-5-mini": {"input": "0.25", "cache_read": "0.025", "output": "2"}}`), &table)
	fmt.Println(table["gpt-5-mini"].Output, err)
	// Output: $2.00 <nil>
}

// If an API answers with the name of a snapshot, the price of its model applies. The price of
// another model is unknown.
func ExamplePrices_Lookup() {
	table := provider.Prices{"gpt-5": {Input: provider.Dollar, Output: 10 * provider.Dollar}}
	_, known := table.Lookup("gpt-5", "gpt-5-2025-08-07")
	_, other := table.Lookup("gpt-5", "gpt-5-pro-2025-10-06")
	fmt.Println(known, other)
	// Output: true false
}

func ExamplePrice_Cost() {
	price := provider.Price{Input: 3 * provider.Dollar, CacheRead: provider.Dollar / 4, Output: 15 * provider.Dollar}
	fmt.Println(price.Cost(provider.Usage{Input: 1000, CacheRead: 800, Output: 100, Reasoning: 60}))
	// Output: $0.0023
}

// A wrapper passes on the name of its model, which a limit of cost needs.
type counted struct {
	provider.Named
	calls int
}

func (c *counted) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	c.calls++
	return c.Named.Generate(ctx, req, emit)
}

func ExampleNamed() {
	var p provider.Provider = &counted{Named: echo{}}
	if named, ok := p.(provider.Named); ok {
		fmt.Println(named.Model())
	}
	// Output: echo-1
}

type echo struct{ provider.Func }

func (echo) Model() string { return "echo-1" }
