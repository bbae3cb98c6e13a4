package httpapi

import (
	"bytes"
	"io"
	"slices"
	"sync"
)

// A Body is the JSON of a request: pieces, most of which are kept with the messages and tools
// that they encode, and a tail. Its buffers are reused after the exchange.
type Body struct {
	pieces [][]byte // the tail is the last one
	tail   []byte
	joined []byte // what they are copied to
	size   int
	reader bytes.Reader  // of joined
	opened io.ReadCloser // reads from reader; nil until open is called first
}

var bodies = sync.Pool{New: func() any { return new(Body) }}

// Bounds of what is kept for reuse, so that a rare huge request does not stay in memory.
const (
	maxJoined = 256 << 10
	maxPieces = 8 << 10
	maxTail   = 16 << 10
)

// NewBody returns an empty body. It is released with the exchange that it is used for.
func NewBody() *Body { return bodies.Get().(*Body) }

// Pieces returns an empty list with room for n pieces.
func (b *Body) Pieces(n int) [][]byte { return slices.Grow(b.pieces[:0], n) }

// Tail returns an empty buffer for the tail.
func (b *Body) Tail() []byte { return b.tail[:0] }

// End sets the pieces and the tail, which were made from the results of Pieces and Tail. The
// pieces must not change.
func (b *Body) End(list [][]byte, tail []byte) {
	b.pieces, b.tail, b.size = append(list, tail), tail, 0
	for _, piece := range b.pieces {
		b.size += len(piece)
	}
}

// appendTo appends the JSON to a buffer.
func (b *Body) appendTo(buf []byte) []byte {
	buf = slices.Grow(buf, b.size)
	for _, piece := range b.pieces {
		buf = append(buf, piece...)
	}
	return buf
}

// join copies the JSON to the buffer of the body, and lets go of the pieces.
func (b *Body) join() []byte {
	b.joined = b.appendTo(b.joined[:0])
	clear(b.pieces)
	return b.joined
}

// open returns a reader of what join returned. It may be called once between join and release.
func (b *Body) open() io.ReadCloser {
	if b.opened == nil {
		b.opened = io.NopCloser(&b.reader) // its type tells net/http that the body is in memory
	}
	b.reader.Reset(b.joined)
	return b.opened
}

// release makes the buffers available for other requests. Nothing may use them afterwards.
func (b *Body) release() {
	clear(b.pieces)
	if cap(b.joined) <= 2*maxJoined && cap(b.pieces) <= maxPieces && cap(b.tail) <= maxTail {
		bodies.Put(b)
	}
}

// A pieceReader reads pieces one after the other.
type pieceReader struct {
	left [][]byte
	at   int // how much of the first has been read
}

func (r *pieceReader) Read(p []byte) (n int, err error) {
	for len(r.left) > 0 && n < len(p) {
		m := copy(p[n:], r.left[0][r.at:])
		n += m
		if r.at += m; r.at == len(r.left[0]) {
			r.left, r.at = r.left[1:], 0
		}
	}
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (*pieceReader) Close() error { return nil }
