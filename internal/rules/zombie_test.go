package rules_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// A slowStore calls after when it has stored an intent that is not void, with how
// many it has stored.
type slowStore struct {
	transcript.Store
	intents int
	after   func(n int)
}

func (s *slowStore) Append(ctx context.Context, b transcript.Batch) error {
	err := s.Store.Append(ctx, b)
	for _, e := range b.Entries {
		if in, ok := e.Body.(*transcript.Intent); ok && !in.Void && err == nil {
			s.intents++
			s.after(s.intents)
		}
	}
	return err
}

// slowAgent returns an agent whose store is slow. What newAgent checks after an
// append would be too late.
func slowAgent(t *testing.T, model provider.Provider, cfg funcall.Config) *funcall.Agent {
	t.Helper()
	a, err := funcall.New(model, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func stored(t *testing.T, s transcript.Store) transcript.Transcript {
	t.Helper()
	tr, err := s.Load(t.Context(), "s")
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// bodies are the entries' bodies from the first intent on, in short.
func bodies(tr transcript.Transcript) (list []string) {
	for _, e := range tr.Entries {
		switch b := e.Body.(type) {
		case *transcript.Intent:
			list = append(list, fmt.Sprintf("intent %d void %v", b.Attempt, b.Void))
		case *transcript.Result:
			list = append(list, string(b.Status))
		}
	}
	return list
}

// effects returns a tool of each class that changes something, which counts how
// often it runs.
func effects(b *bank, opts ...funcall.ToolOption) map[string]funcall.Tool {
	pay := func(ctx context.Context, _ Item) (string, error) {
		b.pay(ctx)
		return "paid", nil
	}
	opts = append(opts, funcall.Timeout(10*time.Second))
	return map[string]funcall.Tool{
		"a backend to ask": tool("pay", pay, append(opts, funcall.Reconcile(b.reconcile))...),
		"idempotent":       tool("pay", pay, append(opts, funcall.Idempotent())...),
		"no backend":       tool("pay", pay, opts...),
	}
}

// A worker that stands still between its intent and its tool finds, when it goes
// on, that another took over.
func TestR14_AWorkerThatStoodStill(t *testing.T) {
	for _, stood := range []time.Duration{12 * time.Second, time.Minute, time.Hour} {
		for _, kind := range []string{"a backend to ask", "idempotent", "no backend"} {
			synctest.Test(t, func(t *testing.T) {
				b := &bank{paid: map[string]int{}}
				store := new(transcript.Memory)
				cfg := funcall.Config{Tools: []funcall.Tool{effects(b)[kind]}, TakeoverAfter: 11 * time.Second, Store: store}
				slow := cfg
				slow.Store = &slowStore{Store: store, after: func(int) {
					time.Sleep(stood)
					res, err := newAgent(t, providertest.NewScript(t, providertest.Say("done")), cfg).Session("s").Resume(t.Context())
					if err != nil || res.Outcome != transcript.OutcomeDone {
						t.Errorf("%s, %v: the second worker: %s, %v", kind, stood, res.Outcome, err)
					}
				}}
				res, err := slowAgent(t, providertest.NewScript(t, payCall("a")), slow).Session("s").Send(t.Context(), "go")
				if !errors.Is(err, transcript.ErrConflict) {
					t.Errorf("%s, %v: the first worker: %s, %v", kind, stood, res.Outcome, err)
				}
				want := map[string]int{"s/1.0": 1}
				if kind == "no backend" { // and the model was told that the outcome is unknown
					want = map[string]int{}
				}
				if diff := cmp.Diff(want, b.paid); diff != "" {
					t.Errorf("%s, %v: paid %s", kind, stood, diff)
				}
				if err := transcript.Validate(stored(t, store)); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// If no other worker took over, the attempt is void and the call is made again.
func TestR14_AnIntentThatIsTooOld(t *testing.T) {
	for _, kind := range []string{"a backend to ask", "idempotent", "no backend"} {
		for _, c := range []struct {
			name string
			old  int // how many of the intents are too old when they are stored
			want []string
			paid int
		}{
			{"never", 0, []string{"intent 1 void false", "ok"}, 1},
			{"once", 1, []string{"intent 1 void false", "intent 1 void true", "intent 2 void false", "ok"}, 1},
			{"twice", 2, []string{"intent 1 void false", "intent 1 void true", "intent 2 void false", "intent 2 void true", "intent 3 void false", "ok"}, 1},
			{"always", 9, []string{"intent 1 void false", "intent 1 void true", "intent 2 void false", "intent 2 void true", "intent 3 void false", "failed"}, 0},
		} {
			synctest.Test(t, func(t *testing.T) {
				b := &bank{paid: map[string]int{}}
				store := new(transcript.Memory)
				slow := &slowStore{Store: store, after: func(n int) {
					if n <= c.old {
						time.Sleep(12 * time.Second)
					}
				}}
				cfg := funcall.Config{Tools: []funcall.Tool{effects(b)[kind]}, Store: slow}
				res, err := slowAgent(t, providertest.NewScript(t, payCall("a"), providertest.Say("done")), cfg).Session("s").Send(t.Context(), "go")
				if err != nil || b.paid["s/1.0"] != c.paid || len(b.asked) > 0 || len(res.InDoubt) > 0 {
					t.Errorf("%s, %s: %v, paid %v, asked %v, doubts %v", kind, c.name, err, b.paid, b.asked, res.InDoubt)
				}
				tr := stored(t, store)
				if diff := cmp.Diff(c.want, bodies(tr)); diff != "" {
					t.Errorf("%s, %s: %s", kind, c.name, diff)
				}
				if err := transcript.Validate(tr); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// A call that may have been done by an earlier attempt stays in doubt, also if a
// further attempt does not start.
func TestR14_NotStartedIsNoCertainty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bank{paid: map[string]int{}}
		store := new(transcript.Memory)
		cfg := funcall.Config{Tools: []funcall.Tool{effects(b)["idempotent"]}, TakeoverAfter: 1, Store: &crashingStore{Store: store, after: 2}}
		if _, err := newAgent(t, providertest.NewScript(t, payCall("a")), cfg).Session("s").Send(t.Context(), "go"); !errors.Is(err, errDisk) {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		cfg.Store = &slowStore{Store: store, after: func(int) { time.Sleep(time.Minute) }}
		res, err := slowAgent(t, providertest.NewScript(t, providertest.Say("done")), cfg).Session("s").Resume(t.Context())
		if err != nil || res.Calls[0].Status != transcript.StatusInDoubt || b.paid["s/1.0"] != 1 {
			t.Errorf("%s, %v, paid %v", res.Calls[0].Status, err, b.paid)
		}
	})
}

// A machine that is suspended stops its monotonic clock and its timers; the wall
// clock goes on.
func TestR14_TheWallClockCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var suspended atomic.Int64
		b := &bank{paid: map[string]int{}}
		cfg := funcall.Config{
			Tools: []funcall.Tool{effects(b)["a backend to ask"]},
			Now:   func() time.Time { return time.Now().Add(time.Duration(suspended.Load())) },
			Store: &slowStore{Store: new(transcript.Memory), after: func(n int) {
				if n == 1 {
					suspended.Add(int64(time.Hour))
				}
			}},
		}
		res, err := slowAgent(t, providertest.NewScript(t, payCall("a"), providertest.Say("done")), cfg).Session("s").Send(t.Context(), "go")
		want := []string{"intent 1 void false", "intent 1 void true", "intent 2 void false", "ok"}
		if diff := cmp.Diff(want, bodies(res.Transcript)); diff != "" || err != nil || b.paid["s/1.0"] != 1 {
			t.Errorf("%v, paid %v, %s", err, b.paid, diff)
		}

		// Between two tries of an idempotent tool, too.
		tries := 0
		cfg.Store = nil
		cfg.Tools = []funcall.Tool{tool("pay", func(context.Context, Item) (string, error) {
			tries++
			suspended.Add(int64(time.Hour))
			return "", errors.New("connection refused")
		}, funcall.Idempotent(), funcall.Retry(3, time.Second))}
		res, err = slowAgent(t, providertest.NewScript(t, payCall("a"), providertest.Say("done")), cfg).Session("s").Send(t.Context(), "go")
		if err != nil || tries != 1 {
			t.Errorf("%s, %v, %d tries", res.Calls[0].Status, err, tries)
		}
	})
}

// A tool that starts late has the time that is left until its intent is over.
func TestR14_AttemptsEndWithTheirIntents(t *testing.T) {
	for late, want := range map[time.Duration]time.Duration{
		0: 10 * time.Second, 2 * time.Second: 10 * time.Second, // the timeout, within 2 seconds of grace
		3 * time.Second: 9 * time.Second, 11 * time.Second: time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			var left time.Duration
			pay := tool("pay", func(ctx context.Context, _ Item) (string, error) {
				end, _ := ctx.Deadline()
				left = time.Until(end)
				return "paid", nil
			}, funcall.Timeout(10*time.Second))
			cfg := funcall.Config{Tools: []funcall.Tool{pay}, Store: &slowStore{Store: new(transcript.Memory), after: func(int) { time.Sleep(late) }}}
			if _, err := slowAgent(t, providertest.NewScript(t, payCall("a"), providertest.Say("done")), cfg).Session("s").Send(t.Context(), "go"); err != nil || left != want {
				t.Errorf("%v late, the tool had %v, %v; want %v", late, left, err, want)
			}
		})
	}
}

// A call whose run is canceled before its tool starts was not made, and the worker
// knows that.
func TestR14_CanceledBeforeTheStart(t *testing.T) {
	for _, kind := range []string{"a backend to ask", "idempotent", "no backend"} {
		ctx, cancel := context.WithCancel(t.Context())
		var stored atomic.Bool
		b := &bank{paid: map[string]int{}}
		cfg := funcall.Config{
			Tools: []funcall.Tool{effects(b)[kind]},
			Store: &slowStore{Store: new(transcript.Memory), after: func(int) { stored.Store(true) }},
			Now: func() time.Time { // which is asked while the call begins
				if stored.Load() {
					cancel()
				}
				return time.Now()
			},
		}
		res, err := newAgent(t, providertest.NewScript(t, payCall("a")), cfg).Session("s").Send(ctx, "go")
		if !errors.Is(err, context.Canceled) || len(b.paid) > 0 || len(res.InDoubt) > 0 {
			t.Errorf("%s: %v, paid %v, doubts %v", kind, err, b.paid, res.InDoubt)
		}
		if diff := cmp.Diff([]string{"intent 1 void false", "intent 1 void true"}, bodies(res.Transcript)); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
}

// A consumer that reads slowly delays no handler whose intent is stored, whatever
// event it stands still at, and no second worker makes the call again.
func TestR14_ASlowConsumer(t *testing.T) {
	refused := provider.ToolCall{ID: "a", Name: "nowhere", Args: `{}`} // which is an event of its own
	look := provider.ToolCall{ID: "b", Name: "look", Args: `{"id":"a"}`}
	pay := provider.ToolCall{ID: "c", Name: "pay", Args: `{"id":"a"}`}
	for _, turn := range []struct {
		message *provider.Message
		events  []string
	}{
		{provider.Assistant(refused, look, pay), []string{"model", "1.0 ends", "1.1 starts", "1.1 ends", "1.2 starts", "1.2 ends", "model", "done"}},
		{provider.Assistant(refused, pay, look), []string{"model", "1.0 ends", "1.1 starts", "1.1 ends", "1.2 starts", "1.2 ends", "model", "done"}},
	} {
		for stop := range turn.events {
			synctest.Test(t, func(t *testing.T) { standsStill(t, turn.message, turn.events, stop, true) })
			synctest.Test(t, func(t *testing.T) { standsStill(t, turn.message, turn.events, stop, false) })
		}
	}
}

// standsStill watches a turn with one payment, and stands still at one event, for
// so long that another worker can take over.
func standsStill(t *testing.T, turn *provider.Message, want []string, stop int, takenOver bool) {
	model := provider.Func(func(_ context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
		if len(req.Messages) == 1 {
			return &provider.Response{Message: turn, Finish: provider.FinishToolCalls}, nil
		}
		return &provider.Response{Message: provider.Assistant(provider.Text{Text: "done"}), Finish: provider.FinishStop}, nil
	})
	b := &bank{paid: map[string]int{}}
	cfg := funcall.Config{Tools: []funcall.Tool{
		effects(b)["a backend to ask"], tool("look", func(context.Context, Item) (string, error) { return "seen", nil }, funcall.ReadOnly()),
	}, TakeoverAfter: time.Minute, Store: loadsOnly{new(transcript.Memory)}}
	var events []string
	for ev, err := range newAgent(t, model, cfg).Session("s").Stream(t.Context(), "go") {
		if err != nil && !errors.Is(err, transcript.ErrConflict) {
			t.Errorf("stopped at event %d: %v", stop, err)
		}
		switch ev.Kind {
		case funcall.EventToolStart:
			events = append(events, ev.Ref.String()+" starts")
		case funcall.EventToolEnd:
			events = append(events, ev.Ref.String()+" ends")
		case funcall.EventModelEnd:
			events = append(events, "model")
		case funcall.EventDone:
			events = append(events, "done")
		}
		if len(events) == stop+1 {
			time.Sleep(time.Hour)
			if !takenOver {
				continue
			}
			if _, err := newAgent(t, model, cfg).Session("s").Resume(t.Context()); err != nil {
				t.Errorf("stopped at event %d: the second worker: %v", stop, err)
			}
		}
	}
	if got := slices.Collect(maps.Values(b.paid)); !slices.Equal(got, []int{1}) {
		t.Errorf("stopped at event %d: paid %v", stop, b.paid)
	}
	if got := bodies(stored(t, cfg.Store)); !takenOver && slices.ContainsFunc(got, func(b string) bool { return strings.HasSuffix(b, "void true") }) {
		t.Errorf("stopped at event %d: the attempt was void: %q", stop, got)
	}
	// The first worker goes on until it finds that it lost the race.
	if !takenOver {
		stop = len(want) - 1
	}
	if n := min(stop+1, len(events)); !slices.Equal(events[:n], want[:n]) || len(events) <= stop {
		t.Errorf("stopped at event %d: the events were %q, want %q", stop, events, want)
	}
	if err := transcript.Validate(stored(t, cfg.Store)); err != nil {
		t.Errorf("stopped at event %d: %v", stop, err)
	}
}
