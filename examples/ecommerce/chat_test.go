package main

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/funcall/funcall/examples/internal/console"
	"github.com/funcall/funcall/examples/internal/consoletest"
	"github.com/funcall/funcall/internal/apitest/chatserver"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

func chatting(more ...string) []string { return append(append([]string{"-chat"}, quick...), more...) }

// One conversation: "it" refers to the question before.
func TestChat(t *testing.T) {
	out := typing(t, nil, "Where is my order ORD-78342?\n\n  Return it, please.  \nThe earbuds are defective. Please pick them up at home.\n", chatting("-customer", "CUST-9821")...)
	if out.Code != console.ExitOK || out.Stderr != "" {
		t.Fatalf("exit %d: %s", out.Code, out.Stderr)
	}
	consoletest.InOrder(t, out.Stdout, "Offline rules answer here", "Type /help",
		"CUST-9821> Where is my order ORD-78342?", "get_order_status", "-> ok", "Agent: Order ORD-78342 is in transit",
		"CUST-9821> Return it, please.", "Why would you like to return it",
		"CUST-9821> The earbuds are defective.", "process_return", "The refund is $89.99",
		"(the chat is over, after 3 questions)")
}

func TestChatAsStaff(t *testing.T) {
	out := typing(t, nil, "Where is ORD-78342, and where is ORD-91234?", chatting()...)
	consoletest.InOrder(t, out.Stdout, "staff> Where is ORD-78342", "2 calls side by side", "after 1 question)")
}

func TestChatCommands(t *testing.T) {
	out := typing(t, nil, "/transcript\n/help\nWhere is ORD-78342?\n/transcript\n/log\n/dance\x1b\n/quit\nWhere is ORD-91234?\n", chatting()...)
	consoletest.InOrder(t, out.Stdout, `/transcript {"funcall_transcript":`, "/quit end the chat", "Agent:", `"type":"end","outcome":"done"`,
		"Execution log", "get_order_status", "There is no command /dance: there are /help", "> /quit", "(the chat is over, after 1 question)")
	if strings.Contains(out.Stdout, "ORD-91234") || strings.Contains(out.Stdout, "\x1b") || out.Code != console.ExitOK {
		t.Errorf("exit %d:\n%s", out.Code, out.Stdout)
	}
}

func TestChatJSON(t *testing.T) {
	out := typing(t, nil, "Where is ORD-78342?\nAnd ORD-91234?\n", chatting("-json")...)
	tr, err := transcript.Decode(strings.NewReader(out.Stdout))
	if err != nil || transcript.Validate(tr) != nil {
		t.Fatalf("%v:\n%s", err, out.Stdout)
	}
	inputs := 0
	for _, e := range tr.Entries {
		if _, ok := e.Body.(*transcript.Input); ok {
			inputs++
		}
	}
	if inputs != 2 || !strings.Contains(out.Stderr, "staff> And ORD-91234?") {
		t.Errorf("%d questions are in it; beside it:\n%s", inputs, out.Stderr)
	}
}

func TestChatUsage(t *testing.T) {
	for want, args := range map[string][]string{
		"-ask and -chat exclude each other": {"-chat", "-ask", "Hello"},
		"-history is a flag of another program, which stores the conversations: use go run ./examples/durable": {"-chat", "-history", "file"},
	} {
		if out := program(t, nil, args...); out.Code != console.ExitUsage || !strings.Contains(out.Stderr, want) || out.Stdout != "" {
			t.Errorf("%v: exit %d, %q", args, out.Code, out.Stderr)
		}
	}
}

func TestChatGoesOnAfterAnError(t *testing.T) {
	base := chatserver.New(
		providertest.Fail(&provider.Error{Kind: provider.KindOverloaded, Status: 503, Message: "try\x1b later"}),
		providertest.Say("It is on its way."),
	).Start(t)
	out := typing(t, nil, "Where is ORD-78342?\nOnce more, please.\n", "-chat", "-provider", "openai", "-base-url", base)
	consoletest.InOrder(t, out.Stdout, "Where is ORD-78342?", "(no answer: ", `try\x1b later`, "Once more, please.", "Agent: It is on its way.", "after 2 questions")
	if out.Code != console.ExitOK || strings.Contains(out.Stdout, "\x1b") {
		t.Errorf("exit %d, %s", out.Code, out.Stderr)
	}
}

// brokenReader returns one line, then an error.
type brokenReader struct{ rest io.Reader }

func (r brokenReader) Read(p []byte) (int, error) {
	if n, _ := r.rest.Read(p); n > 0 {
		return n, nil
	}
	return 0, errors.New("the disk is gone")
}

func TestChatInputFails(t *testing.T) {
	for want, in := range map[string]io.Reader{
		"an input line is longer than":        strings.NewReader(strings.Repeat("x", 1<<20+1)),
		"reading the input: the disk is gone": brokenReader{strings.NewReader("Hello\n")},
	} {
		var stdout, stderr strings.Builder
		code := run(t.Context(), console.Process{Stdin: in, Stdout: &stdout, Stderr: &stderr, Getenv: noEnv}, chatting())
		if code != console.ExitFailed || !strings.Contains(stderr.String(), want) || !strings.Contains(stdout.String(), "(the chat is over") {
			t.Errorf("exit %d, %q", code, stderr.String())
		}
	}
}

// An interrupt at the prompt ends the chat.
func TestInterruptAtThePrompt(t *testing.T) {
	in, typed := io.Pipe()
	defer typed.Close() // ends the abandoned read
	interrupts := make(chan os.Signal, 1)
	out := &stopper{at: "Type /help", stop: sync.OnceFunc(func() { interrupts <- os.Interrupt })}
	var stderr strings.Builder
	code := run(t.Context(), console.Process{Stdin: in, Stdout: out, Stderr: &stderr, Getenv: noEnv, Interrupts: interrupts}, chatting())
	if code != console.ExitOK || !strings.Contains(out.String(), "(the chat is over, after 0 questions)") {
		t.Errorf("exit %d: %s%s", code, out.String(), stderr.String())
	}
}
