package main

import (
	"runtime"
	"strings"
	"testing"

	"github.com/funcall/funcall/examples/internal/consoletest"
)

// The program is killed during an answer; the next process finishes it.
func TestKilled(t *testing.T) {
	_, base := consoletest.SlowThenQuick(t)
	path := newFile(t)
	first := consoletest.Command(t, "-store", path, "-provider", "openai", "-base-url", base)
	typed, err := first.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out := consoletest.NewScreen(t)
	first.Stdout, first.Stderr = out, out
	if err := first.Start(); err != nil {
		t.Skipf("no process can be started: %v", err)
	}
	_, _ = typed.Write([]byte("Where is ORD-78342?\n"))
	out.Shows("Agent:    It is on")
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	again := typing(t, "", "-store", path)
	consoletest.InOrder(t, again.Stdout, "continues, after 1 question", "get_order_status", "Order ORD-78342 is in transit", "(the chat is over")
	if runtime.GOOS == "linux" && strings.Contains(again.Stdout, "waiting") { // which tells that the process is gone
		t.Errorf("it waited for the lease of a process that is gone:\n%s", again.Stdout)
	}
}
