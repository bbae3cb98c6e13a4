package provider_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/funcall/funcall/provider"
)

func ExampleParseMoney() {
	m, err := provider.ParseMoney("0.0375")
	fmt.Println(m, err, m.Add(provider.Dollar))
	_, err = provider.ParseMoney("4 cents")
	fmt.Println(err)
	// Output:
	// $0.0375 <nil> $1.0375
	// "4 cents" is no sum of dollars: want a decimal number such as 0.0375
}

// A table of prices is a JSON file.
func ExamplePrices() {
	var table provider.Prices
	err := json.Unmarshal([]byte(`{"gpt-5-mini": {"input": "0.25", "cache_read": "0.025", "output": "2"}}`), &table)
	fmt.Println(table["gpt-5-mini"].Output, err)
	// Output: $2.00 <nil>
}

// An API answers with the name of a snapshot, which costs what the model does.
// What another model costs is not guessed.
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

// A wrapper passes on which model it asks, so that a limit of cost can be held.
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
