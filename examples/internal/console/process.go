// Package console is what the programs of the reference shop share: a process,
// its flags, the model that answers, and conversations in a terminal.
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

// A Process is what a program has of the world around it.
type Process struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Interrupts     <-chan os.Signal // Ctrl-C
	Editor         Editor           // edits the lines that are typed; nil leaves that to the terminal
}

// Exit codes.
const (
	ExitOK          = 0
	ExitFailed      = 1
	ExitUsage       = 2
	ExitInterrupted = 130 // as a shell has it for Ctrl-C
)

// Main runs a program as this process, and exits with its code. SIGTERM and
// SIGHUP end the context; Ctrl-C is left to the program. Edit may be nil.
func Main(program func(ctx context.Context, p Process, args []string) int, edit Editor) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	code := program(ctx, Process{os.Stdin, os.Stdout, os.Stderr, os.Getenv, interrupts, edit}, os.Args[1:])
	stop()
	os.Exit(code)
}

// Refuse says what is wrong with the flags and returns the exit code. It says
// nothing if they asked for help.
func (p Process) Refuse(f *Flags, err error) int {
	if errors.Is(err, flag.ErrHelp) {
		return ExitOK
	}
	fmt.Fprintf(p.Stderr, "%s: %s\n", f.Name(), Clean(err.Error()))
	return ExitUsage
}

// Run calls perform and returns the exit code. Ctrl-C ends the context of
// perform, except in a chat, where it stops the current answer.
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

// interruptible returns a context that the next signal ends, and a function
// that stops the watch for that signal.
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
		<-over // so that it takes no signal that is meant for another
	}
}
