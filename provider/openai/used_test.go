package openai_test

import (
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
)

func TestR31_FailuresSayWhatTheyUsed(t *testing.T) {
	const counts = `"usage":{"prompt_tokens":40,"completion_tokens":3,"total_tokens":43}`
	begun := sse(`{"id":"r1","model":"gpt-test-1","choices":[{"index":0,"delta":{"content":"Hel"}}],` + counts + `}`)
	told := provider.Usage{Input: 40, Output: 3}
	adaptertest.Used(t, chat, map[string]adaptertest.Told{
		"an error event":       {Reply: begun + chat.StreamError, Usage: told, Model: "gpt-test-1"},
		"a broken stream":      {Reply: begun, Usage: told, Model: "gpt-test-1"},
		"an answer broken off": {Reply: `{"model":"gpt-test-1","choices":[{"index":0,"message":{"content":"Hel"},"finish_reason":"error"}],` + counts + `}`, Usage: told, Model: "gpt-test-1"},
	})
}

func TestR31_ResponsesFailuresSayWhatTheyUsed(t *testing.T) {
	const response = `"model":"gpt-test-1","usage":{"input_tokens":40,"output_tokens":3,"output_tokens_details":{"reasoning_tokens":2}}`
	told := provider.Usage{Input: 40, Output: 3, Reasoning: 2}
	adaptertest.Used(t, responses, map[string]adaptertest.Told{
		"a failed response": {Reply: responses.StreamHead + sse(`{"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"Oh"},`+response+`}}`), Usage: told, Model: "gpt-test-1"},
		"a broken stream":   {Reply: sse(`{"type":"response.created","response":{"id":"resp_1",` + response + `}}`), Usage: told, Model: "gpt-test-1"},
	})
}
