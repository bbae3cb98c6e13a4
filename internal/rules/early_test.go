package rules_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// writes is a model that writes the calls of its first turn one after the
// other, every takes 10 ms, then a text until 100 ms are over. Its response may
// differ from what it streamed.
func writes(streamed []provider.ToolCall, resp *provider.Response, err error) provider.Func {
	return func(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
		if len(req.Messages) > 1 {
			return &provider.Response{Message: provider.Assistant(provider.Text{Text: "done"}), Finish: provider.FinishStop}, nil
		}
		began := time.Now()
		for i, c := range streamed {
			time.Sleep(10 * time.Millisecond)
			if emit != nil {
				emit(provider.Delta{Kind: provider.DeltaCallStart, Call: i, ID: c.ID, Name: c.Name})
				emit(provider.Delta{Kind: provider.DeltaArgs, Call: i, Text: c.Args})
				emit(provider.Delta{Kind: provider.DeltaCallEnd, Call: i, ID: c.ID, Name: c.Name, Text: c.Args})
			}
		}
		time.Sleep(100*time.Millisecond - time.Since(began))
		return resp, err
	}
}

func asks(finish provider.FinishReason, calls ...provider.ToolCall) *provider.Response {
	m := provider.Assistant()
	for _, c := range calls {
		m.Parts = append(m.Parts, c)
	}
	return &provider.Response{Message: m, Finish: finish}
}

func looks(n int) (calls []provider.ToolCall) {
	for i := range n {
		calls = append(calls, provider.ToolCall{ID: fmt.Sprintf("c%d", i), Name: "look", Args: fmt.Sprintf(`{"id":"a","n":%d}`, i%5+1)})
	}
	return calls
}

// counter counts how often and when its tool ran, and what it was told.
type counter struct {
	mu       sync.Mutex
	ran      []string
	canceled int
}

func (c *counter) look(ctx context.Context, i Item) (string, error) {
	info := funcall.CallFrom(ctx)
	select {
	case <-time.After(50 * time.Millisecond):
	case <-ctx.Done():
		c.mu.Lock()
		defer c.mu.Unlock()
		c.canceled++
		return "", ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ran = append(c.ran, fmt.Sprintf("%d at %s", i.N, strings.TrimPrefix(info.Key, info.Session)))
	return echo(ctx, i)
}

// Five calls of 50 ms in a turn that takes 100 ms to write are done with the
// turn, and the transcript is the one of a run that waited.
func TestEarlyStartEndsWithTheTurn(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  funcall.Config
		opt  funcall.ToolOption
		want time.Duration
	}{
		"early":               {want: 100 * time.Millisecond},
		"off":                 {cfg: funcall.Config{DisableEarlyStart: true}, want: 150 * time.Millisecond},
		"the tool says no":    {opt: funcall.NoEarlyStart(), want: 150 * time.Millisecond},
		"two at a time":       {cfg: funcall.Config{MaxParallel: 2}, want: 200 * time.Millisecond},
		"no room for all":     {cfg: funcall.Config{Limits: transcript.Limits{Calls: 3}}, want: 100 * time.Millisecond},
		"a bound on the time": {cfg: funcall.Config{Limits: transcript.Limits{ActiveTime: time.Hour}}, want: 100 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n counter
				opts := []funcall.ToolOption{funcall.ReadOnly()}
				if c.opt != nil {
					opts = append(opts, c.opt)
				}
				c.cfg.Tools = []funcall.Tool{tool("look", n.look, opts...)}
				agent := newAgent(t, writes(looks(5), asks(provider.FinishToolCalls, looks(5)...), nil), c.cfg)
				began := time.Now()
				var res *funcall.Result
				var kinds []funcall.EventKind
				for ev, err := range agent.Stream(t.Context(), "go") {
					if err != nil {
						t.Fatal(err)
					}
					kinds, res = append(kinds, ev.Kind), ev.Result
				}
				if took := time.Since(began); took != c.want {
					t.Errorf("took %v, not %v", took, c.want)
				}
				check(t, res)
				whole, err := agent.Run(t.Context(), "go")
				if err != nil {
					t.Fatal(err)
				}
				for i, call := range res.Calls {
					if w := whole.Calls[i]; call.Text() != w.Text() || call.Status != w.Status || call.Ref != w.Ref || call.Duration != w.Duration {
						t.Errorf("call %d: %+v, and without a stream %+v", i, call, w)
					}
				}
				slices.Sort(n.ran) // both runs made the same calls, under the same keys
				for i := 0; i < len(n.ran); i += 2 {
					if n.ran[i] != n.ran[i+1] {
						t.Errorf("ran %q", n.ran)
					}
				}
				// A consumer sees each call begin after its turn, and end.
				turn := slices.Index(kinds, funcall.EventModelEnd)
				if slices.Contains(kinds[:turn], funcall.EventToolStart) {
					t.Errorf("a call began before its turn: %v", kinds)
				}
				if count(kinds, funcall.EventToolEnd) != 5 || count(kinds, funcall.EventToolStart) > 5 {
					t.Errorf("events %v", kinds)
				}
			})
		})
	}
}

func count[E comparable](s []E, e E) (n int) {
	for _, v := range s {
		if v == e {
			n++
		}
	}
	return n
}

// A call that needs approval does not begin early, though it only reads.
func TestEarlyStartWaitsForApproval(t *testing.T) {
	var n counter
	agent := newAgent(t, writes(looks(1), asks(provider.FinishToolCalls, looks(1)...), nil), funcall.Config{
		Tools: []funcall.Tool{tool("look", n.look, funcall.ReadOnly(), always("it is private"))},
	})
	synctest.Test(t, func(t *testing.T) {
		var res *funcall.Result
		for ev, err := range agent.Session("s").Stream(t.Context(), "go") {
			if err != nil {
				t.Fatal(err)
			}
			res = ev.Result
		}
		if len(n.ran)+n.canceled > 0 || len(res.Pending) != 1 {
			t.Errorf("ran %q, %d canceled, %d pending", n.ran, n.canceled, len(res.Pending))
		}
	})
}

// A call that began early and is not in the response is canceled. It appears neither in the
// transcript, nor to the model, nor in events.
func TestEarlyStartDropsWhatDoesNotCount(t *testing.T) {
	one := looks(1)
	other := provider.ToolCall{ID: "c0", Name: "look", Args: `{"id":"b"}`}
	for name, c := range map[string]struct {
		resp    *provider.Response
		err     error
		want    error
		outcome transcript.Outcome
		ran     []string
	}{
		"cut off":      {resp: asks(provider.FinishLength, one...), want: funcall.ErrTruncated, outcome: transcript.OutcomeTruncated},
		"an error":     {err: &provider.Error{Kind: provider.KindUnavailable}, want: &provider.Error{Kind: provider.KindUnavailable}, outcome: transcript.OutcomeFailed},
		"another call": {resp: asks(provider.FinishToolCalls, other), outcome: transcript.OutcomeDone, ran: []string{"2 at /1.0"}},
		"another tool": {resp: asks(provider.FinishToolCalls, provider.ToolCall{ID: "c0", Name: "find", Args: one[0].Args}), outcome: transcript.OutcomeDone, ran: []string{"found"}},
		"no call":      {resp: &provider.Response{Message: provider.Assistant(provider.Text{Text: "never mind"}), Finish: provider.FinishStop}, outcome: transcript.OutcomeDone},
		"another place": {
			resp:    asks(provider.FinishToolCalls, other, provider.ToolCall{ID: "c9", Name: "look", Args: one[0].Args}),
			outcome: transcript.OutcomeDone, ran: []string{"1 at /1.1", "2 at /1.0"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n counter
				slow := func(ctx context.Context, i Item) (string, error) {
					if i.N == 1 && funcall.CallFrom(ctx).Ref.Index == 0 { // the early one
						<-ctx.Done()
						n.mu.Lock()
						defer n.mu.Unlock()
						n.canceled++
						return "", ctx.Err()
					}
					return n.look(ctx, i)
				}
				find := func(context.Context, Item) (string, error) {
					n.mu.Lock()
					defer n.mu.Unlock()
					n.ran = append(n.ran, "found")
					return "", nil
				}
				agent := newAgent(t, writes(one, c.resp, c.err), funcall.Config{Tools: []funcall.Tool{
					tool("look", slow, funcall.ReadOnly()), tool("find", find, funcall.ReadOnly()),
				}})
				var res *funcall.Result
				var last error
				ends := 0
				for ev, err := range agent.Stream(t.Context(), "go") {
					if res, last = ev.Result, err; ev.Kind == funcall.EventToolEnd && ev.Status == transcript.StatusOK {
						ends++
					}
				}
				if !isError(last, c.want) || res.Outcome != c.outcome {
					t.Errorf("%s, %v", res.Outcome, last)
				}
				check(t, res)
				slices.Sort(n.ran)
				if d := cmp.Diff(c.ran, n.ran); d != "" || n.canceled != 1 || ends != len(c.ran) {
					t.Errorf("canceled %d, ended %d; ran:\n%s", n.canceled, ends, d)
				}
			})
		})
	}
}

// Reads that stand after a call that changes something wait for it, and what
// changes something never begins early.
func TestEarlyStartStopsAtAnEffect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var order []string
		at := func(name string) func(context.Context, Item) (string, error) {
			return func(context.Context, Item) (string, error) {
				mu.Lock()
				defer mu.Unlock()
				order = append(order, fmt.Sprintf("%s at %v", name, time.Since(began(t)).Round(time.Millisecond)))
				return name, nil
			}
		}
		calls := []provider.ToolCall{
			{ID: "1", Name: "first", Args: `{"id":"a"}`},
			{ID: "2", Name: "refund", Args: `{"id":"a"}`},
			{ID: "3", Name: "after", Args: `{"id":"a"}`},
		}
		agent := newAgent(t, writes(calls, asks(provider.FinishToolCalls, calls...), nil), funcall.Config{Tools: []funcall.Tool{
			tool("first", at("first"), funcall.ReadOnly()), tool("refund", at("refund")), tool("after", at("after"), funcall.ReadOnly()),
		}})
		began(t)
		for _, err := range agent.Session("s").Stream(t.Context(), "go") {
			if err != nil {
				t.Fatal(err)
			}
		}
		if d := cmp.Diff([]string{"first at 10ms", "refund at 100ms", "after at 100ms"}, order); d != "" {
			t.Error(d)
		}
	})
}

var begins sync.Map

// began is when it was first called in this test.
func began(t *testing.T) time.Time {
	at, _ := begins.LoadOrStore(t.Name(), time.Now())
	return at.(time.Time)
}

// The scripted model reports when a call is complete, so tests of early starts need no model
// of their own: the call begins before the turn is over.
func TestEarlyStartWithAScript(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ran := 0
		count := func(context.Context, Item) (string, error) { ran++; return "", nil }
		model := providertest.NewScript(t, providertest.Calls(looks(2)...).FailAfter(4, &provider.Error{Kind: provider.KindUnavailable}))
		agent := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{tool("look", count, funcall.ReadOnly())}})
		for range agent.Stream(t.Context(), "go") {
		}
		synctest.Wait()
		if ran != 1 {
			t.Errorf("%d calls began", ran)
		}
	})
}

// Calls whose ids are replaced, or that are repeated, keep their places: what
// began early is taken over, and nothing runs twice.
func TestEarlyStartWithOddIds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n counter
		calls := looks(3)
		calls[0].ID, calls[1].ID = "", "odd id!"
		calls = append(calls, calls[0]) // word for word: the first again
		calls = append(calls[:1], append([]provider.ToolCall{calls[0]}, calls[1:]...)...)
		agent := newAgent(t, writes(calls, asks(provider.FinishToolCalls, calls...), nil), funcall.Config{Tools: []funcall.Tool{tool("look", n.look, funcall.ReadOnly())}})
		var res *funcall.Result
		for ev, err := range agent.Session("s").Stream(t.Context(), "go") {
			if err != nil {
				t.Fatal(err)
			}
			res = ev.Result
		}
		check(t, res)
		slices.Sort(n.ran)
		if d := cmp.Diff([]string{"1 at /1.0", "2 at /1.1", "3 at /1.2"}, n.ran); d != "" || n.canceled != 0 {
			t.Errorf("canceled %d\n%s", n.canceled, d)
		}
		for _, c := range res.Calls {
			if c.ID == "" || strings.Contains(c.ID, " ") {
				t.Errorf("the id %q was kept", c.ID)
			}
		}
	})
}

// The outcome of a dropped early call is discarded: it emits no event and does not end the
// run.
func TestEarlyStartDropsAFatalError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		other := provider.ToolCall{ID: "c0", Name: "look", Args: `{"id":"b"}`}
		dies := func(ctx context.Context, i Item) (string, error) {
			if i.ID == "a" {
				<-ctx.Done()
				return "", funcall.Fatal(errors.New("the end"))
			}
			time.Sleep(time.Second) // so that the dropped one is settled first
			return "", nil
		}
		agent := newAgent(t, writes(looks(1), asks(provider.FinishToolCalls, other), nil), funcall.Config{Tools: []funcall.Tool{tool("look", dies, funcall.ReadOnly())}})
		ends := 0
		for ev, err := range agent.Stream(t.Context(), "go") {
			if err != nil {
				t.Error(err)
			}
			if ev.Kind == funcall.EventToolEnd {
				ends++
			}
		}
		if ends != 1 {
			t.Errorf("%d ends of calls", ends)
		}
	})
}

// isError reports whether err is want, or a provider's error of the same kind.
func isError(err, want error) bool {
	var got, kind *provider.Error
	if errors.As(want, &kind) {
		return errors.As(err, &got) && got.Kind == kind.Kind
	}
	return errors.Is(err, want)
}
