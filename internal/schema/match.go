package schema

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// A matcher finds where a schema that a type brought along, or added to, and
// the fields of the type name different properties. Arguments must fit both:
// what the schema alone names is refused when it comes, and what the struct
// alone has cannot be sent.
type matcher struct {
	doc  *schematree.Object
	seen map[pairing]bool
	errs []error
}

type pairing struct {
	schema *schematree.Object
	t      reflect.Type
}

// mismatches compares a schema with the type that it was made from.
func mismatches(doc *schematree.Object, t reflect.Type) []error {
	m := &matcher{doc: doc, seen: map[pairing]bool{}}
	m.match(doc, t, typeName(t))
	return m.errs
}

func (m *matcher) fail(path, format string, args ...any) {
	m.errs = append(m.errs, fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...)))
}

func (m *matcher) match(o *schematree.Object, t reflect.Type, path string) {
	t = reachable(t)
	if o == nil || m.seen[pairing{o, t}] || readsItself(t) {
		return
	}
	m.seen[pairing{o, t}] = true
	always, sometimes := m.forms(o)
	switch t.Kind() {
	case reflect.Struct:
		m.matchStruct(t, path, always, sometimes)
	case reflect.Slice, reflect.Array, reflect.Map:
		for _, form := range slices.Concat(always, sometimes) {
			for at, sub := range form.Subschemas() {
				switch at.Keyword {
				case "items", "prefixItems", "additionalProperties", "patternProperties":
					sub, _ := sub.(*schematree.Object)
					m.match(sub, t.Elem(), path+"[]")
				}
			}
		}
	}
}

// forms returns the schemas that a value which fits o must fit always, and
// those that it may have to fit.
func (m *matcher) forms(o *schematree.Object) (always, sometimes []*schematree.Object) {
	seen := map[*schematree.Object]bool{}
	var add func(v any, list *[]*schematree.Object)
	add = func(v any, list *[]*schematree.Object) {
		o, ok := v.(*schematree.Object)
		if !ok || seen[o] {
			return
		}
		seen[o] = true
		*list = append(*list, o)
		if ref := o.Text("$ref"); ref != "" {
			target, _ := schematree.Lookup(m.doc, schematree.Fragment(ref))
			add(target, list)
		}
		for at, sub := range o.Subschemas() {
			switch at.Keyword {
			case "allOf":
				add(sub, list)
			case "anyOf", "oneOf", "then", "else", "dependentSchemas":
				add(sub, &sometimes)
			}
		}
	}
	add(o, &always)
	return always, sometimes
}

func (m *matcher) matchStruct(t reflect.Type, path string, always, sometimes []*schematree.Object) {
	fields, _ := fieldsOf(t)
	byName := map[string]field{}
	for _, f := range fields {
		byName[f.name] = f
	}
	named := map[string]bool{}
	for _, form := range slices.Concat(always, sometimes) {
		names := slices.Concat(form.Object("properties").Names(), form.Texts("required"))
		for _, name := range names {
			f, ok := byName[name]
			if !ok && !named[name] {
				m.fail(path, "its schema has the property %s, which is the JSON name of no field: calls with it would be refused; add a field, or drop the property", quoteCut(name))
			}
			named[name] = true
			if ok {
				m.match(form.Object("properties").Object(name), f.Type, path+f.path)
			}
		}
	}
	from := embedded(t, schemerType)
	for _, f := range fields {
		switch {
		case f.hidden || named[f.name]:
		case from != nil && implements(t, schemerType):
			m.fail(path+f.path, "the schema of %s lacks the property %s: its method JSONSchema is that of the embedded %s, which knows nothing of this field; give the embedded field a name, or %s a JSONSchema of its own", t, quoteCut(f.name), from, t)
		case slices.ContainsFunc(always, func(form *schematree.Object) bool { return bars(form, f.name) }):
			m.fail(path+f.path, `the schema of %s allows no property %s, so that nothing can ever set the field: add the property, or tag the field jsonschema:"-"`, t, quoteCut(f.name))
		}
	}
}

// bars reports whether o is closed to a property.
func bars(o *schematree.Object, name string) bool {
	return o.Values["additionalProperties"] == false && !o.Object("properties").Has(name) && !matchesAny(o.Patterns(), name)
}

// embedded returns the type of an embedded field that has the methods of
// iface, nil if there is none.
func embedded(t, iface reflect.Type) reflect.Type {
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous && implements(reachable(f.Type), iface) {
			return f.Type
		}
	}
	return nil
}
