// Package serve starts HTTP servers for tests, on loopback and in memory.
package serve

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
)

// Loopback starts a server on loopback until the test ends, and returns its address.
func Loopback(t testing.TB, handle http.HandlerFunc) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	start(t, l, handle)
	return "http://" + l.Addr().String()
}

// InMemory returns an HTTP client whose every connection leads to a server that
// does what handle does, without a network. Client and server fit into a bubble
// of testing/synctest, where time passes only while both are silent: so a bound
// of silence ends nothing that is merely slow. They stop when the test ends.
func InMemory(t testing.TB, handle http.HandlerFunc) *http.Client {
	t.Helper()
	l := &pipes{dialed: make(chan net.Conn), closed: make(chan struct{})}
	start(t, l, handle)
	transport := &http.Transport{DialContext: l.dial}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// start serves the connections of l until the test ends. It calls handle once the
// request was read: only then the server notices that a client hangs up.
func start(t testing.TB, l net.Listener, handle http.HandlerFunc) {
	var running sync.WaitGroup
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			handle(w, r)
		}),
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				running.Add(1)
			case http.StateClosed, http.StateHijacked:
				running.Done()
			}
		},
	}
	running.Go(func() { _ = server.Serve(l) }) // it returns once the server is closed
	t.Cleanup(func() {
		_ = server.Close()
		running.Wait()
	})
}

// pipes is a listener for connections in memory.
type pipes struct {
	dialed chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.dialed <- server:
		return client, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.dialed:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipes) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipes) Addr() net.Addr { return &net.TCPAddr{} }
