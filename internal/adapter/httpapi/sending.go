package httpapi

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptrace"
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

// net/http sends a body of one piece in one write with the headers, if both fit into its
// buffer. If they do not, the write may fail in the middle of the body, and net/http would not
// repeat it on another connection. So a larger body is sent in pieces: net/http writes the
// headers alone first.
const (
	defaultBuffer = 4 << 10 // of an http.Transport
	maxHead       = 1 << 10 // the headers' part of the buffer
	// inOneWrite is the size up to which a body for other transports is copied into one piece.
	inOneWrite = 16 << 10
)

// start decides how the body is sent. If t is not nil, t sends it, and calls the functions of
// traced.
func (s *sending) start(b *Body, t *http.Transport) {
	s.body, s.size = b, int64(b.size)
	switch {
	case t != nil:
		if b.size <= min(cmp.Or(max(t.WriteBufferSize, 0), defaultBuffer)-maxHead, maxJoined) {
			s.json = b.join()
		}
	case b.size <= inOneWrite:
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
