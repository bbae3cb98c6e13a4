package partialjson

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// string reads a string. If it is cut off, pos is the end of its last complete character.
func (r *reader) string() state {
	high := -1 // where the last high surrogate begins
	for r.pos++; r.pos < len(r.text); {
		switch c := r.text[r.pos]; {
		case c == '"':
			r.pos++
			return whole
		case c < ' ':
			return wrong
		case c != '\\':
			r.pos++
			continue
		}
		escape := r.text[r.pos:]
		n, s := escapeLen(escape)
		if s == cut {
			break
		}
		if s == wrong {
			return wrong
		}
		if isHighSurrogate(escape) {
			high = r.pos
		}
		r.pos += n
	}
	if high >= 0 && r.pos == high+len(`\ud83d`) {
		r.pos = high // its low surrogate may follow
	} else {
		r.pos -= partOfRune(r.text[:r.pos])
	}
	return cut
}

// escapeLen returns the length of the escape that text begins with.
func escapeLen(text string) (int, state) {
	switch {
	case len(text) == 1:
		return 0, cut
	case strings.IndexByte(`"\/bfnrt`, text[1]) >= 0:
		return 2, whole
	case text[1] != 'u':
		return 0, wrong
	}
	digits := text[2:min(len(`\u0000`), len(text))]
	if strings.Trim(digits, "0123456789abcdefABCDEF") != "" {
		return 0, wrong
	}
	if len(digits) < 4 {
		return 0, cut
	}
	return len(`\u0000`), whole
}

// isHighSurrogate reports whether the complete escape that text begins with is the first half
// of a character.
func isHighSurrogate(text string) bool {
	return text[1] == 'u' && text[2]|0x20 == 'd' && strings.IndexByte("89abAB", text[3]) >= 0
}

// partOfRune returns the length of the incomplete character at the end of text.
func partOfRune(text string) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if last := text[len(text)-n:]; utf8.RuneStart(last[0]) {
			if utf8.FullRuneInString(last) {
				return 0
			}
			return n
		}
	}
	return 0
}

// number reads a number. It is complete if text follows.
func (r *reader) number() state {
	number := r.text[r.pos:]
	number = number[:len(number)-len(strings.TrimLeft(number, "+-.0123456789eE"))]
	r.pos += len(number)
	switch ends := r.pos < len(r.text); {
	case json.Valid([]byte(number)):
		if ends {
			return whole
		}
		return cut
	case !ends && json.Valid([]byte(number+"0")):
		return cut
	}
	return wrong
}

// literal reads one of the literals.
func (r *reader) literal() state {
	rest := r.text[r.pos:]
	for _, word := range []string{"true", "false", "null"} {
		if strings.HasPrefix(rest, word) {
			r.pos += len(word)
			return whole
		}
		if strings.HasPrefix(word, rest) {
			return cut
		}
	}
	return wrong
}
