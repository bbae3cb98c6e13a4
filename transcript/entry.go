// Package transcript holds what happened in a conversation, and what follows
// from it.
//
// A [Transcript] is append-only. [Next] looks at it and says what is to be
// done; it reads no clock, no configuration and no network, so the same
// transcript gives the same action on any machine. Every verdict that user
// code or configuration has to give is written down where it falls: limits
// with the input, the verdict on each call with the model's output.
package transcript

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/funcall/funcall/provider"
)

// A Transcript is a conversation. Its entries must not change once written;
// slices of it share memory.
type Transcript struct {
	ID      string
	Entries []Entry
}

// An Entry is one thing that happened, and when.
type Entry struct {
	At   time.Time // UTC
	Body Body
}

// A Body is what happened: *[Input], *[Output], *[Attempt], *[Intent], *[Result],
// *[transcript.Decision], *[Resume], *[End], *[Withdrawal], or *[Unknown] if a newer version
// wrote it. The family is sealed.
type Body interface{ kind() string }

// Input is a user's turn. It begins a run and pins all that the run must not
// learn from a configuration that may change under it.
type Input struct {
	Message *provider.Message `json:"message"`
	// Subject is whom the tools act for.
	Subject string `json:"subject,omitempty"`
	Limits  Limits `json:"limits"`
	// Settings are the run's own generation settings, over the agent's.
	Settings *provider.Settings `json:"settings,omitempty"`
	// Answer describes the answer that ends the run, nil for any text.
	OutputSchema *provider.OutputSchema `json:"answer,omitempty"`
	// ConfigDigest identifies the instructions and tools the run began with.
	ConfigDigest string `json:"config_digest,omitempty"`
}

// Limits bound one run. They are checked before each model call and before
// each batch of tools.
type Limits struct {
	// Steps is how many model calls may ask for tools.
	Steps int `json:"steps"`
	// Calls is how many tool calls may run.
	Calls int `json:"calls"`
	// Refusals is how many turns in a row may have a call refused and none run.
	Refusals int `json:"refusals"`
	// Tokens bounds input and output together; 0 means no bound.
	Tokens int64 `json:"tokens,omitempty"`
	// Cost bounds what the model calls cost; 0 means no bound. An answer of
	// unknown cost ends the run as at the limit, as nobody could hold it.
	Cost provider.Money `json:"cost,omitempty"`
	// Active bounds the time in which somebody worked, in nanoseconds in JSON;
	// waiting for people does not count. 0 means no bound.
	ActiveTime time.Duration `json:"active_ns,omitempty"`
	// Words close a run at a limit where the model cannot.
	ClosingText string `json:"words,omitempty"`
}

// Output is a model's turn, with our verdict on each of its calls.
type Output struct {
	Message *provider.Message     `json:"message"`
	Finish  provider.FinishReason `json:"finish"`
	Usage   provider.Usage        `json:"usage,omitzero"`
	// Cost is what the turn cost, by the API's word or by a price. It is nil
	// where that is not known.
	Cost *provider.Money `json:"cost,omitempty"`
	// Model and RequestID are the API's words, to quote to its support.
	Model     string `json:"model,omitempty"`
	RequestID string `json:"request_id,omitempty"`
	// ToolsOff means that the model was asked to close the run without tools. Limit names the
	// limit; older versions did not store it.
	ToolsOff bool   `json:"tools_off,omitempty"`
	Limit    string `json:"limit,omitempty"`
	// Calls stand in the order of the message's tool calls.
	Calls []Call `json:"calls,omitempty"`
	// Answer is the answer that Input.OutputSchema asks for: JSON that its schema
	// accepts, with defaults filled in. Refused says why the turn's text is
	// none, in the model's hearing.
	StructuredText string `json:"answer,omitempty"`
	Refusal        string `json:"refused,omitempty"`
	// Fixes names the leniencies without which Answer would have been refused, such
	// as "fence" for JSON in a code fence.
	Coercions []string `json:"fixes,omitempty"`
	// Fallback names what the run fell back to, for the next request of the run: see
	// [provider.Run.Fallbacks].
	Fallback []string `json:"fallback,omitempty"`

	follow atomic.Pointer[follow]
}

// An Attempt is a model call that did not become an Output. Its usage and cost count
// towards the run's limits.
type Attempt struct{ provider.Attempt }

// refusesContent reports whether the API refused the request for what a message
// holds.
func (a *Attempt) refusesContent() bool {
	return a.Kind == provider.KindFiltered || a.Kind == provider.KindContextTooLong || a.Kind == provider.KindInvalidMedia
}

// A Call is a tool call and the verdict on it. Whatever user code has a say in
// the verdict has run before it is written.
type Call struct {
	ID   string `json:"id"`
	Tool string `json:"tool"`
	// Digest identifies the tool's definition at the time.
	Digest string `json:"digest,omitempty"`
	// Args are the arguments that were validated, with defaults filled in: the
	// bytes that the tool decodes.
	Args  string `json:"args,omitempty"`
	Class Class  `json:"class,omitempty"`
	// Fixes names the leniencies without which Args would have been refused.
	Coercions []string `json:"fixes,omitempty"`
	// Refused says why the call will not run, in the model's hearing.
	Refusal string `json:"refused,omitempty"`
	// Ask says why a person has to decide first, and ApprovalDeadline for how long they
	// can; zero means for ever.
	ApprovalReason   string    `json:"ask,omitempty"`
	ApprovalDeadline time.Time `json:"ask_until,omitzero"`
	// Within is how long an attempt can take at the most, until it is given up
	// on; in nanoseconds in JSON. 0 means that nobody knows.
	MaxDuration time.Duration `json:"within_ns,omitempty"`
	// Ends is the outcome with which the run ends once the call succeeded.
	EndsWith Outcome `json:"ends,omitempty"`
	// Answers says that the call is the answer that Input.OutputSchema asks for: its
	// Args are the answer, and there is nothing to run.
	StructuredOutput bool `json:"answers,omitempty"`
}

// Class says what running a tool does to the world.
type Class string

const (
	ClassEffect     Class = "effect"     // changes something: never blindly again
	ClassIdempotent Class = "idempotent" // changes something, but the same key changes it once
	ClassReadOnly   Class = "read_only"  // changes nothing: may run beside others and again
)

// A Ref is a call's place: the entry of its Output, and its index there.
type Ref struct{ Entry, Index int }

func (r Ref) String() string { return strconv.Itoa(r.Entry) + "." + strconv.Itoa(r.Index) }

// MarshalText writes the form of String.
func (r Ref) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads the form of String.
func (r *Ref) UnmarshalText(b []byte) error {
	entry, index, ok := strings.Cut(string(b), ".")
	e, err1 := strconv.Atoi(entry)
	i, err2 := strconv.Atoi(index)
	ref := Ref{e, i}
	if !ok || err1 != nil || err2 != nil || e < 0 || i < 0 || ref.String() != string(b) {
		return fmt.Errorf("%q is no reference to a call (such as 3.0)", b)
	}
	*r = ref
	return nil
}

// An Intent is written before a call that changes something is run. An Intent
// without a Result means: ask the backend what became of it.
type Intent struct {
	Ref     Ref `json:"call"`
	Attempt int `json:"attempt"`
	// Void says that the backend never heard of this attempt.
	Void bool `json:"void,omitempty"`
}

// A Result answers a call.
type Result struct {
	Ref    Ref
	Status Status
	// Content is what the model reads.
	Content []provider.Part
	// Err is what went wrong on our side, for operators; the model never sees it.
	Err      string
	Duration time.Duration
}

// Text returns the text of the content.
func (r *Result) Text() string { return provider.ToolResult{Parts: r.Content}.Text() }

// Status says how a call ended.
type Status string

const (
	StatusOK          Status = "ok"          // the tool answered
	StatusFailed      Status = "failed"      // the tool failed, and says or implies that nothing was done
	StatusRefused     Status = "refused"     // the model's mistake: arguments, or a tool that is not there
	StatusDenied      Status = "denied"      // a person said no, or nobody decided in time
	StatusSkipped     Status = "skipped"     // the run ended first: a limit, a cut, a hand-over
	StatusInterrupted Status = "interrupted" // the run was stopped before the call was answered
	StatusInDoubt     Status = "in_doubt"    // it was begun, and nobody knows whether it was done
)

// A Decision is a person's word on a call that asked for one.
type Decision struct {
	Ref Ref `json:"call"`
	// Digest identifies what the person saw: see [transcript.Pending]. A Decision with
	// another one decides nothing.
	Digest  string  `json:"digest"`
	Verdict Verdict `json:"verdict"`
	// Args replace the call's arguments, where the person edited them.
	Args string `json:"args,omitempty"`
	// Text is told to the model: why not, or the answer in the tool's stead.
	Text string `json:"text,omitempty"`
	By   string `json:"by,omitempty"`
}

// Verdict is what a person decided.
type Verdict string

const (
	VerdictApprove Verdict = "approve"
	VerdictDeny    Verdict = "deny"
	VerdictRespond Verdict = "answer" // the person answers in the tool's stead
	VerdictExpire  Verdict = "expire" // nobody's: Call.ApprovalDeadline has passed
)

// Resume takes up a run that was interrupted, or reopens one that failed or
// was canceled. Whoever worked on it before loses the race for the next append.
type Resume struct {
	By string `json:"by,omitempty"`
}

// End closes a run. Every run that was not killed has one.
type End struct {
	Outcome Outcome `json:"outcome"`
	// Why says more: the limit, the finish reason, the error.
	Reason string `json:"why,omitempty"`
	// Words were said to the user, though no model said them.
	ClosingText string `json:"words,omitempty"`
}

// A Withdrawal leaves a part of the conversation out of what the model is sent from
// here on. The entries stay where they are, and so does what was done: calls that
// may have been done are still in doubt. See [Repair] and [Tracker.Withdraw].
type Withdrawal struct {
	// From is the first entry that is left out; all that follow are, too. It is an
	// Input, or the entry behind an Output of the last run that has calls: then the
	// results of these calls are replaced by a text that says so, as every call needs a
	// result.
	From int `json:"from"`
	// Media says that nothing but the media of these entries is left out. A text stands
	// in its place.
	Media bool `json:"media,omitempty"`
	// Reason says why: what the API refused it for, as a provider.ErrorKind. It is
	// empty if the caller took the turn back.
	Reason provider.ErrorKind `json:"reason,omitempty"`
}

// Outcome says how a run ended, or why it has not.
type Outcome string

const (
	OutcomeDone      Outcome = "done"        // the model answered
	OutcomeLimit     Outcome = "limit"       // a limit was reached; Why names it
	OutcomeTruncated Outcome = "cut"         // the last response was cut off; Why has the finish reason
	OutcomeHandedOff Outcome = "handed_over" // a person takes over
	OutcomeFailed    Outcome = "failed"      // an error ended it
	OutcomeCanceled  Outcome = "canceled"    // its context was done, or its watcher left

	OutcomeWaiting Outcome = "waiting" // never stored: a person has to decide
	OutcomeOpen    Outcome = "open"    // never stored: it is running, or was killed
)

// Unknown is a body that a newer minor version wrote. It is kept as it is. It is ignored,
// unless Needs names a version: then a program that does not know that version must not
// act on the transcript; see [Tracker.Err]. The type may be a known one.
type Unknown struct {
	Type  string
	Needs string          // such as "1.2", or ""
	Raw   json.RawMessage // the whole entry
}

func (*Input) kind() string      { return "input" }
func (*Output) kind() string     { return "output" }
func (*Attempt) kind() string    { return "attempt" }
func (*Intent) kind() string     { return "intent" }
func (*Result) kind() string     { return "result" }
func (*Decision) kind() string   { return "decision" }
func (*Resume) kind() string     { return "resume" }
func (*End) kind() string        { return "end" }
func (*Withdrawal) kind() string { return "withdrawal" }
func (u *Unknown) kind() string  { return u.Type }
