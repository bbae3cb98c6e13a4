// Package transcript defines the record of a conversation and derives the next step from it.
//
// A [Transcript] is an append-only list of entries. [Next] returns the next [Action]: a model
// call, tool calls, a question to a backend, or a wait for approval. It is a pure function of
// the transcript: it reads no clock, configuration or network, so the same transcript gives
// the same action on every machine. For that, every decision that depends on configuration or
// user code is stored when it is made: the limits with the input, the verdict on each call
// with the model's output.
//
// A tool call appears as provider.ToolCall (as the model wrote it), [Call] (with its verdict),
// [Work] (in an Action), [PendingCall] (waiting for a decision) and funcall.CallRecord (with
// its result). [Ref] identifies it in all of them.
//
// A [Store] keeps transcripts under session IDs. [Encode], [Decode] and [Validate] write, read
// and check them.
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

// A Transcript is a conversation. Entries must not be changed once written: slices of a
// Transcript share memory.
type Transcript struct {
	ID      string
	Entries []Entry
}

// An Entry is one event of a conversation and its time.
type Entry struct {
	Time time.Time // UTC
	Body Body
}

// A Body is the content of an entry: *[Input], *[Output], *[Attempt], *[Intent], *[Result],
// *[Decision], *[Resume], *[End], *[Withdrawal], or *[Unknown] if a newer version wrote it.
// Other packages cannot implement it.
type Body interface{ kind() string }

// An Output is a model's turn, with a verdict on each of its tool calls.
type Output struct {
	Message *provider.Message     `json:"message"`
	Finish  provider.FinishReason `json:"finish"`
	Usage   provider.Usage        `json:"usage,omitzero"`
	// Cost is the turn's cost, as reported by the API or computed from prices. It is nil if it
	// is unknown.
	Cost *provider.Money `json:"cost,omitempty"`
	// Model and RequestID are as the API reported them, for questions to its support.
	Model     string `json:"model,omitempty"`
	RequestID string `json:"request_id,omitempty"`
	// ToolsOff means that the model was asked to close the run without tools. Limit is the
	// limit that was reached. It is "" in entries of older versions.
	ToolsOff bool   `json:"tools_off,omitempty"`
	Limit    string `json:"limit,omitempty"`
	// Calls are in the order of the message's tool calls.
	Calls []Call `json:"calls,omitempty"`
	// StructuredText is the structured output that the turn gave as text: JSON that fits
	// Input.OutputSchema, with defaults filled in. If the text does not fit, Refusal is what
	// the model is told about it.
	StructuredText string `json:"answer,omitempty"`
	Refusal        string `json:"refused,omitempty"`
	// Coercions are the lenient readings by which StructuredText was accepted, such as "fence"
	// for JSON in a code fence.
	Coercions []string `json:"fixes,omitempty"`
	// Fallback names the fallbacks that the run's next model call keeps; see
	// [provider.Run.Fallbacks].
	Fallbacks []string `json:"fallback,omitempty"`

	follow atomic.Pointer[follow]
}

// An Attempt is a model call that returned no Output. Its usage and cost count towards the
// run's limits.
type Attempt struct{ provider.Attempt }

// refusesContent reports whether the API refused the request because of the content of a
// message.
func (a *Attempt) refusesContent() bool {
	return a.Kind == provider.KindFiltered || a.Kind == provider.KindContextTooLong || a.Kind == provider.KindInvalidMedia
}

// A Call is a tool call and the verdict on it. The verdict is complete when it is stored: code
// of the user that takes part in it, such as an approval rule, has run by then.
type Call struct {
	ID   string `json:"id"`
	Tool string `json:"tool"`
	// Digest identifies the definition of the tool at the time of the call.
	Digest string `json:"digest,omitempty"`
	// Args are the checked arguments with defaults filled in: the bytes that the tool decodes.
	Args  string `json:"args,omitempty"`
	Class Class  `json:"class,omitempty"`
	// Coercions are the lenient readings by which Args were accepted.
	Coercions []string `json:"fixes,omitempty"`
	// Refusal is what the model is told if the call is refused. A refused call does not run.
	Refusal string `json:"refused,omitempty"`
	// ApprovalReason is why the call needs approval, or "" if it needs none. After
	// ApprovalDeadline a decision is too late. The zero time means no deadline.
	ApprovalReason   string    `json:"ask,omitempty"`
	ApprovalDeadline time.Time `json:"ask_until,omitzero"`
	// MaxDuration is the longest time until an attempt returns or is abandoned, in nanoseconds
	// in JSON. 0 means unknown.
	MaxDuration time.Duration `json:"within_ns,omitempty"`
	// EndsWith is the outcome that ends the run if the call succeeds, or "".
	EndsWith Outcome `json:"ends,omitempty"`
	// IsOutput means that Args are the structured output that Input.OutputSchema
	// describes. The call runs no tool.
	IsOutput bool `json:"answers,omitempty"`
}

// A Class says whether a tool changes something and whether its calls may be repeated.
type Class string

const (
	ClassEffect     Class = "effect"     // changes something; runs alone, and is never repeated while in doubt
	ClassIdempotent Class = "idempotent" // calls with the same key change something once; runs alone
	ClassReadOnly   Class = "read_only"  // changes nothing; may run beside other calls and be repeated
)

// A Ref is the position of a tool call: the index of its Output's entry in the transcript, and
// its index among the calls of that Output.
type Ref struct{ Entry, Index int }

// String returns the form "entry.index", such as "3.0".
func (r Ref) String() string { return strconv.Itoa(r.Entry) + "." + strconv.Itoa(r.Index) }

// MarshalText returns the form of String.
func (r Ref) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText parses the form of String.
func (r *Ref) UnmarshalText(b []byte) error {
	entry, index, ok := strings.Cut(string(b), ".")
	e, err1 := strconv.Atoi(entry)
	i, err2 := strconv.Atoi(index)
	ref := Ref{e, i}
	if !ok || err1 != nil || err2 != nil || e < 0 || i < 0 || ref.String() != string(b) {
		return fmt.Errorf("invalid call reference %q; want entry.index, such as 3.0", b)
	}
	*r = ref
	return nil
}

// An Intent says that an attempt of a call that is not read-only is about to start. If no
// Result follows, the outcome of the attempt is unknown.
type Intent struct {
	Ref Ref `json:"call"`
	// Attempt counts from 1.
	Attempt int `json:"attempt"`
	// Void cancels the earlier Intent of this attempt: the backend has no record of it.
	Void bool `json:"void,omitempty"`
}

// A Result is the result of a tool call.
type Result struct {
	Ref    Ref
	Status Status
	// Content is what the model reads.
	Content []provider.Part
	// ErrorText is the error for operators. The model never sees it.
	ErrorText string
	Duration  time.Duration
}

// Text returns the text of Content.
func (r *Result) Text() string { return provider.ToolResult{Parts: r.Content}.Text() }

// A Status says how a tool call ended.
type Status string

const (
	StatusOK          Status = "ok"          // the tool answered
	StatusFailed      Status = "failed"      // the tool failed; its error means that it changed nothing
	StatusRefused     Status = "refused"     // the arguments are invalid, or there is no such tool
	StatusDenied      Status = "denied"      // a person declined the call, or the deadline for a decision passed
	StatusSkipped     Status = "skipped"     // the run ended before the call: a limit, a truncated response, a handoff
	StatusInterrupted Status = "interrupted" // the run was stopped before the call was answered
	StatusInDoubt     Status = "in_doubt"    // the call was started, and its outcome is unknown
)

// A Decision is what a person decided on a call that needs approval.
type Decision struct {
	Ref Ref `json:"call"`
	// Digest is that of the [PendingCall] that the person saw. If the call has another digest now,
	// the decision has no effect.
	Digest  string  `json:"digest"`
	Verdict Verdict `json:"verdict"`
	// Args are the edited arguments, or "" if the person did not edit them.
	Args string `json:"args,omitempty"`
	// Text is what the model is told: the reason of a denial, or the result that the person
	// gives in place of the tool.
	Text string `json:"text,omitempty"`
	// By names the person.
	By string `json:"by,omitempty"`
}

// A Verdict is the kind of a decision.
type Verdict string

const (
	VerdictApprove Verdict = "approve"
	VerdictDeny    Verdict = "deny"
	VerdictRespond Verdict = "answer" // the person gives the result in place of the tool
	VerdictExpire  Verdict = "expire" // no person decided before Call.ApprovalDeadline
)

// A Resume continues a run that was interrupted, that failed or that was canceled. A worker
// that was still working on the run gets ErrConflict from its next append.
type Resume struct {
	By string `json:"by,omitempty"`
}

// An End ends a run. A run without an End is running, waits for a decision, or was
// interrupted.
type End struct {
	Outcome Outcome `json:"outcome"`
	// Reason explains the outcome: the limit, the finish reason or the error.
	Reason string `json:"why,omitempty"`
	// ClosingText is what the user was told in place of a text of the model, or "".
	ClosingText string `json:"words,omitempty"`
}

// A Withdrawal leaves entries out of the messages that the model is sent from here on. The
// entries stay in the transcript. In-doubt calls stay in doubt. See [Repair] and
// [Tracker.Withdraw].
type Withdrawal struct {
	// From is the position of the first entry to leave out, with all after it. It is an Input,
	// or the entry after an Output with calls in the last run. In the second case a text
	// stands in for the result of each call, since APIs expect one.
	From int `json:"from"`
	// Media means that only the media of these entries are left out. A text stands in for
	// each.
	Media bool `json:"media,omitempty"`
	// Reason is why the API refused the content. It is "" if the caller withdrew the turn.
	Reason provider.ErrorKind `json:"reason,omitempty"`
}

// An Outcome says how a run ended or, if it has not ended, its state.
type Outcome string

const (
	OutcomeDone      Outcome = "done"        // the model answered
	OutcomeLimit     Outcome = "limit"       // a limit was reached; End.Reason names it
	OutcomeTruncated Outcome = "cut"         // the last response was truncated; End.Reason is the finish reason
	OutcomeHandedOff Outcome = "handed_over" // a person takes over
	OutcomeFailed    Outcome = "failed"      // an error ended it
	OutcomeCanceled  Outcome = "canceled"    // its context was done, or the caller left the stream

	OutcomeWaiting Outcome = "waiting" // never stored: a call waits for a decision
	OutcomeOpen    Outcome = "open"    // never stored: the run is running or was interrupted
)

// An Unknown is an entry that a newer minor version wrote. It is kept unchanged. If Needs is
// "", a program may ignore it. Otherwise a program that does not know that version must not
// continue the transcript; see [Tracker.Err]. Type may be a type that this version knows.
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
