package adaptertest

import (
	"iter"
	"net/http"
	"testing"

	"github.com/funcall/funcall/provider"
)

// Fixture serves a reply as it is and in each layout, asks for it whole and
// streamed, and compares what comes with want, which is as Ask renders it.
func Fixture(t *testing.T, reply, want string, dial func(*http.Client) provider.Provider) {
	t.Helper()
	for how, hc := range map[string]*http.Client{
		"as it is": ReplayBytes(contentType(reply), reply),
		"laid out": Replay(contentType(reply), reply),
	} {
		for _, stream := range []bool{false, true} {
			if got := Ask(t.Context(), t, dial(hc), stream); got != want {
				t.Errorf("%s, streamed %v: got %s, want %s", how, stream, got, want)
			}
		}
	}
}

// InLayouts yields a reply as it is and in each layout, with the layout's name. A
// reply that begins with a bracket is a document, any other a stream.
func InLayouts(reply string) iter.Seq2[string, string] {
	return func(yield func(layout, reply string) bool) {
		if !yield("as it is", reply) {
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
