package schema

import (
	"cmp"
	"encoding/json"
	"strings"
)

// A number is a number as it is written, without an exponent: exact, and
// compared without calculating. Equal numbers are equal in every field.
type number struct {
	negative bool
	whole    string // no zeros in front
	fraction string // no zeros at the end
}

// newNumber reads a number that JSON allows; ok is false where its exponent
// is not simply a way to write a whole number.
func newNumber(lit json.Number) (n number, ok bool) {
	text := string(lit)
	if strings.ContainsAny(text, "eE") {
		whole, ok := integral(lit)
		if !ok {
			return number{}, false
		}
		text = string(whole)
	}
	return plainNumber(text), true
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
