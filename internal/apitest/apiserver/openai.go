package apiserver

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// OpenAISchema says what OpenAI's APIs have against the schema of a function's
// arguments, strict or not, or returns "".
func OpenAISchema(root Object) string {
	for _, keyword := range []string{"oneOf", "anyOf", "allOf", "enum", "not"} {
		if root[keyword] != nil || root["type"] != "object" {
			return "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level."
		}
	}
	if root["properties"] == nil {
		return "In context=(), object schema missing properties."
	}
	return openAIBelow(root, "()")
}

func openAIBelow(s Object, context string) string {
	types, _ := s["type"].([]any)
	if s["type"] != nil && types == nil {
		types = []any{s["type"]}
	}
	if slices.Contains(types, "array") && s["items"] == nil {
		return fmt.Sprintf("In context=%s, array schema missing items.", context)
	}
	values, _ := s["enum"].([]any)
	for _, v := range values {
		if types != nil && !slices.ContainsFunc(types, func(t any) bool { return isOfType(v, t) }) {
			return fmt.Sprintf("In context=%s, enum value %v does not validate against %v.", context, v, s["type"])
		}
	}
	for keyword, v := range s {
		for at, sub := range subschemas(keyword, v) {
			switch sub := sub.(type) {
			case bool:
			case Object:
				if mistake := openAIBelow(sub, fmt.Sprintf("('%s', '%s')", keyword, at)); mistake != "" {
					return mistake
				}
			default:
				return fmt.Sprintf("In context=%s, %v is not of type 'object', 'boolean'.", context, sub)
			}
		}
	}
	return ""
}

// subschemas returns the schemas that a keyword holds.
func subschemas(keyword string, v any) map[string]any {
	below := map[string]any{}
	switch keyword {
	case "items", "additionalProperties", "not", "if", "then", "else", "contains":
		below[""] = v
	case "properties", "patternProperties", "dependentSchemas", "$defs":
		m, _ := v.(Object)
		return m
	case "anyOf", "oneOf", "allOf", "prefixItems":
		list, _ := v.([]any)
		for i, e := range list {
			below[fmt.Sprint(i)] = e
		}
	}
	return below
}

func isOfType(v, typ any) bool {
	switch typ {
	case "null":
		return v == nil
	case "integer": // 1.0 is one
		n, ok := v.(json.Number)
		f, err := n.Float64()
		return ok && (err != nil || f == math.Trunc(f))
	}
	kind, _ := typ.(string)
	return v != nil && Kind(kind).Has(v)
}
