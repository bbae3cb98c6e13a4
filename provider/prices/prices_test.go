package prices_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/prices"
)

func ExamplePublished() {
	table := prices.Published()
	table["my-own-model"] = provider.Price{Input: provider.Dollar / 10, Output: provider.Dollar / 5}

	price, ok := table.Lookup("gpt-5-mini", "gpt-5-mini-2025-08-07")
	fmt.Println(price.Cost(provider.Usage{Input: 1000, CacheRead: 800, Output: 200}), ok)
	// Output: $0.00047 true
}

// TestGeminisToolsHavePrices looks for a use of the API's tools that makes a cost unknown.
func TestGeminisToolsHavePrices(t *testing.T) {
	for name, p := range prices.Published() {
		if strings.HasPrefix(name, "gemini-") && !p.Covers(provider.Usage{WebSearches: 1, FileSearches: 1, CodeExecutions: 1}) {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// TestTable reads the table, and looks for prices that no model has.
func TestTable(t *testing.T) {
	table := prices.Published()
	for name, p := range table {
		for ; ; p = *p.Long {
			for _, m := range []provider.Money{p.Input, p.CacheRead, p.CacheWrite, p.Output} {
				if m < 0 || m > 100*provider.Dollar || m%1_000_000 != 0 {
					t.Errorf("%s: %v cannot be, or is finer than a token's price", name, m)
				}
			}
			for _, m := range []*provider.Money{p.WebSearch, p.FileSearch, p.CodeExecution} {
				if m != nil && (*m < 0 || *m > provider.Dollar/10) {
					t.Errorf("%s: %v cannot be the price of a use", name, *m)
				}
			}
			if p.Input == 0 || p.Output < p.Input || p.CacheRead > p.Input || (p.LongAbove > 0) != (p.Long != nil) {
				t.Errorf("%s: %+v", name, p)
			}
			if p.Long == nil {
				break
			}
		}
	}
	if len(table) < 15 {
		t.Errorf("%d models", len(table))
	}
}
