// Package sse reads Server-Sent Events as the WHATWG HTML standard defines
// them. Fields that only matter for reconnecting (id, retry) are skipped.
package sse

import (
	"bytes"
	"errors"
	"io"
)

// MaxLine is how long one line, or the data of one event, may be.
const MaxLine = 32 << 20

// ErrTooLong is returned for a line or an event that is longer than MaxLine.
var ErrTooLong = errors.New("sse: an event is longer than 32 MiB")

// An Event is one message of a stream. Its slices are only valid until the
// next call of Next.
type Event struct {
	Name []byte // from "event:", empty for a plain message
	Data []byte // the "data:" lines, joined by line feeds
	// Partial says that the stream ended before the blank line that ends an
	// event. The standard drops such an event; but servers forget that line,
	// and whoever reads the data can tell whether it is whole.
	Partial bool
}

// A Reader splits a stream into events. It reuses its buffers, so that an
// event costs no allocation, and never waits for more bytes than an event
// needs. The zero Reader must be Reset before it is used. It is not safe for
// concurrent use.
type Reader struct {
	src        io.Reader
	buf        []byte
	start, end int // buf[start:end] is read but not yet used
	name, data []byte

	begun  bool // the first line, with its byte order mark, is behind us
	skipLF bool // the last line ended in CR: an LF that follows belongs to it
	err    error
}

// NewReader returns a Reader of src.
func NewReader(src io.Reader) *Reader {
	r := new(Reader)
	r.Reset(src)
	return r
}

// Reset starts over with another stream. It keeps the buffers, except those
// that a long event made large.
func (r *Reader) Reset(src io.Reader) {
	const large = 64 << 10
	next := Reader{src: src}
	if len(r.buf)+cap(r.name)+cap(r.data) <= large {
		next.buf, next.name, next.data = r.buf, r.name, r.data
	}
	*r = next
}

// Next returns the next event. It fails with io.EOF at the end of the stream,
// with ErrTooLong, or with the error of the underlying reader.
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

// line returns the next line without its end, which is LF, CR or CRLF. The
// last line need not have one.
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

// first strips the byte order mark that the first line may begin with.
func (r *Reader) first(line []byte) []byte {
	if r.begun {
		return line
	}
	r.begun = true
	return bytes.TrimPrefix(line, []byte("\ufeff"))
}

// indexEnd looks for either end of a line, a block after the other, so that
// lines that end in CR do not each cost a search for LF through all that has
// come.
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

// fill reads more of the stream behind what is buffered.
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
