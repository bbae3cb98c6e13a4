package console

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

func noEnv(string) string { return "" }

func newTestShow(out *strings.Builder) *Show {
	return NewShow(Process{Stdout: out, Stderr: out, Getenv: noEnv}, NewFlags("shop"), time.Now)
}

func TestCleanDropsWhatATerminalObeys(t *testing.T) {
	if got := Clean("a\u202eb\u2066c\u200bd\x1b[e\tf"); got != "abcd[e f" {
		t.Errorf("%q", got)
	}
}

// A model may call a tool by any name, and a run may end for any reason.
func TestNothingForeignIsPrintedRaw(t *testing.T) {
	const evil = "x\x1b[2J\n\u009b31m\u202ey"
	var out strings.Builder
	s := newTestShow(&out)
	ref := transcript.Ref{Entry: 1}
	for _, res := range []*funcall.Result{
		{Outcome: transcript.OutcomeWaiting, Pending: []transcript.PendingCall{{Ref: ref, Tool: evil, Args: evil, Reason: evil}}},
		{Outcome: transcript.OutcomeHandedOff, Reason: evil},
	} {
		_, err := s.Watch(t.Context(), func(yield func(funcall.Event, error) bool) {
			_ = yield(funcall.Event{Kind: funcall.EventText, Text: evil}, nil) &&
				yield(funcall.Event{Kind: funcall.EventToolStart, Tool: evil, Ref: ref, Args: evil}, nil) &&
				yield(funcall.Event{Kind: funcall.EventToolEnd, Tool: evil, Ref: ref, Status: transcript.StatusFailed, Text: evil}, nil) &&
				yield(funcall.Event{Kind: funcall.EventToolEnd, Tool: evil, Ref: transcript.Ref{Entry: 2}, Status: transcript.StatusOK, Text: `{"error":"x\u001b"}`}, nil) &&
				yield(funcall.Event{Kind: funcall.EventDone, Result: res}, nil)
		})
		if err != nil {
			t.Error(err)
		}
	}
	s.PrintLog()
	if strings.Contains(out.String(), "\n31m") {
		t.Errorf("a text leaves its line:\n%q", out.String())
	}
	process := Process{Stdout: &out, Stderr: &out}
	process.Refuse(NewFlags("shop"), errors.New(evil))
	process.Run(t.Context(), NewFlags("shop"), func(context.Context) error { return errors.New(evil) })
	if strings.ContainsAny(out.String(), "\x1b\u009b\u202e") {
		t.Errorf("%q", out.String())
	}
}

// The customer reads one answer to each question, the model's or the program's. Streamed text is
// not printed again.
func TestEachQuestionHasOneAnswer(t *testing.T) {
	refund := funcall.NewTool("refund", "Pays money back.", func(context.Context, struct{}) (string, error) { return "paid", nil },
		funcall.RequireApproval(func(context.Context, struct{}) (string, error) { return "it is dear", nil }))
	stock := funcall.NewTool("stock", "Counts.", func(context.Context, struct{}) (string, error) { return "47", nil }, funcall.ReadOnly())
	for _, c := range []struct {
		name  string
		turns []providertest.Turn
		want  []string // the lines of the answer
	}{
		{"waiting", []providertest.Turn{providertest.Call("refund", `{}`)}, []string{"Please wait."}},
		{"waiting, after a lookup with text", []providertest.Turn{providertest.Call("stock", `{}`).WithText("Let me look."), providertest.Call("refund", `{}`)},
			[]string{"Let me look.", "Please wait."}},
		{"waiting, with the model's text", []providertest.Turn{providertest.Call("refund", `{}`).WithText("I ask a colleague.")}, []string{"I ask a colleague."}},
		{"limit", []providertest.Turn{providertest.Call("stock", `{}`).WithText("Let me look.").WithUsage(provider.Usage{Input: 2000})},
			[]string{"Let me look.", "Please call us."}},
		{"done, after a lookup with text", []providertest.Turn{providertest.Call("stock", `{}`).WithText("Let me look."), providertest.Say("There are 47.")},
			[]string{"Let me look.", "There are 47."}},
		{"done", []providertest.Turn{providertest.Call("stock", `{}`), providertest.Say("There are 47.")}, []string{"There are 47."}},
	} {
		agent, err := funcall.New(providertest.NewScript(t, c.turns...), funcall.Config{
			Tools:      []funcall.Tool{refund, stock},
			RunOptions: []funcall.RunOption{funcall.WithWaitingText("Please wait.")},
			Limits:     transcript.Limits{Tokens: 1000, ClosingText: "Please call us."},
		})
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		show := newTestShow(&out)
		if _, err := show.Ask(t.Context(), agent.Session("s"), "Hello?"); err != nil {
			t.Fatal(err)
		}
		var got []string
		for line := range strings.Lines(out.String()) {
			if text, ok := strings.CutPrefix(line, answerLabel); ok {
				got = append(got, strings.TrimSpace(text))
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q:\n%s", c.name, got, c.want, out.String())
		}
		if waits := strings.Contains(out.String(), "waits for approval: it is dear"); waits != strings.HasPrefix(c.name, "waiting") {
			t.Errorf("%s: the staff sees\n%s", c.name, out.String())
		}
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
		t.Error("a line is lost without an error")
	}
	none, err := openHistory("")
	if err != nil || none.close() != nil {
		t.Errorf("without a file: %v", err)
	}
}

// The log counts in-doubt calls.
func TestLogSaysWhatIsInDoubt(t *testing.T) {
	var out strings.Builder
	l := newExecutionLog(time.Now)
	for _, id := range []string{"a", "b"} {
		l.ran(&funcall.Result{Outcome: transcript.OutcomeDone, InDoubt: []transcript.Ref{{Entry: 1}}, Transcript: transcript.Transcript{ID: id}})
	}
	l.ran(&funcall.Result{Outcome: transcript.OutcomeDone, Transcript: transcript.Transcript{ID: "a"}}) // the outcome is known now
	l.print(newPrinter(&out, noEnv))
	for _, want := range []string{"Questions: 3 (3 done)", "In doubt:  1 call that may have been done, or not."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
}
