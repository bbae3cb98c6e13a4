package rules_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// A leasing is a store whose leases a test can take away.
type leasing struct {
	*transcript.Memory
	cut      atomic.Bool // the worker does not reach the store
	appended func(transcript.Batch)
}

var errCut = errors.New("the network is gone")

func (s *leasing) Append(ctx context.Context, b transcript.Batch) error {
	if s.cut.Load() {
		return errCut
	}
	err := s.Memory.Append(ctx, b)
	if err == nil && s.appended != nil {
		s.appended(b)
	}
	return err
}

func (s *leasing) Renew(ctx context.Context, l []transcript.Lease, ttl time.Duration) ([]transcript.Lease, error) {
	if s.cut.Load() {
		return nil, errCut
	}
	return s.Memory.Renew(ctx, l, ttl)
}

// twoWorkers returns agents over the same sessions. The first reaches them through cut.
func twoWorkers(t *testing.T, model provider.Provider, tools ...funcall.Tool) (first, second *funcall.Agent, cut *leasing) {
	store := new(transcript.Memory)
	cut = &leasing{Memory: store}
	return newAgent(t, model, funcall.Config{Store: cut, Tools: tools}), newAgent(t, model, funcall.Config{Store: store, Tools: tools}), cut
}

// asksToPay is a model that asks for one payment, and then ends the run.
func asksToPay(_ context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
	if last := req.Messages[len(req.Messages)-1]; last.Role == provider.RoleUser {
		return &provider.Response{Message: provider.Assistant(provider.ToolCall{ID: "c1", Name: "pay", Args: `{"id":"a"}`}), Finish: provider.FinishToolCalls}, nil
	}
	return &provider.Response{Message: provider.Assistant(provider.Text{Text: "done"}), Finish: provider.FinishStop}, nil
}

// While a worker lives, its session is not taken over, however long a step takes.
func TestR32_ALiveWorkerKeepsItsSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pay := tool("pay", func(context.Context, Item) (string, error) { time.Sleep(10 * time.Minute); return "paid", nil }, funcall.Timeout(time.Hour))
		first, second, _ := twoWorkers(t, provider.Func(asksToPay), pay)
		ended := make(chan error)
		go func() {
			_, err := first.Session("s").Send(t.Context(), "pay")
			ended <- err
		}()
		for range 9 {
			time.Sleep(time.Minute)
			for name, f := range map[string]func() error{
				"Send":   func() error { _, err := second.Session("s").Send(t.Context(), "pay"); return err },
				"Resume": func() error { _, err := second.Session("s").Resume(t.Context()); return err },
				"Delete": func() error { return second.Session("s").Delete(t.Context()) },
			} {
				if err := f(); !errors.Is(err, funcall.ErrBusy) {
					t.Errorf("%s returned %v", name, err)
				}
			}
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if _, err := second.Session("s").Send(t.Context(), "pay"); err != nil { // the lease was given back
			t.Error(err)
		}
	})
}

// A worker that does not reach the store any more is taken over when its lease has expired. It
// starts no effect after that, and appends nothing.
func TestR32_AWorkerThatIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		paid := 0
		var cut *leasing
		pay := tool("pay", func(context.Context, Item) (string, error) { paid++; return "paid", nil })
		model := func(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
			if !cut.cut.Swap(true) { // the first worker, while it asks the model
				time.Sleep(time.Minute)
				cut.cut.Store(false)
			}
			return asksToPay(ctx, req, emit)
		}
		var first, second *funcall.Agent
		first, second, cut = twoWorkers(t, provider.Func(model), pay)
		ended := make(chan error)
		go func() {
			_, err := first.Session("s").Send(t.Context(), "pay")
			ended <- err
		}()
		time.Sleep(time.Second)
		if _, err := second.Session("s").Resume(t.Context()); !errors.Is(err, funcall.ErrBusy) {
			t.Errorf("taken over at once: %v", err)
		}
		time.Sleep(6 * time.Second)
		if res, err := second.Session("s").Resume(t.Context()); err != nil || res.Outcome != transcript.OutcomeDone {
			t.Errorf("after the lease: %v, %v", res.Outcome, err)
		}
		if err := <-ended; !errors.Is(err, transcript.ErrConflict) {
			t.Errorf("the first worker ended with %v", err)
		}
		if paid != 1 {
			t.Errorf("paid %d times", paid)
		}
	})
}

// The check stands right before the handler: a worker that stood still after it had stored the
// intent, and was taken over meanwhile, does not start the effect.
func TestR32_ALostLeaseStartsNoEffect(t *testing.T) {
	for name, other := range map[string]bool{"another worker has it": true, "no other worker has taken it": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				paid := 0
				pay := tool("pay", func(context.Context, Item) (string, error) { paid++; return "paid", nil }, funcall.Timeout(time.Minute))
				first, _, cut := twoWorkers(t, provider.Func(asksToPay), pay)
				cut.appended = func(b transcript.Batch) {
					if !slices.ContainsFunc(b.Entries, func(e transcript.Entry) bool { _, ok := e.Body.(*transcript.Intent); return ok }) {
						return
					}
					cut.appended = nil
					cut.cut.Store(true)                 // no renewal reaches the store
					time.Sleep(6500 * time.Millisecond) // the store is asked every second
					cut.cut.Store(false)
					if other {
						if holder, err := cut.Acquire(t.Context(), transcript.Lease{Session: "s", Worker: "another"}, "", time.Hour); err != nil || holder != "another" {
							t.Errorf("%q, %v", holder, err)
						}
					}
				}
				_, err := first.Session("s").Send(t.Context(), "pay")
				if other && (paid != 0 || !errors.Is(err, transcript.ErrConflict)) {
					t.Errorf("paid %d times, %v", paid, err)
				}
				if !other && (paid != 1 || err != nil) {
					t.Errorf("paid %d times, %v", paid, err)
				}
			})
		})
	}
}

// A run that waits for a decision does not keep its session: another worker decides at once.
func TestR32_AWaitingRunKeepsNoLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pay := tool("pay", echo, funcall.RequireApproval(func(context.Context, Item) (string, error) { return "it is dear", nil }))
		first, second, _ := twoWorkers(t, provider.Func(asksToPay), pay)
		res, err := first.Session("s").Send(t.Context(), "pay")
		if err != nil || len(res.Pending) != 1 {
			t.Fatal(res.Outcome, err)
		}
		res, err = second.Session("s").Decide(t.Context(), funcall.Approve(res.Pending[0]))
		if err != nil || res.Outcome != transcript.OutcomeDone {
			t.Error(res.Outcome, err)
		}
	})
}

// A run that failed, was canceled, or whose consumer panicked, gives its session back.
func TestR32_EveryEndGivesTheSessionBack(t *testing.T) {
	for name, run := range map[string]func(t *testing.T, s *funcall.Session){
		"done": func(t *testing.T, s *funcall.Session) { _, _ = s.Send(t.Context(), "hi") },
		"withdrawn": func(t *testing.T, s *funcall.Session) {
			_, _ = s.Send(t.Context(), "hi")
			_, _ = s.Withdraw(t.Context())
		},
		"canceled": func(t *testing.T, s *funcall.Session) {
			for range s.Stream(t.Context(), "hi") {
				break
			}
		},
		"panicked": func(t *testing.T, s *funcall.Session) {
			defer func() { recover() }()
			for range s.Stream(t.Context(), "hi") {
				panic("a consumer")
			}
		},
		"refused": func(t *testing.T, s *funcall.Session) { _, _ = s.Send(t.Context(), "") },
	} {
		t.Run(name, func(t *testing.T) {
			store := new(transcript.Memory)
			model := providertest.NewScript(nil, providertest.Say("hello there"))
			run(t, newAgent(t, model, funcall.Config{Store: store}).Session("s"))
			if holder, err := store.Acquire(t.Context(), transcript.Lease{Session: "s", Worker: "another"}, "", time.Hour); err != nil || holder != "another" {
				t.Errorf("%q, %v", holder, err)
			}
		})
	}
}
