package ecommerce

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// Money is an exact amount in cents of the shop's currency. In JSON it is a number with two
// decimals. No floating point is involved.
type Money int64

// ParseMoney parses a decimal amount such as "115.97", "116" or "-0.50". If the amount cannot
// be held exactly (a fraction of a cent, an exponent, too many digits), ParseMoney returns an
// error.
func ParseMoney(s string) (Money, error) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, cents, point := strings.Cut(digits, ".")
	if !isDigits(whole) || point && !isDigits(cents) {
		return 0, fmt.Errorf("invalid amount %q: write it with digits and a point, such as 115.97", short(s))
	}
	if len(cents) > 2 {
		if strings.Trim(cents[2:], "0") != "" {
			return 0, fmt.Errorf("invalid amount %q: it has fractions of a cent", short(s))
		}
		cents = cents[:2]
	}
	sign := ""
	if negative {
		sign = "-"
	}
	n, err := strconv.ParseInt(sign+whole+(cents + "00")[:2], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("invalid amount %q: it is too large", short(s))
	}
	return Money(n), nil
}

// Times returns the price of n pieces. If the price is negative, n is negative, or the result
// exceeds the largest Money, Times returns an error.
func (m Money) Times(n int) (Money, error) {
	if m < 0 || n < 0 {
		return 0, fmt.Errorf("invalid price of %d pieces at %v: both must be 0 or more", n, m)
	}
	high, low := bits.Mul64(uint64(m), uint64(n))
	if high > 0 || low > math.MaxInt64 {
		return 0, fmt.Errorf("the price of %d pieces at %v is too large", n, m)
	}
	return Money(low), nil
}

// plus returns the sum of two amounts, neither of which is negative. If it exceeds the largest
// Money, ok is false.
func (m Money) plus(n Money) (sum Money, ok bool) { return m + n, m <= math.MaxInt64-n }

// portion returns m*part/whole, rounded down. It must be that 0 <= part <= whole and m >= 0. The
// product has 128 bits, so it does not overflow. If whole is 0, portion returns 0.
func (m Money) portion(part, whole Money) Money {
	if whole == 0 {
		return 0
	}
	high, low := bits.Mul64(uint64(m), uint64(part))
	quotient, _ := bits.Div64(high, low, uint64(whole))
	return Money(quotient)
}

// String returns the amount with two decimals and without a currency, such as "115.97".
func (m Money) String() string {
	// The digits are unsigned because the smallest Money has no positive counterpart.
	sign, n := "", uint64(m)
	if m < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}

// MarshalJSON encodes the amount as a number with two decimals.
func (m Money) MarshalJSON() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalJSON decodes a number as [ParseMoney] does. Null leaves m unchanged.
func (m *Money) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	v, err := ParseMoney(string(b))
	if err != nil {
		return err
	}
	*m = v
	return nil
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// short bounds foreign text in a message.
func short(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
