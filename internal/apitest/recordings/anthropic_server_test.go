package recordings

import (
	"encoding/json"
	"testing"

	"github.com/funcall/funcall/internal/apitest/anthropicserver"
)

func TestAnthropicRequests(t *testing.T) {
	sent := func(e exchange) (string, []byte) { return "/v1/messages", signed(t, e.Request) }
	checkRequests(t, load(t, anthropicFile), anthropicserver.New(), sent, nil)
}

// signed returns a request whose thoughts the strict server has signed: it knows
// no other signatures.
func signed(t *testing.T, request json.RawMessage) []byte {
	t.Helper()
	var r map[string]any
	decode(t, request, &r)
	for _, m := range r["messages"].([]any) {
		blocks, _ := m.(map[string]any)["content"].([]any)
		for _, b := range blocks {
			switch b := b.(map[string]any); b["type"] {
			case "thinking":
				b["signature"] = anthropicserver.Sign(b["thinking"].(string))
			case "redacted_thinking":
				b["data"] = anthropicserver.Redacted
			}
		}
	}
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
