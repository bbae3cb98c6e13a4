package dialect

import (
	"encoding/json"
	"math"
	"slices"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// dropMisfits drops the values of enums and constants that are not of the type
// beside them, which no value can be: APIs refuse such a schema. What is left
// takes the same values, unless nothing is left.
func dropMisfits(o *schematree.Object) {
	types := o.Types()
	misfit := func(v any) bool {
		return !slices.ContainsFunc(types, func(typ string) bool { return isOf(v, typ) })
	}
	if len(types) == 0 {
		return
	}
	drop := func(keyword string, v any) {
		o.Delete(keyword)
		describe(o, []string{Words(keyword, v)})
	}
	if v, ok := o.Values["const"]; ok && misfit(v) {
		drop("const", v)
	}
	if values := o.Array("enum"); slices.ContainsFunc(values, misfit) {
		if left := slices.DeleteFunc(slices.Clone(values), misfit); len(left) > 0 {
			o.Values["enum"] = left
		} else {
			drop("enum", o.Values["enum"])
		}
	}
}

// isOf reports whether a value is of a type, as far as it is easy to tell.
func isOf(v any, typ string) bool {
	switch v := v.(type) {
	case nil:
		return typ == "null"
	case bool:
		return typ == "boolean"
	case string:
		return typ == "string"
	case []any:
		return typ == "array"
	case *schematree.Object:
		return typ == "object"
	case json.Number:
		return typ == "number" || typ == "integer" && isInteger(v)
	}
	return false
}

// isInteger reports whether a number is an integer, however it is spelt. One that
// is too large to tell counts as one.
func isInteger(n json.Number) bool {
	f, err := n.Float64()
	return err != nil || f == math.Trunc(f)
}

// typeOf returns the "type" of the values of an enum or a constant. It reports
// whether all of them are of simple types.
func typeOf(o *schematree.Object) (any, bool) {
	values := o.Array("enum")
	if v, ok := o.Values["const"]; ok {
		values = []any{v}
	}
	var types []any
	for _, v := range values {
		i := slices.IndexFunc(simple, func(typ string) bool { return isOf(v, typ) })
		if i < 0 {
			return nil, false
		}
		if typ := any(simple[i]); !slices.Contains(types, typ) {
			types = append(types, typ)
		}
	}
	if len(types) == 1 {
		return types[0], true
	}
	return types, true
}

// simple are the types of values that hold no others, the narrowest first.
var simple = []string{"string", "integer", "number", "boolean", "null"}
