package anthropic_test

import (
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
)

func TestR31_FailuresSayWhatTheyUsed(t *testing.T) {
	begun := event(started) + begin("0", `{"type":"text","text":""}`) + delta("0", `{"type":"text_delta","text":"Hel"}`)
	told := provider.Usage{Input: 40, Output: 1}
	adaptertest.Used(t, api, map[string]adaptertest.Told{
		"an error event":      {Reply: begun + api.StreamError, Usage: told, Model: "claude-test-1"},
		"a broken stream":     {Reply: begun, Usage: told, Model: "claude-test-1"},
		"a broken event":      {Reply: begun + event(`{"type":`), Usage: told, Model: "claude-test-1"},
		"a page in the midst": {Reply: begun + event(`<html>`), Usage: told, Model: "claude-test-1"},
	})
}
