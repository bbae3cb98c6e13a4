// Package partialjson completes JSON that is still being written.
package partialjson

// maxDepth bounds the nesting, as encoding/json does.
const maxDepth = 10_000

// Complete returns the JSON document that begins with text, as far as text has it: a valid
// document whose strings, lists and objects are closed. A string may end in its middle, between
// two characters. A number or a literal counts once it is complete, a member of an object once
// its value has begun. Complete returns "" if the text has no value yet, or does not begin a
// JSON document.
func Complete(text string) string {
	r := reader{text: text}
	s := r.value(0)
	if s == wrong || s == whole && r.next() != atEnd {
		return ""
	}
	return text[:r.kept] + string(r.closing)
}

// A reader reads the beginning of a JSON document.
type reader struct {
	text    string
	pos     int
	kept    int    // the completed document is text[:kept], followed by closing
	closing []byte // innermost first
}

// A state says how far a part of the document is written.
type state int

const (
	whole state = iota
	cut         // the text ends in it, or ahead of it
	wrong       // it is not JSON
)

// value reads a value.
func (r *reader) value(depth int) (s state) {
	switch c := r.next(); {
	case c == atEnd:
		return cut
	case c == '{':
		s = r.container('}', depth)
	case c == '[':
		s = r.container(']', depth)
	case c == '"':
		if s = r.string(); s == cut {
			r.kept, r.closing = r.pos, append(r.closing, '"')
		}
	case c == '-', '0' <= c && c <= '9':
		s = r.number()
	default:
		s = r.literal()
	}
	if s == whole {
		r.kept = r.pos
	}
	return s
}

// container reads an object or a list, which ends with that bracket.
func (r *reader) container(bracket byte, depth int) state {
	if depth == maxDepth {
		return wrong
	}
	r.pos++
	r.kept = r.pos
	s := r.elements(bracket, depth+1)
	if s == cut {
		r.closing = append(r.closing, bracket)
	}
	return s
}

// elements reads what follows the opening bracket.
func (r *reader) elements(bracket byte, depth int) state {
	if r.next() == int(bracket) {
		r.pos++
		return whole
	}
	for {
		if bracket == '}' {
			if s := r.key(); s != whole {
				return s
			}
		}
		if s := r.value(depth); s != whole {
			return s
		}
		switch r.next() {
		case int(bracket):
			r.pos++
			return whole
		case ',':
			r.pos++
		case atEnd:
			return cut
		default:
			return wrong
		}
	}
}

// key reads the key of a member, with its colon.
func (r *reader) key() state {
	switch r.next() {
	case '"':
	case atEnd:
		return cut
	default:
		return wrong
	}
	if s := r.string(); s != whole {
		return s
	}
	switch r.next() {
	case ':':
		r.pos++
		return whole
	case atEnd:
		return cut
	}
	return wrong
}

// atEnd is what next returns at the end of the text.
const atEnd = -1

// next passes over white space, and returns the byte at pos.
func (r *reader) next() int {
	for ; r.pos < len(r.text); r.pos++ {
		switch c := r.text[r.pos]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return int(c)
		}
	}
	return atEnd
}
