package providertest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall/internal/apitest/serve"
	"github.com/funcall/funcall/provider"
)

// A FaultConfig tells [Faults] how to create the adapter and what its API sends.
type FaultConfig struct {
	// Dial returns the Provider under test: an adapter that calls the API at address, such as
	// "http://127.0.0.1:4711", with key. It must use client or a copy of it, and must not
	// retry after a failure.
	NewProvider func(client *http.Client, address, key string) provider.Provider
	// Whole is the body of a good response that is not streamed.
	Whole string
	// StreamHead and StreamTail together are the body of a good streamed response with the
	// same content as Whole. StreamHead ends between two events: after the first piece of
	// text, and before the response is complete.
	StreamHead, StreamTail string
	// StreamType is the content type of a stream. The default is "text/event-stream".
	StreamType string
	// StreamPing is an event that only keeps the connection open. If it is "", the fault Pings
	// is left out.
	StreamPing string
	// StreamError is an event that reports a failure of kind [provider.KindOverloaded]. If it
	// is "", the faults ErrorInReply and ErrorAsReply are left out.
	StreamError string
	// Failures are the API's error replies, by the kind that the adapter must return. The
	// default for [provider.KindRateLimited], [provider.KindAuth] and
	// [provider.KindUnavailable] is an empty reply with status 429, 401 and 500.
	ErrorReplies map[provider.ErrorKind]ErrorReply
}

// A ErrorReply is a reply that reports an error.
type ErrorReply struct {
	Status int
	Body   string
}

// Faults checks that an adapter turns each fault of a server or the network into the right
// [provider.Error]. Each fault is a subtest, with whole and with streamed responses. Unlike
// [Conformance], which needs a server that speaks the API, Faults needs only a few recorded
// replies.
//
//	NoFault          both good replies give the same response
//	Error…           each of Failures, such as ErrorRateLimited
//	RetryAfter       rate_limited, with the header Retry-After
//	BadGateway       unavailable: status 502 with a proxy's HTML page
//	ResetBeforeReply unavailable: the connection is reset before the reply
//	ResetInReply     unavailable: the connection is reset within the reply
//	EndInReply       the reply ends early: malformed if whole, unavailable if streamed
//	EmptyReply       malformed: status 200 without a body
//	WrongContent     malformed: status 200 with an HTML page
//	HangBeforeReply  timeout: no reply
//	HangAfterHeader  timeout: nothing after the header
//	HangInReply      timeout: nothing after the middle of the reply
//	KeepAlive        timeout: endless white space or stream comments
//	Pings            timeout: endless StreamPing
//	ErrorInReply     overloaded: StreamError in the middle of a stream
//	ErrorAsReply     overloaded: StreamError in place of a stream, or the failure
//	                 of that kind with status 200
//	EchoedKey        auth: status 401, a text that repeats the request's headers and query
//
// Each error must have the right kind, HTTP status (0 without a reply) and RetryAfter, and a
// message. It must not contain the key. Emitted must be true if deltas were emitted. The
// checks that Conformance makes on each call apply too, such as leaked goroutines. After each
// fault the next request gets a good reply and must return its response.
//
// Faults that end in a timeout run in a testing/synctest bubble, where an hour of silence
// takes no time. The adapter must give up within that hour by its own timeouts.
//
// [Skip] leaves out a fault.
func Faults(t *testing.T, config FaultConfig, opts ...Option) {
	skip := skipped(t, config.faultNames(), opts)
	var want *provider.Response
	t.Run(noFault, func(t *testing.T) { want = config.goodAnswer(t) })
	if want == nil {
		t.Fatal("the other faults need good replies that the adapter understands")
	}
	for _, f := range config.faults() {
		t.Run(f.name, func(t *testing.T) {
			if why, ok := skip[f.name]; ok {
				t.Skip(why)
			}
			if f.whole != nil {
				t.Run("whole", func(t *testing.T) { f.run(t, config, want, false) })
			}
			t.Run("stream", func(t *testing.T) { f.run(t, config, want, true) })
		})
	}
}

const (
	noFault   = "NoFault"
	streaming = "text/event-stream"
	faultKey  = "key-0123456789"
	// longestSilence is how long an adapter may wait for a silent server.
	longestSilence = time.Hour
)

// faultNames returns the names of all faults but NoFault.
func (c FaultConfig) faultNames() []string {
	var names []string
	for _, f := range c.faults() {
		names = append(names, f.name)
	}
	return names
}

// goodAnswer returns the response that both good replies hold.
func (c FaultConfig) goodAnswer(t *testing.T) *provider.Response {
	t.Helper()
	var answers []*provider.Response
	for _, stream := range []bool{false, true} {
		s := &suite{stream: stream}
		answers = append(answers, s.ask(t, c.dial(t, c.good(stream)), request()))
	}
	if diff := diffAnswers(answers[0], answers[1]); diff != "" {
		t.Fatalf("the good replies have different responses (-whole +streamed):\n%s", diff)
	}
	return answers[0]
}

// dial returns the Provider under test, connected to a server on loopback.
func (c FaultConfig) dial(t *testing.T, handle http.HandlerFunc) provider.Provider {
	t.Helper()
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	return c.dialWith(t, &http.Client{Transport: transport}, serve.Loopback(t, handle))
}

func (c FaultConfig) dialWith(t *testing.T, client *http.Client, address string) provider.Provider {
	t.Helper()
	p := c.NewProvider(client, address, faultKey)
	if p == nil {
		t.Fatal("Dial returned no provider")
	}
	return p
}

// run has a server fail once and then answer.
func (f fault) run(t *testing.T, c FaultConfig, want *provider.Response, stream bool) {
	fails := f.whole
	if stream && f.stream != nil {
		fails = f.stream
	}
	good := c.good(stream)
	var failed atomic.Bool
	handle := func(w http.ResponseWriter, r *http.Request) {
		if failed.Swap(true) {
			good(w, r)
		} else {
			fails(w, r)
		}
	}
	if f.kind != provider.KindTimeout { // an in-memory connection cannot be reset
		f.check(t, &suite{stream: stream}, c.dial(t, handle), want)
		return
	}
	defer func() {
		if r := recover(); r != nil { // synctest panics if goroutines never end
			t.Errorf("after Generate: %v", r)
		}
	}()
	synctest.Test(t, func(t *testing.T) {
		s := &suite{stream: stream, patience: 2 * longestSilence}
		f.check(t, s, c.dialWith(t, serve.InMemory(t, handle), "http://in.memory"), want)
	})
}

// check calls Generate twice: the first call must fail, the second must return the response.
func (f fault) check(t *testing.T, s *suite, p provider.Provider, want *provider.Response) {
	ctx, cancel := context.WithTimeout(t.Context(), longestSilence)
	defer cancel()
	o := s.generate(ctx, p, request(), nil)
	e := o.failure(t)
	kind := f.kind
	if s.stream {
		kind = cmp.Or(f.streamKind, f.kind)
	}
	if e.Kind != kind || e.Status != f.status || e.RetryAfter != f.retryAfter {
		t.Errorf("want an error of kind %s with status %d that asks to wait %v, got kind %s with status %d and %v: %v",
			kind, f.status, f.retryAfter, e.Kind, e.Status, e.RetryAfter, e)
	}
	if ctx.Err() != nil {
		t.Errorf("the server was silent for %v, and the adapter did not give up", longestSilence)
	}
	if e.Message == "" {
		t.Errorf("the error has no message: %#v", e)
	}
	if s.stream && f.shown != (len(o.deltas) > 0) {
		t.Errorf("%d deltas were emitted; the stream's text comes before the fault: %v", len(o.deltas), f.shown)
	}
	if text := allOf(e); strings.Contains(text, faultKey) {
		t.Errorf("the error contains the key %q: %s", faultKey, text)
	}
	if diff := diffAnswers(want, s.ask(t, p, request())); diff != "" {
		t.Errorf("after the fault, the next response is wrong (-want +got):\n%s", diff)
	}
}

// allOf prints an error and its causes with all their fields.
func allOf(err error) string {
	var b strings.Builder
	for ; err != nil; err = errors.Unwrap(err) {
		fmt.Fprintf(&b, "%v\n%+v\n%#v\n", err, err, err)
	}
	return b.String()
}

// failures returns the API's error replies, defaults included.
func (c FaultConfig) failures() map[provider.ErrorKind]ErrorReply {
	all := map[provider.ErrorKind]ErrorReply{
		provider.KindRateLimited: {Status: http.StatusTooManyRequests},
		provider.KindAuth:        {Status: http.StatusUnauthorized},
		provider.KindUnavailable: {Status: http.StatusInternalServerError},
	}
	maps.Copy(all, c.ErrorReplies)
	return all
}
