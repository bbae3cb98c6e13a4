package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/ecommerce/sqlshop"
	"github.com/funcall/funcall/examples/internal/console"
	"github.com/funcall/funcall/examples/internal/consoletest"
	"github.com/funcall/funcall/transcript"
)

func TestMain(m *testing.M) { consoletest.Main(m, main) }

// sarahs are the flags of her conversation in the file at path.
func sarahs(path string, more ...string) []string {
	return append([]string{"-customer", "CUST-9821", "-approve-over", "100", "-store", path}, more...)
}

// typing runs the program with lines on its standard input.
func typing(t *testing.T, lines string, args ...string) consoletest.Output {
	t.Helper()
	return consoletest.Program(run).Run(t, nil, lines, args...)
}

func newFile(t *testing.T) string { return filepath.Join(t.TempDir(), "shop.db") }

func TestApproveAtTheTerminal(t *testing.T) {
	const question = "Return ORD-70211, it is defective."
	for typed, want := range map[string][]string{
		"what?\ny\n":         {"Agent: " + ecommerce.WaitingText, "waits for a person: the refund of 162.98 for ORD-70211 is over 100.00", "Approve?", "Approve?", "process_return", "-> ok", "The refund is $162.98", "Questions: 1 (1 done)"},
		"n Too many lately.": {"Approve?", "denied: Too many lately.", "Questions: 1 (1 done)"},
		"":                   {"Approve?", "(no decision: the call waits)", "Questions: 1 (1 waiting)"},
	} {
		out := typing(t, typed, sarahs(newFile(t), "-ask", question)...)
		consoletest.InOrder(t, out.Stdout, want...)
		if out.Code != console.ExitOK || typed != "what?\ny\n" && strings.Contains(out.Stdout, "RET-") {
			t.Errorf("%q: exit %d, %s%s", typed, out.Code, out.Stdout, out.Stderr)
		}
	}
	// A refund below the amount needs no approval.
	out := typing(t, "", sarahs(newFile(t), "-ask", "Return the USB-C cable of ORD-78342, it is defective.")...)
	consoletest.InOrder(t, out.Stdout, "process_return", "-> ok", "The refund is $25.98")
}

// After a restart the conversation continues: pending calls can be decided, and the shop has its
// returns.
func TestStore(t *testing.T) {
	path := newFile(t)
	chat := func(lines string) string {
		t.Helper()
		out := typing(t, lines, sarahs(path)...)
		if out.Code != console.ExitOK {
			t.Fatalf("exit %d: %s", out.Code, out.Stderr)
		}
		return out.Stdout
	}
	consoletest.InOrder(t, chat("Return ORD-78342, it is defective.\nHello?\n"), "the conversation ticket-1 are kept in", ecommerce.WaitingText, "waits for a person", "process_return", "a call waits for a decision first", "after 1 question)")
	consoletest.InOrder(t, chat("/help\n/approve\n/approve\n"), "(conversation ticket-1 continues, after 1 question)", "waits for a person", "/deny", "-> ok", "RET-100001", "(no call waits for a decision)")
	consoletest.InOrder(t, chat("Where is it?\n/deny\n"), "continues, after 1 question", "Order ORD-78342 was returned")
	out := typing(t, "", sarahs(path, "-ask", "Where is it?", "-json")...)
	consoletest.InOrder(t, out.Stderr, "continues, after 2 questions", "Order ORD-78342 was returned")
	tr, err := transcript.Decode(strings.NewReader(out.Stdout))
	if err != nil || transcript.Validate(tr) != nil || tr.ID != "ticket-1" {
		t.Errorf("%v:\n%s", err, out.Stdout)
	}
	if out := typing(t, "", "-store", path); out.Code != console.ExitFailed || out.Stderr != "durable: conversation ticket-1 belongs to another caller: use the -customer that began it, or another -session\n" {
		t.Errorf("exit %d, %s", out.Code, out.Stderr)
	}
	shop, err := sqlshop.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer shop.Close()
	if made, err := shop.Returns(t.Context()); err != nil || len(made) != 1 || !strings.HasPrefix(made[0].Key, "ticket-1/") {
		t.Errorf("%v, %v", made, err)
	}
}

func TestUsage(t *testing.T) {
	for want, args := range map[string][]string{
		"invalid amount":                              {"-approve-over", "a lot"},
		"-store needs the name of a file":             {"-store", ""},
		"-session needs an id":                        {"-session", ""},
		"-history needs a chat":                       {"-ask", "Hello", "-history", "file"},
		"unknown customer CUST-1: use one of CUST-98": {"-customer", "CUST-1"},
	} {
		if out := typing(t, "", args...); out.Code != console.ExitUsage || !strings.Contains(out.Stderr, want) || out.Stdout != "" {
			t.Errorf("%v: exit %d, %q", args, out.Code, out.Stderr)
		}
	}
	nowhere := filepath.Join(t.TempDir(), "no", "folder")
	for want, args := range map[string][]string{
		"durable: -store: ":        {"-store", nowhere},
		"durable: -history: open ": {"-store", newFile(t), "-history", nowhere},
	} {
		if out := typing(t, "", args...); out.Code != console.ExitFailed || !strings.HasPrefix(out.Stderr, want) {
			t.Errorf("%v: exit %d, %s", args, out.Code, out.Stderr)
		}
	}
}
