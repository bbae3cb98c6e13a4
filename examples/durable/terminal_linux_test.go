package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/funcall/funcall/examples/internal/console"
	"github.com/funcall/funcall/examples/internal/consoletest"
)

func TestTerminal(t *testing.T) {
	server, base := consoletest.SlowThenQuick(t)
	history := filepath.Join(t.TempDir(), "history")
	p := consoletest.AtTerminal(t, "-store", newFile(t), "-customer", "CUST-9821", "-history", history, "-provider", "openai", "-base-url", base)
	p.Shows("CUST-9821> ")
	p.Types("is ORD-78342?" + consoletest.CtrlA + "Where \r") // edited
	p.Shows("Agent:    It is on")
	p.Types(consoletest.CtrlC) // stops the answer
	p.Shows("(stopped)")
	p.Shows("CUST-9821> ")
	p.Types(consoletest.CtrlG + "rubbish" + consoletest.CtrlC) // discards the line
	p.Types("And now?\r")
	p.Shows("Agent:    It has arrived.")
	p.Shows("CUST-9821> ")
	p.Types(consoletest.Up + " Thanks.\r") // the previous line, extended
	p.Shows("Agent:    You are welcome.")
	p.Shows("CUST-9821> ")
	p.Types(consoletest.CtrlC) // ends the chat
	p.Shows("(the chat is over, after 3 questions)")
	p.Leaves(0)

	asked := string(server.Requests()[2])
	for _, want := range []string{`"Where is ORD-78342?\n\nAnd now?"`, `"And now? Thanks."`} {
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
	p := consoletest.AtTerminal(t, "-store", newFile(t))
	p.Shows("staff> ")
	p.Types("Where is ORD-78342?\r")
	p.Shows("in transit")
	p.Shows("staff> ")
	p.Types(consoletest.CtrlD)
	p.Shows("(the chat is over, after 1 question)")
	p.Leaves(0)
}

// A signal that ends the program at its prompt must not leave the terminal in raw mode.
func TestTerminalIsPutBack(t *testing.T) {
	for s, code := range map[os.Signal]int{syscall.SIGTERM: console.ExitInterrupted, syscall.SIGHUP: console.ExitInterrupted, os.Interrupt: console.ExitOK} {
		p := consoletest.AtTerminal(t, "-store", newFile(t))
		p.Shows("staff> ")
		p.Types("half a li")
		p.Shows("li") // in raw mode the editor echoes typed text
		if err := p.Program.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		p.Shows("(the chat is over")
		p.Leaves(code)
	}
}
