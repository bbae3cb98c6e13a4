package gemini_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/gemini"
)

// TestAllowedFunctions sends a request that may call only some tools to models that know the
// mode VALIDATED and to others.
func TestAllowedFunctions(t *testing.T) {
	var all []*provider.Tool
	for _, name := range []string{"a", "b/c", "d"} {
		all = append(all, &provider.Tool{Name: name, Schema: json.RawMessage(`{"type":"object","properties":{}}`)})
	}
	req := &provider.Request{AllTools: all, Tools: all[1:], Messages: adaptertest.Question.Messages}
	for _, c := range []struct {
		model string
		opts  []gemini.Option
		knows bool
	}{
		{"gemini-1.5-pro", nil, false},
		{"gemini-2.0-flash", nil, false},
		{"gemini-2.5-flash", nil, true},
		{"gemini-3-pro", nil, true},
		{"gemini-flash-latest", nil, true},
		{"publishers/google/models/gemini-2.5-pro", nil, true},
		{"gemma-3-27b-it", nil, false},
		{"tunedModels/mine", nil, false},
		{"gemini-2.5-flash", []gemini.Option{gemini.OpenAPISchemas()}, false},
	} {
		hc, bodies := adaptertest.Record(said)
		if _, err := gemini.New(c.model, append(c.opts, gemini.HTTPClient(hc))...).Generate(t.Context(), req, nil); err != nil {
			t.Fatalf("%s: %v", c.model, err)
		}
		body := (*bodies)[0]
		const restricted = `"toolConfig":{"functionCallingConfig":{"mode":"VALIDATED","allowedFunctionNames":["b_c_xhrl5ona","d"]}}`
		if strings.Contains(body, restricted) != c.knows || strings.Contains(body, `"name":"a"`) != c.knows || strings.Contains(body, "toolConfig") != c.knows {
			t.Errorf("%s: %s", c.model, body)
		}
	}
}
