package openai

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/funcall/funcall/internal/sse"
	"github.com/funcall/funcall/provider"
)

// afterFinish is how long the end of a stream may take once the model has said
// that it is done: the usage follows at once, or never.
const afterFinish = 10 * time.Second

// scratch is what it takes to read a reply. Nothing of a reply stays in it.
type scratch struct {
	head     [512]byte
	document bytes.Buffer
	events   sse.Reader
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// maxPooled keeps a rare huge reply from staying in memory.
const maxPooled = 256 << 10

func (s *scratch) release() {
	if s.document.Cap() > maxPooled {
		s.document = bytes.Buffer{}
	}
	s.events.Reset(nil)
	scratches.Put(s)
}

// receive reads the answer, in whatever form it comes: some servers stream
// although nobody asked, others do not although they were asked to.
func (x *exchange) receive(a *answer) *provider.Error {
	s := scratches.Get().(*scratch)
	defer s.release()
	form, err := x.sniff(s.head[:0])
	if err != nil {
		return x.readFailed(err)
	}
	switch form {
	case document:
		s.document.Reset()
		return x.receiveDocument(a, &s.document)
	case events:
		s.events.Reset(x)
		return x.receiveStream(a, &s.events)
	}
	text, err := io.ReadAll(io.LimitReader(x, maxErrorBody))
	switch {
	case err != nil:
		return x.readFailed(err)
	case len(text) == 0:
		return x.errorf(provider.Malformed, "the reply is empty")
	}
	return x.errorf(provider.Malformed, "the reply is no JSON but %s; check the base URL", x.excerpt(text))
}

func (x *exchange) receiveDocument(a *answer, buf *bytes.Buffer) *provider.Error {
	if _, err := buf.ReadFrom(progressing{x}); err != nil {
		return x.readFailed(err)
	}
	if err := a.add(x.caller, buf.Bytes()); err != nil {
		if e := x.cutShort(err); e != nil {
			return e
		}
		return x.errorf(provider.Malformed, "the reply is broken: %v", err)
	}
	return x.verdict(a)
}

// progressing counts every byte of a document as progress, except the white
// space that is sent to keep a connection open.
type progressing struct{ *exchange }

func (p progressing) Read(b []byte) (int, error) {
	n, err := p.exchange.Read(b)
	if len(bytes.TrimSpace(b[:n])) > 0 {
		p.progress()
	}
	return n, err
}

func (x *exchange) receiveStream(a *answer, r *sse.Reader) *provider.Error {
	for !a.done {
		ev, err := r.Next()
		if cause := x.caller.Err(); cause != nil {
			return x.cutShort(cause) // also where more has already arrived
		}
		switch {
		case err != nil && a.finish != "" && !errors.Is(err, errTooLong):
			if a.calls.cutShort() {
				return x.errorf(provider.Unavailable, "the stream ended in the middle of a tool call")
			}
			return x.verdict(a) // all has been said; what is missing is good manners
		case err == io.EOF:
			return x.errorf(provider.Unavailable, "the stream ended in the middle of the answer")
		case errors.Is(err, sse.ErrTooLong):
			return x.errorf(provider.Malformed, "%v", err)
		case err != nil:
			return x.readFailed(err)
		case string(ev.Name) == "error":
			return x.inBand(ev.Data)
		case len(ev.Data) > 0:
			x.progress()
		}
		switch err := a.add(x.caller, ev.Data); {
		case err != nil && x.caller.Err() != nil:
			return x.cutShort(err)
		case err != nil && ev.Partial:
			return x.errorf(provider.Unavailable, "the stream ended in the middle of an event: %v", err)
		case err != nil:
			return x.errorf(provider.Malformed, "an event of the stream is broken: %v", err)
		case a.report != nil:
			return x.inBand(a.report)
		case a.finish != "":
			x.refill(min(x.client.idle, afterFinish))
		}
	}
	x.finish()
	return x.verdict(a)
}

// verdict says whether what has come is an answer.
func (x *exchange) verdict(a *answer) *provider.Error {
	switch {
	case a.report != nil:
		return x.inBand(a.report)
	case !a.begun:
		return x.errorf(provider.Malformed, "the reply holds no message")
	}
	if c, ok := cutBy(a.finish); ok && c.kind != "" {
		return x.errorf(c.kind, "the server broke the answer off and gives %q as the reason", a.finish)
	}
	return nil
}
