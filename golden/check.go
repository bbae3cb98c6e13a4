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

// Check compares a conversation with the file and fails the test if they differ. Call it at
// the end of the conversation, or after each run: then it compares the conversation so far.
//
// With GOLDEN_UPDATE=1 or GOLDEN_RECORD=1 Check compares nothing. When the test is over, the
// file is written from the conversation of the last Check.
func (r *Recording) Check(t transcript.Transcript) {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	t.Entries = slices.Clip(t.Entries)
	r.checked, r.callsChecked = &t, len(r.calls)
	if r.mode != playback || r.broken {
		return
	}
	if err := r.compareJournal(t); err != nil {
		r.broken = true
		r.t.Error(err)
	}
}

// compareJournal compares t with the part of the file that t has reached.
func (r *Recording) compareJournal(t transcript.Transcript) error {
	// The journal of a prefix may differ from the journal's prefix: a deadline may expire later.
	n := min(len(r.old.Entries), len(t.Entries))
	want, err1 := r.clean.journal(transcript.Transcript{ID: r.old.ID, Entries: r.old.Entries[:n]})
	got, err2 := r.clean.journal(t)
	if err := errors.Join(err1, err2); err != nil {
		return fmt.Errorf("golden: the transcript cannot be recorded in %s: %w", r.file, err)
	}
	at := firstDifference(want.lines, got.lines)
	if r.entriesChecked = n; at == len(got.lines) {
		return nil
	}
	was, is := render(want.Transcript), render(got.Transcript)
	line := r.old.parts[partPage].line + firstDifference(was.lines, is.lines)
	if was.String() == is.String() {
		line = r.old.parts[partJournal].line + at
	}
	return fmt.Errorf("golden: the conversation differs from %s:%d. To accept the change, run with %s=1.\n(-recorded +now):\n%s",
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
	if r.t.Failed() { // then a missing turn follows from that failure
		report = r.t.Logf
	}
	switch {
	case r.broken:
	case r.checked == nil:
		report("golden: the conversation was not compared with %s: call Check with its transcript", r.file)
	case r.mode != playback && (r.t.Failed() || panicking()):
		r.t.Logf("golden: %s is not written, because the test failed", r.file)
	case r.mode != playback && len(r.calls) > r.callsChecked:
		r.t.Errorf("golden: %s is not written: the model was called after the last Check", r.file)
	case r.mode != playback:
		if r.old != nil && len(r.old.calls) > len(r.calls) {
			r.t.Logf("golden: %s loses the model's last turns (%d), which the agent did not ask for", r.file, len(r.old.calls)-len(r.calls))
		}
		if err := r.write(); err != nil {
			r.t.Errorf("golden: %s is not written: %v", r.file, err)
		}
	case len(r.calls) < len(r.old.calls):
		n := len(r.calls)
		report("golden: the agent did not ask for turn %d of the model (%s:%d). To accept the change, run with %s=1.",
			n+1, r.file, r.old.callLine(n), update)
	case r.entriesChecked < len(r.old.Entries):
		report("golden: the conversation ends before %s:%d. To accept the change, run with %s=1; "+
			"if the conversation continues, call Check later.", r.file, r.old.entryLine(r.entriesChecked), update)
	}
}

// panicking reports whether the test is panicking: it counts as failed only afterwards.
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

// write writes the file from the conversation of the last Check.
func (r *Recording) write() error {
	j, err := r.clean.journal(*r.checked)
	if err != nil {
		return err
	}
	locate(j.Transcript, r.calls)
	text, err := formatFile(j, r.calls)
	if err != nil {
		return err
	}
	// A file that cannot be played back is not written.
	f, err := readFile(r.file, text, r.clean)
	if err != nil {
		return fmt.Errorf("playback would fail: %w", err)
	}
	if line := f.differsFrom(text); line > 0 {
		return fmt.Errorf("playback would fail: %s:%d would be masked again", r.file, line)
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

// replace writes a file atomically.
func replace(file, content string) error {
	temporary := fmt.Sprintf("%s.%d", file, os.Getpid())
	err := os.WriteFile(temporary, []byte(content), 0o644)
	if err == nil {
		err = os.Rename(temporary, file)
	}
	if err != nil {
		_ = os.Remove(temporary) // the first error is reported
	}
	return err
}
