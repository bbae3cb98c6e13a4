package openai_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

// TestOutputSchemaWithAnyOfRoot asks for an output whose schema has anyOf at the root. OpenAI
// refuses it, so the error is of kind unsupported; other servers may accept it.
func TestOutputSchemaWithAnyOfRoot(t *testing.T) {
	req := &provider.Request{Messages: adaptertest.Question.Messages, OutputSchema: &provider.OutputSchema{Schema: json.RawMessage(`{"type":"object","anyOf":[{"required":["a"]},{"required":["b"]}]}`)}}
	const reply = `{"choices":[{"message":{"content":"{}"},"finish_reason":"stop"}]}`
	for address, taken := range map[string]bool{"https://api.openai.com/v1": false, "http://localhost:1/v1": true} {
		client, sent := adaptertest.Record(reply)
		_, err := openai.New("m", openai.BaseURL(address), openai.HTTPClient(client)).Generate(t.Context(), req, nil)
		if taken {
			if err != nil || !strings.Contains((*sent)[0], `"schema":{"type":"object","anyOf":[`) {
				t.Errorf("%s: %v: %s", address, err, *sent)
			}
			continue
		}
		if e := adaptertest.Failure(t, err); e.Kind != provider.KindUnsupported || !strings.Contains(e.Message, "at the root of a schema") || len(*sent) > 0 {
			t.Errorf("%s: %v", address, err)
		}
		_, err = openai.NewResponses("m", openai.BaseURL(address), openai.HTTPClient(client)).Generate(t.Context(), req, nil)
		if e := adaptertest.Failure(t, err); e.Kind != provider.KindUnsupported || len(*sent) > 0 {
			t.Errorf("%s: responses: %v", address, err)
		}
	}
}
