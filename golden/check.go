package golden

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/funcall/funcall/transcript"
)

// Check compares a conversation with the file, and fails the test where they
// differ. Call it when the conversation is over; to call it after each of its
// runs is fine, too: then it compares what has happened so far.
//
// With GOLDEN_UPDATE=1 or GOLDEN_RECORD=1 it takes note of the conversation, and
// the file is written when the test is over, from the last Check.
func (r *Recording) Check(t transcript.Transcript) {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	t.Entries = slices.Clip(t.Entries)
	r.checked, r.heard = &t, len(r.calls)
	if r.mode != playback || r.broken {
		return
	}
	if err := r.compareJournal(t); err != nil {
		r.broken = true
		r.t.Error(err)
	}
}

// compareJournal holds what has happened so far against as much of the file.
func (r *Recording) compareJournal(t transcript.Transcript) error {
	// The journal of a part is not always a part of the journal: in the whole, a
	// deadline may have passed.
	n := min(len(r.old.Entries), len(t.Entries))
	want, err1 := r.clean.journal(transcript.Transcript{ID: r.old.ID, Entries: r.old.Entries[:n]})
	got, err2 := r.clean.journal(t)
	if err := errors.Join(err1, err2); err != nil {
		return fmt.Errorf("golden: the transcript cannot be kept in %s: %w", r.file, err)
	}
	at := firstDifference(want.lines, got.lines)
	if r.length = n; at == len(got.lines) {
		return nil
	}
	was, is := render(want.Transcript), render(got.Transcript)
	line := r.old.parts[partPage].line + firstDifference(was.lines, is.lines)
	if was.String() == is.String() {
		line = r.old.parts[partJournal].line + at
	}
	return fmt.Errorf("golden: the conversation is not the one in %s:%d. To accept the change, run with %s=1.\n(-recorded +now):\n%s",
		r.file, line, update, diff(was.String(), is.String(), want.lines, got.lines))
}

// finish runs when the test is over.
func (r *Recording) finish() {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	open.Delete(r.file)
	if r.t.Skipped() {
		return
	}
	report := r.t.Errorf
	if r.t.Failed() { // then what is missing is a consequence, worth knowing
		report = r.t.Logf
	}
	switch {
	case r.broken:
	case r.checked == nil:
		report("golden: the conversation was never compared with %s: call Check with its transcript", r.file)
	case r.mode != playback && (r.t.Failed() || panicking()):
		r.t.Logf("golden: %s is not written, because the test failed", r.file)
	case r.mode != playback && len(r.calls) > r.heard:
		r.t.Errorf("golden: %s is not written: the model was asked again after the last Check", r.file)
	case r.mode != playback:
		if r.old != nil && len(r.old.calls) > len(r.calls) {
			r.t.Logf("golden: %s loses its last turns of the model (%d), which were not asked for", r.file, len(r.old.calls)-len(r.calls))
		}
		if err := r.write(); err != nil {
			r.t.Errorf("golden: %s is not written: %v", r.file, err)
		}
	case len(r.calls) < len(r.old.calls):
		n := len(r.calls)
		report("golden: turn %d of the model (%s:%d) was never asked for. To accept the change, run with %s=1.",
			n+1, r.file, r.old.callLine(n), update)
	case r.length < len(r.old.Entries):
		report("golden: the conversation ends before %s:%d, and the file goes on. To accept the change, run with %s=1; "+
			"if it is not over, call Check later.", r.file, r.old.entryLine(r.length), update)
	}
}

// panicking reports whether the test is passing on a panic: then it has not
// failed yet.
func panicking() bool {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	for {
		f, more := frames.Next()
		if f.Function == "runtime.gopanic" {
			return true
		}
		if !more {
			return false
		}
	}
}

// write makes the file of what was checked last.
func (r *Recording) write() error {
	j, err := r.clean.journal(*r.checked)
	if err != nil {
		return err
	}
	place(j.Transcript, r.calls)
	text, err := formatFile(j, r.calls)
	if err != nil {
		return err
	}
	// What cannot be played back must not be written.
	f, err := readFile(r.file, text, r.clean)
	if err != nil {
		return fmt.Errorf("it could not be played back: %w", err)
	}
	if line := f.differsFrom(text); line > 0 {
		return fmt.Errorf("it could not be played back: %s:%d would be masked once more", r.file, line)
	}
	old, err := os.ReadFile(r.file)
	if err == nil && asWritten(string(old)) == text {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(r.file), 0o755); err != nil {
		return err
	}
	return replace(r.file, text)
}

// replace writes a file whole or not at all.
func replace(file, content string) error {
	temporary := fmt.Sprintf("%s.%d", file, os.Getpid())
	err := os.WriteFile(temporary, []byte(content), 0o644)
	if err == nil {
		err = os.Rename(temporary, file)
	}
	if err != nil {
		_ = os.Remove(temporary) // what is wrong is said already
	}
	return err
}
