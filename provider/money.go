package provider

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"regexp"
	"strconv"
	"strings"
)

// Money is an exact sum of US dollars, in units of 1e-12 dollars: prices of single tokens need
// that precision. Its range is about ±9 million dollars. As JSON it is a decimal number in a
// string.
type Money int64

// Dollar is one US dollar.
const Dollar Money = 1e12

const decimals = 12

// ParseMoney parses a decimal number of dollars, such as "0.0375", with up to twelve decimal
// places.
func ParseMoney(s string) (Money, error) {
	bad := func(why string) (Money, error) { return 0, fmt.Errorf("invalid sum of dollars %q: %s", s, why) }
	digits, negative := strings.CutPrefix(s, "-")
	whole, part, _ := strings.Cut(digits, ".")
	if whole == "" || strings.ContainsFunc(whole+part, func(r rune) bool { return r < '0' || r > '9' }) || strings.HasSuffix(digits, ".") {
		return bad("want a decimal number such as 0.0375")
	}
	if len(part) > decimals {
		return bad("more than twelve decimal places")
	}
	sign := ""
	if negative {
		sign = "-"
	}
	n, err := strconv.ParseInt(sign+whole+part+strings.Repeat("0", decimals-len(part)), 10, 64)
	if err != nil {
		return bad("out of range")
	}
	return Money(n), nil
}

// String returns the sum with a dollar sign, exactly, with two decimal places or more, such as
// $0.00042.
func (m Money) String() string {
	text := m.decimal()
	sign := ""
	if rest, negative := strings.CutPrefix(text, "-"); negative {
		sign, text = "-", rest
	}
	whole, part, _ := strings.Cut(text, ".")
	for len(part) < 2 {
		part += "0"
	}
	return sign + "$" + whole + "." + part
}

func (m Money) decimal() string {
	sign, n := "", uint64(m)
	if m < 0 {
		sign, n = "-", -n
	}
	text := fmt.Sprintf("%0*d", decimals+1, n)
	at := len(text) - decimals
	return sign + strings.TrimSuffix(strings.TrimRight(text[:at]+"."+text[at:], "0"), ".")
}

// MarshalText returns the decimal number without a dollar sign.
func (m Money) MarshalText() ([]byte, error) { return []byte(m.decimal()), nil }

// UnmarshalText decodes what MarshalText wrote; see [ParseMoney].
func (m *Money) UnmarshalText(text []byte) error {
	n, err := ParseMoney(string(text))
	if err == nil {
		*m = n
	}
	return err
}

// Add returns the sum of m and n. A sum out of range becomes the nearest Money.
func (m Money) Add(n Money) Money {
	sum := m + n
	switch {
	case m > 0 && n > 0 && sum < 0:
		return math.MaxInt64
	case m < 0 && n < 0 && sum >= 0:
		return math.MinInt64
	}
	return sum
}

// A Price is the price of a model's tokens, per million tokens, and of the uses of its API's own
// tools.
type Price struct {
	Input Money `json:"input"`
	// CacheRead and CacheWrite are the prices of input tokens that were read from a prompt
	// cache, or written to it. If one is zero, the price of Input applies.
	CacheRead  Money `json:"cache_read,omitempty"`
	CacheWrite Money `json:"cache_write,omitempty"`
	Output     Money `json:"output"`
	// WebSearch, FileSearch and CodeExecution are the prices of one use. Nil means that the
	// price is unknown, and zero that a use is free.
	WebSearch     *Money `json:"web_search,omitempty"`
	FileSearch    *Money `json:"file_search,omitempty"`
	CodeExecution *Money `json:"code_execution,omitempty"`
	// Above is the largest number of input tokens at this price. If a request has more, Long
	// prices all of its tokens; its prices of uses do not count. Zero means no bound.
	LongAbove int64  `json:"above,omitempty"`
	Long      *Price `json:"long,omitempty"`
}

// Cost returns the cost of the tokens, rounded up to 1e-12 dollars, and of the uses of tools. As
// in [Usage], reasoning is part of the output, and cached tokens are part of the input. Uses
// without a price count as free; see [Price.Covers].
func (p Price) Cost(u Usage) Money {
	cost := p.tokens(u)
	for _, use := range p.uses(u) {
		if use.price != nil {
			cost = cost.Add(use.price.times(use.n))
		}
	}
	return cost
}

// Covers reports whether there is a price for each use of a tool in u.
func (p Price) Covers(u Usage) bool {
	for _, use := range p.uses(u) {
		if use.n > 0 && use.price == nil {
			return false
		}
	}
	return true
}

// A use is how often a tool was used, and the price of one use.
type use struct {
	n     int64
	price *Money
}

func (p Price) uses(u Usage) [3]use {
	return [...]use{{u.WebSearches, p.WebSearch}, {u.FileSearches, p.FileSearch}, {u.CodeExecutions, p.CodeExecution}}
}

// times returns the product, or the largest Money if it is out of range. What is negative
// counts as zero.
func (m Money) times(n int64) Money {
	high, low := bits.Mul64(uint64(max(n, 0)), uint64(max(m, 0)))
	if high > 0 || low > math.MaxInt64 {
		return math.MaxInt64
	}
	return Money(low)
}

// tokens returns the cost of the tokens.
func (p Price) tokens(u Usage) Money {
	if p.LongAbove > 0 && u.Input > p.LongAbove && p.Long != nil {
		return p.Long.tokens(u)
	}
	price := func(m Money) Money {
		if m == 0 {
			return p.Input
		}
		return m
	}
	plain := max(u.Input-u.CacheRead-u.CacheWrite, 0)
	var high, low uint64 // a sum of 128 bits
	for _, part := range [...]struct {
		tokens int64
		price  Money
	}{{plain, p.Input}, {u.CacheRead, price(p.CacheRead)}, {u.CacheWrite, price(p.CacheWrite)}, {u.Output, p.Output}} {
		h, l := bits.Mul64(uint64(max(part.tokens, 0)), uint64(max(part.price, 0)))
		var carry uint64
		low, carry = bits.Add64(low, l, 0)
		high, _ = bits.Add64(high, h, carry)
	}
	const million = 1_000_000
	low, carry := bits.Add64(low, million-1, 0)
	high += carry
	if high >= million {
		return math.MaxInt64
	}
	cost, _ := bits.Div64(high, low, million)
	return Money(min(cost, math.MaxInt64))
}

// Prices are the prices of models, by the names that their APIs use. As JSON it is an object
// of objects.
type Prices map[string]Price

// snapshot matches the suffix that APIs add to a model's name for one snapshot of it: a date,
// a version or "latest".
var snapshot = regexp.MustCompile(`[-@](20\d{6}|20\d{2}-\d{2}-\d{2}|\d{3}|latest)$`)

// Lookup returns the price of the model that answered or, if answered is "", of the model that
// was asked. A snapshot without a price of its own, such as "gpt-5-2025-08-07", has the price
// of its model. For any other model ok is false.
func (p Prices) Lookup(asked, answered string) (price Price, ok bool) {
	name := strings.TrimPrefix(cmp.Or(answered, asked), "models/")
	if price, ok = p[name]; !ok && len(p) > 0 {
		price, ok = p[snapshot.ReplaceAllString(name, "")]
	}
	return price, ok
}

// Named is a Provider that knows the name of its model before the first call. A limit of cost
// needs it. The adapters of this module implement Named; a wrapper may pass Model on.
type Named interface {
	Provider
	// Model returns the model's name, as the API uses it.
	Model() string
}
