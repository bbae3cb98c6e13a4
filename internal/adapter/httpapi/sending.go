package httpapi

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
)

// A sending is a body that is sent. The server may answer before it has read the body, so
// net/http may read it after the exchange: its buffers are released only if net/http has said
// that it is done.
type sending struct {
	body *Body  // nil once it is released
	json []byte // the body in one piece; nil if it is sent in pieces
	size int64

	opened atomic.Int32 // the number of readers; negative once the body is released
	wrote  atomic.Bool  // net/http is done with a reader
	trace  httptrace.ClientTrace
}

// net/http sends a body of one piece in one write with the headers, if both fit into the buffer
// of the http.Transport. If they do not, the write may fail in the middle of the body, and
// net/http would not repeat it on another connection. So a larger body is sent in pieces:
// net/http writes the headers alone first.

// buffer returns the size of a transport's buffer.
func buffer(t *http.Transport) int {
	return cmp.Or(max(t.WriteBufferSize, 0), 4<<10)
}

// headSize returns the most bytes that a request with these headers has before its body.
func headSize(u *url.URL, h http.Header) int {
	const (
		line    = len("POST  HTTP/1.1\r\nHost: \r\nReferer: \r\n\r\n")
		nethttp = 200 // what net/http adds, such as the length of the body and a proxy's password
	)
	// A proxy gets the whole address, and so does the target of a redirect, as the Referer.
	n := line + nethttp + 2*len(u.String()) + len(u.Host)
	for name, values := range h {
		for _, v := range values {
			n += len(name) + len(v) + len(": \r\n")
		}
	}
	return n
}

// inOneWrite is the size up to which the body of a request that is not passed to a transport
// itself is copied into one piece.
const inOneWrite = 16 << 10

// room returns the size up to which the body of a request that needs the http.Client is sent in
// one piece by t, or by a foreign transport if t is nil.
func (c *Client) room(t *http.Transport, tpl *template) int {
	switch {
	case t == nil:
		return inOneWrite
	case c.hook != nil || c.http.Jar != nil: // they may add as much as half of the buffer
		return min(buffer(t)/2-tpl.head, inOneWrite)
	}
	return min(buffer(t)-tpl.head, inOneWrite)
}

// start decides how the body is sent: in one piece if it has at most room bytes. An
// [http.Transport] sends it, and calls the functions of traced.
func (s *sending) start(b *Body, room int) {
	s.body, s.size = b, int64(b.size)
	if b.size <= min(room, maxJoined) {
		s.json = b.join()
	}
}

// startForeign is start for a request whose sender may not call the functions of traced: its
// buffers are not reused.
func (s *sending) startForeign(b *Body, room int) {
	s.body, s.size = b, int64(b.size)
	if b.size <= room {
		s.json = b.appendTo(nil)
		s.release()
	}
}

var errReleased = errors.New("the body of the request was opened after the exchange")

// open returns a reader of the body; see [http.Request.GetBody].
func (s *sending) open() (io.ReadCloser, error) {
	switch n := s.opened.Add(1); {
	case n < 0:
		return nil, errReleased
	case s.json == nil:
		return &pieceReader{left: s.body.pieces}, nil
	case n == 1 && s.body != nil:
		return s.body.open(), nil
	}
	return io.NopCloser(bytes.NewReader(s.json)), nil
}

// traced returns a trace by which an [http.Transport] tells when it is done with a reader: it
// has written the request, or has failed to. It opens the body again before it writes the
// request again.
func (s *sending) traced() *httptrace.ClientTrace {
	s.trace.WroteRequest = func(httptrace.WroteRequestInfo) { s.wrote.Store(true) }
	return &s.trace
}

// end releases the body, unless net/http may still read it.
func (s *sending) end() {
	if s.body != nil && s.wrote.Load() && s.opened.CompareAndSwap(1, math.MinInt32) {
		s.release()
	}
}

func (s *sending) release() {
	s.body.release()
	s.body = nil
}
