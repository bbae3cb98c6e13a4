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
		if got := spending.Estimate(book, &req, spending.Known{Usage: c.last, Messages: c.counted}); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	// No message that the usage counts is read: an estimate costs what is new.
	seen := &provider.Request{Messages: append(make([]*provider.Message, 1000), message)}
	if got := spending.Estimate(book, seen, spending.Known{Usage: &provider.Usage{Input: 1}, Messages: 1000}); got.Tokens != 1+100+4096 {
		t.Errorf("%v", got)
	}
	// Input that a cache is written with costs more.
	book.Prices["m"] = provider.Price{Input: 1_000_000, CacheWrite: 2_000_000, CacheRead: 1}
	if got := spending.Estimate(book, &provider.Request{Messages: []*provider.Message{message}}, spending.Known{}); got.Cost != 200 {
		t.Errorf("%v", got)
	}
	book.Model = "unknown"
	if got := spending.Estimate(book, full, spending.Known{}); got.Cost != 0 || got.Tokens == 0 {
		t.Errorf("a model without a price: %v", got)
	}
}

// What stands ahead of the messages is counted by the last usage. What it grows by is not.
func TestEstimateOfAChangedHead(t *testing.T) {
	tool := func(name string, size int) *provider.Tool {
		return &provider.Tool{Name: name, Schema: []byte(strings.Repeat("x", size-len(name)))}
	}
	a, b := tool("a", 300), tool("b", 600)
	schema := &provider.OutputSchema{Name: "o", Schema: []byte(strings.Repeat("x", 299))}
	short, long := strings.Repeat("x", 30), strings.Repeat("x", 750_030)
	for name, c := range map[string]struct {
		head, req *provider.Request
		grown     int64
	}{
		"the same run":     {nil, &provider.Request{System: long}, 0},
		"nothing changed":  {&provider.Request{System: long, Tools: []*provider.Tool{a}}, &provider.Request{System: long, Tools: []*provider.Tool{a}}, 0},
		"instructions":     {&provider.Request{System: short}, &provider.Request{System: long}, 250_000},
		"less":             {&provider.Request{System: long}, &provider.Request{System: short}, 0},
		"a schema":         {&provider.Request{}, &provider.Request{OutputSchema: schema}, 100},
		"more tools":       {&provider.Request{Tools: []*provider.Tool{a}, AllTools: []*provider.Tool{a, b}}, &provider.Request{Tools: []*provider.Tool{a, b}}, 200},
		"restricted again": {&provider.Request{Tools: []*provider.Tool{a}, AllTools: []*provider.Tool{a, b}}, &provider.Request{Tools: []*provider.Tool{a}, AllTools: []*provider.Tool{a, b}}, 0},
	} {
		got := spending.Estimate(costs.Book{}, c.req, spending.Known{Usage: &provider.Usage{Input: 1000}, Head: c.head})
		if want := 1000 + c.grown + 4096; got.Tokens != want {
			t.Errorf("%s: %d tokens, want %d", name, got.Tokens, want)
		}
	}
	// An API that can restrict a list of tools is sent all of it.
	restricted := &provider.Request{Tools: []*provider.Tool{a}, AllTools: []*provider.Tool{a, b}}
	if got := spending.Estimate(costs.Book{}, restricted, spending.Known{}); got.Tokens != 300+4096 {
		t.Errorf("a restricted list: %v", got)
	}
}

func TestEstimateOfServerCalls(t *testing.T) {
	call := provider.ServerCall{Name: "web_search", Input: strings.Repeat("x", 300), Output: strings.Repeat("x", 600), State: provider.State{Data: []byte(strings.Repeat("x", 900))}}
	req := &provider.Request{Messages: []*provider.Message{provider.Assistant(call)}}
	if got := spending.Estimate(costs.Book{}, req, spending.Known{}); got.Tokens != 600+4096 {
		t.Errorf("%v", got)
	}
}

// A response without usage keeps the estimate of tokens, also if it cost nothing. A failed attempt
// that cost nothing was not made by a model.
func TestSpentOfFreeCalls(t *testing.T) {
	estimate := transcript.Spend{Tokens: 1000, Cost: 7}
	free := new(provider.Money)
	refused := provider.Attempt{Kind: provider.KindRateLimited, Cost: free}
	for name, c := range map[string]struct {
		resp *provider.Response
		err  error
		want transcript.Spend
	}{
		"a response":                  {&provider.Response{Cost: free}, nil, transcript.Spend{Tokens: 1000}},
		"a response after a refusal":  {&provider.Response{Cost: free, Attempts: []provider.Attempt{refused}}, nil, transcript.Spend{Tokens: 1000}},
		"a response with usage":       {&provider.Response{Cost: free, Usage: provider.Usage{Input: 5}}, nil, transcript.Spend{Tokens: 5}},
		"a refusal":                   {nil, &provider.Error{Kind: provider.KindRateLimited}, transcript.Spend{}},
		"a failure that cost nothing": {nil, &provider.Error{Kind: provider.KindUnavailable, Cost: free}, transcript.Spend{}},
	} {
		if got := spending.Spent(costs.Book{}, estimate, c.resp, c.err); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
