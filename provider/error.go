package provider

import (
	"fmt"
	"strings"
	"time"
)

// ErrorKind sorts a provider's failures by what a caller can do about them.
type ErrorKind string

const (
	KindRateLimited    ErrorKind = "rate_limited"     // too many requests: wait, then again
	KindOverloaded     ErrorKind = "overloaded"       // the API has no capacity: wait, then again
	KindUnavailable    ErrorKind = "unavailable"      // it cannot be reached or failed inside: perhaps again
	KindTimeout        ErrorKind = "timeout"          // it was silent for too long: perhaps again
	KindAuth           ErrorKind = "auth"             // the key is missing, wrong or not allowed to
	KindQuota          ErrorKind = "quota"            // money or a quota is used up: waiting does not help
	KindInvalidRequest ErrorKind = "invalid_request"  // the API refuses the request as it is
	KindUnsupported    ErrorKind = "unsupported"      // the adapter or the API lacks what is asked for
	KindContextTooLong ErrorKind = "context_too_long" // the conversation does not fit the model
	KindFiltered       ErrorKind = "filtered"         // a content filter refused the request
	KindInvalidMedia   ErrorKind = "invalid_media"    // media in a message cannot be used: broken, too large, or of a type that the API or the model does not take
	KindMalformed      ErrorKind = "malformed"        // what came back is not what the API promises
	KindCanceled       ErrorKind = "canceled"         // the caller's context was done
)

// An Error is a failed call of a model. Get at it with
// errors.AsType[*provider.Error](err). It never holds a key.
type Error struct {
	Kind     ErrorKind
	Provider string // whose failure it is, such as "openai"
	Status   int    // HTTP status, 0 where there was no reply
	Code     string // the API's own code, such as "model_not_found"
	Message  string // the API's words, or ours; cut to a sensible length
	// RequestID is the API's name for the exchange.
	RequestID string
	// RetryAfter is how long the API asks to wait; 0 where it did not say.
	RetryAfter time.Duration
	// Emitted says that deltas had been handed out before it failed, so that
	// trying again shows the start of the answer twice.
	Emitted bool
	// Model is the model that failed, as the API names it; empty if it did not say.
	Model string
	// Usage is what the API said that the failed call used, as far as it got. All zero
	// means that it did not say.
	Usage Usage
	// Cost is what the failed call cost: zero if no model ran, nil if unknown. If it is nil,
	// an agent counts the kinds [KindRateLimited], [KindOverloaded], [KindAuth], [KindQuota],
	// [KindInvalidRequest], [KindUnsupported], [KindContextTooLong] and [KindInvalidMedia] as free.
	Cost *Money
	// Attempts are the calls that a wrapper made before the failed one, oldest first.
	Attempts []Attempt
	// Duration is how long the failed call took, without Attempts and the waits between
	// them. It is 0 if that is all the time that Generate took. See [Error.After].
	Duration time.Duration
	// Err is the cause, if there is one: context.Canceled among others.
	Err error
}

// Error says what failed, in one line.
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

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
