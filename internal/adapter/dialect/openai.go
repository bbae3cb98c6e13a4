package dialect

import (
	"encoding/json"
	"slices"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// OpenAI returns the schema for OpenAI's APIs without strict mode, where it is only advice for
// the model. They accept all of JSON Schema, but require some keywords that it does not.
func OpenAI(schema json.RawMessage) ([]byte, error) {
	root, err := parse(schema)
	if err != nil {
		return nil, err
	}
	if !root.Has("properties") {
		root.Set("properties", schematree.NewObject())
	}
	root.Walk("", func(_ string, o *schematree.Object) {
		if !slices.Contains(o.Types(), "array") {
			return
		}
		if items, ok := o.Values["items"]; !ok || items == true {
			o.Set("items", schematree.NewObject())
		} else if items == false {
			nothing := schematree.NewObject()
			nothing.Set("not", schematree.NewObject())
			o.Set("items", nothing)
		}
	})
	return schematree.Append(nil, root), nil
}
