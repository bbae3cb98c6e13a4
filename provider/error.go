package provider

import (
	"fmt"
	"strings"
	"time"
)

// An ErrorKind sorts failures by what the caller can do about them.
type ErrorKind string

const (
	KindRateLimited    ErrorKind = "rate_limited"     // too many requests: wait, then retry
	KindOverloaded     ErrorKind = "overloaded"       // the API has no capacity: wait, then retry
	KindUnavailable    ErrorKind = "unavailable"      // the API cannot be reached or failed internally: a retry may help
	KindTimeout        ErrorKind = "timeout"          // the API was silent for too long, or the caller's deadline passed: a retry may help
	KindAuth           ErrorKind = "auth"             // the key is missing, wrong or lacks permission
	KindQuota          ErrorKind = "quota"            // credit or a quota is used up: waiting does not help
	KindInvalidRequest ErrorKind = "invalid_request"  // the API refuses the request: change it
	KindUnsupported    ErrorKind = "unsupported"      // the adapter or the API lacks a feature that the request needs
	KindContextTooLong ErrorKind = "context_too_long" // the conversation does not fit the model
	KindFiltered       ErrorKind = "filtered"         // a content filter refused the request
	KindInvalidMedia   ErrorKind = "invalid_media"    // media is broken, too large, or of a type that the API or the model does not accept
	KindMalformed      ErrorKind = "malformed"        // the response breaks the API's format
	KindCanceled       ErrorKind = "canceled"         // the caller canceled the context
)

// An Error is a failed model call. Get it with errors.AsType[*provider.Error](err). It never
// holds an API key.
type Error struct {
	Kind     ErrorKind
	Provider string // names the API, such as "openai"
	Status   int    // HTTP status; 0 if there was no reply
	Code     string // the API's own code, such as "model_not_found"
	Message  string // the API's text, shortened, or the adapter's own
	// RequestID is the API's ID of the HTTP exchange.
	RequestID string
	// RetryAfter is how long the API asks to wait; 0 if it does not say.
	RetryAfter time.Duration
	// Emitted reports that deltas were emitted before the failure: a retry repeats the start
	// of the answer.
	Emitted bool
	// Model is the model that failed, as the API names it; "" if the API does not say.
	Model string
	// Usage is what the API reported for the failed call so far; it is zero if the API
	// reported nothing.
	Usage Usage
	// Cost is the cost of the failed call: zero if no model ran, nil if unknown. If it is nil,
	// Usage is zero and nothing was emitted, the call counts as free for the kinds that refuse
	// a request before a model runs: [KindRateLimited], [KindOverloaded], [KindAuth],
	// [KindQuota], [KindInvalidRequest], [KindUnsupported], [KindContextTooLong] and
	// [KindInvalidMedia].
	Cost *Money
	// Attempts are the calls before the failed one, oldest first: those that a wrapper made, and
	// those whose turn the API paused.
	Attempts []Attempt
	// Duration is how long the failed call took, without Attempts and the waits between them.
	// If it is 0, the call took as long as Generate. See [Error.After].
	Duration time.Duration
	// Err is the cause, such as context.Canceled; nil if there is no other error.
	Err error
}

// Error returns the failure in one line.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Provider != "" {
		b.WriteString(e.Provider)
		b.WriteString(": ")
	}
	b.WriteString(strings.ReplaceAll(string(e.Kind), "_", " "))
	if e.Status != 0 {
		fmt.Fprintf(&b, " (HTTP %d", e.Status)
		if e.Code != "" {
			b.WriteString(", " + e.Code)
		}
		b.WriteString(")")
	} else if e.Code != "" {
		b.WriteString(" (" + e.Code + ")")
	}
	switch {
	case e.Message != "":
		b.WriteString(": " + e.Message)
	case e.Err != nil:
		b.WriteString(": " + e.Err.Error())
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, " (retry after %v)", e.RetryAfter)
	}
	if e.RequestID != "" {
		b.WriteString(" [request " + e.RequestID + "]")
	}
	return b.String()
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }
