package openai

import (
	"encoding/json"

	"github.com/funcall/funcall/internal/dialect"
	"github.com/funcall/funcall/internal/wire"
)

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
