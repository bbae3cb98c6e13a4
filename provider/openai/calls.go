package openai

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/provider"
)

// A piece is the content of one element of tool_calls. Its slices are valid as long as its
// chunk.
type piece struct {
	id, name, args []byte
	extra          []byte // extra_content, raw
	index          int64
	hasIndex       bool
	plain          bool          // the arguments are a text
	place          jsonscan.Span // of that text
}

// scan reads an element. The fields of "function" have unique names, so their level does not
// matter.
func (p *piece) scan(s *jsonscan.Scanner) {
	for key := range s.Object() {
		switch string(key) {
		case "index":
			if s.Kind() == '0' {
				p.index = s.Int()
				p.hasIndex = p.index >= 0
			}
		case "id":
			p.id = textOrRaw(s)
		case "function":
			p.scan(s)
		case "name":
			if b, ok := s.Bytes(); ok {
				p.name = b
			}
		case "arguments": // an object in place of its text
			p.plain = s.Kind() == '"'
			p.args = textOrRaw(s)
			p.place = s.Last()
		case "extra_content":
			if s.Kind() == '{' {
				p.extra = s.Raw()
			}
		}
	}
}

// empty reports whether the piece has no content.
func (p *piece) empty() bool { return len(p.id)+len(p.name)+len(p.args)+len(p.extra) == 0 }

// begins reports whether a call can begin with the piece. Some servers add a call without name
// and arguments to every text.
func (p *piece) begins() bool {
	return len(p.id)+len(p.name) > 0 || len(p.args) > 0 && string(p.args) != "{}"
}

// isEmptyCall reports whether a call has neither a name nor arguments. Some servers add such
// calls to text.
func isEmptyCall(name, args string) bool {
	if name != "" {
		return false
	}
	switch strings.TrimSpace(args) {
	case "", "{}", "null":
		return true
	}
	return false
}

// textOrRaw reads a string, or the JSON of another value as text; null is empty.
func textOrRaw(s *jsonscan.Scanner) []byte {
	switch s.Kind() {
	case '"':
		b, _ := s.Bytes()
		return b
	case 'n':
		s.Skip()
		return nil
	}
	return []byte(wire.ValueText(s.Raw()))
}

// A call is a tool call, as far as it has come.
type call struct {
	id       string
	name     string
	args     strings.Builder
	extra    json.RawMessage
	index    int64
	hasIndex bool
	late     bool // a piece of it came after the finish reason
	message  int  // the number of the last message or delta with a piece of it
	brackets brackets
	counted  int // how much of the arguments brackets has counted
}

// add adds the content of a piece, except the text of the arguments.
func (c *call) add(p *piece) {
	switch {
	case c.id == "" && c.name == "": // the common case, with one copy
		both := string(append(append(make([]byte, 0, 128), p.id...), p.name...))
		c.id, c.name = both[:len(p.id)], both[len(p.id):]
	case c.id == "":
		c.id = string(p.id)
	}
	if string(p.name) != c.name { // a name may come in pieces, or whole in every chunk
		c.name += string(p.name)
	}
	if p.extra != nil {
		c.extra = wire.Compact(p.extra)
	}
}

// closed reports whether the arguments so far look whole.
func (c *call) closed() bool {
	c.brackets.add(c.args.String()[c.counted:])
	c.counted = c.args.Len()
	return c.brackets.closed()
}

// isBroken reports whether the arguments are not valid JSON.
func (c *call) isBroken() bool { return !json.Valid([]byte(c.args.String())) }

// isEmpty reports whether the call is one of those that servers add to text.
func (c *call) isEmpty() bool { return isEmptyCall(c.name, c.args.String()) }

func (c *call) part(owner string) provider.ToolCall {
	t := provider.ToolCall{ID: c.id, Name: c.name, Args: c.args.String()}
	if c.extra != nil {
		t.State = provider.State{Owner: owner, Data: c.extra}
	}
	return t
}

// calls are the tool calls of a response, in the order in which they began.
type calls struct {
	list    []*call
	few     *few // nil until the first call
	message int
	whole   bool
	modern  bool  // some came as tool_calls
	mixed   bool  // an index is lower than the one before
	bare    bool  // a call has no index
	err     error // too many calls, or too long a name
	// nameless reports that there was a call without name and arguments.
	nameless bool
}

// nextMessage begins another message or delta for the pieces that follow. In a whole message
// each element is a whole call.
func (cs *calls) nextMessage(whole bool) {
	cs.message++
	cs.whole = whole
}

// place returns the index of the call that a piece belongs to: by its index, or else its ID,
// or else the last one. If no call fits, the piece begins one. If it cannot begin one, or on
// an error, place returns -1.
func (cs *calls) place(p *piece) (at int, begins bool) {
	at = cs.find(p)
	if at < 0 || cs.whole || cs.list[at].endsBefore(p, cs.message) {
		if !p.begins() {
			cs.nameless = true
			return -1, false
		}
		if cs.err = wire.CheckCall(len(cs.list), 0); cs.err != nil {
			return -1, false
		}
		if n := len(cs.list); n > 0 && cs.list[n-1].index > p.index {
			cs.mixed = true
		}
		cs.bare = cs.bare || !p.hasIndex
		cs.begin(p)
		at, begins = len(cs.list)-1, true
	}
	if name := cs.list[at].name; name != string(p.name) {
		if cs.err = wire.CheckCall(0, len(name)+len(p.name)); cs.err != nil {
			return -1, false
		}
	}
	cs.list[at].message = cs.message
	return at, begins
}

// few is the room of the first calls of a response and of their list.
type few struct {
	calls [4]call
	list  [4]*call
}

// begin adds the call that the piece begins.
func (cs *calls) begin(p *piece) {
	if cs.few == nil {
		cs.few = new(few)
		cs.list = cs.few.list[:0]
	}
	var c *call
	if n := len(cs.list); n < len(cs.few.calls) {
		c = &cs.few.calls[n]
	} else {
		c = new(call)
	}
	c.index, c.hasIndex = p.index, p.hasIndex
	cs.list = append(cs.list, c)
}

// find returns the index of the call that the piece names, or -1.
func (cs *calls) find(p *piece) int {
	byID := -1
	for i, c := range slices.Backward(cs.list) {
		if p.hasIndex && c.hasIndex && c.index == p.index {
			return i
		}
		// Two calls may share an ID: a new index with a name is another call.
		if byID < 0 && len(p.id) > 0 && c.id == string(p.id) && !(p.hasIndex && c.hasIndex && len(p.name) > 0) {
			byID = i
		}
	}
	if byID >= 0 || p.hasIndex {
		return byID
	}
	return len(cs.list) - 1
}

// endsBefore reports whether the piece belongs to another call, although index or ID are equal
// or nothing is between the two: servers send several calls under index 0, or without index
// and ID.
func (c *call) endsBefore(p *piece, message int) bool {
	otherID := len(p.id) > 0 && c.id != "" && string(p.id) != c.id
	whole := c.closed()
	switch {
	case len(p.name) == 0:
		return otherID && whole // some servers give every piece another ID
	case c.name == "":
		return otherID
	case otherID:
		return true
	case c.message == message && !p.hasIndex:
		return true // two elements with names in one delta
	}
	if c.hasIndex && p.hasIndex && len(p.id) > 0 && c.id != "" && string(p.name) == c.name {
		// The call continues, however complete it looked, or is repeated.
		return whole && string(p.args) == c.args.String()
	}
	// Another name: another call, the name repeated, or its next piece. Two calls without IDs
	// and arguments under one index look like a name in two pieces, and are read as one.
	return whole && (len(p.args) > 0 || string(p.name) != c.name)
}

// cutShort reports whether an incomplete call came after the finish reason. If the stream just
// ends then, the call was cut off.
func (cs *calls) cutShort() bool {
	return slices.ContainsFunc(cs.list, func(c *call) bool { return c.late && !c.closed() })
}

// sorted returns the calls in the order of their indexes, if each has one.
func (cs *calls) sorted() []*call {
	if !cs.inOrder() {
		slices.SortStableFunc(cs.list, func(a, b *call) int { return cmp.Compare(a.index, b.index) })
	}
	return cs.list
}

// inOrder reports whether the calls began in the order of sorted.
func (cs *calls) inOrder() bool { return !cs.mixed || cs.bare }

// brackets counts the brackets of a JSON text that comes in pieces.
type brackets struct {
	depth           int
	seen            bool
	inString, slash bool
}

func (b *brackets) add(text string) {
	for _, c := range []byte(text) {
		switch {
		case b.slash:
			b.slash = false
		case b.inString:
			b.slash = c == '\\'
			b.inString = c != '"'
		case c == '"':
			b.inString = true
		case c == '{', c == '[':
			b.depth++
			b.seen = true
		case c == '}', c == ']':
			b.depth--
		}
	}
}

// closed reports whether an object or an array has begun and ended.
func (b *brackets) closed() bool { return b.seen && b.depth <= 0 && !b.inString }
