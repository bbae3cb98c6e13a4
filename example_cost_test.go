package funcall_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
	"github.com/funcall/funcall/provider/prices"
	"github.com/funcall/funcall/transcript"
)

// Prices are data: a table to begin with, and what you pay in place of it. With
// them a run knows what it cost, and can be held to a limit.
func ExampleCost() {
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
func ExampleCost_saidByTheAPI() {
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
