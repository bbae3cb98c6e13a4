package main

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/funcall/funcall/examples/internal/consoletest"
)

// A signal stops the answer, and the conversation continues: the next request holds the question
// whose answer was stopped.
func TestSignalStopsTheAnswerAlone(t *testing.T) {
	server, base := consoletest.SlowThenQuick(t)
	cmd := consoletest.Command(t, "-chat", "-provider", "openai", "-base-url", base)
	typed, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out := consoletest.NewScreen(t)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Skipf("no process can be started: %v", err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	_, _ = io.WriteString(typed, "Where is ORD-78342?\n")
	out.Shows("Agent:    It is on")
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Skipf("no signal can be sent: %v", err)
	}
	out.Shows("(stopped)")
	_, _ = io.WriteString(typed, "And now?\n")
	out.Shows("Agent:    It has arrived.")
	typed.Close()
	out.Shows("(the chat is over, after 2 questions)")
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if requests := server.Requests(); len(requests) != 2 || !strings.Contains(string(requests[1]), "Where is ORD-78342?") || !strings.Contains(string(requests[1]), "And now?") {
		t.Errorf("the model was asked: %q", requests)
	}
}
