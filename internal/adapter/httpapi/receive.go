package httpapi

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/funcall/funcall/internal/adapter/sse"
	"github.com/funcall/funcall/provider"
)

// afterFinish bounds how long the end of a stream may take once the model is done: the usage
// follows at once, or never.
const afterFinish = 10 * time.Second

// A scratch holds the buffers for reading a reply. It keeps no part of a reply.
type scratch struct {
	head     [512]byte
	document bytes.Buffer
	events   sse.Reader
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// maxPooled is the largest buffer that is kept for reuse, so that a rare huge reply does not
// stay in memory.
const maxPooled = 256 << 10

func (s *scratch) release() {
	if s.document.Cap() > maxPooled {
		s.document = bytes.Buffer{}
	}
	s.events.Reset(nil)
	scratches.Put(s)
}

// receive reads the response in either form: some servers stream although the request did not
// ask for it, others do not although it did.
func (x *exchange) receive(a Answer) (*provider.Response, *provider.Error) {
	s := scratches.Get().(*scratch)
	defer s.release()
	form, err := x.sniff(s.head[:0])
	if err != nil {
		return nil, x.readFailed(err)
	}
	switch form {
	case document:
		s.document.Reset()
		return x.receiveDocument(a, &s.document)
	case events:
		s.events.Reset(x)
		return x.receiveStream(a, &s.events)
	}
	text, err := io.ReadAll(io.LimitReader(x, maxReport))
	switch {
	case err != nil:
		return nil, x.readFailed(err)
	case len(text) == 0:
		return nil, x.errorf(provider.KindMalformed, "the reply is empty")
	}
	return nil, x.errorf(provider.KindMalformed, "the reply is not JSON but %s; check the base URL", x.excerpt(text))
}

// maxAnnounced bounds the room for a document that the server has announced but not sent.
const maxAnnounced = 2 << 20

func (x *exchange) receiveDocument(a Answer, buf *bytes.Buffer) (*provider.Response, *provider.Error) {
	if n := x.resp.ContentLength; 0 < n && n <= min(maxAnnounced, x.client.maxBytes) {
		buf.Grow(int(n) + bytes.MinRead) // ReadFrom wants that much more to find the end
	}
	if _, err := buf.ReadFrom(progressing{x}); err != nil {
		return nil, x.readFailed(err)
	}
	if err := x.add(a, buf.Bytes()); err != nil {
		if e := x.cutShort(err); e != nil {
			return nil, e
		}
		return nil, x.errorf(provider.KindMalformed, "the reply is broken: %v", err)
	}
	return x.verdict(a)
}

// progressing counts every byte of a document as progress, except the white space that keeps a
// connection open.
type progressing struct{ *exchange }

func (p progressing) Read(b []byte) (int, error) {
	n, err := p.exchange.Read(b)
	if len(bytes.TrimSpace(b[:n])) > 0 {
		p.progress()
	}
	return n, err
}

func (x *exchange) receiveStream(a Answer, r *sse.Reader) (*provider.Response, *provider.Error) {
	for p := a.State(); !p.Done; {
		ev, err := r.Next()
		if cause := x.callerErr(); cause != nil {
			return nil, x.cutShort(cause) // even if more data has arrived
		}
		switch {
		case err != nil && p.Finished && !errors.Is(err, errTooLong):
			if missing := a.Missing(); missing != "" {
				return nil, x.errorf(provider.KindUnavailable, "the stream ended %s", missing)
			}
			return x.verdict(a) // the response is complete; only the end of the stream is missing
		case err == io.EOF:
			return nil, x.errorf(provider.KindUnavailable, "the stream ended in the middle of the response")
		case errors.Is(err, sse.ErrTooLong):
			return nil, x.errorf(provider.KindMalformed, "%v", err)
		case err != nil:
			return nil, x.readFailed(err)
		case string(ev.Name) == "error":
			p.Fail(ev.Data)
			return x.verdict(a)
		case len(ev.Data) > 0 && string(ev.Name) != "ping": // a ping only keeps the connection open
			x.progress()
		}
		switch err := x.add(a, ev.Data); {
		case err != nil && x.callerErr() != nil:
			return nil, x.cutShort(err)
		case err != nil && ev.Partial:
			return nil, x.errorf(provider.KindUnavailable, "the stream ended in the middle of an event: %v", err)
		case err != nil:
			return nil, x.errorf(provider.KindMalformed, "an event of the stream is broken: %v", err)
		case p.failed:
			return x.verdict(a)
		case p.Finished:
			x.silence.refill(min(x.client.idle, afterFinish))
		}
	}
	x.finish()
	return x.verdict(a)
}

var doneMark = []byte("[DONE]")

// add reads the data of one event, or a document. It usually holds one JSON value. Servers
// that forget the blank line between two events send several, and gateways end the streams of
// any API with a mark. If the context is done, add returns its error.
func (x *exchange) add(a Answer, data []byte) (err error) {
	p := a.State()
	for data = bytes.TrimSpace(data); len(data) > 0 && !p.Done; {
		if err := x.callerErr(); err != nil {
			return err
		}
		if bytes.HasPrefix(data, doneMark) {
			p.Done = p.Finished || p.Marks
			return nil
		}
		if data, err = a.Add(data); err != nil {
			return err
		}
	}
	return nil
}

// verdict returns the response, or an error if what came is not one.
func (x *exchange) verdict(a Answer) (*provider.Response, *provider.Error) {
	if p := a.State(); p.failed {
		return nil, x.inBand(p.report)
	}
	r, fault := a.Response()
	if fault != nil {
		return nil, x.errorf(fault.Kind, "%s", fault.Message)
	}
	return r, nil
}
