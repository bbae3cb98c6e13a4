package httpapi

import (
	"errors"
	"fmt"
	"net/http"
)

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

// isRedirect reports whether an http.Client may follow a reply to another address.
func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// A resumed transport answers the first request with a reply that has arrived already, so that
// an http.Client continues from there.
type resumed struct {
	reply *http.Response // of the first request, or nil
	next  http.RoundTripper
}

func (r *resumed) RoundTrip(req *http.Request) (*http.Response, error) {
	reply := r.reply
	if reply == nil {
		return r.next.RoundTrip(req)
	}
	r.reply = nil
	return reply, req.Body.Close()
}
