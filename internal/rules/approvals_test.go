package rules_test

import (
	"context"
	"encoding/json"
	"errors"
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

// A desk is a session whose tool pay needs approval, and the arguments of its calls.
type desk struct {
	t     *testing.T
	store *transcript.Memory
	cfg   funcall.Config
	paid  []string // the arguments that the tool was given
}

func always(why string) funcall.ToolOption {
	return funcall.RequireApproval(func(context.Context, Item) (string, error) { return why, nil })
}

func newDesk(t *testing.T, opts ...funcall.ToolOption) *desk {
	d := &desk{t: t, store: new(transcript.Memory)}
	d.cfg = funcall.Config{Store: d.store, TakeoverAfter: time.Nanosecond, Tools: []funcall.Tool{d.pay(opts...)}}
	return d
}

func (d *desk) pay(opts ...funcall.ToolOption) funcall.Tool {
	if len(opts) == 0 {
		opts = []funcall.ToolOption{always("it costs money")}
	}
	return tool("pay", func(ctx context.Context, i Item) (string, error) {
		b, _ := json.Marshal(i)
		d.paid = append(d.paid, string(b))
		return "paid", nil
	}, opts...)
}

// session is the session as another process would have it.
func (d *desk) session(turns ...providertest.Turn) *funcall.Session {
	return newAgent(d.t, providertest.NewScript(d.t, turns...), d.cfg).Session("s")
}

func payCall(id string) providertest.Turn { return providertest.Call("pay", `{"id":"`+id+`"}`) }

// asks sends a message to which the model answers with calls of pay.
func (d *desk) asks(calls ...provider.ToolCall) *funcall.Result {
	d.t.Helper()
	if len(calls) == 0 {
		calls = []provider.ToolCall{{Name: "pay", Args: `{"id":"a"}`}}
	}
	res, err := d.session(providertest.Calls(calls...)).Send(d.t.Context(), "go")
	if err != nil || res.Outcome != transcript.OutcomeWaiting {
		d.t.Fatalf("%s, %v", res.Outcome, err)
	}
	return res
}

func TestR18_TheRuleSeesTheInput(t *testing.T) {
	var seen []Item
	var info funcall.CallInfo
	rule := funcall.RequireApproval(func(ctx context.Context, i Item) (string, error) {
		seen, info = append(seen, i), funcall.CallFrom(ctx)
		if i.N > 3 {
			return "more than 3", nil
		}
		return "", nil
	})
	d := newDesk(t, rule)
	s := newAgent(t, providertest.NewScript(t, providertest.Calls(
		provider.ToolCall{Name: "pay", Args: `{"id":"a"}`}, provider.ToolCall{Name: "pay", Args: `{"id":"c"}`},
		provider.ToolCall{Name: "pay", Args: `{"id":"b","n":5}`})), d.cfg).Session("s", funcall.Subject("CUST-1"))
	res, err := s.Send(t.Context(), "go")
	if err != nil || res.Outcome != transcript.OutcomeWaiting {
		t.Fatal(res.Outcome, err)
	}
	// The defaults are filled in; a call that the schema refuses is shown to no person.
	if diff := cmp.Diff([]Item{{"a", 2}, {"b", 5}}, seen); diff != "" {
		t.Error(diff)
	}
	if info.Subject != "CUST-1" || info.Session != "s" || info.Ref != (transcript.Ref{Entry: 1, Index: 2}) {
		t.Errorf("the rule was told of %+v", info)
	}
	p := res.Pending
	if len(p) != 1 || p[0].Reason != "more than 3" || p[0].Args != `{"id":"b","n":5}` || p[0].Tool != "pay" || p[0].Subject != "CUST-1" || p[0].Session != "s" || p[0].Since.IsZero() {
		t.Errorf("pending: %+v", p)
	}
	if diff := cmp.Diff([]string{`{"id":"a","n":2}`}, d.paid); diff != "" {
		t.Errorf("what needs no decision runs before the pause: %s", diff)
	}
	if res, err = d.session(providertest.Say("done")).Decide(t.Context(), funcall.Approve(p[0])); err != nil || res.Text() != "done" || len(seen) != 2 {
		t.Errorf("%q, %v; the rule was asked %d times", res.Text(), err, len(seen))
	}
}

func TestR18_ARuleThatFailsAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan bool)
		for name, rule := range map[string]func(context.Context, Item) (string, error){
			"error":    func(context.Context, Item) (string, error) { return "", errors.New("the rules' database is gone") },
			"panic":    func(context.Context, Item) (string, error) { panic("nil map") },
			"deadline": func(ctx context.Context, _ Item) (string, error) { <-ctx.Done(); return "", ctx.Err() },
			"hanging":  func(context.Context, Item) (string, error) { <-release; return "", nil },
		} {
			d := newDesk(t, funcall.RequireApproval(rule))
			res := d.asks()
			if len(res.Pending) != 1 || !strings.Contains(res.Pending[0].Reason, "the rule") || strings.Contains(res.Pending[0].Reason, "database") {
				t.Errorf("%s: pending %+v", name, res.Pending)
			}
			if slow := name == "deadline" || name == "hanging"; slow != strings.Contains(res.Pending[0].Reason, "in time") {
				t.Errorf("%s: the person is told %q", name, res.Pending[0].Reason)
			}
			if len(d.paid) > 0 {
				t.Errorf("%s: it was paid", name)
			}
		}
		close(release)
		synctest.Wait()
	})
}

// The rules of one turn have their time together.
func TestR18_ManySlowRules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		d := newDesk(t, funcall.RequireApproval(func(ctx context.Context, _ Item) (string, error) {
			asked++
			time.Sleep(2 * time.Second)
			return "", ctx.Err()
		}))
		var calls []provider.ToolCall
		for range 100 {
			calls = append(calls, provider.ToolCall{Name: "pay", Args: `{"id":"a"}`})
		}
		began := time.Now()
		res := d.asks(calls...)
		if took := time.Since(began); took > 8*time.Second || asked != 3 || len(d.paid) != 2 || len(res.Pending) != 98 {
			t.Errorf("%d rules were asked, in %v; %d calls ran, %d wait", asked, took, len(d.paid), len(res.Pending))
		}
	})
}

func TestR19_Decisions(t *testing.T) {
	for _, c := range []struct {
		name   string
		decide func(transcript.PendingCall) transcript.Decision
		paid   []string
		status transcript.Status
		model  func(*provider.Request) error // of what it is told
	}{
		{"approved", func(p transcript.PendingCall) transcript.Decision { return funcall.Approve(p, funcall.By("anna")) }, []string{`{"id":"a","n":2}`}, transcript.StatusOK, providertest.HasResult("pay", "paid")},
		{"edited", func(p transcript.PendingCall) transcript.Decision {
			return funcall.ApproveWith(p, `{"id":"b"}`, funcall.By("anna"))
		}, []string{`{"id":"b","n":2}`}, transcript.StatusOK, providertest.HasResult("pay", "paid")},
		{"edited, as a value", func(p transcript.PendingCall) transcript.Decision {
			return funcall.ApproveWith(p, Item{ID: "b", N: 4}, funcall.By("anna"))
		}, []string{`{"id":"b","n":4}`}, transcript.StatusOK, providertest.HasResult("pay", "paid")},
		{"denied", func(p transcript.PendingCall) transcript.Decision {
			return funcall.Deny(p, "Too dear.", funcall.By("anna"))
		}, nil, transcript.StatusDenied, providertest.HasError("pay", "Too dear.")},
		{"answered", func(p transcript.PendingCall) transcript.Decision {
			return funcall.Respond(p, "Paid in cash.", funcall.By("anna"))
		}, nil, transcript.StatusOK, providertest.HasResult("pay", "Paid in cash.")},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			p := d.asks().Pending[0]
			if _, err := d.session().Send(t.Context(), "hello?"); !errors.Is(err, funcall.ErrPending) {
				t.Errorf("a message while it waits: %v", err)
			}
			p = overJSON(t, p) // as a web page has it
			res, err := d.session(providertest.Say("done").Expect(c.model)).Decide(t.Context(), c.decide(p))
			if err != nil || res.Outcome != transcript.OutcomeDone || res.Text() != "done" || len(res.Pending) > 0 {
				t.Fatalf("%s %q, %v", res.Outcome, res.Text(), err)
			}
			if diff := cmp.Diff(c.paid, d.paid); diff != "" {
				t.Error(diff)
			}
			if res.Calls[0].Status != c.status {
				t.Errorf("the call is %s", res.Calls[0].Status)
			}
			for _, e := range res.Transcript.Entries {
				if dec, ok := e.Body.(*transcript.Decision); ok && (dec.By != "anna" || e.Time.IsZero()) {
					t.Errorf("decided by %q at %v", dec.By, e.Time)
				}
			}
		})
	}
}

func overJSON[T any](t *testing.T, v T) (back T) {
	t.Helper()
	b, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(b, &back)
	}
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// Several calls are decided in another order, each by another person in another process.
func TestR19_OneByOne(t *testing.T) {
	d := newDesk(t)
	call := func(n string) provider.ToolCall {
		return provider.ToolCall{Name: "pay", Args: `{"id":"a","n":` + n + `}`}
	}
	pending := d.asks(call("1"), call("2"), call("3")).Pending
	res, err := d.session().Decide(t.Context(), funcall.Approve(pending[2], funcall.By("c")))
	if err != nil || res.Outcome != transcript.OutcomeWaiting || len(res.Pending) != 2 {
		t.Fatalf("%s, %v, %v", res.Outcome, res.Pending, err)
	}
	if res, err = d.session().Decide(t.Context(), funcall.Deny(res.Pending[0], "", funcall.By("a"))); err != nil || len(res.Pending) != 1 {
		t.Fatalf("%v, %v", res.Pending, err)
	}
	res, err = d.session(providertest.Say("done")).Decide(t.Context(), funcall.Approve(pending[1], funcall.By("b")))
	if err != nil || res.Text() != "done" {
		t.Fatal(res.Text(), err)
	}
	if diff := cmp.Diff([]string{`{"id":"a","n":3}`, `{"id":"a","n":2}`}, d.paid); diff != "" {
		t.Error(diff)
	}
}

// Attacks on an approval: each is refused, nothing is stored, nothing runs, and
// the call waits as before where it did.
func TestR19_Attacks(t *testing.T) {
	other := func(p transcript.PendingCall) transcript.PendingCall { // of the same call in another session
		p.Session, p.Digest = "t", ""
		return p
	}
	twoCalls := []provider.ToolCall{{Name: "pay", Args: `{"id":"a"}`}, {Name: "pay", Args: `{"id":"b"}`}}
	for _, c := range []struct {
		name   string
		attack func(d *desk, p []transcript.PendingCall) (transcript.Decision, error)
		want   error
		paid   int
	}{
		{"forged", func(d *desk, p []transcript.PendingCall) (transcript.Decision, error) {
			return transcript.Decision{Ref: p[0].Ref, Verdict: transcript.VerdictApprove, Digest: strings.Repeat("0", 32), By: "root"}, nil
		}, funcall.ErrStaleDecision, 0},
		{"without a digest", func(d *desk, p []transcript.PendingCall) (transcript.Decision, error) {
			return funcall.Approve(other(p[0])), nil
		}, funcall.ErrStaleDecision, 0},
		{"for another session's call", func(d *desk, p []transcript.PendingCall) (transcript.Decision, error) {
			d2 := newDesk(d.t)
			res, err := newAgent(d.t, providertest.NewScript(d.t, providertest.Calls(twoCalls...)), d2.cfg).Session("t").Send(d.t.Context(), "go")
			return funcall.Approve(res.Pending[0]), err
		}, funcall.ErrStaleDecision, 0},
		{"for another call", func(d *desk, p []transcript.PendingCall) (transcript.Decision, error) {
			dec := funcall.Approve(p[0])
			dec.Ref = p[1].Ref
			return dec, nil
		}, funcall.ErrStaleDecision, 0},
		{"for no call", func(d *desk, p []transcript.PendingCall) (transcript.Decision, error) {
			dec := funcall.Approve(p[0])
			dec.Ref.Index = 7
			return dec, nil
		}, funcall.ErrNotPending, 0},
		{"for changed arguments", func(d *desk, p []transcript.PendingCall) (transcript.Decision, error) {
			p[0].Args, p[0].Digest = `{"id":"b"}`, p[1].Digest
			return funcall.Approve(p[0]), nil
		}, funcall.ErrStaleDecision, 0},
		{"with arguments that break the schema", func(d *desk, p []transcript.PendingCall) (transcript.Decision, error) {
			return funcall.ApproveWith(p[0], `{"id":"everything","n":99}`), nil
		}, funcall.ErrInvalidArguments, 0},
		{"with invalid arguments", func(d *desk, p []transcript.PendingCall) (transcript.Decision, error) {
			return funcall.ApproveWith(p[0], `{"id":"a"`), nil
		}, funcall.ErrInvalidArguments, 0},
		{"with empty arguments", func(d *desk, p []transcript.PendingCall) (transcript.Decision, error) {
			return funcall.ApproveWith(p[0], ""), nil
		}, funcall.ErrInvalidArguments, 0},
		{"replayed", func(d *desk, p []transcript.PendingCall) (transcript.Decision, error) {
			_, err := d.session().Decide(d.t.Context(), funcall.Approve(p[0]))
			return funcall.Approve(p[0]), err
		}, funcall.ErrNotPending, 1},
		{"against what was denied", func(d *desk, p []transcript.PendingCall) (transcript.Decision, error) {
			_, err := d.session().Decide(d.t.Context(), funcall.Deny(p[0], ""))
			return funcall.Approve(p[0]), err
		}, funcall.ErrNotPending, 0},
		{"after the run ended", func(d *desk, p []transcript.PendingCall) (transcript.Decision, error) {
			_, err := d.session(providertest.Say("done")).Decide(d.t.Context(), funcall.Approve(p[0]), funcall.Deny(p[1], ""))
			return funcall.Approve(p[1]), err
		}, funcall.ErrNotPending, 1},
		{"in the next run", func(d *desk, p []transcript.PendingCall) (transcript.Decision, error) {
			_, err := d.session(providertest.Say("done")).Decide(d.t.Context(), funcall.Deny(p[0], ""), funcall.Deny(p[1], ""))
			if err == nil {
				_, err = d.session(providertest.Calls(twoCalls...)).Send(d.t.Context(), "again")
			}
			return funcall.Approve(p[0]), err
		}, funcall.ErrNotPending, 0},
		{"with a verdict that no person gives", func(d *desk, p []transcript.PendingCall) (transcript.Decision, error) {
			dec := funcall.Approve(p[0])
			dec.Verdict = transcript.VerdictExpire
			return dec, nil
		}, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			dec, err := c.attack(d, d.asks(twoCalls...).Pending)
			if err != nil {
				t.Fatal(err)
			}
			before, _ := d.store.Load(t.Context(), "s")
			res, err := d.session().Decide(t.Context(), dec)
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			after, _ := d.store.Load(t.Context(), "s")
			if len(after.Entries) != len(before.Entries) || len(d.paid) != c.paid {
				t.Errorf("%d entries, and %d after it; %d calls were paid, not %d", len(before.Entries), len(after.Entries), len(d.paid), c.paid)
			}
			check(t, res)
		})
	}
}

// Two decisions of which one is refused: neither counts.
func TestR19_AllOrNone(t *testing.T) {
	d := newDesk(t)
	p := d.asks().Pending[0]
	for _, second := range []transcript.Decision{funcall.Deny(p, ""), {Ref: p.Ref, Verdict: transcript.VerdictApprove}} {
		if _, err := d.session().Decide(t.Context(), funcall.Approve(p), second); !errors.Is(err, funcall.ErrNotPending) || len(d.paid) > 0 {
			t.Errorf("%v, paid %v", err, d.paid)
		}
	}
	if _, err := d.session().Decide(t.Context()); err == nil {
		t.Error("no decision at all is one")
	}
}

// A person approved a tool that is another by now.
func TestR20_AnApprovedToolThatChanged(t *testing.T) {
	for name, changed := range map[string]funcall.Tool{
		"another schema": funcall.NewTool("pay", "Does what the test says.", func(context.Context, struct {
			ID string `json:"id"`
		}) (string, error) {
			t.Error("it ran")
			return "", nil
		}, funcall.RequireApproval(func(context.Context, json.RawMessage) (string, error) { return "it costs money", nil })),
		"another description": funcall.NewTool("pay", "Pays in gold.", func(context.Context, Item) (string, error) {
			t.Error("it ran")
			return "", nil
		}, always("it costs money")),
		"another class": tool("pay", func(context.Context, Item) (string, error) { t.Error("it ran"); return "", nil }, funcall.Idempotent(), always("it costs money")),
		"no rule":       tool("pay", func(context.Context, Item) (string, error) { t.Error("it ran"); return "", nil }),
	} {
		d := newDesk(t)
		p := d.asks().Pending[0]
		d.cfg.Tools = []funcall.Tool{changed}
		res, err := d.session(providertest.Say("done").Expect(providertest.HasError("pay", "has changed; call it again"))).Decide(t.Context(), funcall.Approve(p))
		if err != nil || res.Calls[0].Status != transcript.StatusRefused {
			t.Errorf("%s: %s, %v", name, res.Calls[0].Status, err)
		}
	}
}

// A call that was made before its tool needed approval does not run once the tool needs it.
func TestR20_ATooLateRule(t *testing.T) {
	store := new(transcript.Memory)
	free := tool("pay", func(context.Context, Item) (string, error) { t.Error("it ran"); return "", nil })
	cfg := funcall.Config{Tools: []funcall.Tool{free}, TakeoverAfter: time.Nanosecond, Store: &crashingStore{Store: store, after: 1}}
	if _, err := newAgent(t, providertest.NewScript(t, payCall("a")), cfg).Session("s").Send(t.Context(), "go"); !errors.Is(err, errDisk) {
		t.Fatal(err)
	}
	cfg.Store, cfg.Tools = store, []funcall.Tool{free.With(always("since today"))}
	res, err := newAgent(t, providertest.NewScript(t, payCall("a")), cfg).Session("s").Resume(t.Context())
	if err != nil || res.Outcome != transcript.OutcomeWaiting {
		t.Errorf("%s, %v", res.Outcome, err)
	}
}

func TestR19_Expiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		expiring := func() (*desk, transcript.PendingCall) {
			d := newDesk(t, always("it costs money"), funcall.ApprovalTimeout(48*time.Hour))
			p := d.asks().Pending[0]
			if want := time.Now().Add(48 * time.Hour); !p.Deadline.Equal(want) {
				t.Errorf("it can be decided until %v, want %v", p.Deadline, want)
			}
			return d, p
		}
		in, pin := expiring()
		late, plate := expiring()
		next, _ := expiring()
		time.Sleep(48*time.Hour - time.Nanosecond)
		if res, err := in.session(providertest.Say("done")).Decide(t.Context(), funcall.Approve(pin)); err != nil || len(in.paid) != 1 {
			t.Errorf("in time: %s, %v", res.Outcome, err)
		}
		if _, err := late.session().Send(t.Context(), "hello?"); !errors.Is(err, funcall.ErrPending) {
			t.Errorf("a message in time: %v", err)
		}
		time.Sleep(time.Nanosecond)
		res, err := late.session().Decide(t.Context(), funcall.Approve(plate))
		if !errors.Is(err, funcall.ErrExpired) || res.Outcome != transcript.OutcomeWaiting {
			t.Errorf("too late: %s, %v", res.Outcome, err)
		}
		res, err = late.session(providertest.Say("so be it").Expect(providertest.HasError("pay", "nobody decided"))).Resume(t.Context())
		if err != nil || res.Text() != "so be it" || res.Calls[0].Status != transcript.StatusDenied {
			t.Errorf("resumed: %q, %v", res.Text(), err)
		}
		res, err = next.session(providertest.Say("hello").Expect(providertest.HasError("pay", "nobody decided"))).Send(t.Context(), "hello?")
		if err != nil || res.Text() != "hello" {
			t.Errorf("the next message: %q, %v", res.Text(), err)
		}
		if len(late.paid)+len(next.paid) > 0 {
			t.Error("what expired was paid")
		}
	})
}

// A pending call stays pending, whatever the outcome of its run.
func TestR19_AfterTheRunFailed(t *testing.T) {
	d := newDesk(t)
	d.cfg.Tools = append(d.cfg.Tools, tool("break", func(context.Context, Item) (string, error) {
		return "", funcall.Fatal(errors.New("the shop is on fire"))
	}))
	res, err := d.session(providertest.Calls(
		provider.ToolCall{Name: "pay", Args: `{"id":"a"}`}, provider.ToolCall{Name: "break", Args: `{"id":"a"}`})).Send(t.Context(), "go")
	if err == nil || res.Outcome != transcript.OutcomeFailed || len(res.Pending) != 1 {
		t.Fatalf("%s, %v", res.Outcome, err)
	}
	if res, err = d.session(providertest.Say("done")).Decide(t.Context(), funcall.Approve(res.Pending[0])); err != nil || res.Text() != "done" || len(d.paid) != 1 {
		t.Errorf("%q, %v, paid %v", res.Text(), err, d.paid)
	}
}

// If two people decide at the same moment in two processes, one decision counts.
func TestR19_TwoDecideAtOnce(t *testing.T) {
	d := newDesk(t)
	p := d.asks().Pending[0]
	loaded, both := make(chan bool, 2), make(chan bool)
	d.cfg.Store = meetingStore{d.store, loaded, both}
	decide := func(who string) func() error {
		return func() error {
			a, err := funcall.New(providertest.NewScript(nil, providertest.Say("done")), d.cfg)
			if err == nil {
				_, err = a.Session("s").Decide(t.Context(), funcall.Approve(p, funcall.By(who)))
			}
			return err
		}
	}
	oneIsBusy(t, loaded, both, decide("anna"), decide("bert"))
	if len(d.paid) != 1 {
		t.Errorf("it was paid %d times", len(d.paid))
	}
}

func TestDecideAsAnother(t *testing.T) {
	d := newDesk(t)
	s := newAgent(t, providertest.NewScript(t, payCall("a")), d.cfg).Session("s", funcall.Subject("CUST-1"))
	res, err := s.Send(t.Context(), "go")
	if err != nil {
		t.Fatal(err)
	}
	a := newAgent(t, providertest.NewScript(t), d.cfg)
	if res, err := a.Session("s", funcall.Subject("CUST-2")).Decide(t.Context(), funcall.Approve(res.Pending[0])); !errors.Is(err, funcall.ErrWrongSubject) || len(res.Transcript.Entries) > 0 {
		t.Errorf("%v, with %d entries", err, len(res.Transcript.Entries))
	}
}

func TestStreamDecide(t *testing.T) {
	d := newDesk(t)
	p := d.asks().Pending[0]
	var text string
	var last funcall.Event
	for ev, err := range d.session(providertest.Say("It is paid.")).StreamDecide(t.Context(), funcall.Approve(p)) {
		if err != nil {
			t.Fatal(err)
		}
		if last = ev; ev.Kind == funcall.EventText {
			text += ev.Text
		}
	}
	if text != "It is paid." || last.Kind != funcall.EventDone || last.Result.Outcome != transcript.OutcomeDone {
		t.Errorf("%q, last %+v", text, last)
	}
}

func TestOptionsThatDoNotFit(t *testing.T) {
	type other struct{}
	raw := func(context.Context, json.RawMessage) (any, error) { return nil, nil }
	effects := func(context.Context, string, Item) (string, error) {
		return "", errors.New("the backend cannot tell")
	}
	for want, tl := range map[string]funcall.Tool{
		"RequireApproval takes a rules_test.other, and the tool a rules_test.Item": tool("a", echo, funcall.RequireApproval(func(context.Context, other) (string, error) { return "", nil })),
		"RequireApproval(nil)":                  tool("a", echo, funcall.RequireApproval[Item](nil)),
		"Reconcile takes a struct {}":           funcall.NewRawTool("a", "b", json.RawMessage(`{"type":"object"}`), raw, funcall.Reconcile(func(context.Context, string, struct{}) (string, error) { return "", nil })),
		"Reconcile is for effects":              tool("a", echo, funcall.Idempotent(), funcall.Reconcile(effects)),
		"Retry needs ReadOnly or Idempotent":    tool("a", echo, funcall.Retry(1, 0)),
		"Retry(0, 1s)":                          tool("a", echo, funcall.ReadOnly(), funcall.Retry(0, time.Second)),
		"ApprovalTimeout(0s)":                   tool("a", echo, funcall.ApprovalTimeout(0)),
		"ApprovalTimeout needs RequireApproval": tool("a", echo, funcall.ApprovalTimeout(time.Hour)),
		"Reconcile(nil)":                        tool("a", echo, funcall.Reconcile[Item, string](nil)),
	} {
		if _, err := funcall.New(providertest.NewScript(t), funcall.Config{Tools: []funcall.Tool{tl}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	// The order of the options does not matter, and any tool's arguments can be
	// had as they are.
	fits := tool("a", echo, funcall.Retry(2, time.Second), funcall.ReadOnly(), funcall.RequireApproval(func(context.Context, json.RawMessage) (string, error) { return "", nil }))
	if _, err := funcall.New(providertest.NewScript(t), funcall.Config{Tools: []funcall.Tool{fits}}); err != nil {
		t.Error(err)
	}
}

func TestR18_RunCannotWait(t *testing.T) {
	agent := newAgent(t, providertest.NewScript(t, payCall("a")), funcall.Config{Tools: []funcall.Tool{
		tool("pay", func(context.Context, Item) (string, error) { t.Error("it ran"); return "", nil }, always("it costs money")),
	}})
	res, err := agent.Run(t.Context(), "go")
	if !errors.Is(err, funcall.ErrPending) || !strings.Contains(err.Error(), `"pay"`) || !strings.Contains(err.Error(), "Session") {
		t.Errorf("the error: %v", err)
	}
	if res.Outcome != transcript.OutcomeFailed || len(res.Pending) != 1 {
		t.Errorf("%s, pending %+v", res.Outcome, res.Pending)
	}
	if err := transcript.Validate(res.Transcript); err != nil {
		t.Error(err)
	}
}

// A tool sees whether a person approved its call, also with other arguments.
func TestR19_AToolSeesItsApproval(t *testing.T) {
	for name, c := range map[string]struct {
		reason string
		decide func(transcript.PendingCall) transcript.Decision
		want   bool
	}{
		"no approval needed": {"", nil, false},
		"approved":           {"it is dear", func(p transcript.PendingCall) transcript.Decision { return funcall.Approve(p) }, true},
		"with other arguments": {"it is dear", func(p transcript.PendingCall) transcript.Decision {
			return funcall.ApproveWith(p, `{"id":"b"}`)
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			approved, ran := false, false
			pay := tool("pay", func(ctx context.Context, _ Item) (string, error) {
				approved, ran = funcall.CallFrom(ctx).Approved, true
				return "paid", nil
			}, funcall.RequireApproval(func(context.Context, Item) (string, error) { return c.reason, nil }))
			model := providertest.NewScript(t, providertest.Call("pay", `{"id":"a"}`), providertest.Say("done"))
			s := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{pay}}).Session("s")
			res, err := s.Send(t.Context(), "pay")
			if err == nil && c.decide != nil {
				_, err = s.Decide(t.Context(), c.decide(res.Pending[0]))
			}
			if err != nil || !ran || approved != c.want {
				t.Errorf("ran: %t, approved: %t, %v", ran, approved, err)
			}
		})
	}
}
