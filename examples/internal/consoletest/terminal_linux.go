package consoletest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// A Person runs the program at a pseudo terminal.
type Person struct {
	*Screen
	Program *exec.Cmd

	t      *testing.T
	keys   *os.File // the other end of the terminal
	before term.State
	tty    *os.File
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

// AtTerminal starts the program at a terminal without a size. It skips the test if no terminal can
// be opened.
func AtTerminal(t *testing.T, args ...string) *Person {
	t.Helper()
	return AtSizedTerminal(t, 0, args...)
}

// AtSizedTerminal is [AtTerminal] with a terminal of that width.
func AtSizedTerminal(t *testing.T, columns uint16, args ...string) *Person {
	t.Helper()
	keyboard, tty := openTerminal(t)
	resize(t, keyboard, columns)
	before, err := term.GetState(int(tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	p := &Person{Screen: NewScreen(t), Program: Command(t, args...), t: t, keys: keyboard, tty: tty, before: *before}
	p.Program.Stdin, p.Program.Stdout, p.Program.Stderr = tty, tty, tty
	p.Program.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := p.Program.Start(); err != nil {
		t.Skipf("no process can be started at a terminal: %v", err)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		_, _ = io.Copy(p.Screen, keyboard) // ends with the terminal
	}()
	t.Cleanup(func() {
		_ = p.Program.Process.Kill()
		tty.Close()
		<-over
	})
	return p
}

// Resize changes the width of the terminal.
func (p *Person) Resize(columns uint16) {
	p.t.Helper()
	resize(p.t, p.keys, columns)
}

func resize(t *testing.T, terminal *os.File, columns uint16) {
	t.Helper()
	if err := unix.IoctlSetWinsize(int(terminal.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns}); err != nil {
		t.Fatal(err)
	}
}

// Types presses keys.
func (p *Person) Types(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.keys, text); err != nil {
		p.t.Fatal(err)
	}
}

// Leaves fails the test unless the program ends with that code and has restored the terminal.
func (p *Person) Leaves(code int) {
	p.t.Helper()
	err := p.Program.Wait()
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

// Keys.
const (
	CtrlA = "\x01"
	CtrlC = "\x03"
	CtrlD = "\x04"
	CtrlG = "\x07"
	Up    = "\x1b[A"
)
