package schema

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/schema/schematree"
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

func (s *speller) fail(path, format string, args ...any) {
	s.errs = append(s.errs, fmt.Errorf("%s: %s", s.at(path), fmt.Sprintf(format, args...)))
}

// dropOthers drops what is no keyword, or has been of use by now: names of
// schemas and drafts, and what a generator or an author notes for itself.
func dropOthers(o *schematree.Object) {
	o.DeleteFunc(func(keyword string, _ any) bool {
		_, known := keywords[keyword]
		return !known && !constrains(keyword) && keyword != "definitions"
	})
}

// spell translates one schema, and not those below it: the outermost is first.
func (s *speller) spell(path string, o *schematree.Object) {
	if s.draft == 3 {
		for _, keyword := range draft3 {
			if o.Has(keyword[0]) {
				s.fail(path, "%q of draft 3 is not supported: write %q", keyword[0], keyword[1])
			}
		}
	}
	s.draft.obey(o)
	dropEmpty(o)
	fixQuotes(o)
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
// for an empty object. Where an empty object says something, it is put there.
func dropEmpty(o *schematree.Object) {
	for _, keyword := range []string{"not", "contains", "if"} {
		if list, isList := o.Values[keyword].([]any); isList && len(list) == 0 {
			o.Set(keyword, schematree.NewObject())
		}
	}
	isTuple := o.Has("additionalItems")
	empty := func(keyword string, v any) bool {
		list, isList := v.([]any)
		switch {
		case v == nil:
			return keyword != "default" && keyword != "const" && keyword != "example"
		case !isList || len(list) > 0 || keyword == "items" && isTuple:
			return false
		}
		return isKeyword(keyword) || keyword == "dependentRequired" || keyword == "type"
	}
	o.DeleteFunc(empty)
	for at, v := range o.Subschemas() {
		if list, isList := v.([]any); at.Several && (v == nil || isList && len(list) == 0 && at.Keyword != "dependencies") {
			at.Replace(schematree.NewObject())
		}
	}
}

// booleans are keywords that hold a boolean, some of them in old drafts alone.
var booleans = []string{"additionalProperties", "uniqueItems", "nullable", "required", "exclusiveMinimum", "exclusiveMaximum"}

// fixQuotes reads numbers and booleans that stand in quotes.
func fixQuotes(o *schematree.Object) {
	for keyword := range o.All() {
		text, holds := o.Text(keyword), keywords[keyword].holds
		if (holds == "number" || holds == aSize) && isNumber(text) {
			o.Set(keyword, json.Number(text))
		}
		if slices.Contains(booleans, keyword) && (text == "true" || text == "false") {
			o.Set(keyword, text == "true")
		}
	}
}

// dropMisused drops annotations of another type than they must be: they
// constrain nothing.
func dropMisused(o *schematree.Object) {
	for _, keyword := range slices.Clone(o.Keys) {
		annotates := keywords[keyword].wrong == nil || keyword == "format" || keyword == "contentEncoding"
		if holds := keywords[keyword].holds; annotates && (holds == "string" || holds == "boolean") && kindOf(o.Values[keyword]) != holds {
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
	if name := o.Text("type"); name != "" {
		o.Set("type", jsonType(name))
	}
	list, isList := o.Values["type"].([]any)
	for i, name := range list {
		if text, ok := name.(string); ok {
			list[i] = jsonType(text)
		}
	}
	if isList {
		o.Set("type", union(list, nil))
	}
	if slices.Contains(o.Types(), "any") {
		o.Delete("type")
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
	names, isList := o.Values["required"].([]any)
	for name, v := range o.Object("properties").All() {
		prop, _ := v.(*schematree.Object)
		if prop == nil {
			continue
		}
		fixQuotes(prop)
		if required, isBool := prop.Values["required"].(bool); isBool {
			prop.Delete("required")
			if required {
				names = append(names, name)
			}
		}
	}
	if isList || len(names) > 0 && !o.Has("required") { // else it is a mistake, or not there
		o.Set("required", union(names, nil))
	}
}
