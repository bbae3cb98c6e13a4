package provider_test

import (
	"fmt"

	"github.com/funcall/funcall/provider"
)

// An API may have one item for a search and another one for what it found.
func ExampleMessage_ServerCalls() {
	m := provider.Assistant(
		provider.ServerCall{ID: "s1", Name: "web_search", Input: "rain in Kiel"},
		provider.ServerCall{ID: "s1", Name: "web_search", Output: "Rain: https://rain.example"},
		provider.Text{Text: "It rains."},
	)
	for _, c := range m.ServerCalls() {
		fmt.Printf("%s for %q found %s\n", c.Name, c.Input, c.Output)
	}
	// Output: web_search for "rain in Kiel" found Rain: https://rain.example
}

func ExampleUsage_WithoutTools() {
	u := provider.Usage{Input: 1000, Output: 100, WebSearches: 2}
	fmt.Println(u.WebSearches, u.WithoutTools() == provider.Usage{Input: 1000, Output: 100})
	// Output: 2 true
}

// A use without a price makes the cost unknown, unless it is free.
func ExamplePrice_Covers() {
	cent := provider.Dollar / 100
	price := provider.Price{Input: provider.Dollar, Output: 5 * provider.Dollar, WebSearch: &cent, CodeExecution: new(provider.Money)}
	searched := provider.Usage{Input: 1000, Output: 100, WebSearches: 2, CodeExecutions: 1}
	fmt.Println(price.Cost(searched), price.Covers(searched), price.Covers(provider.Usage{FileSearches: 1}))
	// Output: $0.0215 true false
}
