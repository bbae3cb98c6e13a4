// Package apiserver is what the strict servers for tests have in common: each
// speaks one API, says what it was told to say, and refuses what the real API
// refuses.
package apiserver

import (
	"errors"
	"io"
	"iter"
	"mime"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// A Protocol is one API.
type Protocol interface {
	// Admit looks at everything but the body.
	Admit(r *http.Request, key string) error
	// Check reads a request as strictly as the API does.
	Check(r *http.Request, body []byte) (*Request, error)
	// Refuse says an error in the API's form, and sets the headers that go
	// with it.
	Refuse(h http.Header, err error) *Refusal
	// Document is an answer as a whole.
	Document(req *Request, resp *provider.Response) []byte
	// Stream sends an answer in the events of the API.
	Stream(s *Stream, req *Request, resp *provider.Response)
	// RequestID is the header that names an exchange, or "".
	RequestID() string
}

// A Request is what a server needs to know of one that it accepted.
type Request struct {
	Model  string
	Stream bool
	Body   Object
}

// A Refusal is a reply that says no.
type Refusal struct {
	Status  int
	Message string
	Body    []byte
}

func (r *Refusal) Error() string { return r.Message }

// A Server answers each request with the next of its turns. The fields must be
// set before it is used.
type Server struct {
	// Key is the key that requests must carry; "" lets all in.
	Key string
	// Cut cuts texts into deltas; nil is providertest.CutWords.
	Cut providertest.Cut
	// Write is how many bytes of a stream are sent at once. 0 sends an event
	// at once.
	Write int
	// Layout lays out each JSON text that is sent: a document, the data of an
	// event, an error. Nil leaves them without white space.
	Layout func(json string) string

	protocol Protocol
	base     string
	turns    []providertest.Turn

	mu       sync.Mutex
	asked    int
	requests [][]byte
}

// New returns a server that takes the turns in order. Base is the path at which
// the API begins.
func New(protocol Protocol, base string, turns []providertest.Turn) *Server {
	return &Server{protocol: protocol, base: base, turns: turns}
}

// Start serves on a loopback port until the test ends. It returns the API's
// base URL.
func (s *Server) Start(t testing.TB) string {
	t.Helper()
	hs := httptest.NewServer(s)
	t.Cleanup(hs.Close)
	return hs.URL + s.base
}

// Requests returns the bodies of all requests so far, those that were refused
// included.
func (s *Server) Requests() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.mu.Lock()
	s.requests = append(s.requests, body)
	s.mu.Unlock()

	req, err := s.accept(r, body)
	if err != nil {
		s.refuse(w, err)
		return
	}
	turn, ok := s.next()
	if !ok {
		s.refuse(w, &provider.Error{Kind: provider.KindInvalidRequest, Message: "the script has only " + strconv.Itoa(len(s.turns)) + " turns"})
		return
	}
	wait(r, turn.Delay)
	if turn.Response == nil {
		if turn.Hangs {
			<-r.Context().Done()
			return
		}
		s.refuse(w, turn.Err)
		return
	}
	if id := turn.Response.RequestID; id != "" && s.protocol.RequestID() != "" {
		w.Header().Set(s.protocol.RequestID(), id)
	}
	if req.Stream {
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		s.protocol.Stream(&Stream{s, w, r, turn}, req, turn.Response)
		return
	}
	s.whole(w, r, s.protocol.Document(req, turn.Response), turn)
}

// Check reads the body of a request as strictly as the API does. The error says
// what the API has against it.
func (s *Server) Check(r *http.Request, body []byte) error {
	_, err := s.protocol.Check(r, body)
	return err
}

func (s *Server) accept(r *http.Request, body []byte) (*Request, error) {
	if err := s.protocol.Admit(r, s.Key); err != nil {
		return nil, err
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return nil, &provider.Error{Kind: provider.KindInvalidRequest, Status: http.StatusUnsupportedMediaType, Message: "Unsupported content type"}
	}
	return s.protocol.Check(r, body)
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

func (s *Server) refuse(w http.ResponseWriter, err error) {
	out, ok := errors.AsType[*Refusal](err)
	if !ok {
		out = s.protocol.Refuse(w.Header(), err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(out.Status)
	io.WriteString(w, s.layOut(out.Body)) // a client that has gone needs no answer
}

func (s *Server) layOut(json []byte) string {
	if s.Layout == nil {
		return string(json)
	}
	return s.Layout(string(json))
}

// whole sends the answer as one document, or half of it.
func (s *Server) whole(w http.ResponseWriter, r *http.Request, document []byte, turn providertest.Turn) {
	if turn.Hangs {
		<-r.Context().Done()
		return
	}
	body := s.layOut(document)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if turn.Err != nil {
		io.WriteString(w, body[:len(body)/2])
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	io.WriteString(w, body)
}

// SetRetryAfter sets the headers by which OpenAI and Anthropic say how long to
// wait.
func SetRetryAfter(h http.Header, d time.Duration) {
	if d%time.Second != 0 {
		h.Set("retry-after-ms", strconv.FormatInt(d.Milliseconds(), 10))
	} else if d > 0 {
		h.Set("retry-after", strconv.Itoa(int(d/time.Second)))
	}
}

// A Stream is an answer that is being sent.
type Stream struct {
	server *Server
	w      http.ResponseWriter
	r      *http.Request
	turn   providertest.Turn
}

// Deltas returns the answer's deltas. Where the turn breaks off it does not
// return: the connection ends, or hangs.
func (s *Stream) Deltas() iter.Seq[provider.Delta] {
	cut := s.server.Cut
	if cut == nil {
		cut = providertest.CutWords
	}
	return func(yield func(provider.Delta) bool) {
		sent := 0
		for d := range providertest.Deltas(s.turn.Response, cut) {
			if (s.turn.Err != nil || s.turn.Hangs) && sent >= s.turn.After || s.r.Context().Err() != nil {
				break
			}
			sent++
			if !yield(d) {
				return
			}
		}
		if s.turn.Hangs {
			<-s.r.Context().Done()
		}
		if s.turn.Hangs || s.turn.Err != nil || s.r.Context().Err() != nil {
			panic(http.ErrAbortHandler)
		}
	}
}

// Event sends one event with a name, or without one, in writes of the size that
// is wanted. Data of several lines have a field for each.
func (s *Stream) Event(name string, data []byte, end string) {
	laidOut := strings.ReplaceAll(s.server.layOut(data), "\n", end+"data: ")
	text := "data: " + laidOut + end + end
	if name != "" {
		text = "event: " + name + end + text
	}
	size := s.server.Write
	if size <= 0 {
		size = len(text)
	}
	for len(text) > 0 {
		n := min(size, len(text))
		io.WriteString(s.w, text[:n])
		http.NewResponseController(s.w).Flush()
		text = text[n:]
	}
}
