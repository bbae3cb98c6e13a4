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

// Money is an exact sum of US dollars, in millionths of a millionth of one: a
// token costs so little that nothing larger counts exactly. It reaches to nine
// million dollars. As JSON it is a decimal number in a string.
type Money int64

// Dollar is one US dollar.
const Dollar Money = 1e12

const decimals = 12

// ParseMoney reads a decimal number of dollars, such as "0.0375", with up to
// twelve digits behind the point.
func ParseMoney(s string) (Money, error) {
	bad := func(why string) (Money, error) { return 0, fmt.Errorf("%q is no sum of dollars: %s", s, why) }
	digits, negative := strings.CutPrefix(s, "-")
	whole, part, _ := strings.Cut(digits, ".")
	if whole == "" || strings.ContainsFunc(whole+part, func(r rune) bool { return r < '0' || r > '9' }) || strings.HasSuffix(digits, ".") {
		return bad("want a decimal number such as 0.0375")
	}
	if len(part) > decimals {
		return bad("it has more than twelve digits behind the point")
	}
	sign := ""
	if negative {
		sign = "-"
	}
	n, err := strconv.ParseInt(sign+whole+part+strings.Repeat("0", decimals-len(part)), 10, 64)
	if err != nil {
		return bad("it is too large")
	}
	return Money(n), nil
}

// String is the sum with a dollar sign and all the digits that it needs, two at
// least: $0.00042.
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

// MarshalText writes the decimal number, without a sign of the currency.
func (m Money) MarshalText() ([]byte, error) { return []byte(m.decimal()), nil }

// UnmarshalText reads what MarshalText wrote.
func (m *Money) UnmarshalText(text []byte) error {
	n, err := ParseMoney(string(text))
	if err == nil {
		*m = n
	}
	return err
}

// Add returns the sum of m and n, or the largest sum that there is.
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

// A Price is what a model's tokens cost, each a million of them.
type Price struct {
	Input Money `json:"input"`
	// CacheRead and CacheWrite are the prices of input that a prompt cache
	// had, or took. Zero means that they cost what Input does.
	CacheRead  Money `json:"cache_read,omitempty"`
	CacheWrite Money `json:"cache_write,omitempty"`
	Output     Money `json:"output"`
	// Above is how many tokens of input a request may have at this price;
	// beyond them Long is the price of all of it. Zero means any number.
	Above int64  `json:"above,omitempty"`
	Long  *Price `json:"long,omitempty"`
}

// Cost is what the tokens cost, to the last millionth of a millionth, rounded
// up. Reasoning is output, and what caches did is input, as [Usage] has it.
func (p Price) Cost(u Usage) Money {
	if p.Above > 0 && u.Input > p.Above && p.Long != nil {
		return p.Long.Cost(u)
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

// Prices are the prices of models, by the names that their APIs have for them.
// Their JSON is an object of objects, so that they can be kept in a file.
type Prices map[string]Price

// snapshot is what APIs add to the name of a model for one state of it: a date,
// a version, or the word for the last one.
var snapshot = regexp.MustCompile(`[-@](20\d{6}|20\d{2}-\d{2}-\d{2}|\d{3}|latest)$`)

// Of returns the price of an answer: that of the model which answered or, where
// the API does not say which did, of the one that was asked. A snapshot of a
// model costs what the model does, unless it has a price of its own. Of any
// other model ok is false, and nothing is guessed.
func (p Prices) Lookup(asked, answered string) (price Price, ok bool) {
	name := strings.TrimPrefix(cmp.Or(answered, asked), "models/")
	if price, ok = p[name]; !ok && len(p) > 0 {
		price, ok = p[snapshot.ReplaceAllString(name, "")]
	}
	return price, ok
}

// Named is a Provider that knows ahead of its first answer which model it asks.
// The adapters of this module do; a wrapper may pass it on. Whoever limits the
// cost of runs needs it.
type Named interface {
	Provider
	// Model returns the model's name, as the API has it.
	Model() string
}
