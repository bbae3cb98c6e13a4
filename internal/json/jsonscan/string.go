package jsonscan

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// A literal is the text between the quotes of a string.
type literal struct {
	text    []byte
	escaped bool // it has escapes
	ascii   bool // it has no other bytes
}

// long is the length from which on a string is remembered: some are passed over, or read, more
// than once.
const long = 4 << 10

// isLong reports whether the string that comes next is the last long one.
func (s *Scanner) isLong() bool {
	return len(s.long.text) > 0 && len(s.data)-s.pos > len(s.long.text)+1 && &s.data[s.pos+1] == &s.long.text[0]
}

// skipString passes over a string.
func (s *Scanner) skipString() (l literal) {
	if s.peek() != '"' {
		s.fail("a double quote is missing")
		return literal{}
	}
	if s.isLong() {
		s.pos += len(s.long.text) + len(`""`)
		return s.long
	}
	s.pos++
	start := s.pos
	l.ascii = true
	for {
		n, ascii := plain(s.data[s.pos:])
		s.pos += n
		l.ascii = l.ascii && ascii
		if s.pos == len(s.data) {
			s.fail("a string does not end")
			return literal{}
		}
		switch s.data[s.pos] {
		case '"':
			l.text = s.data[start:s.pos]
			s.pos++
			if len(l.text) >= long {
				s.long = l
			}
			return l
		case '\\':
			l.escaped = true
			if s.skipEscape(); s.err != nil {
				return literal{}
			}
		default:
			s.fail("a control character in a string must be escaped")
			return literal{}
		}
	}
}

// plain returns the length of the part of b before the first byte that ends a run of a string:
// a quote, a backslash or a control character. ascii reports whether that part is ASCII. It
// looks at eight bytes at a time.
func plain(b []byte) (n int, ascii bool) {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	var seen uint64 // all bytes of the part, combined
	for len(b)-n >= 8 {
		w := binary.LittleEndian.Uint64(b[n:])
		quote, slash := w^'"'*ones, w^'\\'*ones
		// The lowest high bit that is set belongs to the first such byte; those above it may
		// be wrong, because a subtraction borrows from the next byte.
		ends := ((w - ' '*ones) &^ w) | ((quote - ones) &^ quote) | ((slash - ones) &^ slash)
		if ends &= highs; ends != 0 {
			before := bits.TrailingZeros64(ends) &^ 7
			return n + before/8, (seen|w&(1<<before-1))&highs == 0
		}
		seen |= w
		n += 8
	}
	for ; n < len(b); n++ {
		c := b[n]
		if c < ' ' || c == '"' || c == '\\' {
			break
		}
		seen |= uint64(c)
	}
	return n, seen&highs == 0
}

func (s *Scanner) skipEscape() {
	if s.pos+1 < len(s.data) {
		switch s.data[s.pos+1] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			s.pos += 2
			return
		case 'u':
			if hex4(s.data[s.pos+2:]) >= 0 {
				s.pos += 6
				return
			}
		}
	}
	s.fail("an escape is wrong")
}

// string reads a string and unescapes it: in place where it stands there as
// it is meant, or else in the arena, where each string has a place of its own
// so that they stay valid side by side.
func (s *Scanner) string() []byte {
	l := s.skipString()
	if !l.escaped && (l.ascii || utf8.Valid(l.text)) {
		return l.text
	}
	from := len(s.arena)
	s.arena = slices.Grow(s.arena, len(l.text))
	for text := l.text; len(text) > 0; {
		if text[0] == '\\' {
			var r rune
			r, text = unescape(text)
			s.arena = utf8.AppendRune(s.arena, r)
			continue
		}
		run := text
		if i := bytes.IndexByte(text, '\\'); i >= 0 {
			run = text[:i]
		}
		text = text[len(run):]
		if l.ascii || utf8.Valid(run) {
			s.arena = append(s.arena, run...)
			continue
		}
		for len(run) > 0 {
			r, n := utf8.DecodeRune(run)
			s.arena = utf8.AppendRune(s.arena, r)
			run = run[n:]
		}
	}
	return s.arena[from:len(s.arena):len(s.arena)]
}

// unescape reads the valid escape at the start of text. Half of a surrogate
// pair becomes U+FFFD.
func unescape(text []byte) (rune, []byte) {
	c := text[1]
	text = text[2:]
	switch c {
	case 'b':
		return '\b', text
	case 'f':
		return '\f', text
	case 'n':
		return '\n', text
	case 'r':
		return '\r', text
	case 't':
		return '\t', text
	case 'u':
	default:
		return rune(c), text
	}
	r := hex4(text)
	text = text[4:]
	if !utf16.IsSurrogate(r) {
		return r, text
	}
	if len(text) >= 6 && text[0] == '\\' && text[1] == 'u' {
		if pair := utf16.DecodeRune(r, hex4(text[2:])); pair != utf8.RuneError {
			return pair, text[6:]
		}
	}
	return utf8.RuneError, text
}

// hex4 reads four hex digits, or returns -1.
func hex4(b []byte) rune {
	if len(b) < 4 {
		return -1
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = (c | 0x20) - 'a' + 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}
