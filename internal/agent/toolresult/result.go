// Package toolresult makes of what a tool returned the result that is stored.
package toolresult

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/funcall/funcall/internal/agent/storable"
	"github.com/funcall/funcall/internal/schema/arguments"
	"github.com/funcall/funcall/internal/text/wording"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// The texts that the model reads in place of a tool's error.
const (
	textFailed   = "The tool failed (reference %s)."
	textTimedOut = "The tool did not answer in time (reference %s)."
	textUnshown  = "Done, but the tool's answer cannot be shown (reference %s)."
	textChanged  = "The tool has changed; call it again."
)

// Reference is what an operator finds a failed call in the log by.
func Reference(key string) string {
	h := fnv.New32a()
	h.Write([]byte(key))
	return fmt.Sprintf("%08x", h.Sum32())
}

// An Ending is the outcome of a tool's code. Take examines its error, and is called where a
// panic of the error's own methods is caught.
type Ending struct {
	Parts      []provider.Part // what the model reads of the value
	Err        string          // "" for none; the model does not see it
	Fatal      error           // what the run is to end with
	NotApplied bool            // the backend has no record of the call

	ran      bool // the code returned without an error; Err may be about its value
	panicked bool
	args     *arguments.Error
	visible  *string // what the model may read of the error
	unknown  bool    // whether it was done is not known, by what the error says
	doubtful bool    // whether an earlier attempt did it is not known
}

// Begin forgets an attempt, but for the doubt that it leaves behind.
func (e *Ending) Begin() { *e = Ending{doubtful: e.doubtful || e.unknown} }

// Take takes what the code returned. It reports whether another attempt may succeed: an
// error that says nothing else may be a passing one.
func (e *Ending) Take(v any, err error) (again bool) {
	if err == nil {
		e.ran = true
		e.Parts, err = contentOf(v)
	}
	if err != nil {
		e.examine(err)
	}
	return err != nil && !e.ran && e.args == nil && e.visible == nil && e.Fatal == nil
}

// Panicked takes the text of a panic.
func (e *Ending) Panicked(text string) { e.panicked, e.Err = true, storable.Reason(text) }

func (e *Ending) examine(err error) {
	if e.Err = storable.Reason(err.Error()); e.Err == "" {
		e.Err = fmt.Sprintf("%T without a text", err)
	}
	errors.As(err, &e.args)
	if end, ok := errors.AsType[*FatalError](err); ok {
		e.Fatal = end.Err
	}
	if seen, ok := errors.AsType[*VisibleError](err); ok {
		e.visible = new(seen.Error())
	}
	var doubt *InDoubtError
	var timeout interface{ Timeout() bool } // net.Error, url.Error, os errors
	e.unknown = errors.As(err, &doubt) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) ||
		errors.As(err, &timeout) && timeout.Timeout()
	// The call is made again then, so the backend must have said nothing else.
	e.NotApplied = errors.Is(err, ErrNotApplied) && !e.unknown && e.visible == nil
}

// Result returns the result of a call that ended. Its text has at most maxText bytes.
// done says that the call's context was done when it ended.
func (e *Ending) Result(w transcript.Work, maxText int, done bool) *transcript.Result {
	r := &transcript.Result{Ref: w.Ref, ErrorText: e.Err}
	say := func(s transcript.Status, text string) *transcript.Result {
		r.Status, r.Content = s, []provider.Part{provider.Text{Text: storable.Cut(text, maxText)}}
		return r
	}
	changes := w.Call.Class != transcript.ClassReadOnly
	switch {
	case e.Err == "":
		r.Status, r.Content = transcript.StatusOK, storable.CutParts(e.Parts, maxText)
		return r
	case e.ran && changes: // what it was to do is done
		return say(transcript.StatusOK, fmt.Sprintf(textUnshown, Reference(w.Key)))
	case changes && (e.panicked || e.unknown):
		return InDoubt(w, e.Err)
	case changes && (e.doubtful || w.InDoubt) && e.visible == nil: // not this attempt, and perhaps one before
		return InDoubt(w, e.Err)
	case e.args != nil:
		return say(transcript.StatusRefused, e.args.Text)
	case e.visible != nil && e.Fatal == nil:
		return say(transcript.StatusFailed, *e.visible)
	case e.panicked || e.Fatal != nil || !done:
		return say(transcript.StatusFailed, fmt.Sprintf(textFailed, Reference(w.Key)))
	case changes:
		return InDoubt(w, e.Err)
	}
	return say(transcript.StatusFailed, fmt.Sprintf(textTimedOut, Reference(w.Key)))
}

// Changed is the result of a call whose tool is another by now: neither its
// class nor any approval that was given need hold.
func Changed(w transcript.Work) *transcript.Result {
	if w.InDoubt && !w.StartedAt.IsZero() { // it was begun by the tool of before
		return InDoubt(w, "the tool has changed since the call was started")
	}
	return &transcript.Result{Ref: w.Ref, Status: transcript.StatusRefused, Content: []provider.Part{provider.Text{Text: textChanged}}}
}

// Abandoned is the result of a call that was abandoned.
func Abandoned(w transcript.Work, after time.Duration) *transcript.Result {
	why := fmt.Sprintf("abandoned: it had not returned after %v", after.Round(time.Millisecond))
	if w.Call.Class != transcript.ClassReadOnly {
		return InDoubt(w, why)
	}
	return &transcript.Result{
		Ref: w.Ref, Status: transcript.StatusFailed, ErrorText: why,
		Content: []provider.Part{provider.Text{Text: fmt.Sprintf(textTimedOut, Reference(w.Key))}},
	}
}

// Failed is the result of a call that did nothing.
func Failed(w transcript.Work, why string) *transcript.Result {
	return &transcript.Result{
		Ref: w.Ref, Status: transcript.StatusFailed, ErrorText: why,
		Content: []provider.Part{provider.Text{Text: fmt.Sprintf(textFailed, Reference(w.Key))}},
	}
}

// InDoubt is the result of a call that was begun, and may have been done.
func InDoubt(w transcript.Work, why string) *transcript.Result {
	return &transcript.Result{
		Ref: w.Ref, Status: transcript.StatusInDoubt, ErrorText: why,
		Content: []provider.Part{provider.Text{Text: wording.InDoubt}},
	}
}
