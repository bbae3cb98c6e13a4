package wire

import "github.com/funcall/funcall/internal/jsonscan"

// Tokens reads a number of tokens. What nobody can have used counts as 0.
func Tokens(s *jsonscan.Scanner) int64 {
	const most = 1 << 40
	if n := s.Int(); 0 <= n && n <= most {
		return n
	}
	return 0
}
