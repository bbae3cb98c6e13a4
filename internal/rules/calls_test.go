package rules_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// runOne has the model make one call, and returns its record.
func runOne(t *testing.T, tl funcall.Tool, args string) funcall.CallRecord {
	t.Helper()
	agent := newAgent(t, providertest.NewScript(t, providertest.Call(tl.Name(), args), providertest.Say("done")), funcall.Config{Tools: []funcall.Tool{tl}})
	res, err := agent.Run(t.Context(), "go")
	if err != nil {
		t.Fatal(err)
	}
	check(t, res)
	return res.Calls[0]
}

func TestR06_OnlyWhatWasCheckedReachesATool(t *testing.T) {
	type File struct {
		Path string `json:"path"`
	}
	var got []string
	open := funcall.NewTool("open", "Opens a file.", func(_ context.Context, f File) (string, error) {
		got = append(got, f.Path)
		return "", nil
	}, funcall.ReadOnly())
	for _, args := range []string{
		`{"path":"safe","Path":"/etc/passwd"}`, `{"path":"safe","path":"/etc/passwd"}`, `{"Path":"/etc/passwd"}`, `{"path":"safe"} {"path":"/etc"}`,
	} {
		if c := runOne(t, open, args); c.Status != transcript.StatusRefused {
			t.Errorf("%s: %s", args, c.Status)
		}
	}
	if len(got) > 0 {
		t.Errorf("the tool was given %q", got)
	}
}

// Amount refuses what its schema cannot say.
type Amount struct{ Cents int }

func (a *Amount) UnmarshalText(b []byte) error {
	if _, err := fmt.Sscanf(string(b), "%d cents", &a.Cents); err != nil {
		return errors.New(`an amount is written like "250 cents"`)
	}
	return nil
}

func (a Amount) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%d cents", a.Cents), nil }

func TestR06_WhatATypeRefusesIsRefusedBeforeTheIntent(t *testing.T) {
	type Refund struct {
		Amount Amount `json:"amount"`
	}
	refund := funcall.NewTool("refund", "Refunds.", func(_ context.Context, r Refund) (int, error) { return r.Amount.Cents, nil })
	if c := runOne(t, refund, `{"amount":"250 cents"}`); c.Status != transcript.StatusOK || c.Text() != "250" {
		t.Errorf("%s %q", c.Status, c.Text())
	}
	c := runOne(t, refund, `{"amount":"a lot"}`)
	if c.Status != transcript.StatusRefused || !strings.Contains(c.Text(), `250 cents`) {
		t.Errorf("%s %q", c.Status, c.Text())
	}
}

func TestR08_MistakesAreToldAndBounded(t *testing.T) {
	model := providertest.NewScript(t,
		providertest.Call("look", `{"n":9}`),
		providertest.Call("lock", `{}`).Expect(providertest.HasError("look", "2 problems")),
		providertest.Call("look", `{"id":"a"}`).Expect(providertest.HasError("lock", `did you mean "look"`)),
		providertest.Call("look", `{}`).Expect(providertest.HasResult("look", "a++")), // one that ran: counting begins anew
		providertest.Call("look", `{`),
		providertest.Call("look", `[]`),
		providertest.Say("I give up.").Expect(providertest.ToolsOff),
	)
	agent := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{tool("look", echo, funcall.ReadOnly())}})
	res, err := agent.Run(t.Context(), "go")
	if err != nil || res.Outcome != transcript.OutcomeLimit || res.Reason != transcript.LimitRefusals || res.Text() != "I give up." {
		t.Errorf("%s (%s) %q, %v", res.Outcome, res.Reason, res.Text(), err)
	}
}

func TestR09_OurMistakesStayOurs(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	secret := errors.New("password hunter2 was refused")
	for name, c := range map[string]struct {
		fn      func(context.Context, Item) (string, error)
		opts    []funcall.ToolOption
		status  transcript.Status
		text    string
		logged  string
		noError bool
	}{
		"an error": {func(context.Context, Item) (string, error) { return "", secret }, nil, transcript.StatusFailed, "The tool failed (reference ", "hunter2", true},
		"a visible error": {func(context.Context, Item) (string, error) {
			return "", funcall.Visible(errors.New("closed on Sundays"))
		}, nil, transcript.StatusFailed, "closed on Sundays", "closed", true},
		"a panic":          {func(context.Context, Item) (string, error) { panic(secret) }, []funcall.ToolOption{funcall.ReadOnly()}, transcript.StatusFailed, "The tool failed (reference ", "calls_test.go", true},
		"an effect panics": {func(context.Context, Item) (string, error) { panic(secret) }, nil, transcript.StatusInDoubt, "not known whether this was done", "calls_test.go", true},
		"Goexit":           {func(context.Context, Item) (string, error) { runtime.Goexit(); return "", nil }, []funcall.ToolOption{funcall.ReadOnly()}, transcript.StatusFailed, "The tool failed", "Goexit", true},
		"a fatal error":    {func(context.Context, Item) (string, error) { return "", funcall.Fatal(secret) }, nil, transcript.StatusFailed, "The tool failed (reference ", "hunter2", false},
	} {
		t.Run(name, func(t *testing.T) {
			log.Reset()
			turns := []providertest.Turn{providertest.Call("look", `{"id":"a"}`)}
			if c.noError {
				turns = append(turns, providertest.Say("done"))
			}
			agent := newAgent(t, providertest.NewScript(t, turns...), funcall.Config{Logger: logger, Tools: []funcall.Tool{tool("look", c.fn, c.opts...)}})
			res, err := agent.Run(t.Context(), "go")
			if c.noError != (err == nil) {
				t.Errorf("error %v", err)
			}
			if !c.noError && !errors.Is(err, secret) {
				t.Errorf("the error is not the tool's: %v", err)
			}
			got := res.Calls[0]
			if got.Status != c.status || !strings.Contains(got.Text(), c.text) || strings.Contains(got.Text(), "hunter2") {
				t.Errorf("%s %q", got.Status, got.Text())
			}
			if !strings.Contains(log.String(), c.logged) {
				t.Errorf("the log lacks %q:\n%s", c.logged, &log)
			}
			if _, ref, ok := strings.Cut(got.Text(), "(reference "); ok && !strings.Contains(log.String(), strings.TrimSuffix(ref, ").")) {
				t.Errorf("the reference is not in the log:\n%s", &log)
			}
			check(t, res)
		})
	}
}

// At Info there are names, numbers and outcomes; nothing that a customer or a
// model wrote, and nothing that a tool answered.
func TestR09_TheLogAtInfoHoldsNoData(t *testing.T) {
	var log bytes.Buffer
	model := providertest.NewScript(t, providertest.Call("look", `{"id":"a"}`).WithText("thinking of Sarah"), providertest.Say("Sarah it is"))
	agent := newAgent(t, model, funcall.Config{
		Instructions: "Sarah is secret.",
		Logger:       slog.New(slog.NewJSONHandler(&log, nil)),
		Tools:        []funcall.Tool{tool("look", func(context.Context, Item) (string, error) { return "Sarah", nil }, funcall.ReadOnly())},
	})
	if _, err := agent.Session("ticket-1").Send(t.Context(), "Who is Sarah?"); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(log.String(), `"session":"ticket-1"`); n != 4 {
		t.Errorf("the session is named %d times in:\n%s", n, &log)
	}
	if strings.Contains(log.String(), "Sarah") || strings.Contains(log.String(), `"a"`) {
		t.Errorf("the log tells too much:\n%s", &log)
	}
	for _, want := range []string{`"msg":"model call"`, `"msg":"tool call"`, `"tool":"look"`, `"status":"ok"`, `"msg":"run ended"`, `"outcome":"done"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, &log)
		}
	}
}

func TestR10_SideBySideAndInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		running, most := 0, 0
		mu := make(chan bool, 1)
		look := tool("look", func(ctx context.Context, i Item) (string, error) {
			mu <- true
			running++
			most = max(most, running)
			<-mu
			time.Sleep(time.Duration(6-i.N) * time.Second) // the first is the slowest
			mu <- true
			running--
			<-mu
			if i.N == 3 {
				return "", errors.New("this one fails")
			}
			return fmt.Sprint(i.N), nil
		}, funcall.ReadOnly())
		var calls []provider.ToolCall
		for n := 1; n <= 5; n++ {
			calls = append(calls, provider.ToolCall{Name: "look", Args: fmt.Sprintf(`{"id":"a","n":%d}`, n)})
		}
		var sent []string
		model := providertest.NewScript(t, providertest.Calls(calls...), providertest.Say("done").Expect(func(r *provider.Request) error {
			for _, p := range r.Messages[2].Parts {
				sent = append(sent, p.(provider.ToolResult).Text())
			}
			return nil
		}))
		agent := newAgent(t, model, funcall.Config{MaxParallel: 3, Tools: []funcall.Tool{look}})
		var ends []string
		var res *funcall.Result
		began := time.Now()
		for ev, err := range agent.Stream(t.Context(), "go") {
			if err != nil {
				t.Fatal(err)
			}
			switch ev.Kind {
			case funcall.EventToolEnd:
				ends = append(ends, ev.Ref.String())
			case funcall.EventDone:
				res = ev.Result
			}
		}
		// 5, 4 and 3 seconds at once; then 2 in the place of 3, and 1 in that of 4 seconds.
		if took := time.Since(began); took != 5*time.Second || most != 3 {
			t.Errorf("it took %v, and %d ran side by side", took, most)
		}
		// Events come as things happen; the last three end at the same moment.
		if len(ends) != 5 || ends[0] != "1.2" || ends[1] != "1.1" {
			t.Errorf("the calls ended in the order %q", ends)
		}
		var got []string
		for _, c := range res.Calls {
			got = append(got, c.Text())
		}
		if diff := cmp.Diff(got, sent); diff != "" || got[0] != "1" || got[4] != "5" || !strings.Contains(got[2], "failed") {
			t.Errorf("results %q, sent %q", got, sent)
		}
		check(t, res)
	})
}

func TestR11_EveryCallHasADeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		release := make(chan bool)
		polite := tool("polite", func(ctx context.Context, _ Item) (string, error) { <-ctx.Done(); return "", ctx.Err() }, funcall.ReadOnly())
		deaf := tool("deaf", func(context.Context, Item) (string, error) { <-release; return "late", nil }, funcall.ReadOnly(), funcall.Timeout(time.Second))
		pay := tool("pay", func(context.Context, Item) (string, error) { <-release; return "late", nil }, funcall.Timeout(time.Second))
		model := providertest.NewScript(t,
			providertest.Calls(provider.ToolCall{Name: "polite", Args: `{"id":"a"}`}, provider.ToolCall{Name: "deaf", Args: `{"id":"a"}`}),
			providertest.Call("pay", `{"id":"a"}`),
			providertest.Say("done"))
		agent := newAgent(t, model, funcall.Config{GracePeriod: 3 * time.Second, Logger: slog.New(slog.NewTextHandler(&log, nil)), Tools: []funcall.Tool{polite, deaf, pay}})
		began := time.Now()
		res, err := agent.Run(t.Context(), "go")
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 34*time.Second { // 30 by default, then 1 and the grace of 3
			t.Errorf("it took %v", took)
		}
		for i, want := range []transcript.Status{transcript.StatusFailed, transcript.StatusFailed, transcript.StatusInDoubt} {
			if res.Calls[i].Status != want {
				t.Errorf("call %d is %s, want %s", i, res.Calls[i].Status, want)
			}
		}
		if !strings.Contains(res.Calls[0].Text(), "did not answer in time") || agent.AbandonedCalls() != 2 || strings.Count(log.String(), "tool call abandoned") != 2 {
			t.Errorf("%q, %d abandoned, log:\n%s", res.Calls[0].Text(), agent.AbandonedCalls(), &log)
		}
		close(release)
		synctest.Wait()
		if agent.AbandonedCalls() != 0 || strings.Count(log.String(), "abandoned tool call returned") != 2 {
			t.Errorf("%d still counted after they returned, log:\n%s", agent.AbandonedCalls(), &log)
		}
		check(t, res)
	})
}

func TestR12_IdsAreOurOwn(t *testing.T) {
	long := strings.Repeat("x", 200)
	type call = provider.ToolCall
	turn := func(calls ...call) providertest.Turn {
		m := provider.Assistant()
		for _, c := range calls {
			m.Parts = append(m.Parts, c)
		}
		return providertest.Respond(&provider.Response{Message: m, Finish: provider.FinishToolCalls})
	}
	model := providertest.NewScript(t,
		turn(
			call{ID: "", Name: "look", Args: `{"id":"a"}`},
			call{ID: "same", Name: "look", Args: `{"id":"a"}`},
			call{ID: "same", Name: "look", Args: `{"id":"b"}`},
			call{ID: "same", Name: "look", Args: `{"id":"a"}`}, // an exact repetition: once
			call{ID: long, Name: "look", Args: `{"id":"a"}`},
			call{ID: "b@d id", Name: "look", Args: `{"id":"a"}`},
			call{ID: "call_0", Name: "look", Args: `{"id":"a"}`}), // what ours would have been
		turn(call{ID: "same", Name: "look", Args: `{"id":"b"}`}), // again, a turn later
		providertest.Say("done"))
	runs := 0
	agent := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{
		tool("look", func(context.Context, Item) (string, error) { runs++; return "", nil }, funcall.ReadOnly()),
	}, MaxParallel: 1})
	res, err := agent.Run(t.Context(), "go")
	if err != nil {
		t.Fatal(err)
	}
	check(t, res)
	var ids, raw []string
	for _, m := range res.Transcript.Messages() {
		for _, c := range m.ToolCalls() {
			ids, raw = append(ids, c.ID), append(raw, c.RawID)
		}
	}
	if diff := cmp.Diff([]string{"call_1", "same", "call_2", "call_3", "call_4", "call_0", "call_6"}, ids); diff != "" {
		t.Errorf("ids: %s", diff)
	}
	if diff := cmp.Diff([]string{"", "", "same", long, "b@d id", "", "same"}, raw); diff != "" {
		t.Errorf("raw ids: %s", diff)
	}
	if runs != 7 {
		t.Errorf("%d calls ran", runs)
	}
}
