package openai

import (
	"encoding/json"

	"github.com/funcall/funcall/internal/adapter/dialect"
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiretool"
)

// answerSchema returns the schema of a structured output. It uses strict mode on every server,
// because the feature is about it. strict says that the server has strict mode for tools; such
// servers also check the root.
func answerSchema(schema json.RawMessage, strict bool) ([]byte, bool, error) {
	if strict && !wiretool.OpenAI.Fits(schema) {
		return nil, false, wire.Unsupported("the API accepts no oneOf, anyOf, allOf, enum or not at the root of a schema")
	}
	return toolSchema(schema, true)
}

// toolSchema returns the schema of a tool's arguments: for strict mode if wanted and possible,
// or else unchanged, which is only advice for the model.
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
