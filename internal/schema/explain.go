package schema

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/funcall/funcall/internal/json/jsontree"
)

// A failure is one keyword that one value does not satisfy.
type failure struct {
	instance string // JSON Pointer of the value
	value    any
	node     *treeNode // that of the keyword
	keyword  string
}

// failures returns what is wrong with a value, the first hundred things. The
// tree must cover the schema.
func (n *treeNode) failures(v any) []failure {
	var e explainer
	e.explain(n, v)
	slices.SortStableFunc(e.found, func(a, b failure) int {
		return cmp.Or(strings.Compare(a.instance, b.instance), strings.Compare(a.keyword, b.keyword))
	})
	return e.found[:min(len(e.found), maxKept)]
}

// An explainer finds the failures of a value and of those inside it.
type explainer struct {
	path  []byte // JSON Pointer of the value in hand
	found []failure
}

// explain finds what n and the nodes below it refuse. A value of another type
// fails for that alone.
func (e *explainer) explain(n *treeNode, v any) {
	check := func(keyword string, ok bool) {
		if !ok {
			e.found = append(e.found, failure{string(e.path[:min(len(e.path), maxPointer+1)]), v, n, keyword})
		}
	}
	checkSizes := func(kind kinds, length int) {
		for _, s := range n.sizes {
			check(s.keyword, s.allows(kind, length))
		}
	}
	if !n.takesKind(v) {
		check("type", false)
		return
	}
	if n.values != nil {
		check(n.values.keyword, n.values.has(v))
	}
	switch v := v.(type) {
	case json.Number:
		d := newNumber(v)
		for _, t := range n.numbers {
			check(t.keyword, t.allows(d))
		}
	case string:
		checkSizes(kindString, utf8.RuneCountInString(v))
		for _, t := range n.texts {
			check(t.keyword, t.allows(v))
		}
	case []any:
		checkSizes(kindArray, len(v))
		if n.items != anyValue {
			for i, item := range v {
				e.inside(strconv.Itoa(i), n.items, item)
			}
		}
	case map[string]any:
		unknown := false
		for _, key := range slices.Sorted(maps.Keys(v)) { // the same failures every time
			if i := n.find(key, 0); i >= 0 {
				e.inside(key, n.props[i].node, v[key])
			} else if n.rest != noValue {
				e.inside(key, n.rest, v[key])
			} else {
				unknown = true
			}
		}
		check("additionalProperties", !unknown)
		check("required", !slices.ContainsFunc(n.props, func(p property) bool {
			_, given := v[p.name]
			return p.required && !given
		}))
	}
}

// inside explains a member or an item.
func (e *explainer) inside(step string, n *treeNode, v any) {
	before := len(e.path)
	e.path = append(append(e.path, '/'), jsontree.EscapePointer(step)...)
	e.explain(n, v)
	e.path = e.path[:before]
}

// takesKind reports whether v is of a type that n allows.
func (n *treeNode) takesKind(v any) bool {
	if lit, ok := v.(json.Number); ok && n.wantsInteger() {
		return newNumber(lit).fraction == ""
	}
	return n.kinds&kindsByType[kindOf(v)] != 0
}

// describe says in our words what is wrong.
func describe(failures []failure) []finding {
	var findings []finding
	for _, f := range failures {
		before := len(findings)
		if wrong := keywords[f.keyword].wrong; wrong != nil {
			findings = append(findings, wrong(f)...)
		}
		if len(findings) == before {
			// The vendor leaves empty names out of its locations, so that this
			// may be the wrong value: one that has nothing wrong.
			findings = append(findings, f.says("does not fit the schema")...)
		}
	}
	return findings
}

// kindOf returns the JSON Schema type of a value; of numbers always "number".
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case json.Number:
		return "number"
	case []any:
		return "array"
	}
	return "object"
}
