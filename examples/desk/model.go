package main

import (
	"cmp"
	"os"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

// newModel returns a real model if there is a key, and the rules otherwise.
func newModel() provider.Provider {
	key := os.Getenv("OPENAI_API_KEY")
	if key == "" {
		return rules{}
	}
	server := cmp.Or(os.Getenv("OPENAI_BASE_URL"), "https://api.openai.com/v1")
	return openai.New("gpt-5-mini", openai.APIKey(key), openai.BaseURL(server))
}
