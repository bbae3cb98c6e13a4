package schema

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"

	"github.com/funcall/funcall/internal/schematree"
)

// Keywords of older drafts, or of ones that nobody serves: ignoring them would
// make a schema mean something else than its author thinks.
var foreign = map[string]string{
	"additionalItems":  `write "prefixItems" and "items"`,
	"dependencies":     `write "dependentRequired" or "dependentSchemas"`,
	"$recursiveRef":    `write "$ref"`,
	"$dynamicRef":      `write "$ref"`,
	"$anchor":          `refer to "#/$defs/Name"`,
	"$dynamicAnchor":   `refer to "#/$defs/Name"`,
	"$recursiveAnchor": `refer to "#/$defs/Name"`,
}

// lintForeign looks over a schema that was not made by Reflect, and brings it
// into the form that reflected ones have.
func lintForeign(doc *schematree.Object, at func(string) string) []error {
	var errs []error
	doc.Walk("", func(path string, o *schematree.Object) {
		for key := range o.All() {
			if advice, ok := foreign[key]; ok {
				errs = append(errs, fmt.Errorf("%s: %q is not supported: %s", at(path), key, advice))
			}
		}
		if _, ok := o.Values["items"].([]any); ok {
			errs = append(errs, fmt.Errorf(`%s: a list of schemas under "items" is of an older draft: write "prefixItems"`, at(path)))
		}
		if v, ok := o.Values["$ref"]; ok {
			if _, isString := v.(string); !isString {
				errs = append(errs, fmt.Errorf(`%s: "$ref" must be a string`, at(path)))
			}
		}
		o.Delete("$id")
		o.Delete("$schema")
		spellOut(path, o)
	})
	return errs
}

// lint finds what makes a schema unfit, whatever the arguments are.
func lint(doc *schematree.Object, at func(string) string) []error {
	var errs []error
	doc.Walk("", func(path string, o *schematree.Object) {
		fail := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("%s: %s", at(path), fmt.Sprintf(format, args...)))
		}
		if list, ok := o.Values["enum"].([]any); ok && len(list) == 0 {
			fail("the enum is empty: no value fits")
			o.Delete("enum")
		}
		if p, ok := o.Values["pattern"].(string); ok {
			if _, err := regexp.Compile(p); err != nil {
				fail("the pattern %q is not in Go's syntax (RE2): %v", p, err)
				o.Delete("pattern") // so that the rest can be looked at
			}
		}
		for _, p := range slices.Clone(o.Object("patternProperties").Names()) {
			if _, err := regexp.Compile(p); err != nil {
				fail("the pattern %q in patternProperties is not in Go's syntax (RE2): %v", p, err)
				o.Object("patternProperties").Delete(p)
			}
		}
		props := o.Object("properties")
		if props != nil && o.Values["additionalProperties"] == false {
			for _, name := range o.Texts("required") {
				if !props.Has(name) && len(o.Object("patternProperties").Names()) == 0 {
					fail("%q is required, but there is no such property", name)
				}
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
	asked  string // path of what is asked about it, where that is not its schema
}

// offers lists those of a document.
func offers(doc *schematree.Object) []offer {
	var all []offer
	doc.Walk("", func(path string, o *schematree.Object) {
		if d, ok := o.Values["default"]; ok {
			all = append(all, offer{what: "default", path: path, schema: o, value: d})
		}
		for _, e := range o.Array("enum") {
			all = append(all, offer{what: enumValue, path: path, schema: o, value: e})
		}
		for _, e := range o.Array("examples") {
			all = append(all, offer{what: "example", path: path, schema: o, value: e})
		}
	})
	return all
}

const (
	enumValue = "enum value"
	longEnum  = 64
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

// lintOffers finds offers that their own schema refuses. The validator v is
// that of the document.
func lintOffers(v *validator, offers []offer, at func(string) string) []error {
	asking := v
	if doc := besideEnums(v.doc, offers); doc != v.doc {
		var errs []error
		if asking, errs = compile(doc, at); len(errs) > 0 {
			return errs
		}
	}
	var errs []error
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
		errs = append(errs, fmt.Errorf("%s: the %s %s does not fit its own schema: %s%s", at(f.path), f.what, cut(string(schematree.Append(nil, f.value)), 80), where, p.Message))
	}
	return errs
}
