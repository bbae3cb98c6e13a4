package httpapi

import (
	"io"
	"strings"
)

// inOneWrite is the size up to which a body is copied into one piece before it is sent.
// net/http sends such a body in one write with the headers; for any other reader it writes the
// headers alone first. For larger bodies the copy costs more than the write.
const inOneWrite = 16 << 10

// A Body is the JSON of a request. It can be opened any number of times, and net/http may
// still read it after the call.
type Body struct {
	size int64
	open func() (io.ReadCloser, error) // as http.Request.GetBody; it never fails
}

// BodyOf returns a body of the pieces, which must not change. It does not keep the list.
func BodyOf(list [][]byte) Body {
	size := 0
	for _, piece := range list {
		size += len(piece)
	}
	if size > inOneWrite {
		kept := make([][]byte, len(list))
		copy(kept, list)
		return Body{int64(size), func() (io.ReadCloser, error) { return &pieceReader{left: kept}, nil }}
	}
	var b strings.Builder
	b.Grow(size)
	for _, piece := range list {
		b.Write(piece)
	}
	text := b.String()
	return Body{int64(size), func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
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
