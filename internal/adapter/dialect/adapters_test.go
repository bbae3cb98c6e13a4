package dialect_test

import (
	"encoding/json"
	"testing"

	"github.com/funcall/funcall/internal/adapter/dialect"
	"github.com/funcall/funcall/internal/apitest/anthropicserver"
	"github.com/funcall/funcall/internal/apitest/apiserver"
	"github.com/funcall/funcall/internal/apitest/chatserver"
	"github.com/funcall/funcall/internal/apitest/geminiserver"
	"github.com/funcall/funcall/internal/apitest/responsesserver"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
	"github.com/funcall/funcall/provider/gemini"
	"github.com/funcall/funcall/provider/openai"
	"github.com/funcall/funcall/provider/providertest"
)

// TestServersTakeOddSchemas sends unusual schemas as a property, as the root of arguments and
// as an output schema. Each server refuses what the real one does.
func TestServersTakeOddSchemas(t *testing.T) {
	clients := map[string]struct {
		serve func(...providertest.Turn) *apiserver.Server
		dial  func(address string) provider.Provider
	}{
		"chat": {chatserver.New, func(a string) provider.Provider { return openai.New("m", openai.BaseURL(a), openai.APIKey("key-1")) }},
		"chat, strict": {chatserver.New, func(a string) provider.Provider {
			return openai.New("m", openai.BaseURL(a), openai.APIKey("key-1"), openai.Strict(true))
		}},
		"responses": {responsesserver.New, func(a string) provider.Provider {
			return openai.NewResponses("m", openai.BaseURL(a), openai.APIKey("key-1"))
		}},
		"responses, strict": {responsesserver.New, func(a string) provider.Provider {
			return openai.NewResponses("m", openai.BaseURL(a), openai.APIKey("key-1"), openai.Strict(true))
		}},
		"anthropic": {anthropicserver.New, func(a string) provider.Provider {
			return anthropic.New("m", anthropic.BaseURL(a), anthropic.APIKey("key-1"))
		}},
		"gemini": {geminiserver.New, func(a string) provider.Provider { return gemini.New("m", gemini.BaseURL(a), gemini.APIKey("key-1")) }},
		"gemini, OpenAPI": {geminiserver.New, func(a string) provider.Provider {
			return gemini.New("m", gemini.BaseURL(a), gemini.APIKey("key-1"), gemini.OpenAPISchemas())
		}},
	}
	var schemas []json.RawMessage
	for s := range dialect.Odd {
		schemas = append(schemas, json.RawMessage(`{"type":"object","properties":{"a":`+s+`},"required":["a"],"additionalProperties":false}`))
		if s != "true" {
			schemas = append(schemas, json.RawMessage(s))
		}
	}
	for name, c := range clients {
		t.Run(name, func(t *testing.T) {
			turns := make([]providertest.Turn, 2*len(schemas))
			for i := range turns {
				turns[i] = providertest.Say("ok")
			}
			model := c.dial(c.serve(turns...).Start(t))
			for _, s := range schemas {
				req := &provider.Request{Messages: []*provider.Message{provider.User("Hi")}, Tools: []*provider.Tool{{Name: "f", Description: "Does it.", Schema: s}}}
				if _, err := model.Generate(t.Context(), req, nil); err != nil {
					t.Errorf("as arguments: %s: %v", s, err)
				}
				req = &provider.Request{Messages: req.Messages, OutputSchema: &provider.OutputSchema{Name: "form", Schema: s}}
				_, err := model.Generate(t.Context(), req, nil)
				if e, ok := err.(*provider.Error); err != nil && (!ok || e.Kind != provider.KindUnsupported) {
					t.Errorf("as the answer: %s: %v", s, err)
				}
			}
		})
	}
}
