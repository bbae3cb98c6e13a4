package httpapi

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptrace"

	"github.com/funcall/funcall/provider"
)

// Most requests are passed to the http.Transport itself: an http.Client would copy the headers
// twice, for redirects and cookies that do not come. An http.Transport does not write to a
// request, but its functions may, such as Proxy, and registered protocols. So each request has
// an address and a map of headers of its own. The values are shared: they have no room for
// more. Other transports may do as they like, and an OnRequest hook may change the request, so
// their requests share nothing.

// transport returns the transport of the client's requests, or nil if it is a foreign one.
// direct reports whether it takes requests itself: they do not need the http.Client.
func (c *Client) transport() (t *http.Transport, direct bool) {
	rt := c.http.Transport
	if rt == nil {
		rt = http.DefaultTransport
	}
	t, ok := rt.(*http.Transport)
	return t, ok && c.direct
}

// isDirect reports whether an http.Client only passes requests to its transport.
func isDirect(hc *http.Client) bool {
	return hc.Timeout == 0 && hc.Jar == nil && hc.CheckRedirect == nil
}

// send sends the request and waits for a reply with status 2xx.
func (x *exchange) send(b *Body, stream bool) *provider.Error {
	tpl := x.client.private().template(stream)
	t, direct := x.client.transport()
	var err error
	if direct {
		x.sending.start(b, buffer(t)-tpl.head)
		err = x.pass(tpl, t)
	} else {
		x.sending.startForeign(b, x.client.room(t, tpl))
		hr := x.ownRequest(tpl)
		if x.client.hook != nil {
			if e := x.sign(hr); e != nil {
				return e
			}
		}
		err = x.do(x.client.http, hr)
	}
	if err != nil {
		return x.sendFailed(err)
	}
	x.requestID = x.clean(requestID(x.resp.Header))
	if x.resp.StatusCode < 200 || x.resp.StatusCode > 299 {
		return x.refused()
	}
	return nil
}

// pass passes a request to a transport, and then acts as the http.Client would.
func (x *exchange) pass(tpl *template, t *http.Transport) (err error) {
	hr := x.newRequest(httptrace.WithClientTrace(x.ctx, x.sending.traced()), tpl)
	hr.Header = maps.Clone(tpl.direct)
	//lint:ignore bodyclose close closes it, with the exchange
	x.silence.wait(func() { x.resp, err = roundTrip(t, hr) })
	if err != nil || !isRedirect(x.resp.StatusCode) {
		return err
	}
	hc := *x.client.http
	hc.Transport = &resumed{x.resp, t}
	return x.do(&hc, x.ownRequest(tpl))
}

// roundTrip returns the reply to a request. As an http.Client does, it examines what a registered
// protocol may return: the reply has a body, and is nil if there is an error.
func roundTrip(t *http.Transport, hr *http.Request) (*http.Response, error) {
	resp, err := t.RoundTrip(hr)
	switch {
	case err != nil:
		if bad, ok := errors.AsType[tls.RecordHeaderError](err); ok && string(bad.RecordHeader[:]) == "HTTP/" {
			return nil, http.ErrSchemeMismatch
		}
		return nil, err
	case resp == nil:
		return nil, errors.New("the transport returned neither a reply nor an error: repair its registered protocol")
	case resp.Body == nil && resp.ContentLength > 0:
		return nil, fmt.Errorf("the transport returned a reply with the content length %d and a nil Body: repair its registered protocol", resp.ContentLength)
	case resp.Body == nil:
		resp.Body = http.NoBody
	}
	return resp, nil
}

// do sends a request with an http.Client.
func (x *exchange) do(hc *http.Client, hr *http.Request) (err error) {
	//lint:ignore bodyclose close closes it, with the exchange
	x.silence.wait(func() { x.resp, err = hc.Do(hr) })
	return err
}

// newRequest returns a request with the headers of the template, which must not be written to.
func (x *exchange) newRequest(ctx context.Context, t *template) *http.Request {
	hr := t.request.WithContext(ctx)
	u := *hr.URL
	hr.URL = &u
	hr.ContentLength, hr.GetBody = x.sending.size, x.sending.open
	hr.Body, _ = x.sending.open() // no error: the body is not released
	return hr
}

// ownRequest returns a request with headers of its own.
func (x *exchange) ownRequest(t *template) *http.Request {
	hr := x.newRequest(x.ctx, t)
	hr.Header = hr.Header.Clone()
	return hr
}
