package schematree

import (
	"fmt"
	"iter"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/funcall/funcall/internal/json/jsontree"
)

// Where a schema holds other schemas. Keywords of older drafts are among them:
// additionalItems, dependencies, definitions, and a list under items.
var (
	OneSchema = []string{"items", "additionalProperties", "not", "if", "then", "else", "contains",
		"propertyNames", "unevaluatedItems", "unevaluatedProperties", "contentSchema", "additionalItems"}
	SchemaList = []string{"allOf", "anyOf", "oneOf", "prefixItems"}
	SchemaMap  = []string{"properties", "patternProperties", "dependentSchemas", "$defs", "definitions", "dependencies"}
)

// A Spot is the place of a subschema below the schema that it belongs to: a
// keyword, and where that holds several, a key or an index.
type Spot struct {
	Keyword, Key string
	Several      bool

	in    *Object // the object with the schema
	list  []any   // or the list
	index int
}

// Replace puts another schema into the place.
func (s Spot) Replace(v any) {
	switch {
	case s.list != nil:
		s.list[s.index] = v
	case s.Several:
		s.in.Values[s.Key] = v
	default:
		s.in.Values[s.Keyword] = v
	}
}

// Path is the place as a JSON Pointer.
func (s Spot) Path() string {
	if s.Several {
		return "/" + s.Keyword + "/" + jsontree.EscapePointer(s.Key)
	}
	return "/" + s.Keyword
}

// Subschemas yields the schemas directly below o, booleans included, and
// whatever else stands in a schema's place.
func (o *Object) Subschemas() iter.Seq2[Spot, any] {
	return func(yield func(Spot, any) bool) {
		for keyword, v := range o.All() {
			list, isList := v.([]any)
			switch {
			case slices.Contains(OneSchema, keyword) && !(isList && keyword == "items"):
				if !yield(Spot{Keyword: keyword, in: o}, v) {
					return
				}
			case slices.Contains(SchemaList, keyword) || keyword == "items":
				for i, e := range list {
					if !yield(Spot{keyword, strconv.Itoa(i), true, nil, list, i}, e) {
						return
					}
				}
			case slices.Contains(SchemaMap, keyword):
				m, ok := v.(*Object)
				if !ok {
					continue
				}
				for key, e := range m.All() {
					if !yield(Spot{keyword, key, true, m, nil, 0}, e) {
						return
					}
				}
			}
		}
	}
}

// Objects is Subschemas without what is no object.
func (o *Object) Objects() iter.Seq2[Spot, *Object] {
	return func(yield func(Spot, *Object) bool) {
		for at, v := range o.Subschemas() {
			if sub, ok := v.(*Object); ok && !yield(at, sub) {
				return
			}
		}
	}
}

// Walk calls visit for o and every schema object below it, outermost first.
func (o *Object) Walk(path string, visit func(path string, o *Object)) {
	visit(path, o)
	for at, sub := range o.Objects() {
		sub.Walk(path+at.Path(), visit)
	}
}

// Lookup follows a JSON Pointer; ok is false where it leads nowhere.
func Lookup(v any, pointer string) (_ any, ok bool) {
	for _, step := range SplitPointer(pointer) {
		switch c := v.(type) {
		case *Object:
			if v, ok = c.Values[step]; !ok {
				return nil, false
			}
		case map[string]any:
			if v, ok = c[step]; !ok {
				return nil, false
			}
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(c) {
				return nil, false
			}
			v = c[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// SplitPointer returns the steps of a JSON Pointer.
func SplitPointer(pointer string) []string {
	if pointer == "" {
		return nil
	}
	steps := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, s := range steps {
		if strings.Contains(s, "~") {
			steps[i] = strings.ReplaceAll(strings.ReplaceAll(s, "~1", "/"), "~0", "~")
		}
	}
	return steps
}

// What a schema may hold at most. Compiling and checking cost in proportion,
// and a schema that came over a network must not be able to stall its user.
const (
	MaxBytes = 256 << 10
	MaxNodes = 10_000
	MaxDepth = 32
)

// Measure counts the values below v, and refuses a tree above the limits.
func Measure(v any) error {
	nodes, size := 0, 0
	var count func(v any, depth int) error
	count = func(v any, depth int) error {
		if nodes++; nodes > MaxNodes {
			return fmt.Errorf("the schema holds more than %d values", MaxNodes)
		}
		if depth > MaxDepth {
			return fmt.Errorf("the schema is nested more than %d levels deep", MaxDepth)
		}
		if size > MaxBytes {
			return fmt.Errorf("the schema is more than %d bytes long", MaxBytes)
		}
		switch v := v.(type) {
		case string:
			size += len(v)
		case *Object:
			for key, e := range v.All() {
				size += len(key)
				if err := count(e, depth+1); err != nil {
					return err
				}
			}
		case []any:
			for _, e := range v {
				if err := count(e, depth+1); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return count(v, 0)
}

// Fragment returns the JSON Pointer in a reference such as #/$defs/Name.
func Fragment(ref string) string {
	pointer := strings.TrimPrefix(ref, "#")
	if plain, err := url.PathUnescape(pointer); err == nil {
		return plain
	}
	return pointer
}

// Patterns returns the patterns of patternProperties.
func (o *Object) Patterns() []*regexp.Regexp {
	var patterns []*regexp.Regexp
	for _, p := range o.Object("patternProperties").Names() {
		if re, err := regexp.Compile(p); err == nil {
			patterns = append(patterns, re)
		}
	}
	return patterns
}
