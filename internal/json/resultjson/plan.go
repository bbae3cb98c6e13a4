package resultjson

import (
	"encoding"
	"encoding/json"
	"reflect"
	"sync"

	"github.com/funcall/funcall/internal/schema"
)

// A plan is what Fill has to know of a type.
type plan struct {
	holds  bool             // a value may be a nil slice or map, or hold one
	empty  string           // the JSON of an empty value, if the type is a slice or a map
	fields map[string][]int // of a struct: the fields that hold something, by their names in JSON
}

var plans sync.Map // of *plan, by reflect.Type

func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	p := &plan{holds: holds(t, map[reflect.Type]bool{})}
	if p.holds {
		switch t.Kind() {
		case reflect.Slice:
			if p.empty = "[]"; isBytes(t) {
				p.empty = `""`
			}
		case reflect.Map:
			p.empty = "{}"
		case reflect.Struct:
			p.fields = map[string][]int{}
			for _, f := range schema.JSONFields(t) {
				if holds(f.Type, map[reflect.Type]bool{}) {
					p.fields[f.Name] = f.Index
				}
			}
		}
	}
	made, _ := plans.LoadOrStore(t, p)
	return made.(*plan)
}

// holds reports whether a value of the type may be a nil slice or map, or hold one
// that encoding/json would write. seen are the types that were looked at.
func holds(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] || marshals(t) {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Interface, reflect.Slice, reflect.Map:
		return true
	case reflect.Pointer, reflect.Array:
		return holds(t.Elem(), seen)
	case reflect.Struct:
		for _, f := range schema.JSONFields(t) {
			if holds(f.Type, seen) {
				return true
			}
		}
	}
	return false
}

var (
	jsonType = reflect.TypeFor[json.Marshaler]()
	textType = reflect.TypeFor[encoding.TextMarshaler]()
)

// marshals reports whether values of the type write themselves, also where they do so
// only behind a pointer.
func marshals(t reflect.Type) bool {
	if t.Implements(jsonType) || t.Implements(textType) {
		return true
	}
	p := reflect.PointerTo(t)
	return t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface && (p.Implements(jsonType) || p.Implements(textType))
}

// isBytes reports whether encoding/json writes the slice in base64.
func isBytes(t reflect.Type) bool {
	return t.Elem().Kind() == reflect.Uint8 && !marshals(t.Elem())
}
