package adaptertest

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
)

// LongText is the text of CostOfLong, as it stands in the JSON of a reply and, within the text
// of arguments, with one more level of escapes.
var LongText = strings.Repeat("word ", longText/5)

const longText = 1 << 20

// CostOfLong returns how many times the size of LongText an adapter allocates to read a document
// that holds it.
func CostOfLong(t *testing.T, document string, dial func(*http.Client) provider.Provider) float64 {
	CountsAllocations(t)
	p := dial(&http.Client{Transport: RoundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: int64(len(document)), Body: io.NopCloser(strings.NewReader(document))}, nil
	})})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	resp, err := p.Generate(t.Context(), Question, nil)
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	text := resp.Message.Text()
	for _, c := range resp.Message.ToolCalls() {
		text += c.Args
	}
	if !strings.Contains(text, LongText) {
		t.Fatalf("the response lacks the text: %.100q", text)
	}
	return float64(after.TotalAlloc-before.TotalAlloc) / longText
}
