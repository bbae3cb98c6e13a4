package anthropic_test

import (
	"net/http"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
)

// TestLongDocumentCostsItsText counts the copies of a text of 1 MB: the document and the text.
func TestLongDocumentCostsItsText(t *testing.T) {
	for name, block := range map[string]string{
		"text":      `{"type":"text","text":"` + adaptertest.LongText + `"}`,
		"arguments": `{"type":"tool_use","id":"t1","name":"f","input":{"a":"` + adaptertest.LongText + `"}}`,
	} {
		n := adaptertest.CostOfLong(t, doc(block, "end_turn"), func(hc *http.Client) provider.Provider { return anthropic.New("m", anthropic.HTTPClient(hc)) })
		if t.Logf("%s: %.2f times its size", name, n); n > 2.2 {
			t.Errorf("%s: %.2f times its size, want 2.2 at most", name, n)
		}
	}
}
