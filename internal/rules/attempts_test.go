package rules_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// A stream that fails in its middle has cost what its beginning says.
func TestR31_AFailedTurnCosts(t *testing.T) {
	const begun = `data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-test","content":[],"usage":{"input_tokens":90000,"output_tokens":1}}}` + "\n\n" +
		`data: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}` + "\n\n"
	address := adaptertest.Serve(t, adaptertest.Says(200, "text/event-stream", begun))
	price := provider.Price{Input: 3 * provider.Dollar, Output: 15 * provider.Dollar}
	agent := newAgent(t, anthropic.New("claude-test", anthropic.BaseURL(address)), funcall.Config{
		Prices: provider.Prices{"claude-test": price}, Limits: transcript.Limits{Tokens: 100_000},
	})
	chat := agent.Session("s")
	var res *funcall.Result
	for ev, err := range chat.Stream(t.Context(), "go") {
		if res = ev.Result; res != nil && kindOf(err) != provider.KindOverloaded {
			t.Fatal(err)
		}
	}
	want := provider.Usage{Input: 90_000, Output: 1}
	if cost := (transcript.Cost{Amount: price.Cost(want)}); res.Usage != want || res.Cost != cost {
		t.Errorf("usage %+v, cost %v, want %v", res.Usage, res.Cost, cost)
	}
	if _, err := chat.Resume(t.Context()); kindOf(err) != provider.KindOverloaded {
		t.Fatal(err)
	}
	// The limit sees both attempts.
	if res, err := chat.Resume(t.Context()); err != nil || res.Outcome != transcript.OutcomeLimit || res.Reason != transcript.LimitTokens {
		t.Errorf("past its limit: %s (%s), %v", res.Outcome, res.Reason, err)
	}
}

// lastAttempt is the model call that failed last.
func lastAttempt(t *testing.T, res *funcall.Result) *transcript.Attempt {
	t.Helper()
	var last *transcript.Attempt
	for _, e := range res.Transcript.Entries {
		if a, ok := e.Body.(*transcript.Attempt); ok {
			last = a
		}
	}
	if last == nil {
		t.Fatal("the transcript has no attempt")
	}
	return last
}

func TestR31_UsageOfFailedCalls(t *testing.T) {
	used := provider.Usage{Input: 7, Output: 3}
	free, dear := new(provider.Money), new(provider.Dollar)
	malformed := &provider.Response{Message: provider.Assistant(nil), Finish: provider.FinishStop, Usage: used, Model: "m-1", Cost: dear}
	for name, c := range map[string]struct {
		turn  providertest.Turn
		kind  provider.ErrorKind
		usage provider.Usage
		cost  transcript.Cost
	}{
		"nothing":               {providertest.Fail(errors.New("oh")), provider.KindUnavailable, provider.Usage{}, transcript.Cost{UnknownCalls: 1}},
		"its kind":              {providertest.Fail(&provider.Error{Kind: provider.KindUnavailable}), provider.KindUnavailable, provider.Usage{}, transcript.Cost{UnknownCalls: 1}},
		"that it is free":       {providertest.Fail(&provider.Error{Kind: provider.KindAuth, Cost: free}), provider.KindAuth, provider.Usage{}, transcript.Cost{}},
		"that it was shown":     {providertest.Fail(&provider.Error{Kind: provider.KindRateLimited, Emitted: true}), provider.KindRateLimited, provider.Usage{}, transcript.Cost{UnknownCalls: 1}},
		"that tokens were used": {providertest.Fail(&provider.Error{Kind: provider.KindRateLimited, Usage: used}), provider.KindRateLimited, used, transcript.Cost{UnknownCalls: 1}},
		"that it was refused":   {providertest.Fail(&provider.Error{Kind: provider.KindRateLimited}), provider.KindRateLimited, provider.Usage{}, transcript.Cost{}},
		"its cost":              {providertest.Fail(&provider.Error{Kind: provider.KindTimeout, Cost: dear, Usage: used}), provider.KindTimeout, used, transcript.Cost{Amount: *dear}},
		"its usage, unpriced":   {providertest.Fail(&provider.Error{Kind: provider.KindTimeout, Usage: used}), provider.KindTimeout, used, transcript.Cost{UnknownCalls: 1}},
		"what cannot be":        {providertest.Fail(&provider.Error{Kind: provider.KindTimeout, Usage: provider.Usage{Input: -1}, Cost: free}), provider.KindTimeout, provider.Usage{}, transcript.Cost{UnknownCalls: 1}},
		"of an odd response":    {providertest.Respond(malformed), provider.KindMalformed, used, transcript.Cost{Amount: *dear}},
		"of an odd conclusion":  {providertest.Respond(&provider.Response{Message: provider.Assistant(), Usage: used, Model: "m-1", Cost: dear}), provider.KindMalformed, used, transcript.Cost{Amount: *dear}},
	} {
		t.Run(name, func(t *testing.T) {
			res, err := newAgent(t, providertest.NewScript(t, c.turn), funcall.Config{}).Run(t.Context(), "go")
			if err == nil || res.Outcome != transcript.OutcomeFailed {
				t.Fatalf("%s, %v", res.Outcome, err)
			}
			a := lastAttempt(t, res)
			if a.Kind != c.kind || a.Error == "" || res.Usage != c.usage || res.Cost != c.cost {
				t.Errorf("attempt %+v, usage %+v, cost %v", a, res.Usage, res.Cost)
			}
			check(t, res)
		})
	}
}

// A call that was canceled, or took too long, has used something, too.
func TestR31_CanceledCallsCount(t *testing.T) {
	hangs := provider.Func(func(ctx context.Context, _ *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
		<-ctx.Done()
		return nil, &provider.Error{Kind: provider.KindCanceled, Provider: "api", RequestID: "req_1", Model: "m-1", Usage: provider.Usage{Input: 9}, Err: ctx.Err()}
	})
	for name, c := range map[string]struct {
		patience time.Duration
		limits   transcript.Limits
		kind     provider.ErrorKind
		outcome  transcript.Outcome
	}{
		"canceled":      {time.Second, transcript.Limits{}, provider.KindCanceled, transcript.OutcomeCanceled},
		"model timeout": {time.Hour, transcript.Limits{}, provider.KindTimeout, transcript.OutcomeFailed},
		"active time":   {time.Hour, transcript.Limits{ActiveTime: 2 * time.Second}, provider.KindCanceled, transcript.OutcomeLimit},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), c.patience)
				defer cancel()
				res, _ := newAgent(t, hangs, funcall.Config{Limits: c.limits}).Run(ctx, "go")
				a := lastAttempt(t, res)
				if res.Outcome != c.outcome || a.Kind != c.kind || a.RequestID != "req_1" || a.Model != "m-1" || res.Usage.Input != 9 || res.Cost.UnknownCalls != 1 {
					t.Errorf("%s, attempt %+v, usage %+v, cost %v", res.Outcome, a, res.Usage, res.Cost)
				}
				if a.Duration < time.Second || a.Then != provider.ThenGiveUp {
					t.Errorf("it took %v, then %q", a.Duration, a.Then)
				}
				check(t, res)
			})
		})
	}
}

// A request in vain for an answer in the provider's own form is an attempt, too.
func TestR31_UnsupportedFormIsRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		model := providertest.NewScript(t, providertest.Fail(&provider.Error{Kind: provider.KindUnsupported, Cost: new(provider.Money)}).WithDelay(time.Second),
			providertest.Fail(&provider.Error{Kind: provider.KindUnavailable}).WithDelay(time.Second))
		_, res, err := funcall.Generate[Item](t.Context(), newAgent(t, model, funcall.Config{}), "go")
		if kindOf(err) != provider.KindUnavailable {
			t.Fatal(err)
		}
		var got []string
		for _, a := range attemptsOf(res) {
			got = append(got, fmt.Sprint(a.Kind, " ", a.Then, " ", a.Duration))
		}
		if !slices.Equal(got, []string{"unsupported retry 1s", "unavailable give_up 1s"}) || res.Cost.UnknownCalls != 1 {
			t.Errorf("attempts %v, cost %v", got, res.Cost)
		}
		check(t, res)
	})
}

// A refusal costs nothing, whichever provider tells of it.
func TestR31_RefusalsAreFree(t *testing.T) {
	for kind, free := range map[provider.ErrorKind]bool{
		provider.KindRateLimited: true, provider.KindOverloaded: true, provider.KindAuth: true, provider.KindQuota: true, provider.KindInvalidRequest: true,
		provider.KindUnsupported: true, provider.KindContextTooLong: true, provider.KindInvalidMedia: true,
		provider.KindFiltered: false, provider.KindUnavailable: false, provider.KindTimeout: false, provider.KindMalformed: false,
	} {
		res, _ := newAgent(t, providertest.NewScript(t, providertest.Fail(&provider.Error{Kind: kind})), funcall.Config{}).Run(t.Context(), "go")
		if (res.Cost == transcript.Cost{}) != free {
			t.Errorf("%s: cost %v", kind, res.Cost)
		}
	}
}
