package transcript

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"
)

// canonical returns the canonical form of JSON arguments: equal values have equal forms. Keys
// are sorted, strings are compared by value, and numbers by value with all of their digits, as
// RFC 8785 does with those of a float64. It costs O(n log n). The form is only compared; a
// tool gets the arguments as they were checked.
//
// A text that is not one JSON value, or is nested deeper than encoding/json reads (10,000
// levels), is its own canonical form.
func canonical(args string) string {
	dec := json.NewDecoder(strings.NewReader(args))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return args
	}
	if _, err := dec.Token(); err != io.EOF {
		return args
	}
	b, err := marshal(withCanonicalNumbers(v)) // which sorts the keys
	if err != nil {
		return args
	}
	return string(b)
}

// withCanonicalNumbers replaces the numbers in v by their canonical forms.
func withCanonicalNumbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key := range v {
			v[key] = withCanonicalNumbers(v[key])
		}
	case []any:
		for i := range v {
			v[i] = withCanonicalNumbers(v[i])
		}
	case json.Number:
		return json.Number(canonicalNumber(string(v)))
	}
	return v
}

// maxExponentDigits bounds the exponents that canonicalNumber reads, so that the sum of an
// exponent and the length of a number fits an int64.
const maxExponentDigits = 18

// canonicalNumber returns the canonical form of a JSON number: the digits from the first to
// the last that is not zero, and a power of ten. So 150, 150.0 and 1.5e2 are all 15e1, and
// zero is 0 with any sign and exponent. A number whose exponent has more than
// maxExponentDigits digits is its own canonical form.
func canonicalNumber(n string) string {
	mantissa, exponent := n, ""
	if i := strings.IndexAny(n, "eE"); i >= 0 {
		mantissa, exponent = n[:i], n[i+1:]
	}
	unsigned, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(unsigned, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return "0"
	}
	power, ok := readExponent(exponent)
	if !ok {
		return n
	}
	significant := strings.TrimRight(digits, "0")
	power += int64(len(digits) - len(significant) - len(fraction))
	if negative {
		significant = "-" + significant
	}
	if power == 0 {
		return significant
	}
	return significant + "e" + strconv.FormatInt(power, 10)
}

// readExponent parses the exponent of a JSON number; "" is 0. It returns false if the exponent
// has more than maxExponentDigits digits.
func readExponent(text string) (power int64, ok bool) {
	unsigned, negative := strings.CutPrefix(strings.TrimPrefix(text, "+"), "-")
	unsigned = strings.TrimLeft(unsigned, "0")
	if unsigned == "" {
		return 0, true
	}
	if len(unsigned) > maxExponentDigits {
		return 0, false
	}
	power, err := strconv.ParseInt(unsigned, 10, 64)
	if negative {
		power = -power
	}
	return power, err == nil
}
