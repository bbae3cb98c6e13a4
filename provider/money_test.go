package provider_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/funcall/funcall/provider"
)

func TestMoney(t *testing.T) {
	for in, want := range map[string]string{
		"0": "$0.00", "1": "$1.00", "0.0375": "$0.0375", "12.5": "$12.50", "0.000000000001": "$0.000000000001",
		"-3.1": "-$3.10", "9223372.036854775807": "$9223372.036854775807", "-9223372.036854775808": "-$9223372.036854775808", "007": "$7.00",
	} {
		m, err := provider.ParseMoney(in)
		if err != nil || m.String() != want {
			t.Errorf("%s: %v, %v; want %s", in, m, err, want)
		}
	}
	for _, in := range []string{"", ".", "1.", ".5", "-", "1e3", "$1", "1,5", " 1", "0.0000000000001", "9223372.036854775808", "99999999999", "--1", "1.2.3"} {
		if m, err := provider.ParseMoney(in); err == nil {
			t.Errorf("%q is read as %v", in, m)
		}
	}
	if got := provider.Money(math.MaxInt64).Add(1); got != math.MaxInt64 {
		t.Error(got)
	}
	if got := provider.Money(math.MinInt64).Add(-1); got != math.MinInt64 {
		t.Error(got)
	}
}

func FuzzMoney(f *testing.F) {
	f.Add("0.0375", int64(1))
	f.Fuzz(func(t *testing.T, text string, n int64) {
		m, err := provider.ParseMoney(text)
		for _, m := range []provider.Money{m, provider.Money(n)} {
			b, _ := m.MarshalText()
			if again, err := provider.ParseMoney(string(b)); err != nil || again != m {
				t.Errorf("%d is written as %s, and read as %d, %v", int64(m), b, int64(again), err)
			}
		}
		_ = err
	})
}

func TestCost(t *testing.T) {
	price := provider.Price{Input: 3 * provider.Dollar, CacheRead: 3 * provider.Dollar / 10, CacheWrite: 15 * provider.Dollar / 4, Output: 15 * provider.Dollar,
		LongAbove: 200_000, Long: &provider.Price{Input: 6 * provider.Dollar, Output: 22 * provider.Dollar}}
	for _, c := range []struct {
		usage provider.Usage
		want  string
	}{
		{provider.Usage{}, "$0.00"},
		{provider.Usage{Input: 1}, "$0.000003"},
		{provider.Usage{Input: 1000, Output: 100}, "$0.0045"},
		{provider.Usage{Input: 1000, CacheRead: 600, CacheWrite: 100, Output: 100, Reasoning: 90}, "$0.002955"},
		{provider.Usage{Input: 10, CacheRead: 600}, "$0.00018"}, // a server that counts wrongly gets no money back
		{provider.Usage{Input: 200_000}, "$0.60"},
		{provider.Usage{Input: 200_001, CacheRead: 1}, "$1.200006"},
		{provider.Usage{Input: 1 << 40, Output: 1 << 40}, "$9223372.036854775807"},
	} {
		if got := price.Cost(c.usage).String(); got != c.want {
			t.Errorf("%+v costs %s, want %s", c.usage, got, c.want)
		}
	}
	// Uses are priced apart from tokens, for long prompts too.
	cent := provider.Dollar / 100
	price.WebSearch, price.FileSearch = &cent, new(provider.Money)
	used := provider.Usage{Input: 200_001, CacheRead: 1, WebSearches: 3, FileSearches: 1 << 40}
	if got := price.Cost(used).String(); got != "$1.230006" || !price.Covers(used) {
		t.Errorf("%s, %v", got, price.Covers(used))
	}
	if used.CodeExecutions = 1; price.Covers(used) {
		t.Error("a use without a price is covered")
	}
	if got := price.Cost(provider.Usage{WebSearches: 1 << 40}); got != math.MaxInt64 {
		t.Errorf("%d", got)
	}
	// A price that is finer than a token is rounded up, once for all the tokens.
	fine := provider.Price{Input: 1, Output: 1}
	if got := fine.Cost(provider.Usage{Input: 500_000, Output: 500_001}); got != 2 {
		t.Errorf("%d", got)
	}
}

func TestPricesOf(t *testing.T) {
	var table provider.Prices
	if err := json.Unmarshal([]byte(`{"gpt-5":{"input":"1","output":"2"},"gpt-5-mini":{"input":"0.25","output":"2"},"gemini-2.5-pro":{"input":"3","output":"4"}}`), &table); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		asked, answered string
		want            string // of the input, "" for unknown
	}{
		{"gpt-5", "gpt-5", "$1.00"},
		{"gpt-5", "gpt-5-2025-08-07", "$1.00"},
		{"gpt-5", "", "$1.00"},
		{"gpt-5", "gpt-5-mini", "$0.25"},
		{"gpt-5", "gpt-5-mini-2025-08-07", "$0.25"},
		{"gpt-5", "gpt-5-pro", ""},
		{"gpt-5-mini-latest", "", "$0.25"},
		{"gpt-5-mini", "gpt-5-mini@20250807", "$0.25"},
		{"models/gemini-2.5-pro", "gemini-2.5-pro-001", "$3.00"},
		{"auto", "gpt-5-mini", "$0.25"},
		{"auto", "", ""},
		{"gpt-5", "gpt-4", ""},
		{"", "gpt-5-2025-08-07", "$1.00"},
		{"", "", ""},
	} {
		price, ok := table.Lookup(c.asked, c.answered)
		if ok != (c.want != "") || ok && price.Input.String() != c.want {
			t.Errorf("%q, %q: %v, %v; want %s", c.asked, c.answered, price.Input, ok, c.want)
		}
	}
}
