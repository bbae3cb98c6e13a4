package rules_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

func hasIntent(b transcript.Batch) bool {
	return slices.ContainsFunc(b.Entries, func(e transcript.Entry) bool { _, ok := e.Body.(*transcript.Intent); return ok })
}

// lostAck is a store whose append of an intent is committed, and whose acknowledgement is lost.
type lostAck struct {
	*transcript.Memory
	cut  atomic.Bool
	lost func()
}

func (s *lostAck) Append(ctx context.Context, b transcript.Batch) error {
	err := s.Memory.Append(ctx, b)
	if err == nil && hasIntent(b) && s.lost != nil {
		f := s.lost
		s.lost = nil
		f()
		return errCut
	}
	return err
}

func (s *lostAck) Renew(ctx context.Context, l []transcript.Lease, ttl time.Duration) ([]transcript.Lease, error) {
	if s.cut.Load() {
		return nil, errCut
	}
	return s.Memory.Renew(ctx, l, ttl)
}

// The acknowledgement of the intent's append is lost, the lease expires, and another worker takes it.
// The repeated append is recognized, which extends nothing: the effect does not start.
func TestR32_ARepeatedAppendIsNoExtension(t *testing.T) {
	for name, renewSeesIt := range map[string]bool{"no renewal got through": false, "a renewal said that it is lost": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				paid := 0
				pay := tool("pay", func(context.Context, Item) (string, error) { paid++; return "paid", nil }, funcall.Timeout(time.Minute))
				s := &lostAck{Memory: new(transcript.Memory)}
				s.lost = func() {
					s.cut.Store(true)
					time.Sleep(7 * time.Second)
					if h, err := s.Memory.Acquire(t.Context(), transcript.Lease{Session: "s", Worker: "another"}, "", time.Hour); h != "another" || err != nil {
						t.Error(h, err)
					}
					s.cut.Store(!renewSeesIt)
					time.Sleep(2 * time.Second)
					s.cut.Store(false)
				}
				a := newAgent(t, provider.Func(asksToPay), funcall.Config{Store: s, Tools: []funcall.Tool{pay}})
				_, err := a.Session("s").Send(t.Context(), "pay")
				if paid != 0 {
					t.Errorf("paid %d times without the lease; Send returned %v", paid, err)
				}
			})
		})
	}
}

// slowEnd acknowledges the last append of a run late.
type slowEnd struct{ *transcript.Memory }

func (s *slowEnd) Append(ctx context.Context, b transcript.Batch) error {
	err := s.Memory.Append(ctx, b)
	if err == nil && b.LeaseFor < 0 {
		time.Sleep(3 * time.Second)
	}
	return err
}

// A renewal that meets the run's own end must not claim that another worker took the session.
func TestR32_TheRunsOwnEndIsNoLoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		a := newAgent(t, providertest.NewScript(nil, providertest.Say("hello")), funcall.Config{Store: &slowEnd{new(transcript.Memory)}, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		if _, err := a.Session("s").Send(t.Context(), "hi"); err != nil {
			t.Error(err)
		}
		if strings.Contains(log.String(), "lease lost") {
			t.Error(log.String())
		}
	})
}

// during is a store that does something while a session is loaded.
type during struct {
	*transcript.Memory
	load func()
}

func (s *during) Load(ctx context.Context, id string) (transcript.Transcript, error) {
	if f := s.load; f != nil {
		s.load = nil
		f()
	}
	return s.Memory.Load(ctx, id)
}

// A refused Send in one process must not refuse a decision in another.
func TestR32_RefusedCallsTakeNoLease(t *testing.T) {
	pay := tool("pay", echo, funcall.RequireApproval(func(context.Context, Item) (string, error) { return "dear", nil }))
	for name, call := range map[string]func(s *funcall.Session) error{
		"Send":   func(s *funcall.Session) error { _, err := s.Send(t.Context(), "hello?"); return err },
		"Resume": func(s *funcall.Session) error { _, err := s.Resume(t.Context()); return err },
	} {
		t.Run(name, func(t *testing.T) {
			mem := new(transcript.Memory)
			st := &during{Memory: mem}
			first := newAgent(t, provider.Func(asksToPay), funcall.Config{Store: st, Tools: []funcall.Tool{pay}})
			second := newAgent(t, provider.Func(asksToPay), funcall.Config{Store: mem, Tools: []funcall.Tool{pay}})
			res, err := first.Session("s").Send(t.Context(), "pay")
			if err != nil || len(res.Pending) != 1 {
				t.Fatal(err)
			}
			st.load = func() {
				if _, err := second.Session("s").Decide(t.Context(), funcall.Approve(res.Pending[0])); err != nil {
					t.Errorf("Decide in another process, while a %s is refused here: %v", name, err)
				}
			}
			_ = call(first.Session("s"))
		})
	}
}

// A stranger is told that the session is not theirs, also while another process runs it.
func TestR32_AStrangerIsToldSo(t *testing.T) {
	mem := new(transcript.Memory)
	first := newAgent(t, provider.Func(asksToPay), funcall.Config{Store: mem})
	_, _ = first.Session("s", funcall.Subject("anna")).Send(t.Context(), "hi")
	if _, err := mem.Acquire(t.Context(), transcript.Lease{Session: "s", Worker: "another"}, "", time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := first.Session("s", funcall.Subject("eve")).Send(t.Context(), "hi"); !errors.Is(err, funcall.ErrWrongSubject) {
		t.Errorf("got %v", err)
	}
}

// The lease of a process of this machine that has ended is taken over at once: by Decide, Send, Withdraw, too.
func TestR32_ADecisionPassesAWorkerThatIsGone(t *testing.T) {
	pay := tool("pay", echo, funcall.RequireApproval(func(context.Context, Item) (string, error) { return "dear", nil }))
	mem := new(transcript.Memory)
	first := newAgent(t, provider.Func(asksToPay), funcall.Config{Store: mem, Tools: []funcall.Tool{pay}})
	second := newAgent(t, provider.Func(asksToPay), funcall.Config{Store: mem, Tools: []funcall.Tool{pay}})
	res, err := first.Session("s").Send(t.Context(), "pay")
	if err != nil || len(res.Pending) != 1 {
		t.Fatal(err)
	}
	// the first was killed between the append and the Release
	var name string
	probe := &nameOf{Memory: new(transcript.Memory), got: &name}
	_, _ = newAgent(t, provider.Func(asksToPay), funcall.Config{Store: probe}).Session("x").Send(t.Context(), "x")
	if runtime.GOOS != "linux" {
		t.Skip("this system does not tell which processes have ended")
	}
	parts := strings.Split(name, "/")
	parts[1] = "1073741824"
	gone := strings.Join(parts, "/")
	if h, err := mem.Acquire(t.Context(), transcript.Lease{Session: "s", Worker: gone}, "", time.Hour); h != gone || err != nil {
		t.Fatal(h, err)
	}
	if _, err := second.Session("s").Decide(t.Context(), funcall.Approve(res.Pending[0])); err != nil {
		t.Errorf("Decide: %v", err)
	}
}

type nameOf struct {
	*transcript.Memory
	got *string
}

func (s *nameOf) Append(ctx context.Context, b transcript.Batch) error {
	*s.got = b.Writer
	return s.Memory.Append(ctx, b)
}

// hungRenew is a store whose renewals hang until their context ends.
type hungRenew struct {
	*transcript.Memory
	in     atomic.Int32
	intent func()
}

func (s *hungRenew) Append(ctx context.Context, b transcript.Batch) error {
	err := s.Memory.Append(ctx, b)
	if err == nil && hasIntent(b) && s.intent != nil {
		s.intent()
	}
	return err
}

func (s *hungRenew) Renew(ctx context.Context, l []transcript.Lease, ttl time.Duration) ([]transcript.Lease, error) {
	s.in.Add(1)
	defer s.in.Add(-1)
	<-ctx.Done()
	return nil, ctx.Err()
}

// No goroutine that asks the store for a lease outlives its run.
func TestR28_AHungRenewalEndsWithItsRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := &hungRenew{Memory: new(transcript.Memory)}
		s.intent = func() {
			s.intent = nil
			time.Sleep(8 * time.Second)
			time.AfterFunc(time.Second, cancel)
		}
		pay := tool("pay", echo, funcall.Timeout(time.Hour))
		a := newAgent(t, provider.Func(asksToPay), funcall.Config{Store: s, Tools: []funcall.Tool{pay}, LeaseFor: 15 * time.Second, GracePeriod: 10 * time.Millisecond})
		_, _ = a.Session("s").Send(ctx, "pay")
		if n := s.in.Load(); n != 0 {
			t.Errorf("the run has returned, and %d goroutines are in Renew", n)
		}
	})
}

// hungRelease is a store that does not release a lease.
type hungRelease struct{ *transcript.Memory }

func (s *hungRelease) Release(ctx context.Context, l transcript.Lease) error {
	<-ctx.Done()
	return ctx.Err()
}

// A store that hangs does not keep a run that waits for long, however long its lease is.
func TestR32_AHungReleaseIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pay := tool("pay", echo, funcall.RequireApproval(func(context.Context, Item) (string, error) { return "dear", nil }))
		a := newAgent(t, provider.Func(asksToPay), funcall.Config{Store: &hungRelease{new(transcript.Memory)}, Tools: []funcall.Tool{pay}, LeaseFor: time.Hour})
		began := time.Now()
		_, err := a.Session("s").Send(t.Context(), "pay")
		if took := time.Since(began); took > time.Minute {
			t.Errorf("Send took %v, %v", took, err)
		}
	})
}
