// Package chatserver is a server for tests that speaks OpenAI's Chat
// Completions. It says what it was told to say, and refuses what the real API
// refuses: a conversation in which calls and results do not pair, a field of
// the wrong type, a field that does not exist.
package chatserver

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// A Server answers each request with the next of its turns. The fields must be
// set before it is used.
type Server struct {
	// Key is the key that requests must carry; "" lets all in.
	Key string
	// Cut cuts texts into deltas; nil is providertest.Words.
	Cut providertest.Cut
	// Write is how many bytes of a stream are sent at once. 0 sends an event
	// at once.
	Write int

	turns []providertest.Turn

	mu       sync.Mutex
	asked    int
	requests [][]byte
}

// New returns a server that takes the turns in order.
func New(turns ...providertest.Turn) *Server { return &Server{turns: turns} }

// Start serves on a loopback port until the test ends. It returns the API's
// base URL.
func (s *Server) Start(t testing.TB) string {
	t.Helper()
	hs := httptest.NewServer(s)
	t.Cleanup(hs.Close)
	return hs.URL + "/v1"
}

// Requests returns the bodies of all requests so far, those that were refused
// included.
func (s *Server) Requests() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([][]byte(nil), s.requests...)
}

// ServeHTTP answers POST /v1/chat/completions.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.mu.Lock()
	s.requests = append(s.requests, body)
	s.mu.Unlock()

	if err := s.admit(r); err != nil {
		writeError(w, err)
		return
	}
	req, err := check(body)
	if err != nil {
		writeError(w, err)
		return
	}
	turn, ok := s.next()
	if !ok {
		writeError(w, refuse(http.StatusBadRequest, "", "", "the script has only %d turns", len(s.turns)))
		return
	}
	wait(r, turn.Delay)
	if turn.Response == nil {
		if turn.Hangs {
			<-r.Context().Done()
			return
		}
		writeError(w, turn.Err)
		return
	}
	if id := turn.Response.RequestID; id != "" {
		w.Header().Set("x-request-id", id)
	}
	if req.stream {
		s.stream(w, r, req, turn)
		return
	}
	s.whole(w, r, req, turn)
}

// admit checks everything but the body.
func (s *Server) admit(r *http.Request) error {
	switch auth := r.Header.Get("Authorization"); {
	case r.URL.Path != "/v1/chat/completions":
		return refuse(http.StatusNotFound, "", "", "Invalid URL (%s %s)", r.Method, r.URL.Path)
	case r.Method != http.MethodPost:
		return refuse(http.StatusMethodNotAllowed, "", "method_not_supported", "Not allowed to %s on /v1/chat/completions", r.Method)
	case s.Key != "" && auth == "":
		return refuse(http.StatusUnauthorized, "", "", "You didn't provide an API key.")
	case s.Key != "" && auth != "Bearer "+s.Key:
		return refuse(http.StatusUnauthorized, "", "invalid_api_key", "Incorrect API key provided.")
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return refuse(http.StatusUnsupportedMediaType, "", "", "Unsupported content type %q", r.Header.Get("Content-Type"))
	}
	return nil
}

func (s *Server) next() (providertest.Turn, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked == len(s.turns) {
		return providertest.Turn{}, false
	}
	s.asked++
	return s.turns[s.asked-1], true
}

func wait(r *http.Request, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
}

// refuse makes an error in the API's form.
func refuse(status int, param, code, format string, args ...any) error {
	return &refusal{status: status, message: sprintf(format, args...), param: param, code: code}
}

// writeError writes what the API says for a failure of the error's kind.
func writeError(w http.ResponseWriter, err error) {
	var out *refusal
	if !errors.As(err, &out) {
		out = asRefusal(w.Header(), err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(out.status)
	io.WriteString(w, out.body()) // a client that has gone needs no answer
}

// asRefusal sets the headers that go with a provider's error.
func asRefusal(h http.Header, err error) *refusal {
	e, ok := errors.AsType[*provider.Error](err)
	if !ok {
		return &refusal{status: http.StatusInternalServerError, typ: "server_error", message: err.Error()}
	}
	if e.RequestID != "" {
		h.Set("x-request-id", e.RequestID)
	}
	if e.RetryAfter%time.Second != 0 {
		h.Set("retry-after-ms", strconv.FormatInt(e.RetryAfter.Milliseconds(), 10))
	} else if e.RetryAfter > 0 {
		h.Set("retry-after", strconv.Itoa(int(e.RetryAfter/time.Second)))
	}
	out := byKind[e.Kind]
	if out.status == 0 {
		out = refusal{status: http.StatusInternalServerError, typ: "server_error"}
	}
	if e.Status != 0 {
		out.status = e.Status
	}
	if e.Code != "" {
		out.code = e.Code
	}
	out.message = e.Message
	return &out
}

// byKind is how the API tells its failures apart.
var byKind = map[provider.ErrorKind]refusal{
	provider.RateLimited:    {status: 429, typ: "requests", code: "rate_limit_exceeded"},
	provider.Overloaded:     {status: 503, typ: "server_error"},
	provider.Unavailable:    {status: 500, typ: "server_error"},
	provider.Timeout:        {status: 408, typ: "timeout"},
	provider.Auth:           {status: 401, typ: "invalid_request_error", code: "invalid_api_key"},
	provider.Quota:          {status: 429, typ: "insufficient_quota", code: "insufficient_quota"},
	provider.InvalidRequest: {status: 400, typ: "invalid_request_error"},
	provider.ContextTooLong: {status: 400, typ: "invalid_request_error", code: "context_length_exceeded"},
	provider.Filtered:       {status: 400, typ: "invalid_request_error", code: "content_filter"},
}
