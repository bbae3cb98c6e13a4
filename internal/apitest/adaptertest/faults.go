package adaptertest

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall/provider"
)

// An API is what the checks need to know of one.
type API struct {
	// Dial makes a client of the server at an address, with an HTTP client, which
	// is nil for the adapter's own, with bounds of silence and a key.
	Dial func(hc *http.Client, address string, firstByte, idle time.Duration, key string) provider.Provider
	// Document is an answer whose text is "Hello 👍". Head is how a
	// stream begins, with a piece of the text.
	Document, Head string
	// Ping is an event that only keeps the connection open, if the API has one.
	Ping string
	// InBand is the event of an error that says that the API is overloaded.
	InBand string
	// Errors are bodies of replies that fail: by "rate", "quota", "auth",
	// "server", "overloaded".
	Errors map[string]string
}

// A fault is a way for a call to fail.
type fault struct {
	name   string
	kind   provider.ErrorKind
	status int           // in the error
	after  time.Duration // RetryAfter
	whole  http.HandlerFunc
	stream http.HandlerFunc
	// shown says that the stream's text comes ahead of the fault.
	shown bool
}

// Faults has a server fail in every way: what comes of it is the right kind of
// error. Faults that only the bounds of silence end are served in memory, on a
// clock of their own, all others on loopback.
func Faults(t *testing.T, api API) {
	const document, events = "application/json", "text/event-stream"
	status := func(code int, body string, header ...string) http.HandlerFunc {
		reply := Says(code, document, body)
		return func(w http.ResponseWriter, r *http.Request) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			reply(w, r)
		}
	}
	begin := func(contentType, body string, then http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", contentType)
			io.WriteString(w, body)
			Flush(w)
			then(w, r)
		}
	}
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	end := func(http.ResponseWriter, *http.Request) {}
	half := api.Document[:len(api.Document)/2]
	html := Says(502, "text/html", "<html><head><title>Bad Gateway</title></head></html>")
	page := Says(200, "text/html", "<!doctype html><title>Welcome</title>")

	rows := []fault{
		{name: "429 with Retry-After", kind: provider.KindRateLimited, status: 429, after: 7 * time.Second, whole: status(429, api.Errors["rate"], "Retry-After", "7")},
		{name: "429 without Retry-After", kind: provider.KindRateLimited, status: 429, whole: status(429, api.Errors["rate"])},
		{name: "429 for a quota", kind: provider.KindQuota, status: 429, whole: status(429, api.Errors["quota"])},
		{name: "auth", kind: provider.KindAuth, status: 401, whole: status(401, api.Errors["auth"])},
		{name: "500", kind: provider.KindUnavailable, status: 500, whole: status(500, api.Errors["server"])},
		{name: "502 with HTML", kind: provider.KindUnavailable, status: 502, whole: html},
		{name: "529", kind: provider.KindOverloaded, status: 529, whole: status(529, api.Errors["overloaded"])},
		{name: "reset before the first byte", kind: provider.KindUnavailable, whole: reset},
		{name: "reset in the middle", kind: provider.KindUnavailable, status: 200, whole: begin(document, half, reset), stream: begin(events, api.Head, reset), shown: true},
		{name: "hang before the first byte", kind: provider.KindTimeout, whole: hang},
		{name: "hang behind the headers", kind: provider.KindTimeout, status: 200, whole: begin(document, "", hang), stream: begin(events, "", hang)},
		{name: "hang in the middle", kind: provider.KindTimeout, status: 200, whole: begin(document, half, hang), stream: begin(events, api.Head, hang), shown: true},
		{name: "comments for ever", kind: provider.KindTimeout, status: 200, whole: begin(document, "", drip("\n")), stream: begin(events, api.Head, drip(": ping\n\n")), shown: true},
		{name: "an error inside of the answer", kind: provider.KindOverloaded, status: 200, whole: Says(200, document, api.Errors["overloaded"]), stream: Says(200, events, api.Head+api.InBand), shown: true},
		{name: "an error in place of the answer", kind: provider.KindOverloaded, status: 200, whole: Says(200, document, api.Errors["overloaded"]), stream: Says(200, events, api.InBand)},
		{name: "clean end in the middle of a document", kind: provider.KindMalformed, status: 200, whole: Says(200, document, half)},
		{name: "clean end in the middle of a stream", kind: provider.KindUnavailable, status: 200, stream: begin(events, api.Head, end), shown: true},
		{name: "nothing at all", kind: provider.KindMalformed, status: 200, whole: Says(200, document, ""), stream: Says(200, events, "")},
		{name: "the wrong content", kind: provider.KindMalformed, status: 200, whole: page, stream: page},
	}
	if api.Ping != "" {
		rows = append(rows, fault{name: "pings for ever", kind: provider.KindTimeout, status: 200, stream: begin(events, api.Head, drip(api.Ping)), shown: true})
	}
	for _, row := range rows {
		for _, streamed := range []bool{false, true} {
			handle := row.whole
			if streamed && row.stream != nil {
				handle = row.stream
			}
			if handle == nil {
				continue // no whole document ends so
			}
			name := row.name + "/whole"
			if streamed {
				name = row.name + "/streamed"
			}
			t.Run(name, func(t *testing.T) {
				if row.kind != provider.KindTimeout {
					row.check(t, api, nil, Serve(t, handle), streamed)
					return
				}
				synctest.Test(t, func(t *testing.T) {
					row.check(t, api, InMemory(t, handle), "http://in.memory", streamed)
				})
			})
		}
	}
}

func (f fault) check(t *testing.T, api API, hc *http.Client, address string, streamed bool) {
	p := api.Dial(hc, address, time.Minute, time.Minute, "key-0123456789")
	// The deadline is far away: it ends a test that hangs.
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	shown := 0
	var emit func(provider.Delta)
	if streamed {
		emit = func(provider.Delta) { shown++ }
	}
	resp, err := p.Generate(ctx, Question, emit)
	if err == nil {
		t.Fatalf("it is taken for an answer: %s", Render(resp))
	}
	e := Failure(t, err)
	if e.Kind != f.kind || e.Status != f.status || e.RetryAfter != f.after || e.Emitted != (shown > 0) || resp != nil {
		t.Errorf("want %s, status %d, retry after %v: %#v", f.kind, f.status, f.after, e)
	}
	if streamed && f.stream != nil && (shown > 0) != f.shown {
		t.Errorf("%d deltas were handed out", shown)
	}
	if ctx.Err() != nil || e.Provider == "" || e.Message == "" {
		t.Errorf("%v: %#v", ctx.Err(), e)
	}
}

// reset breaks the connection off without a good-bye.
func reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	conn.(*net.TCPConn).SetLinger(0)
	conn.Close()
}

// drip sends a piece every second, until the client hangs up.
func drip(piece string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, piece); err != nil {
				return
			}
			Flush(w)
			time.Sleep(time.Second)
		}
	}
}

// Secrets has servers repeat the key that they were sent, in every place, and
// redirect the client elsewhere: the key is shown nowhere, and goes nowhere.
func Secrets(t *testing.T, api API) {
	const key = `key-secret/1+"2&3`
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("the redirect was followed, with %v", r.Header)
	}))
	defer elsewhere.Close()
	sent := func(r *http.Request) string {
		for _, values := range r.Header {
			if strings.Contains(values[0], "secret") {
				return values[0]
			}
		}
		t.Errorf("the key was not sent: %v", r.Header)
		return ""
	}
	respelled := func(r *http.Request) string {
		s := sent(r)
		list := []string{strings.ToUpper(s), hex.EncodeToString([]byte(s)), url.QueryEscape(s), html.EscapeString(s)}
		for ahead := range 3 {
			list = append(list, base64.StdEncoding.EncodeToString([]byte("uv:"[:ahead]+s)))
		}
		return strings.Join(list, " ")
	}
	for name, handle := range map[string]http.HandlerFunc{
		"respelled": func(w http.ResponseWriter, r *http.Request) {
			s := strconv.Quote(respelled(r))
			Says(400, "application/json", `{"error":{"message":`+s+`,"type":`+s+`,"code":`+s+`,"status":`+s+`},"request_id":`+s+`}`)(w, r)
		},
		"a respelled request id": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("x-request-id", respelled(r))
			Says(200, "application/json", api.Document)(w, r)
		},
		"an error": func(w http.ResponseWriter, r *http.Request) { Says(400, "text/plain", "bad key "+sent(r))(w, r) },
		"as a string": func(w http.ResponseWriter, r *http.Request) {
			Says(401, "application/json", `{"error":{"message":`+strconv.Quote(sent(r))+`,"code":`+strconv.Quote(sent(r))+`}}`)(w, r)
		},
		"a request id": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("x-request-id", sent(r))
			Says(200, "application/json", api.Document)(w, r)
		},
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			sent(r)
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := api.Dial(nil, Serve(t, handle), time.Minute, time.Minute, key)
			resp, err := p.Generate(t.Context(), Question, nil)
			show(t, p, resp, err)
			if name == "a redirect" && Failure(t, err).Kind != provider.KindInvalidRequest {
				t.Error(err)
			}
		})
	}
}
