// Package lineeditor reads lines from a terminal with the keys that people expect:
// arrows, the history, Ctrl-A, Ctrl-E, Ctrl-K. It is a package of its own, since it
// costs a program two modules.
package lineeditor

import (
	"bytes"
	"io"
	"os"
	"sync"

	"golang.org/x/term"

	"github.com/funcall/funcall/examples/internal/console"
)

// An editor reads lines from a terminal. The terminal is in raw mode only while a line is typed;
// otherwise Ctrl-C is a signal as usual.
type editor struct {
	fd       int
	out      io.Writer
	terminal *term.Terminal

	mu     sync.Mutex
	cooked *term.State // the state to restore, or nil
}

// Open returns an editor that shows the prompt, or nil if in and out are not a
// terminal. It is a [console.Editor].
func Open(in, out *os.File, prompt string, past console.History) console.LineReader {
	if !term.IsTerminal(int(in.Fd())) || !term.IsTerminal(int(out.Fd())) {
		return nil
	}
	k := &keys{in: in}
	e := &editor{fd: int(in.Fd()), out: out}
	e.terminal = term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{k, out}, prompt)
	e.terminal.History = past
	e.terminal.AutoCompleteCallback = func(line string, _ int, key rune) (string, int, bool) {
		if key != keyDrop {
			return "", 0, false
		}
		k.over = line == ""
		return "", 0, true
	}
	return e
}

// ReadLine reads one line.
func (e *editor) ReadLine() (string, error) {
	if width, height, err := term.GetSize(e.fd); err == nil && width > 0 && height > 0 {
		_ = e.terminal.SetSize(width, height) // it cannot fail
	}
	if err := e.raw(); err != nil {
		return "", err
	}
	defer e.Restore()
	line, err := e.terminal.ReadLine()
	if err != nil { // the cursor still stands behind the prompt
		_, _ = io.WriteString(e.out, "\r\n")
	}
	return line, err
}

func (e *editor) raw() error {
	state, err := term.MakeRaw(e.fd)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cooked = state
	return nil
}

// Restore leaves raw mode. It is called for every way out, and safe to call
// twice and while a line is being read.
func (e *editor) Restore() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.cooked != nil {
		_ = term.Restore(e.fd, e.cooked) // where that fails, the terminal is gone
		e.cooked = nil
	}
}

const (
	keyCtrlC = 3
	keyDrop  = 7 // Ctrl-G, which does nothing else
)

// keys replaces Ctrl-C, which would end the input even if the line has text. The new key clears
// the line, and ends the input if the line is empty.
type keys struct {
	in   io.Reader
	rest []byte
	over bool
}

func (k *keys) Read(p []byte) (int, error) {
	if k.over {
		return 0, io.EOF
	}
	if len(k.rest) == 0 {
		typed := make([]byte, len(p))
		n, err := k.in.Read(typed)
		if err != nil {
			return 0, err
		}
		for _, key := range typed[:n] {
			switch key {
			case keyDrop:
			case keyCtrlC:
				k.rest = append(k.rest, keyDrop)
			default:
				k.rest = append(k.rest, key)
			}
		}
	}
	n := len(k.rest)
	if i := bytes.IndexByte(k.rest, keyDrop); i >= 0 {
		n = i + 1 // the keys after it may be dropped
	}
	n = copy(p, k.rest[:n])
	k.rest = k.rest[n:]
	return n, nil
}
