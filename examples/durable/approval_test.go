package main

import (
	"errors"
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

// With -ask the customer's texts are on stdout. What the operator sees and is asked is on stderr.
func TestApproveAtTheTerminal(t *testing.T) {
	const question = "Return ORD-70211, it is defective."
	for typed, want := range map[string]struct {
		answer string
		staff  []string
	}{
		"what?\ny\n":         {"The refund is $162.98", []string{"Operator: waits for approval: the refund of 162.98 for ORD-70211 is over 100.00", "operator> Approve?", "what?", "operator> Approve?", "process_return", "-> ok"}},
		"n Too many lately.": {"", []string{"operator> Approve?", "denied: Too many lately."}},
		"":                   {"", []string{"operator> Approve?", "(no decision: the call waits)"}},
	} {
		out := typing(t, typed, sarahs(newFile(t), "-ask", question)...)
		consoletest.InOrder(t, out.Stderr, want.staff...)
		answer, found := strings.CutPrefix(out.Stdout, ecommerce.WaitingText+"\n")
		if out.Code != console.ExitOK || !found || !strings.Contains(answer, want.answer) || want.answer == "" && strings.Contains(answer, "RET-") {
			t.Errorf("%q: exit %d, %s%s", typed, out.Code, out.Stdout, out.Stderr)
		}
	}
	// A refund below the amount needs no approval.
	out := typing(t, "", sarahs(newFile(t), "-ask", "Return both USB-C cables of ORD-78342, they are defective.")...)
	consoletest.InOrder(t, out.Stderr, "process_return", "-> ok")
	consoletest.InOrder(t, out.Stdout, "The refund is $25.98")
}

// With -ask the operator first decides on the calls that wait already. Their answers are not on
// stdout, which has the answer to the question.
func TestAskAfterAPendingCall(t *testing.T) {
	path := newFile(t)
	typing(t, "", sarahs(path, "-ask", "Return ORD-70211, it is defective.")...)
	out := typing(t, "", sarahs(path, "-ask", "Where is ORD-78342?")...)
	if out.Code != console.ExitFailed || !strings.Contains(out.Stderr, "durable: the question was not asked: a call waits for the operator's decision first\n") || out.Stdout != "" {
		t.Errorf("exit %d, %q, %s", out.Code, out.Stdout, out.Stderr)
	}
	out = typing(t, "y\n", sarahs(path, "-ask", "Where is ORD-78342?")...)
	consoletest.InOrder(t, out.Stderr, "waits for approval", "operator> Approve?", "process_return", "Agent: Return RET-100001", "get_order_status")
	if out.Code != console.ExitOK || !strings.HasPrefix(out.Stdout, "Order ORD-78342") {
		t.Errorf("exit %d, %q", out.Code, out.Stdout)
	}
}

// The decision on an earlier call and the one on a new call may come through one pipe.
func TestTwoDecisionsInOnePipe(t *testing.T) {
	path := newFile(t)
	typing(t, "", sarahs(path, "-ask", "Return ORD-70211, it is defective.")...)
	out := typing(t, "y\ny\n", sarahs(path, "-ask", "Return ORD-78342, it is defective.")...)
	consoletest.InOrder(t, out.Stderr, "operator> Approve?", "RET-100001", "waits for approval", "operator> Approve?", "-> ok")
	if out.Code != console.ExitOK || strings.Contains(out.Stderr, "(no decision") || !strings.Contains(out.Stdout, "RET-100002") {
		t.Errorf("exit %d, %q\n%s", out.Code, out.Stdout, out.Stderr)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// A script must not take a lost answer for an empty one.
func TestAnswerThatCannotBeWritten(t *testing.T) {
	var stderr strings.Builder
	code := run(t.Context(), console.Process{
		Stdin: strings.NewReader(""), Stdout: fullDisk{}, Stderr: &stderr, Getenv: func(string) string { return "" },
	}, sarahs(newFile(t), "-ask", "Where is ORD-78342?"))
	if code != console.ExitFailed || !strings.HasSuffix(stderr.String(), "durable: writing the answer: no space left on device\n") {
		t.Errorf("exit %d, %s", code, stderr.String())
	}
}

// In a chat the operator's decisions are shown as the operator's, and stored as such.
func TestOperatorDecidesInAChat(t *testing.T) {
	path := newFile(t)
	out := typing(t, "Return ORD-70211, it is defective.\nIs it done?\n/deny Too many lately.\n/transcript\n", sarahs(path)...)
	consoletest.InOrder(t, out.Stdout, "This terminal plays two roles",
		"CUST-9821> Return ORD-70211", "Agent: "+ecommerce.WaitingText, "Operator: waits for approval:", "The operator decides: type /approve, or /deny and why.",
		"CUST-9821> Is it done?", "(no answer: the message was not sent: a call waits for the operator's decision first, /approve or /deny)",
		"operator> /deny Too many lately.", "-> denied: Too many lately.", "CUST-9821> /transcript", `"by":"operator"`)
	if strings.Contains(out.Stdout, "CUST-9821> /deny") {
		t.Errorf("the customer decides:\n%s", out.Stdout)
	}
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
	consoletest.InOrder(t, chat("Return ORD-78342, it is defective.\nHello?\n"), "the conversation ticket-1 are kept in", ecommerce.WaitingText, "waits for approval", "process_return", "a call waits for the operator's decision first", "after 1 question)")
	consoletest.InOrder(t, chat("/help\n/approve\n/approve\n"), "(conversation ticket-1 continues, after 1 question)", "waits for approval", "/deny", "-> ok", "RET-100001", "(no call waits for approval)")
	consoletest.InOrder(t, chat("Where is it?\n/deny\n"), "continues, after 1 question", "Order ORD-78342 was returned")
	out := typing(t, "", sarahs(path, "-ask", "Where is it?", "-json")...)
	consoletest.InOrder(t, out.Stderr, "continues, after 2 questions", "Order ORD-78342 was returned")
	if strings.Contains(out.Stderr, "The reference shop") || strings.Contains(out.Stderr, "Execution log") {
		t.Errorf("there are frames around the answer:\n%s", out.Stderr)
	}
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
		`durable: -approve-over: invalid amount "a lot": write it with digits and a point, such as 115.97`: {"-approve-over", "a lot"},
		`durable: -approve-over: invalid amount ""`:                                                        {"-approve-over", ""},
		"durable: -approve-over: -5.00 is negative: pass 0 to ask before every refund":                     {"-approve-over", "-5"},
		"durable: flag provided but not defined: -nonsense: use -help for the flags\n":                     {"-nonsense"},
		"-store needs the name of a file":                                                                  {"-store", ""},
		"-session needs an id":                                                                             {"-session", ""},
		"-history needs a chat":                                                                            {"-ask", "Hello", "-history", "file"},
		"unknown customer CUST-1: use one of CUST-98":                                                      {"-customer", "CUST-1"},
	} {
		if out := typing(t, "", args...); out.Code != console.ExitUsage || !strings.Contains(out.Stderr, want) || out.Stdout != "" || strings.Count(out.Stderr, "\n") != 1 {
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
