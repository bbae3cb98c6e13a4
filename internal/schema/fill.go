package schema

import (
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/json/jsontree"
)

// member is one of an object that is being written.
type member struct {
	key  string
	at   int // where its value begins
	node *treeNode
	fill string // of a default: its text
}

// appendFilled reads a value that was accepted, and appends it as
// jsontree.Append would, with the defaults of missing properties.
func (r *reading) appendFilled(dst []byte, n *treeNode) []byte {
	r.space()
	start := r.pos
	switch r.peek() {
	case '{':
		return r.appendObject(dst, n)
	case '[':
		dst = append(dst, '[')
		r.enter()
		for first := true; r.more(first, ']'); first = false {
			if !first {
				dst = append(dst, ',')
			}
			dst = r.appendFilled(dst, n.items)
		}
		return append(dst, ']')
	case '"':
		if text, escaped, _ := r.string(); escaped {
			return jsontree.AppendString(dst, unescape(text))
		}
	default:
		r.skip()
	}
	return append(dst, r.text[start:r.pos]...)
}

func (r *reading) appendObject(dst []byte, n *treeNode) []byte {
	var few [16]member
	members := few[:0]
	var given uint64
	next := 0
	r.enter()
	for r.more(len(members) == 0, '}') {
		m := member{node: n.rest}
		m.key, _ = r.key()
		if i := n.find(m.key, next); i >= 0 {
			given |= 1 << i
			next = i + 1
			m.node = n.props[i].node
		}
		m.at = r.pos
		r.skip()
		members = append(members, m)
	}
	for i, p := range n.props {
		if (n.defaulted&^given)&(1<<i) != 0 {
			members = append(members, member{key: p.name, fill: p.fill})
		}
	}
	slices.SortFunc(members, func(a, b member) int { return strings.Compare(a.key, b.key) })
	end := r.pos
	dst = append(dst, '{')
	for i, m := range members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = jsontree.AppendString(dst, m.key)
		dst = append(dst, ':')
		if m.fill != "" {
			dst = append(dst, m.fill...)
			continue
		}
		r.pos = m.at
		dst = r.appendFilled(dst, m.node)
	}
	r.pos = end
	return append(dst, '}')
}
