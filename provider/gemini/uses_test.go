package gemini_test

import (
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider/gemini"
)

// Older models charge for a prompt, and newer ones for each query. A name may have a path.
func TestSearchesByModel(t *testing.T) {
	const found = `{"candidates":[{"content":{"role":"model","parts":[{"text":"Rain."}]},"finishReason":"STOP","groundingMetadata":{"webSearchQueries":["a","b"],"groundingChunks":[{"web":{"title":"c","uri":"d"}}]}}]}`
	for name, want := range map[string]int64{
		"gemini-2.5-flash": 1, "models/gemini-2.5-flash": 1, "publishers/google/models/gemini-2.5-flash": 1,
		"gemini-3-pro": 2, "models/gemini-3-pro": 2,
	} {
		p := gemini.New(name, gemini.APIKey("k"), gemini.HTTPClient(adaptertest.Replay("application/json", found)))
		resp, err := p.Generate(t.Context(), adaptertest.Question, nil)
		if err != nil || resp.Usage.WebSearches != want {
			t.Errorf("%s: %+v, %v, want %d searches", name, resp, err, want)
		}
	}
}
