package jsonscan

import "bytes"

// A Frame is a text without one of its strings and without the numbers and strings that its
// reader passed over. The texts of a stream often differ only in these: then the string is
// all that has to be read. A Frame accepts no text that a Scanner refuses.
//
// The zero Frame has no text and matches nothing, and so does a nil one.
type Frame struct {
	text  []byte
	holes []Span // where the texts may differ, in order
	want  int    // the index of the string's hole
	kept  bool
	scan  Scanner  // of the texts that are compared
	first [10]Span // what holes begins with: many streams have only a few texts
}

// A Span is the place of a value in the text of a Scanner: where it begins and ends.
type Span struct{ from, to int }

// Bounds of a frame. Longer events are rare, and most of them is text.
const (
	maxFrame = 4 << 10
	maxHoles = 16
)

// ordinaryFrame is as long as most texts of a stream.
const ordinaryFrame = 512

// Read has s read a copy of data, so that slices of it are valid until the next Read. The
// frame forgets its text.
func (f *Frame) Read(s *Scanner, data []byte) {
	if f == nil || len(data) > maxFrame {
		if f != nil {
			f.kept = false
		}
		s.Reset(data)
		return
	}
	if f.text == nil {
		f.text = make([]byte, 0, max(ordinaryFrame, len(data)))
	}
	f.text, f.holes, f.kept = append(f.text[:0], data...), f.first[:0], false
	s.Reset(f.text)
	s.frame = f
}

// Keep makes a frame of the text that s has read to its end, with the string at that place
// left out. It makes none if the reader has passed over a part of the text twice, or has read the
// string and passed over it.
func (f *Frame) Keep(s *Scanner, text Span) {
	if f == nil || s.frame != f || s.err != nil || len(s.Rest()) > 0 || len(f.holes) > maxHoles {
		return
	}
	f.want = f.add(text)
	f.kept = f.inOrder()
}

// inOrder reports whether the holes are parts of the text that do not overlap.
func (f *Frame) inOrder() bool {
	end := 0
	for _, h := range f.holes {
		if h.from < end || h.to <= h.from {
			return false
		}
		end = h.to
	}
	return end <= len(f.text)
}

// add adds a hole at its place, usually the end, and returns its index.
func (f *Frame) add(hole Span) int {
	i := len(f.holes)
	f.holes = append(f.holes, hole)
	for ; i > 0 && f.holes[i-1].from > hole.from; i-- {
		f.holes[i] = f.holes[i-1]
	}
	f.holes[i] = hole
	return i
}

// Match returns the string of a text with the kept frame. It is valid until the next Match.
func (f *Frame) Match(data []byte) (text []byte, ok bool) {
	if f == nil || !f.kept {
		return nil, false
	}
	s := &f.scan
	s.Reset(data)
	wanted := f.holes[f.want]
	if !f.pass(s, 0, wanted.from, f.holes[:f.want]) {
		return nil, false
	}
	text = s.string()
	if s.err != nil || !f.pass(s, wanted.to, len(f.text), f.holes[f.want+1:]) || s.pos < len(data) {
		return nil, false
	}
	return text, true
}

// pass moves s over a part of the frame, and reports whether s has it. Usually the values in
// the holes are the same, too.
func (f *Frame) pass(s *Scanner, from, to int, holes []Span) bool {
	if s.literal(f.text[from:to]) {
		return true
	}
	for _, h := range holes {
		if !s.literal(f.text[from:h.from]) {
			return false
		}
		if f.text[h.from] == '"' {
			s.skipString()
		} else {
			s.number()
		}
		if s.err != nil {
			return false
		}
		from = h.to
	}
	return s.literal(f.text[from:to])
}

// literal moves over a text, and reports whether it is what comes next.
func (s *Scanner) literal(text []byte) bool {
	if !bytes.HasPrefix(s.data[s.pos:], text) {
		return false
	}
	s.pos += len(text)
	return true
}

// Last returns the place of the string that Bytes read last.
func (s *Scanner) Last() Span { return s.last }

// ignore passes over a value that the caller did not read.
func (s *Scanner) ignore() {
	from, kind := s.pos, s.Kind()
	s.Skip()
	if f := s.frame; f != nil && (kind == '"' || kind == '0') && len(f.holes) <= maxHoles {
		f.add(Span{s.base + from, s.base + s.pos})
	}
}
