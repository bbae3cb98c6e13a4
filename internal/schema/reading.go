package schema

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// A reading goes through the text of arguments in place. It takes nothing that
// the strict parser would not take, and leaves to that what is rare: numbers
// with exponents, surrogate pairs, keys with escapes.
type reading struct {
	text  string
	pos   int
	depth int
	bad   bool // an object or array is broken
}

// A number of an ordinary call is shorter.
const maxDigits = 64

// peek returns the next byte, or 0 at the end: no JSON has a 0 byte.
func (r *reading) peek() byte {
	if r.pos < len(r.text) {
		return r.text[r.pos]
	}
	return 0
}

func (r *reading) space() {
	for {
		switch r.peek() {
		case ' ', '\t', '\n', '\r':
			r.pos++
		default:
			return
		}
	}
}

// enter steps into an object or array, unless it is nested too deeply.
func (r *reading) enter() bool {
	r.pos++
	r.depth++
	return r.depth <= maxReadDepth
}

// more goes to the next member or item of an object or array, or leaves it at its
// end. Where neither is there, the reading is bad.
func (r *reading) more(first bool, end byte) bool {
	r.space()
	switch c := r.peek(); {
	case c == end:
		r.pos++
		r.depth--
		return false
	case first:
		return true
	case c == ',':
		r.pos++
		r.space()
		return true
	}
	r.bad = true
	return false
}

// key reads the key of a member, up to its value.
func (r *reading) key() (key string, ok bool) {
	key, escaped, ok := r.string()
	if !ok || escaped {
		return "", false
	}
	if r.space(); r.peek() != ':' {
		return "", false
	}
	r.pos++
	r.space()
	return key, true
}

// string reads a string, and returns what stands between its quotes.
func (r *reading) string() (inner string, escaped, ok bool) {
	if r.peek() != '"' {
		return "", false, false
	}
	start, ascii := r.pos+1, true
	for i := start; i < len(r.text); i++ {
		switch c := r.text[i]; {
		case c == '"':
			r.pos = i + 1
			inner = r.text[start:i]
			return inner, escaped, ascii || utf8.ValidString(inner)
		case c == '\\':
			n := escapeLen(r.text[i:])
			if n == 0 {
				return "", false, false
			}
			escaped = true
			i += n - 1
		case c < 0x20:
			return "", false, false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return "", false, false
}

// The characters behind a backslash, and what they mean.
const escapes, meanings = `"\/bfnrt`, "\"\\/\b\f\n\r\t"

// escapeLen returns the length of the escape at the start of text, or 0 if
// it is not a valid escape or half of a surrogate pair.
func escapeLen(text string) int {
	if len(text) > 1 && strings.IndexByte(escapes, text[1]) >= 0 {
		return 2
	}
	if len(text) < 6 || text[1] != 'u' {
		return 0
	}
	c, err := strconv.ParseUint(text[2:6], 16, 16)
	if err != nil || 0xd800 <= c && c < 0xe000 {
		return 0
	}
	return 6
}

// unquoted reads a string, and returns what it means.
func (r *reading) unquoted() (text string, ok bool) {
	text, escaped, ok := r.string()
	if escaped {
		text = unescape(text)
	}
	return text, ok
}

// unescape replaces the escapes of a string, which are valid.
func unescape(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for {
		plain, rest, more := strings.Cut(s, `\`)
		b.WriteString(plain)
		switch {
		case !more:
			return b.String()
		case rest[0] == 'u':
			n, _ := strconv.ParseUint(rest[1:5], 16, 16)
			b.WriteRune(rune(n))
			s = rest[5:]
		default:
			b.WriteByte(meanings[strings.IndexByte(escapes, rest[0])])
			s = rest[1:]
		}
	}
}

// number reads a number without an exponent.
func (r *reading) number() (text string, integer, ok bool) {
	start := r.pos
	if r.peek() == '-' {
		r.pos++
	}
	if r.peek() == '0' {
		r.pos++
	} else if !r.digits() {
		return "", false, false
	}
	integer = r.peek() != '.'
	if !integer {
		if r.pos++; !r.digits() {
			return "", false, false
		}
	}
	text = r.text[start:r.pos]
	return text, integer, r.peek()|0x20 != 'e' && len(text) <= maxDigits
}

func (r *reading) digits() bool {
	start := r.pos
	for c := r.peek(); '0' <= c && c <= '9'; c = r.peek() {
		r.pos++
	}
	return r.pos > start
}

func (r *reading) word(w string) bool {
	if !strings.HasPrefix(r.text[r.pos:], w) {
		return false
	}
	r.pos += len(w)
	return true
}

// skip passes over a value.
func (r *reading) skip() (ok bool) {
	switch c := r.peek(); c {
	case '{', '[':
		ok = r.enter()
		for first := true; ok && r.more(first, c+2); first = false { // ASCII has } and ] there
			if c == '{' {
				_, ok = r.key()
			}
			ok = ok && r.skip()
		}
		return ok && !r.bad
	case '"':
		_, _, ok = r.string()
	case 't':
		ok = r.word("true")
	case 'f':
		ok = r.word("false")
	case 'n':
		ok = r.word("null")
	default:
		_, _, ok = r.number()
	}
	return ok
}
