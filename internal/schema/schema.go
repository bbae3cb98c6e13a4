// Package schema says what arguments a tool takes, and reads them: from a Go
// type (or a JSON Schema from elsewhere) to one canonical schema, and from a
// model's raw argument text to arguments that are checked, completed with
// defaults, and safe to decode.
//
// The bytes that were checked are the bytes that are decoded. What two readers
// could take for two different things (repeated keys, keys that differ by case
// alone) is refused, because a validator would look at the one and
// encoding/json at the other.
package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/funcall/funcall/internal/schematree"
)

// A Schema describes the arguments of one tool. It is made once, never
// changes, and is safe for concurrent use.
type Schema struct {
	json    json.RawMessage
	outline *outline
	judge   func() *judge
	typ     *goType // nil where there is no Go type
}

// Reflect makes the schema of a Go type: a struct, or a pointer to one, or a
// type whose JSONSchema method describes an object.
//
// A field has the name that encoding/json gives it, and is required unless its
// json tag says omitempty or omitzero; a pointer alone makes nothing optional.
// The tags jsonschema and jsonschema_description are those of
// github.com/invopop/jsonschema; jsonschema:"-" hides a field from models. Objects
// are closed. Types that read themselves from text are strings, and no keys of
// maps; a type that reads itself from JSON must say from what, by a method
// JSONSchema. The properties of such a schema, and those that JSONSchemaExtend
// adds, must be the JSON names of the struct's fields.
//
// The error holds every mistake that was found, joined, each with the Go path
// of the field, such as OrderQuery.Items[].Sku.
func Reflect(t reflect.Type) (*Schema, error) {
	if t == nil {
		return nil, errors.New("a tool's input must be a struct: there is no type")
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	r := newReflector()
	doc := r.reflect(t)
	if doc == nil {
		return nil, errors.Join(r.errs...)
	}
	at := func(pointer string) string { return goPath(t, r.types, pointer) }
	var can *shape
	if r.custom {
		can = shapeOf(t, map[reflect.Type]*shape{})
	}
	s, errs := build(doc, can, at)
	if errs = append(r.errs, errs...); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	s.typ = &goType{
		root:      t,
		exact:     r.exact,
		mayRefuse: r.mayRefuse,
	}
	if r.custom {
		if errs := mismatches(doc, t); len(errs) > 0 {
			return nil, errors.Join(errs...)
		}
	}
	return s, nil
}

// Parse makes a schema from a JSON Schema of draft 2020-12 (or an older one
// that means the same there). Only references inside the document are
// followed; nothing is ever loaded. The error holds every mistake that was
// found, joined, each with a JSON Pointer.
func Parse(raw json.RawMessage) (*Schema, error) {
	if len(raw) > schematree.MaxBytes {
		return nil, fmt.Errorf("the schema is %d bytes long, more than %d", len(raw), schematree.MaxBytes)
	}
	v, err := schematree.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("the schema is not JSON that can be trusted: %w", err)
	}
	doc, ok := v.(*schematree.Object)
	if !ok {
		return nil, fmt.Errorf(`the schema must be a JSON object such as {"type":"object","properties":{}}, got %s`, given(v))
	}
	at := func(pointer string) string { return "schema" + pointer }
	if err := schematree.Measure(doc); err != nil {
		return nil, fmt.Errorf("%s: %w", at(""), err)
	}
	if errs := lintForeign(doc, at); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if doc, err = inline(doc); err != nil {
		return nil, fmt.Errorf("%s: %w", at(""), err)
	}
	// Some providers refuse a tool without these two.
	if !doc.Has("type") {
		doc.Set("type", "object")
	}
	if !doc.Has("properties") {
		doc.Set("properties", schematree.NewObject())
	}
	if defs := doc.Object("$defs"); doc.Has("$defs") { // they stand last, so that parsing the result changes nothing
		doc.Delete("$defs")
		doc.Set("$defs", defs)
	}
	s, errs := build(doc, nil, at)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return s, nil
}

// build makes a Schema from a document whose references are inlined, for a
// type of the shape s. The function at names a place in the document for error
// messages.
func build(doc *schematree.Object, s *shape, at func(pointer string) string) (*Schema, []error) {
	if err := schematree.Measure(doc); err != nil {
		return nil, []error{fmt.Errorf("%s: %w", at(""), err)}
	}
	if types := doc.Types(); len(types) != 1 || types[0] != "object" {
		return nil, []error{fmt.Errorf(`%s: the arguments of a tool are an object: the schema's "type" must be "object"`, at(""))}
	}
	errs := lint(doc, at)
	d := &drafter{outlines: map[*schematree.Object]*outline{}, complete: true}
	out := d.outline(doc, s)
	doubtful := slices.DeleteFunc(offers(doc), d.accepts)
	made := &Schema{json: schematree.Append(nil, withoutWordBounds(doc)), outline: out}
	if d.complete && len(doubtful) == 0 {
		if len(errs) > 0 {
			return nil, errs
		}
		// Most tools are never called with anything else than what is plainly
		// right, and compiling takes longer than all the rest.
		made.judge = sync.OnceValue(func() *judge { return lateJudge(doc, s) })
		return made, nil
	}
	v, wrong := compile(doc, at)
	if len(wrong) > 0 {
		return nil, append(errs, wrong...)
	}
	if errs = append(errs, lintOffers(v, doubtful, at)...); len(errs) > 0 {
		return nil, errs
	}
	j, err := newJudge(v, s)
	if err != nil {
		return nil, []error{fmt.Errorf("%s: %w", at(""), err)}
	}
	made.judge = func() *judge { return j }
	return made, nil
}

// JSON returns the schema as it is shown to models: the same bytes for the
// same type always, properties in the order of the struct's fields. The caller
// must not change them.
func (s *Schema) JSON() json.RawMessage { return s.json }

// MayRefuse reports whether Decode can fail on arguments that passed Check,
// because a type inside reads itself (UnmarshalJSON, UnmarshalText) or brought
// its own schema. A caller then decodes before it asks anybody for approval.
func (s *Schema) MayRefuse() bool { return s.typ != nil && s.typ.mayRefuse }
