package schema

import (
	"encoding/json"
	"fmt"
	"iter"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/funcall/funcall/internal/jsonscan"
	"github.com/funcall/funcall/internal/jsontree"
)

// An object is a JSON object that keeps its keys in order. A schema document
// is a tree of *object, []any, string, json.Number, bool and nil.
type object struct {
	keys   []string
	values map[string]any
}

func newObject() *object { return &object{values: map[string]any{}} }

// has reports whether there is such a key; o may be nil.
func (o *object) has(key string) bool {
	if o == nil {
		return false
	}
	_, ok := o.values[key]
	return ok
}

func (o *object) set(key string, v any) {
	if !o.has(key) {
		o.keys = append(o.keys, key)
	}
	o.values[key] = v
}

func (o *object) delete(key string) {
	if o.has(key) {
		delete(o.values, key)
		o.keys = slices.DeleteFunc(o.keys, func(k string) bool { return k == key })
	}
}

// all yields the members in order; o may be nil.
func (o *object) all() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for _, k := range o.names() {
			if !yield(k, o.values[k]) {
				return
			}
		}
	}
}

// names returns the keys; o may be nil.
func (o *object) names() []string {
	if o == nil {
		return nil
	}
	return o.keys
}

// object returns the object at key, nil if there is none; o may be nil.
func (o *object) object(key string) *object {
	if o == nil {
		return nil
	}
	v, _ := o.values[key].(*object)
	return v
}

func (o *object) array(key string) []any {
	v, _ := o.values[key].([]any)
	return v
}

func (o *object) string(key string) string {
	v, _ := o.values[key].(string)
	return v
}

func (o *object) strings(key string) []string {
	var list []string
	for _, v := range o.array(key) {
		if s, ok := v.(string); ok {
			list = append(list, s)
		}
	}
	return list
}

// types returns what "type" allows, nil where it is absent.
func (o *object) types() []string {
	if t, ok := o.values["type"].(string); ok {
		return []string{t}
	}
	return o.strings("type")
}

// sortKeys puts the keys into the order of first; others follow as they stood,
// those of last at the end.
func (o *object) sortKeys(first, last []string) {
	rank := func(key string) int {
		if i := slices.Index(first, key); i >= 0 {
			return i
		}
		return len(first) + 1 + slices.Index(last, key)
	}
	slices.SortStableFunc(o.keys, func(a, b string) int { return rank(a) - rank(b) })
}

// parseTree reads JSON as strictly as arguments are read, and keeps the order
// of keys.
func parseTree(data []byte) (any, error) {
	if _, _, err := jsontree.Parse(data); err != nil {
		return nil, err
	}
	var in jsonscan.Scanner
	in.Reset(data)
	return readTree(&in), in.Err()
}

func readTree(in *jsonscan.Scanner) any {
	switch in.Kind() {
	case '{':
		o := newObject()
		for key := range in.Object() {
			o.set(string(key), readTree(in))
		}
		return o
	case '[':
		list := []any{}
		for range in.Array() {
			list = append(list, readTree(in))
		}
		return list
	case '"':
		text, _ := in.Bytes()
		return string(text)
	case '0':
		return json.Number(in.Raw())
	}
	switch string(in.Raw()) {
	case "true":
		return true
	case "false":
		return false
	}
	return nil
}

func appendTree(dst []byte, v any) []byte {
	switch v := v.(type) {
	case *object:
		dst = append(dst, '{')
		for i, k := range v.keys {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = jsontree.AppendString(dst, k)
			dst = append(dst, ':')
			dst = appendTree(dst, v.values[k])
		}
		return append(dst, '}')
	case []any:
		dst = append(dst, '[')
		for i, e := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendTree(dst, e)
		}
		return append(dst, ']')
	}
	return jsontree.Append(dst, v)
}

// plain returns a deep copy as jsontree has it: maps in place of objects.
func plain(v any) any {
	switch v := v.(type) {
	case *object:
		m := make(map[string]any, len(v.keys))
		for k, e := range v.all() {
			m[k] = plain(e)
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = plain(e)
		}
		return list
	}
	return v
}

// copyTree returns a deep copy.
func copyTree(v any) any {
	switch v := v.(type) {
	case *object:
		made := &object{keys: slices.Clone(v.keys), values: make(map[string]any, len(v.keys))}
		for k, e := range v.all() {
			made.values[k] = copyTree(e)
		}
		return made
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = copyTree(e)
		}
		return list
	}
	return v
}

// Where a schema holds other schemas.
var (
	oneSchema = []string{"items", "additionalProperties", "not", "if", "then", "else", "contains",
		"propertyNames", "unevaluatedItems", "unevaluatedProperties", "contentSchema"}
	schemaList = []string{"allOf", "anyOf", "oneOf", "prefixItems"}
	schemaMap  = []string{"properties", "patternProperties", "dependentSchemas", "$defs", "definitions"}
)

// A spot is the place of a subschema below the schema that it belongs to: a
// keyword, and where that holds several, a key or an index.
type spot struct {
	keyword, key string
	several      bool
	replace      func(any)
}

func (s spot) path() string {
	if s.several {
		return "/" + s.keyword + "/" + jsontree.EscapePointer(s.key)
	}
	return "/" + s.keyword
}

// subschemas yields the schemas directly below o, booleans included.
func (o *object) subschemas() iter.Seq2[spot, any] {
	return func(yield func(spot, any) bool) {
		for keyword, v := range o.all() {
			switch {
			case slices.Contains(oneSchema, keyword):
				if !yield(spot{keyword: keyword, replace: func(n any) { o.values[keyword] = n }}, v) {
					return
				}
			case slices.Contains(schemaList, keyword):
				list, _ := v.([]any)
				for i, e := range list {
					if !yield(spot{keyword, strconv.Itoa(i), true, func(n any) { list[i] = n }}, e) {
						return
					}
				}
			case slices.Contains(schemaMap, keyword):
				m, ok := v.(*object)
				if !ok {
					continue
				}
				for key, e := range m.all() {
					if !yield(spot{keyword, key, true, func(n any) { m.values[key] = n }}, e) {
						return
					}
				}
			}
		}
	}
}

// walk calls visit for o and every schema object below it, outermost first.
func (o *object) walk(path string, visit func(path string, o *object)) {
	visit(path, o)
	for at, v := range o.subschemas() {
		if sub, ok := v.(*object); ok {
			sub.walk(path+at.path(), visit)
		}
	}
}

// lookup follows a JSON Pointer; ok is false where it leads nowhere.
func lookup(v any, pointer string) (_ any, ok bool) {
	for _, step := range splitPointer(pointer) {
		switch c := v.(type) {
		case *object:
			if v, ok = c.values[step]; !ok {
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

func splitPointer(pointer string) []string {
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
	maxSchemaBytes = 256 << 10
	maxSchemaNodes = 10_000
	maxSchemaDepth = 32
)

// measure counts the values below v, and refuses a tree above the limits.
func measure(v any) error {
	nodes, size := 0, 0
	var count func(v any, depth int) error
	count = func(v any, depth int) error {
		if nodes++; nodes > maxSchemaNodes {
			return fmt.Errorf("the schema holds more than %d values", maxSchemaNodes)
		}
		if depth > maxSchemaDepth {
			return fmt.Errorf("the schema is nested more than %d levels deep", maxSchemaDepth)
		}
		if size > maxSchemaBytes {
			return fmt.Errorf("the schema is more than %d bytes long", maxSchemaBytes)
		}
		switch v := v.(type) {
		case string:
			size += len(v)
		case *object:
			for key, e := range v.all() {
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

// fragment returns the JSON Pointer in a reference such as #/$defs/Name.
func fragment(ref string) string {
	pointer := strings.TrimPrefix(ref, "#")
	if plain, err := url.PathUnescape(pointer); err == nil {
		return plain
	}
	return pointer
}

// patterns returns the patterns of patternProperties.
func (o *object) patterns() []*regexp.Regexp {
	var patterns []*regexp.Regexp
	for _, p := range o.object("patternProperties").names() {
		if re, err := regexp.Compile(p); err == nil {
			patterns = append(patterns, re)
		}
	}
	return patterns
}
