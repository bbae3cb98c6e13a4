package funcall

import (
	"errors"

	"github.com/funcall/funcall/internal/agent/toolresult"
	"github.com/funcall/funcall/transcript"
)

// Errors of Run, Send, Resume and Decide, beside those of providers (*[provider.Error]), stores
// and contexts. Compare them with errors.Is. If a newer version of this package wrote a session,
// they may return [transcript.ErrNewerVersion]. If a session was deleted, they return
// [transcript.ErrDeleted].
var (
	// ErrBusy: the session has a run that has not ended, or another run began first. It is
	// running, here or in another process, or it was interrupted. Look at the Transcript before
	// you send again. Call [Session.Resume] to continue an interrupted run: it returns ErrBusy
	// while another worker has the lease of the session, or, in a store without leases, until
	// [Config.TakeoverAfter] has passed.
	ErrBusy = errors.New("funcall: the session is running, or was interrupted")
	// ErrPending: a call waits for a decision, so [Session.Send] and [Session.Withdraw]
	// refuse; decide with [Session.Decide]. [Agent.Run] returns it if a call needs approval,
	// as it stores nothing that could be decided later. A session's run that stops at such a
	// call returns no error: its outcome is [transcript.OutcomeWaiting].
	ErrPending = errors.New("funcall: a tool call waits for a decision")
	// ErrNotPending: the call does not wait for a decision. It was decided, it has a result,
	// its run is over, or there is no such call.
	ErrNotPending = transcript.ErrNotPending
	// ErrStaleDecision: the call, its arguments, its tool or the reason for approval changed
	// since the call was shown.
	ErrStaleDecision = transcript.ErrStaleDecision
	// ErrExpired: the deadline of the decision has passed; see [ApprovalTimeout].
	ErrExpired = transcript.ErrExpired
	// ErrInvalidArguments: the tool's schema refuses the edited arguments, the agent has no
	// such tool any more, or the decision is not an approval.
	ErrInvalidArguments = transcript.ErrInvalidArguments
	// ErrWrongSubject: the session belongs to another subject; see [Subject].
	ErrWrongSubject = errors.New("funcall: the session belongs to another subject")
	// ErrNoOutput: [Generate] ended without a valid structured output.
	ErrNoOutput = errors.New("funcall: the run ended without a structured output")
	// ErrTruncated: the model's response was truncated in the middle of tool calls, or before
	// any text.
	ErrTruncated = errors.New("funcall: the model's response was truncated")
)

// Visible marks a tool's error as one that the model may read. The text of any other error is
// kept from the model: it learns that the tool failed, and a reference for the operator.
func Visible(err error) error {
	if err == nil {
		return nil
	}
	return &toolresult.VisibleError{Err: err}
}

// Fatal marks a tool's error as one that ends the run: Run returns it. The transcript stays
// valid, and the conversation can go on.
func Fatal(err error) error {
	if err == nil {
		return nil
	}
	return &toolresult.FatalError{Err: err}
}

// InDoubt marks a tool's error as one after which the outcome is unknown, such as a lost reply
// or a commit without an acknowledgment. The call is in doubt instead of failed. These need no
// mark: panics, and errors that match context.DeadlineExceeded or context.Canceled, or whose
// Timeout method returns true, even if they are [Visible]. A call of a [ReadOnly] tool is
// never in doubt: it failed.
func InDoubt(err error) error {
	if err == nil {
		return nil
	}
	return &toolresult.InDoubtError{Err: err}
}
