package provider_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/provider"
)

func TestAttemptsOf(t *testing.T) {
	free, dear := new(provider.Money), new(provider.Dollar)
	before := []provider.Attempt{{Kind: provider.KindOverloaded, Then: provider.ThenRetry}}
	inner := &provider.Error{Kind: provider.KindTimeout, Provider: "p", Model: "m", RequestID: "r", Usage: provider.Usage{Input: 7}, Cost: dear, Attempts: before}
	last := func(e *provider.Error, cost *provider.Money, took time.Duration) provider.Attempt {
		return provider.Attempt{
			Kind: e.Kind, Error: e.Error(), Provider: e.Provider, Model: e.Model, RequestID: e.RequestID, Usage: e.Usage, Cost: cost, Duration: took, Then: provider.ThenGiveUp,
		}
	}
	refused := &provider.Error{Kind: provider.KindRateLimited}
	shown := &provider.Error{Kind: provider.KindRateLimited, Emitted: true}
	used := &provider.Error{Kind: provider.KindRateLimited, Usage: provider.Usage{Output: 1}}
	for name, c := range map[string]struct {
		err  error
		want []provider.Attempt
	}{
		"another error":       {errors.New("oh"), []provider.Attempt{{Error: "oh", Duration: time.Second, Then: provider.ThenGiveUp}}},
		"an error":            {inner, append(slices.Clone(before), last(inner, dear, time.Second))},
		"an error in another": {inner.After(nil, time.Minute), append(slices.Clone(before), last(inner, dear, time.Minute))},
		"its own duration":    {inner.After(nil, time.Minute).After(before, time.Hour), append(slices.Repeat(before, 2), last(inner, dear, time.Minute))},
		"a refusal":           {refused, []provider.Attempt{last(refused, free, time.Second)}},
		"shown":               {shown, []provider.Attempt{last(shown, nil, time.Second)}},
		"used":                {used, []provider.Attempt{last(used, nil, time.Second)}},
	} {
		if diff := cmp.Diff(c.want, provider.AttemptsOf(c.err, time.Second, provider.ThenGiveUp)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	wrapped := fmt.Errorf("w: %w", inner)
	if got := provider.AttemptsOf(wrapped, 0, ""); len(got) != 2 || got[1].Error != wrapped.Error() || got[1].Kind != inner.Kind {
		t.Errorf("a wrapped error: %+v", got)
	}
	if inner.Duration != 0 || len(inner.Attempts) != 1 {
		t.Errorf("After changed the error: %+v", inner)
	}
}

func TestRun(t *testing.T) {
	r := provider.NewRun(100, "a", "a", "b")
	var granted atomic.Int64
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			for range 20 {
				if r.TakeRepeat() {
					granted.Add(1)
				}
				r.RecordFallback("c")
				r.HasFallback("b")
				r.RepeatsLeft()
			}
		})
	}
	wg.Wait()
	if granted.Load() != 100 || r.RepeatsLeft() != 0 || !slices.Equal(r.Fallbacks(), []string{"a", "b", "c"}) || !r.HasFallback("c") || r.HasFallback("d") {
		t.Errorf("%d repeats granted, %d left, fell back to %q", granted.Load(), r.RepeatsLeft(), r.Fallbacks())
	}
	r.Fallbacks()[0] = "changed"
	for i := range 100 {
		r.RecordFallback(fmt.Sprint(i))
	}
	if names := r.Fallbacks(); len(names) != 16 || names[0] != "a" || names[15] != "12" {
		t.Errorf("fell back to %q", names)
	}
	if none := provider.NewRun(-1); none.TakeRepeat() || none.RepeatsLeft() != 0 || none.Fallbacks() != nil {
		t.Error("a negative budget allows repeats")
	}
}

// A nil Run has no budget and records nothing.
func TestRunIsNil(t *testing.T) {
	var r *provider.Run
	r.RecordFallback("a")
	if !r.TakeRepeat() || r.RepeatsLeft() != math.MaxInt || r.HasFallback("a") || r.Fallbacks() != nil {
		t.Errorf("%d left, fell back to %q", r.RepeatsLeft(), r.Fallbacks())
	}
}
