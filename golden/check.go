package golden

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

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
	want := r.nodes
	got := r.clean.nodes(encode(assemble(t, r.calls)))
	same := 0
	for same < min(len(want), len(got)) && text(want[same]) == text(got[same]) {
		same++
	}
	if r.partial, r.length = same == len(got) && same < len(want), same; same == len(got) {
		return
	}
	r.broken = true
	w, g := render(want), render(got)
	r.t.Errorf("golden: the conversation is not the one in %s:%d. To accept the change, run with %s=1.\n(-recorded +now):\n%s",
		r.file, w.differsAt(g), envUpdate, diff(w.String(), g.String()))
}

// differsAt is the line of p's file where it begins to differ from q.
func (p *page) differsAt(q *page) int {
	for i, line := range p.lines {
		if i >= len(q.lines) || line != q.lines[i] {
			if line == "" && i+1 < len(p.from) { // the gap ahead of a node
				return p.from[i+1]
			}
			return p.from[i]
		}
	}
	return p.from[len(p.from)-1] // q goes on after it
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
		if n := len(r.turns) - len(r.calls); n > 0 {
			r.t.Logf("golden: %s loses its last turns of the model (%d): nobody asked for them", r.file, n)
		}
		if err := r.write(); err != nil {
			r.t.Errorf("golden: %s is not written: %v", r.file, err)
		}
	case len(r.calls) < len(r.turns):
		n := len(r.calls)
		report("golden: turn %d of the model (%s:%d) was never asked for. To accept the change, run with %s=1.",
			n+1, r.file, r.old.steps[r.turns[n]].line, envUpdate)
	case r.partial:
		report("golden: the conversation ends before %s:%d, and the file goes on. To accept the change, run with %s=1; "+
			"if it is not over, call Check later.", r.file, r.nodes[r.length].line, envUpdate)
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
	c := assemble(*r.checked, r.calls)
	page := render(r.clean.nodes(encode(c))).String()
	// What cannot be read must not be written.
	nodes, err := parse(r.file, page)
	if err == nil {
		_, err = decode(r.file, nodes)
	}
	if err != nil {
		return fmt.Errorf("it could not be read again: %w", err)
	}
	old, err := os.ReadFile(r.file)
	if err == nil && strings.ReplaceAll(string(old), "\r\n", "\n") == page {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(r.file), 0o755); err != nil {
		return err
	}
	return replace(r.file, page)
}

// replace writes a file whole or not at all.
func replace(file, content string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(file), ".golden-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // what is wrong is said already
		}
	}()
	_, err = f.WriteString(content)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
