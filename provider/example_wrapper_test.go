package provider_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/funcall/funcall/provider"
)

// retry asks once more if the API asks to wait a little and no part of the answer was
// shown.
type retry struct {
	provider.Named // keeps Model, which Limits.Cost needs
}

func (r retry) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	resp, err := r.Named.Generate(ctx, req, emit)
	e, ok := errors.AsType[*provider.Error](err)
	if !ok || e.Emitted || e.RetryAfter > 10*time.Second || e.Kind != provider.KindRateLimited && e.Kind != provider.KindOverloaded {
		return resp, err
	}
	select {
	case <-time.After(e.RetryAfter):
		return r.Named.Generate(ctx, req, emit)
	case <-ctx.Done():
		return nil, &provider.Error{Kind: provider.KindCanceled, Provider: e.Provider, Err: ctx.Err()}
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

// A wrapper is a Provider around another one. This one asks again, once, if the API
// asks to wait a little, unless the user has seen a part of the answer.
func ExampleProvider() {
	server := new(busy)
	model := retry{server}
	resp, err := model.Generate(context.Background(), &provider.Request{Messages: []*provider.Message{provider.User("hello")}}, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(model.Model(), resp.Message.Text(), "after", server.asked, "requests")
	// Output: busy-1 YOU SAID: "hello" after 2 requests
}
