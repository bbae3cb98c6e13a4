package console

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxLine is the maximum length of a line, in bytes.
const maxLine = 1 << 20

// A LineReader reads typed lines.
type LineReader interface {
	// ReadLine returns the next line without its end, or io.EOF.
	ReadLine() (string, error)
	// Restore restores the terminal, also while ReadLine is waiting.
	Restore()
}

// An Editor returns a LineReader that shows a prompt and lets lines be edited, or
// nil if in and out are not a terminal.
type Editor func(in, out *os.File, prompt string, past History) LineReader

// A History is the lines typed before.
type History interface {
	Add(line string)
	Len() int
	At(i int) string // counts from the newest line
}

// An Input is the source of a person's messages: a terminal, or anything else that is read
// line by line.
type Input struct {
	Shows bool // the person sees the prompt and what is typed

	lines      LineReader
	interrupts <-chan os.Signal
}

// OperatorInput returns an Input that asks the operator a question for each line. It keeps no
// history.
func (s *Show) OperatorInput(p Process, question string) *Input {
	return s.newInput(p, s.paint(magenta, operatorPrompt)+question, new(history))
}

func (s *Show) newInput(p Process, prompt string, past History) *Input {
	in, isFile := p.Stdin.(*os.File)
	screen, onScreen := s.w.(*os.File)
	if p.Editor != nil && isFile && onScreen {
		if edited := p.Editor(in, screen, prompt, past); edited != nil {
			return &Input{lines: edited, interrupts: p.Interrupts, Shows: true}
		}
	}
	lines := &plainLines{scanner: bufio.NewScanner(p.Stdin)}
	lines.scanner.Buffer(nil, maxLine)
	if shows := isFile && onScreen && isDevice(in) && isDevice(screen); shows {
		lines.screen, lines.prompt = screen, prompt
	}
	return &Input{lines: lines, interrupts: p.Interrupts, Shows: lines.screen != nil}
}

// isDevice reports whether a file is a terminal or another character device.
func isDevice(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// plainLines reads lines from a pipe, or from a terminal that edits them itself.
type plainLines struct {
	scanner *bufio.Scanner
	screen  io.Writer // the prompt is written here; may be nil
	prompt  string
}

func (l *plainLines) ReadLine() (string, error) {
	if l.screen != nil {
		_, _ = io.WriteString(l.screen, l.prompt) // if it fails, later writes fail, too
	}
	if l.scanner.Scan() {
		return l.scanner.Text(), nil
	}
	if l.screen != nil { // the cursor is still after the prompt
		_, _ = io.WriteString(l.screen, "\n")
	}
	switch err := l.scanner.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return "", fmt.Errorf("an input line is longer than %d bytes", maxLine)
	case err != nil:
		return "", fmt.Errorf("reading the input: %w", err)
	}
	return "", io.EOF
}

func (l *plainLines) Restore() {
	if l.screen != nil {
		_, _ = io.WriteString(l.screen, "\n")
	}
}

// Next waits for a line. It returns io.EOF at the end of the input, and if the person
// interrupts the program. A read cannot be stopped: an abandoned one continues until the
// program ends.
func (in *Input) Next(ctx context.Context) (string, error) {
	type line struct {
		text string
		err  error
	}
	got := make(chan line, 1)
	go func() {
		text, err := in.lines.ReadLine()
		got <- line{text, err}
	}()
	select {
	case l := <-got:
		return l.text, l.err
	case <-in.interrupts:
		in.lines.Restore()
		return "", io.EOF
	case <-ctx.Done():
		in.lines.Restore()
		return "", ctx.Err()
	}
}
