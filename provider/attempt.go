package provider

import (
	"cmp"
	"errors"
	"slices"
	"time"
)

// An Attempt is a model call that did not become the answer to its request: it failed, or
// another call answered. Its usage and cost count.
type Attempt struct {
	// Kind sorts the failure. It is empty if the failure is no [*Error].
	Kind ErrorKind `json:"kind,omitempty"`
	// Error is the error's text, for operators.
	Error string `json:"error,omitempty"`
	// Provider says whose failure it is. Model and RequestID are the API's words, to
	// quote to its support.
	Provider  string `json:"provider,omitempty"`
	Model     string `json:"model,omitempty"`
	RequestID string `json:"request_id,omitempty"`
	// Usage is what the API said that the attempt used. All zero means that it did not
	// say.
	Usage Usage `json:"usage,omitzero"`
	// Cost is what the attempt cost: zero if the API refused the request, nil if it is
	// not known, as with a call that was canceled.
	Cost *Money `json:"cost,omitempty"`
	// Duration is how long the attempt took; in nanoseconds in JSON.
	Duration time.Duration `json:"duration_ns,omitempty"`
	// Then says what was done after the attempt. Older transcripts do not say.
	Then Then `json:"then,omitempty"`
}

// Then says what was done after an [Attempt].
type Then string

const (
	ThenRetry    Then = "retry"    // the same model was asked again
	ThenFallback Then = "fallback" // another model or provider was asked
	ThenHedge    Then = "hedge"    // a second call, made beside it, decided; the attempt failed or was canceled
	ThenGiveUp   Then = "give_up"  // nothing: the request failed
)

// AttemptsOf returns the attempts that a failed call of Generate stands for: those that
// err carries, then the call that failed last, after which then is done. took is how long
// that call took; if [Error].Duration is set, it counts instead.
func AttemptsOf(err error, took time.Duration, then Then) []Attempt {
	last := Attempt{Error: err.Error(), Duration: took, Then: then}
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return []Attempt{last}
	}
	last.Kind, last.Provider, last.Model, last.RequestID = e.Kind, e.Provider, e.Model, e.RequestID
	last.Usage, last.Cost = e.Usage, e.Cost
	if last.Cost == nil && e.isRefusal() {
		last.Cost = new(Money)
	}
	last.Duration = cmp.Or(e.Duration, took)
	return append(slices.Clip(e.Attempts), last)
}

// After returns a copy of e that also carries the attempts which a wrapper made before the
// call that failed with e. took is how long that call took.
func (e *Error) After(attempts []Attempt, took time.Duration) *Error {
	failed := *e
	failed.Attempts = slices.Concat(attempts, e.Attempts)
	failed.Duration = cmp.Or(e.Duration, took)
	return &failed
}

// isRefusal reports whether the API refused the request before a model ran.
func (e *Error) isRefusal() bool {
	switch e.Kind {
	case KindRateLimited, KindOverloaded, KindAuth, KindQuota, KindInvalidRequest, KindUnsupported, KindContextTooLong, KindInvalidMedia:
		return !e.Emitted && e.Usage == Usage{}
	}
	return false
}
