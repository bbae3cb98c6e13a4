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
	e.Model, e.Usage, e.Cost = u.Model, u.Usage, u.Cost
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
