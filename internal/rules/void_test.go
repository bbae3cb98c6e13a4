package rules_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime"
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

// A journey is a run with one payment, which something ends or delays between the
// payment's first intent and its tool.
type journey struct {
	transcript.Memory
	bank   *bank
	cancel context.CancelFunc
	limits transcript.Limits

	append  func(try int, store func() error) error // stores the first intent
	look    func(n int)                             // at the n-th look at the clock between that and the tool
	consume func(ev funcall.Event) (goesOn bool)    // nil if the run is not watched
	tries   atomic.Int64
	looks   atomic.Int64
	entered atomic.Bool // the tool was called
}

func (j *journey) Append(ctx context.Context, b transcript.Batch) error {
	store := func() error { return j.Memory.Append(ctx, b) }
	in, ok := b.Entries[len(b.Entries)-1].Body.(*transcript.Intent)
	if !ok || in.Void || in.Attempt != 1 {
		return store()
	}
	try := int(j.tries.Add(1))
	if j.append == nil {
		return store()
	}
	return j.append(try, store)
}

func (j *journey) now() time.Time {
	if j.tries.Load() > 0 && !j.entered.Load() && j.look != nil {
		j.look(int(j.looks.Add(1)))
	}
	return time.Now()
}

// agent returns an agent with a tool of that kind. The tool does what careful tools
// do: it does nothing if its context is done.
func (j *journey) agent(t *testing.T, kind string, store transcript.Store) *funcall.Agent {
	pay := effects(j.bank, funcall.Wrap(func(next funcall.ToolHandler) funcall.ToolHandler {
		return func(ctx context.Context, args json.RawMessage) (any, error) {
			j.entered.Store(true)
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			return next(ctx, args)
		}
	}))[kind]
	return slowAgent(t, provider.Func(paysOnce), funcall.Config{Tools: []funcall.Tool{pay}, Limits: j.limits, Now: j.now, Store: store})
}

// paysOnce makes two calls of each question, of which one is refused, and answers
// after that.
func paysOnce(_ context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
	if req.Messages[len(req.Messages)-1].Role != provider.RoleUser {
		return &provider.Response{Message: provider.Assistant(provider.Text{Text: "done"}), Finish: provider.FinishStop}, nil
	}
	m := provider.Assistant(provider.ToolCall{ID: "a", Name: "nowhere", Args: `{}`}, provider.ToolCall{ID: "b", Name: "pay", Args: `{"id":"a"}`})
	return &provider.Response{Message: m, Finish: provider.FinishToolCalls}, nil
}

// goes sends the question. It returns when the run is over, even if it panicked.
func (j *journey) goes(ctx context.Context, agent *funcall.Agent) {
	over := make(chan struct{})
	go func() {
		defer close(over)
		defer func() { _ = recover() }()
		s := agent.Session("s")
		if j.consume == nil {
			_, _ = s.Send(ctx, "go")
			return
		}
		for ev, err := range s.Stream(ctx, "go") {
			if err == nil && !j.consume(ev) {
				return
			}
		}
	}()
	<-over
}

// openIntents returns how many intents of the transcript are neither void nor answered.
func openIntents(tr transcript.Transcript) int {
	open := map[transcript.Ref]int{}
	for _, e := range tr.Entries {
		switch b := e.Body.(type) {
		case *transcript.Intent:
			if open[b.Ref]++; b.Void {
				open[b.Ref] -= 2
			}
		case *transcript.Result:
			delete(open, b.Ref)
		}
	}
	return len(slices.DeleteFunc(slices.Collect(maps.Values(open)), func(n int) bool { return n == 0 }))
}

// Whatever ends or delays a run between the intent of an effect and its tool: the
// worker knows that the tool was not called, so the attempt is void, nothing is in
// doubt, and the effect can be had without a person's decision.
func TestR16_UnstartedEffectsAreVoid(t *testing.T) {
	ways := map[string]func(j *journey){
		"canceled ahead of the append": func(j *journey) {
			j.append = func(_ int, store func() error) error { j.cancel(); return store() }
		},
		"canceled after the append": func(j *journey) {
			j.append = func(_ int, store func() error) error { defer j.cancel(); return store() }
		},
		"the caller's time is over": func(j *journey) {
			j.append = func(_ int, store func() error) error { defer time.Sleep(2 * time.Hour); return store() }
		},
		"the run's active time is over": func(j *journey) {
			j.limits.ActiveTime = time.Second
			j.append = func(_ int, store func() error) error { defer time.Sleep(2 * time.Second); return store() }
		},
		"the store fails twice": func(j *journey) {
			j.append = func(try int, store func() error) error {
				if try <= 2 {
					return errDisk
				}
				return store()
			}
		},
	}
	for name, loses := range map[string]func(try int) error{
		"fails, twice": func(int) error { return errDisk }, "panics, twice": func(int) error { panic("no disk") },
		"ends its goroutine": func(try int) error {
			if try == 1 {
				runtime.Goexit()
			}
			return nil
		},
	} {
		ways["the store has stored and "+name] = func(j *journey) {
			j.append = func(try int, store func() error) error {
				if err := store(); err != nil || try > 2 {
					return err
				}
				return loses(try)
			}
		}
	}
	for n := 1; n <= 5; n++ { // more than there are
		ways[fmt.Sprintf("canceled at look %d at the clock", n)] = func(j *journey) {
			j.look = func(look int) {
				if look == n {
					j.cancel()
				}
			}
		}
		for what, active := range map[string]time.Duration{"the tool's time": 0, "the run's active time": time.Second} {
			ways[fmt.Sprintf("%s is over after look %d at the clock", what, n)] = func(j *journey) {
				j.limits.ActiveTime = active
				j.look = func(look int) {
					if look == n {
						time.Sleep(11 * time.Second) // the tool has 10, and its intent holds for 12
					}
				}
			}
		}
	}
	for _, kind := range []funcall.EventKind{funcall.EventModelEnd, funcall.EventToolEnd} { // the latter of the call that was refused
		for name, leaves := range map[string]func() bool{
			"leaves": func() bool { return false }, "panics": func() bool { panic("a consumer's panic") },
			"ends its goroutine": func() bool { runtime.Goexit(); return false },
		} {
			ways[fmt.Sprintf("the consumer %s at event %d", name, kind)] = func(j *journey) {
				j.consume = func(ev funcall.Event) bool { return ev.Kind != kind || leaves() }
			}
		}
	}
	for _, kind := range []string{"a backend to ask", "idempotent", "no backend"} {
		for name, way := range ways {
			for _, resumes := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s/%s/%v", kind, name, resumes), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { leavesNoDoubt(t, kind, way, resumes) })
				})
			}
		}
	}
}

// leavesNoDoubt goes that way. Then it resumes the run, or does not, and asks again.
func leavesNoDoubt(t *testing.T, kind string, way func(j *journey), resumes bool) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	j := &journey{bank: &bank{paid: map[string]int{}}, cancel: cancel}
	way(j)
	j.goes(ctx, j.agent(t, kind, j))
	left := stored(t, &j.Memory)
	if open := openIntents(left); open > 0 {
		t.Errorf("%d intents are open: %q", open, bodies(left))
	}
	o, _ := transcript.Track(left).Outcome()
	s := (&journey{bank: j.bank}).agent(t, kind, &j.Memory).Session("s")
	if resumes {
		if _, err := s.Resume(t.Context()); err != nil || o != transcript.OutcomeLimit && j.bank.paid["s/1.1"] != 1 {
			t.Errorf("resumed after %s: %v, paid %v", o, err, j.bank.paid)
		}
	}
	before := len(j.bank.paid)
	res, err := s.Send(t.Context(), "again")
	if err != nil || res.Outcome != transcript.OutcomeDone || len(res.InDoubt) > 0 || len(j.bank.paid) != before+1 {
		t.Errorf("asked again after %s: %s, %v, doubts %v, paid %v", o, res.Outcome, err, res.InDoubt, j.bank.paid)
	}
	for key, n := range j.bank.paid {
		if n != 1 {
			t.Errorf("%s was paid %d times", key, n)
		}
	}
	if err := transcript.Validate(res.Transcript); err != nil {
		t.Error(err)
	}
	time.Sleep(time.Minute) // until a clock that was slow has answered
}

// Do returns the void intent to an engine that owns the transcript.
func TestR16_DoReturnsVoidIntents(t *testing.T) {
	for _, kind := range []string{"a backend to ask", "idempotent", "no backend"} {
		for name, do := range map[string]func(a *funcall.Agent, act transcript.Action) ([]transcript.Body, error){
			"canceled": func(a *funcall.Agent, act transcript.Action) ([]transcript.Body, error) {
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				return a.Do(ctx, nil, act, nil)
			},
			"a message is nil": func(a *funcall.Agent, act transcript.Action) ([]transcript.Body, error) {
				return a.Do(t.Context(), []*provider.Message{nil}, act, nil)
			},
			"no calls": func(a *funcall.Agent, act transcript.Action) ([]transcript.Body, error) {
				act.Calls = nil
				return a.Do(t.Context(), nil, act, nil)
			},
		} {
			j := &journey{bank: &bank{paid: map[string]int{}}}
			agent := j.agent(t, kind, &j.Memory)
			in, err := agent.NewInput(t.Context(), "s", "go")
			if err != nil {
				t.Fatal(err)
			}
			tr := transcript.Transcript{ID: "s", Entries: []transcript.Entry{{Body: in}}}
			add := func(bodies []transcript.Body) {
				for _, b := range bodies {
					tr.Entries = append(tr.Entries, transcript.Entry{Body: b})
				}
			}
			out, err := agent.Do(t.Context(), tr.Messages(), transcript.Next(tr), nil)
			if err != nil {
				t.Fatal(err)
			}
			add(out)
			act := transcript.Next(tr)
			add(act.Before)
			out, err = do(agent, act)
			add(out)
			if open := openIntents(tr); err == nil || open > 0 || len(j.bank.paid) > 0 {
				t.Errorf("%s, %s: %v, %d intents are open, paid %v", kind, name, err, open, j.bank.paid)
			}
			act = transcript.Next(tr)
			add(act.Before)
			if out, err = agent.Do(t.Context(), nil, act, nil); err != nil || j.bank.paid["s/1.1"] != 1 {
				t.Errorf("%s, %s, again: %v, paid %v", kind, name, err, j.bank.paid)
			}
			add(out)
			if err := transcript.Validate(tr); err != nil {
				t.Error(err)
			}
		}
	}
}

// A call that may have been done by an earlier one, and was itself never begun, is not
// in doubt when its tool has changed: it can be made of the new tool.
func TestR16_AVoidAttemptOfAToolThatChanged(t *testing.T) {
	store := new(transcript.Memory)
	lost := true
	put := func(description string) funcall.Tool {
		return funcall.NewTool("put", description, func(context.Context, Item) (string, error) {
			if lost {
				return "", funcall.InDoubt(errors.New("connection reset"))
			}
			return "put", nil
		}, funcall.Idempotent())
	}
	call := providertest.Call("put", `{"id":"a"}`)
	model := providertest.NewScript(t, call, providertest.Say("unknown"), call, call, providertest.Say("done"))
	cfg := funcall.Config{Store: store, Tools: []funcall.Tool{put("Old words.")}}
	if res, err := newAgent(t, model, cfg).Session("s").Send(t.Context(), "go"); err != nil || len(res.InDoubt) != 1 {
		t.Fatal(res.InDoubt, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cfg.Store = cancelStore{store, 1, cancel}
	if _, err := newAgent(t, model, cfg).Session("s").Send(ctx, "again"); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	cfg.Store, cfg.Tools, lost = store, []funcall.Tool{put("New words.")}, false
	res, err := newAgent(t, model, cfg).Session("s").Resume(t.Context())
	if err != nil || len(res.InDoubt) > 0 || res.Calls[0].Status != transcript.StatusRefused || res.Calls[1].Status != transcript.StatusOK {
		t.Errorf("%v, doubts %v, %+v", err, res.InDoubt, res.Calls)
	}
}

// If the transcript's clock stands still, a run whose active time is over ends all the
// same.
func TestR21_ActiveTimeByAClockThatStandsStill(t *testing.T) {
	for _, kind := range []string{"a backend to ask", "idempotent", "no backend", "a read"} {
		j := &journey{bank: &bank{paid: map[string]int{}}}
		pay := effects(j.bank)[kind]
		if kind == "a read" {
			pay = tool("pay", func(context.Context, Item) (string, error) { return "seen", nil }, funcall.ReadOnly())
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // only a run that never ends takes so long
		defer cancel()
		at := time.Date(2024, 11, 20, 12, 0, 0, 0, time.UTC)
		var looks atomic.Int64
		agent := slowAgent(t, provider.Func(paysOnce), funcall.Config{
			Tools: []funcall.Tool{pay}, Limits: transcript.Limits{ActiveTime: time.Hour}, Store: &j.Memory, TakeoverAfter: 1, Now: func() time.Time {
				if looks.Add(1) == 1000 { // nor looks so often
					cancel()
				}
				return at
			},
		})
		in, err := agent.NewInput(t.Context(), "s", "go")
		if err != nil {
			t.Fatal(err)
		}
		begun := transcript.Transcript{ID: "s", Entries: []transcript.Entry{{Time: at.Add(-time.Hour), Body: in}}}
		act := transcript.Next(begun)
		act.TimeLeft = 0
		out, err := agent.Do(t.Context(), begun.Messages(), act, nil)
		if err != nil {
			t.Fatal(err)
		}
		// A nanosecond is left of the hour.
		if err := j.Memory.Append(t.Context(), transcript.Batch{Session: "s", Entries: []transcript.Entry{begun.Entries[0], {Time: at.Add(-1), Body: out[0]}}}); err != nil {
			t.Fatal(err)
		}
		res, err := agent.Session("s").Resume(ctx)
		if ctx.Err() != nil || len(res.InDoubt) > 0 || len(res.Transcript.Entries) > 20 {
			t.Errorf("%s: %s, %v, doubts %v, %d entries", kind, res.Outcome, err, res.InDoubt, len(res.Transcript.Entries))
		}
	}
}
