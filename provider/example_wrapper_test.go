package provider_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/funcall/funcall/provider"
)

// retry asks again, at most twice, if the API asks to wait a little and no part of the
// answer was shown.
type retry struct {
	provider.Named // keeps Model, which Limits.Cost needs
}

func (r retry) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	var attempts []provider.Attempt
	for {
		began := time.Now()
		resp, err := r.Named.Generate(ctx, req, emit)
		took := time.Since(began)
		if err == nil {
			resp.Attempts = append(attempts, resp.Attempts...)
			return resp, nil
		}
		e, ok := errors.AsType[*provider.Error](err)
		if !ok {
			return nil, err
		}
		again := !e.Emitted && e.RetryAfter <= 10*time.Second && (e.Kind == provider.KindRateLimited || e.Kind == provider.KindOverloaded)
		failed := *e
		if again = again && len(attempts) < 2 && req.Run.TakeRepeat(); again {
			select {
			case <-time.After(e.RetryAfter):
			case <-ctx.Done():
				again, failed.Kind, failed.Err = false, provider.KindCanceled, ctx.Err()
			}
		}
		if !again {
			return nil, failed.After(attempts, took)
		}
		attempts = append(attempts, provider.AttemptsOf(e, took, provider.ThenRetry)...)
	}
}

// busy is a model that refuses the first request.
type busy struct{ asked int }

func (b *busy) Model() string { return "busy-1" }

func (b *busy) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	if b.asked++; b.asked == 1 {
		return nil, &provider.Error{Kind: provider.KindRateLimited, Status: 429, RetryAfter: time.Millisecond}
	}
	return upper(ctx, req, emit)
}

// A wrapper is a Provider around another one. This one retries if the API asks to wait a
// little and no part of the answer was emitted. It reports the failed attempts.
func ExampleProvider() {
	server := new(busy)
	model := retry{server}
	resp, err := model.Generate(context.Background(), &provider.Request{Messages: []*provider.Message{provider.User("hello")}}, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(model.Model(), resp.Message.Text(), "after", server.asked, "requests")
	for _, a := range resp.Attempts {
		fmt.Println(a.Kind, a.Then)
	}
	// Output:
	// busy-1 YOU SAID: "hello" after 2 requests
	// rate_limited retry
}

// AttemptsOf returns all model calls behind a failed call of a wrapper.
func ExampleAttemptsOf() {
	refused := []provider.Attempt{{Kind: provider.KindOverloaded, Provider: "a", Cost: new(provider.Money), Then: provider.ThenFallback}}
	failed := &provider.Error{Kind: provider.KindTimeout, Provider: "b", Usage: provider.Usage{Input: 900}}
	err := failed.After(refused, 2*time.Second)
	for _, a := range provider.AttemptsOf(err, 3*time.Second, provider.ThenGiveUp) {
		fmt.Println(a.Provider, a.Kind, a.Duration, "then:", a.Then)
	}
	// Output:
	// a overloaded 0s then: fallback
	// b timeout 2s then: give_up
}

// fallback asks a second provider if the first cannot answer. Its run stays with the
// second.
type fallback struct {
	first, second provider.Provider
	name          string // of the second
}

func (f fallback) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	if req.Run.HasFallback(f.name) {
		return f.second.Generate(ctx, req, emit)
	}
	began := time.Now()
	resp, err := f.first.Generate(ctx, req, emit)
	e, ok := errors.AsType[*provider.Error](err)
	if !ok || e.Emitted || e.Kind != provider.KindUnavailable || !req.Run.TakeRepeat() {
		return resp, err
	}
	attempts := provider.AttemptsOf(e, time.Since(began), provider.ThenFallback)
	began = time.Now()
	resp, err = f.second.Generate(ctx, req, emit)
	if e, ok := errors.AsType[*provider.Error](err); ok {
		return nil, e.After(attempts, time.Since(began))
	}
	if err != nil {
		return nil, err
	}
	req.Run.RecordFallback(f.name)
	resp.Attempts = append(attempts, resp.Attempts...)
	return resp, nil
}

// A wrapper calls TakeRepeat before each further model call for a request.
func ExampleRun_TakeRepeat() {
	run := provider.NewRun(1)
	fmt.Println(run.TakeRepeat(), run.TakeRepeat())
	// Output: true false
}

// A wrapper records its fallback under a name that it chooses.
func ExampleRun_RecordFallback() {
	run := provider.NewRun(10)
	run.RecordFallback("second model")
	fmt.Println(run.HasFallback("second model"), run.HasFallback("third model"))
	// Output: true false
}

// The model calls of a run share a Run. An agent creates it; so can the test of a wrapper.
func ExampleNewRun() {
	down := provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
		return nil, &provider.Error{Kind: provider.KindUnavailable}
	})
	model := fallback{first: down, second: provider.Func(upper), name: "upper"}
	run := provider.NewRun(3)
	for _, text := range []string{"hello", "and now?"} {
		resp, err := model.Generate(context.Background(), &provider.Request{Messages: []*provider.Message{provider.User(text)}, Run: run}, nil)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(resp.Message.Text(), "after", len(resp.Attempts), "attempts")
	}
	fmt.Println("fell back to", run.Fallbacks(), "with", run.RepeatsLeft(), "repeats left")
	// Output:
	// YOU SAID: "hello" after 1 attempts
	// YOU SAID: "and now?" after 0 attempts
	// fell back to [upper] with 2 repeats left
}
