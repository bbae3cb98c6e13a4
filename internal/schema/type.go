package schema

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/invopop/jsonschema"

	"github.com/funcall/funcall/internal/schema/schematree"
)

var (
	durationType = reflect.TypeFor[time.Duration]()
	urlType      = reflect.TypeFor[url.URL]()
	rawType      = reflect.TypeFor[json.RawMessage]()
	numberType   = reflect.TypeFor[json.Number]()
	bigIntType   = reflect.TypeFor[big.Int]()
	timeType     = reflect.TypeFor[time.Time]()

	schemerType   = reflect.TypeFor[interface{ JSONSchema() *jsonschema.Schema }]()
	extenderType  = reflect.TypeFor[interface{ JSONSchemaExtend(*jsonschema.Schema) }]()
	aliasType     = reflect.TypeFor[interface{ JSONSchemaAlias() any }]()
	propertyType  = reflect.TypeFor[interface{ JSONSchemaProperty(string) any }]()
	jsonReadType  = reflect.TypeFor[json.Unmarshaler]()
	jsonWriteType = reflect.TypeFor[json.Marshaler]()
	textReadType  = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// A reflector turns one Go type into a schema. Each struct becomes a
// definition of its own, reflected in the flat form that encoding/json sees,
// and every use of it a reference; so recursion ends, and embedding follows
// Go's rules. The references are inlined afterwards.
type reflector struct {
	invopop *jsonschema.Reflector
	names   map[reflect.Type]string
	types   map[string]reflect.Type // by name
	defs    *schematree.Object
	queue   []queued
	checked map[reflect.Type]bool
	errs    []error

	flat reflect.Type      // the struct that invopop has in hand
	real map[string]string // its JSON names by the ones that stand in for them

	mayRefuse, custom bool
}

type queued struct {
	t    reflect.Type
	path string // in Go, where it was first met
}

func newReflector() *reflector {
	r := &reflector{
		names:   map[reflect.Type]string{},
		types:   map[string]reflect.Type{},
		defs:    schematree.NewObject(),
		checked: map[reflect.Type]bool{},
	}
	r.invopop = &jsonschema.Reflector{
		Anonymous: true,
		Namer:     r.name,
		Mapper:    r.mapped,
		KeyNamer:  func(key string) string { return r.real[key] },
	}
	return r
}

// reflect returns the document for t, references inlined; nil if there is none
// at all. What is wrong stands in r.errs.
func (r *reflector) reflect(t reflect.Type) *schematree.Object {
	path := typeName(t)
	if t.Kind() == reflect.Map {
		r.fail(path, "a tool's input must be a struct, not a map: for arguments that have no Go type make a raw tool from a JSON Schema")
		return nil
	}
	if t.Kind() != reflect.Struct && !implements(t, schemerType) {
		r.fail(path, "a tool's input must be a struct, not %s: put it into a field of one", article(t.Kind().String()))
		return nil
	}
	if !r.check(t, path) {
		return nil
	}
	if t.Kind() == reflect.Struct && r.mapped(t) != nil && !r.isDefinition(t) {
		r.fail(path, "a tool's input must be an object, and %s is read from a single value: put it into a field of a struct", t)
		return nil
	}
	for len(r.queue) > 0 {
		q := r.queue[0]
		r.queue = r.queue[1:]
		r.defs.Set(r.name(q.t), r.structSchema(q.t, q.path))
	}
	doc := copyShallow(r.defs.Object(r.name(t)))
	doc.Set("$defs", r.defs)
	doc, err := inline(doc, nil)
	if err != nil {
		r.fail(path, "%v", err)
		return nil
	}
	doc.Walk("", func(_ string, o *schematree.Object) {
		foldNullable(o)
		o.SortKeys(firstKeys, lastKeys)
	})
	return doc
}

// The order of keywords in a reflected schema: what a reader asks first.
var (
	firstKeys = []string{"$ref", "type", "title", "description", "properties", "required", "additionalProperties",
		"items", "enum", "default", "minimum", "maximum"}
	lastKeys = []string{"$defs"}
)

func (r *reflector) fail(path, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...)))
}

// check reports whether t can be reflected and decoded, and queues the structs
// in it.
func (r *reflector) check(t reflect.Type, path string) bool {
	if t.Kind() == reflect.Pointer {
		return r.check(t.Elem(), path)
	}
	if ok, seen := r.checked[t]; seen && ok {
		return true
	}
	r.checked[t] = true // until the opposite is known; ends recursion
	ok := r.checkOnce(t, path)
	r.checked[t] = ok
	return ok
}

func (r *reflector) checkOnce(t reflect.Type, path string) bool {
	switch {
	case t.Kind() == reflect.Interface:
		if t.NumMethod() > 0 {
			r.fail(path, "%s is an interface, and nothing says which type to decode into: use a concrete type or any", t)
			return false
		}
		return true
	case t == durationType:
		r.fail(path, "time.Duration is a number of nanoseconds in JSON, which models get wrong: use an integer of a named unit such as TimeoutSeconds, or a string type with UnmarshalText that calls time.ParseDuration")
		return false
	case t == urlType:
		r.fail(path, "url.URL cannot be decoded from JSON: use a string and url.Parse")
		return false
	case t == rawType, t == numberType:
		return true
	case t == bigIntType, t == timeType:
		r.mayRefuse = true
		return true
	case implements(t, aliasType), implements(t, propertyType):
		r.fail(path, "%s has a JSONSchemaAlias or JSONSchemaProperty method, and a schema of another type than is decoded cannot be trusted: use JSONSchema or JSONSchemaExtend", t)
		return false
	case implements(t, schemerType):
		return r.checkCustom(t, path)
	case implements(t, textReadType):
		if implements(t, jsonReadType) && !marshalsToString(t) {
			break
		}
		r.mayRefuse = true
		return true
	}
	if implements(t, jsonReadType) {
		r.fail(path, "%s has an UnmarshalJSON method, so that its fields do not say what JSON it reads: give it a method JSONSchema() *jsonschema.Schema", t)
		return false
	}
	if isSimple(t) {
		return true
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		return r.check(t.Elem(), path+"[]")
	case reflect.Map:
		return r.checkKey(t, path) && r.check(t.Elem(), path+"[]")
	case reflect.Struct:
		r.queue = append(r.queue, queued{t, path})
		return true
	}
	r.fail(path, `%s has no JSON form; exclude the field with json:"-"`, t)
	return false
}

func (r *reflector) checkKey(t reflect.Type, path string) bool {
	key := t.Key()
	switch {
	case implements(key, textReadType):
		r.fail(path, "the keys of %s read themselves from text, so that two keys which differ in JSON may be one in Go and a value be lost: use a map[string]%s and read its keys, or a list of structs", t, t.Elem())
		return false
	case key.Kind() == reflect.String:
		return true
	case isInteger(key):
		r.mayRefuse = true
		return true
	}
	r.fail(path, "the keys of %s cannot be JSON object keys: use strings or integers", t)
	return false
}

// checkCustom takes the schema that a type brings along as its definition.
func (r *reflector) checkCustom(t reflect.Type, path string) (ok bool) {
	defer func() {
		if p := recover(); p != nil {
			r.fail(path, "%s.JSONSchema panicked: %v", t, p)
			ok = false
		}
	}()
	s := reflect.New(t).Interface().(interface{ JSONSchema() *jsonschema.Schema }).JSONSchema()
	if s == nil {
		r.fail(path, "%s.JSONSchema returned nil", t)
		return false
	}
	o, err := treeOf(s)
	if err != nil {
		r.fail(path, "%s.JSONSchema: %v", t, err)
		return false
	}
	r.custom, r.mayRefuse = true, true
	r.adopt(r.name(t), o)
	return true
}

// adopt makes a whole document one definition; its own definitions move to
// ours, under unique names.
func (r *reflector) adopt(name string, doc *schematree.Object) {
	moved := map[string]string{"#": "#/$defs/" + name}
	own := doc.Object("$defs")
	for _, drop := range []string{"$schema", "$id", "$defs"} {
		doc.Delete(drop)
	}
	r.defs.Set(name, doc)
	if own == nil {
		own = schematree.NewObject()
	}
	for k := range own.All() {
		moved["#/$defs/"+k] = "#/$defs/" + r.unique(name+"_"+k, nil)
	}
	rename := func(_ string, o *schematree.Object) {
		if to, ok := moved[o.Text("$ref")]; ok {
			o.Set("$ref", to)
		}
	}
	doc.Walk("", rename)
	for k, v := range own.All() {
		if d, ok := v.(*schematree.Object); ok {
			d.Walk("", rename)
		}
		r.defs.Set(strings.TrimPrefix(moved["#/$defs/"+k], "#/$defs/"), v)
	}
}

// mapped is invopop's Mapper: the types that it would get wrong.
func (r *reflector) mapped(t reflect.Type) *jsonschema.Schema {
	switch {
	case t == r.flat, t == rawType, t.Kind() == reflect.Interface:
		return nil
	case t == numberType:
		return &jsonschema.Schema{Type: "number"}
	case t == bigIntType:
		return &jsonschema.Schema{Type: "integer"}
	case t == timeType:
		return &jsonschema.Schema{Type: "string", Format: "date-time"}
	case implements(t, schemerType):
		return r.customSchema(t)
	case implements(t, textReadType):
		return &jsonschema.Schema{Type: "string"}
	case t.Kind() == reflect.Struct:
		return &jsonschema.Schema{Ref: "#/$defs/" + r.name(t)}
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 && !implements(t.Elem(), jsonReadType) && !implements(t.Elem(), textReadType):
		return &jsonschema.Schema{Type: "string", ContentEncoding: "base64"}
	case t.Kind() == reflect.Float32:
		return &jsonschema.Schema{Type: "number", Minimum: "-" + maxFloat32, Maximum: maxFloat32}
	case isInteger(t):
		low, high := limits(t)
		return &jsonschema.Schema{Type: "integer", Minimum: low, Maximum: high}
	}
	return nil
}

// customSchema refers to the definition of a type that brought its own; where
// that is one simple value it is copied, so that the tags of a field can add
// to it.
func (r *reflector) customSchema(t reflect.Type) *jsonschema.Schema {
	def := r.defs.Object(r.name(t))
	if kind := def.Text("type"); kind == "" || kind == "object" || def.Has("$ref") {
		return &jsonschema.Schema{Ref: "#/$defs/" + r.name(t)}
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(schematree.Append(nil, def), &s); err != nil {
		return &jsonschema.Schema{Ref: "#/$defs/" + r.name(t)}
	}
	return &s
}

// isDefinition reports whether t is described by a definition of its own.
func (r *reflector) isDefinition(t reflect.Type) bool {
	return strings.HasPrefix(r.mapped(t).Ref, "#") || implements(t, schemerType)
}

// IsObject reports whether values of the type are JSON objects whose properties its
// fields or its JSONSchema method name, so that [Reflect] can take it. It is true of
// types of which Reflect has to say what is wrong with them.
func IsObject(t reflect.Type) bool {
	t = reachable(t)
	r := newReflector()
	if implements(t, schemerType) {
		return !r.checkCustom(t, "") || slices.Equal(r.defs.Object(r.name(t)).Types(), []string{"object"})
	}
	return t.Kind() == reflect.Struct && r.isDefinition(t)
}

// name is invopop's Namer: the type's name as a reference can hold it, with a
// number where another type has it already.
func (r *reflector) name(t reflect.Type) string {
	if name, ok := r.names[t]; ok {
		return name
	}
	name := t.Name()
	if name == "" {
		if t.Kind() != reflect.Struct || t == r.flat {
			return ""
		}
		name = "struct"
	}
	r.names[t] = r.unique(name, t)
	return r.names[t]
}

func (r *reflector) unique(name string, t reflect.Type) string {
	name = freeName(name, func(name string) bool {
		_, taken := r.types[name]
		return taken
	})
	r.types[name] = t
	return name
}

func implements(t, iface reflect.Type) bool {
	return t.Kind() != reflect.Interface && reflect.PointerTo(t).Implements(iface)
}

// marshalsToString reports whether a type that reads itself from both text and
// JSON writes a JSON string, as decimals and log levels do.
func marshalsToString(t reflect.Type) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	if !implements(t, jsonWriteType) {
		return false
	}
	b, err := json.Marshal(reflect.New(t).Interface())
	return err == nil && len(b) > 0 && b[0] == '"'
}

func isInteger(t reflect.Type) bool {
	return t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64
}

func isFloat(t reflect.Type) bool { return t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64 }

// isSimple reports whether a type is one of booleans, strings or numbers.
func isSimple(t reflect.Type) bool {
	return t.Kind() == reflect.Bool || t.Kind() == reflect.String || isInteger(t) || isFloat(t)
}

// limits returns the least and the greatest value of an integer type.
func limits(t reflect.Type) (low, high json.Number) {
	bits := t.Bits()
	if t.Kind() >= reflect.Uint {
		return "0", json.Number(strconv.FormatUint(math.MaxUint64>>(64-bits), 10))
	}
	most := int64(math.MaxInt64 >> (64 - bits))
	return json.Number(strconv.FormatInt(-most-1, 10)), json.Number(strconv.FormatInt(most, 10))
}

const maxFloat32 json.Number = "3.4028235e38"

// withoutWordBounds leaves out bounds that only tell the size of a machine
// word: they are checked, but would tell a model nothing.
func withoutWordBounds(doc *schematree.Object) *schematree.Object {
	least, most := limits(reflect.TypeFor[int64]())
	_, mostUnsigned := limits(reflect.TypeFor[uint64]())
	shown := schematree.Copy(doc).(*schematree.Object)
	shown.Walk("", func(_ string, o *schematree.Object) {
		switch o.Values["minimum"] {
		case least, "-" + maxFloat32:
			o.Delete("minimum")
		}
		switch o.Values["maximum"] {
		case most, mostUnsigned, maxFloat32:
			o.Delete("maximum")
		}
	})
	return shown
}

func typeName(t reflect.Type) string {
	if t.Name() == "" {
		return "struct"
	}
	return t.Name()
}
