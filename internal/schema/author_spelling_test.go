package schema

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// spell says a schema in the author's spelling.
func (a *author) spell(v any) any {
	n, ok := v.(object)
	if !ok {
		return v
	}
	out := object{}
	for key, v := range n {
		switch list, isList := v.([]any); {
		case slices.Contains(schemaMaps, key):
			m := object{}
			for name, sub := range v.(object) {
				m[name] = a.spell(sub)
			}
			out[key] = m
		case isList && slices.Contains([]string{"allOf", "anyOf", "oneOf", "prefixItems"}, key):
			made := make([]any, len(list))
			for i, sub := range list {
				made[i] = a.spell(sub)
			}
			out[key] = made
		case isKeyword(key):
			out[key] = a.spell(v)
		case key == "pattern":
		case key == "!pattern":
			out["pattern"] = v
		default:
			out[key] = v
		}
	}
	a.older(out)
	a.sloppy(out)
	a.annotate(out)
	return out
}

var schemaMaps = []string{"properties", "patternProperties", "dependentSchemas"}

// older spells keywords as the draft has them, or as any has them.
func (a *author) older(o object) {
	maybe := func() bool { return a.draft == undeclared && a.chance(50) }
	if ref, ok := o["$ref"].(string); ok {
		name := strings.TrimPrefix(ref, "#/$defs/")
		switch {
		case name == "#" && a.draft == 2019 && a.chance(50):
			delete(o, "$ref")
			o["$recursiveRef"] = "#"
		case name == "#":
		case a.anchors:
			o["$ref"] = "#" + name
			if _, isObject := a.defs[name].(object); !isObject {
				o["$ref"] = a.prefix + name
			}
		default:
			o["$ref"] = a.prefix + name
		}
		if a.draft.before(2019) && a.chance(40) { // which mean nothing there
			o["maxLength"], o["type"] = 0, "null"
		}
	}
	if list, ok := o["prefixItems"].([]any); ok && (a.draft.before(2020) || maybe()) {
		if rest, ok := o["items"]; ok {
			o["additionalItems"] = rest
		}
		o["items"] = list
		delete(o, "prefixItems")
	} else if a.draft.before(2020) && a.chance(5) && !ok {
		o["additionalItems"] = false // without a list it means nothing
	}
	for exclusive, bound := range map[string]string{"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"} {
		v, ok := o[exclusive]
		switch {
		case ok && (a.draft == 4 || maybe()):
			o[bound], o[exclusive] = v, true
		case !ok && o[bound] != nil && (a.draft == 4 || maybe()):
			o[exclusive] = false
		}
	}
	names, _ := o["dependentRequired"].(object)
	schemas, _ := o["dependentSchemas"].(object)
	if names != nil || schemas != nil {
		if a.draft.before(2019) || maybe() {
			all := object{}
			for k, v := range schemas {
				all[k] = v
			}
			for k, v := range names {
				all[k] = v
			}
			delete(o, "dependentRequired")
			delete(o, "dependentSchemas")
			o["dependencies"] = all
		}
	}
}

// sloppy spells keywords as no draft has them, and all the same clearly.
func (a *author) sloppy(o object) {
	for _, key := range []string{"minLength", "minItems", "minProperties", "minContains", "maxLength", "maxItems", "maxProperties", "maxContains"} {
		if n, ok := o[key].(int); ok && a.chance(20) {
			o[key] = json.Number(strconv.Itoa(n) + ".0")
		}
	}
	if o["type"] == "string" && o["maxLength"] == nil && a.chance(10) {
		o["maxLength"] = json.Number(a.text("9223372036854775807", "1e300", "18446744073709551616"))
	}
	if a.draft != undeclared {
		return
	}
	if props, ok := o["properties"].(object); ok {
		required, _ := o["required"].([]any)
		if a.chance(25) {
			var left []any
			for _, name := range required {
				if p, ok := props[name.(string)].(object); ok && p["required"] == nil && a.chance(60) {
					p["required"] = true
				} else {
					left = append(left, name)
				}
			}
			if o["required"] = left; left == nil {
				delete(o, "required")
			}
		}
		for _, p := range props {
			if p, ok := p.(object); ok && p["required"] == nil && a.chance(5) {
				p["required"] = false
			}
		}
		if o["required"] == nil && a.chance(20) {
			o["required"] = a.one(nil, []any{})
		}
		if len(props) == 0 {
			o["properties"] = a.one(nil, []any{}, object{}, object{})
		}
	}
	switch t := o["type"].(type) {
	case string:
		if a.chance(15) {
			o["type"] = a.text(strings.ToUpper(t), strings.ToUpper(t[:1])+t[1:], t)
		}
	case []any:
		if len(t) == 2 && t[1] == "null" && a.chance(60) {
			o["type"], o["nullable"] = t[0], true
			if list, ok := o["enum"].([]any); ok && a.chance(50) {
				o["enum"] = list[:len(list)-1]
			}
		}
	case nil:
		if a.chance(10) && o["$ref"] == nil {
			o["type"] = "any"
		}
	}
	if o["type"] == "string" && o["enum"] != nil && o["nullable"] == nil && a.chance(40) {
		o["enum"] = append(slices.Clone(o["enum"].([]any)), nil, 7, "a")
	}
}

// annotate adds what constrains nothing.
func (a *author) annotate(o object) {
	value := func() any { return a.one(nil, "a", 1, true, []any{}, object{}, "2026-01-31", -0.5) }
	if a.chance(15) {
		o["default"] = value()
	}
	if a.chance(8) {
		o["examples"] = []any{value(), value()}
	}
	if a.chance(5) {
		o["example"] = value()
	}
	if o["type"] == "string" && a.chance(15) {
		o["format"] = a.text("date-time", "email", "uuid", "uri", "our-own", "int64")
	}
	if o["type"] == "string" && a.chance(5) {
		o["contentEncoding"] = "base64"
	}
	if a.chance(10) {
		o["description"] = "d"
	}
	if a.chance(5) {
		o[a.text("x-order", "errorMessage", "optional", "title")] = a.text("a", "b")
	}
}

// value writes a value that may fit what a schema means.
func (a *author) value(v any, root object, depth int) any {
	n, ok := v.(object)
	anything := func() any {
		return a.one(nil, true, 1, -2, 0.5, "a", "ab", "ä", "b", "a\u00a0", "α", "-", "", []any{}, []any{1, "a"}, object{}, object{"a": 1}, object{"b": "a", "x1": 2})
	}
	if !ok || depth > 7 || a.chance(6) {
		return anything()
	}
	if ref, ok := n["$ref"].(string); ok {
		if ref == "#" {
			return a.value(root, root, depth+1)
		}
		return a.value(a.defs[strings.TrimPrefix(ref, "#/$defs/")], root, depth+1)
	}
	for _, key := range []string{"allOf", "anyOf", "oneOf"} {
		if list, ok := n[key].([]any); ok {
			return a.value(list[a.IntN(len(list))], root, depth+1)
		}
	}
	if c, ok := n["const"]; ok {
		return c
	}
	if list, ok := n["enum"].([]any); ok {
		return list[a.IntN(len(list))]
	}
	kind, _ := n["type"].(string)
	if list, ok := n["type"].([]any); ok {
		kind = list[a.IntN(len(list))].(string)
	}
	switch kind {
	case "object":
		o := object{}
		required, _ := n["required"].([]any)
		props, _ := n["properties"].(object)
		for name, p := range props {
			if slices.Contains(required, any(name)) && a.chance(93) || a.chance(50) {
				o[name] = a.value(p, root, depth+1)
			}
		}
		if a.chance(15) {
			o[a.text("x1", "Z", "b")] = anything()
		}
		return o
	case "array":
		var list = []any{}
		prefix, _ := n["prefixItems"].([]any)
		for i := range a.IntN(4) {
			if i < len(prefix) {
				list = append(list, a.value(prefix[i], root, depth+1))
			} else {
				list = append(list, a.value(n["items"], root, depth+1))
			}
		}
		return list
	case "string":
		return a.text("a", "ab", "ä", "ää", "abc", "a/", "", "b", "1", "a-", "α", "a b", "bbbbb")
	case "number":
		return a.one(0, 1, -1, 2, 0.5, -2, 3, json.Number("1.0"), json.Number("1e2"))
	case "integer":
		return a.one(0, 1, -1, 2, -3, 3, 4, json.Number("2.0"))
	case "boolean":
		return a.chance(50)
	case "null":
		return nil
	}
	return anything()
}
