package adaptertest

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
)

// InMemory returns an HTTP client whose every connection leads to a server that
// does what handle does, without a network. Client and server fit into a bubble
// of testing/synctest, where time passes only while both are silent: so a bound
// of silence ends nothing that is merely slow. They stop when the test ends.
func InMemory(t testing.TB, handle http.HandlerFunc) *http.Client {
	t.Helper()
	l := &pipes{dialed: make(chan net.Conn), closed: make(chan struct{})}
	var running sync.WaitGroup
	server := &http.Server{Handler: whenRead(func(w http.ResponseWriter, r *http.Request) {
		running.Add(1)
		defer running.Done()
		handle(w, r)
	})}
	running.Go(func() { _ = server.Serve(l) }) // it returns once the server is closed
	transport := &http.Transport{DialContext: l.dial}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
		running.Wait()
	})
	return &http.Client{Transport: transport}
}

// whenRead calls handle once the request was read: only then the server notices
// that a client hangs up.
func whenRead(handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		handle(w, r)
	}
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
