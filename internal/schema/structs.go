package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/internal/schema/schematree"
)

// structSchema reflects one struct. Structs inside it are references.
func (r *reflector) structSchema(t reflect.Type, path string) *schematree.Object {
	fields, problems := fieldsOf(t)
	for _, err := range problems {
		r.errs = append(r.errs, fmt.Errorf("%s%w", path, err))
	}
	r.real = map[string]string{}
	var shown []field
	// A field that is not exported makes this type unlike any that a user has.
	flat := []reflect.StructField{{Name: "flat", PkgPath: "flat", Type: reflect.TypeFor[struct{}]()}}
	for i, f := range fields {
		if f.hidden {
			continue
		}
		if !r.check(f.Type, path+f.path) {
			continue
		}
		alias := "f" + strconv.Itoa(i)
		r.real[alias] = f.name
		shown = append(shown, f)
		flat = append(flat, reflect.StructField{
			Name: "F" + strconv.Itoa(i),
			Type: r.unnamed(f.Type, map[reflect.Type]bool{}),
			Tag:  r.flatTag(f, alias),
		})
	}
	o, err := r.reflectFlat(t, flat)
	if err != nil {
		r.fail(path, "%v", err)
		return schematree.NewObject()
	}
	for _, f := range shown {
		if prop := o.Object("properties").Object(f.name); prop != nil {
			for _, err := range r.finish(f, prop) {
				r.errs = append(r.errs, fmt.Errorf("%s%s: %w", path, f.path, err))
			}
		}
	}
	return o
}

// reflectFlat has invopop reflect the flat form of t.
func (r *reflector) reflectFlat(t reflect.Type, flat []reflect.StructField) (o *schematree.Object, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("cannot be reflected: %v", p)
		}
	}()
	r.flat = reflect.StructOf(flat)
	s := r.invopop.ReflectFromType(r.flat)
	if implements(t, extenderType) {
		r.custom, r.mayRefuse = true, true
		reflect.New(t).Interface().(interface{ JSONSchemaExtend(*jsonschema.Schema) }).JSONSchemaExtend(s)
	}
	if o, err = treeOf(s); err != nil {
		return nil, err
	}
	// What invopop defined itself are recursive slices and maps.
	if defs := o.Object("$defs"); defs != nil {
		for name, def := range defs.All() {
			if d, ok := def.(*schematree.Object); ok {
				r.fitKeys(r.types[name], d)
			}
			r.defs.Set(name, def)
		}
		o.Delete("$defs")
	}
	o.Delete("$schema")
	return o, nil
}

// treeOf reads invopop's schema as our own tree, without boolean schemas:
// providers refuse them, or read them as something else.
func treeOf(s *jsonschema.Schema) (*schematree.Object, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	v, err := schematree.Parse(b)
	if err != nil {
		return nil, fmt.Errorf("the schema that it makes is no JSON: %w", err)
	}
	if v == true {
		v = schematree.NewObject()
	}
	o, ok := v.(*schematree.Object)
	if !ok {
		return nil, errors.New("its schema is not an object")
	}
	o.Walk("", spellOut)
	return o, nil
}

// spellOut replaces boolean schemas directly below o. additionalProperties and
// its like are the exception: there a boolean is the common form.
func spellOut(_ string, o *schematree.Object) {
	for at, v := range o.Subschemas() {
		b, ok := v.(bool)
		if !ok || at.Keyword == "additionalProperties" || strings.HasPrefix(at.Keyword, "unevaluated") {
			continue
		}
		at.Replace(spelledOut(b))
	}
}

// unnamed strips the names of slices and maps: named ones would be definitions
// to invopop, which the tags of a field do not reach. Recursive ones keep
// theirs.
func (r *reflector) unnamed(t reflect.Type, seen map[reflect.Type]bool) reflect.Type {
	if seen[t] || t == rawType || r.mapped(t) != nil {
		return t
	}
	if t.Name() != "" {
		seen[t] = true
		defer delete(seen, t)
	}
	switch t.Kind() {
	case reflect.Pointer:
		return reflect.PointerTo(r.unnamed(t.Elem(), seen))
	case reflect.Slice:
		return reflect.SliceOf(r.unnamed(t.Elem(), seen))
	case reflect.Array:
		return reflect.ArrayOf(t.Len(), r.unnamed(t.Elem(), seen))
	case reflect.Map:
		return reflect.MapOf(t.Key(), r.unnamed(t.Elem(), seen))
	}
	return t
}

// flatTag is the tag of a field in the flat struct. Its JSON name is a
// stand-in, because invopop does not take every name that encoding/json takes.
func (r *reflector) flatTag(f field, alias string) reflect.StructTag {
	if f.optional {
		alias += ",omitempty"
	}
	if f.quoted {
		alias += ",string"
		r.mayRefuse = true
	}
	text := f.Tag.Get("jsonschema_description")
	if own := reachable(f.Type); text == "" && implements(own, schemerType) {
		text = r.defs.Object(r.name(own)).Text("description") // else invopop forgets it
	}
	return reflect.StructTag(fmt.Sprintf("json:%q jsonschema:%q jsonschema_description:%q jsonschema_extras:%q",
		alias, f.Tag.Get("jsonschema"), text, f.Tag.Get("jsonschema_extras")))
}

// finish completes the schema of a field, and says what its tags got wrong.
func (r *reflector) finish(f field, prop *schematree.Object) []error {
	if branches := prop.Array("oneOf"); len(branches) == 2 && hasItem(f.Tag.Get("jsonschema"), "nullable") {
		if inner, ok := branches[0].(*schematree.Object); ok {
			prop = inner
		}
	}
	if f.quoted {
		prop.Delete("minimum")
		prop.Delete("maximum")
	}
	r.fitKeys(f.Type, prop)
	errs := fitDefault(prop)
	errs = append(errs, tagProblems(f, prop)...)
	errs = append(errs, boundProblems(f.Type, prop)...)
	errs = append(errs, decodeProblems(f, prop)...)
	if f.quoted && len(errs) == 0 {
		errs = fitQuoted(f.Type, prop)
	}
	return errs
}

// fitQuoted says what a string must hold that is read as a number or a
// boolean. Without that, "null" would pass: encoding/json takes it for no
// value at all, and leaves zero even where there is a default.
func fitQuoted(t reflect.Type, o *schematree.Object) []error {
	const whole = "(0|[1-9][0-9]*)"
	const why = "which encoding/json reads as no value at all"
	if slices.Contains(o.Array("enum"), any("null")) {
		return []error{fmt.Errorf(`the enum has the value "null", %s: leave it out`, why)}
	}
	if own := o.Text("pattern"); own != "" {
		if re, err := regexp.Compile(own); err == nil && re.MatchString("null") {
			return []error{fmt.Errorf(`the pattern %q takes "null", %s: write one that does not`, own, why)}
		}
		return nil
	}
	if o.Has("enum") {
		return nil
	}
	switch t = reachable(t); t.Kind() {
	case reflect.Bool:
		o.Set("enum", []any{"true", "false"})
	case reflect.Float32, reflect.Float64:
		o.Set("pattern", "^-?"+whole+`([.][0-9]+)?([eE][+-]?[0-9]+)?$`)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		o.Set("pattern", "^"+whole+"$")
	default:
		o.Set("pattern", "^-?"+whole+"$")
	}
	return nil
}

// fitKeys says which keys a map with integer keys has: in the one form that
// strconv writes, so that no two of them are the same key.
func (r *reflector) fitKeys(t reflect.Type, o *schematree.Object) {
	if o == nil || o.Has("$ref") || t == nil {
		return
	}
	switch t.Kind() {
	case reflect.Pointer:
		r.fitKeys(t.Elem(), o)
	case reflect.Slice, reflect.Array:
		r.fitKeys(t.Elem(), o.Object("items"))
	case reflect.Map:
		if isInteger(t.Key()) {
			values := o.Object("additionalProperties")
			if byPattern := o.Object("patternProperties"); byPattern != nil {
				values = byPattern.Object("^[0-9]+$")
			}
			if values == nil {
				values = schematree.NewObject()
			}
			pattern := "^(0|-?[1-9][0-9]*)$"
			if low, _ := limits(t.Key()); low == "0" {
				pattern = "^(0|[1-9][0-9]*)$"
			}
			patterns := schematree.NewObject()
			patterns.Set(pattern, values)
			o.Set("patternProperties", patterns)
			o.Set("additionalProperties", false)
			r.fitKeys(t.Elem(), values)
			return
		}
		r.fitKeys(t.Elem(), o.Object("additionalProperties"))
	}
}

// goPath names a place in a reflected schema by its path in Go, such as
// OrderQuery.Items[].Sku.
func goPath(t reflect.Type, types map[string]reflect.Type, pointer string) string {
	path := typeName(t)
	steps := schematree.SplitPointer(pointer)
	for i := 0; i < len(steps); i++ {
		for t != nil && t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		last := i+1 == len(steps)
		switch step := steps[i]; {
		case step == "$defs" && !last && types[steps[i+1]] != nil:
			i++
			t = types[steps[i]]
			path = typeName(t)
		case step == "properties" && !last && t != nil && t.Kind() == reflect.Struct:
			i++
			fields, _ := fieldsOf(t)
			t = nil
			for _, f := range fields {
				if f.name == steps[i] {
					path, t = path+f.path, f.Type
				}
			}
			if t == nil {
				path += "/" + step + "/" + steps[i]
			}
		case (step == "anyOf" || step == "oneOf" || step == "allOf") && !last:
			i++
		case (step == "items" || step == "additionalProperties") && hasElem(t):
			t, path = t.Elem(), path+"[]"
		case step == "patternProperties" && !last && hasElem(t):
			i++
			t, path = t.Elem(), path+"[]"
		default:
			path += "/" + jsontree.EscapePointer(step)
			t = nil
		}
	}
	return path
}

func hasElem(t reflect.Type) bool {
	return t != nil && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map)
}
