package httpapi

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// newTransport returns http.DefaultTransport tuned for this traffic: large bodies go out in
// few writes, and one connection per conversation is kept.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   2048,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		WriteBufferSize:       64 << 10,
	}
}

// errRedirect is the error for a redirect that would carry the key or the conversation to
// another host.
var errRedirect = errors.New("the redirect was not followed; set BaseURL to the API's own address")

// refuseRedirects returns a copy of hc that follows redirects only within the first host.
func refuseRedirects(hc *http.Client) *http.Client {
	guarded := *hc
	next := hc.CheckRedirect
	guarded.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		first := via[0]
		switch {
		case req.URL.Host != first.URL.Host || req.URL.Scheme != first.URL.Scheme:
			return fmt.Errorf("the server redirects to another host, %s://%s: %w", req.URL.Scheme, req.URL.Host, errRedirect)
		case req.Method != first.Method:
			return fmt.Errorf("the server redirects %s to %s, which drops the body: %w", first.Method, req.Method, errRedirect)
		case next != nil:
			return next(req, via)
		case len(via) >= 10:
			return fmt.Errorf("the server redirects endlessly: %w", errRedirect)
		}
		return nil
	}
	return &guarded
}
