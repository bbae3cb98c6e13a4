package schema

import (
	"encoding/json"
	"slices"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// A schemaTree is a document, compiled: its nodes, outermost first.
type schemaTree struct {
	patterns map[string]string // as they are shown, by their RE2
	nodes    []*treeNode
	covered  bool                 // the tree knows all that the document says
	byPath   map[string]*treeNode // nil if the tree covers the document
}

// newTree compiles a document.
func newTree(checked *checking) *schemaTree {
	t := &schemaTree{patterns: checked.patterns}
	t.compile(checked.doc, "", false)
	t.covered = !slices.ContainsFunc(t.nodes, func(n *treeNode) bool { return !n.known })
	for _, n := range t.nodes {
		n.cost.finish(n.path, !t.covered)
	}
	if t.covered {
		return t
	}
	t.byPath = map[string]*treeNode{}
	for _, n := range t.nodes {
		t.byPath[n.path] = n
	}
	for _, n := range t.nodes {
		if target := t.byPath[schematree.Fragment(n.schema.Text("$ref"))]; n.schema.Has("$ref") && target != nil {
			n.also = append(n.also, sameValue{node: target, fixes: true})
		}
	}
	return t
}

func (t *schemaTree) root() *treeNode { return t.nodes[0] }

// compile makes the node of o, and those of the schemas below it.
func (t *schemaTree) compile(o *schematree.Object, path string, isName bool) *treeNode {
	n := &treeNode{schema: o, path: path, known: true, kinds: allKinds, items: anyValue, rest: anyValue, isName: isName}
	t.nodes = append(t.nodes, n)
	for keyword, v := range o.All() {
		k := keywords[keyword]
		n.known = k.compile != nil && k.allows(v) && k.compile(t, n, keyword, v) && n.known
	}
	for _, name := range o.Texts("required") {
		if i := n.find(name, 0); i >= 0 {
			n.props[i].required = true
			n.required |= 1 << i
		} else {
			n.known = false
		}
	}
	return n
}

// below compiles a schema inside of n; ok is false for one that the tree does
// not know.
func (t *schemaTree) below(n *treeNode, at string, v any) (sub *treeNode, ok bool) {
	switch v := v.(type) {
	case *schematree.Object:
		return t.compile(v, n.path+"/"+at, n.isName || at == "propertyNames"), true
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
			r := acceptor{reading: reading{text: p.value, depth: maxReadDepth - maxDefaultDepth}}
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
		return n.accepts(&acceptor{reading: reading{text: "null"}})
	case n.kinds&kindNull == 0:
		return false
	}
	return len(v.failuresAt(n.path, nil, false)) == 0
}

// A treeNode is one schema of a document, compiled. It serves everything that is
// done with arguments: accepting them in place, filling in defaults, putting
// them right, counting what a check costs, and saying what is wrong with them.
type treeNode struct {
	schema *schematree.Object
	path   string // of the schema in its document, as a JSON Pointer
	known  bool   // the tree knows all of its keywords; otherwise the vendor decides

	kinds   kinds   // of values that it accepts
	values  *values // what enum or const leaves, nil for anything
	numbers []test[number]
	texts   []test[string]
	pattern string // as it is shown
	sizes   []size
	items   *treeNode
	props   []property
	index   map[string]int // of props, where they are many
	rest    *treeNode      // of other members

	required  uint64 // props that must be there, as bits
	defaulted uint64 // props that are filled in where they are missing

	// What only the fixer and the budget look at, and the vendor checks.
	also     []sameValue
	patterns []patternNode
	prefix   []*treeNode
	everyone []*treeNode // of every item
	members  *treeNode   // of every member
	names    *treeNode   // of every member's name
	isName   bool        // values of the node are names, not members

	fixes bool // something may be put right or filled in, in the value or inside it
	cost  cost
}

// A property is one that the schema names.
type property struct {
	name     string
	node     *treeNode
	required bool
	nullable bool   // null is a value of it, and does not mean that it is absent
	value    string // its default, as the schema has it; "" without a default
	fill     string // its default with those inside it; "" if the fixer must fill it in
	steps    int    // what the fixer spends on that
}

// A test is a keyword that refuses some numbers, or some strings.
type test[T number | string] struct {
	keyword string
	allows  func(T) bool
}

// A size is a bound of the length of a string, in characters, or of an array.
type size struct {
	keyword string
	kind    kinds
	least   int
	most    int
}

// allows reports whether a value of such a kind and length is within the bound.
func (s size) allows(kind kinds, length int) bool {
	return s.kind != kind || s.least <= length && length <= s.most
}

// A sameValue is a schema that the value must, or may, fit as well.
type sameValue struct {
	node   *treeNode
	fixes  bool // it says what is put right, too
	branch bool // of anyOf or oneOf: their errors are compared to find the closest
}

// A patternNode is a schema under patternProperties.
type patternNode struct {
	matches      func(string) bool
	instructions int
	node         *treeNode
}

type kinds uint8

const (
	kindObject kinds = 1 << iota
	kindArray
	kindString
	kindNumber
	kindInteger
	kindBool
	kindNull
	allKinds kinds = 1<<iota - 1
)

var kindsByType = map[string]kinds{
	"object": kindObject, "array": kindArray, "string": kindString, "number": kindNumber | kindInteger,
	"integer": kindInteger, "boolean": kindBool, "null": kindNull,
}

const (
	unbounded = int(^uint(0) >> 1)
	maxProps  = 64 // as many as a node has bits for
	fewProps  = 8  // that are faster to look through than to look up
)

// anyValue is the node of a schema that says nothing, and noValue that of
// false.
var anyValue, noValue = func() (*treeNode, *treeNode) {
	all := &treeNode{schema: schematree.NewObject(), known: true, kinds: allKinds, cost: cost{steps: stepsPerStep}}
	all.items, all.rest = all, all
	return all, &treeNode{schema: all.schema, items: all, rest: all, cost: cost{visit: stepsPerVisit, vendor: true}}
}()

// wantsInteger reports whether a number must be an integer.
func (n *treeNode) wantsInteger() bool { return n.kinds&(kindNumber|kindInteger) == kindInteger }

// wantsObject reports whether a string can only be an object in quotes.
func (n *treeNode) wantsObject() bool { return n.kinds&(kindObject|kindString) == kindObject }

// find returns the index of a property, or -1 if it has no such name. It looks at next
// first.
func (n *treeNode) find(key string, next int) int {
	if next < len(n.props) && n.props[next].name == key {
		return next
	}
	if n.index != nil {
		if i, ok := n.index[key]; ok {
			return i
		}
		return -1
	}
	for i := range n.props {
		if n.props[i].name == key {
			return i
		}
	}
	return -1
}

// item returns the node of an item.
func (n *treeNode) item(i int) *treeNode {
	if i < len(n.prefix) {
		return n.prefix[i]
	}
	return n.items
}

// values are those of an enum, for looking one up among thousands: strings, booleans,
// nil, and numbers as they compare.
type values struct {
	keyword string
	known   map[any]bool
}

// newValues returns the values of a list, nil if an object or an array is
// among them.
func newValues(keyword string, list []any) *values {
	all := &values{keyword, make(map[any]bool, len(list))}
	for _, v := range list {
		switch t := v.(type) {
		case *schematree.Object, []any:
			return nil
		case json.Number:
			v = newNumber(t)
		}
		all.known[v] = true
	}
	return all
}

// has reports whether v is one of the values.
func (all *values) has(v any) bool {
	switch t := v.(type) {
	case map[string]any, []any:
		return false
	case json.Number:
		v = newNumber(t)
	}
	return all.known[v]
}
