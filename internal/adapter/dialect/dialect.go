// Package dialect translates a JSON Schema into the keywords that one API knows. Each dialect
// is a pure function of the schema: equal schemas give equal bytes, in the order of their
// keys.
//
// Arguments are always checked against the original schema. So a dialect may accept more than
// that, never less. Keywords that the API does not know move into the description, for the
// model to read.
package dialect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// A Dialect is the part of JSON Schema that one API understands.
type Dialect struct {
	// keywords are those that the API knows; others move into the description.
	keywords []string
	// rewrite adapts what is left to the API, innermost schemas first.
	rewrite func(o *schematree.Object)
	finish  func(root *schematree.Object) // adjusts the whole result; may be nil
	numbers bool                          // enums may hold numbers
	inline  bool                          // the API follows no references
}

// Gemini is what generateContent takes as parametersJsonSchema and as
// responseJsonSchema (reference page: GenerationConfig, responseJsonSchema).
var Gemini = &Dialect{
	keywords: []string{"type", "properties", "required", "additionalProperties", "items", "prefixItems", "minItems", "maxItems",
		"minimum", "maximum", "enum", "anyOf", "description", "title", "$ref", "$defs", "format"},
	rewrite: beside,
	numbers: true,
}

// GeminiOpenAPI is what generateContent takes as parameters: a subset of the
// Schema Object of OpenAPI 3.0 (reference page: Schema).
var GeminiOpenAPI = &Dialect{
	keywords: []string{"type", "nullable", "properties", "required", "items", "minItems", "maxItems", "minProperties", "maxProperties",
		"minimum", "maximum", "minLength", "maxLength", "pattern", "enum", "anyOf", "description", "default"},
	rewrite: rewriteOpenAPI,
	finish:  finishOpenAPI,
	inline:  true,
}

// Convert returns the schema in the dialect.
func (d *Dialect) Convert(schema json.RawMessage) ([]byte, error) {
	root, err := parse(schema)
	if err != nil {
		return nil, err
	}
	c := converter{Dialect: d, defs: root.Object("$defs")}
	out := c.convert(root, nil)
	if o, ok := out.(*schematree.Object); ok && d.finish != nil {
		d.finish(o)
	}
	return schematree.Append(nil, out), nil
}

func parse(schema json.RawMessage) (*schematree.Object, error) {
	if len(bytes.TrimSpace(schema)) == 0 {
		return nil, errors.New("no schema")
	}
	tree, err := schematree.Parse(schema)
	if err != nil {
		return nil, fmt.Errorf("the schema is not JSON: %w", err)
	}
	if err := schematree.Measure(tree); err != nil {
		return nil, err
	}
	root, ok := tree.(*schematree.Object)
	if !ok {
		return nil, errors.New("the schema is not an object")
	}
	root.Walk("", func(_ string, o *schematree.Object) { dropMisfits(o) })
	return root, nil
}

type converter struct {
	*Dialect
	defs   *schematree.Object
	inDefs bool // inside a definition
	nodes  int
}

// convert returns a copy of a schema in the dialect. open are the definitions that contain it,
// if they are inlined.
func (c *converter) convert(v any, open []string) any {
	o, ok := v.(*schematree.Object)
	if !ok {
		if v == false {
			return described("no value is allowed here")
		}
		return schematree.NewObject() // true
	}
	if c.nodes++; c.nodes > schematree.MaxNodes {
		return described("anything")
	}
	if ref := o.Text("$ref"); ref != "" && c.inline {
		return c.inlined(o, ref, open)
	}
	out := schematree.NewObject()
	var lost []string
	for keyword, v := range o.All() {
		if keyword == "description" || keyword == "$defs" {
			out.Set(keyword, v)
			continue
		}
		said, known := c.keyword(out, o, keyword, v, open)
		if known {
			continue
		}
		if said != "" {
			lost = append(lost, said)
		}
	}
	if defs := o.Object("$defs"); defs != nil {
		out.Delete("$defs")
		if !c.inline {
			made := schematree.NewObject()
			c.inDefs = true
			for name, d := range defs.All() {
				made.Set(name, c.convert(d, open))
			}
			c.inDefs = false
			out.Set("$defs", made)
		}
	}
	c.rewrite(out)
	describe(out, lost)
	return out
}

// keyword sets the dialect's form of a keyword, or returns it in words.
func (c *converter) keyword(out, o *schematree.Object, keyword string, v any, open []string) (said string, known bool) {
	switch keyword {
	case "const": // an enum of one
		if list, ok := c.enum([]any{v}); ok {
			out.Set("enum", list)
			return "", true
		}
		return "must be " + text(v), false
	case "enum":
		if list, ok := c.enum(o.Array("enum")); ok {
			out.Set("enum", list)
			return "", true
		}
		return "one of " + list(o.Array("enum")), false
	case "oneOf": // wider, as only one of them may fit
		keyword = "anyOf"
		if o.Has("anyOf") {
			return "exactly one of several forms: " + text(v), false
		}
	}
	// These two depend on a neighboring keyword: without it they would apply to more.
	bare := keyword == "additionalProperties" && o.Has("patternProperties") ||
		keyword == "items" && o.Has("prefixItems") && !slices.Contains(c.keywords, "prefixItems")
	if bare || !slices.Contains(c.keywords, keyword) {
		return Words(keyword, v), false
	}
	switch keyword {
	case "properties":
		made := schematree.NewObject()
		for name, p := range o.Object("properties").All() {
			made.Set(name, c.convert(p, open))
		}
		out.Set(keyword, made)
	case "required": // names without a property are refused, and cycles that no property may end
		var names, others []any
		for _, name := range o.Array("required") {
			s, _ := name.(string)
			properties := o.Object("properties")
			known := properties.Has(s)
			if known && !(c.inDefs && refers(properties.Values[s])) {
				names = append(names, name)
			} else {
				others = append(others, name)
			}
		}
		if len(names) > 0 || len(others) == 0 {
			out.Set(keyword, append([]any{}, names...))
		}
		if len(others) > 0 {
			return "must have " + list(others), false
		}
	case "items":
		out.Set(keyword, c.convert(v, open))
	case "additionalProperties":
		if sub, ok := v.(*schematree.Object); ok {
			v = c.convert(sub, open)
		}
		out.Set(keyword, v)
	case "anyOf", "prefixItems":
		var made []any
		forms, _ := v.([]any)
		for _, f := range forms {
			made = append(made, c.convert(f, open))
		}
		out.Set(keyword, made)
	case "format":
		if s, _ := v.(string); slices.Contains([]string{"date-time", "date", "time"}, s) {
			out.Set(keyword, v)
			return "", true
		}
		return Words(keyword, v), false
	default:
		out.Set(keyword, v)
	}
	return "", true
}

// refers reports whether every value of the schema contains a value of a definition, directly
// or in a list. In a canonical schema only recursive types have definitions.
func refers(v any) bool {
	o, ok := v.(*schematree.Object)
	if !ok {
		return false
	}
	required := o.Texts("required")
	for name, p := range o.Object("properties").All() {
		if slices.Contains(required, name) && refers(p) {
			return true
		}
	}
	return o.Has("$ref") || refers(o.Values["items"]) || slices.ContainsFunc(o.Array("anyOf"), refers)
}

// enum returns the values of an enum in the dialect's form.
func (c *converter) enum(values []any) ([]any, bool) {
	strings, numbers := 0, 0
	for _, v := range values {
		switch v.(type) {
		case string:
			strings++
		case json.Number:
			numbers++
		}
	}
	ok := strings == len(values) || c.numbers && strings+numbers == len(values)
	return values, ok && len(values) > 0
}

// inlined returns the target of a reference. A recursive reference ends in words.
func (c *converter) inlined(o *schematree.Object, ref string, open []string) any {
	name := strings.TrimPrefix(ref, "#/$defs/")
	target := c.defs.Object(name)
	if target == nil {
		return described("anything")
	}
	if slices.Contains(open, name) {
		kind := target.Types()
		if len(kind) != 1 {
			return described("the same form again (" + name + ")")
		}
		out := described("the same form again (" + name + ")")
		out.Set("type", kind[0])
		return out
	}
	out, _ := c.convert(target, append(slices.Clone(open), name)).(*schematree.Object)
	if words := o.Text("description"); words != "" {
		out.Set("description", words)
	}
	return out
}

func described(words string) *schematree.Object {
	o := schematree.NewObject()
	o.Set("description", words)
	return o
}

// describe adds words to the description.
func describe(o *schematree.Object, lost []string) {
	if len(lost) > 0 {
		o.Set("description", Annotate(o.Text("description"), lost...))
	}
}

// beside removes the keywords next to a reference, because the API accepts none there. They
// only annotate: constraints are checked against the original schema.
func beside(o *schematree.Object) {
	if !o.Has("$ref") {
		return
	}
	for _, key := range slices.Clone(o.Names()) {
		if key != "$ref" && key != "$defs" {
			o.Delete(key)
		}
	}
}

// rewriteOpenAPI writes null in the form of OpenAPI 3.0, and adds the type to every schema
// that has one.
func rewriteOpenAPI(o *schematree.Object) {
	if len(o.Object("properties").Names()) == 0 { // the API refuses an empty object
		o.Delete("properties")
		o.Delete("required")
	}
	types := o.Types()
	if i := slices.Index(types, "null"); i >= 0 && len(types) > 1 {
		types = slices.Delete(slices.Clone(types), i, i+1)
		o.Set("nullable", true)
	}
	switch {
	case len(types) == 1:
		o.Set("type", types[0])
	case len(types) > 1 && o.Has("anyOf"): // anyOf says more
		o.Delete("type")
	case len(types) > 1:
		var forms []any
		for _, t := range types {
			form := schematree.NewObject()
			form.Set("type", t)
			for _, keyword := range shapes[t] {
				if v, ok := o.Values[keyword]; ok {
					form.Set(keyword, v)
					o.Delete(keyword)
				}
			}
			forms = append(forms, form)
		}
		o.Delete("type")
		o.Set("anyOf", forms)
	}
	if o.Has("enum") {
		o.Set("type", "string")
	}
}

// shapes are, for each type, the keywords that describe the content of its values.
var shapes = map[string][]string{
	"object": {"properties", "required", "minProperties", "maxProperties"},
	"array":  {"items", "minItems", "maxItems"},
}

// finishOpenAPI adds what the API requires: an array needs items, and an object needs
// properties. An object without properties loses its type, and the description says it. At the
// root it loses everything else, and the adapter leaves it out.
func finishOpenAPI(root *schematree.Object) {
	root.Walk("", func(path string, o *schematree.Object) {
		switch {
		case o.Text("type") == "array" && !o.Has("items"):
			o.Set("items", schematree.NewObject())
		case o.Text("type") == "object" && !o.Has("properties") && path != "":
			o.Delete("type")
			describe(o, []string{"an object"})
		}
	})
	if root.Text("type") == "object" && !root.Has("properties") {
		*root = *schematree.NewObject()
		root.Set("type", "object")
	}
}
