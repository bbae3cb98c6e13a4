package schema

import (
	"slices"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// A schemaTree is a document that is compiled: its nodes, outermost first.
type schemaTree struct {
	patterns map[string]string // as they are shown, by their RE2
	nodes    []*treeNode
	of       map[*schematree.Object]*treeNode
	covered  bool // the tree knows all that the document says
}

// newTree compiles a document. The shape is that of the Go type, or nil.
func newTree(checked *checking, s *shape) *schemaTree {
	doc := checked.doc
	t := &schemaTree{patterns: checked.patterns, of: map[*schematree.Object]*treeNode{}}
	t.compile(doc, "", s, false)
	for _, n := range t.nodes {
		if ref := n.schema.Text("$ref"); ref != "" {
			target, _ := schematree.Lookup(doc, schematree.Fragment(ref))
			if o, ok := target.(*schematree.Object); ok && t.of[o] != nil {
				n.also = append(n.also, sameValue{node: t.of[o], fixes: true})
			}
		}
	}
	t.covered = !slices.ContainsFunc(t.nodes, func(n *treeNode) bool { return !n.known })
	return t
}

func (t *schemaTree) root() *treeNode { return t.nodes[0] }

// compile makes the node of o, and those of the schemas below it.
func (t *schemaTree) compile(o *schematree.Object, path string, s *shape, isName bool) *treeNode {
	n := &treeNode{schema: o, path: path, known: true, kinds: allKinds, items: anyValue, rest: anyValue, isName: isName, shape: s, most: unbounded}
	t.of[o] = n
	t.nodes = append(t.nodes, n)
	for keyword, v := range o.All() {
		k := keywords[keyword]
		n.known = k.compile != nil && k.compile(t, n, keyword, v) && n.known
	}
	for _, name := range o.Texts("required") {
		if i := n.find(name, 0); i >= 0 {
			n.props[i].required = true
			n.required |= 1 << i
		} else {
			n.known = false
		}
	}
	s.narrow(n)
	n.cost.finish(path)
	return n
}

// below compiles a schema inside of n; ok is false for one that the tree does
// not know.
func (t *schemaTree) below(n *treeNode, at string, v any, s *shape) (sub *treeNode, ok bool) {
	switch v := v.(type) {
	case *schematree.Object:
		return t.compile(v, n.path+"/"+at, s, n.isName || at == "propertyNames"), true
	case bool:
		if v {
			return anyValue, true
		}
	}
	return noValue, false
}

// link completes the nodes with what depends on others. The vendor is that of
// the document, nil if the tree covers it.
func (t *schemaTree) link(v *vendor) {
	for _, n := range slices.Backward(t.nodes) { // the inner ones first
		for i := range n.props {
			p := &n.props[i]
			if p.required {
				continue
			}
			p.nullable = p.node.takesNull(v)
			d, ok := p.node.schema.Values["default"]
			if !ok {
				continue
			}
			n.defaulted |= 1 << i
			p.value = string(schematree.Append(nil, d))
			r := reading{text: p.value, depth: maxReadDepth - maxDefaultDepth}
			if p.node.accepts(&r) {
				p.fill = string((&reading{text: p.value}).appendFilled(nil, p.node))
				p.steps = r.steps
			}
		}
		optional := func(p property) bool { return p.value != "" || !p.required && !p.nullable }
		n.fixes = n.wantsInteger() || n.wantsObject() || n.schema.Has("$ref") || slices.ContainsFunc(n.props, optional) ||
			slices.ContainsFunc(n.toFix(), func(sub *treeNode) bool { return sub.fixes })
	}
}

// toFix returns the nodes that say more about what is put right in a value of n.
func (n *treeNode) toFix() []*treeNode {
	all := append(slices.Clone(n.prefix), n.rest, n.items)
	for _, s := range n.also {
		if s.fixes {
			all = append(all, s.node)
		}
	}
	for _, p := range n.props {
		all = append(all, p.node)
	}
	for _, p := range n.patterns {
		all = append(all, p.node)
	}
	return all
}

// takesNull reports whether null fits.
func (n *treeNode) takesNull(v *vendor) bool {
	switch {
	case n.known:
		return n.accepts(&reading{text: "null"})
	case n.kinds&kindNull == 0:
		return false
	}
	return len(v.failuresAt(n.path, nil)) == 0
}
