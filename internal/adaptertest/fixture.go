package adaptertest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
)

// Fixture serves a reply as it is and in each layout, asks for it whole and
// streamed, and compares what comes with want, which is as Ask renders it. The
// white space of a layout may be in the arguments of calls, where it does not
// count. A reply that begins with a bracket is a document, any other a stream.
func Fixture(t *testing.T, reply, want string, dial func(*http.Client) provider.Provider) {
	t.Helper()
	contentType := "text/event-stream"
	if reply[0] == '{' || reply[0] == '[' {
		contentType = "application/json"
	}
	check := func(layout, reply string, equal func(a, b string) bool) {
		p := dial(Replay(contentType, reply))
		for _, stream := range []bool{false, true} {
			if got := Ask(t.Context(), t, p, stream); !equal(got, want) {
				t.Errorf("%s, streamed %v: got %s, want %s", layout, stream, got, want)
			}
		}
	}
	check("as it is", reply, func(a, b string) bool { return a == b })
	for _, l := range Layouts {
		check(l.String(), l.Body(contentType, reply), func(a, b string) bool { return squeeze(a) == squeeze(b) })
	}
}

// squeeze drops the white space of a text.
func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }
