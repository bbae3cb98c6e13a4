package httpapi

import (
	"bytes"

	"github.com/funcall/funcall/internal/json/jsonscan"
)

// SaysError reports whether the value of an answer's member named error is an
// error. Many servers fill the member in beside a good answer: with null, false,
// 0, an empty text, or an object or a list of such values. All others are errors.
func SaysError(raw []byte) bool {
	var s jsonscan.Scanner
	s.Reset(raw)
	return saysSomething(&s)
}

// saysSomething reads a value to its end.
func saysSomething(s *jsonscan.Scanner) bool {
	says := false
	switch s.Kind() {
	case '{':
		for range s.Object() {
			says = saysSomething(s) || says
		}
	case '[':
		for range s.Array() {
			says = saysSomething(s) || says
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
