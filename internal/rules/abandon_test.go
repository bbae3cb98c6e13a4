package rules_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// A call that began early and is dropped has the grace period to return, and not
// its whole timeout: the calls of the turn wait for no longer.
func TestR11_ADroppedCallHasTheGracePeriod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		look := tool("look", func(_ context.Context, i Item) (string, error) {
			if i.N == 5 {
				<-free
			}
			return "seen", nil
		}, funcall.ReadOnly(), funcall.Timeout(time.Minute))
		first := provider.ToolCall{ID: "c0", Name: "look", Args: `{"id":"a"}`}
		hangs := provider.ToolCall{ID: "c1", Name: "look", Args: `{"id":"a","n":5}`}
		other := provider.ToolCall{ID: "c1", Name: "look", Args: `{"id":"b"}`}
		model := writes([]provider.ToolCall{first, hangs}, asks(provider.FinishToolCalls, first, other), nil)
		agent := newAgent(t, model, funcall.Config{GracePeriod: time.Second, Tools: []funcall.Tool{look}})
		start := time.Now()
		for ev, err := range agent.Stream(t.Context(), "go") {
			if err != nil {
				t.Error(err)
			}
			if ev.Kind == funcall.EventToolEnd && ev.Status != transcript.StatusOK {
				t.Errorf("%s: %s", ev.Ref, ev.Status)
			}
		}
		if took, want := time.Since(start), 100*time.Millisecond+time.Second; took != want || agent.AbandonedCalls() != 1 {
			t.Errorf("took %v, not %v; %d abandoned", took, want, agent.AbandonedCalls())
		}
		close(free)
		synctest.Wait()
	})
}

// So has a call of a run that is canceled.
func TestR11_ACanceledCallHasTheGracePeriod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for class, opt := range map[transcript.Class]funcall.ToolOption{
			transcript.ClassReadOnly: funcall.ReadOnly(), transcript.ClassIdempotent: funcall.Idempotent(), transcript.ClassEffect: funcall.EndsRun(transcript.OutcomeDone),
		} {
			free := make(chan struct{})
			pay := tool("pay", func(context.Context, Item) (string, error) { <-free; return "", nil }, opt, funcall.Timeout(time.Minute))
			agent := newAgent(t, providertest.NewScript(t, payCall("a")), funcall.Config{GracePeriod: time.Second, Tools: []funcall.Tool{pay}})
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			start := time.Now()
			_, err := agent.Session("s").Send(ctx, "go")
			if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took != 6*time.Second || agent.AbandonedCalls() != 1 {
				t.Errorf("%s: took %v, %v; %d abandoned", class, took, err, agent.AbandonedCalls())
			}
			cancel()
			close(free)
			synctest.Wait()
		}
	})
}

// An abandoned attempt that has returned is over: what the backend then says of the
// same key is believed.
func TestR14_AnAbandonedAttemptThatReturnedIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bank{paid: map[string]int{}}
		var attempts atomic.Int64
		pay := tool("pay", func(ctx context.Context, _ Item) (string, error) {
			switch attempts.Add(1) {
			case 1: // never arrives, and returns after it was abandoned
				time.Sleep(time.Minute)
				return "", errors.New("no route to host")
			case 2: // never arrives either
				return "", funcall.InDoubt(errors.New("connection reset"))
			}
			b.pay(ctx)
			return "paid", nil
		}, funcall.Reconcile(b.reconcile), funcall.Timeout(time.Second))
		model := providertest.NewScript(t, payCall("a"), providertest.Say("unknown"), payCall("a"), providertest.Say("done"))
		agent := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{pay}})
		res, err := agent.Session("s").Send(t.Context(), "go")
		if err != nil || res.Calls[0].Status != transcript.StatusInDoubt {
			t.Fatalf("%s, %v", res.Calls[0].Status, err)
		}
		time.Sleep(time.Hour)
		if res, err = agent.Session("s").Send(t.Context(), "again"); err != nil || res.Outcome != transcript.OutcomeWaiting {
			t.Fatalf("%s, %v", res.Outcome, err)
		}
		res, err = agent.Session("s").Decide(t.Context(), funcall.Approve(res.Pending[0]))
		if err != nil || b.paid["s/1.0"] != 1 || attempts.Load() != 3 || len(res.InDoubt) > 0 {
			t.Errorf("%v, paid %v in %d attempts, doubts %v", err, b.paid, attempts.Load(), res.InDoubt)
		}
	})
}
