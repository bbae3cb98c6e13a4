// Package jsonscan reads JSON in place: a caller walks through a text once,
// takes the values it wants and lets the rest pass by, and nothing is
// allocated on the way. The whole text is checked for syntax as it is passed.
package jsonscan

import (
	"fmt"
	"iter"
	"strconv"
)

// maxDepth bounds recursion. No API nests its answers a tenth as deep.
const maxDepth = 512

// A Scanner walks through a text. Its first error sticks: from then on it
// yields nothing, so that Err need only be looked at once, at the end.
// The zero Scanner has an empty text.
type Scanner struct {
	data  []byte
	pos   int
	depth int
	arena []byte // the unescaped strings of this text
	err   error
	base  int     // where data begins in the text; see Again
	last  Span    // of the last string that Bytes read
	frame *Frame  // notes the values that are passed over, if it is not nil
	long  literal // the last long string
}

// Reset starts over with another text. Slices that the Scanner returned
// before are no longer valid.
func (s *Scanner) Reset(data []byte) {
	*s = Scanner{data: data, arena: s.arena[:0]}
}

// Err returns the first error, which says where the text stops being JSON.
func (s *Scanner) Err() error { return s.err }

// Rest returns what is left of the text, without leading white space.
func (s *Scanner) Rest() []byte {
	s.space()
	return s.data[s.pos:]
}

// Kind says what the next value is by its first byte: one of { [ " t f n, or '0'
// for a number; where none of these begins it is '?'.
func (s *Scanner) Kind() byte {
	if s.err != nil {
		return '?'
	}
	s.space()
	switch c := s.peek(); {
	case c == '{', c == '[', c == '"', c == 't', c == 'f', c == 'n':
		return c
	case c == '-', '0' <= c && c <= '9':
		return '0'
	}
	return '?'
}

// Object yields the keys of the object that comes next. The loop's body may
// read the key's value; if it does not, the value is passed over. Any other
// value is passed over whole, without a turn of the loop. After a break the
// Scanner is of no more use.
func (s *Scanner) Object() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if !s.enter('{') {
			return
		}
		for first := true; s.more(first, '}'); first = false {
			s.space()
			key := s.string()
			if s.colon(); s.err != nil {
				return
			}
			s.space() // before the position is taken: Kind moves over white space and reads nothing
			at := s.pos
			if !yield(key) {
				return
			}
			if s.pos == at {
				s.ignore()
			}
		}
		s.depth--
	}
}

// Array yields once before each element of the array that comes next. The
// rules of Object hold.
func (s *Scanner) Array() iter.Seq[int] {
	return func(yield func(int) bool) {
		if !s.enter('[') {
			return
		}
		for i := 0; s.more(i == 0, ']'); i++ {
			s.space() // as in Object
			at := s.pos
			if !yield(i) {
				return
			}
			if s.pos == at {
				s.Skip()
			}
		}
		s.depth--
	}
}

// enter steps into a container; anything else is passed over.
func (s *Scanner) enter(open byte) bool {
	if s.Kind() != open {
		s.Skip()
		return false
	}
	if s.depth == maxDepth {
		s.fail("the JSON is nested more than %d levels deep", maxDepth)
		return false
	}
	s.depth++
	s.pos++
	return true
}

// colon steps over the colon behind a key.
func (s *Scanner) colon() {
	s.space()
	if s.peek() != ':' {
		s.fail("a colon is missing")
		return
	}
	s.pos++
}

// more steps over the comma before the next element, or over the closing
// bracket.
func (s *Scanner) more(first bool, end byte) bool {
	if s.err != nil {
		return false
	}
	s.space()
	switch c := s.peek(); {
	case c == end:
		s.pos++
		return false
	case first:
		return true
	case c == ',':
		s.pos++
		return true
	}
	s.fail("a comma or %c is missing", end)
	return false
}

// Once reads a string into a field that is still empty. Of a field that is said again
// and again the first text counts.
func (s *Scanner) Once(field *string) {
	if b, ok := s.Bytes(); ok && *field == "" {
		*field = string(b)
	}
}

// Bytes reads a string and returns it unescaped; ok is false for any other
// value, which is passed over. The slice is valid until Reset. What has no
// UTF-8 form becomes U+FFFD, as in encoding/json.
func (s *Scanner) Bytes() (text []byte, ok bool) {
	if s.Kind() != '"' {
		s.Skip()
		return nil, false
	}
	from := s.pos
	text = s.string()
	s.last = Span{s.base + from, s.base + s.pos}
	return text, s.err == nil
}

// Int reads a number and cuts off its fraction. What is no number, or does
// not fit, counts as 0.
func (s *Scanner) Int() int64 {
	if s.Kind() != '0' {
		s.Skip()
		return 0
	}
	raw := s.Raw()
	if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return n
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || f < -(1<<62) || f > 1<<62 {
		return 0
	}
	return int64(f)
}

// Raw reads any value and returns its text.
func (s *Scanner) Raw() []byte {
	start := s.Mark()
	s.Skip()
	return s.Since(start)
}

// Mark returns the place of the next value, for Since.
func (s *Scanner) Mark() int {
	s.space()
	return s.pos
}

// Since returns the text that was read since a mark, or nothing if it is broken.
func (s *Scanner) Since(mark int) []byte {
	if s.err != nil {
		return nil
	}
	return s.data[mark:s.pos]
}

// Again has read walk through a text that Raw returned, and then goes on
// behind it. In any other text a Span means nothing.
func (s *Scanner) Again(raw []byte, read func()) {
	data, pos, base := s.data, s.pos, s.base
	s.base += cap(data) - cap(raw) // Raw leaves the text its capacity
	s.data, s.pos = raw, 0
	read()
	s.data, s.pos, s.base = data, pos, base
}

// Skip passes over one value.
func (s *Scanner) Skip() {
	switch kind := s.Kind(); kind {
	case '{', '[':
		s.skipAll(kind)
	case '"':
		s.skipString()
	case '0':
		s.number()
	case 't':
		s.word("true")
	case 'f':
		s.word("false")
	case 'n':
		s.word("null")
	default:
		s.fail("a value is missing")
	}
}

// skipAll passes over a container, and reads none of its keys.
func (s *Scanner) skipAll(open byte) {
	if !s.enter(open) {
		return
	}
	for first := true; s.more(first, open+2); first = false {
		if open == '{' {
			s.space()
			s.skipString()
			s.colon()
		}
		if s.err != nil {
			return
		}
		s.Skip()
	}
	s.depth--
}

func (s *Scanner) fail(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf("bad JSON at byte %d: %s", s.pos, fmt.Sprintf(format, args...))
	}
}

// peek returns the next byte, or 0 at the end: no JSON has a 0 byte.
func (s *Scanner) peek() byte {
	if s.pos < len(s.data) {
		return s.data[s.pos]
	}
	return 0
}

func (s *Scanner) space() {
	if s.pos < len(s.data) && s.data[s.pos] <= ' ' {
		s.spaces()
	}
}

func (s *Scanner) spaces() {
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

func (s *Scanner) word(w string) {
	if end := s.pos + len(w); end <= len(s.data) && string(s.data[s.pos:end]) == w {
		s.pos = end
		return
	}
	s.fail("a value is misspelt")
}

func (s *Scanner) number() {
	if s.peek() == '-' {
		s.pos++
	}
	if s.peek() == '0' {
		s.pos++
	} else {
		s.digits()
	}
	if s.peek() == '.' {
		s.pos++
		s.digits()
	}
	if s.peek()|0x20 == 'e' {
		s.pos++
		if c := s.peek(); c == '+' || c == '-' {
			s.pos++
		}
		s.digits()
	}
}

func (s *Scanner) digits() {
	start := s.pos
	for c := s.peek(); '0' <= c && c <= '9'; c = s.peek() {
		s.pos++
	}
	if s.pos == start {
		s.fail("a digit is missing")
	}
}
