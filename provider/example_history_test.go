package provider_test

import (
	"context"
	"fmt"

	"github.com/funcall/funcall/provider"
)

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

// prints is a model that prints what it is sent.
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
