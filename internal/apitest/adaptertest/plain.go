package adaptertest

import (
	"net/http"
	"strings"
	"testing"
	"unicode"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// Plain has a server report errors with control characters, in every way that an error
// can come: none is in the error's text.
func Plain(t *testing.T, api providertest.FaultConfig) {
	const evil, inJSON = "Oh\x1b[2J\x9b\u009b31m\u202e\x7f\nno", `Oh\u001b[2J\u009b31m\u202e\u007f\nno`
	report := `{"type":"error","error":{"message":"` + inJSON + `","type":"` + inJSON + `","code":"` + inJSON + `","status":"` + inJSON + `"},"request_id":"` + inJSON + `"}`
	says := func(status int, contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Request-Id", "a\u009b\u202eb") // a header has no other control characters
			Says(status, contentType, body)(w, r)
		}
	}
	for name, handle := range map[string]http.HandlerFunc{
		"status, JSON":  says(400, "application/json", report),
		"status, text":  says(400, "text/plain", evil),
		"status, page":  says(502, "text/html", "<html><title>"+evil+"</title></html>"),
		"document":      says(200, "application/json", report),
		"no JSON":       says(200, "text/plain", evil),
		"event":         says(200, "text/event-stream", "data: "+report+"\n\n"),
		"named event":   says(200, "text/event-stream", "event: error\ndata: "+report+"\n\n"),
		"broken event":  says(200, "text/event-stream", "data: {\x1b\n\n"),
		"broken answer": says(200, "application/json", "{\"\x1b"),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := api.NewProvider(nil, Serve(t, handle), "a key").Generate(t.Context(), Question, func(provider.Delta) {})
			e := Failure(t, err)
			if text := e.Error() + e.Code + e.Message + e.RequestID; strings.ContainsFunc(text, isObeyed) {
				t.Errorf("%q", text)
			}
		})
	}
}

func isObeyed(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }
