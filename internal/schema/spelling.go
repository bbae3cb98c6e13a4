package schema

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/jsontree"
	"github.com/funcall/funcall/internal/schematree"
)

// A speller translates the schemas of a document into draft 2020-12, in place,
// where that loses nothing: from older drafts, from OpenAPI, and from what
// people and generators write that is no JSON Schema but can mean only one
// thing.
type speller struct {
	draft draft
	at    func(string) string
	errs  []error
}

// spell translates o and every schema below it, outermost first.
func (s *speller) spell(path string, o *schematree.Object) {
	o.Walk(path, s.one)
}

func (s *speller) fail(path, format string, args ...any) {
	s.errs = append(s.errs, fmt.Errorf("%s: %s", s.at(path), fmt.Sprintf(format, args...)))
}

// annotations are the keywords that constrain nothing, and are kept.
var annotations = []string{"title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$comment",
	"format", "contentEncoding", "contentMediaType", "contentSchema"}

// dropOthers drops what is no keyword, or has been of use by now: names of
// schemas and drafts, and what a generator or an author notes for itself.
func dropOthers(o *schematree.Object) {
	kept := schematree.NewObject()
	for keyword, v := range o.All() {
		if constrains(keyword) || slices.Contains(annotations, keyword) || keyword == "$defs" || keyword == "definitions" {
			kept.Set(keyword, v)
		}
	}
	*o = *kept
}

func (s *speller) one(path string, o *schematree.Object) {
	if s.draft == 3 {
		for keyword, advice := range draft3 {
			if o.Has(keyword) {
				s.fail(path, "%q of draft 3 is not supported: %s", keyword, advice)
			}
		}
	}
	s.draft.obey(o)
	dropEmpty(o)
	dropMisused(o)
	fixTypes(o)
	fixRequired(o)
	fixBounds(o)
	fixItems(o)
	fixDependencies(o)
	fixEnum(o)
	fixExamples(o)
	if path == "" {
		o.Delete("nullable") // arguments are an object, and null stands for an empty one
	}
	fixNullable(o)
	dropOthers(o)
	spellOut(path, o)
}

// dropEmpty drops keywords that say nothing: null, and the [] that PHP writes
// for an empty object.
func dropEmpty(o *schematree.Object) {
	says := func(keyword string, v any) bool {
		list, isList := v.([]any)
		switch {
		case v == nil:
			return keyword == "default" || keyword == "const" || keyword == "example"
		case !isList || len(list) > 0 || keyword == "items" && o.Has("additionalItems"):
			return true
		}
		return !isKeyword(keyword) && keyword != "dependentRequired" && keyword != "type"
	}
	kept := schematree.NewObject()
	for keyword, v := range o.All() {
		if says(keyword, v) {
			kept.Set(keyword, v)
		}
	}
	*o = *kept
	for at, v := range o.Subschemas() {
		if list, isList := v.([]any); at.Several && (v == nil || isList && len(list) == 0 && at.Keyword != "dependencies") {
			at.Replace(schematree.NewObject())
		}
	}
}

// annotationTypes are the annotations that must be of a type.
var annotationTypes = map[string]string{
	"title": "string", "description": "string", "$comment": "string", "format": "string",
	"contentEncoding": "string", "contentMediaType": "string",
	"deprecated": "boolean", "readOnly": "boolean", "writeOnly": "boolean", "nullable": "boolean",
}

// dropMisused drops annotations of another type than they must be: they
// constrain nothing.
func dropMisused(o *schematree.Object) {
	for keyword, kind := range annotationTypes {
		if v, ok := o.Values[keyword]; ok && kindOf(v) != kind {
			o.Delete(keyword)
		}
	}
}

// typeNames are names of types in programming languages that people write.
var typeNames = map[string]string{
	"int": "integer", "long": "integer", "float": "number", "double": "number", "decimal": "number",
	"bool": "boolean", "str": "string", "text": "string", "list": "array", "dict": "object", "map": "object", "none": "null",
}

var jsonTypes = []string{"object", "array", "string", "number", "integer", "boolean", "null"}

// fixTypes spells types as JSON Schema does, each once. A schema of type "any"
// has none.
func fixTypes(o *schematree.Object) {
	switch v := o.Values["type"].(type) {
	case string:
		if name := jsonType(v); name == "any" {
			o.Delete("type")
		} else {
			o.Set("type", name)
		}
	case []any:
		var names []any
		for _, e := range v {
			name := e
			if text, ok := e.(string); ok {
				name = jsonType(text)
			}
			if name == "any" {
				o.Delete("type")
				return
			}
			if _, isText := name.(string); !isText || !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		o.Set("type", names)
	}
}

func jsonType(name string) string {
	low := strings.ToLower(name)
	if slices.Contains(jsonTypes, low) || low == "any" {
		return low
	}
	if known := typeNames[low]; known != "" {
		return known
	}
	return name
}

// fixRequired gathers what draft 3, and many people, write into the properties:
// "required": true.
func fixRequired(o *schematree.Object) {
	if _, isBool := o.Values["required"].(bool); isBool { // it stands in no property
		o.Delete("required")
	}
	names, _ := o.Values["required"].([]any)
	unique := make([]any, 0, len(names))
	seen := map[string]bool{}
	add := func(name any) {
		text, isText := name.(string)
		if !isText || !seen[text] {
			unique = append(unique, name)
		}
		seen[text] = true
	}
	for _, name := range names {
		add(name)
	}
	for name, v := range o.Object("properties").All() {
		prop, _ := v.(*schematree.Object)
		if prop == nil {
			continue
		}
		if required, isBool := prop.Values["required"].(bool); isBool {
			prop.Delete("required")
			if required {
				add(name)
			}
		}
	}
	if o.Has("required") && names == nil { // neither a list nor a boolean, which is a mistake
		return
	}
	if len(unique) > 0 || names != nil {
		o.Set("required", unique)
	}
}

// Sizes beyond this are out of reach for arguments of at most MaxArgs bytes, and
// beyond what the validator counts with.
const maxSize = math.MaxInt32

var (
	leastSizes = []string{"minLength", "minItems", "minProperties", "minContains"}
	mostSizes  = []string{"maxLength", "maxItems", "maxProperties", "maxContains"}
)

// fixBounds spells the bounds of draft 4, where "exclusiveMinimum" is true or
// false, and whole numbers that are written 3.0. An upper bound that nothing
// can reach is dropped.
func fixBounds(o *schematree.Object) {
	for exclusive, bound := range map[string]string{"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"} {
		if on, isBool := o.Values[exclusive].(bool); isBool {
			o.Delete(exclusive)
			if on && o.Has(bound) {
				o.Rename(bound, exclusive)
			}
		}
	}
	for _, keyword := range slices.Concat(leastSizes, mostSizes) {
		n, ok := o.Values[keyword].(json.Number)
		if !ok {
			continue
		}
		if n, ok = whole(n); !ok {
			continue
		}
		if o.Set(keyword, n); slices.Contains(mostSizes, keyword) && tooLarge(n) {
			o.Delete(keyword)
		}
	}
}

// tooLarge reports whether a whole number is a size that nothing can reach.
func tooLarge(n json.Number) bool {
	if n == "" || n[0] == '-' {
		return false
	}
	i, err := n.Int64()
	return err != nil || i > maxSize
}

// fixItems spells tuples: a list of schemas under "items", and
// "additionalItems" for what follows, which elsewhere means nothing.
func fixItems(o *schematree.Object) {
	list, isList := o.Values["items"].([]any)
	if isList {
		if o.Has("prefixItems") || len(list) == 0 {
			o.Delete("items")
		} else {
			o.Rename("items", "prefixItems")
		}
		if o.Has("additionalItems") && !o.Has("items") {
			o.Rename("additionalItems", "items")
		}
	}
	o.Delete("additionalItems")
}

// fixDependencies spells "dependencies", which hold names or a schema.
func fixDependencies(o *schematree.Object) {
	all := o.Object("dependencies")
	if all == nil {
		return
	}
	names, schemas := schematree.NewObject(), schematree.NewObject()
	for key, v := range o.Object("dependentRequired").All() {
		names.Set(key, v)
	}
	for key, v := range o.Object("dependentSchemas").All() {
		schemas.Set(key, v)
	}
	for key, v := range all.All() {
		switch v := v.(type) {
		case string: // of draft 3
			names.Set(key, union(names.Array(key), []any{v}))
		case []any:
			names.Set(key, union(names.Array(key), v))
		case *schematree.Object, bool:
			if had, ok := schemas.Values[key]; ok {
				both := schematree.NewObject()
				both.Set("allOf", []any{had, v})
				schemas.Set(key, both)
				continue
			}
			schemas.Set(key, v)
		default: // a mistake, to be found where it is looked for
			schemas.Set(key, v)
		}
	}
	o.Delete("dependencies")
	if len(names.Keys) > 0 {
		o.Set("dependentRequired", names)
	}
	if len(schemas.Keys) > 0 {
		o.Set("dependentSchemas", schemas)
	}
}

// union returns the values of both lists, each once.
func union(a, b []any) []any {
	seen := map[string]bool{}
	var all []any
	for _, v := range slices.Concat(a, b) {
		text := string(jsontree.Append(nil, schematree.Plain(v)))
		if !seen[text] {
			seen[text] = true
			all = append(all, v)
		}
	}
	return all
}

// fixEnum keeps the values of an enum that the types beside it allow, each once:
// the others never match, and would mislead. An enum without values matches
// nothing.
func fixEnum(o *schematree.Object) {
	list, ok := o.Values["enum"].([]any)
	if !ok {
		return
	}
	if len(list) == 0 {
		o.Delete("enum")
		addNot(o, schematree.NewObject())
		return
	}
	list = union(list, nil)
	types := o.Types()
	if o.Values["nullable"] == true {
		types = append(slices.Clone(types), "null")
	}
	if fitting := slices.DeleteFunc(slices.Clone(list), func(v any) bool { return o.Has("type") && !isOf(v, types) }); len(fitting) > 0 {
		list = fitting
	}
	o.Set("enum", list)
}

// addNot adds a schema that must not fit.
func addNot(o, not *schematree.Object) {
	if !o.Has("not") {
		o.Set("not", not)
		return
	}
	also := schematree.NewObject()
	also.Set("not", not)
	o.Set("allOf", append(slices.Clone(o.Array("allOf")), also))
}

// isOf reports whether a value is of one of the types.
func isOf(v any, types []string) bool {
	kind := kindOf(v)
	if slices.Contains(types, kind) {
		return true
	}
	n, isNumber := v.(json.Number)
	if !isNumber || !slices.Contains(types, "integer") {
		return false
	}
	_, isWhole := whole(n)
	return isWhole
}

// fixExamples makes a list of OpenAPI's "example", and drops "examples" that are
// no list.
func fixExamples(o *schematree.Object) {
	if _, isList := o.Values["examples"].([]any); !isList {
		o.Delete("examples")
	}
	example, ok := o.Values["example"]
	if !ok {
		return
	}
	o.Delete("example")
	if !o.Has("examples") && example != nil {
		o.Set("examples", []any{example})
	}
}

// Keywords beside which a type that includes null is not enough for null.
var refusingNull = []string{"$ref", "const", "allOf", "anyOf", "oneOf", "not", "if"}

// fixNullable spells OpenAPI's "nullable": the value may be null as well.
func fixNullable(o *schematree.Object) {
	nullable := o.Values["nullable"] == true
	o.Delete("nullable")
	if !nullable {
		return
	}
	if !slices.ContainsFunc(refusingNull, o.Has) {
		if o.Has("type") && !slices.Contains(o.Types(), "null") {
			var types []any
			for _, t := range o.Types() {
				types = append(types, t)
			}
			o.Set("type", append(types, "null"))
		}
		if list := o.Array("enum"); o.Has("enum") && !slices.Contains(kindsOfAll(list), "null") {
			o.Set("enum", append(slices.Clone(list), nil))
		}
		return
	}
	null, inner, outer := schematree.NewObject(), schematree.NewObject(), schematree.NewObject()
	null.Set("type", "null")
	for key, v := range o.All() {
		if constrains(key) {
			inner.Set(key, v)
		} else {
			outer.Set(key, v)
		}
	}
	if list := inner.Array("anyOf"); len(inner.Keys) == 1 && list != nil {
		outer.Set("anyOf", append(slices.Clone(list), null))
	} else {
		outer.Set("anyOf", []any{inner, null})
	}
	*o = *outer
}

func kindsOfAll(list []any) []string {
	var kinds []string
	for _, v := range list {
		kinds = append(kinds, kindOf(v))
	}
	return kinds
}
