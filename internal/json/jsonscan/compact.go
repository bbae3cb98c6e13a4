package jsonscan

import "strings"

// Compact returns a valid JSON text without white space between its tokens.
func Compact(text []byte) string {
	var b strings.Builder
	b.Grow(len(text))
	s, from := Scanner{data: text}, 0
	for s.pos < len(text) {
		switch text[s.pos] {
		case '"':
			s.skipString()
		case ' ', '\t', '\n', '\r':
			b.Write(text[from:s.pos])
			s.spaces()
			from = s.pos
		default:
			s.pos++
		}
	}
	b.Write(text[from:])
	return b.String()
}
