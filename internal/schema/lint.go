package schema

import (
	"fmt"
	"regexp"
	"slices"
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
func lintForeign(doc *object, at func(string) string) []error {
	var errs []error
	doc.walk("", func(path string, o *object) {
		for key := range o.all() {
			if advice, ok := foreign[key]; ok {
				errs = append(errs, fmt.Errorf("%s: %q is not supported: %s", at(path), key, advice))
			}
		}
		if _, ok := o.values["items"].([]any); ok {
			errs = append(errs, fmt.Errorf(`%s: a list of schemas under "items" is of an older draft: write "prefixItems"`, at(path)))
		}
		if v, ok := o.values["$ref"]; ok {
			if _, isString := v.(string); !isString {
				errs = append(errs, fmt.Errorf(`%s: "$ref" must be a string`, at(path)))
			}
		}
		o.delete("$id")
		o.delete("$schema")
		spellOut(path, o)
	})
	return errs
}

// lint finds what makes a schema unfit, whatever the arguments are.
func lint(doc *object, at func(string) string) []error {
	var errs []error
	doc.walk("", func(path string, o *object) {
		fail := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("%s: %s", at(path), fmt.Sprintf(format, args...)))
		}
		if list, ok := o.values["enum"].([]any); ok && len(list) == 0 {
			fail("the enum is empty: no value fits")
			o.delete("enum")
		}
		if p, ok := o.values["pattern"].(string); ok {
			if _, err := regexp.Compile(p); err != nil {
				fail("the pattern %q is not in Go's syntax (RE2): %v", p, err)
				o.delete("pattern") // so that the rest can be looked at
			}
		}
		for _, p := range slices.Clone(o.object("patternProperties").names()) {
			if _, err := regexp.Compile(p); err != nil {
				fail("the pattern %q in patternProperties is not in Go's syntax (RE2): %v", p, err)
				o.object("patternProperties").delete(p)
			}
		}
		props := o.object("properties")
		if props != nil && o.values["additionalProperties"] == false {
			for _, name := range o.strings("required") {
				if !props.has(name) && len(o.object("patternProperties").names()) == 0 {
					fail("%q is required, but there is no such property", name)
				}
			}
		}
	})
	return errs
}

// lintValues finds defaults, enum values and examples that their own schema
// refuses. A model would copy them, or we would.
func lintValues(doc *object, v *validator, at func(string) string) []error {
	var errs []error
	doc.walk("", func(path string, o *object) {
		check := func(what string, value any) {
			tree := plain(value)
			if failures := v.failuresAt(path, tree); len(failures) > 0 {
				p := describe(failures, tree)[0]
				where := ""
				if p.Path != "" {
					where = p.Path + ": "
				}
				errs = append(errs, fmt.Errorf("%s: the %s %s does not fit its own schema: %s%s", at(path), what, cut(string(appendTree(nil, value)), 80), where, p.Message))
			}
		}
		if d, ok := o.values["default"]; ok {
			check("default", d)
		}
		for _, e := range o.array("enum") {
			check("enum value", e)
		}
		for _, e := range o.array("examples") {
			check("example", e)
		}
	})
	return errs
}
