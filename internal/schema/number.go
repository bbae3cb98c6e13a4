package schema

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
)

// A number is a number as it is written, without an exponent: exact, and
// compared without calculating. Equal numbers are equal in every field.
type number struct {
	negative bool
	whole    string // no zeros in front
	fraction string // no zeros at the end
}

// newNumber reads a number that the parser took, which bounds its exponent.
func newNumber(lit json.Number) number {
	text := string(lit)
	i := strings.IndexAny(text, "eE")
	if i < 0 {
		return plainNumber(text)
	}
	exponent, _ := strconv.Atoi(text[i+1:])
	sign, digits := "", text[:i]
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	point := len(whole) + exponent // in all digits
	digits = strings.Repeat("0", max(0, -point)) + whole + fraction
	point = max(0, point)
	digits += strings.Repeat("0", max(0, point-len(digits)))
	return plainNumber(sign + digits[:point] + "." + digits[point:])
}

// plainNumber reads a number that has no exponent.
func plainNumber(text string) (n number) {
	text, n.negative = strings.CutPrefix(text, "-")
	n.whole, n.fraction, _ = strings.Cut(text, ".")
	n.whole = strings.TrimLeft(n.whole, "0")
	n.fraction = strings.TrimRight(n.fraction, "0")
	if n.whole == "" && n.fraction == "" {
		n.negative = false
	}
	return n
}

func (n number) compare(m number) int {
	switch {
	case n.negative && m.negative:
		n, m = m, n
	case n.negative:
		return -1
	case m.negative:
		return 1
	}
	return cmp.Or(
		cmp.Compare(len(n.whole), len(m.whole)),
		strings.Compare(n.whole, m.whole),
		strings.Compare(n.fraction, m.fraction),
	)
}

// literal writes the number without an exponent.
func (n number) literal() json.Number {
	text := cmp.Or(n.whole, "0")
	if n.negative {
		text = "-" + text
	}
	if n.fraction != "" {
		text += "." + n.fraction
	}
	return json.Number(text)
}

// integral returns the literal of a whole number that is written as 2.0 or
// 1e3, which encoding/json would not read into an integer.
func integral(lit json.Number) (json.Number, bool) {
	if lit != "-0" && !strings.ContainsAny(string(lit), ".eE") {
		return lit, false
	}
	n := newNumber(lit)
	if n.fraction != "" {
		return lit, false
	}
	return n.literal(), true
}

// whole returns the literal of a whole number without a fraction or an exponent.
func whole(n json.Number) (json.Number, bool) {
	if literal, ok := integral(n); ok {
		return literal, true
	}
	return n, n != "" && !strings.ContainsAny(string(n), ".eE")
}
