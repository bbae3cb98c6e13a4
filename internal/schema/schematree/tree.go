// Package schematree is a JSON Schema as a tree that keeps the order of its
// keys, as models see that order: to read, change and write one. It knows
// where a schema holds others and what each keyword is called, and nothing of
// what they mean.
package schematree

import (
	"encoding/json"
	"iter"
	"slices"

	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/internal/json/jsontree"
)

// An Object is a JSON object that keeps its keys in order. A schema document
// is a tree of *Object, []any, string, json.Number, bool and nil.
type Object struct {
	Keys   []string
	Values map[string]any
}

// NewObject returns an empty Object.
func NewObject() *Object { return &Object{Values: map[string]any{}} }

// Has reports whether there is such a key; o may be nil.
func (o *Object) Has(key string) bool {
	if o == nil {
		return false
	}
	_, ok := o.Values[key]
	return ok
}

// Set sets a member; a new one comes last.
func (o *Object) Set(key string, v any) {
	if !o.Has(key) {
		o.Keys = append(o.Keys, key)
	}
	o.Values[key] = v
}

// Delete removes a member, if it is there.
func (o *Object) Delete(key string) {
	if o.Has(key) {
		delete(o.Values, key)
		o.Keys = slices.DeleteFunc(o.Keys, func(k string) bool { return k == key })
	}
}

// DeleteFunc removes the members for which del returns true.
func (o *Object) DeleteFunc(del func(key string, v any) bool) {
	o.Keys = slices.DeleteFunc(o.Keys, func(key string) bool {
		gone := del(key, o.Values[key])
		if gone {
			delete(o.Values, key)
		}
		return gone
	})
}

// Rename gives a member another key, in its place. There must be no member of
// that key yet.
func (o *Object) Rename(key, to string) {
	if i := slices.Index(o.Keys, key); i >= 0 {
		o.Keys[i] = to
		o.Values[to] = o.Values[key]
		delete(o.Values, key)
	}
}

// All yields the members in order; o may be nil.
func (o *Object) All() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for _, k := range o.Names() {
			if !yield(k, o.Values[k]) {
				return
			}
		}
	}
}

// Names returns the keys; o may be nil.
func (o *Object) Names() []string {
	if o == nil {
		return nil
	}
	return o.Keys
}

// Object returns the object at key, nil if there is none; o may be nil.
func (o *Object) Object(key string) *Object {
	if o == nil {
		return nil
	}
	v, _ := o.Values[key].(*Object)
	return v
}

// Array returns the array at key, nil if there is none.
func (o *Object) Array(key string) []any {
	v, _ := o.Values[key].([]any)
	return v
}

// Text returns the string at key, "" if there is none.
func (o *Object) Text(key string) string {
	v, _ := o.Values[key].(string)
	return v
}

// Texts returns the strings of the array at key.
func (o *Object) Texts(key string) []string {
	var list []string
	for _, v := range o.Array(key) {
		if s, ok := v.(string); ok {
			list = append(list, s)
		}
	}
	return list
}

// Types returns what "type" allows, nil where it is absent.
func (o *Object) Types() []string {
	if t, ok := o.Values["type"].(string); ok {
		return []string{t}
	}
	return o.Texts("type")
}

// SortKeys puts the keys into the order of first; others follow as they stood,
// those of last at the end.
func (o *Object) SortKeys(first, last []string) {
	rank := func(key string) int {
		if i := slices.Index(first, key); i >= 0 {
			return i
		}
		return len(first) + 1 + slices.Index(last, key)
	}
	slices.SortStableFunc(o.Keys, func(a, b string) int { return rank(a) - rank(b) })
}

// Parse reads JSON as strictly as arguments are read, and keeps the order
// of keys.
func Parse(data []byte) (any, error) {
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
		o := NewObject()
		for key := range in.Object() {
			o.Set(string(key), readTree(in))
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

// Append appends v as JSON.
func Append(dst []byte, v any) []byte {
	switch v := v.(type) {
	case *Object:
		dst = append(dst, '{')
		for i, k := range v.Keys {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = jsontree.AppendString(dst, k)
			dst = append(dst, ':')
			dst = Append(dst, v.Values[k])
		}
		return append(dst, '}')
	case []any:
		dst = append(dst, '[')
		for i, e := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = Append(dst, e)
		}
		return append(dst, ']')
	}
	return jsontree.Append(dst, v)
}

// Plain returns a deep copy as jsontree has it: maps in place of objects.
func Plain(v any) any {
	switch v := v.(type) {
	case *Object:
		m := make(map[string]any, len(v.Keys))
		for k, e := range v.All() {
			m[k] = Plain(e)
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = Plain(e)
		}
		return list
	}
	return v
}

// Copy returns a deep copy of a tree, or of a value as jsontree has it.
func Copy(v any) any { return CopyEach(v, func(_, _ *Object) {}) }

// CopyEach is Copy that calls copied for every object, and the one that it is made of.
func CopyEach(v any, copied func(made, of *Object)) any {
	switch v := v.(type) {
	case *Object:
		made := &Object{Keys: slices.Clone(v.Keys), Values: make(map[string]any, len(v.Keys))}
		for k, e := range v.All() {
			made.Values[k] = CopyEach(e, copied)
		}
		copied(made, v)
		return made
	case map[string]any:
		made := make(map[string]any, len(v))
		for k, e := range v {
			made[k] = CopyEach(e, copied)
		}
		return made
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = CopyEach(e, copied)
		}
		return list
	}
	return v
}
