package httpapi

import (
	"errors"
	"net"
	"net/http"
	"strings"

	"github.com/funcall/funcall/provider"
)

// What a failed call used. An API bills what its model read and wrote, even if the response
// then breaks off.

// addUsed adds to an error what the server reported before the failure.
func addUsed(e *provider.Error, u Used) {
	e.Model, e.Usage, e.Cost = u.Model, u.Usage, u.Cost
}

// costOfRefusal returns the cost of a call that was answered with a status other than 2xx:
// zero if the API refused the request before a model ran, and nil if a model may have run.
func costOfRefusal(kind provider.ErrorKind, r report, status int) *provider.Money {
	layers := r.layers()
	words := wordsOf(layers)
	ran := true
	switch {
	case status == http.StatusRequestTimeout, status == closedRequest:
	case status < 500:
		ran = kind == provider.KindMalformed || kind == provider.KindFiltered && strings.Contains(words, "output")
	case status == http.StatusServiceUnavailable, status == overloaded:
		ran = kind != provider.KindOverloaded || !containsAny(codesOf(layers), fullCodes) && !containsAny(words, fullWords)
	}
	if ran {
		return nil
	}
	return new(provider.Money)
}

// fullCodes and fullWords mean that an API has no capacity. A proxy in front of the API uses
// the same status for a broken connection.
var (
	fullCodes = []string{"overload", "capacity", "queueexceeded", "slowdown"}
	fullWords = []string{"overloaded", "capacity", "loading model"}
)

// neverSent reports whether err means that no request was sent.
func neverSent(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}
