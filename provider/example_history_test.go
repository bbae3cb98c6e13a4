package provider_test

import (
	"context"
	"fmt"

	"github.com/funcall/funcall/provider"
)

// A wrapper that sends the end of a long conversation alone. The conversation
// itself stays whole.
func ExampleLastMessages() {
	last := func(next provider.Provider, n int) provider.Provider {
		return provider.Func(func(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
			cut := *req
			cut.Messages = provider.LastMessages(req.Messages, n)
			return next.Generate(ctx, &cut, emit)
		})
	}

	model := last(provider.Func(func(_ context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
		for _, m := range req.Messages {
			fmt.Println(m.Role, m.Text())
		}
		return &provider.Response{Message: provider.Assistant(provider.Text{Text: "Rainy, too."}), Finish: provider.FinishStop}, nil
	}), 5)
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
