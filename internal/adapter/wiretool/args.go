package wiretool

import (
	"bytes"

	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/internal/json/jsontree"
)

// A reader translates arguments back to a tool's original names.
type reader struct {
	wrapper string
	places  *places // nil if no property is renamed
}

func (a *API) newReader(schema []byte) *reader {
	root := parse(schema)
	if root == nil {
		return &reader{}
	}
	r := &reader{wrapper: a.wrapper(root)}
	if odd, err := a.oddNames(root); odd && err == nil {
		r.places = newPlaces(a.properties, root)
	}
	return r
}

// args returns the arguments with the original names. All other bytes stay. Text that is not
// JSON stays unchanged, and so do arguments in which the model used the original names.
func (r *reader) args(text string) string {
	data := []byte(text)
	if !isValue(data) {
		return text
	}
	if r.wrapper != "" {
		data = unwrapText(data, r.wrapper)
	}
	if r.places != nil {
		data = r.places.rename(data)
	}
	return string(data)
}

// isValue reports whether the text is one JSON value.
func isValue(data []byte) bool {
	var s jsonscan.Scanner
	s.Reset(data)
	s.Skip()
	return s.Err() == nil && len(s.Rest()) == 0
}

// unwrapText is like unwrap, also for an object in a JSON string. The result is then a JSON
// string too.
func unwrapText(data []byte, name string) []byte {
	object, ok := objectIn(data)
	if !ok {
		return unwrap(data, name)
	}
	if inner := unwrap(object, name); len(inner) < len(object) {
		return jsontree.AppendString(nil, string(inner))
	}
	return data
}

// objectIn returns the object in a JSON string, if data is such a string.
func objectIn(data []byte) (object []byte, ok bool) {
	data = bytes.TrimLeft(data, spaces)
	if len(data) == 0 || data[0] != '"' {
		return nil, false
	}
	object = []byte(unescape(data))
	if !bytes.HasPrefix(bytes.TrimLeft(object, spaces), []byte{'{'}) || !isValue(object) {
		return nil, false
	}
	return object, true
}

const spaces = " \t\r\n"

// unwrap returns the value of an object's only member if it has that name, and otherwise data.
func unwrap(data []byte, name string) []byte {
	var s jsonscan.Scanner
	s.Reset(data)
	var inner []byte
	n := 0
	for key := range s.Object() {
		if n++; string(key) == name {
			inner = s.Raw()
		}
	}
	if n != 1 || inner == nil {
		return data
	}
	return inner
}

// A copier copies valid JSON and replaces names.
type copier struct {
	in, out []byte
	at      int
	within  bool // in a string that holds an object; the check does not read a further one inside
}

// value copies the next value, whose place in the schema is p, or nil if unknown.
func (c *copier) value(p *place) {
	c.space()
	switch c.in[c.at] {
	case '{':
		c.elements('}', func() {
			from := c.at
			c.string()
			name := unescape(c.in[from:c.at])
			if own, ok := p.own(name); ok {
				c.out = jsontree.AppendString(c.out[:len(c.out)-(c.at-from)], own)
				name = own
			}
			c.space()
			c.copy(1) // the colon
			c.value(p.property(name))
		})
	case '[':
		c.elements(']', func() { c.value(p.item()) })
	case '"':
		c.text(p)
	default:
		c.copy(literal(c.in[c.at:]))
	}
}

// text copies a string. If the string holds an object, as small models write it, and the place
// allows an object, text replaces the names in it too.
func (c *copier) text(p *place) {
	from, to := c.at, len(c.out)
	c.string()
	if c.within || !p.takesObject() {
		return
	}
	object, ok := objectIn(c.in[from:c.at])
	if !ok {
		return
	}
	inner := copier{in: object, within: true}
	inner.value(p)
	inner.space()
	if !bytes.Equal(inner.out, object) {
		c.out = jsontree.AppendString(c.out[:to], string(inner.out))
	}
}

// elements copies an object or an array to its end.
func (c *copier) elements(end byte, element func()) {
	c.copy(1)
	c.space()
	for c.in[c.at] != end {
		element()
		c.space()
		if c.in[c.at] == ',' {
			c.copy(1)
			c.space()
		}
	}
	c.copy(1)
}

func (c *copier) copy(n int) {
	c.out = append(c.out, c.in[c.at:c.at+n]...)
	c.at += n
}

func (c *copier) space() {
	for c.at < len(c.in) && isSpace(c.in[c.at]) {
		c.copy(1)
	}
}

func (c *copier) string() {
	n := 1
	for c.in[c.at+n] != '"' {
		if c.in[c.at+n] == '\\' {
			n++
		}
		n++
	}
	c.copy(n + 1)
}

// literal returns the length of the number or word at the beginning of b.
func literal(b []byte) int {
	n := 0
	for n < len(b) && b[n] != ',' && b[n] != ']' && b[n] != '}' && !isSpace(b[n]) {
		n++
	}
	return n
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

func unescape(raw []byte) string {
	var s jsonscan.Scanner
	s.Reset(raw)
	text, _ := s.Bytes()
	return string(text)
}
