package httpapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/funcall/funcall/internal/lazyctx"
	"github.com/funcall/funcall/provider"
)

var (
	errSilent  = errors.New("the server was silent for too long")
	errTooLong = errors.New("the reply is too long")
)

// An exchange is one request and its reply.
type exchange struct {
	client  *Client
	secrets secrets         // of the request as it is sent
	caller  context.Context // if done, the caller ended the call; see callerErr
	ctx     context.Context // of the request
	silence silence
	sending sending

	resp      *http.Response
	requestID string
	head      []byte // read by sniff, to be read again
	left      int64  // how many more bytes the body may have
	drain     [64]byte
}

func (c *Client) newExchange(caller context.Context) *exchange {
	x := &exchange{client: c, secrets: c.private().secrets, caller: caller, left: c.maxBytes}
	if _, direct := c.transport(); direct {
		x.ctx, x.silence.cancel, x.silence.deadline = lazyctx.Child(caller)
	} else { // hooks and other transports may ask for the deadline
		x.ctx, x.silence.cancel = context.WithCancelCause(caller)
	}
	x.silence.usual = c.idle
	x.silence.refill(c.firstByte)
	return x
}

// callerErr returns the error of the caller's context, which need not be asked, and read the
// clock, if the exchange ends at its deadline.
func (x *exchange) callerErr() error {
	if !x.silence.deadline.IsZero() && x.ctx.Err() == nil {
		return nil
	}
	return x.caller.Err()
}

// close ends the exchange in all cases, even if emit panics. It lets go of what a stopped timer
// would keep in memory for a while.
func (x *exchange) close() {
	x.silence.stop()
	if x.resp != nil {
		x.resp.Body.Close()
	}
	x.silence.cancel(nil)
	x.sending.end()
	x.resp, x.head = nil, nil
}

// progress refills the budget after a piece of the response arrived.
func (x *exchange) progress() { x.silence.refill(x.client.idle) }

// sign calls the OnRequest hook.
func (x *exchange) sign(hr *http.Request) *provider.Error {
	err := x.client.hook(hr)
	x.secrets = secretsOf(hr.URL, hr.Header)
	if err != nil {
		return x.hookFailed(err)
	}
	if mistake := badHeader(hr.Header); mistake != "" {
		e := x.errorf(provider.KindInvalidRequest, "after the OnRequest hook %s", mistake)
		e.Cost = new(provider.Money)
		return e
	}
	return nil
}

// Read reads the reply's body.
func (x *exchange) Read(p []byte) (n int, err error) {
	if len(x.head) > 0 {
		n = copy(p, x.head)
		x.head = x.head[n:]
		return n, nil
	}
	x.silence.wait(func() { n, err = x.resp.Body.Read(p) })
	if x.left -= int64(n); x.left < 0 {
		return 0, errTooLong
	}
	return n, err
}

// The forms of a body, as sniff tells them.
type form int

const (
	other form = iota
	document
	events
)

// sniff returns the form of the body by its first bytes, which can then be read again. It
// drops leading white space, which servers send to keep a connection open. The content type
// decides only if the bytes do not, because servers often get it wrong. The bytes are kept in
// head, which is empty and has room.
func (x *exchange) sniff(head []byte) (form, error) {
	var err error
	for err == nil && len(head) < len("retry:") {
		var n int
		n, err = x.Read(head[len(head):cap(head)])
		head = head[:len(head)+n]
		if trimmed := bytes.TrimPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("\ufeff")); len(trimmed) < len(head) {
			head = head[:copy(head, trimmed)]
		}
	}
	x.head = head
	if err != nil && err != io.EOF {
		return other, err
	}
	if len(head) == 0 {
		return other, nil
	}
	if head[0] == '{' || head[0] == '[' {
		return document, nil
	}
	for _, field := range []string{":", "data:", "event:", "id:", "retry:"} {
		if bytes.HasPrefix(head, []byte(field)) {
			return events, nil
		}
	}
	if declared, _, _ := mime.ParseMediaType(x.resp.Header.Get("Content-Type")); declared == "text/event-stream" && head[0] != '<' {
		return events, nil
	}
	return other, nil
}

// finish waits briefly for the end of the body after a complete response: a connection is
// reused only if its body was read to the end.
func (x *exchange) finish() {
	x.silence.refill(lastWait)
	for {
		if n, err := x.Read(x.drain[:]); err != nil || n == 0 {
			return
		}
	}
}

const lastWait = 50 * time.Millisecond

// sendFailed returns the error for a request without a reply.
func (x *exchange) sendFailed(err error) *provider.Error {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	if e := x.cutShort(err); e != nil {
		return e
	}
	if errors.Is(err, errRedirect) {
		e := x.failure(provider.KindInvalidRequest, err, "%v", err)
		e.Cost = new(provider.Money)
		return e
	}
	e := x.failure(provider.KindUnavailable, err, "no connection to %s: %v; check the base URL and the network", x.client.name, err)
	if neverSent(err) {
		e.Cost = new(provider.Money)
	}
	return e
}

// readFailed returns the error for a reply that broke off.
func (x *exchange) readFailed(err error) *provider.Error {
	if e := x.cutShort(err); e != nil {
		return e
	}
	if errors.Is(err, errTooLong) {
		return x.errorf(provider.KindMalformed, "the reply is longer than %d bytes (MaxResponseBytes)", x.client.maxBytes)
	}
	return x.failure(provider.KindUnavailable, err, "the connection broke off in the middle of the reply: %v", err)
}

// cutShort returns an error if a timeout or the caller ended the exchange.
func (x *exchange) cutShort(err error) *provider.Error {
	if cause := x.caller.Err(); cause != nil {
		kind, what := provider.KindCanceled, "the call was canceled"
		if errors.Is(cause, context.DeadlineExceeded) {
			kind, what = provider.KindTimeout, "the caller's deadline passed"
		}
		return x.failure(kind, cause, "%s", what)
	}
	if context.Cause(x.ctx) == errSilent {
		return x.errorf(provider.KindTimeout, "the server sent nothing for %v", x.silence.patience)
	}
	if ne, ok := errors.AsType[net.Error](err); ok && ne.Timeout() {
		return x.failure(provider.KindTimeout, err, "%v", err)
	}
	return nil
}

func (x *exchange) hookFailed(err error) *provider.Error {
	e := x.cutShort(err)
	if e == nil {
		e = x.failure(provider.KindInvalidRequest, err, "the OnRequest hook failed: %v", err)
	}
	e.Cost = new(provider.Money)
	return e
}

func (x *exchange) errorf(kind provider.ErrorKind, format string, args ...any) *provider.Error {
	return x.failure(kind, nil, format, args...)
}

// failure returns an error of this exchange.
func (x *exchange) failure(kind provider.ErrorKind, cause error, format string, args ...any) *provider.Error {
	e := &provider.Error{
		Kind:      kind,
		Provider:  x.client.name,
		Message:   x.clean(fmt.Sprintf(format, args...)),
		RequestID: x.requestID,
		Err:       x.cause(cause),
	}
	if x.resp != nil {
		e.Status = x.resp.StatusCode
	}
	return e
}
