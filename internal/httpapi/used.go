package httpapi

import (
	"errors"
	"net"
	"net/http"

	"github.com/funcall/funcall/provider"
)

// What a failed call used. An API bills what its model has read and written, also if
// the answer then breaks off.

// addUsed adds what the server said of an answer that failed.
func addUsed(e *provider.Error, u Used) {
	e.Model, e.Usage = u.Model, u.Usage
	switch {
	case u.Cost != nil:
		e.Cost = u.Cost
	case u.Usage == (provider.Usage{}) && !e.Emitted && refuses(e.Kind):
		e.Cost = new(provider.Money)
	}
}

// refuses reports whether a failure of that kind, told in place of an answer, means
// that no model ran.
func refuses(kind provider.ErrorKind) bool {
	switch kind {
	case provider.Auth, provider.Quota, provider.RateLimited, provider.InvalidRequest, provider.Unsupported, provider.ContextTooLong:
		return true
	}
	return false
}

// costOfStatus returns what a reply with that status cost: nothing, or nil if a server
// in front of the API says that it waited for it in vain.
func costOfStatus(status int) *provider.Money {
	switch status {
	case http.StatusRequestTimeout, http.StatusBadGateway, http.StatusGatewayTimeout,
		499,      // nginx: the connection was closed
		520, 524: // Cloudflare: an odd reply, and none in time
		return nil
	}
	return new(provider.Money)
}

// neverSent reports whether err means that no request went out.
func neverSent(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}
