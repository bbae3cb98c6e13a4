package wire

import (
	"encoding/json"

	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/internal/json/jsontree"
)

// WithoutNulls is like Compact, and leaves out the members of objects, on every level, that
// are null.
func WithoutNulls(raw []byte) json.RawMessage {
	var s jsonscan.Scanner
	s.Reset(raw)
	return Compact(appendWithoutNulls(nil, &s))
}

func appendWithoutNulls(b []byte, s *jsonscan.Scanner) []byte {
	switch s.Kind() {
	case '{':
		b = append(b, '{')
		first := true
		for key := range s.Object() {
			if s.Kind() == 'n' {
				continue
			}
			if !first {
				b = append(b, ',')
			}
			first = false
			b = append(jsontree.AppendString(b, key), ':')
			b = appendWithoutNulls(b, s)
		}
		return append(b, '}')
	case '[':
		b = append(b, '[')
		for i := range s.Array() {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendWithoutNulls(b, s)
		}
		return append(b, ']')
	}
	return append(b, s.Raw()...)
}
