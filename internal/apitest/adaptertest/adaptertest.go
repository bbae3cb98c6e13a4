// Package adaptertest is what the tests of the wire adapters have in common:
// servers on loopback that answer with given bytes, and the checks that every
// adapter must pass whatever its API.
package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/apitest/serve"
	"github.com/funcall/funcall/provider"
)

// RoundTrip is a transport made of a function.
type RoundTrip func(*http.Request) (*http.Response, error)

// RoundTrip calls f.
func (f RoundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// ReplayBytes returns an HTTP client that answers every request with the same
// bytes, without a network.
func ReplayBytes(contentType, body string) *http.Client {
	return &http.Client{Transport: RoundTrip(func(r *http.Request) (*http.Response, error) {
		return reply(r, contentType, body), nil
	})}
}

// Replay is ReplayBytes for an answer that changes its layout with each request;
// see Ask.
func Replay(contentType, body string) *http.Client {
	next := inTurn(contentType, body)
	return &http.Client{Transport: RoundTrip(func(r *http.Request) (*http.Response, error) {
		return reply(r, contentType, next()), nil
	})}
}

func reply(r *http.Request, contentType, body string) *http.Response {
	if r.Body != nil {
		r.Body.Close()
	}
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(strings.NewReader(body))}
}

// Record returns an HTTP client that answers every request with the same
// document, and where it keeps the bodies that were sent.
func Record(reply string) (*http.Client, *[]string) {
	sent := new([]string)
	return &http.Client{Transport: RoundTrip(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		*sent = append(*sent, string(body))
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(reply))}, err
	})}, sent
}

// Serve starts a server on loopback until the test ends, and returns its
// address.
func Serve(t testing.TB, handle http.HandlerFunc) string {
	t.Helper()
	return serve.Loopback(t, handle)
}

// Says answers with a fixed reply, with each request in the next layout; see Ask.
func Says(status int, contentType, body string) http.HandlerFunc {
	next := inTurn(contentType, body)
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		io.WriteString(w, next())
	}
}

// Flush sends what was written so far.
func Flush(w http.ResponseWriter) { http.NewResponseController(w).Flush() }

// Question is a request that every API takes.
var Question = &provider.Request{Messages: []*provider.Message{provider.User("Where is ORD-1?")}}

// Failure returns the error that every failure of a provider is.
func Failure(t testing.TB, err error) *provider.Error {
	t.Helper()
	e, ok := errors.AsType[*provider.Error](err)
	if !ok {
		t.Fatalf("want a *provider.Error, got a %T: %v", err, err)
	}
	return e
}

// Ask asks the Question and renders the outcome in one line. It checks that the deltas
// add up to the response. It asks once for each layout, since Says and Replay change
// theirs with each request, and checks that the layout changes nothing.
func Ask(ctx context.Context, t testing.TB, p provider.Provider, stream bool) string {
	t.Helper()
	first := askOnce(ctx, t, p, stream)
	if first == "error "+string(provider.KindTimeout) {
		return first // no answer came, in no layout
	}
	for _, l := range Layouts[1:] {
		if got := askOnce(ctx, t, p, stream); got != first {
			t.Errorf("asked again, with the answer laid out %v: got %.300s, want %.300s", l, got, first)
		}
	}
	return first
}

func askOnce(ctx context.Context, t testing.TB, p provider.Provider, stream bool) string {
	t.Helper()
	var deltas []provider.Delta
	var emit func(provider.Delta)
	if stream {
		emit = func(d provider.Delta) { deltas = append(deltas, d) }
	}
	resp, err := p.Generate(ctx, Question, emit)
	if err != nil {
		e := Failure(t, err)
		if e.Emitted != (len(deltas) > 0) {
			t.Errorf("Emitted is %v after %d deltas", e.Emitted, len(deltas))
		}
		t.Logf("the error: %v", err)
		return "error " + string(e.Kind)
	}
	if stream {
		CheckDeltas(t, resp, deltas)
	}
	return Render(resp)
}

// Render is a response in one line.
func Render(resp *provider.Response) string {
	var words []string
	for _, p := range resp.Message.Parts {
		switch p := p.(type) {
		case provider.Text:
			words = append(words, "text("+p.Text+")")
		case provider.Reasoning:
			words = append(words, "reasoning("+p.Text+")")
		case provider.ToolCall:
			words = append(words, fmt.Sprintf("%s:%s(%s)", p.ID, p.Name, p.Args))
		case provider.Media:
			words = append(words, fmt.Sprintf("media(%s, %d bytes, %s)", p.MIME, len(p.Data), p.URL))
		case provider.ServerCall:
			words = append(words, fmt.Sprintf("server(%s:%s(%s) %s %s)", p.ID, p.Name, p.Input, p.Output, string(p.State.Data)))
		case provider.Native:
			words = append(words, "native("+string(p.State.Data)+")")
		}
	}
	return strings.Join(append(words, string(resp.Finish)), " ")
}
