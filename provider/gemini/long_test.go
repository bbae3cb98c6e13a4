package gemini_test

import (
	"net/http"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/gemini"
)

// TestLongDocumentCostsItsText counts the copies of a text of 1 MB: the document and the text.
func TestLongDocumentCostsItsText(t *testing.T) {
	for name, part := range map[string]string{
		"text":      `{"text":"` + adaptertest.LongText + `"}`,
		"arguments": `{"functionCall":{"name":"f","args":{"a":"` + adaptertest.LongText + `"}}}`,
	} {
		n := adaptertest.CostOfLong(t, reply(part, "STOP"), func(hc *http.Client) provider.Provider { return gemini.New(model, gemini.HTTPClient(hc)) })
		if t.Logf("%s: %.2f times its size", name, n); n > 2.2 {
			t.Errorf("%s: %.2f times its size, want 2.2 at most", name, n)
		}
	}
}
