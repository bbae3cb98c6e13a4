package schema

import (
	"encoding/json"
	"fmt"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// lint finds what makes a schema unfit, whatever the arguments are. What the
// author of a Go type can mend is a mistake there; in a schema from elsewhere it
// is one only if no call could be right.
func (t *schemaTree) lint(typed bool, at func(string) string) []error {
	var errs []error
	for _, n := range t.nodes {
		o, path := n.schema, n.path
		fail := func(path, format string, args ...any) {
			errs = append(errs, fmt.Errorf("%s: %s", at(path), fmt.Sprintf(format, args...)))
		}
		if list, ok := o.Values["enum"].([]any); ok && len(list) == 0 {
			fail(path, "the enum is empty: no value fits")
		}
		for keyword, v := range o.All() {
			n, _ := v.(json.Number)
			if n, ok := whole(n); ok && keywords[keyword].holds == aSize && tooLarge(n) {
				fail(path, "%s %s is out of reach: arguments are at most %d bytes long", keyword, cut(string(n), maxName), MaxArgs)
			}
		}
		props := o.Object("properties")
		for _, name := range o.Texts("required") {
			switch prop := props.Object(name); {
			case typed && prop.Has("default"):
				fail(path+pointerTo("properties", name), "the field is required and has a default, which would never be used: add omitempty to its json tag, or drop the default")
			case (typed || path == "") && props != nil && !props.Has(name) && o.Values["additionalProperties"] == false && len(o.Object("patternProperties").Names()) == 0:
				fail(path, "%q is required, but there is no such property", name)
			}
		}
	}
	return errs
}

// An offer is a value in a schema that a model would copy, or we would: a
// default, an enum value, an example.
type offer struct {
	what  string
	node  *treeNode // of its schema
	value any
	index int   // of an enum value or an example, in its list
	err   error // what is wrong with it
}

const (
	defaultOffer = "default"
	enumValue    = "enum value"
)

// misfitting returns the offers of a document that their own schema refuses, each
// with what is wrong with it. In a schema from elsewhere the values of enums are
// none: they need not fit what stands beside them. The vendor is that of the
// document, nil if the tree covers it.
func (t *schemaTree) misfitting(v *vendor, enums bool, at func(string) string) (misfits []offer) {
	try := func(f offer) {
		if f.err = f.misfit(v, at); f.err != nil {
			misfits = append(misfits, f)
		}
	}
	for _, n := range t.nodes {
		if d, ok := n.schema.Values["default"]; ok {
			try(offer{what: defaultOffer, node: n, value: d})
		}
		for i, e := range n.schema.Array("enum") {
			if enums {
				try(offer{what: enumValue, node: n, value: e, index: i})
			}
		}
		for i, e := range n.schema.Array("examples") {
			try(offer{what: "example", node: n, value: e, index: i})
		}
	}
	return misfits
}

// misfit returns what its schema has against an offer, nil if it fits.
func (f offer) misfit(v *vendor, at func(string) string) error {
	text := schematree.Append(nil, f.value)
	if f.node.accepts(&acceptor{reading: reading{text: string(text)}}) {
		return nil
	}
	var failures []failure
	if tree := schematree.Plain(f.value); v == nil {
		failures = f.node.failures(tree)
	} else {
		failures = v.failuresAt(f.node.path, tree, f.what == enumValue)
	}
	if len(failures) == 0 {
		return nil
	}
	p, where := describe(failures)[0], ""
	if p.Path != "" {
		where = p.Path + ": "
	}
	return fmt.Errorf("%s: the %s %s does not fit its own schema: %s%s", at(f.node.path), f.what, cut(string(text), 80), where, p.Message)
}
