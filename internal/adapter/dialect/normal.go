package dialect

import (
	"encoding/json"
	"math"
	"slices"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// dropMisfits drops the values of enum and const that do not have the type next to them: APIs
// refuse such a schema. The rest accepts the same values, unless nothing is left.
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

// isOf reports whether a value has a type, as far as that is easy to tell.
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

// isInteger reports whether a number is an integer in any spelling. A number that is too large
// to tell counts as one.
func isInteger(n json.Number) bool {
	f, err := n.Float64()
	return err != nil || f == math.Trunc(f)
}

// typeOf returns the "type" of the values of enum or const, and whether all of them are
// scalar.
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

// simple are the types of scalar values, the narrowest first.
var simple = []string{"string", "integer", "number", "boolean", "null"}
