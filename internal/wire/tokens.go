package wire

import "github.com/funcall/funcall/internal/jsonscan"

// SetTokens reads a number of tokens into a field. Any other value leaves the
// field as it is: null means that the API does not say.
func SetTokens(s *jsonscan.Scanner, field *int64) {
	if s.Kind() == '0' {
		*field = Tokens(s)
	}
}

// Tokens reads a number of tokens. What nobody can have used counts as 0.
func Tokens(s *jsonscan.Scanner) int64 {
	const most = 1 << 40
	if n := s.Int(); 0 <= n && n <= most {
		return n
	}
	return 0
}
