package schema

import (
	"fmt"
	"slices"
	"sync"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// A builder makes a Schema of a document in draft 2020-12 whose references are
// inlined.
type builder struct {
	doc     *schematree.Object
	shape   *shape                      // of the Go type, or nil
	at      func(pointer string) string // names a place in the document for error messages
	typed   bool                        // the document is made of a Go type, whose author can mend it
	asserts bool                        // formats and encodings are checked

	checking *checking
	drafter  *drafter
	outline  *outline
}

func (b *builder) build() (*Schema, []error) {
	if err := schematree.Measure(b.doc); err != nil {
		return nil, []error{fmt.Errorf("%s: %w", b.at(""), err)}
	}
	if types := b.doc.Types(); len(types) != 1 || types[0] != "object" {
		return nil, []error{fmt.Errorf(`%s: the arguments of a tool are an object: the schema's "type" must be "object"`, b.at(""))}
	}
	errs := lint(b.doc, b.typed, b.at)
	b.checking = checkable(b.doc, b.asserts, b.at)
	if b.typed {
		errs = append(errs, b.checking.errs...)
	}
	b.draft()
	doubtful := slices.DeleteFunc(offers(b.checking.doc, b.typed), b.drafter.accepts)
	checked, shape := &checking{doc: b.checking.doc, patterns: b.checking.patterns}, b.shape
	if b.drafter.complete && len(doubtful) == 0 {
		if len(errs) > 0 {
			return nil, errs
		}
		// Most tools are never called with anything else than what is plainly
		// right, and compiling takes longer than all the rest.
		return b.made(sync.OnceValue(func() *judge { return lateJudge(checked, shape) })), nil
	}
	v, wrong := compile(checked, b.at)
	if len(wrong) > 0 {
		return nil, append(errs, wrong...)
	}
	misfits, wrong := misfitting(v, doubtful, b.at)
	if errs = append(errs, wrong...); b.typed {
		for _, f := range misfits {
			errs = append(errs, f.err)
		}
	} else {
		b.drop(misfits)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	j := newJudge(v, shape)
	endless, err := endlessDefaults(j.plan)
	if err != nil {
		return nil, []error{fmt.Errorf("%s: %w", b.at(""), err)}
	}
	if len(endless) > 0 && b.typed {
		return nil, []error{fmt.Errorf("%s: the default of %q holds itself: filling it in would never end", b.at(""), endless[0].key)}
	}
	if len(endless) > 0 {
		for _, d := range endless {
			b.drop([]offer{{what: defaultOffer, schema: d.schema}})
		}
		j = newJudge(v, shape)
	}
	v.compiler = nil // all is compiled
	j.plain = b.drafter.complete && shape == nil
	return b.made(func() *judge { return j }), nil
}

func (b *builder) made(j func() *judge) *Schema {
	return &Schema{
		json:      schematree.Append(nil, withoutWordBounds(b.doc)),
		unchecked: b.checking.unchecked,
		outline:   b.outline,
		judge:     j,
	}
}

// draft makes the outline.
func (b *builder) draft() {
	b.drafter = &drafter{outlines: map[*schematree.Object]*outline{}, complete: true}
	b.outline = b.drafter.outline(b.checking.doc, b.shape)
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
			b.both(f.schema, func(o *schematree.Object) { o.Delete("default") })
			continue
		}
		if examples[f.schema] == nil {
			examples[f.schema] = map[int]bool{}
		}
		examples[f.schema][f.index] = true
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
	b.draft()
}

// both changes a schema of the document that is checked, and the one that is
// shown.
func (b *builder) both(o *schematree.Object, change func(*schematree.Object)) {
	change(o)
	if shown := b.checking.shown[o]; shown != nil {
		change(shown)
	}
}
