package rules_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// A bank is a backend that knows which keys it was paid under.
type bank struct {
	mu    sync.Mutex
	paid  map[string]int
	asked []string
}

func (b *bank) reconcile(ctx context.Context, key string, i Item) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, key)
	if b.paid[key] == 0 {
		return "", funcall.ErrNotApplied
	}
	return "paid before", nil
}

func (b *bank) pay(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.paid[funcall.CallFrom(ctx).Key]++
}

// The backend is asked about every kind of in-doubt call, and each of its answers counts.
func TestR16_TheBackendIsAsked(t *testing.T) {
	lost := func(b *bank, reaches bool, how func(ctx context.Context) error) func(context.Context, Item) (string, error) {
		first := true
		return func(ctx context.Context, _ Item) (string, error) {
			if !first {
				b.pay(ctx)
				return "paid now", nil
			}
			if first = false; reaches {
				b.pay(ctx)
			}
			return "", how(ctx)
		}
	}
	for how, fail := range map[string]func(context.Context) error{
		"a lost reply": func(context.Context) error { return funcall.InDoubt(errors.New("connection reset")) },
		"a timeout":    func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
		"a panic":      func(context.Context) error { panic("nil map") },
	} {
		for _, reaches := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				b := &bank{paid: map[string]int{}}
				want := map[bool]string{true: "paid before", false: "paid now"}[reaches]
				model := providertest.NewScript(t, payCall("a"), providertest.Say("done").Expect(providertest.HasResult("pay", want)))
				agent := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{
					tool("pay", lost(b, reaches, fail), funcall.Reconcile(b.reconcile), funcall.Timeout(10*time.Second)),
				}})
				began := time.Now()
				res, err := agent.Session("s").Send(t.Context(), "go")
				if err != nil || res.Text() != "done" || b.paid["s/1.0"] != 1 || len(b.paid) != 1 || len(res.InDoubt) > 0 {
					t.Errorf("%s, reaches the backend: %v: %q, %v, paid %v", how, reaches, res.Text(), err, b.paid)
				}
				// That it never happened is believed when the attempt must be over: 10
				// seconds, and 2 of grace.
				if took := time.Since(began); !reaches && took < 12*time.Second || reaches && took > 10*time.Second {
					t.Errorf("%s, reaches the backend: %v: it took %v", how, reaches, took)
				}
			})
		}
	}
}

func TestR16_TheBackendCannotTell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type answer func(ctx context.Context, key string, _ Item) (string, error)
		for name, answer := range map[string]answer{
			"unknown": func(context.Context, string, Item) (string, error) {
				return "", errors.New("the backend cannot tell")
			},
			"an error": func(context.Context, string, Item) (string, error) {
				return "", errors.New("the bank is closed")
			},
			"an error of what happened": func(context.Context, string, Item) (string, error) {
				return "", errors.New("half an answer")
			},
			"a panic": func(context.Context, string, Item) (string, error) { panic("nil map") },
			"no answer": func(ctx context.Context, _ string, _ Item) (string, error) {
				<-ctx.Done()
				return "", ctx.Err()
			},
			"a hung one": func(context.Context, string, Item) (string, error) {
				time.Sleep(time.Hour)
				return "", funcall.ErrNotApplied
			},
		} {
			paid := 0
			model := providertest.NewScript(t, payCall("a"), providertest.Say("done").Expect(providertest.HasError("pay", "not known")))
			agent := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{
				tool("pay", func(context.Context, Item) (string, error) { paid++; return "", funcall.InDoubt(errors.New("reset")) },
					funcall.Reconcile(answer), funcall.Timeout(time.Minute)),
			}})
			res, err := agent.Run(t.Context(), "go")
			if err != nil || res.Calls[0].Status != transcript.StatusInDoubt || paid != 1 || len(res.InDoubt) != 1 {
				t.Errorf("%s: %s, %v, paid %d times", name, res.Calls[0].Status, err, paid)
			}
		}
		time.Sleep(2 * time.Hour) // until the one that hung has returned
	})
}

// A backend is asked within the run's active time.
func TestR21_ActiveTimeBoundsAReconciler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pay := tool("pay", func(context.Context, Item) (string, error) { return "", funcall.InDoubt(errors.New("reset")) },
			funcall.Timeout(time.Minute), funcall.Reconcile(func(ctx context.Context, _ string, _ Item) (string, error) {
				<-ctx.Done()
				return "", ctx.Err()
			}))
		agent := newAgent(t, providertest.NewScript(t, payCall("a")), funcall.Config{Tools: []funcall.Tool{pay}, Limits: transcript.Limits{ActiveTime: 3 * time.Second}})
		began := time.Now()
		res, err := agent.Run(t.Context(), "go")
		if took := time.Since(began); err != nil || took != 3*time.Second || res.Reason != transcript.LimitActiveTime || res.Calls[0].Status != transcript.StatusInDoubt {
			t.Errorf("%v, %s (%s), %s after %v", err, res.Outcome, res.Reason, res.Calls[0].Status, took)
		}
	})
}

// An answer is as old as its question: a request that the backend has no record of by then
// may still arrive before the attempt is over.
func TestR14_ASlowAnswerIsOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		paid := map[string]int{}
		arrives := func(key string) {
			mu.Lock()
			defer mu.Unlock()
			paid[key]++
		}
		first := true
		pay := tool("pay", func(ctx context.Context, _ Item) (string, error) {
			key := funcall.CallFrom(ctx).Key
			if !first {
				arrives(key)
				return "paid now", nil
			}
			first = false
			time.AfterFunc(11*time.Second, func() { arrives(key) }) // the request is on its way
			time.Sleep(8 * time.Second)
			return "", funcall.InDoubt(errors.New("reset"))
		}, funcall.Timeout(10*time.Second), funcall.Reconcile(func(_ context.Context, key string, _ Item) (string, error) {
			mu.Lock()
			known := paid[key]
			mu.Unlock()
			time.Sleep(6 * time.Second) // asked at 8, answered at 14; the attempt is over at 12
			if known > 0 {
				return "paid before", nil
			}
			return "", funcall.ErrNotApplied
		}))
		model := providertest.NewScript(t, payCall("a"), providertest.Say("done").Expect(providertest.HasResult("pay", "paid before")))
		if _, err := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{pay}}).Session("s").Send(t.Context(), "go"); err != nil || paid["s/1.0"] != 1 {
			t.Errorf("%v, paid %v", err, paid)
		}
	})
}

// The same holds if an abandoned attempt ends while the backend answers.
func TestR14_AnAttemptThatEndsMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		paid := map[string]int{}
		pay := tool("pay", func(ctx context.Context, _ Item) (string, error) {
			time.Sleep(13 * time.Second) // whatever its context says
			mu.Lock()
			defer mu.Unlock()
			paid[funcall.CallFrom(ctx).Key]++
			return "paid", nil
		}, funcall.Timeout(10*time.Second), funcall.Reconcile(func(_ context.Context, key string, _ Item) (string, error) {
			mu.Lock()
			known := paid[key]
			mu.Unlock()
			time.Sleep(2 * time.Second) // asked at 12
			if known > 0 {
				return "paid before", nil
			}
			return "", funcall.ErrNotApplied
		}))
		model := providertest.NewScript(t, payCall("a"), providertest.Say("done"))
		res, err := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{pay}}).Session("s").Send(t.Context(), "go")
		if err != nil || res.Calls[0].Status != transcript.StatusInDoubt {
			t.Errorf("%s, %v", res.Calls[0].Status, err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if paid["s/1.0"] != 1 {
			t.Errorf("paid %v", paid)
		}
	})
}

// A call that never reaches its backend is not made for ever.
func TestR16_NeverHappensForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		b := &bank{paid: map[string]int{}}
		model := providertest.NewScript(t, payCall("a"), providertest.Say("done").Expect(providertest.HasError("pay", "failed")))
		res, err := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{
			tool("pay", func(context.Context, Item) (string, error) { tries++; return "", funcall.InDoubt(errors.New("reset")) }, funcall.Reconcile(b.reconcile)),
		}}).Run(t.Context(), "go")
		if err != nil || res.Calls[0].Status != transcript.StatusFailed || tries != 3 {
			t.Errorf("%s, %v, %d tries", res.Calls[0].Status, err, tries)
		}
	})
}

// A refusal that the backend remembers is what the tool said.
func TestR16_WhatHappenedWasARefusal(t *testing.T) {
	model := providertest.NewScript(t, payCall("a"), providertest.Say("done").Expect(providertest.HasError("pay", "no funds")))
	agent := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{
		tool("pay", func(context.Context, Item) (string, error) { return "", funcall.InDoubt(errors.New("reset")) },
			funcall.Reconcile(func(context.Context, string, Item) (string, error) {
				return "", funcall.Visible(errors.New("no funds"))
			})),
	}})
	res, err := agent.Run(t.Context(), "go")
	if err != nil || res.Calls[0].Status != transcript.StatusFailed || len(res.InDoubt) > 0 {
		t.Errorf("%s, %v", res.Calls[0].Status, err)
	}
}

// An abandoned attempt that still runs may have its effect at any time: that the backend has
// no record of it proves nothing.
func TestR14_AnAbandonedAttemptIsNotOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bank{paid: map[string]int{}}
		model := providertest.NewScript(t, payCall("a"), providertest.Say("done").Expect(providertest.HasError("pay", "not known")))
		agent := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{
			tool("pay", func(ctx context.Context, _ Item) (string, error) { time.Sleep(time.Hour); b.pay(ctx); return "", nil },
				funcall.Reconcile(b.reconcile), funcall.Timeout(time.Second)),
		}})
		res, err := agent.Session("s").Send(t.Context(), "go")
		if err != nil || res.Calls[0].Status != transcript.StatusInDoubt {
			t.Errorf("%s, %v", res.Calls[0].Status, err)
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if b.paid["s/1.0"] != 1 || agent.AbandonedCalls() != 0 {
			t.Errorf("paid %v", b.paid)
		}
	})
}

// After a crash between the effect and its result, the worker that resumes asks the backend.
func TestR16_ACrashIsReconciled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, reaches := range []bool{true, false} {
			b := &bank{paid: map[string]int{}}
			store := new(transcript.Memory)
			dies := reaches
			pay := tool("pay", func(ctx context.Context, _ Item) (string, error) {
				if reaches || !dies {
					b.pay(ctx)
				}
				return "paid", nil
			}, funcall.Reconcile(b.reconcile))
			dies = true
			cfg := funcall.Config{Tools: []funcall.Tool{pay}, TakeoverAfter: time.Nanosecond}
			cfg.Store = &crashingStore{Store: store, after: 2} // the intent is stored, the result is not
			if _, err := newAgent(t, providertest.NewScript(t, payCall("a")), cfg).Session("s").Send(t.Context(), "go"); !errors.Is(err, errDisk) {
				t.Fatal(err)
			}
			dies = false
			cfg.Store = store
			time.Sleep(time.Minute)
			res, err := newAgent(t, providertest.NewScript(t, providertest.Say("done")), cfg).Session("s").Resume(t.Context())
			if err != nil || res.Calls[0].Status != transcript.StatusOK || b.paid["s/1.0"] != 1 {
				t.Errorf("reaches %v: %s, %v, paid %v", reaches, res.Calls[0].Status, err, b.paid)
			}
			if diff := cmp.Diff([]string{"s/1.0"}, b.asked); diff != "" {
				t.Error(diff)
			}
		}
	})
}

func TestR16_CancelIsReconciledOnResume(t *testing.T) {
	b := &bank{paid: map[string]int{}}
	ctx, cancel := context.WithCancel(t.Context())
	cfg := funcall.Config{Store: new(transcript.Memory), Tools: []funcall.Tool{
		tool("pay", func(ctx context.Context, _ Item) (string, error) {
			b.pay(ctx)
			cancel()
			<-ctx.Done()
			return "", ctx.Err()
		},
			funcall.Reconcile(b.reconcile)),
	}}
	res, err := newAgent(t, providertest.NewScript(t, payCall("a")), cfg).Session("s").Send(ctx, "go")
	if !errors.Is(err, context.Canceled) || res.Outcome != transcript.OutcomeCanceled {
		t.Fatal(res.Outcome, err)
	}
	res, err = newAgent(t, providertest.NewScript(t, providertest.Say("done").Expect(providertest.HasResult("pay", "paid before"))), cfg).Session("s").Resume(t.Context())
	if err != nil || res.Text() != "done" || b.paid["s/1.0"] != 1 {
		t.Errorf("%q, %v, paid %v", res.Text(), err, b.paid)
	}
}

// A model that calls again what is in doubt: whose key is honored runs under the
// first one's, anything else needs a person, in whatever way it is spelled.
func TestR16_TheSameAgain(t *testing.T) {
	again := []provider.ToolCall{
		{Name: "pay", Args: `{"id":"a","n":2}`},   // in doubt
		{Name: "pay", Args: `{"n":2.0,"id":"a"}`}, // the same, in the same turn
		{Name: "pay", Args: `{"id":"b"}`},         // something else
	}
	for class, opt := range map[transcript.Class]funcall.ToolOption{transcript.ClassIdempotent: funcall.Idempotent(), transcript.ClassEffect: funcall.Timeout(time.Minute)} {
		var keys []string
		pay := tool("pay", func(ctx context.Context, i Item) (string, error) {
			keys = append(keys, funcall.CallFrom(ctx).Key)
			if len(keys) == 1 {
				return "", funcall.InDoubt(errors.New("reset"))
			}
			return "paid", nil
		}, opt)
		cfg := funcall.Config{Store: new(transcript.Memory), Tools: []funcall.Tool{pay}}
		turns := []providertest.Turn{providertest.Calls(again...)}
		if class == transcript.ClassIdempotent {
			turns = append(turns, providertest.Say("done"))
		}
		res, err := newAgent(t, providertest.NewScript(t, turns...), cfg).Session("s").Send(t.Context(), "go")
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"s/1.0", "s/1.0", "s/1.2"}
		if class == transcript.ClassEffect {
			if res.Outcome != transcript.OutcomeWaiting || len(res.Pending) != 1 || !strings.Contains(res.Pending[0].Reason, "1.0") || len(res.InDoubt) != 1 {
				t.Fatalf("%s: %s, pending %+v", class, res.Outcome, res.Pending)
			}
			res, err = newAgent(t, providertest.NewScript(t, providertest.Say("done")), cfg).Session("s").Decide(t.Context(), funcall.Approve(res.Pending[0]))
			want = []string{"s/1.0", "s/1.2", "s/1.0"}
		}
		if err != nil || res.Text() != "done" || len(res.InDoubt) > 0 {
			t.Errorf("%s: %q, %v, doubts %v", class, res.Text(), err, res.InDoubt)
		}
		if diff := cmp.Diff(want, keys); diff != "" {
			t.Errorf("%s: keys %s", class, diff)
		}
	}
}

// A model may spell the arguments in any way that JSON allows.
func TestR16_TheSameInAnotherSpelling(t *testing.T) {
	type payment struct {
		Amount float64 `json:"amount"`
		To     string  `json:"to"`
	}
	for _, c := range []struct {
		args string
		same bool
	}{
		{`{"amount":1250,"to":"é"}`, true},
		{`{"to":"\u00e9","amount":1250.00}`, true},
		{`{"amount":1.25e3,"to":"é"}`, true},
		{`{"amount":1.25E+03,"to":"é"}`, true},
		{`{"amount":125e1,"to":"é"}`, true},
		{`{"amount":125000e-2,"to":"é"}`, true},
		{`{"amount":0.00125e6,"\u0074o":"é"}`, true},
		{`{"amount":-1250,"to":"é"}`, false},
		{`{"amount":1250.0000000000000000001,"to":"é"}`, false},
		{`{"amount":1.25e4,"to":"é"}`, false},
		{`{"amount":1250,"to":"e\u0301"}`, false},
	} {
		for class, opt := range map[transcript.Class]funcall.ToolOption{transcript.ClassIdempotent: funcall.Idempotent(), transcript.ClassEffect: funcall.Timeout(time.Minute)} {
			var keys []string
			pay := funcall.NewTool("pay", "Pays.", func(ctx context.Context, _ payment) (string, error) {
				keys = append(keys, funcall.CallFrom(ctx).Key)
				return "", funcall.InDoubt(errors.New("reset"))
			}, opt)
			turns := []providertest.Turn{providertest.Calls(provider.ToolCall{Name: "pay", Args: `{"amount":1250,"to":"é"}`}, provider.ToolCall{Name: "pay", Args: c.args + " "})}
			if class == transcript.ClassIdempotent || !c.same {
				turns = append(turns, providertest.Say("done"))
			}
			res, err := newAgent(t, providertest.NewScript(t, turns...), funcall.Config{Tools: []funcall.Tool{pay}}).Session("s").Send(t.Context(), "go")
			if err != nil {
				t.Fatal(err)
			}
			if class == transcript.ClassIdempotent {
				if same := len(keys) == 2 && keys[0] == keys[1]; same != c.same {
					t.Errorf("%s: keys %v", c.args, keys)
				}
			} else if waits := res.Outcome == transcript.OutcomeWaiting; waits != c.same {
				t.Errorf("%s: %s, and the tool ran %d times", c.args, res.Outcome, len(keys))
			}
		}
	}
}

// In a later run, after the conversation went on.
func TestR16_TheSameAgainLater(t *testing.T) {
	var keys []string
	pay := tool("pay", func(ctx context.Context, i Item) (string, error) {
		keys = append(keys, funcall.CallFrom(ctx).Key)
		if len(keys) < 3 {
			return "", funcall.InDoubt(errors.New("reset"))
		}
		return "paid", nil
	}, funcall.Idempotent())
	cfg := funcall.Config{Store: new(transcript.Memory), Tools: []funcall.Tool{pay}}
	for i := range 4 {
		res, err := newAgent(t, providertest.NewScript(t, payCall("a"), providertest.Say("done")), cfg).Session("s").Send(t.Context(), "go")
		if err != nil || (len(res.InDoubt) == 1) != (i < 2) {
			t.Fatalf("run %d: %v, doubts %v", i, err, res.InDoubt)
		}
	}
	if diff := cmp.Diff([]string{"s/1.0", "s/1.0", "s/1.0", "s/19.0"}, keys); diff != "" {
		t.Error(diff)
	}
}

// What an attempt says of itself says nothing of the one before it.
func TestR16_AFailureAfterACrashIsNoCertainty(t *testing.T) {
	store := new(transcript.Memory)
	tries := 0
	pay := tool("pay", func(context.Context, Item) (string, error) {
		if tries++; tries == 1 {
			return "paid", nil
		}
		return "", errors.New("connection refused")
	}, funcall.Idempotent())
	cfg := funcall.Config{Tools: []funcall.Tool{pay}, TakeoverAfter: time.Nanosecond, Store: &crashingStore{Store: store, after: 2}}
	if _, err := newAgent(t, providertest.NewScript(t, payCall("a")), cfg).Session("s").Send(t.Context(), "go"); !errors.Is(err, errDisk) {
		t.Fatal(err)
	}
	cfg.Store = store
	res, err := newAgent(t, providertest.NewScript(t, providertest.Say("done")), cfg).Session("s").Resume(t.Context())
	if err != nil || res.Calls[0].Status != transcript.StatusInDoubt {
		t.Errorf("%s, %v", res.Calls[0].Status, err)
	}
}

func TestR13_Retry(t *testing.T) {
	refused := errors.New("connection refused")
	for _, c := range []struct {
		name   string
		class  funcall.ToolOption
		errs   []error // of each try; no more means that it works
		tries  int
		status transcript.Status
	}{
		{"works at once", funcall.ReadOnly(), nil, 1, transcript.StatusOK},
		{"works at last", funcall.ReadOnly(), []error{refused, refused, refused}, 4, transcript.StatusOK},
		{"never works", funcall.ReadOnly(), []error{refused, refused, refused, refused, refused}, 4, transcript.StatusFailed},
		{"a lost reply", funcall.Idempotent(), []error{funcall.InDoubt(refused)}, 2, transcript.StatusOK},
		{"a lost reply, and no reply to retries", funcall.Idempotent(), []error{funcall.InDoubt(refused), refused, refused, refused}, 4, transcript.StatusInDoubt},
		{"a lost reply, and a refusal", funcall.Idempotent(), []error{funcall.InDoubt(refused), funcall.Visible(errors.New("no funds"))}, 2, transcript.StatusFailed},
		{"a refusal", funcall.ReadOnly(), []error{funcall.Visible(errors.New("no such order"))}, 1, transcript.StatusFailed},
		{"a fatal one", funcall.ReadOnly(), []error{funcall.Fatal(refused)}, 1, transcript.StatusFailed},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var infos []funcall.CallInfo
				try := tool("try", func(ctx context.Context, _ Item) (string, error) {
					if infos = append(infos, funcall.CallFrom(ctx)); len(infos) <= len(c.errs) {
						return "", c.errs[len(infos)-1]
					}
					return "ok", nil
				}, c.class, funcall.Retry(3, time.Second))
				turns := []providertest.Turn{providertest.Call("try", `{"id":"a"}`), providertest.Say("done")}
				if c.name == "a fatal one" {
					turns = turns[:1]
				}
				began := time.Now()
				res, _ := newAgent(t, providertest.NewScript(t, turns...), funcall.Config{Tools: []funcall.Tool{try}}).Session("s").Send(t.Context(), "go")
				if len(infos) != c.tries || res.Calls[0].Status != c.status {
					t.Errorf("%d tries, %s; want %d, %s", len(infos), res.Calls[0].Status, c.tries, c.status)
				}
				for i, info := range infos {
					if info.Key != "s/1.0" || info.Attempt != 1 || info.Retry != i {
						t.Errorf("try %d: %+v", i, info)
					}
				}
				most := time.Duration(1<<(c.tries-1)-1) * time.Second // 1 + 2 + 4
				if took := time.Since(began); took > most || took < most/2 {
					t.Errorf("it waited %v, at the most %v", took, most)
				}
			})
		})
	}
}

func TestR13_RetryEndsWithItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		try := tool("try", func(context.Context, Item) (string, error) { tries++; return "", errors.New("connection refused") },
			funcall.ReadOnly(), funcall.Retry(1000, time.Second), funcall.Timeout(10*time.Second))
		began := time.Now()
		res, err := newAgent(t, providertest.NewScript(t, providertest.Call("try", `{"id":"a"}`), providertest.Say("done")), funcall.Config{Tools: []funcall.Tool{try}}).Run(t.Context(), "go")
		if err != nil || res.Calls[0].Status != transcript.StatusFailed || time.Since(began) != 10*time.Second || tries > 6 {
			t.Errorf("%s, %v, %d tries in %v", res.Calls[0].Status, err, tries, time.Since(began))
		}
	})
}

// A backend that says more than that it has no record, such as that a part of it could not be
// asked, has not said that nothing was done.
func TestR16_NotAppliedAndMore(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		status transcript.Status
	}{
		"joined with a timeout":  {errors.Join(funcall.ErrNotApplied, context.DeadlineExceeded), transcript.StatusInDoubt},
		"joined with in doubt":   {errors.Join(funcall.ErrNotApplied, funcall.InDoubt(errors.New("shard 2 lost the reply"))), transcript.StatusInDoubt},
		"marked in doubt":        {funcall.InDoubt(funcall.ErrNotApplied), transcript.StatusInDoubt},
		"visible":                {funcall.Visible(funcall.ErrNotApplied), transcript.StatusFailed},
		"its own context's end":  {nil, transcript.StatusInDoubt},
		"alone, after its time":  {funcall.ErrNotApplied, transcript.StatusInDoubt},
		"wrapped, of the caller": {fmt.Errorf("%w: %w", funcall.ErrNotApplied, context.Canceled), transcript.StatusInDoubt},
	} {
		synctest.Test(t, func(t *testing.T) {
			ran := 0
			pay := tool("pay", func(context.Context, Item) (string, error) {
				ran++
				return "", funcall.InDoubt(errors.New("reset"))
			}, funcall.Timeout(10*time.Second), funcall.Reconcile(func(ctx context.Context, _ string, _ Item) (string, error) {
				if c.err == nil || c.err == funcall.ErrNotApplied {
					<-ctx.Done()
				}
				if c.err == nil {
					return "", fmt.Errorf("%w: %w", funcall.ErrNotApplied, ctx.Err())
				}
				return "", c.err
			}))
			agent := newAgent(t, providertest.NewScript(t, payCall("a"), providertest.Say("done")), funcall.Config{Tools: []funcall.Tool{pay}})
			res, err := agent.Run(t.Context(), "go")
			if err != nil || ran != 1 || res.Calls[0].Status != c.status {
				t.Errorf("%s: %v; the effect ran %d times, and is %s", name, err, ran, res.Calls[0].Status)
			}
		})
	}
}
