package toolresult

import "errors"

// The marks of a tool's error.
type (
	// A VisibleError may be read by the model, word for word.
	VisibleError struct{ Err error }
	// A FatalError ends the run.
	FatalError struct{ Err error }
	// An InDoubtError says that it is not known whether the tool did what it was to do.
	InDoubtError struct{ Err error }
)

func (e *VisibleError) Error() string { return e.Err.Error() }
func (e *VisibleError) Unwrap() error { return e.Err }

func (e *FatalError) Error() string { return e.Err.Error() }
func (e *FatalError) Unwrap() error { return e.Err }

func (e *InDoubtError) Error() string { return e.Err.Error() }
func (e *InDoubtError) Unwrap() error { return e.Err }

// ErrNotApplied is the answer of a backend that has no record of a call.
var ErrNotApplied = errors.New("funcall: the backend has no record of the call")
