// Package schema says what arguments a tool takes, and reads them: from a Go
// type (or a JSON Schema from elsewhere) to one canonical schema, and from a
// model's raw argument text to arguments that are checked, completed with
// defaults, and safe to decode.
//
// The bytes that were checked are the bytes that are decoded. What two readers
// could take for two different things (repeated keys, keys that differ by case
// alone) is refused, because a check would look at the one and
// encoding/json at the other.
package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// A Schema describes the arguments of one tool. It is made once, never
// changes, and is safe for concurrent use.
type Schema struct {
	json      json.RawMessage
	unchecked []string
	root      *treeNode
	vendor    *vendor   // nil where the tree covers the schema
	shape     *treeNode // what can be set in the type; nil where the schema names all of that
	typ       *goType   // nil where there is no Go type
	mayRefuse bool
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
	t = reachable(t)
	r := newReflector()
	doc := r.reflect(t)
	if doc == nil {
		return nil, errors.Join(r.errs...)
	}
	at := func(pointer string) string { return goPath(t, r.types, pointer) }
	typ := newGoType(t)
	b := &builder{doc: doc, at: at, typed: true, asserts: true}
	if r.custom {
		b.shape = typ.shape(map[*goType]*treeNode{})
	}
	s, errs := b.build()
	if errs = append(r.errs, errs...); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	s.typ, s.mayRefuse = typ, r.mayRefuse
	if r.custom {
		if errs := mismatches(doc, t); len(errs) > 0 {
			return nil, errors.Join(errs...)
		}
	}
	return s, nil
}

// Parse makes a schema from a JSON Schema that others wrote. What it says in the
// words of older drafts, or of OpenAPI, is translated into draft 2020-12 where
// that loses nothing; if it declares a draft, its keywords mean what they mean
// there.
//
// Defaults and examples that do not fit their own schema are dropped. Formats and
// encodings are not checked. Patterns are those of ECMA 262; what RE2 cannot
// express, or only at too great a size, is not checked either, and listed by
// [Schema.Unchecked].
//
// Only references inside the document are followed; nothing is ever loaded. The
// error holds every mistake that was found, joined, each with a JSON Pointer.
func Parse(raw json.RawMessage) (*Schema, error) { return parse(raw, false) }

// ParseReflected is Parse for what [Schema.JSON] returned for a Go type. Formats
// and encodings are checked, as they are for the type itself.
func ParseReflected(raw json.RawMessage) (*Schema, error) { return parse(raw, true) }

func parse(raw json.RawMessage, asserts bool) (*Schema, error) {
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
	if doc, err = translate(doc, at); err != nil {
		return nil, err
	}
	b := &builder{doc: doc, at: at, asserts: asserts}
	s, errs := b.build()
	return s, errors.Join(errs...)
}

// translate brings a schema that others wrote into the form that reflected ones
// have: draft 2020-12, references inlined.
func translate(doc *schematree.Object, at func(string) string) (*schematree.Object, error) {
	d := draftOf(doc)
	refs, errs := resolve(doc, d, at)
	s := &speller{draft: d, at: at, errs: errs}
	doc.Walk("", s.spell)
	for _, stray := range refs.strays {
		stray.schema.Walk(stray.path, s.spell)
	}
	if len(s.errs) > 0 {
		return nil, errors.Join(s.errs...)
	}
	doc, err := inline(doc, refs.targets)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at(""), err)
	}
	// Some providers refuse a tool without these two.
	if !doc.Has("type") || slices.Contains(doc.Types(), "object") {
		doc.Set("type", "object")
	}
	if !doc.Has("properties") {
		doc.Set("properties", schematree.NewObject())
	}
	if defs := doc.Object("$defs"); doc.Has("$defs") { // they stand last, so that parsing the result changes nothing
		doc.Delete("$defs")
		doc.Set("$defs", defs)
	}
	return doc, nil
}

// JSON returns the schema as it is shown to models: the same bytes for the
// same type always, properties in the order of the struct's fields. The caller
// must not change them.
func (s *Schema) JSON() json.RawMessage { return s.json }

// MayRefuse reports whether Decode can fail on arguments that passed Check,
// because a type inside reads itself (UnmarshalJSON, UnmarshalText) or brought
// its own schema. A caller then decodes before it asks for approval.
func (s *Schema) MayRefuse() bool { return s.mayRefuse }

// Unchecked lists the keywords of the schema that are not checked, as JSON Pointers
// into [Schema.JSON], in its order. It is nil if everything is checked.
func (s *Schema) Unchecked() []string { return slices.Clone(s.unchecked) }
