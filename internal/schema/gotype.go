package schema

import (
	"encoding/json"
	"reflect"
	"strconv"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// A goType is a Go type as encoding/json decodes into it, compiled once.
type goType struct {
	reflect.Type
	reads  reads
	own    bool      // it reads itself
	fields []goField // of a struct; nil otherwise
	elem   *goType   // of a pointer, list or map
	length int       // of an array; else -1
	grow   int       // by how many elements a slice grows
}

// A goField is a field of a struct.
type goField struct {
	*goType
	name   string
	key    string // the name as a text has it in front of a value
	index  []int  // as in reflect.Value.FieldByIndex
	quoted bool   // ",string": the value stands in a JSON string
}

// reads says how a type is decoded.
type reads uint8

const (
	readsForeign reads = iota // by encoding/json
	readsJSON                 // by its UnmarshalJSON
	readsRaw
	readsText // by its UnmarshalText
	readsAny
	readsString
	readsNumber
	readsBool
	readsBytes
	readsList
	readsMap
	readsStruct
	readsPointer
)

// newGoType compiles a type.
func newGoType(t reflect.Type) *goType { return compileType(t, map[reflect.Type]*goType{}) }

// compileType compiles a type, beside others that are known.
func compileType(t reflect.Type, known map[reflect.Type]*goType) *goType {
	if g, ok := known[t]; ok {
		return g
	}
	g := &goType{Type: t, reads: readsOf(t), own: readsItself(t), length: -1}
	known[t] = g
	if g.own {
		return g
	}
	switch t.Kind() {
	case reflect.Struct:
		fields, _ := fieldsOf(t)
		g.fields = make([]goField, len(fields))
		for i, f := range fields {
			g.fields[i] = goField{compileType(f.Type, known), f.name, `"` + f.name + `":`, f.index, f.quoted}
		}
		if len(fields) > maxProps {
			g.reads = readsForeign
		}
	case reflect.Array:
		g.length = t.Len()
		g.elem = compileType(t.Elem(), known)
	case reflect.Slice:
		g.grow = max(1, 64/max(1, int(t.Elem().Size())))
		g.elem = compileType(t.Elem(), known)
	case reflect.Map, reflect.Pointer:
		g.elem = compileType(t.Elem(), known)
	}
	return g
}

// readsOf returns how a type is decoded.
func readsOf(t reflect.Type) reads {
	switch {
	case t == rawType:
		return readsRaw
	case t == numberType:
		return readsNumber
	case readsItself(t) && t.Name() == "":
		return readsForeign // encoding/json does not always find the methods of such a type
	case implements(t, jsonReadType):
		return readsJSON
	case implements(t, textReadType):
		return readsText
	case isInteger(t), isFloat(t):
		return readsNumber
	}
	switch t.Kind() {
	case reflect.String:
		return readsString
	case reflect.Bool:
		return readsBool
	case reflect.Array:
		return readsList
	case reflect.Struct:
		return readsStruct
	case reflect.Pointer:
		return readsPointer
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return readsBytes
		}
		return readsList
	case reflect.Map:
		if key := t.Key(); !implements(key, textReadType) && (key.Kind() == reflect.String || isInteger(key)) {
			return readsMap
		}
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return readsAny
		}
	}
	return readsForeign
}

// reached returns the type behind pointers.
func (g *goType) reached() *goType {
	for g.reads == readsPointer {
		g = g.elem
	}
	return g
}

// shape returns a node that accepts what encoding/json can set in the type. It is
// asked where a schema is not closed, because a type brought its own: encoding/json
// takes Path for path, and drops what it does not know. Here both are refused.
func (g *goType) shape(known map[*goType]*treeNode) *treeNode {
	if g == nil || g.reached().own {
		return anyValue
	}
	g = g.reached()
	if n := known[g]; n != nil {
		return n
	}
	n := &treeNode{schema: schematree.NewObject(), known: true, kinds: allKinds, items: anyValue, rest: anyValue}
	known[g] = n
	n.cost.finish("", false)
	if g.fields == nil {
		n.items = g.elem.shape(known)
		n.rest = n.items
		if g.length >= 0 {
			n.schema.Set("maxItems", json.Number(strconv.Itoa(g.length)))
			n.sizes = []size{{"maxItems", kindArray, 0, g.length}}
		}
		return n
	}
	names := schematree.NewObject()
	for _, f := range g.fields {
		names.Set(f.name, true)
		n.props = append(n.props, property{name: f.name, node: f.shape(known)})
	}
	n.schema.Set("properties", names)
	n.known = len(n.props) <= maxProps
	n.rest = noValue
	return n
}
