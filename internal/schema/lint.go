package schema

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// lint finds what makes a schema unfit, whatever the arguments are. What the
// author of a Go type can mend is a mistake there; in a schema from elsewhere it
// is one only if no call could be right.
func lint(doc *schematree.Object, typed bool, at func(string) string) []error {
	var errs []error
	doc.Walk("", func(path string, o *schematree.Object) {
		fail := func(path, format string, args ...any) {
			errs = append(errs, fmt.Errorf("%s: %s", at(path), fmt.Sprintf(format, args...)))
		}
		if list, ok := o.Values["enum"].([]any); ok && len(list) == 0 {
			fail(path, "the enum is empty: no value fits")
			o.Delete("enum")
		}
		for _, keyword := range slices.Concat(leastSizes, mostSizes) {
			n, _ := o.Values[keyword].(json.Number)
			if n, ok := whole(n); ok && tooLarge(n) {
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
	})
	return errs
}

// An offer is a value in a schema that a model would copy, or we would: a
// default, an enum value, an example.
type offer struct {
	what   string
	path   string // of its schema
	schema *schematree.Object
	value  any
	index  int    // of an enum value or an example, in its list
	asked  string // path of what is asked about it, where that is not its schema
	err    error  // what is wrong with it
}

// offers lists those of a document: of a schema from elsewhere without the values
// of enums, which need not fit what stands beside them.
func offers(doc *schematree.Object, enums bool) []offer {
	var all []offer
	doc.Walk("", func(path string, o *schematree.Object) {
		if d, ok := o.Values["default"]; ok {
			all = append(all, offer{what: defaultOffer, path: path, schema: o, value: d})
		}
		for i, e := range o.Array("enum") {
			if enums {
				all = append(all, offer{what: enumValue, path: path, schema: o, value: e, index: i})
			}
		}
		for i, e := range o.Array("examples") {
			all = append(all, offer{what: "example", path: path, schema: o, value: e, index: i})
		}
	})
	return all
}

const (
	defaultOffer = "default"
	enumValue    = "enum value"
	longEnum     = 64
)

// besideEnums returns a copy of a document that also defines what its schemas
// with long enums say beside these, and has their values ask there: a value
// fits its own enum, and to compare each of thousands with all the others
// takes seconds. It returns doc itself where there are no such values.
func besideEnums(doc *schematree.Object, offers []offer) *schematree.Object {
	copied, defs := doc, schematree.NewObject()
	asked := map[*schematree.Object]string{}
	for i := range offers {
		f := &offers[i]
		if f.what != enumValue || len(f.schema.Array("enum")) < longEnum {
			continue
		}
		if copied == doc {
			copied = copyShallow(doc)
			for name, def := range doc.Object("$defs").All() {
				defs.Set(name, def)
			}
			copied.Set("$defs", defs)
		}
		if asked[f.schema] == "" {
			name := "beside"
			for defs.Has(name) {
				name += "_"
			}
			beside := copyShallow(f.schema)
			beside.Delete("enum")
			defs.Set(name, beside)
			asked[f.schema] = "/$defs/" + name
		}
		f.asked = asked[f.schema]
	}
	return copied
}

// misfitting returns the offers that their own schema refuses, each with what is
// wrong with it. The validator v is that of the document.
func misfitting(v *validator, offers []offer, at func(string) string) (misfits []offer, errs []error) {
	asking := v
	if doc := besideEnums(v.doc, offers); doc != v.doc {
		if asking, errs = compile(&checking{doc: doc, patterns: v.patterns}, at); len(errs) > 0 {
			return nil, errs
		}
	}
	for _, f := range offers {
		tree := schematree.Plain(f.value)
		failures := asking.failuresAt(cmp.Or(f.asked, f.path), tree)
		if len(failures) == 0 {
			continue
		}
		p := describe(failures, tree)[0]
		where := ""
		if p.Path != "" {
			where = p.Path + ": "
		}
		f.err = fmt.Errorf("%s: the %s %s does not fit its own schema: %s%s", at(f.path), f.what, cut(string(schematree.Append(nil, f.value)), 80), where, p.Message)
		misfits = append(misfits, f)
	}
	return misfits, nil
}
