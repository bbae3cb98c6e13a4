package gemini_test

import (
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
)

func TestR31_FailuresSayWhatTheyUsed(t *testing.T) {
	const counts = `"usageMetadata":{"promptTokenCount":40,"candidatesTokenCount":3,"thoughtsTokenCount":2,"totalTokenCount":45},"modelVersion":"gemini-3-pro-001"`
	begun := event(`{"candidates":[{"content":{"role":"model","parts":[{"text":"Hel"}]},"index":0}],` + counts + `}`)
	told := provider.Usage{Input: 40, Output: 5, Reasoning: 2}
	adaptertest.Used(t, api, map[string]adaptertest.Told{
		"an error event":   {Reply: begun + api.StreamError, Usage: told, Model: "gemini-3-pro-001"},
		"a broken stream":  {Reply: begun, Usage: told, Model: "gemini-3-pro-001"},
		"a refused prompt": {Reply: `{"promptFeedback":{"blockReason":"OTHER"},` + counts + `}`, Usage: told, Model: "gemini-3-pro-001"},
		"a malformed call": {Reply: `{"candidates":[{"content":{},"finishReason":"MALFORMED_FUNCTION_CALL"}],` + counts + `}`, Usage: told, Model: "gemini-3-pro-001"},
	})
}
