package gemini_test

import (
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/internal/apitest/geminiserver"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/gemini"
	"github.com/funcall/funcall/provider/providertest"
)

func TestConformance(t *testing.T) {
	dial := func(key, address string) provider.Provider {
		return gemini.New("gemini-3-test", gemini.APIKey(key), gemini.BaseURL(address))
	}
	adaptertest.Conform(t, geminiserver.New, dial,
		providertest.Skip("BrokenArguments", "the API has arguments as an object"),
		providertest.Skip("BreakOffInCall", "the API sends a call as a whole"),
		providertest.Skip("CancelInCall", "the API sends a call as a whole"),
		providertest.Skip("UsageCacheWrite", "the API does not say what it wrote to its cache"),
		providertest.Skip("RequestID", "the API has no id but the response's"),
		providertest.Skip("ErrorRequestID", "the API has no id but the response's"),
		providertest.Skip("ErrorFiltered", "the API refuses a prompt with status 200: TestQuirks"),
	)
}
