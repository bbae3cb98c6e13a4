package spending_test

import (
	"testing"

	"github.com/funcall/funcall/internal/agent/costs"
	"github.com/funcall/funcall/internal/agent/spending"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// The estimate stands for unknown tokens, also if the uses of tools are known.
func TestSpentWithoutTokens(t *testing.T) {
	estimate := transcript.Spend{Tokens: 100, Cost: provider.Dollar}
	for _, u := range []provider.Usage{{}, {WebSearches: 1}, {CodeExecutions: 2}} {
		if got := spending.Spent(costs.Book{}, estimate, &provider.Response{Usage: u}, nil); got != estimate {
			t.Errorf("%+v: spent %+v", u, got)
		}
	}
}
