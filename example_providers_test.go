package funcall_test

import (
	"os"

	"github.com/funcall/funcall/provider/anthropic"
	"github.com/funcall/funcall/provider/gemini"
	"github.com/funcall/funcall/provider/openai"
)

// Every model is a provider.Provider.
func Example_providers() {
	_ = openai.New("gpt-5-mini", openai.APIKey(os.Getenv("OPENAI_API_KEY")))     // Chat Completions, and all that speak it
	_ = openai.NewResponses("gpt-5", openai.APIKey(os.Getenv("OPENAI_API_KEY"))) // the Responses API
	_ = anthropic.New("claude-sonnet-4-5", anthropic.APIKey(os.Getenv("ANTHROPIC_API_KEY")))
	_ = gemini.New("gemini-2.5-flash", gemini.APIKey(os.Getenv("GEMINI_API_KEY")))
}
