package adaptertest

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// Reports has a server report errors that are long, or made of a great many pieces, in
// every way that an error can come: each costs memory in proportion to its size, and is
// shown cut.
func Reports(t *testing.T, api providertest.FaultConfig) {
	const n = 20_000
	many := func(piece string) string { return strings.Repeat(piece+",", n) + piece }
	for name, report := range map[string]string{
		"details":    `{"type":"error","error":{"code":503,"message":"Oh","details":[` + many(`{"reason":"R"}`) + `]}}`,
		"violations": `{"type":"error","error":{"code":503,"message":"Oh","details":[{"violations":[` + many(`{"quotaId":"Q"}`) + `]}]}}`,
		"members":    `{"type":"error","error":{"message":"Oh",` + many(`"message":"Oh"`) + `}}`,
		"errors":     `{"type":"error",` + many(`"error":{"message":"Oh"}`) + `}`,
		"list":       `[` + many(`{"error":{"message":"Oh"}}`) + `]`,
		"message":    `{"type":"error","error":{"message":"Oh ` + strings.Repeat(`\u00e9`, n) + `"}}`,
		"flat":       `{"message":"Oh ` + strings.Repeat(`\u00e9`, n) + `"}`,
		"object":     `{"type":"error","error":{"message":{"Oh":[` + many("1") + `]}}}`,
		"broken":     `{"type":"error","error":{"message":"Oh ` + strings.Repeat("x ", n),
	} {
		for way, r := range map[string]struct {
			status      int
			contentType string
			body        string
		}{
			"status 503": {503, "application/json", report},
			"document":   {200, "application/json", report},
			"event":      {200, "text/event-stream", "data: " + report + "\n\n"},
			"named":      {200, "text/event-stream", "event: error\ndata: " + report + "\n\n"},
		} {
			t.Run(name+", "+way, func(t *testing.T) {
				hc := &http.Client{Transport: RoundTrip(func(*http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: r.status, Header: http.Header{"Content-Type": {r.contentType}}, Body: io.NopCloser(strings.NewReader(r.body))}, nil
				})}
				e := Failure(t, costs(t, len(r.body), api.NewProvider(hc, "http://api.test", "a key"), func(provider.Delta) {}))
				if len(e.Error()) > 2000 {
					t.Errorf("the error has %d bytes", len(e.Error()))
				}
			})
		}
	}
}

// Linear checks that a reply of some kind costs memory in proportion to its size,
// watched and not. What it says is not looked at.
func Linear(t *testing.T, api providertest.FaultConfig, stream string) {
	hc := ReplayBytes("text/event-stream", stream)
	for _, emit := range []func(provider.Delta){nil, func(provider.Delta) {}} {
		_ = costs(t, len(stream), api.NewProvider(hc, "http://api.test", "a key"), emit)
	}
}

// costs asks p and checks what it allocates for a reply of that size. To read a part
// of the reply again for each of its pieces would come to hundreds of times the bound.
func costs(t *testing.T, size int, p provider.Provider, emit func(provider.Delta)) error {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := p.Generate(t.Context(), Question, emit)
	runtime.ReadMemStats(&after)
	if got, most := after.TotalAlloc-before.TotalAlloc, uint64(32*size+4<<20); got > most {
		t.Errorf("a reply of %d bytes costs %d bytes of memory, more than %d", size, got, most)
	}
	return err
}
