package rules_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// caught returns what f panics with, or nil.
func caught(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

// A consumer that panics is given no more events, whatever the provider does; the run
// ends in order, and the panic goes on with the same value.
func TestR04_AConsumersPanicGoesOnBehindTheRun(t *testing.T) {
	model := provider.Func(func(ctx context.Context, _ *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
		for range 3 {
			emit(provider.Delta{Kind: provider.DeltaText, Text: "hm"})
		}
		if ctx.Err() == nil {
			t.Error("the provider's context is not canceled")
		}
		return &provider.Response{Message: provider.Assistant(provider.Text{Text: "paid for"}), Finish: provider.FinishStop}, nil
	})
	store := new(transcript.Memory)
	agent := newAgent(t, model, funcall.Config{Store: store})
	value, events := errors.New("the consumer's own"), 0
	got := caught(func() {
		for range agent.Session("s").Stream(t.Context(), "go") {
			events++
			panic(value)
		}
	})
	if got != value || events != 1 {
		t.Errorf("panicked with %v after %d events", got, events)
	}
	tr, err := store.Load(t.Context(), "s")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"*transcript.Input", "*transcript.Output", "*transcript.End failed"}, kinds(tr)); diff != "" {
		t.Error(diff)
	}
}

// An engine's panic passes Do, too, once nothing runs any more.
func TestR28_AConsumersPanicGoesOnBehindDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		returned := 0
		look := tool("look", func(ctx context.Context, _ Item) (string, error) {
			<-ctx.Done()
			time.Sleep(time.Second)
			returned++
			return "", ctx.Err()
		}, funcall.ReadOnly())
		model := provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
			return asks(provider.FinishToolCalls, looks(3)...), nil
		})
		agent := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{look}, MaxParallel: 2})
		in, err := agent.NewInput(t.Context(), "s", "go")
		if err != nil {
			t.Fatal(err)
		}
		k := transcript.Track(transcript.Transcript{ID: "s"})
		k.Add(transcript.Entry{Time: time.Now(), Body: in})
		bodies, err := agent.Do(t.Context(), k.Messages(), k.Next(), nil)
		if err != nil {
			t.Fatal(err)
		}
		k.Add(transcript.Entry{Time: time.Now(), Body: bodies[0]})
		value, events := new(int), 0
		got := caught(func() {
			_, _ = agent.Do(t.Context(), nil, k.Next(), func(funcall.Event) { events++; panic(value) })
		})
		if got != value || events != 1 || returned == 0 || agent.AbandonedCalls() != 0 {
			t.Errorf("panicked with %v after %d events; %d calls returned, %d abandoned", got, events, returned, agent.AbandonedCalls())
		}
	})
}

// A consumer that ends its goroutine, as t.FailNow does, leaves nothing running. The run has
// an end, and keeps the result of the effect that was under way.
func TestR28_AConsumerThatEndsItsGoroutine(t *testing.T) {
	for _, kind := range []funcall.EventKind{funcall.EventToolStart, funcall.EventToolEnd} {
		synctest.Test(t, func(t *testing.T) {
			store := new(transcript.Memory)
			running := 0
			pay := tool("pay", func(context.Context, Item) (string, error) {
				running++
				time.Sleep(time.Second)
				running--
				return "paid", nil
			})
			model := providertest.NewScript(t, payCall("a"), providertest.Say("unknown"))
			agent := newAgent(t, model, funcall.Config{Store: store, Tools: []funcall.Tool{pay}})
			over := make(chan struct{})
			go func() {
				defer close(over)
				for ev := range agent.Session("s").Stream(t.Context(), "go") {
					if ev.Kind == funcall.EventToolStart {
						time.Sleep(time.Millisecond) // the tool has begun
					}
					if ev.Kind == kind {
						runtime.Goexit()
					}
				}
			}()
			<-over
			if running != 0 || agent.AbandonedCalls() != 0 {
				t.Errorf("%d: %d calls run, %d abandoned", kind, running, agent.AbandonedCalls())
			}
			tr, err := store.Load(t.Context(), "s")
			if err != nil {
				t.Fatal(err)
			}
			want := []string{"*transcript.Input", "*transcript.Output", "*transcript.Intent 1.0 1 false", "*transcript.Result 1.0 ok", "*transcript.End failed"}
			if diff := cmp.Diff(want, kinds(tr)); diff != "" {
				t.Errorf("%d: %s", kind, diff)
			}
			res, err := agent.Session("s").Send(t.Context(), "well?")
			if err != nil || len(res.InDoubt) != 0 {
				t.Errorf("%d: doubts %v, %v", kind, res.InDoubt, err)
			}
		})
	}
}

// A run inside a tool knows nothing of the consumer of the run around it: it is canceled.
func TestR28_APanicAroundARun(t *testing.T) {
	started := make(chan struct{})
	inner := newAgent(t, provider.Func(func(ctx context.Context, _ *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
		close(started)
		<-ctx.Done()
		return nil, ctx.Err()
	}), funcall.Config{})
	var res *funcall.Result
	var err error
	help := tool("help", func(ctx context.Context, _ Item) (string, error) {
		res, err = inner.Run(ctx, "help")
		return "", err
	}, funcall.ReadOnly())
	outer := newAgent(t, providertest.NewScript(t, providertest.Call("help", `{"id":"a"}`)), funcall.Config{Tools: []funcall.Tool{help}})
	caught(func() {
		for ev := range outer.Stream(t.Context(), "go") {
			if ev.Kind == funcall.EventToolStart {
				<-started
				panic("the consumer's")
			}
		}
	})
	if res.Outcome != transcript.OutcomeCanceled || !errors.Is(err, context.Canceled) {
		t.Errorf("%s (%s), %v", res.Outcome, res.Reason, err)
	}
}
