package resultjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/funcall/funcall/internal/schema"
)

// Check returns what encoding/json cannot write in a type, whatever the value: all of
// it, joined, each with its path in Go, such as Report.Items[].Done. Interfaces, and
// types that write themselves, are taken as they are. The name is what the path begins
// with if the type has none.
func Check(t reflect.Type, name string) error {
	root := t
	for root.Kind() == reflect.Pointer {
		root = root.Elem()
	}
	if root.Name() != "" {
		name = root.Name()
	}
	c := checker{seen: map[reflect.Type]bool{}}
	c.check(t, name)
	return errors.Join(c.errs...)
}

type checker struct {
	seen map[reflect.Type]bool
	errs []error
}

func (c *checker) check(t reflect.Type, path string) {
	if c.seen[t] || marshals(t) {
		return
	}
	c.seen[t] = true
	switch t.Kind() {
	case reflect.Pointer:
		c.check(t.Elem(), path)
	case reflect.Slice, reflect.Array:
		c.check(t.Elem(), path+"[]")
	case reflect.Map:
		if key := t.Key(); !isKey(key) {
			c.fail(path, "the keys of %s cannot be keys of a JSON object: use strings, integers or a type with MarshalText", t)
		}
		c.check(t.Elem(), path+"[]")
	case reflect.Struct:
		for _, f := range schema.JSONFields(t) {
			c.check(f.Type, path+f.Path)
		}
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		delete(c.seen, t) // each place is named
		c.fail(path, `%s has no JSON form; return another type, or exclude the field with json:"-"`, t)
	}
}

func (c *checker) fail(path, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...)))
}

// isKey reports whether encoding/json accepts the type as a map key. The answer depends on the
// Go version, so isKey tries it.
func isKey(t reflect.Type) bool {
	if t.Implements(textType) {
		return true
	}
	m := reflect.MakeMap(reflect.MapOf(t, reflect.TypeFor[bool]()))
	if t.Kind() != reflect.Interface {
		m.SetMapIndex(reflect.Zero(t), reflect.ValueOf(true))
	}
	_, err := json.Marshal(m.Interface())
	return err == nil
}
