package openai_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

// TestEmptyErrors has responses with a member "error", with empty values and with real errors.
func TestEmptyErrors(t *testing.T) {
	const document, item = `{"error":%s,"choices":[{"message":{"content":"hi"},"error":%s}]}`, `{"type":"message","content":[{"type":"output_text","text":"hi"}]}`
	for value, want := range map[string]string{
		`null`:  "text(hi) stop",
		`false`: "text(hi) stop",
		`0`:     "text(hi) stop",
		`""`:    "text(hi) stop",
		`[]`:    "text(hi) stop",
		`{}`:    "text(hi) stop",
		`{"message":"","type":"","param":"","code":null}`: "text(hi) stop",
		`true`:                           "error unavailable",
		`"quota exceeded"`:               "error unavailable",
		`{"message":"","code":429}`:      "error rate_limited",
		`{"message":"no","type":"auth"}`: "error auth",
	} {
		for api, p := range map[string]provider.Provider{
			"Chat Completions, whole":  openai.New("m", openai.HTTPClient(adaptertest.Replay("application/json", fmt.Sprintf(document, value, "null")))),
			"Chat Completions, choice": openai.New("m", openai.HTTPClient(adaptertest.Replay("application/json", fmt.Sprintf(document, "null", value)))),
			"Responses":                openai.NewResponses("m", openai.HTTPClient(adaptertest.Replay("application/json", strings.Replace(doc(item, "completed"), `"error":null`, `"error":`+value, 1)))),
		} {
			if got := adaptertest.Ask(t.Context(), t, p, false); got != want {
				t.Errorf("%s, %s: got %s, want %s", api, value, got, want)
			}
		}
	}
}

// TestResponsesFailedWithText has a failed response whose error is a text.
func TestResponsesFailedWithText(t *testing.T) {
	_, err := openai.NewResponses("m", replay("application/json", `{"status":"failed","error":"quota exceeded","output":[]}`)).Generate(t.Context(), question, nil)
	if err == nil || !strings.Contains(err.Error(), "quota exceeded") {
		t.Errorf("got %v", err)
	}
}
