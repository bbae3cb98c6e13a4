// Package console is shared by the programs of the reference shop: the process, its flags, the
// choice of a model, and conversations in a terminal.
package console

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// A Process is a program's environment.
type Process struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Interrupts     <-chan os.Signal // Ctrl-C
	Editor         Editor           // edits typed lines; if nil, the terminal does
}

// Exit codes.
const (
	ExitOK          = 0
	ExitFailed      = 1
	ExitUsage       = 2
	ExitInterrupted = 130 // as in a shell after Ctrl-C
)

// Main runs a program as this process and exits with its code. SIGTERM and SIGHUP cancel the
// context; the program handles Ctrl-C. Edit may be nil.
func Main(program func(ctx context.Context, p Process, args []string) int, edit Editor) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	code := program(ctx, Process{os.Stdin, os.Stdout, os.Stderr, os.Getenv, interrupts, edit}, os.Args[1:])
	stop()
	os.Exit(code)
}

// Refuse prints a mistake in the flags and returns the exit code. For flag.ErrHelp it prints
// nothing.
func (p Process) Refuse(f *Flags, err error) int {
	if errors.Is(err, flag.ErrHelp) {
		return ExitOK
	}
	fmt.Fprintf(p.Stderr, "%s: %s\n", f.Name(), Clean(err.Error()))
	return ExitUsage
}

// Run calls perform and returns the exit code. Ctrl-C cancels the context of perform, except in a
// chat, where it cancels the current answer.
func (p Process) Run(ctx context.Context, f *Flags, perform func(context.Context) error) int {
	if !f.Chat {
		var stop func()
		ctx, stop = interruptible(ctx, p.Interrupts)
		defer stop()
	}
	err := perform(ctx)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintf(p.Stderr, "%s: stopped\n", f.Name())
		return ExitInterrupted
	case err != nil:
		fmt.Fprintf(p.Stderr, "%s: %s\n", f.Name(), Clean(f.Explain(err)))
		return ExitFailed
	}
	return ExitOK
}

// interruptible returns a context that the next signal cancels, and a function that stops
// listening for the signal.
func interruptible(ctx context.Context, interrupts <-chan os.Signal) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() {
		defer close(over)
		select {
		case <-interrupts:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		cancel()
		<-over // a later signal is not for this context
	}
}
