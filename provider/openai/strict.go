package openai

import "github.com/funcall/funcall/internal/jsontree"

// strictKeywords are what structured outputs enforce.
var strictKeywords = map[string]bool{
	"type": true, "properties": true, "required": true, "additionalProperties": true, "items": true,
	"enum": true, "const": true, "anyOf": true, "description": true, "title": true,
	"pattern": true, "minimum": true, "maximum": true, "exclusiveMinimum": true, "exclusiveMaximum": true,
	"multipleOf": true, "minItems": true, "maxItems": true,
}

// strictEligible reports whether the API's strict mode takes the schema as it
// is: every object closed, every property required, no other keywords. A
// schema that is not is sent as advice, which the API does not enforce.
func strictEligible(schema []byte) bool {
	v, _, err := jsontree.Parse(schema)
	root, ok := v.(map[string]any)
	return err == nil && ok && root["type"] == "object" && strictSchema(root)
}

func strictSchema(v any) bool {
	schema, ok := v.(map[string]any)
	if !ok || len(schema) == 0 {
		return false
	}
	for keyword := range schema {
		if !strictKeywords[keyword] {
			return false
		}
	}
	if schema["type"] == "object" {
		properties, _ := schema["properties"].(map[string]any)
		required, _ := schema["required"].([]any)
		if schema["additionalProperties"] != false || len(required) != len(properties) {
			return false
		}
		for _, p := range properties {
			if !strictSchema(p) {
				return false
			}
		}
	}
	if items, ok := schema["items"]; ok && !strictSchema(items) {
		return false
	}
	options, _ := schema["anyOf"].([]any)
	for _, o := range options {
		if !strictSchema(o) {
			return false
		}
	}
	return true
}
