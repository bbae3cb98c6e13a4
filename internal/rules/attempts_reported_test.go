package rules_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// reporting is a model that reports the attempts of the first request with its response,
// or with its error.
func reporting(t *testing.T, attempts []provider.Attempt, turns ...providertest.Turn) provider.Provider {
	if r := turns[0].Response; r != nil {
		r.Attempts = attempts
	} else {
		turns[0] = providertest.Fail(turns[0].Err.(*provider.Error).After(attempts, time.Minute))
	}
	return providertest.NewScript(t, turns...)
}

// attemptsOf are the attempts of a run.
func attemptsOf(res *funcall.Result) (attempts []provider.Attempt) {
	for _, e := range res.Transcript.Entries {
		if a, ok := e.Body.(*transcript.Attempt); ok {
			attempts = append(attempts, a.Attempt)
		}
	}
	return attempts
}

// twice are the attempts of a wrapper that failed twice.
func twice() []provider.Attempt {
	return []provider.Attempt{
		{Kind: provider.KindTimeout, Error: "slow", Provider: "a", Model: "m-1", RequestID: "r-1", Usage: provider.Usage{Input: 10}, Cost: new(provider.Dollar), Duration: time.Second, Then: provider.ThenRetry},
		{Kind: provider.KindOverloaded, Error: "busy", Provider: "a", RequestID: "r-2", Usage: provider.Usage{Input: 5}, Duration: time.Minute, Then: provider.ThenFallback},
	}
}

// What a wrapper reports stands ahead of its response, or of its error.
func TestR31_ReportedAttempts(t *testing.T) {
	free, again := new(provider.Money), []providertest.Turn{providertest.Say("again")}
	failure := &provider.Error{Kind: provider.KindUnavailable, Provider: "b", Usage: provider.Usage{Input: 1}, Cost: free}
	empty := &provider.Response{Message: provider.Assistant(), Finish: provider.FinishStop, Usage: provider.Usage{Input: 1}, Cost: free}
	answer := &provider.Response{Message: provider.Assistant(provider.Text{Text: "hi"}), Finish: provider.FinishStop, Usage: provider.Usage{Input: 1}, Cost: free}
	for name, c := range map[string]struct {
		turn  providertest.Turn
		kinds string
		last  provider.ErrorKind
		again []providertest.Turn
	}{
		"answers":         {providertest.Respond(answer), "*transcript.Input *transcript.Attempt *transcript.Attempt *transcript.Output *transcript.End done", "", nil},
		"fails":           {providertest.Fail(failure), "*transcript.Input *transcript.Attempt *transcript.Attempt *transcript.Attempt *transcript.End failed", provider.KindUnavailable, again},
		"answers nothing": {providertest.Respond(empty), "*transcript.Input *transcript.Attempt *transcript.Attempt *transcript.Attempt *transcript.End failed", provider.KindMalformed, again},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			model := reporting(t, twice(), append([]providertest.Turn{c.turn}, c.again...)...)
			chat := newAgent(t, model, funcall.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}).Session("s")
			res, err := chat.Send(t.Context(), "go")
			if kindOf(err) != c.last {
				t.Fatal(err)
			}
			want, got := twice(), attemptsOf(res)
			if c.last != "" {
				if len(got) != 3 || got[2].Kind != c.last || got[2].Then != provider.ThenGiveUp {
					t.Fatalf("%+v", got)
				}
				want = append(want, got[2])
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("attempts (-want +got):\n%s", diff)
			}
			if c.turn.Err != nil && got[2].Duration != time.Minute {
				t.Errorf("the last took %v", got[2].Duration)
			}
			if is := strings.Join(kinds(res.Transcript), " "); is != c.kinds {
				t.Errorf("entries %s", is)
			}
			if cost := (transcript.Cost{Amount: provider.Dollar, UnknownCalls: 1}); res.Usage.Input != 16 || res.Cost != cost || res.Steps > 1 {
				t.Errorf("usage %+v, cost %v, %d steps", res.Usage, res.Cost, res.Steps)
			}
			if lines := strings.Count(log.String(), `msg="model call failed"`); lines != len(got) || !strings.Contains(log.String(), "request_id=r-1 then=retry") {
				t.Errorf("the log:\n%s", &log)
			}
			check(t, res)
			if res, err = chat.Resume(t.Context()); err != nil || len(attemptsOf(res)) != len(got) {
				t.Errorf("resumed: %d attempts, %v", len(attemptsOf(res)), err)
			}
			if c.last != "" && (res.Text() != "again" || res.Usage.Input != 16) {
				t.Errorf("resumed: %q, usage %+v", res.Text(), res.Usage)
			}
		})
	}
}

// Limits see what was reported.
func TestR31_ReportedAttemptsReachLimits(t *testing.T) {
	for why, c := range map[string]struct {
		attempt provider.Attempt
		limits  transcript.Limits
	}{
		transcript.LimitTokens:      {provider.Attempt{Usage: provider.Usage{Input: 15}}, transcript.Limits{Tokens: 15}},
		transcript.LimitCost:        {provider.Attempt{Cost: new(provider.Dollar)}, transcript.Limits{Cost: provider.Dollar}},
		transcript.LimitUnknownCost: {provider.Attempt{Model: "model-2", Usage: provider.Usage{Input: 1}}, transcript.Limits{Cost: provider.Dollar}},
	} {
		turn := turnOf(providertest.Call("look", `{"id":"a"}`), 0, 1, "model-1")
		turn.Response.Attempts = []provider.Attempt{c.attempt}
		res, err := newAgent(t, priced{providertest.NewScript(t, turn)}, funcall.Config{
			Tools: []funcall.Tool{tool("look", echo, funcall.ReadOnly())}, Limits: c.limits, Prices: dear,
		}).Run(t.Context(), "go")
		if err != nil || res.Outcome != transcript.OutcomeLimit || res.Reason != why {
			t.Errorf("%s: %s (%s), %v", why, res.Outcome, res.Reason, err)
		}
	}
}

// Reported attempts are made fit to be stored.
func TestR31_OddAttempts(t *testing.T) {
	long := strings.Repeat("é", 1<<20)
	odd := []provider.Attempt{
		{Kind: provider.ErrorKind(long), Error: long, Provider: long, Model: long, RequestID: long, Then: provider.Then(long), Duration: math.MinInt64},
		{Kind: "\xff", Error: "\x00", Provider: "\xff", Model: "\x00", RequestID: "\xff", Then: "\x00", Usage: provider.Usage{Input: -1, Output: 5}, Cost: new(provider.Dollar)},
		{Usage: provider.Usage{Input: math.MaxInt64}, Cost: new(provider.Money)},
		{Usage: provider.Usage{Input: 3}, Cost: new(provider.Money(-1))},
	}
	res, err := newAgent(t, reporting(t, odd, providertest.Say("hi")), funcall.Config{}).Run(t.Context(), "go")
	if err != nil {
		t.Fatal(err)
	}
	check(t, res)
	attempts := attemptsOf(res)
	if len(attempts) != len(odd) || res.Usage != (provider.Usage{Input: 3}) || res.Cost != (transcript.Cost{UnknownCalls: 5}) {
		t.Fatalf("%d attempts, usage %+v, cost %v", len(attempts), res.Usage, res.Cost)
	}
	for i, a := range attempts {
		for _, text := range []string{string(a.Kind), a.Provider, a.Model, a.RequestID, string(a.Then)} {
			if len(text) > 300 || strings.Contains(text, "\x00") || !utf8.ValidString(text) {
				t.Errorf("attempt %d has %d bytes: %.40q", i, len(text), text)
			}
		}
		if len(a.Error) > 5000 || strings.Contains(a.Error, "\x00") || a.Duration < 0 {
			t.Errorf("attempt %d: %.40q, %v", i, a.Error, a.Duration)
		}
	}
	if back, same := reload(t, res.Transcript); !same {
		t.Errorf("it is read back as another: %+v", back)
	}
}

// The names of fallbacks, too.
func TestR31_OddFallbacks(t *testing.T) {
	model := providertest.NewScript(t, providertest.Say("hi"))
	falls := provider.Func(func(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
		req.Run.RecordFallback(strings.Repeat("é", 1<<20))
		req.Run.RecordFallback("\x00\xff")
		return model.Generate(ctx, req, emit)
	})
	res, err := newAgent(t, falls, funcall.Config{}).Run(t.Context(), "go")
	if err != nil {
		t.Fatal(err)
	}
	names := firstOutput(t, res.Transcript).Fallbacks
	if len(names) != 2 || len(names[0]) > 300 || names[1] != "\ufffd\ufffd" {
		t.Errorf("fell back to %.80q", names)
	}
}

// However many are reported, the transcript holds at most 100 of a model call, and what
// they come to.
func TestR31_ManyAttempts(t *testing.T) {
	const n = 10_000
	many := make([]provider.Attempt, n)
	for i := range many {
		many[i] = provider.Attempt{Kind: provider.KindOverloaded, Error: fmt.Sprint("no ", i), Usage: provider.Usage{Input: 1}, Duration: math.MaxInt64, Then: provider.ThenRetry}
		if i%2 == 0 {
			many[i].Cost = new(provider.Money(1))
		}
	}
	many[n-2].Usage.Output = 1 << 40
	many[n-4].Usage.Output = 1 << 40
	res, err := newAgent(t, reporting(t, many, providertest.Fail(&provider.Error{Kind: provider.KindFiltered, Cost: new(provider.Money)})), funcall.Config{}).Run(t.Context(), "go")
	if kindOf(err) != provider.KindFiltered {
		t.Fatal(err)
	}
	check(t, res)
	attempts := attemptsOf(res)
	if len(attempts) != 100 || attempts[99].Kind != provider.KindFiltered || attempts[0].Error != "no 0" {
		t.Fatalf("%d attempts: %+v", len(attempts), attempts)
	}
	if res.Usage != (provider.Usage{Input: n, Output: 1 << 40}) || res.Cost.Amount != n/2 || res.Cost.UnknownCalls != 49 {
		t.Errorf("usage %+v, cost %d (%d unknown)", res.Usage, res.Cost.Amount, res.Cost.UnknownCalls)
	}
	for _, a := range attempts[97:99] {
		if !strings.HasPrefix(a.Error, "49") || !strings.Contains(a.Error, "the last: no 999") || a.Duration < 0 {
			t.Errorf("the sum %+v", a)
		}
	}
}

// Attempts shift the position of the model's turn. Rules and tools are given that position,
// also for calls that began early.
func TestR31_AttemptsMoveTheTurn(t *testing.T) {
	var places, ruled []string
	note := func(list *[]string, ctx context.Context) {
		info := funcall.CallFrom(ctx)
		*list = append(*list, info.Ref.String()+" "+info.Key)
	}
	look := tool("look", func(ctx context.Context, i Item) (string, error) {
		note(&places, ctx)
		return echo(ctx, i)
	}, funcall.ReadOnly(), funcall.RequireApproval(func(ctx context.Context, _ Item) (string, error) {
		note(&ruled, ctx)
		return "", nil
	}))
	for _, stream := range []bool{false, true} {
		for _, early := range []bool{true, false} {
			places, ruled = nil, nil
			resp := asks(provider.FinishToolCalls, looks(1)...)
			resp.Attempts = twice()
			chat := newAgent(t, writes(looks(1), resp, nil), funcall.Config{Tools: []funcall.Tool{look}, DisableEarlyStart: !early}).Session("s")
			res, err := send(t, chat, stream)
			if err != nil || len(res.Calls) != 1 || res.Calls[0].Ref.String() != "3.0" || res.Calls[0].Status != transcript.StatusOK {
				t.Fatalf("%+v, %v", res.Calls, err)
			}
			const want = "3.0 s/3.0"
			if last := len(places) - 1; last < 0 || places[last] != want || ruled[len(ruled)-1] != want {
				t.Errorf("stream %v, early %v: the tool stands at %q, the rule at %q", stream, early, places, ruled)
			}
			check(t, res)
		}
	}
}

// An answer that is asked for again, as a call, moves the turn, too.
func TestR31_AskingAgainMovesTheTurn(t *testing.T) {
	var ruled []string
	look := tool("look", echo, funcall.ReadOnly(), funcall.RequireApproval(func(ctx context.Context, _ Item) (string, error) {
		ruled = append(ruled, funcall.CallFrom(ctx).Key)
		return "", nil
	}))
	model := providertest.NewScript(t, providertest.Fail(&provider.Error{Kind: provider.KindUnsupported}),
		providertest.Call("look", `{"id":"a"}`), providertest.Call("answer", `{"id":"b"}`))
	chat := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{look}}).Session("s")
	_, res, err := funcall.Generate[Item](t.Context(), chat, "go")
	if err != nil || len(res.Calls) != 2 || !slices.Equal(ruled, []string{transcript.Key("s", res.Calls[0].Ref)}) {
		t.Errorf("the rule was told %q: %+v, %v", ruled, res.Calls, err)
	}
}

// A patient asks again, at most n times a request, and reports it.
type patient struct {
	next provider.Provider
	n    int
}

func (p patient) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	var attempts []provider.Attempt
	for i := 0; ; i++ {
		resp, err := p.next.Generate(ctx, req, emit)
		e, failed := errors.AsType[*provider.Error](err)
		switch {
		case !failed:
			resp.Attempts = append(attempts, resp.Attempts...)
			return resp, nil
		case i == p.n || !req.Run.TakeRepeat():
			return nil, e.After(attempts, time.Second)
		}
		attempts = append(attempts, provider.AttemptsOf(e, time.Second, provider.ThenRetry)...)
	}
}

// Wrappers within one another, and the requests of a run, share one budget.
func TestR31_RepeatsAreShared(t *testing.T) {
	asked := 0
	model := provider.Func(func(_ context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
		if asked++; asked == 4 {
			return providertest.Call("look", `{"id":"a"}`).Response, nil
		}
		return nil, &provider.Error{Kind: provider.KindOverloaded}
	})
	chat := newAgent(t, patient{patient{model, 9}, 9}, funcall.Config{Tools: []funcall.Tool{tool("look", echo, funcall.ReadOnly())}}).Session("s")
	// Three repeats for the first request of the run, and the seven that are left of ten for the second.
	res, err := chat.Send(t.Context(), "go")
	if kindOf(err) != provider.KindOverloaded || asked != 4+8 {
		t.Errorf("asked %d times: %v", asked, err)
	}
	attempts := attemptsOf(res)
	if len(attempts) != 11 || slices.ContainsFunc(attempts[:10], func(a provider.Attempt) bool { return a.Then != provider.ThenRetry }) || attempts[10].Then != provider.ThenGiveUp {
		t.Errorf("attempts: %+v", attempts)
	}
	check(t, res)
	if _, err = chat.Resume(t.Context()); kindOf(err) != provider.KindOverloaded || asked != 12+11 {
		t.Errorf("a worker that resumes has a budget of its own: asked %d times, %v", asked, err)
	}
	asked = 100
	if _, err = chat.Send(t.Context(), "again"); kindOf(err) != provider.KindOverloaded || asked != 100+11 {
		t.Errorf("the next run has a budget of its own: asked %d times, %v", asked, err)
	}
}

// A turncoat asks its second model once the first has failed, for the rest of the run.
type turncoat struct {
	first, second provider.Provider
	name          string
}

func (f turncoat) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	var attempts []provider.Attempt
	if !req.Run.HasFallback(f.name) {
		resp, err := f.first.Generate(ctx, req, emit)
		if err == nil {
			return resp, nil
		}
		attempts = provider.AttemptsOf(err, time.Second, provider.ThenFallback)
	}
	resp, err := f.second.Generate(ctx, req, emit)
	if e, failed := errors.AsType[*provider.Error](err); failed {
		return nil, e.After(attempts, time.Second)
	}
	req.Run.RecordFallback(f.name)
	resp.Attempts = append(attempts, resp.Attempts...)
	return resp, nil
}

// The fallback of a run is used for the rest of the run, also by a worker that resumes it. The next run begins with the first model.
func TestR31_ARunStaysWithItsFallback(t *testing.T) {
	down := providertest.Fail(&provider.Error{Kind: provider.KindUnavailable, Cost: new(provider.Money)})
	look := providertest.Call("look", `{"id":"a"}`)
	store := new(transcript.Memory)
	// b is inside of c: a name does not hide the other.
	session := func(a, b, c *providertest.Script) *funcall.Session {
		return newAgent(t, turncoat{a, turncoat{b, c, "c"}, "b or c"}, funcall.Config{
			Store: store, Tools: []funcall.Tool{tool("look", echo, funcall.ReadOnly())},
		}).Session("s")
	}
	chat := session(providertest.NewScript(t, down), providertest.NewScript(t, down), providertest.NewScript(t, look, look, down))
	res, err := chat.Send(t.Context(), "go")
	if kindOf(err) != provider.KindUnavailable {
		t.Fatal(err)
	}
	var fallbacks [][]string
	for _, e := range res.Transcript.Entries {
		if out, ok := e.Body.(*transcript.Output); ok {
			fallbacks = append(fallbacks, out.Fallbacks)
		}
	}
	if diff := cmp.Diff([][]string{{"c", "b or c"}, {"c", "b or c"}}, fallbacks); diff != "" {
		t.Errorf("fallbacks (-want +got):\n%s", diff)
	}
	if n := len(attemptsOf(res)); n != 3 || res.Steps != 2 {
		t.Errorf("%d attempts, %d steps", n, res.Steps)
	}
	check(t, res)
	// Another worker, which has not seen that a and b are down.
	idle := providertest.NewScript(t)
	res, err = session(idle, idle, providertest.NewScript(t, providertest.Say("done"))).Resume(t.Context())
	if err != nil || res.Text() != "done" {
		t.Errorf("resumed: %q, %v", res.Text(), err)
	}
	res, err = session(providertest.NewScript(t, providertest.Say("I am back.")), idle, idle).Send(t.Context(), "hello")
	if err != nil || res.Text() != "I am back." {
		t.Errorf("the next run: %q, %v", res.Text(), err)
	}
	check(t, res)
}

// Next returns the fallback of the run to an engine that owns the transcript.
func TestR31_DoStartsAtTheFallback(t *testing.T) {
	idle := providertest.NewScript(t)
	agent := newAgent(t, turncoat{idle, providertest.NewScript(t, providertest.Say("hi")), "b"}, funcall.Config{})
	bodies, err := agent.Do(t.Context(), []*provider.Message{provider.User("go")}, transcript.Action{Kind: transcript.ActionModel, Fallbacks: []string{"b"}}, nil)
	if err != nil || len(bodies) != 1 || !slices.Equal(bodies[0].(*transcript.Output).Fallbacks, []string{"b"}) {
		t.Errorf("%+v, %v", bodies, err)
	}
}
