package spending_test

import (
	"math"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/agent/costs"
	"github.com/funcall/funcall/internal/agent/spending"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

func TestEstimate(t *testing.T) {
	book := costs.Book{Model: "m", Prices: provider.Prices{"m": {Input: 1_000_000, Output: 5_000_000}}} // 1 and 5 a token
	long := strings.Repeat("x", 300)
	message := provider.User(long) // 100 tokens
	full := &provider.Request{
		System:       long,
		Tools:        []*provider.Tool{{Name: "xxx", Description: long, Schema: []byte(long)}},
		OutputSchema: &provider.OutputSchema{Name: "xxx", Description: long, Schema: []byte(long)},
		Messages: []*provider.Message{
			message,
			provider.Assistant(provider.Reasoning{Text: long}, provider.ToolCall{Name: "xxx", Args: long}, provider.Native{State: provider.State{Data: []byte(long)}}),
			{Role: provider.RoleTool, Parts: []provider.Part{provider.ToolResult{Parts: []provider.Part{provider.Text{Text: long}, provider.Media{Data: []byte(long)}}}}},
			provider.User("x", provider.Media{URL: long}),
		},
	}
	for name, c := range map[string]struct {
		req           *provider.Request
		last          *provider.Usage
		counted       int
		max           int
		input, output int64
	}{
		"all of a request":          {full, nil, 0, 0, 100 + 2*(1+200) + 100 + 301 + 2100 + 2001, 4096},
		"nothing":                   {&provider.Request{}, nil, 0, 0, 0, 4096},
		"the rest, after a usage":   {full, &provider.Usage{Input: 1000, CacheRead: 900, Output: 50, Reasoning: 40}, 2, 10, 1050 + 2100 + 2001, 10},
		"no rest":                   {full, &provider.Usage{Input: 1000}, 4, 10, 1000, 10},
		"more counted than is left": {full, &provider.Usage{Input: 1000}, 9, 10, 1000, 10},
		"a bound of the output":     {&provider.Request{Messages: []*provider.Message{message}}, nil, 0, 7, 100, 7},
		"a negative bound":          {&provider.Request{}, nil, 0, -7, 0, 4096},
		"an absurd bound":           {&provider.Request{}, nil, 0, math.MaxInt, 0, 1 << 40},
	} {
		req := *c.req
		req.MaxOutputTokens = c.max
		want := transcript.Spend{Tokens: c.input + c.output, Cost: provider.Money(c.input + 5*c.output)}
		if got := spending.Estimate(book, &req, c.last, c.counted); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	// No message that the usage counts is read: an estimate costs what is new.
	seen := &provider.Request{Messages: append(make([]*provider.Message, 1000), message)}
	if got := spending.Estimate(book, seen, &provider.Usage{Input: 1}, 1000); got.Tokens != 1+100+4096 {
		t.Errorf("%v", got)
	}
	// Input that a cache is written with costs more.
	book.Prices["m"] = provider.Price{Input: 1_000_000, CacheWrite: 2_000_000, CacheRead: 1}
	if got := spending.Estimate(book, &provider.Request{Messages: []*provider.Message{message}}, nil, 0); got.Cost != 200 {
		t.Errorf("%v", got)
	}
	book.Model = "unknown"
	if got := spending.Estimate(book, full, nil, 0); got.Cost != 0 || got.Tokens == 0 {
		t.Errorf("a model without a price: %v", got)
	}
}
