package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"github.com/funcall/funcall/examples/internal/console"
	"github.com/funcall/funcall/examples/internal/consoletest"
)

// A person sits at a terminal of their own and runs the program there.
type person struct {
	*consoletest.Screen
	t       *testing.T
	keys    *os.File // the terminal's other end
	program *exec.Cmd
	before  term.State
	tty     *os.File
}

func openTerminal(t *testing.T) (keyboard, tty *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("there are no pseudo terminals: %v", err)
	}
	t.Cleanup(func() { keyboard.Close() })
	n, err := unix.IoctlGetInt(int(keyboard.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(keyboard.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	}
	if err != nil {
		t.Skipf("a pseudo terminal cannot be opened: %v", err)
	}
	t.Cleanup(func() { tty.Close() })
	return keyboard, tty
}

func atTerminal(t *testing.T, args ...string) *person {
	t.Helper()
	keyboard, tty := openTerminal(t)
	before, err := term.GetState(int(tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	p := &person{Screen: consoletest.NewScreen(t), t: t, keys: keyboard, tty: tty, before: *before, program: consoletest.Command(t, args...)}
	p.program.Stdin, p.program.Stdout, p.program.Stderr = tty, tty, tty
	p.program.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := p.program.Start(); err != nil {
		t.Skipf("no process can be started at a terminal: %v", err)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		_, _ = io.Copy(p.Screen, keyboard) // ends with the terminal
	}()
	t.Cleanup(func() {
		_ = p.program.Process.Kill()
		tty.Close()
		<-over
	})
	return p
}

func (p *person) types(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.keys, text); err != nil {
		p.t.Fatal(err)
	}
}

// leaves wants the program to end with a code, and the terminal to be as it
// was.
func (p *person) leaves(code int) {
	p.t.Helper()
	err := p.program.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok || ok && exit.ExitCode() != code || err == nil && code != 0 {
		p.t.Errorf("it ends with %v, want %d", err, code)
	}
	after, err := term.GetState(int(p.tty.Fd()))
	if err != nil {
		p.t.Fatal(err)
	}
	if diff := cmp.Diff(fmt.Sprint(p.before), fmt.Sprint(*after)); diff != "" {
		p.t.Errorf("the terminal is not as it was: %s", diff)
	}
}

const (
	ctrlA = "\x01"
	ctrlC = "\x03"
	ctrlD = "\x04"
	ctrlG = "\x07"
	up    = "\x1b[A"
)

func TestTerminal(t *testing.T) {
	server, base := consoletest.SlowThenQuick(t)
	history := filepath.Join(t.TempDir(), "history")
	p := atTerminal(t, "-chat", "-customer", "CUST-9821", "-history", history, "-provider", "openai", "-base-url", base)
	p.Shows("CUST-9821> ")
	p.types("is ORD-78342?" + ctrlA + "Where \r") // edited
	p.Shows("Agent:    It is on")
	p.types(ctrlC) // stops the answer
	p.Shows("(stopped)")
	p.Shows("CUST-9821> ")
	p.types(ctrlG + "rubbish" + ctrlC) // takes back the line
	p.types("And now?\r")
	p.Shows("Agent:    It has arrived.")
	p.Shows("CUST-9821> ")
	p.types(up + " Thanks.\r") // the line before, and more
	p.Shows("Agent:    You are welcome.")
	p.Shows("CUST-9821> ")
	p.types(ctrlC) // ends the chat
	p.Shows("(the chat is over, after 3 questions)")
	p.leaves(0)

	asked := string(server.Requests()[2])
	for _, want := range []string{`"Where is ORD-78342?"`, `"And now?"`, `"And now? Thanks."`} {
		if !strings.Contains(asked, want) {
			t.Errorf("the model was not told %s: %s", want, asked)
		}
	}
	if strings.Contains(asked, "rubbish") {
		t.Error("it was told what was taken back")
	}
	if kept, err := os.ReadFile(history); err != nil || string(kept) != "Where is ORD-78342?\nAnd now?\nAnd now? Thanks.\n" {
		t.Errorf("kept: %q, %v", kept, err)
	}
}

func TestTerminalCtrlD(t *testing.T) {
	p := atTerminal(t, "-chat", "-latency", "0")
	p.Shows("staff> ")
	p.types("Where is ORD-78342?\r")
	p.Shows("is in transit")
	p.Shows("staff> ")
	p.types(ctrlD)
	p.Shows("(the chat is over, after 1 question)")
	p.leaves(0)
}

// A terminal must not be left in raw mode by what ends the program from
// outside, while it waits for a line.
func TestTerminalIsPutBack(t *testing.T) {
	for s, code := range map[os.Signal]int{syscall.SIGTERM: console.ExitInterrupted, syscall.SIGHUP: console.ExitInterrupted, os.Interrupt: console.ExitOK} {
		p := atTerminal(t, "-chat", "-latency", "0")
		p.Shows("staff> ")
		p.types("half a li")
		p.Shows("li") // raw mode echoes what was typed by hand
		if err := p.program.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		p.Shows("(the chat is over")
		p.leaves(code)
	}
}
