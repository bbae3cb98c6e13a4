package dialect

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// claude is the dialect of Anthropic's structured outputs (guide "Structured outputs", JSON
// Schema limitations). Constraints of numbers and lengths move into descriptions.
var claude = &Dialect{
	keywords: []string{"type", "properties", "required", "additionalProperties", "items", "enum", "anyOf",
		"description", "$ref", "$defs", "format", "default"},
	rewrite: beside,
	numbers: true,
}

// What one request may hold.
const (
	maxOptional = 24
	maxUnions   = 16
)

// AnthropicStrict returns the schema for Anthropic's structured outputs. It returns an error
// for a schema that the API cannot enforce, such as one with additional properties or a
// recursive one.
func AnthropicStrict(schema json.RawMessage) ([]byte, error) {
	root, err := parse(schema)
	if err != nil {
		return nil, err
	}
	optional, unions := 0, 0
	var refusals []error
	refuse := func(format string, args ...any) { refusals = append(refusals, fmt.Errorf(format, args...)) }
	if root.Has("$defs") { // a canonical schema keeps those of recursive types alone
		refuse("the schema is recursive")
	}
	root.Walk("", func(path string, o *schematree.Object) {
		if slices.Contains(o.Types(), "object") {
			if o.Values["additionalProperties"] != false {
				refuse("%s allows additional properties", at(path))
			}
			optional += len(o.Object("properties").Names()) - len(o.Texts("required"))
		}
		if o.Has("anyOf") || o.Has("oneOf") || len(o.Types()) > 1 {
			unions++
		}
		for spot, v := range o.Subschemas() {
			if _, ok := v.(bool); ok && spot.Keyword != "additionalProperties" {
				refuse("%s has a boolean schema", at(path+spot.Path()))
			}
		}
		for _, keyword := range []string{"allOf", "not", "if", "patternProperties", "propertyNames", "prefixItems"} {
			if o.Has(keyword) {
				refuse("%s uses %q", at(path), keyword)
			}
		}
		if len(o.Names()) == 0 || !o.Has("type") && !o.Has("anyOf") && !o.Has("oneOf") && !o.Has("enum") && !o.Has("const") && !o.Has("$ref") && !strings.HasSuffix(path, "/properties") {
			refuse("%s allows any value", at(path))
		}
	})
	if optional > maxOptional || unions > maxUnions {
		refuse("the schema has %d optional properties and %d unions; the API allows %d and %d", optional, unions, maxOptional, maxUnions)
	}
	if len(refusals) > 0 {
		return nil, refusals[0]
	}
	return claude.Convert(schema)
}
