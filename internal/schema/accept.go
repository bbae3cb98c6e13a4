package schema

import (
	"encoding/json"
	"slices"
	"unicode/utf8"
)

// What is longer is left to Schema.decide where it would have to be written
// anew.
const (
	maxRewritten = 256 << 10
	maxFilled    = 64 << 10
)

// Arguments within these limits cost a bounded number of steps for each value,
// wherever that stands.
const (
	maxReadDepth    = 16
	maxDefaultDepth = 4 // of a default; it stands inside something
	maxReadKey      = 64
)

// An acceptor reads arguments and accepts them in place.
type acceptor struct {
	reading
	steps  int  // what Schema.decide would have spent by now, or less
	fill   bool // somewhere a default is to be filled in
	filled int  // bytes of defaults
	others otherKeys
}

// accept returns the effective arguments where raw is plainly right: raw
// itself, or, where defaults were filled in, what Schema.decide would write.
// It accepts in place, without a tree of values, knows the keywords that nearly
// all tools get along with, and needs no leniency. Where ok is false, decide
// decides: accept refuses nothing, and accepts nothing that decide refuses.
func (s *Schema) accept(raw string) (args string, ok bool) {
	r := acceptor{reading: reading{text: raw}}
	if !s.root.accepts(&r) {
		return "", false
	}
	if args = raw; r.fill {
		if len(raw) > maxRewritten || r.filled > maxFilled {
			return "", false
		}
		r.pos = 0
		args = string(r.appendFilled(make([]byte, 0, len(raw)+r.filled), s.root))
	}
	if s.shape == nil {
		return args, true
	}
	r = acceptor{reading: reading{text: args}}
	return args, s.shape.accepts(&r)
}

// accepts reads the whole text, one value.
func (n *treeNode) accepts(r *acceptor) bool {
	r.space()
	if !r.value(n) {
		return false
	}
	r.space()
	return r.pos == len(r.text)
}

// value reads a value, and reports whether the node accepts it.
func (r *acceptor) value(n *treeNode) bool {
	if r.steps += n.cost.steps; r.steps >= maxSteps || !n.known {
		return false
	}
	switch c := r.peek(); c {
	case '{':
		return n.kinds&kindObject != 0 && n.values == nil && r.enter() && r.acceptObject(n)
	case '[':
		return n.kinds&kindArray != 0 && n.values == nil && r.enter() && r.acceptArray(n)
	case '"':
		return n.kinds&kindString != 0 && r.acceptString(n)
	case 't':
		return n.kinds&kindBool != 0 && r.word("true") && n.allows(true)
	case 'f':
		return n.kinds&kindBool != 0 && r.word("false") && n.allows(false)
	case 'n':
		return n.kinds&kindNull != 0 && r.word("null") && n.allows(nil)
	}
	return r.acceptNumber(n)
}

func (n *treeNode) allows(v any) bool { return n.values == nil || n.values.known[v] }

func (r *acceptor) acceptNumber(n *treeNode) bool {
	text, integer, ok := r.number()
	if !ok || n.kinds&kindNumber == 0 && !(integer && n.kinds&kindInteger != 0 && text != "-0") {
		return false // -0 is no literal that every Go integer takes
	}
	if r.steps += n.cost.calculations(json.Number(text)); r.steps >= maxSteps {
		return false
	}
	if n.numbers == nil && n.values == nil {
		return true
	}
	d := plainNumber(text)
	for i := range n.numbers {
		if !n.numbers[i].allows(d) {
			return false
		}
	}
	return n.values == nil || n.values.known[d]
}

func (r *acceptor) acceptString(n *treeNode) bool {
	s, escaped, ok := r.string()
	if !ok {
		return false
	}
	r.steps += len(s)/64 + matching(n.cost.instructions, len(s)) + n.cost.comparisons*(len(s)/64)/8
	if r.steps >= maxSteps {
		return false
	}
	if n.sizes == nil && n.texts == nil && n.values == nil {
		return true
	}
	if escaped {
		s = unescape(s)
	}
	if n.sizes != nil && !n.allowsSize(kindString, utf8.RuneCountInString(s)) {
		return false
	}
	for i := range n.texts {
		if !n.texts[i].allows(s) {
			return false
		}
	}
	return n.values == nil || n.values.known[s]
}

func (n *treeNode) allowsSize(kind kinds, length int) bool {
	for _, s := range n.sizes {
		if !s.allows(kind, length) {
			return false
		}
	}
	return true
}

func (r *acceptor) acceptArray(n *treeNode) bool {
	length := 0
	for ; r.more(length == 0, ']'); length++ {
		if !r.value(n.items) {
			return false
		}
	}
	return !r.bad && n.allowsSize(kindArray, length)
}

func (r *acceptor) acceptObject(n *treeNode) bool {
	var given uint64
	others := r.others.n
	next := 0 // most often the properties come in the order of the schema
	for first := true; r.more(first, '}'); first = false {
		key, ok := r.key()
		if !ok {
			return false
		}
		member := n.rest
		if i := n.find(key, next); i >= 0 {
			if given&(1<<i) != 0 {
				return false
			}
			given |= 1 << i
			next = i + 1
			member = n.props[i].node
		} else if member == noValue || !r.others.add(key, others) {
			return false
		}
		if !r.value(member) {
			return false
		}
	}
	r.others.n = others
	return !r.bad && n.required&^given == 0 && r.fillIn(n, n.defaulted&^given)
}

// fillIn counts the defaults of the missing properties.
func (r *acceptor) fillIn(n *treeNode, missing uint64) bool {
	if missing == 0 {
		return true
	}
	r.fill = true
	for i := range n.props {
		if missing&(1<<i) == 0 {
			continue
		}
		p := &n.props[i]
		r.filled += len(p.name) + len(p.fill) + len(`"":,`)
		r.steps += p.steps
		if p.fill == "" {
			return false
		}
	}
	return true
}

// otherKeys are the keys that a schema does not name, of the objects around a place,
// as many as are worth comparing with each other.
type otherKeys struct {
	keys [24]string
	n    int
}

// add returns false where the key stands there already, behind the first ones, or is
// one too many.
func (o *otherKeys) add(key string, first int) bool {
	if o.n == len(o.keys) || len(key) > maxReadKey || slices.Contains(o.keys[first:o.n], key) {
		return false
	}
	o.keys[o.n] = key
	o.n++
	return true
}
