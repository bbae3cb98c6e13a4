// Package plain makes foreign text fit for a log line and for a terminal.
package plain

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line returns s with every byte and character escaped that is not shown but obeyed:
// control characters, line breaks and tabs among them, characters that turn the
// direction of text, and what is no UTF-8. They are escaped as in a Go string.
// Backslashes stay as they are.
func Line(s string) string { return escape(s, "") }

// Lines is Line for a text of several lines: line feeds and tabs stay.
func Lines(s string) string { return escape(s, "\n\t") }

func escape(s, keep string) string {
	obeyed := func(r rune) bool {
		return (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029') && !strings.ContainsRune(keep, r)
	}
	if utf8.ValidString(s) && !strings.ContainsFunc(s, obeyed) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && n == 1 || obeyed(r) {
			quoted := strconv.QuoteToASCII(s[:n])
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}
