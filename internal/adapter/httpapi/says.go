package httpapi

import (
	"bytes"

	"github.com/funcall/funcall/internal/json/jsonscan"
)

// SaysError reports whether the value of a response's member "error" is an error. Many servers
// add the member to a good response, as null, false, 0, an empty text, or an object or a list
// of such values. All other values are errors. raw is empty if there is no such member.
func SaysError(raw []byte) bool {
	if len(raw) == 0 {
		return false
	}
	var s jsonscan.Scanner
	s.Reset(raw)
	return isNonEmpty(&s)
}

// isNonEmpty reads a value to its end and reports whether it is not empty.
func isNonEmpty(s *jsonscan.Scanner) bool {
	says := false
	switch s.Kind() {
	case '{':
		for range s.Object() {
			says = isNonEmpty(s) || says
		}
	case '[':
		for range s.Array() {
			says = isNonEmpty(s) || says
		}
	case '"':
		text, _ := s.Bytes()
		says = len(bytes.TrimSpace(text)) > 0
	case '0':
		says = s.Int() != 0
	default:
		says = s.Kind() == 't'
		s.Skip()
	}
	return says
}
