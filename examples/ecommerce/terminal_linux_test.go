package main

import (
	"strings"
	"testing"

	"github.com/funcall/funcall/examples/internal/console"
	"github.com/funcall/funcall/examples/internal/consoletest"
)

// The terminal itself edits the lines of the tour's chat.
func TestTerminal(t *testing.T) {
	server, base := consoletest.SlowThenQuick(t)
	p := consoletest.AtTerminal(t, "-chat", "-customer", "CUST-9821", "-provider", "openai", "-base-url", base)
	p.Shows("CUST-9821> ")
	p.Types("Where is ORD-78342?\r")
	p.Shows("Agent:    It is on")
	p.Types(consoletest.CtrlC) // stops the answer
	p.Shows("(stopped)")
	p.Shows("CUST-9821> ")
	p.Types("And now?\r")
	p.Shows("Agent:    It has arrived.")
	p.Shows("CUST-9821> ")
	p.Types(consoletest.CtrlC) // ends the chat
	p.Shows("(the chat is over, after 2 questions)")
	p.Leaves(console.ExitOK)
	if n := len(server.Requests()); n != 2 {
		t.Errorf("the model was asked %d times", n)
	}
}

func TestTerminalCtrlD(t *testing.T) {
	p := consoletest.AtTerminal(t, "-chat", "-latency", "0")
	p.Shows("staff> ")
	p.Types("Where is ORD-78342?\r")
	p.Shows("is in transit")
	p.Shows("staff> ")
	p.Types(consoletest.CtrlD)
	p.Shows("(the chat is over, after 1 question)")
	p.Leaves(console.ExitOK)
}

// The output is as wide as the terminal, also after it was resized.
func TestTerminalWidth(t *testing.T) {
	p := consoletest.AtSizedTerminal(t, 60, "-chat", "-latency", "0")
	widest := func() int {
		t.Helper()
		p.Shows("staff> ")
		p.Types("Where is ORD-78342?\r")
		p.Shows("Agent:")
		n := 0
		for line := range strings.SplitSeq(p.Shows("Arrived"), "\r\n") {
			n = max(n, len(line))
		}
		return n
	}
	if n := widest(); n <= 40 || n > 60 {
		t.Errorf("at 60 columns the widest line has %d", n)
	}
	p.Resize(40)
	for asked := 0; ; asked++ { // the signal may arrive after an answer
		if n := widest(); n <= 40 {
			break
		}
		if asked == 100 {
			t.Fatal("the program does not notice that the terminal is narrower")
		}
	}
	p.Types(consoletest.CtrlD)
	p.Leaves(console.ExitOK)
}
