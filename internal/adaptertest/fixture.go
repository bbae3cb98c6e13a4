package adaptertest

import (
	"io"
	"iter"
	"net/http"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
)

// Fixture serves a reply as it is and in each layout, asks for it whole and
// streamed, and compares what comes with want, which is as Ask renders it.
func Fixture(t *testing.T, reply, want string, dial func(*http.Client) provider.Provider) {
	t.Helper()
	for layout, laidOut := range InLayouts(reply) {
		p := dial(&http.Client{Transport: RoundTrip(func(r *http.Request) (*http.Response, error) {
			r.Body.Close()
			return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {contentType(reply)}}, Body: io.NopCloser(strings.NewReader(laidOut))}, nil
		})})
		for _, stream := range []bool{false, true} {
			if got := Ask(t.Context(), t, p, stream); !Same(layout, got, want) {
				t.Errorf("%s, streamed %v: got %s, want %s", layout, stream, got, want)
			}
		}
	}
}

const asItIs = "as it is"

// InLayouts yields a reply as it is and in each layout, with the layout's name. A
// reply that begins with a bracket is a document, any other a stream.
func InLayouts(reply string) iter.Seq2[string, string] {
	return func(yield func(layout, reply string) bool) {
		if !yield(asItIs, reply) {
			return
		}
		for _, l := range Layouts {
			if !yield(l.String(), l.Body(contentType(reply), reply)) {
				return
			}
		}
	}
}

func contentType(reply string) string {
	if reply[0] == '{' || reply[0] == '[' {
		return "application/json"
	}
	return "text/event-stream"
}

// Same reports whether two texts are the same that hold JSON of a reply in a
// layout. White space counts only if the reply was as it is.
func Same(layout, a, b string) bool {
	if layout == asItIs {
		return a == b
	}
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
	return squeeze(a) == squeeze(b)
}
