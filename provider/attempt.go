package provider

import (
	"cmp"
	"errors"
	"slices"
	"time"
)

// An Attempt is a model call that failed, that lost to another call for the same request, or
// whose turn the API paused. Its usage and cost count.
type Attempt struct {
	// Kind is the kind of the failure. It is empty if the failure is not an [*Error], or if the
	// API paused the turn.
	Kind ErrorKind `json:"kind,omitempty"`
	// Error is the error's text, for operators.
	Error string `json:"error,omitempty"`
	// Provider names the API, such as "openai". Model and RequestID are as the API reported
	// them; quote them to its support.
	Provider  string `json:"provider,omitempty"`
	Model     string `json:"model,omitempty"`
	RequestID string `json:"request_id,omitempty"`
	// Usage is what the API reported for the attempt; it is zero if the API reported nothing.
	Usage Usage `json:"usage,omitzero"`
	// Cost is the attempt's cost. It is zero if the API refused the request, and nil if the
	// cost is unknown, as for a canceled call.
	Cost *Money `json:"cost,omitempty"`
	// Duration is how long the attempt took. In JSON it is in nanoseconds.
	Duration time.Duration `json:"duration_ns,omitempty"`
	// Then is what was done after the attempt. It is empty in older transcripts.
	Then Then `json:"then,omitempty"`
}

// Then is what was done after an [Attempt].
type Then string

const (
	ThenRetry    Then = "retry"    // the same model was called again
	ThenFallback Then = "fallback" // another model or provider was called
	ThenHedge    Then = "hedge"    // a concurrent second call decided; this one failed or was canceled
	ThenGiveUp   Then = "give_up"  // the request failed
	ThenContinue Then = "continue" // the API paused the turn, and the same model went on with it
)

// AttemptsOf returns the attempts behind a failed call of Generate: those that err carries,
// and last the call that failed. then is what is done after that call. took is its duration,
// unless [Error].Duration is set.
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

// After returns a copy of e with the attempts that were made before the failed call. took
// is the duration of the failed call, unless e.Duration is set.
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
