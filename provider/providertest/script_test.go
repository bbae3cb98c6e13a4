package providertest_test

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
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/funcall/funcall/internal/testkit/leaktest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

// A recorder is a testing.TB that records errors instead of failing.
type recorder struct {
	testing.TB
	mu       sync.Mutex
	errors   []string
	logs     []string
	skipped  bool
	cleanups []func()
}

func (r *recorder) Helper()          {}
func (r *recorder) Skipped() bool    { return r.skipped }
func (r *recorder) Failed() bool     { r.mu.Lock(); defer r.mu.Unlock(); return len(r.errors) > 0 }
func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}
func (r *recorder) Logf(format string, args ...any) {
	r.logs = append(r.logs, fmt.Sprintf(format, args...))
}

// end does what the testing package does at the end of a test.
func (r *recorder) end() {
	for _, f := range slices.Backward(r.cleanups) {
		f()
	}
}

func hello() *provider.Request {
	return &provider.Request{Messages: []*provider.Message{provider.User("hello")}}
}

func ask(t *testing.T, p provider.Provider, req *provider.Request) *provider.Response {
	t.Helper()
	resp, err := p.Generate(t.Context(), req, nil)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// stream calls p and collects the deltas.
func stream(ctx context.Context, p provider.Provider) (deltas []provider.Delta, resp *provider.Response, err error) {
	resp, err = p.Generate(ctx, hello(), func(d provider.Delta) { deltas = append(deltas, d) })
	return deltas, resp, err
}

func failure(t *testing.T, err error) *provider.Error {
	t.Helper()
	e, ok := errors.AsType[*provider.Error](err)
	if !ok {
		t.Fatalf("want a *provider.Error, got %T: %v", err, err)
	}
	return e
}

func diff(want, got any) string {
	return cmp.Diff(want, got, cmpopts.IgnoreUnexported(provider.Message{}, provider.Tool{}))
}

func TestTurns(t *testing.T) {
	usage := provider.Usage{Input: 10, Output: 2}
	reply := &provider.Response{
		Message: provider.Assistant(provider.ToolCall{Name: "f"}, provider.ToolCall{ID: "x", Name: "f"}, provider.ToolCall{ID: "x", Name: "f"}),
		Finish:  provider.FinishToolCalls, RawFinish: "odd", Model: "m", ID: "i", RequestID: "r",
	}
	for name, c := range map[string]struct {
		turn providertest.Turn
		want *provider.Response
	}{
		"Say": {
			providertest.Say("hi").WithUsage(usage),
			&provider.Response{Message: provider.Assistant(provider.Text{Text: "hi"}), Finish: provider.FinishStop, Usage: usage},
		},
		"Call": {
			providertest.Call("f", `{"a":1}`),
			&provider.Response{Message: provider.Assistant(provider.ToolCall{ID: "c1", Name: "f", Args: `{"a":1}`}), Finish: provider.FinishToolCalls},
		},
		"Calls with text and reasoning": {
			providertest.Calls(provider.ToolCall{Name: "f"}, provider.ToolCall{ID: "c1", Name: "g"}, provider.ToolCall{Name: "h"}).WithText("look").WithReasoning("think"),
			&provider.Response{Message: provider.Assistant(
				provider.Reasoning{Text: "think"}, provider.Text{Text: "look"},
				provider.ToolCall{ID: "c2", Name: "f"}, provider.ToolCall{ID: "c1", Name: "g"}, provider.ToolCall{ID: "c3", Name: "h"},
			), Finish: provider.FinishToolCalls},
		},
		"Respond keeps missing and repeated IDs": {providertest.Respond(reply), reply},
		"WithFinish": {
			providertest.Say("hi").WithText(" there").WithFinish(provider.FinishLength),
			&provider.Response{Message: provider.Assistant(provider.Text{Text: "hi"}, provider.Text{Text: " there"}), Finish: provider.FinishLength},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if d := diff(c.want, ask(t, providertest.NewScript(t, c.turn), hello())); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

func TestIDsAreUniqueOverTheScript(t *testing.T) {
	model := providertest.NewScript(t,
		providertest.Calls(provider.ToolCall{Name: "f"}, provider.ToolCall{ID: "c2", Name: "f"}),
		providertest.Call("f", "{}"),
	)
	var ids []string
	for range 2 {
		for _, c := range ask(t, model, hello()).Message.ToolCalls() {
			ids = append(ids, c.ID)
		}
	}
	if want := []string{"c1", "c2", "c3"}; !slices.Equal(ids, want) {
		t.Errorf("got the IDs %q, want %q", ids, want)
	}
}

func TestTurnsAreValues(t *testing.T) {
	plain := providertest.Say("hi")
	loud := plain.WithText("!").WithUsage(provider.Usage{Input: 1})
	picky := plain.Expect(func(*provider.Request) error { return errors.New("no") })
	if _, err := providertest.NewScript(nil, picky).Generate(t.Context(), hello(), nil); err == nil {
		t.Error("an Expect was lost")
	}
	if got := ask(t, providertest.NewScript(t, loud), hello()).Message.Text(); got != "hi!" {
		t.Errorf("got %q", got)
	}
	resp := ask(t, providertest.NewScript(t, plain), hello())
	if resp.Message.Text() != "hi" || resp.Usage.Input != 0 {
		t.Errorf("refining a turn changed the turn that it was made from: %+v", resp)
	}
}

func TestResponsesAreFreshCopies(t *testing.T) {
	turn := providertest.Call("f", "{}")
	turn.Response.Message.State = provider.State{Owner: "x", Data: []byte(`{"a":1}`)}
	model := providertest.NewScript(t, turn).Loop()
	for range 3 {
		m := ask(t, model, hello()).Message
		if got := m.ToolCalls()[0].Name; got != "f" || string(m.State.Data) != `{"a":1}` {
			t.Fatalf("the caller's change shows in the next answer: %s, %s", got, m.State.Data)
		}
		m.Parts[0] = provider.ToolCall{Name: "changed"}
		m.State.Data[1] = 'X'
	}
}

func TestR26_FailuresAreTyped(t *testing.T) {
	limited := &provider.Error{Kind: provider.KindRateLimited, Provider: "acme", Status: 429, RetryAfter: time.Second, RequestID: "r"}
	plain := errors.New("the cable is cut")
	for name, c := range map[string]struct {
		turn    providertest.Turn
		deltas  int
		want    *provider.Error
		isCause error
	}{
		"typed":           {providertest.Fail(limited), 0, limited, nil},
		"plain":           {providertest.Fail(plain), 0, &provider.Error{Kind: provider.KindUnavailable, Provider: "script", Err: plain}, plain},
		"canceled":        {providertest.Fail(context.Canceled), 0, &provider.Error{Kind: provider.KindCanceled, Provider: "script", Err: context.Canceled}, context.Canceled},
		"timeout":         {providertest.Fail(context.DeadlineExceeded), 0, &provider.Error{Kind: provider.KindTimeout, Provider: "script", Err: context.DeadlineExceeded}, context.DeadlineExceeded},
		"after no deltas": {providertest.Say("one two").FailAfter(0, plain), 0, &provider.Error{Kind: provider.KindUnavailable, Provider: "script", Err: plain}, plain},
		"after a delta":   {providertest.Say("one two").FailAfter(1, plain), 1, &provider.Error{Kind: provider.KindUnavailable, Provider: "script", Err: plain, Emitted: true}, plain},
		"after all": {providertest.Say("one two").FailAfter(9, limited), 2,
			&provider.Error{Kind: provider.KindRateLimited, Provider: "acme", Status: 429, RetryAfter: time.Second, RequestID: "r", Emitted: true}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			deltas, resp, err := stream(t.Context(), providertest.NewScript(t, c.turn))
			if resp != nil || len(deltas) != c.deltas {
				t.Errorf("got %d deltas and the answer %v", len(deltas), resp)
			}
			if d := cmp.Diff(*c.want, *failure(t, err), cmpopts.EquateErrors()); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			if c.isCause != nil && !errors.Is(err, c.isCause) {
				t.Errorf("%v does not wrap %v", err, c.isCause)
			}
			if _, err := providertest.NewScript(t, c.turn).Generate(t.Context(), hello(), nil); failure(t, err).Emitted {
				t.Error("Emitted is set, but nothing was streamed")
			}
		})
	}
	if limited.Emitted {
		t.Error("the script changed the test's own error")
	}
}

func TestDelayAndHangEndWithTheContext(t *testing.T) {
	for name, c := range map[string]struct {
		turn   providertest.Turn
		after  time.Duration // 0: the answer comes
		deltas int
	}{
		"an answer in time":  {providertest.Say("one two").WithDelay(3 * time.Second), 0, 2},
		"an answer too late": {providertest.Say("one two").WithDelay(time.Minute), 10 * time.Second, 0},
		"hangs":              {providertest.Hang(), 10 * time.Second, 0},
		"hangs after 1":      {providertest.Say("one two").HangAfter(1), 10 * time.Second, 1},
		"hangs after all":    {providertest.Say("one two").HangAfter(7), 10 * time.Second, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				deltas, _, err := stream(ctx, providertest.NewScript(t, c.turn))
				if len(deltas) != c.deltas {
					t.Errorf("got %d deltas, want %d", len(deltas), c.deltas)
				}
				if c.after == 0 {
					if err != nil || time.Since(start) != c.turn.Delay {
						t.Errorf("after %v: %v", time.Since(start), err)
					}
					return
				}
				if time.Since(start) != c.after || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("after %v: %v", time.Since(start), err)
				}
				if e := failure(t, err); e.Kind != provider.KindTimeout || e.Emitted != (c.deltas > 0) {
					t.Errorf("got %#v", e)
				}
			})
		})
	}
}

func TestDoneContextTakesNoTurn(t *testing.T) {
	model := providertest.NewScript(t, providertest.Say("hi"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := model.Generate(ctx, hello(), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if n := len(model.Requests()); n != 0 {
		t.Errorf("%d requests were written down", n)
	}
	ask(t, model, hello())
}

func TestRequestsAreSnapshots(t *testing.T) {
	model := providertest.NewScript(t, providertest.Say("a"), providertest.Say("b"))
	temperature := 0.5
	call := provider.ToolCall{ID: "c1", Name: "f"}
	req := &provider.Request{
		System: "s",
		Tools:  []*provider.Tool{{Name: "f", Schema: []byte(`{}`)}},
		Messages: []*provider.Message{
			provider.User("hello", provider.Media{Data: []byte("x")}),
			provider.Assistant(call, provider.Native{State: provider.State{Owner: "o", Data: []byte(`1`)}},
				provider.ServerCall{State: provider.State{Owner: "o", Data: []byte(`2`)}}),
			{Role: provider.RoleTool, Parts: []provider.Part{provider.ToolResult{CallID: "c1", Parts: []provider.Part{provider.Text{Text: "r"}}}}},
		},
		OutputSchema: &provider.OutputSchema{Name: "o", Schema: []byte(`{}`)},
		Settings:     provider.Settings{Temperature: &temperature, Stop: []string{"x"}, Extra: []byte(`{}`)},
	}
	ask(t, model, req)
	first := model.Requests()
	if d := diff(req, first[0]); d != "" {
		t.Fatalf("-asked +written down:\n%s", d)
	}

	temperature = 1
	req.Stop[0], req.Tools[0].Name, req.Tools[0].Schema[0] = "changed", "changed", 'X'
	req.OutputSchema.Name, req.Extra[0] = "changed", 'X'
	req.Messages[0].Parts[1].(provider.Media).Data[0] = 'X'
	req.Messages[1].Parts[1].(provider.Native).State.Data[0] = 'X'
	req.Messages[1].Parts[2].(provider.ServerCall).State.Data[0] = 'X'
	req.Messages[2].Parts[0].(provider.ToolResult).Parts[0] = provider.Text{Text: "changed"}
	ask(t, model, req)
	second := model.Requests()
	if len(first) != 1 || len(second) != 2 {
		t.Fatalf("got %d and then %d requests", len(first), len(second))
	}
	if s := fmt.Sprintf("%+v", diff(first[0], second[1])); strings.Count(s, "changed") < 3 {
		t.Errorf("the changes are not seen in the second request:\n%s", s)
	}
	got := first[0]
	if got.Stop[0] != "x" || got.Tools[0].Name != "f" || string(got.Tools[0].Schema) != "{}" || got.OutputSchema.Name != "o" ||
		*got.Temperature != 0.5 || string(got.Extra) != "{}" ||
		string(got.Messages[0].Parts[1].(provider.Media).Data) != "x" ||
		string(got.Messages[1].Parts[1].(provider.Native).State.Data) != "1" ||
		string(got.Messages[1].Parts[2].(provider.ServerCall).State.Data) != "2" ||
		got.Messages[2].Parts[0].(provider.ToolResult).Text() != "r" {
		t.Errorf("a later change shows in what was written down: %+v", got)
	}
}

func TestLoopBeginsAgain(t *testing.T) {
	tb := new(recorder)
	model := providertest.NewScript(tb, providertest.Say("a"), providertest.Say("b")).Loop()
	var got string
	for range 5 {
		got += ask(t, model, hello()).Message.Text()
	}
	tb.end()
	if got != "ababa" || len(model.Requests()) != 0 || len(tb.errors) != 0 {
		t.Errorf("got %q, %d requests, complaints %q", got, len(model.Requests()), tb.errors)
	}
	if _, err := providertest.NewScript(nil).Loop().Generate(t.Context(), hello(), nil); err == nil {
		t.Error("a loop without turns gave an answer")
	}
}

func TestConcurrentUse(t *testing.T) {
	const n = 50
	var turns []providertest.Turn
	for i := range n {
		turns = append(turns, providertest.Say(fmt.Sprintf("answer %d", i)))
	}
	model := providertest.NewScript(t, turns...)
	var mu sync.Mutex
	seen := make(map[string]bool)
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			_, resp, err := stream(t.Context(), model)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			seen[resp.Message.Text()] = true
		})
	}
	wg.Wait()
	if len(seen) != n || len(model.Requests()) != n {
		t.Errorf("%d answers to %d requests", len(seen), len(model.Requests()))
	}
}

func TestEmitMayPanic(t *testing.T) {
	model := providertest.NewScript(t, providertest.Say("a b"), providertest.Say("c"))
	func() {
		defer func() {
			if r := recover(); r != "stop" {
				t.Errorf("recovered %v", r)
			}
		}()
		_, err := model.Generate(t.Context(), hello(), func(provider.Delta) { panic("stop") })
		t.Errorf("the panic of emit was lost: %v", err)
	}()
	if got := ask(t, model, hello()).Message.Text(); got != "c" {
		t.Errorf("got %q", got)
	}
}

func BenchmarkScript(b *testing.B) {
	model := providertest.NewScript(nil, providertest.Call("f", `{"a":1}`), providertest.Say("It is on its way.")).Loop()
	req := hello()
	for _, c := range []struct {
		name string
		emit func(provider.Delta)
	}{{"whole", nil}, {"stream", func(provider.Delta) {}}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := model.Generate(b.Context(), req, c.emit); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestScriptKeepsRunsAndAttempts tests that later changes do not reach a script's requests and
// responses.
func TestScriptKeepsRunsAndAttempts(t *testing.T) {
	var attempts []provider.Attempt
	attempts = append(attempts, provider.Attempt{Kind: provider.KindOverloaded, Cost: new(provider.Dollar)})
	told := providertest.Say("hello").Response
	told.Attempts = attempts
	model := providertest.NewScript(t, providertest.Respond(told),
		providertest.Fail(&provider.Error{Kind: provider.KindTimeout, Attempts: attempts}), providertest.Fail(&provider.Error{Kind: provider.KindTimeout, Attempts: attempts}))
	req := hello()
	req.Run = provider.NewRun(2, "b")
	resp := ask(t, model, req)
	req.Run.TakeRepeat()
	req.Run.RecordFallback("c")
	if was := model.Requests()[0].Run; was.RepeatsLeft() != 2 || !slices.Equal(was.Fallbacks(), []string{"b"}) {
		t.Errorf("the request is kept with %d repeats and %q", was.RepeatsLeft(), was.Fallbacks())
	}
	attempts[0].Kind, *attempts[0].Cost = "", 0
	if len(resp.Attempts) != 1 || resp.Attempts[0].Kind != provider.KindOverloaded || *resp.Attempts[0].Cost != provider.Dollar {
		t.Errorf("answered with %+v", resp.Attempts)
	}
	for range 2 {
		_, err := model.Generate(t.Context(), req, nil)
		e, ok := errors.AsType[*provider.Error](err)
		if !ok || len(e.Attempts) != 1 || e.Attempts[0].Model != "" {
			t.Fatalf("failed with %+v", err)
		}
		e.Attempts[0].Model = "changed"
	}
}
