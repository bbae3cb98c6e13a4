package wire

import (
	"math"
	"strconv"

	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/provider"
)

// SetTokens reads a number of tokens into a field. Any other value, such as null, leaves the
// field unchanged.
func SetTokens(s *jsonscan.Scanner, field *int64) {
	if s.Kind() == '0' {
		*field = Tokens(s)
	}
}

// Tokens reads a number of tokens. An impossible number counts as 0.
func Tokens(s *jsonscan.Scanner) int64 {
	const most = 1 << 40
	if n := s.Int(); 0 <= n && n <= most {
		return n
	}
	return 0
}

// Money reads an amount of money in units of 1/unitsPerDollar dollars. The result is rounded
// to the nearest 1e-12 dollars. ok is false if the value is not a number or too large for the
// cost of a response.
func Money(s *jsonscan.Scanner, unitsPerDollar float64) (m provider.Money, ok bool) {
	const most = 1e6
	if s.Kind() != '0' {
		s.Skip()
		return 0, false
	}
	f, err := strconv.ParseFloat(string(s.Raw()), 64)
	if f /= unitsPerDollar; err != nil || f < 0 || f > most {
		return 0, false
	}
	return provider.Money(math.Round(f * float64(provider.Dollar))), true
}
