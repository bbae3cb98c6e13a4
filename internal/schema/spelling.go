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

// spell translates o and every schema below it, outermost first.
func (s *speller) spell(path string, o *schematree.Object) {
	o.Walk(path, s.one)
}

func (s *speller) fail(path, format string, args ...any) {
	s.errs = append(s.errs, fmt.Errorf("%s: %s", s.at(path), fmt.Sprintf(format, args...)))
}

// dropOthers drops what is no keyword, or has been of use by now: names of
// schemas and drafts, and what a generator or an author notes for itself.
func dropOthers(o *schematree.Object) {
	kept := schematree.NewObject()
	for keyword, v := range o.All() {
		if _, known := keywords[keyword]; known || constrains(keyword) || keyword == "definitions" {
			kept.Set(keyword, v)
		}
	}
	*o = *kept
}

// one translates one schema, and not those below it.
func (s *speller) one(path string, o *schematree.Object) {
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
		fixQuotes(prop)
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
