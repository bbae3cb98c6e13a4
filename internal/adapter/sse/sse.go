// Package sse reads server-sent events as the WHATWG HTML standard defines them. It skips
// fields that matter only for reconnecting (id, retry).
package sse

import (
	"bytes"
	"errors"
	"io"
)

// MaxLine bounds one line, and the data of one event, in bytes.
const MaxLine = 32 << 20

// ErrTooLong is the error for a line or an event longer than MaxLine.
var ErrTooLong = errors.New("sse: an event is longer than 32 MiB")

// An Event is one message of a stream. Its slices are valid until the next call of Next.
type Event struct {
	Name []byte // from "event:", empty for a plain message
	Data []byte // the "data:" lines, joined by line feeds
	// Partial reports that the stream ended before the blank line that ends an event. The
	// standard drops such an event; but some servers forget that line, and a reader of the
	// data can tell whether it is whole.
	Partial bool
}

// A Reader splits a stream into events. It reuses its buffers, so an event costs no
// allocation, and never waits for more bytes than an event needs. Reset the zero Reader before
// use. A Reader is not safe for concurrent use.
type Reader struct {
	src        io.Reader
	buf        []byte
	start, end int // buf[start:end] is read but not yet used
	name, data []byte

	begun  bool // the first line, with its byte order mark, was read
	skipLF bool // the last line ended in CR: an LF that follows belongs to it
	err    error
}

// NewReader returns a Reader of src.
func NewReader(src io.Reader) *Reader {
	r := new(Reader)
	r.Reset(src)
	return r
}

// Reset starts with another stream. It keeps the buffers, except those that a long event
// enlarged.
func (r *Reader) Reset(src io.Reader) {
	const large = 64 << 10
	next := Reader{src: src}
	if len(r.buf)+cap(r.name)+cap(r.data) <= large {
		next.buf, next.name, next.data = r.buf, r.name, r.data
	}
	*r = next
}

// Next returns the next event. Its error is io.EOF at the end of the stream, ErrTooLong, or
// that of the underlying reader.
func (r *Reader) Next() (Event, error) {
	r.name, r.data = r.name[:0], r.data[:0]
	hasData := false
	for {
		line, err := r.line()
		if err == io.EOF && hasData {
			return Event{Name: r.name, Data: r.data, Partial: true}, nil
		}
		if err != nil {
			return Event{}, err
		}
		if len(line) == 0 {
			if hasData {
				return Event{Name: r.name, Data: r.data}, nil
			}
			r.name = r.name[:0]
			continue
		}
		field, value, _ := bytes.Cut(line, []byte(":")) // a comment has an empty field
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(field) {
		case "event":
			r.name = append(r.name[:0], value...)
		case "data":
			if len(r.data)+len(value) > MaxLine {
				return Event{}, ErrTooLong
			}
			if hasData {
				r.data = append(r.data, '\n')
			}
			r.data = append(r.data, value...)
			hasData = true
		}
	}
}

// line returns the next line without its end: LF, CR or CRLF. The last line may have no end.
func (r *Reader) line() ([]byte, error) {
	scanned := 0
	for {
		if r.skipLF && r.start < r.end {
			r.skipLF = false
			if r.buf[r.start] == '\n' {
				r.start++
			}
		}
		rest := r.buf[r.start:r.end]
		if i := indexEnd(rest[scanned:]); i >= 0 {
			i += scanned
			r.skipLF = rest[i] == '\r'
			r.start += i + 1
			return r.first(rest[:i]), nil
		}
		scanned = len(rest)
		if r.err != nil {
			r.start = r.end
			if r.err == io.EOF && len(rest) > 0 {
				return r.first(rest), nil
			}
			return nil, r.err
		}
		if err := r.fill(); err != nil {
			return nil, err
		}
	}
}

// first strips the byte order mark of the first line.
func (r *Reader) first(line []byte) []byte {
	if r.begun {
		return line
	}
	r.begun = true
	return bytes.TrimPrefix(line, []byte("\ufeff"))
}

// indexEnd returns the index of the first LF or CR. It searches block by block, so that lines
// that end in CR do not each cost a search for LF through the whole buffer.
func indexEnd(b []byte) int {
	const block = 512
	for at := 0; at < len(b); at += block {
		part := b[at:min(at+block, len(b))]
		lf := bytes.IndexByte(part, '\n')
		if lf >= 0 {
			part = part[:lf]
		}
		if cr := bytes.IndexByte(part, '\r'); cr >= 0 {
			return at + cr
		}
		if lf >= 0 {
			return at + lf
		}
	}
	return -1
}

// fill reads more of the stream into the buffer.
func (r *Reader) fill() error {
	if r.start > 0 {
		r.end = copy(r.buf, r.buf[r.start:r.end])
		r.start = 0
	}
	if r.end == len(r.buf) {
		if len(r.buf) >= MaxLine {
			return ErrTooLong
		}
		grown := make([]byte, max(8<<10, 2*len(r.buf)))
		copy(grown, r.buf)
		r.buf = grown
	}
	const patience = 100 // empty reads in a row, as bufio has it
	for range patience {
		n, err := r.src.Read(r.buf[r.end:])
		r.end += n
		r.err = err
		if n > 0 || err != nil {
			return nil
		}
	}
	return io.ErrNoProgress
}
