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

// FaultConfig says how [Faults] reaches an adapter, and what its API sends.
type FaultConfig struct {
	// Dial returns the Provider under test: an adapter that asks the API at address,
	// such as "http://127.0.0.1:4711", with key. It must send its requests with client
	// or a copy of it. It must not ask again after a failure.
	Dial func(client *http.Client, address, key string) provider.Provider
	// Whole is the body of a good reply to a request that does not stream.
	Whole string
	// StreamHead and StreamTail are the body of a good streamed reply, with the answer
	// of Whole. StreamHead ends between two events, behind the first piece of the
	// answer's text and before the answer is complete.
	StreamHead, StreamTail string
	// StreamType is the content type of a streamed reply. Default "text/event-stream".
	StreamType string
	// StreamPing is an event that only keeps the connection open. If it is empty,
	// the fault Pings is left out.
	StreamPing string
	// StreamError is an event that reports a failure of kind [provider.KindOverloaded]. If
	// it is empty, the faults ErrorInReply and ErrorAsReply are left out.
	StreamError string
	// Failures are the API's replies that report a failure, by the kind that the error
	// must have. For [provider.KindRateLimited], [provider.KindAuth] and [provider.KindUnavailable]
	// the default is a reply without a body, with status 429, 401 and 500.
	Failures map[provider.ErrorKind]Failure
}

// A Failure is a reply that reports a failure.
type Failure struct {
	Status int
	Body   string
}

// Faults checks that an adapter turns each fault of a server or of the network into
// the right [provider.Error], in one subtest a fault, each with whole and with streamed
// replies. Where [Conformance] needs a server that speaks the API, Faults needs a few
// bytes of its replies.
//
//	NoFault          none: both replies give the same answer
//	Error…           each of Failures, such as ErrorRateLimited
//	RetryAfter       rate_limited, with the header Retry-After
//	BadGateway       unavailable: status 502, an HTML page of a proxy
//	ResetBeforeReply unavailable: the connection breaks before the reply
//	ResetInReply     unavailable: the connection breaks within the reply
//	EndInReply       a reply that ends too early: malformed if whole, unavailable if streamed
//	EmptyReply       malformed: status 200 without a body
//	WrongContent     malformed: status 200, an HTML page
//	HangBeforeReply  timeout: nothing comes
//	HangAfterHeader  timeout: nothing comes behind the header
//	HangInReply      timeout: nothing comes behind the middle of the reply
//	KeepAlive        timeout: white space or comments of the stream, without an end
//	Pings            timeout: StreamPing, without an end
//	ErrorInReply     overloaded: StreamError in the middle of a stream
//	ErrorAsReply     overloaded: StreamError in place of a stream, or the failure
//	                 of that kind with status 200
//	EchoedKey        auth: status 401, a text that repeats the request's headers and query
//
// Of each error it is checked that it has the kind, the HTTP status (0 without a reply)
// and RetryAfter that fit, a message, and nowhere the key; that Emitted tells whether
// deltas were handed out; and all that Conformance checks of every call, leaked
// goroutines among it. After each fault the next request gets a good reply: its answer
// must be right.
//
// Faults that end in a timeout run in a bubble of testing/synctest, where an hour of
// silence takes no time. The adapter must give up within that hour, its context aside.
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
	// longestSilence is what an adapter may take until it gives up on a silent server.
	longestSilence = time.Hour
)

// faultNames are those of the faults that Faults checks.
func (c FaultConfig) faultNames() []string {
	var names []string
	for _, f := range c.faults() {
		names = append(names, f.name)
	}
	return names
}

// goodAnswer returns the answer of both good replies.
func (c FaultConfig) goodAnswer(t *testing.T) *provider.Response {
	t.Helper()
	var answers []*provider.Response
	for _, stream := range []bool{false, true} {
		s := &suite{stream: stream}
		answers = append(answers, s.ask(t, c.dial(t, c.good(stream)), request()))
	}
	if diff := diffAnswers(answers[0], answers[1]); diff != "" {
		t.Fatalf("the good replies have different answers (-whole +streamed):\n%s", diff)
	}
	return answers[0]
}

// dial returns the Provider under test, which asks a server on loopback.
func (c FaultConfig) dial(t *testing.T, handle http.HandlerFunc) provider.Provider {
	t.Helper()
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	return c.dialWith(t, &http.Client{Transport: transport}, serve.Loopback(t, handle))
}

func (c FaultConfig) dialWith(t *testing.T, client *http.Client, address string) provider.Provider {
	t.Helper()
	p := c.Dial(client, address, faultKey)
	if p == nil {
		t.Fatal("Dial returned no provider")
	}
	return p
}

// run asks a server that fails once and then answers.
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
	if f.kind != provider.KindTimeout { // no reset is possible in memory, which has no network
		f.check(t, &suite{stream: stream}, c.dial(t, handle), want)
		return
	}
	defer func() {
		if r := recover(); r != nil { // of synctest, about goroutines that never end
			t.Errorf("after Generate: %v", r)
		}
	}()
	synctest.Test(t, func(t *testing.T) {
		s := &suite{stream: stream, patience: 2 * longestSilence}
		f.check(t, s, c.dialWith(t, serve.InMemory(t, handle), "http://in.memory"), want)
	})
}

// check asks twice: for the error, and for the answer.
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
		t.Errorf("%d deltas were handed out; the stream's text comes before the fault: %v", len(o.deltas), f.shown)
	}
	if text := allOf(e); strings.Contains(text, faultKey) {
		t.Errorf("the error holds the key %q: %s", faultKey, text)
	}
	if diff := diffAnswers(want, s.ask(t, p, request())); diff != "" {
		t.Errorf("after the fault, the answer to the next request is wrong (-want +got):\n%s", diff)
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

// failures returns the API's replies that report a failure.
func (c FaultConfig) failures() map[provider.ErrorKind]Failure {
	all := map[provider.ErrorKind]Failure{
		provider.KindRateLimited: {Status: http.StatusTooManyRequests},
		provider.KindAuth:        {Status: http.StatusUnauthorized},
		provider.KindUnavailable: {Status: http.StatusInternalServerError},
	}
	maps.Copy(all, c.Failures)
	return all
}
