package main

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce/sqlshop"
	"github.com/funcall/funcall/transcript"
)

func sarahs(more ...string) []string {
	return append([]string{"-customer", "CUST-9821", "-approve-over", "100"}, more...)
}

func TestApproveAtTheTerminal(t *testing.T) {
	const question = "Return ORD-70211, it is defective."
	for typed, want := range map[string][]string{
		"what?\ny\n":         {"waits for a person: the refund of 162.98 for ORD-70211 is over 100.00", "Approve?", "Approve?", "process_return", "-> ok", "The refund is $162.98", "Questions: 1 (1 done)"},
		"n Too many lately.": {"Approve?", "denied: Too many lately.", "Questions: 1 (1 done)"},
		"":                   {"Approve?", "(nobody decides: the call waits)", "Questions: 1 (1 waiting)"},
	} {
		out := typing(t, nil, typed, ask(question, sarahs()...)...)
		inOrder(t, out.stdout, want...)
		if out.code != exitOK || typed != "what?\ny\n" && strings.Contains(out.stdout, "RET-") {
			t.Errorf("%q: exit %d, %s%s", typed, out.code, out.stdout, out.stderr)
		}
	}
	// What is not over the amount asks nobody, and a wrong amount is said.
	out := typing(t, nil, "", ask("Return the USB-C cable of ORD-78342, it is defective.", sarahs()...)...)
	inOrder(t, out.stdout, "process_return", "-> ok", "The refund is $25.98")
	if out := program(t, nil, "-approve-over", "a lot"); out.code != exitUsage || !strings.Contains(out.stderr, "no amount of money") {
		t.Errorf("exit %d, %s", out.code, out.stderr)
	}
}

// Stop it, start it, and the conversation goes on: what waited is decided, and the
// shop has not forgotten either.
func TestStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	chat := func(lines string) string {
		t.Helper()
		out := typing(t, nil, lines, sarahs("-store", path, "-session", "ticket-1")...)
		if out.code != exitOK {
			t.Fatalf("exit %d: %s", out.code, out.stderr)
		}
		return out.stdout
	}
	inOrder(t, chat("Return ORD-78342, it is defective.\nHello?\n"), "waits for a person", "process_return", "(a call waits for a decision first", "after 1 question)")
	inOrder(t, chat("/approve\n/approve\n"), "(the conversation ticket-1 goes on, after 1 question)", "waits for a person", "-> ok", "RET-100001", "(no call waits for a decision)")
	inOrder(t, chat("Where is it?\n/deny\n"), "goes on, after 1 question", "Order ORD-78342 was returned")
	out := typing(t, nil, "", ask("Where is it?", sarahs("-store", path, "-session", "ticket-1")...)...)
	inOrder(t, out.stdout, "goes on, after 2 questions", "Order ORD-78342 was returned")
	shop, err := sqlshop.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer shop.Close()
	if made, err := shop.Returns(t.Context()); err != nil || len(made) != 1 || !strings.HasPrefix(made[0].Key, "ticket-1/") {
		t.Errorf("%v, %v", made, err)
	}
	if out := program(t, nil, "-session", "x"); out.code != exitUsage || !strings.Contains(out.stderr, "-session is a conversation that is kept") {
		t.Errorf("exit %d, %s", out.code, out.stderr)
	}
	if out := program(t, nil, "-store", filepath.Join(t.TempDir(), "no", "folder")); out.code != exitFailed || !strings.Contains(out.stderr, "-store: ") {
		t.Errorf("exit %d, %s", out.code, out.stderr)
	}
}

// The program is killed in the midst of an answer; the next one finishes it.
func TestKilled(t *testing.T) {
	_, base := slowThenQuick(t)
	path := filepath.Join(t.TempDir(), "shop.db")
	first := command(t, "-chat", "-store", path, "-session", "ticket-1", "-provider", "openai", "-base-url", base)
	typed, err := first.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out := newScreen(t)
	first.Stdout, first.Stderr = out, out
	if err := first.Start(); err != nil {
		t.Skipf("no process can be started: %v", err)
	}
	_, _ = typed.Write([]byte("Where is ORD-78342?\n"))
	out.shows("Agent:    It is on")
	if err := first.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	// Offline rules, which take a session over sooner.
	again := typing(t, nil, "", "-chat", "-store", path, "-session", "ticket-1")
	inOrder(t, again.stdout, "goes on, after 1 question", "get_order_status", "Order ORD-78342 is in transit", "(the chat is over")
}

// What nobody knows to be done is said in the log, too.
func TestLogSaysWhatIsInDoubt(t *testing.T) {
	var out strings.Builder
	l := newExecutionLog(time.Now)
	for _, id := range []string{"a", "b"} {
		l.ran(&funcall.Result{Outcome: funcall.Done, Doubts: []transcript.Ref{{Entry: 1}}, Transcript: transcript.Transcript{ID: id}})
	}
	l.ran(&funcall.Result{Outcome: funcall.Done, Transcript: transcript.Transcript{ID: "a"}}) // it was found out
	l.print(&printer{w: &out})
	inOrder(t, out.String(), "Questions: 3 (3 done)", "In doubt: 1 call that may have been done, or not.")
}
