package jsonscan

import (
	"unicode/utf16"
	"unicode/utf8"
)

// skipString passes over a string. It returns the text between the quotes,
// and whether there are escapes in it.
func (s *Scanner) skipString() (text []byte, escaped bool) {
	if s.peek() != '"' {
		s.fail("a double quote is missing")
		return nil, false
	}
	s.pos++
	start := s.pos
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; {
		case c == '"':
			s.pos++
			return s.data[start : s.pos-1], escaped
		case c == '\\':
			escaped = true
			s.skipEscape()
		case c < 0x20:
			s.fail("a control character in a string must be escaped")
		default:
			s.pos++
		}
		if s.err != nil {
			return nil, false
		}
	}
	s.fail("a string does not end")
	return nil, false
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
	text, escaped := s.skipString()
	if s.err != nil || !escaped && utf8.Valid(text) {
		return text
	}
	from := len(s.arena)
	for len(text) > 0 {
		if text[0] == '\\' {
			var r rune
			r, text = unescape(text)
			s.arena = utf8.AppendRune(s.arena, r)
			continue
		}
		r, n := utf8.DecodeRune(text)
		s.arena = utf8.AppendRune(s.arena, r)
		text = text[n:]
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
