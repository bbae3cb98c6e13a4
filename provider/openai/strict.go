package openai

import (
	"encoding/json"

	"github.com/funcall/funcall/internal/adapter/dialect"
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiretool"
)

// answerSchema returns the schema of an answer. The mode is what the feature is
// about, on every server; those that are asked for it with tools, too, are as
// strict about the root.
func answerSchema(schema json.RawMessage, strict bool) ([]byte, bool, error) {
	if strict && !wiretool.OpenAI.Fits(schema) {
		return nil, false, wire.Unsupported("the API accepts no oneOf, anyOf, allOf, enum or not at the root of a schema")
	}
	return toolSchema(schema, true)
}

// toolSchema returns the schema of a tool's arguments: for strict mode, where
// that is wanted and loses nothing, or else as it is, which is advice.
func toolSchema(schema json.RawMessage, wanted bool) (_ []byte, strict bool, err error) {
	if wanted {
		if b, err := dialect.OpenAIStrict(schema); err == nil {
			return b, true, nil
		}
	}
	if b, err := dialect.OpenAI(schema); err == nil {
		return b, false, nil
	}
	b, err := wire.Schema(schema)
	return b, false, err
}
