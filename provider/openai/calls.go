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

// A piece is what one element of tool_calls says about a call. Its slices
// live as long as the chunk that it stands in.
type piece struct {
	id, name, args []byte
	extra          []byte // extra_content, raw
	index          int64
	hasIndex       bool
}

// scan reads an element. The fields of "function" have names of their own, so
// that it does not matter on which level they stand.
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
		case "arguments": // an object in place of its text means its text
			p.args = textOrRaw(s)
		case "extra_content":
			if s.Kind() == '{' {
				p.extra = s.Raw()
			}
		}
	}
}

// empty reports whether the piece says nothing.
func (p *piece) empty() bool { return len(p.id)+len(p.name)+len(p.args)+len(p.extra) == 0 }

// begins reports whether a call can begin with the piece. Some servers send a
// call without a name and arguments beside the text of every answer.
func (p *piece) begins() bool {
	return len(p.id)+len(p.name) > 0 || len(p.args) > 0 && string(p.args) != "{}"
}

// saysNothing reports whether a call has neither a name nor arguments. Servers
// make such calls up beside text.
func saysNothing(name, args string) bool {
	if name != "" {
		return false
	}
	switch strings.TrimSpace(args) {
	case "", "{}", "null":
		return true
	}
	return false
}

// textOrRaw reads a string, or the text of another value; null is nothing.
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

// A call is a tool call as far as it has come.
type call struct {
	id       string
	name     string
	args     strings.Builder
	extra    json.RawMessage
	index    int64
	hasIndex bool
	late     bool // something of it came behind the finish reason
	message  int  // the number of the message or delta that it was last seen in
	brackets brackets
}

// add appends what the piece brings.
func (c *call) add(p *piece) {
	if c.id == "" {
		c.id = string(p.id)
	}
	if string(p.name) != c.name { // a name may come in pieces, or whole in every chunk
		c.name += string(p.name)
	}
	if p.extra != nil {
		c.extra = wire.Compact(p.extra)
	}
	c.args.Write(p.args)
	c.brackets.add(p.args)
}

// isBroken reports whether the arguments are no JSON.
func (c *call) isBroken() bool { return !json.Valid([]byte(c.args.String())) }

func (c *call) part(owner string) provider.ToolCall {
	t := provider.ToolCall{ID: c.id, Name: c.name, Args: c.args.String()}
	if c.extra != nil {
		t.State = provider.State{Owner: owner, Data: c.extra}
	}
	return t
}

// calls are the tool calls of an answer, in the order in which they began.
type calls struct {
	list    []*call
	message int
	whole   bool
	modern  bool  // some came as tool_calls
	mixed   bool  // one has an index that is lower than the one before it
	bare    bool  // one has no index
	err     error // more calls, or a longer name, than any answer has
	// nameless says that there was a call without a name and arguments.
	nameless bool
}

// nextMessage says that the pieces that follow stand in another message, or in
// another delta. The calls of a message are whole: each element is one.
func (cs *calls) nextMessage(whole bool) {
	cs.message++
	cs.whole = whole
}

// place finds the call that a piece belongs to: by its index, or else its id,
// or else it is the last one. Where no call fits the piece begins one. It
// returns -1 where there is nothing to be begun, or where it went wrong.
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
		if cs.list == nil {
			cs.list = make([]*call, 0, 4)
		}
		if n := len(cs.list); n > 0 && cs.list[n-1].index > p.index {
			cs.mixed = true
		}
		cs.bare = cs.bare || !p.hasIndex
		cs.list = append(cs.list, &call{index: p.index, hasIndex: p.hasIndex})
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

// find returns where the call stands that the piece names, or -1.
func (cs *calls) find(p *piece) int {
	byID := -1
	for i, c := range slices.Backward(cs.list) {
		if p.hasIndex && c.hasIndex && c.index == p.index {
			return i
		}
		// Two calls may share an id, so that a new index with a name is
		// another call whatever its id.
		if byID < 0 && len(p.id) > 0 && c.id == string(p.id) && !(p.hasIndex && c.hasIndex && len(p.name) > 0) {
			byID = i
		}
	}
	if byID >= 0 || p.hasIndex {
		return byID
	}
	return len(cs.list) - 1
}

// endsBefore reports whether the call cannot go on with the piece, although
// they share an index, or an id, or nothing stands between them: servers send
// several calls under index 0, or without index and id.
func (c *call) endsBefore(p *piece, message int) bool {
	otherID := len(p.id) > 0 && c.id != "" && string(p.id) != c.id
	whole := c.brackets.closed()
	switch {
	case len(p.name) == 0:
		return otherID && whole // some servers make up an id for every piece
	case c.name == "":
		return otherID
	case otherID:
		return true
	case c.message == message && !p.hasIndex:
		return true // two elements with names in one delta
	}
	if c.hasIndex && p.hasIndex && len(p.id) > 0 && c.id != "" && string(p.name) == c.name {
		// The call goes on, however whole it looked, or is repeated: to tell
		// the model, or to run once.
		return whole && string(p.args) == c.args.String()
	}
	// A name again: another call, or the name repeated, or its next piece?
	// Two calls without ids and arguments under one index look like a name in
	// two pieces, and are read as one.
	return whole && (len(p.args) > 0 || string(p.name) != c.name)
}

// cutShort reports whether a call came behind the finish reason, and not whole:
// where a stream just ends, so has it.
func (cs *calls) cutShort() bool {
	return slices.ContainsFunc(cs.list, func(c *call) bool { return c.late && !c.brackets.closed() })
}

// sorted returns the calls in the order of their indexes, where each has one.
func (cs *calls) sorted() []*call {
	if !cs.inOrder() {
		slices.SortStableFunc(cs.list, func(a, b *call) int { return cmp.Compare(a.index, b.index) })
	}
	return cs.list
}

// inOrder reports whether the calls began in the order that sorted gives them.
func (cs *calls) inOrder() bool { return !cs.mixed || cs.bare }

// brackets counts the brackets of a JSON text that comes in pieces.
type brackets struct {
	depth           int
	seen            bool
	inString, slash bool
}

func (b *brackets) add(text []byte) {
	for _, c := range text {
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
