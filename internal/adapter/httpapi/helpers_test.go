package httpapi

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/funcall/funcall/provider"
)

// An echo is an Answer whose text is the JSON of the reply.
type echo struct {
	Progress
	text string
}

func (e *echo) Add(data []byte) ([]byte, error) {
	e.text, e.Finished, e.Done = string(data), true, true
	return nil, nil
}

func (e *echo) Missing() string { return "" }

func (e *echo) Used() Used { return Used{} }

func (e *echo) Response() (*provider.Response, *Fault) {
	return &provider.Response{Message: provider.Assistant(provider.Text{Text: e.text})}, nil
}

// bodyOf returns a body of a JSON text.
func bodyOf(json string) *Body {
	b := NewBody()
	b.End(append(b.Pieces(2), []byte(json[:len(json)/2])), append(b.Tail(), json[len(json)/2:]...))
	return b
}

// call sends a JSON text and returns the reply's.
func call(ctx context.Context, c *Client, json string) (string, error) {
	r, err := c.Call(ctx, bodyOf(json), false, new(echo))
	if err != nil {
		return "", err
	}
	return r.Message.Text(), nil
}

// newClient returns a client of an API at an address.
func newClient(base string, hc *http.Client, change func(*Config)) *Client {
	cfg := Defaults()
	cfg.API, cfg.BaseURL, cfg.Path, cfg.HTTP = "Test", base, "v1/ask", hc
	if change != nil {
		change(&cfg)
	}
	return New(cfg)
}

// A scripted connection passes what is written to a function, and reads the replies that the
// function sends.
type scripted struct {
	write   func(p []byte) (int, error)
	replies chan []byte
	left    []byte
	closed  chan bool
	close   sync.Once
}

func script(write func(c *scripted, p []byte) (int, error)) *scripted {
	c := &scripted{replies: make(chan []byte, 1), closed: make(chan bool)}
	c.write = func(p []byte) (int, error) { return write(c, p) }
	return c
}

func (c *scripted) Write(p []byte) (int, error) { return c.write(p) }

func (c *scripted) Read(p []byte) (int, error) {
	if len(c.left) == 0 {
		select {
		case c.left = <-c.replies:
		case <-c.closed:
			return 0, io.EOF
		}
	}
	n := copy(p, c.left)
	c.left = c.left[n:]
	return n, nil
}

func (c *scripted) Close() error {
	c.close.Do(func() { close(c.closed) })
	return nil
}

func (*scripted) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (*scripted) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (*scripted) SetDeadline(time.Time) error      { return nil }
func (*scripted) SetReadDeadline(time.Time) error  { return nil }
func (*scripted) SetWriteDeadline(time.Time) error { return nil }

// dialing returns a client that gets its connections from dial.
func dialing(dial func() net.Conn) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) { return dial(), nil },
	}}
}

// okReply is a whole reply.
const okReply = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n" + `{"ok":true}`
