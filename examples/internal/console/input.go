package console

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// maxLine is how long a line may be, in bytes.
const maxLine = 1 << 20

// An Input is where a person's messages come from: a terminal, where lines can
// be edited, or anything else, which is read line by line.
type Input struct {
	Shows bool // the person sees the prompt and what is typed

	read       func() (string, error)
	restore    func() // puts the terminal back while read still waits
	interrupts <-chan os.Signal
}

// Prompt returns an Input that shows a prompt for each line, and keeps no history.
func (s *Show) Prompt(p Process, prompt string) *Input { return s.newInput(p, prompt, new(history)) }

func (s *Show) newInput(p Process, prompt string, h *history) *Input {
	in, isFile := p.Stdin.(*os.File)
	screen, onScreen := s.w.(*os.File)
	if isFile && onScreen && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(screen.Fd())) {
		e := newEditor(in, screen, s.paint("36", prompt), h)
		return &Input{read: e.read, restore: e.restore, interrupts: p.Interrupts, Shows: true}
	}
	lines := bufio.NewScanner(p.Stdin)
	lines.Buffer(nil, maxLine)
	read := func() (string, error) {
		if lines.Scan() {
			return lines.Text(), nil
		}
		if errors.Is(lines.Err(), bufio.ErrTooLong) {
			return "", fmt.Errorf("a line of the input is longer than %d bytes", maxLine)
		}
		if lines.Err() != nil {
			return "", fmt.Errorf("the input cannot be read: %w", lines.Err())
		}
		return "", io.EOF
	}
	return &Input{read: read, restore: func() {}, interrupts: p.Interrupts}
}

// Next waits for a line. It returns io.EOF where there are no more, and where
// the person interrupts the program. The reading cannot be stopped; where it is
// given up, it goes on behind until the program ends.
func (in *Input) Next(ctx context.Context) (string, error) {
	type line struct {
		text string
		err  error
	}
	got := make(chan line, 1)
	go func() {
		text, err := in.read()
		got <- line{text, err}
	}()
	select {
	case l := <-got:
		return l.text, l.err
	case <-in.interrupts:
		in.restore()
		return "", io.EOF
	case <-ctx.Done():
		in.restore()
		return "", ctx.Err()
	}
}
