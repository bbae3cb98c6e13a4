package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/funcall/funcall/internal/chatserver"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// inOrder wants all texts in a text, one after the other.
func inOrder(t *testing.T, text string, wants ...string) {
	t.Helper()
	rest := flat(text)
	for _, want := range wants {
		_, after, found := strings.Cut(rest, want)
		if !found {
			t.Fatalf("%q is missing, or out of its place, in:\n%s", want, text)
		}
		rest = after
	}
}

func chatting(more ...string) []string { return append(append([]string{"-chat"}, quick...), more...) }

// One conversation: what "it" is follows from the question before.
func TestChat(t *testing.T) {
	out := typing(t, nil, "Where is my order ORD-78342?\n\n  Return it, please.  \nThe earbuds are defective. Please pick them up at home.\n", chatting("-customer", "CUST-9821")...)
	if out.code != exitOK || out.stderr != "" {
		t.Fatalf("exit %d: %s", out.code, out.stderr)
	}
	inOrder(t, out.stdout, "Offline rules answer here", "Type /help",
		"CUST-9821> Where is my order ORD-78342?", "get_order_status", "-> ok", "Agent: Order ORD-78342 is in transit",
		"CUST-9821> Return it, please.", "Why would you like to return it",
		"CUST-9821> The earbuds are defective.", "process_return", "The refund is $89.99",
		"(the chat is over, after 3 questions)")
}

func TestChatAsStaff(t *testing.T) {
	out := typing(t, nil, "Where is ORD-78342, and where is ORD-91234?", chatting()...)
	inOrder(t, out.stdout, "staff> Where is ORD-78342", "2 calls side by side", "after 1 question)")
}

func TestChatCommands(t *testing.T) {
	out := typing(t, nil, "/transcript\n/help\nWhere is ORD-78342?\n/transcript\n/log\n/dance\x1b\n/quit\nWhere is ORD-91234?\n", chatting()...)
	inOrder(t, out.stdout, `/transcript {"funcall_transcript":`, "/quit end the chat", "Agent:", `"type":"end","outcome":"done"`,
		"Execution log", "get_order_status", "There is no command /dance: there are /help", "> /quit", "(the chat is over, after 1 question)")
	if strings.Contains(out.stdout, "ORD-91234") || strings.Contains(out.stdout, "\x1b") || out.code != exitOK {
		t.Errorf("exit %d:\n%s", out.code, out.stdout)
	}
}

func TestChatJSON(t *testing.T) {
	out := typing(t, nil, "Where is ORD-78342?\nAnd ORD-91234?\n", chatting("-json")...)
	tr, err := transcript.Decode(strings.NewReader(out.stdout))
	if err != nil || transcript.Validate(tr) != nil {
		t.Fatalf("%v:\n%s", err, out.stdout)
	}
	inputs := 0
	for _, e := range tr.Entries {
		if _, ok := e.Body.(*transcript.Input); ok {
			inputs++
		}
	}
	if inputs != 2 || !strings.Contains(out.stderr, "staff> And ORD-91234?") {
		t.Errorf("%d questions are in it; beside it:\n%s", inputs, out.stderr)
	}
}

func TestChatUsage(t *testing.T) {
	for want, args := range map[string][]string{
		"-ask is one question and -chat is many": {"-chat", "-ask", "Hello"},
		"-history is the history of a chat":      {"-history", "file"},
	} {
		if out := program(t, nil, args...); out.code != exitUsage || !strings.Contains(out.stderr, want) || out.stdout != "" {
			t.Errorf("%v: exit %d, %q", args, out.code, out.stderr)
		}
	}
	out := program(t, nil, "-chat", "-history", filepath.Join(t.TempDir(), "no", "such", "folder"))
	if out.code != exitFailed || !strings.HasPrefix(out.stderr, "ecommerce: -history: open ") {
		t.Errorf("exit %d, %q", out.code, out.stderr)
	}
}

func TestChatGoesOnAfterAnError(t *testing.T) {
	base := chatserver.New(
		providertest.Fail(&provider.Error{Kind: provider.Overloaded, Status: 503, Message: "try\x1b later"}),
		providertest.Say("It is on its way."),
	).Start(t)
	out := typing(t, nil, "Where is ORD-78342?\nOnce more, please.\n", "-chat", "-provider", "openai", "-base-url", base)
	inOrder(t, out.stdout, "Where is ORD-78342?", "(no answer: ", "try later", "Once more, please.", "Agent: It is on its way.", "after 2 questions")
	if out.code != exitOK || strings.Contains(out.stdout, "\x1b") {
		t.Errorf("exit %d, %s", out.code, out.stderr)
	}
}

// brokenReader has one line to give, and fails then.
type brokenReader struct{ rest io.Reader }

func (r brokenReader) Read(p []byte) (int, error) {
	if n, _ := r.rest.Read(p); n > 0 {
		return n, nil
	}
	return 0, errors.New("the disk is gone")
}

func TestChatInputFails(t *testing.T) {
	for want, in := range map[string]io.Reader{
		"a line of the input is longer than": strings.NewReader(strings.Repeat("x", maxLine+1)),
		"cannot be read: the disk is gone":   brokenReader{strings.NewReader("Hello\n")},
	} {
		var stdout, stderr strings.Builder
		code := run(t.Context(), process{stdin: in, stdout: &stdout, stderr: &stderr, getenv: noEnv}, chatting())
		if code != exitFailed || !strings.Contains(stderr.String(), want) || !strings.Contains(stdout.String(), "(the chat is over") {
			t.Errorf("exit %d, %q", code, stderr.String())
		}
	}
}

// An interrupt while nothing is answered ends the chat.
func TestInterruptAtThePrompt(t *testing.T) {
	in, typed := io.Pipe()
	defer typed.Close() // ends the read that was given up
	interrupts := make(chan os.Signal, 1)
	out := &stopper{at: "Type /help", stop: sync.OnceFunc(func() { interrupts <- os.Interrupt })}
	var stderr strings.Builder
	code := run(t.Context(), process{stdin: in, stdout: out, stderr: &stderr, getenv: noEnv, interrupts: interrupts}, chatting())
	if code != exitOK || !strings.Contains(out.String(), "(the chat is over, after 0 questions)") {
		t.Errorf("exit %d: %s%s", code, out.String(), stderr.String())
	}
}

func TestHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	h, err := openHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"one", "two", "two", "", "three"} {
		h.Add(line)
	}
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can read it: %v, %v", info.Mode(), err)
	}
	if h, err = openHistory(path); err != nil {
		t.Fatal(err)
	}
	if h.Len() != 3 || h.At(0) != "three" || h.At(2) != "one" {
		t.Errorf("kept: %q", h.lines)
	}
	for range maxHistory {
		h.Add("a")
		h.Add("b")
	}
	if h.Len() != maxHistory || h.At(0) != "b" {
		t.Errorf("%d lines, the last one %q", h.Len(), h.At(0))
	}
	h.file.Close()
	h.Add("lost")
	if err := h.close(); err == nil {
		t.Error("a line is lost, and nobody says so")
	}
	none, err := openHistory("")
	if err != nil || none.close() != nil {
		t.Errorf("without a file: %v", err)
	}
}
