package funcall

import "errors"

// What Run, Send and Resume return beside the errors of providers
// (*[provider.Error]), stores and contexts.
var (
	// ErrBusy: the session is running, here or in another process, or it was
	// killed and nobody has resumed it yet. See [Session.Resume].
	ErrBusy = errors.New("funcall: the session is running, or was interrupted")
	// ErrPending: a tool call waits for a decision. A session takes it with [Session.Decide];
	// Run stores nothing, so there is nothing to decide on later.
	ErrPending = errors.New("funcall: a tool call waits for a decision")
	// ErrNotPending: the decision is about a call that waits for none: it was
	// decided or answered, its run is over, or there is no such call.
	ErrNotPending = errors.New("funcall: the call waits for no decision")
	// ErrStaleDecision: the decision is about something else than what the call is: its
	// place, its tool, that tool's definition, its arguments, or why it is asked
	// differ from what the person was shown.
	ErrStaleDecision = errors.New("funcall: the decision is not about this call as it is")
	// ErrExpired: the decision came later than the tool allows; see
	// [ApprovalTimeout].
	ErrExpired = errors.New("funcall: it is too late to decide on the call")
	// ErrInvalidArguments: the tool's schema refuses the arguments that the person wrote.
	ErrInvalidArguments = errors.New("funcall: the edited arguments are invalid")
	// ErrWrongSubject: the session belongs to another subject.
	ErrWrongSubject = errors.New("funcall: the session belongs to another subject")
	// ErrNoOutput: [Generate] ended without an answer of the form that was asked
	// for.
	ErrNoOutput = errors.New("funcall: the model gave no valid answer")
	// ErrTruncated: the model's response was cut off where it is of no use: in the
	// middle of tool calls, or before any text.
	ErrTruncated = errors.New("funcall: the model's response was cut off")
)

// Visible marks a tool's error as one that the model may read, word for word.
// Without it the model learns only that the tool failed.
func Visible(err error) error {
	if err == nil {
		return nil
	}
	return &visibleError{err}
}

// Fatal marks a tool's error as one that ends the run: Run returns it. The
// transcript stays whole, and the conversation can go on.
func Fatal(err error) error {
	if err == nil {
		return nil
	}
	return &fatalError{err}
}

// InDoubt marks a tool's error as one after which nobody knows whether the tool
// did what it was to do: a reply that was lost, a commit without an answer. The
// model is told so, instead of that the tool failed. Errors that come of a
// timeout or a cancellation need no mark. On a tool that is [ReadOnly] it means
// nothing: such a call failed.
func InDoubt(err error) error {
	if err == nil {
		return nil
	}
	return &inDoubtError{err}
}

type inDoubtError struct{ err error }

func (e *inDoubtError) Error() string { return e.err.Error() }
func (e *inDoubtError) Unwrap() error { return e.err }

type visibleError struct{ err error }

func (e *visibleError) Error() string { return e.err.Error() }
func (e *visibleError) Unwrap() error { return e.err }

type fatalError struct{ err error }

func (e *fatalError) Error() string { return e.err.Error() }
func (e *fatalError) Unwrap() error { return e.err }
