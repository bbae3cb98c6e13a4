package recordings

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/funcall/funcall/internal/anthropicserver"
	"github.com/funcall/funcall/provider/providertest"
)

// TestAnthropicServer sends the recorded requests, which the API took, to the
// strict server. It knows its own signatures alone, so that the thoughts of the
// requests get those.
func TestAnthropicServer(t *testing.T) {
	for _, e := range load(t, anthropicFile) {
		if string(e.Request) == "null" || e.Status != http.StatusOK {
			continue
		}
		t.Run(e.ID, func(t *testing.T) {
			server := anthropicserver.New(providertest.Say("ok"))
			hr, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.Start(t)+"/messages", bytes.NewReader(signed(t, e.Request)))
			if err != nil {
				t.Fatal(err)
			}
			hr.Header.Set("Content-Type", "application/json")
			hr.Header.Set("X-Api-Key", "k")
			hr.Header.Set("Anthropic-Version", "2023-06-01")
			resp, err := http.DefaultClient.Do(hr)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != http.StatusOK {
				t.Errorf("%d %s, %v", resp.StatusCode, body, err)
			}
		})
	}
}

// signed returns a request whose thoughts are signed by the strict server.
func signed(t *testing.T, request json.RawMessage) []byte {
	t.Helper()
	r := value(t, request).(map[string]any)
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
