package schema

import (
	"encoding/json"
	"math"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/internal/schema/schematree"
)

// Sizes beyond this are out of reach for arguments of at most MaxArgs bytes, and
// beyond what the vendor counts with.
const maxSize = math.MaxInt32

// fixBounds spells the bounds of draft 4, where "exclusiveMinimum" is true or
// false, and whole numbers that are written 3.0. An upper bound that nothing
// can reach is dropped.
func fixBounds(o *schematree.Object) {
	for exclusive, bound := range map[string]string{"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"} {
		if on, isBool := o.Values[exclusive].(bool); isBool {
			o.Delete(exclusive)
			if on && o.Has(bound) {
				o.Rename(bound, exclusive)
			}
		}
	}
	for _, keyword := range slices.Clone(o.Keys) {
		n, ok := o.Values[keyword].(json.Number)
		if !ok || keywords[keyword].holds != aSize {
			continue
		}
		if n, ok = whole(n); !ok {
			continue
		}
		if o.Set(keyword, n); strings.HasPrefix(keyword, "max") && tooLarge(n) {
			o.Delete(keyword)
		}
	}
}

// tooLarge reports whether a whole number is a size that nothing can reach.
func tooLarge(n json.Number) bool {
	if n == "" || n[0] == '-' {
		return false
	}
	i, err := n.Int64()
	return err != nil || i > maxSize
}

// fixItems spells tuples: a list of schemas under "items", and
// "additionalItems" for what follows, which elsewhere means nothing.
func fixItems(o *schematree.Object) {
	list, isList := o.Values["items"].([]any)
	if isList {
		if o.Has("prefixItems") || len(list) == 0 {
			o.Delete("items")
		} else {
			o.Rename("items", "prefixItems")
		}
		if o.Has("additionalItems") && !o.Has("items") {
			o.Rename("additionalItems", "items")
		}
	}
	o.Delete("additionalItems")
}

// fixDependencies spells "dependencies", which hold names or a schema.
func fixDependencies(o *schematree.Object) {
	all := o.Object("dependencies")
	if all == nil {
		return
	}
	names, schemas := schematree.NewObject(), schematree.NewObject()
	for key, v := range o.Object("dependentRequired").All() {
		names.Set(key, v)
	}
	for key, v := range o.Object("dependentSchemas").All() {
		schemas.Set(key, v)
	}
	for key, v := range all.All() {
		switch v := v.(type) {
		case string: // of draft 3
			names.Set(key, union(names.Array(key), []any{v}))
		case []any:
			names.Set(key, union(names.Array(key), v))
		default: // a schema, or a mistake, to be found where it is looked for
			if had, ok := schemas.Values[key]; ok {
				both := schematree.NewObject()
				both.Set("allOf", []any{had, v})
				schemas.Set(key, both)
				continue
			}
			schemas.Set(key, v)
		}
	}
	o.Delete("dependencies")
	if len(names.Keys) > 0 {
		o.Set("dependentRequired", names)
	}
	if len(schemas.Keys) > 0 {
		o.Set("dependentSchemas", schemas)
	}
}

// union returns the values of both lists, each once.
func union(a, b []any) []any {
	seen := map[string]bool{}
	var all []any
	for _, v := range slices.Concat(a, b) {
		text := string(jsontree.Append(nil, schematree.Plain(v)))
		if !seen[text] {
			seen[text] = true
			all = append(all, v)
		}
	}
	return all
}

// fixEnum keeps the values of an enum that the types beside it allow, each once:
// the others never match, and would mislead. An enum without values matches
// nothing.
func fixEnum(o *schematree.Object) {
	list, ok := o.Values["enum"].([]any)
	if !ok {
		return
	}
	if len(list) == 0 {
		o.Delete("enum")
		addAlso(o, "not", schematree.NewObject())
		return
	}
	list = union(list, nil)
	types := o.Types()
	if o.Values["nullable"] == true {
		types = append(slices.Clone(types), "null")
	}
	if fitting := slices.DeleteFunc(slices.Clone(list), func(v any) bool { return o.Has("type") && !isOf(v, types) }); len(fitting) > 0 {
		list = fitting
	}
	o.Set("enum", list)
}

// addAlso adds a keyword, beside one that may be there.
func addAlso(o *schematree.Object, keyword string, v any) {
	if !o.Has(keyword) {
		o.Set(keyword, v)
		return
	}
	also := schematree.NewObject()
	also.Set(keyword, v)
	o.Set("allOf", append(slices.Clone(o.Array("allOf")), also))
}

// isOf reports whether a value is of one of the types.
func isOf(v any, types []string) bool {
	kind := kindOf(v)
	if slices.Contains(types, kind) {
		return true
	}
	n, isNumber := v.(json.Number)
	if !isNumber || !slices.Contains(types, "integer") {
		return false
	}
	_, isWhole := whole(n)
	return isWhole
}

// fixExamples makes a list of OpenAPI's "example", and drops "examples" that are
// no list.
func fixExamples(o *schematree.Object) {
	if _, isList := o.Values["examples"].([]any); !isList {
		o.Delete("examples")
	}
	example, ok := o.Values["example"]
	if !ok {
		return
	}
	o.Delete("example")
	if !o.Has("examples") && example != nil {
		o.Set("examples", []any{example})
	}
}

// Keywords beside which a type that includes null is not enough for null.
var refusingNull = []string{"$ref", "const", "allOf", "anyOf", "oneOf", "not", "if"}

// fixNullable spells OpenAPI's "nullable": the value may be null as well.
func fixNullable(o *schematree.Object) {
	nullable := o.Values["nullable"] == true
	o.Delete("nullable")
	if !nullable {
		return
	}
	if !slices.ContainsFunc(refusingNull, o.Has) {
		if o.Has("type") && !slices.Contains(o.Types(), "null") {
			var types []any
			for _, t := range o.Types() {
				types = append(types, t)
			}
			o.Set("type", append(types, "null"))
		}
		if list := o.Array("enum"); o.Has("enum") && !slices.Contains(list, nil) {
			o.Set("enum", append(slices.Clone(list), nil))
		}
		return
	}
	null, inner, outer := schematree.NewObject(), schematree.NewObject(), schematree.NewObject()
	null.Set("type", "null")
	for key, v := range o.All() {
		if constrains(key) {
			inner.Set(key, v)
		} else {
			outer.Set(key, v)
		}
	}
	if list := inner.Array("anyOf"); len(inner.Keys) == 1 && list != nil {
		outer.Set("anyOf", append(slices.Clone(list), null))
	} else {
		outer.Set("anyOf", []any{inner, null})
	}
	*o = *outer
}
