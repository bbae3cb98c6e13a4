package schema

import (
	"fmt"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// A builder makes a Schema of a document in draft 2020-12 whose references are
// inlined.
type builder struct {
	doc     *schematree.Object
	shape   *treeNode                   // what can be set in the Go type, or nil
	at      func(pointer string) string // names a place in the document for error messages
	typed   bool                        // the document is made of a Go type, whose author can mend it
	asserts bool                        // formats and encodings are checked

	checking *checking
	tree     *schemaTree
}

func (b *builder) build() (*Schema, []error) {
	if err := schematree.Measure(b.doc); err != nil {
		return nil, []error{fmt.Errorf("%s: %w", b.at(""), err)}
	}
	if types := b.doc.Types(); len(types) != 1 || types[0] != "object" {
		return nil, []error{fmt.Errorf(`%s: the arguments of a tool are an object: the schema's "type" must be "object"`, b.at(""))}
	}
	b.checking = checkable(b.doc, b.asserts, b.at)
	b.tree = newTree(b.checking)
	errs := b.tree.lint(b.typed, b.at)
	if b.typed {
		errs = append(errs, b.checking.errs...)
	}
	var v *vendor // compiling takes longer than all the rest
	if !b.tree.covered {
		var wrong []error
		if v, wrong = newVendor(b.tree, b.at); len(wrong) > 0 {
			return nil, append(errs, wrong...)
		}
	}
	misfits := b.tree.misfitting(v, b.typed, b.at)
	if b.typed {
		for _, f := range misfits {
			errs = append(errs, f.err)
		}
	} else {
		b.drop(misfits)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	b.tree.link(v)
	if v != nil {
		if err := b.dropEndless(v); err != nil {
			return nil, []error{err}
		}
		v.compiler = nil // all is compiled
	}
	return &Schema{
		json:      schematree.Append(nil, withoutWordBounds(b.doc)),
		unchecked: b.checking.unchecked,
		root:      b.tree.root(),
		vendor:    v,
		shape:     b.shape,
	}, nil
}

// dropEndless drops defaults that could be filled in without end. In a schema of a
// Go type they are a mistake.
func (b *builder) dropEndless(v *vendor) error {
	endless, err := endlessDefaults(b.tree.root())
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", b.at(""), err)
	case len(endless) == 0:
		return nil
	case b.typed:
		return fmt.Errorf("%s: the default of %q holds itself: filling it in would never end", b.at(""), endless[0].name)
	}
	var all []offer
	for _, p := range endless {
		all = append(all, offer{what: defaultOffer, node: p.node})
	}
	b.drop(all)
	b.tree.link(v)
	return nil
}

// drop takes defaults and examples out of the document, as it is shown and as it
// is checked.
func (b *builder) drop(all []offer) {
	if len(all) == 0 {
		return
	}
	examples := map[*schematree.Object]map[int]bool{}
	for _, f := range all {
		if f.what == defaultOffer {
			b.both(f.node.schema, func(o *schematree.Object) { o.Delete("default") })
			continue
		}
		if examples[f.node.schema] == nil {
			examples[f.node.schema] = map[int]bool{}
		}
		examples[f.node.schema][f.index] = true
	}
	for o, dropped := range examples {
		var kept []any
		for i, e := range o.Array("examples") {
			if !dropped[i] {
				kept = append(kept, e)
			}
		}
		b.both(o, func(o *schematree.Object) {
			if o.Set("examples", kept); kept == nil {
				o.Delete("examples")
			}
		})
	}
	b.tree = newTree(b.checking)
}

// both changes a schema of the document that is checked, and the one that is
// shown.
func (b *builder) both(o *schematree.Object, change func(*schematree.Object)) {
	change(o)
	if shown := b.checking.shown[o]; shown != nil {
		change(shown)
	}
}
