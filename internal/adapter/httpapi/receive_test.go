package httpapi

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
)

// TestRoomForAnnounced has replies that announce their length: room is made at once only for
// what the bounds allow.
func TestRoomForAnnounced(t *testing.T) {
	for _, c := range []struct {
		announced, most int64
		atOnce          bool
	}{
		{1 << 20, 32 << 20, true},
		{1 << 20, 1 << 20, true},
		{1 << 20, 1<<20 - 1, false},
		{1 << 20, 1000, false},
		{maxAnnounced, 32 << 20, true},
		{maxAnnounced + 1, 32 << 20, false},
		{-1, 32 << 20, false},
	} {
		client := newClient("http://api.test", nil, func(cfg *Config) { cfg.MaxBytes = c.most })
		x := client.newExchange(t.Context())
		x.resp = &http.Response{ContentLength: c.announced, Body: io.NopCloser(strings.NewReader(`{}`))}
		var buf bytes.Buffer
		if _, err := x.receiveDocument(new(echo), &buf); err != nil {
			t.Error(err)
		}
		x.close()
		if atOnce := int64(buf.Cap()) >= c.announced && c.announced > 0; atOnce != c.atOnce || !atOnce && buf.Cap() > 8<<10 {
			t.Errorf("%d bytes announced, %d allowed: room for %d", c.announced, c.most, buf.Cap())
		}
	}
}

// TestAnnouncedTooLong has a reply that is longer than allowed, and says so: the error is that of
// any such reply.
func TestAnnouncedTooLong(t *testing.T) {
	hc := &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
		text := `{"a":"` + strings.Repeat("a", 5000) + `"}`
		return &http.Response{StatusCode: 200, ContentLength: int64(len(text)), Body: io.NopCloser(strings.NewReader(text))}, nil
	})}
	_, err := call(t.Context(), newClient("http://api.test", hc, func(cfg *Config) { cfg.MaxBytes = 1000 }), `"x"`)
	if e, ok := err.(*provider.Error); !ok || e.Kind != provider.KindMalformed || !strings.Contains(fmt.Sprint(err), "1000 bytes") {
		t.Errorf("got %v", err)
	}
}
