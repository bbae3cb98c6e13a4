package rules_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// budgeted returns an agent over the store, which keeps the accounts if it is a ledger.
func budgeted(t *testing.T, p provider.Provider, store transcript.Store, cfg funcall.Config) *funcall.Agent {
	t.Helper()
	cfg.Store = store
	a, err := funcall.New(p, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// metered is a model whose calls use 100 tokens. It counts them.
type metered struct {
	mu    sync.Mutex
	calls int
	turn  func(n int, req *provider.Request) (*provider.Response, error) // nil for a text
}

func (c *metered) Model() string { return "model-1" }

func (c *metered) Generate(_ context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	c.mu.Lock()
	c.calls++
	n := c.calls
	c.mu.Unlock()
	if c.turn != nil {
		return c.turn(n, req)
	}
	if emit != nil {
		emit(provider.Delta{Kind: provider.DeltaText, Text: "Hello."})
	}
	return hundred(provider.Text{Text: "Hello."}), nil
}

// hundred returns a response that used 100 tokens.
func hundred(parts ...provider.Part) *provider.Response {
	r := &provider.Response{Message: provider.Assistant(parts...), Finish: provider.FinishStop, Usage: provider.Usage{Input: 90, Output: 10}, Model: "model-1"}
	if len(r.Message.ToolCalls()) > 0 {
		r.Finish = provider.FinishToolCalls
	}
	return r
}

func spentOf(t *testing.T, a *funcall.Agent, b funcall.Budget, subject string) transcript.Spend {
	t.Helper()
	spent, err := a.Spent(t.Context(), b, subject)
	if err != nil {
		t.Fatal(err)
	}
	return spent
}

// atBudget checks that the run ended because the budget of that name is spent.
func atBudget(t *testing.T, res *funcall.Result, err error, name, text string) {
	t.Helper()
	if err != nil || res.Outcome != transcript.OutcomeLimit || res.Reason != transcript.LimitBudget(name) || res.Text() != text {
		t.Errorf("%s (%s) %q, %v", res.Outcome, res.Reason, res.Text(), err)
	}
	check(t, res)
}

// Runs of several agents spend one budget, whole and streamed. At the bound they end as at a
// limit, and the model is not asked.
func TestR21_RunsSpendABudgetTogether(t *testing.T) {
	const words = "That is all for today."
	budget := funcall.Budget{Name: "all agents", Tokens: 250}
	store, model := new(transcript.Memory), new(metered)
	cfg := funcall.Config{RunOptions: []funcall.RunOption{funcall.WithBudget(budget)}, Limits: transcript.Limits{ClosingText: words}}
	first, second := budgeted(t, model, store, cfg), budgeted(t, model, store, cfg)
	if res, err := first.Run(t.Context(), "hi"); err != nil || res.Text() != "Hello." {
		t.Fatal(res.Text(), err)
	}
	for i := range 2 {
		if res, err := second.Session(fmt.Sprint(i)).Send(t.Context(), "hi"); err != nil || res.Text() != "Hello." {
			t.Fatal(res.Text(), err)
		}
	}
	if spent := spentOf(t, second, budget, ""); spent.Tokens != 300 || model.calls != 3 {
		t.Errorf("%v after %d calls", spent, model.calls)
	}
	res, err := first.Session("0").Send(t.Context(), "hi again")
	atBudget(t, res, err, "all agents", words)
	for ev, err := range second.Stream(t.Context(), "hi") {
		if ev.Kind == funcall.EventDone {
			atBudget(t, ev.Result, err, "all agents", words)
		}
	}
	if res, err = first.Session("0").Resume(t.Context()); err != nil || res.Outcome != transcript.OutcomeLimit {
		t.Errorf("Resume: %s, %v", res.Outcome, err)
	}
	if _, res, err := funcall.Generate[int](t.Context(), first, "how many?"); !errors.Is(err, funcall.ErrNoOutput) || res.Outcome != transcript.OutcomeLimit {
		t.Errorf("Generate: %s, %v", res.Outcome, err)
	}
	if spent := spentOf(t, first, budget, ""); spent.Tokens != 300 || model.calls != 3 {
		t.Errorf("%v after %d calls", spent, model.calls)
	}
}

// A budget that is spent in the middle of a run ends the run once its calls have results.
func TestR21_ABudgetIsSpentInTheMiddle(t *testing.T) {
	ran := 0
	look := tool("look", func(context.Context, Item) (string, error) { ran++; return "seen", nil }, funcall.ReadOnly())
	model := &metered{turn: func(n int, _ *provider.Request) (*provider.Response, error) {
		return hundred(provider.ToolCall{ID: fmt.Sprint(n), Name: "look", Args: `{"id":"a"}`}), nil
	}}
	agent := budgeted(t, model, new(transcript.Memory), funcall.Config{Tools: []funcall.Tool{look}, Limits: transcript.Limits{ClosingText: "Enough."}})
	res, err := agent.Run(t.Context(), "go", funcall.WithBudget(funcall.Budget{Name: "small", Tokens: 150}), funcall.WithBudget(funcall.Budget{Name: "large", Tokens: 1500}))
	atBudget(t, res, err, "small", "Enough.")
	if res.Steps != 2 || ran != 2 {
		t.Errorf("%d steps, the tool ran %d times", res.Steps, ran)
	}
}

// Each window has an account, by Config.Now. A run that continues in a later window spends that in
// which it began, whatever the options have become.
func TestR21_WindowsOfABudget(t *testing.T) {
	var mu sync.Mutex
	now := time.Date(2026, 3, 1, 23, 0, 0, 0, time.FixedZone("east", 3600)) // 22:00 UTC
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	model := &metered{}
	pay := tool("pay", echo, funcall.RequireApproval(func(context.Context, Item) (string, error) { return "it costs money", nil }))
	daily := funcall.Budget{Name: "daily", Every: 24 * time.Hour, Tokens: 150}
	store := new(transcript.Memory)
	agent := budgeted(t, model, store, funcall.Config{Tools: []funcall.Tool{pay}, Now: clock, RunOptions: []funcall.RunOption{funcall.WithBudget(daily)}})
	model.turn = func(n int, _ *provider.Request) (*provider.Response, error) {
		if n == 1 {
			return hundred(provider.ToolCall{ID: "1", Name: "pay", Args: `{"id":"a"}`}), nil
		}
		return hundred(provider.Text{Text: "Hello."}), nil
	}
	waiting, err := agent.Session("s").Send(t.Context(), "pay")
	if err != nil || waiting.Outcome != transcript.OutcomeWaiting {
		t.Fatal(waiting.Outcome, err)
	}
	in := waiting.Transcript.Entries[0].Body.(*transcript.Input)
	yesterday := in.Steering.Budgets[0].Key
	if want := "daily/2026-03-01T00:00:00Z+24h0m0s/"; yesterday != want {
		t.Errorf("the key is %q, want %q", yesterday, want)
	}
	now = now.Add(2*time.Hour - 1) // the last moment of the day
	if spent := spentOf(t, agent, daily, ""); spent.Tokens != 100 {
		t.Errorf("%v are spent", spent)
	}
	now = now.Add(1)
	if spent := spentOf(t, agent, daily, ""); spent != (transcript.Spend{}) {
		t.Errorf("%v are spent of the next day", spent)
	}
	changed := budgeted(t, model, store, funcall.Config{Tools: []funcall.Tool{pay}, Now: clock, RunOptions: []funcall.RunOption{
		funcall.WithBudget(funcall.Budget{Name: "hourly", Every: time.Hour, Tokens: 1}),
	}})
	if res, err := changed.Session("s").Decide(t.Context(), funcall.Approve(waiting.Pending[0])); err != nil || res.Text() != "Hello." {
		t.Fatal(res.Text(), err)
	}
	if spent, err := store.Spent(t.Context(), yesterday); err != nil || spent.Tokens != 200 {
		t.Errorf("%v are spent of the day of the run, %v", spent, err)
	}
	if res, err := agent.Run(t.Context(), "hi"); err != nil || res.Text() != "Hello." {
		t.Errorf("the next day: %s %q, %v", res.Outcome, res.Text(), err)
	}
}

func TestR21_ABudgetPerSubject(t *testing.T) {
	model := new(metered)
	each := funcall.Budget{Name: "customer", PerSubject: true, Tokens: 50}
	agent := budgeted(t, model, new(transcript.Memory), funcall.Config{RunOptions: []funcall.RunOption{funcall.WithBudget(each)}})
	for _, subject := range []string{"CUST-1", "CUST-2"} {
		if res, err := agent.Run(t.Context(), "hi", funcall.Subject(subject)); err != nil || res.Text() != "Hello." {
			t.Errorf("%s: %s, %v", subject, res.Outcome, err)
		}
	}
	if res, err := agent.Run(t.Context(), "hi", funcall.Subject("CUST-1")); err != nil || res.Outcome != transcript.OutcomeLimit {
		t.Errorf("CUST-1 again: %s, %v", res.Outcome, err)
	}
	if spent := spentOf(t, agent, each, "CUST-2"); spent.Tokens != 100 {
		t.Errorf("CUST-2 spent %v", spent)
	}
	asked := false
	ask := funcall.WithInstructionsFunc(func(context.Context, funcall.RunInfo) (string, error) { asked = true; return "", nil })
	_, run := agent.Run(t.Context(), "hi", ask)
	_, sent := agent.Session("s").Send(t.Context(), "hi", ask)
	_, input := agent.NewInput(t.Context(), "s", "hi")
	_, spent := agent.Spent(t.Context(), each, "")
	for what, err := range map[string]error{"Run": run, "Send": sent, "NewInput": input, "Spent": spent} {
		if err == nil || !strings.Contains(err.Error(), `the budget "customer" is per subject`) {
			t.Errorf("%s without a subject: %v", what, err)
		}
	}
	if asked || model.calls != 2 {
		t.Errorf("a run without a subject began: %v, %d calls", asked, model.calls)
	}
}

// Runs at the same time, of one agent, exceed a budget by less than one estimate.
func TestR21_RunsAtTheSameTimeShareABudget(t *testing.T) {
	const bound = 1000
	budget := funcall.Budget{Name: "batch", Tokens: bound}
	var agent *funcall.Agent
	estimate := int64(0) // of each call: the requests are equal
	model := new(metered)
	model.turn = func(n int, _ *provider.Request) (*provider.Response, error) {
		spent, err := agent.Spent(t.Context(), budget, "")
		if n == 1 {
			estimate = spent.Tokens
		}
		if err != nil || spent.Tokens >= bound+estimate {
			t.Errorf("%v are spent during a call, %v; want less than %d and %d", spent, err, bound, estimate)
		}
		return hundred(provider.Text{Text: `{"value":1}`}), nil
	}
	agent = budgeted(t, model, new(transcript.Memory), funcall.Config{RunOptions: []funcall.RunOption{funcall.WithBudget(budget)}, Settings: provider.Settings{MaxOutputTokens: 200}})
	one := func() error { _, _, err := funcall.Generate[int](t.Context(), agent, "one"); return err }
	if err := one(); err != nil || estimate <= 200 {
		t.Fatalf("the estimate is %d, %v", estimate, err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range bound {
				if err := one(); err != nil {
					if !errors.Is(err, funcall.ErrNoOutput) {
						t.Error(err)
					}
					return
				}
			}
			t.Error("the budget has no end")
		})
	}
	wg.Wait()
	if spent := spentOf(t, agent, budget, ""); spent.Tokens != int64(model.calls)*100 || spent.Tokens >= bound+estimate {
		t.Errorf("%v are spent by %d calls; the estimate is %d", spent, model.calls, estimate)
	}
}

// A run that begins anew on the stored session, as its state was stale, has each account once.
func TestR21_AStaleSessionHasEachAccountOnce(t *testing.T) {
	store := new(transcript.Memory)
	cfg := funcall.Config{RunOptions: []funcall.RunOption{funcall.WithBudget(funcall.Budget{Name: "b", Tokens: 1000})}}
	agents := []*funcall.Agent{budgeted(t, new(metered), store, cfg), budgeted(t, new(metered), store, cfg)}
	for i := range 4 {
		res, err := agents[i%2].Session("s").Send(t.Context(), "hi")
		if err != nil {
			t.Fatal(err)
		}
		entries, _ := transcript.Track(res.Transcript).LastRun()
		if in := entries[0].Body.(*transcript.Input); len(in.Steering.Budgets) != 1 {
			t.Errorf("message %d: %v", i, in.Steering.Budgets)
		}
	}
}

// What is settled after each end of a model call. The estimate stands for what is unknown.
func TestR21_BudgetsAreSettled(t *testing.T) {
	const dollar = provider.Dollar
	money := func(m provider.Money) *provider.Money { return &m }
	failed := func(e provider.Error) provider.Provider {
		return provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
			return nil, &e
		})
	}
	answers := func(r *provider.Response) provider.Provider {
		return provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
			return r, nil
		})
	}
	attempted := hundred(provider.Text{Text: "Hello."})
	attempted.Attempts = []provider.Attempt{
		{Kind: provider.KindUnavailable, Usage: provider.Usage{Input: 7}, Model: "model-1"},
		{Kind: provider.KindRateLimited, Cost: money(0)},
		{Kind: provider.KindUnavailable}, // of unknown usage
	}
	reported := hundred(provider.Text{Text: "Hello."})
	reported.Cost = money(3 * dollar)
	silent := &provider.Response{Message: provider.Assistant(provider.Text{Text: "Hello."}), Finish: provider.FinishStop}
	for name, c := range map[string]struct {
		model     provider.Provider
		tokens    int64
		cost      provider.Money
		estimates int64 // that stay spent
	}{
		"an answer":                {answers(hundred(provider.Text{Text: "Hello."})), 100, dollar * 110 / 1000, 0},
		"a reported cost":          {answers(reported), 100, 3 * dollar, 0},
		"no usage":                 {answers(silent), 0, 0, 1},
		"attempts of a wrapper":    {answers(attempted), 107, dollar * 117 / 1000, 1},
		"a refused request":        {failed(provider.Error{Kind: provider.KindInvalidRequest}), 0, 0, 0},
		"a failure":                {failed(provider.Error{Kind: provider.KindUnavailable}), 0, 0, 1},
		"a failure of known usage": {failed(provider.Error{Kind: provider.KindMalformed, Usage: provider.Usage{Input: 50}, Model: "model-1"}), 50, dollar * 50 / 1000, 0},
		"an error of another kind": {provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
			return nil, errors.New("odd")
		}), 0, 0, 1},
		"a panic": {provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
			panic("odd")
		}), 0, 0, 1},
		"an empty response": {answers(hundred()), 100, dollar * 110 / 1000, 0},
	} {
		for _, streamed := range []bool{false, true} {
			budget := funcall.Budget{Name: "b", Tokens: 1 << 40, Cost: 1_000_000 * dollar}
			var agent *funcall.Agent
			var estimate transcript.Spend
			model := ofModel1{provider.Func(func(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
				estimate = spentOf(t, agent, budget, "")
				return c.model.Generate(ctx, req, emit)
			})}
			agent = budgeted(t, model, new(transcript.Memory), funcall.Config{Prices: dear, RunOptions: []funcall.RunOption{funcall.WithBudget(budget)}})
			if streamed {
				for range agent.Stream(t.Context(), "go") {
				}
			} else if res, _ := agent.Run(t.Context(), "go"); res == nil {
				t.Error("no result")
			}
			want := transcript.Spend{Tokens: c.tokens + c.estimates*estimate.Tokens, Cost: c.cost + provider.Money(c.estimates)*estimate.Cost}
			if spent := spentOf(t, agent, budget, ""); spent != want || estimate.Tokens < 4096 || estimate.Cost < 8*dollar {
				t.Errorf("%s: %v are spent, want %v; the estimate was %v", name, spent, want, estimate)
			}
		}
	}
}

// ofModel1 is a provider of model-1.
type ofModel1 struct{ provider.Provider }

func (ofModel1) Model() string { return "model-1" }

// A call that is repeated because the API has no form for structured output is a call of its own.
func TestR21_ARepeatedCallIsReserved(t *testing.T) {
	budget := funcall.Budget{Name: "b", Tokens: 50}
	model := &metered{turn: func(n int, req *provider.Request) (*provider.Response, error) {
		if req.OutputSchema != nil {
			return nil, &provider.Error{Kind: provider.KindUnsupported, Usage: provider.Usage{Input: 60}}
		}
		return hundred(provider.Text{Text: "Hello."}), nil
	}}
	agent := budgeted(t, model, new(transcript.Memory), funcall.Config{})
	_, res, err := funcall.Generate[int](t.Context(), agent, "go", funcall.WithBudget(budget))
	if !errors.Is(err, funcall.ErrNoOutput) || res.Reason != `budget "b"` || model.calls != 1 {
		t.Errorf("%s (%s), %v, after %d calls", res.Outcome, res.Reason, err, model.calls)
	}
	check(t, res)
	if n := len(res.Transcript.Entries); n != 3 { // the failed attempt stands ahead of the end
		t.Errorf("%d entries", n)
	}
}

// A canceled call is settled all the same.
// The usage of a run does not count the instructions, the tools and the schema of the next.
func TestR21_TheNextRunHasLongerInstructions(t *testing.T) {
	budget := funcall.Budget{Name: "b", Tokens: 1 << 40}
	var agent *funcall.Agent
	var reserved []int64 // in each model call
	spent := int64(0)
	model := provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
		reserved = append(reserved, spentOf(t, agent, budget, "").Tokens-spent)
		spent += 100
		return hundred(provider.Text{Text: "Hello."}), nil
	})
	agent = budgeted(t, model, new(transcript.Memory), funcall.Config{Instructions: "Be brief.", RunOptions: []funcall.RunOption{funcall.WithBudget(budget)}})
	session := agent.Session("s")
	long := funcall.WithInstructions(strings.Repeat("x", 750_000))
	for i, opts := range [][]funcall.RunOption{nil, nil, {long}, {long}, nil} {
		if _, err := session.Send(t.Context(), "go", opts...); err != nil {
			t.Fatal(i, err)
		}
	}
	if len(reserved) != 5 {
		t.Fatal(reserved)
	}
	for i, n := range reserved {
		if long := n > 250_000; long != (i == 2) || n > 260_000 {
			t.Errorf("model call %d reserved %d tokens", i, n)
		}
	}
}

func TestR21_ACanceledCallIsSettled(t *testing.T) {
	budget := funcall.Budget{Name: "b", Tokens: 5000}
	ctx, cancel := context.WithCancel(t.Context())
	model := provider.Func(func(ctx context.Context, _ *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
		cancel()
		return nil, &provider.Error{Kind: provider.KindCanceled, Usage: provider.Usage{Input: 30}, Err: ctx.Err()}
	})
	agent := budgeted(t, model, new(transcript.Memory), funcall.Config{RunOptions: []funcall.RunOption{funcall.WithBudget(budget)}})
	if res, err := agent.Run(ctx, "go"); !errors.Is(err, context.Canceled) || res.Outcome != transcript.OutcomeCanceled {
		t.Errorf("%s, %v", res.Outcome, err)
	}
	if spent := spentOf(t, agent, budget, ""); spent.Tokens != 30 {
		t.Errorf("%v are spent", spent)
	}
}

// faultyLedger is a store whose accounts fail.
type faultyLedger struct {
	transcript.Memory
	reserve, settle func(ctx context.Context) error
}

func (l *faultyLedger) Reserve(ctx context.Context, accounts []transcript.Account, amount transcript.Spend) (string, error) {
	if l.reserve != nil {
		if err := l.reserve(ctx); err != nil {
			return "", err
		}
	}
	return l.Memory.Reserve(ctx, accounts, amount)
}

func (l *faultyLedger) Settle(ctx context.Context, keys []string, amount transcript.Spend) error {
	if l.settle != nil {
		if err := l.settle(ctx); err != nil {
			return err
		}
	}
	return l.Memory.Settle(ctx, keys, amount)
}

// If the accounts cannot be reached, the run fails before the model is asked, and can be resumed.
func TestR21_AccountsThatCannotBeReached(t *testing.T) {
	hangs := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	for name, fault := range map[string]func(context.Context) error{
		"fails":  func(context.Context) error { return errors.New("the disk is gone") },
		"panics": func(context.Context) error { panic("the disk is gone") },
		"hangs":  hangs,
	} {
		synctest.Test(t, func(t *testing.T) {
			store, model := &faultyLedger{reserve: fault}, new(metered)
			agent := budgeted(t, model, store, funcall.Config{Limits: transcript.Limits{Cost: provider.Dollar}, Prices: dear,
				RunOptions: []funcall.RunOption{funcall.WithBudget(funcall.Budget{Name: "b", Tokens: 150})}})
			began := time.Now()
			res, err := agent.Session("s").Send(t.Context(), "hi")
			if err == nil || !strings.Contains(err.Error(), "the budgets of the run cannot be reserved") || res.Outcome != transcript.OutcomeFailed || model.calls > 0 {
				t.Errorf("%s: %s, %v, after %d calls", name, res.Outcome, err, model.calls)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("%s: it took %v", name, took)
			}
			if res.Cost != (transcript.Cost{}) || len(res.Transcript.Entries) != 2 {
				t.Errorf("%s: the cost is %v, there are %d entries", name, res.Cost, len(res.Transcript.Entries))
			}
			store.reserve = nil
			if res, err = agent.Session("s").Resume(t.Context()); err != nil || res.Text() != "Hello." {
				t.Errorf("%s: resumed: %s %q, %v", name, res.Outcome, res.Text(), err)
			}
		})
	}
	// If the accounts can no longer be reached after the call, the estimate stays spent.
	for name, fault := range map[string]func(context.Context) error{
		"fails":  func(context.Context) error { return errors.New("the disk is gone") },
		"panics": func(context.Context) error { panic("the disk is gone") },
		"hangs":  hangs,
	} {
		synctest.Test(t, func(t *testing.T) {
			var log strings.Builder
			store, budget := &faultyLedger{settle: fault}, funcall.Budget{Name: "b", Tokens: 150}
			agent := budgeted(t, new(metered), store, funcall.Config{Logger: slog.New(slog.NewTextHandler(&log, nil)), RunOptions: []funcall.RunOption{funcall.WithBudget(budget)}})
			began := time.Now()
			if res, err := agent.Run(t.Context(), "hi"); err != nil || res.Text() != "Hello." {
				t.Errorf("%s: %s, %v", name, res.Outcome, err)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("%s: it took %v", name, took)
			}
			if spent := spentOf(t, agent, budget, ""); spent.Tokens < 4096 || !strings.Contains(log.String(), `level=WARN msg="budgets were not settled`) {
				t.Errorf("%s: %v are spent; the log is\n%s", name, spent, &log)
			}
		})
	}
}

// A store that keeps no accounts leaves them to the agent.
func TestR21_AStoreWithoutAccounts(t *testing.T) {
	budget := funcall.Budget{Name: "b", Tokens: 50}
	agent := newAgent(t, new(metered), funcall.Config{RunOptions: []funcall.RunOption{funcall.WithBudget(budget)}})
	if res, err := agent.Session("s").Send(t.Context(), "hi"); err != nil || res.Text() != "Hello." {
		t.Fatal(res.Outcome, err)
	}
	if res, err := agent.Session("s").Send(t.Context(), "hi"); err != nil || res.Outcome != transcript.OutcomeLimit {
		t.Errorf("%s, %v", res.Outcome, err)
	}
}

// A run with a budget of money is not continued by an agent that knows no price.
func TestR21_ABudgetOfMoneyNeedsAPrice(t *testing.T) {
	store := new(transcript.Memory)
	fails := &metered{turn: func(int, *provider.Request) (*provider.Response, error) {
		return nil, &provider.Error{Kind: provider.KindUnavailable}
	}}
	budget := funcall.WithBudget(funcall.Budget{Name: "b", Cost: 100 * provider.Dollar})
	if _, err := budgeted(t, fails, store, funcall.Config{Prices: dear}).Session("s").Send(t.Context(), "hi", budget); err == nil {
		t.Fatal("no error")
	}
	model := new(metered)
	res, err := budgeted(t, model, store, funcall.Config{}).Session("s").Resume(t.Context())
	if err == nil || !strings.Contains(err.Error(), `Cost of the budget "b" is set, but Config.Prices has no price for the model "model-1"`) || model.calls > 0 {
		t.Errorf("%s, %v, after %d calls", res.Outcome, err, model.calls)
	}
	if res, err := budgeted(t, model, store, funcall.Config{Prices: dear}).Session("s").Resume(t.Context()); err != nil || res.Text() != "Hello." {
		t.Errorf("%s, %v", res.Outcome, err)
	}
}

func TestR21_BudgetsThatCannotBeKept(t *testing.T) {
	for want, list := range map[string][]funcall.Budget{
		"has no name":                  {{Tokens: 1}},
		"has no bound":                 {{Name: "b"}},
		"Tokens is negative (-1)":      {{Name: "b", Tokens: -1, Cost: 1}},
		"Cost is negative (-1)":        {{Name: "b", Tokens: 1, Cost: -1}},
		"Every is -1ns":                {{Name: "b", Tokens: 1, Every: -1}},
		"at most 100 are taken":        {{Name: strings.Repeat("b", 101), Tokens: 1}},
		"holds NUL":                    {{Name: "b\x00", Tokens: 1}},
		"is no UTF-8":                  {{Name: "b\xff", Tokens: 1}},
		"has no price for the model":   {{Name: "b", Cost: 1}},
		`the budget "b" is set twice`:  {{Name: "b", Tokens: 1}, {Name: "c", Tokens: 1}, {Name: "b", Tokens: 2}},
		`budget "": the budget has no`: {{Name: "ok", Tokens: 1}, {Cost: 1}},
	} {
		var opts []funcall.RunOption
		for _, b := range list {
			opts = append(opts, funcall.WithBudget(b))
		}
		_, made := funcall.New(new(metered), funcall.Config{RunOptions: opts})
		agent := budgeted(t, new(metered), new(transcript.Memory), funcall.Config{})
		_, run := agent.Run(t.Context(), "hi", opts...)
		_, sent := agent.Session("s", opts[:1]...).Send(t.Context(), "hi", opts[1:]...)
		for what, err := range map[string]error{"New": made, "Run": run, "Send": sent} {
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "WithBudget: ") {
				t.Errorf("%s: got %v, want %q", what, err, want)
			}
		}
	}
	if _, err := budgeted(t, new(metered), new(transcript.Memory), funcall.Config{}).Spent(t.Context(), funcall.Budget{}, ""); err == nil || !strings.Contains(err.Error(), "has no name") {
		t.Errorf("Spent: %v", err)
	}
}

// No two budgets have the same account, whatever their names and subjects are.
func TestR21_KeysOfBudgets(t *testing.T) {
	keys := make(map[string]string)
	agent := budgeted(t, new(metered), new(transcript.Memory), funcall.Config{Now: func() time.Time { return time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC) }})
	odd := []string{"a", "a/", "/a", "a//", "//", "/", "%2F", "a%2F", "a/2026-03-02T00:00:00Z+1h0m0s", "2026-03-02T00:00:00Z+1h0m0s/a", " ", "é", "e\u0301", "+", "<>", strings.Repeat("ü", 50)}
	for _, name := range odd {
		for _, every := range []time.Duration{0, 1, time.Hour, 24 * time.Hour} {
			for _, subject := range append([]string{"", strings.Repeat("s", 2000)}, odd...) {
				in, err := agent.NewInput(t.Context(), "s", "hi", funcall.Subject(subject), funcall.WithBudget(funcall.Budget{Name: name, Every: every, PerSubject: subject != "", Tokens: 1}))
				if err != nil {
					t.Fatal(err)
				}
				what, key := fmt.Sprintf("%q %v %.40q", name, every, subject), in.Steering.Budgets[0].Key
				if other, ok := keys[key]; ok || len(key) > 2500 {
					t.Errorf("%s and %s have the key %q", what, other, key)
				}
				keys[key] = what
			}
		}
	}
	// Windows may be shorter than a second. Without PerSubject, all subjects have one account.
	now := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	agent = budgeted(t, new(metered), new(transcript.Memory), funcall.Config{Now: func() time.Time { now = now.Add(time.Millisecond); return now }})
	for range 3 {
		in, err := agent.NewInput(t.Context(), "s", "hi", funcall.Subject(now.String()),
			funcall.WithBudget(funcall.Budget{Name: "short", Every: time.Millisecond, Tokens: 1}), funcall.WithBudget(funcall.Budget{Name: "shared", Tokens: 1}))
		if err != nil {
			t.Fatal(err)
		}
		if key := in.Steering.Budgets[0].Key; keys[key] != "" {
			t.Errorf("two windows have the key %q", key)
		} else {
			keys[key] = "a short window"
		}
		if key := in.Steering.Budgets[1].Key; key != "shared//" {
			t.Errorf("a shared budget has the key %q", key)
		}
	}
	// An engine's own key names the budget, too.
	for key, name := range map[string]string{"team": "team", "a%2Fb//": "a/b", "100%": "100%"} {
		act := transcript.Action{Kind: transcript.ActionModel, Steering: &transcript.Steering{Budgets: []transcript.Account{{Key: key, Bound: transcript.Spend{Tokens: 1}}}}, ClosingText: "Enough."}
		agent := budgeted(t, new(metered), new(transcript.Memory), funcall.Config{})
		for i := range 2 {
			bodies, err := agent.Do(t.Context(), []*provider.Message{provider.User("hi")}, act, nil)
			if err != nil || len(bodies) != 1 {
				t.Fatal(bodies, err)
			}
			end, ended := bodies[0].(*transcript.End)
			if ended != (i == 1) || ended && (end.Reason != transcript.LimitBudget(name) || end.ClosingText != "Enough.") {
				t.Errorf("%q, call %d: %+v", key, i, bodies[0])
			}
		}
	}
}
