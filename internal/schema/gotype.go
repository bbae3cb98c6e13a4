package schema

import (
	"fmt"
	"reflect"
	"strconv"
)

// A goType is a Go type as encoding/json decodes into it, compiled once.
type goType struct {
	reflect.Type
	reads  reads
	own    bool      // it reads itself
	fields []goField // of a struct; nil otherwise
	elem   *goType   // of a pointer, list or map
	length int       // of an array, which drops what is beyond; else -1
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
	readsInt
	readsUint
	readsFloat
	readsBytes
	readsSlice
	readsArray
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
		g.compileFields(known)
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

func (g *goType) compileFields(known map[reflect.Type]*goType) {
	fields, _ := fieldsOf(g.Type)
	g.fields = make([]goField, len(fields))
	for i, f := range fields {
		g.fields[i] = goField{compileType(f.Type, known), f.name, `"` + f.name + `":`, f.index, f.quoted}
	}
	if len(fields) > maxProps {
		g.reads = readsForeign
	}
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
	}
	switch t.Kind() {
	case reflect.String:
		return readsString
	case reflect.Bool:
		return readsBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return readsInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return readsUint
	case reflect.Float32, reflect.Float64:
		return readsFloat
	case reflect.Array:
		return readsArray
	case reflect.Struct:
		return readsStruct
	case reflect.Pointer:
		return readsPointer
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return readsBytes
		}
		return readsSlice
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

// What encoding/json can set is asked where a schema is not closed, because a type
// brought its own: encoding/json takes Path for path, and drops what it does not
// know. Here both are refused.

// reached returns the type behind pointers.
func (g *goType) reached() *goType {
	for g.reads == readsPointer {
		g = g.elem
	}
	return g
}

// settable returns the type behind pointers, nil if it reads itself.
func (g *goType) settable() *goType {
	if g == nil {
		return nil
	}
	if g = g.reached(); g.own {
		return nil
	}
	return g
}

// field returns the index of a field, -1 if there is none. It looks at next
// first.
func (g *goType) field(name string, next int) int {
	if next < len(g.fields) && g.fields[next].name == name {
		return next
	}
	for i := range g.fields {
		if g.fields[i].name == name {
			return i
		}
	}
	return -1
}

// member returns the type of a member; ok is false where it cannot be set.
func (g *goType) member(name string) (sub *goType, ok bool) {
	if g == nil || g.fields == nil {
		return g.element(), true
	}
	i := g.field(name, 0)
	if i < 0 {
		return nil, false
	}
	return g.fields[i].settable(), true
}

func (g *goType) element() *goType {
	if g == nil {
		return nil
	}
	return g.elem.settable()
}

// narrow keeps out what findings would find where a schema says nothing.
func (g *goType) narrow(n *treeNode) {
	if g == nil {
		return
	}
	elem := g.element()
	n.closed = g.fields != nil || elem != nil && n.rest == anyValue
	n.itemless = elem != nil && n.items == anyValue
	if g.length >= 0 {
		n.most = g.length
	}
}

// findings returns what cannot be set.
func (g *goType) findings(v any, path string) []finding {
	if g == nil {
		return nil
	}
	var findings []finding
	switch v := v.(type) {
	case map[string]any:
		var unknown []string
		for key, e := range v {
			sub, ok := g.member(key)
			if !ok {
				unknown = append(unknown, key)
			}
			findings = append(findings, sub.findings(e, below(path, key))...)
		}
		if len(unknown) > 0 {
			var names []string
			for _, f := range g.fields {
				names = append(names, f.name)
			}
			findings = append(findings, unknownProperties(path, unknown, names)...)
		}
	case []any:
		if g.length >= 0 && len(v) > g.length {
			findings = append(findings, finding{Problem: Problem{path, "maxItems", fmt.Sprintf("must have at most %d items", g.length)}})
		}
		if elem := g.element(); elem != nil {
			for i, e := range v {
				findings = append(findings, elem.findings(e, below(path, strconv.Itoa(i)))...)
			}
		}
	}
	return findings
}
