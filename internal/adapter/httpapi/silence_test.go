package httpapi

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// TestSilence waits in several ways: the budget is used up by waiting alone, to the
// nanosecond, whenever the timer was set.
func TestSilence(t *testing.T) {
	const budget = 10 * time.Second
	sleep := func(d time.Duration) func() { return func() { time.Sleep(d) } }
	for name, c := range map[string]struct {
		before func(*silence) // uses none of the budget that is left
		left   time.Duration
	}{
		"at once":                {func(*silence) {}, budget},
		"after a wait":           {func(s *silence) { s.wait(sleep(4 * time.Second)) }, 6 * time.Second},
		"after a slow consumer":  {func(s *silence) { s.wait(sleep(time.Second)); time.Sleep(time.Hour) }, 9 * time.Second},
		"after a refill":         {func(s *silence) { s.wait(sleep(9 * time.Second)); s.refill(budget) }, budget},
		"after a smaller refill": {func(s *silence) { s.wait(sleep(time.Second)); s.refill(3 * time.Second) }, 3 * time.Second},
		"after the timer fired":  {func(s *silence) { s.wait(func() {}); time.Sleep(budget); s.refill(budget) }, budget},
		"after many short waits": {func(s *silence) {
			for range 9 {
				s.wait(sleep(time.Second))
				time.Sleep(time.Minute)
			}
		}, time.Second},
		"after it was used up": {func(s *silence) { s.wait(sleep(budget - 1)); time.Sleep(time.Minute) }, time.Nanosecond},
		"after many refills": {func(s *silence) {
			for range 50 {
				s.wait(sleep(time.Second))
				s.refill(budget)
			}
		}, budget},
	} {
		for _, usual := range []time.Duration{0, 1, 3 * time.Second, budget / 2, budget, 2 * budget} {
			t.Run(fmt.Sprintf("%s, usually %v", name, usual), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancelCause(t.Context())
					s := &silence{cancel: cancel, usual: usual}
					defer s.stop()
					s.refill(budget)
					c.before(s)
					synctest.Wait()
					if ctx.Err() != nil {
						t.Fatal("the exchange ended before the budget was used up")
					}
					start := time.Now()
					s.wait(func() { <-ctx.Done() })
					if waited := time.Since(start); waited != c.left || context.Cause(ctx) != errSilent {
						t.Errorf("ended after %v with %v, want %v", waited, context.Cause(ctx), c.left)
					}
				})
			})
		}
	}
}

// TestSilenceStops stops the watch in the middle of a wait, as a panic does: no timer ends
// the exchange later.
func TestSilenceStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		s := &silence{cancel: cancel}
		s.refill(time.Second)
		func() {
			defer func() { _ = recover() }()
			s.wait(func() { panic("the transport fails") })
		}()
		s.stop()
		time.Sleep(time.Hour)
		if ctx.Err() != nil {
			t.Errorf("the exchange was ended: %v", context.Cause(ctx))
		}
	})
}

// TestSilenceStopsBeforeTheDeadline has a timer that fires while the watch is stopped: it is
// not set for the deadline.
func TestSilenceStopsBeforeTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		s := &silence{cancel: cancel, deadline: time.Now().Add(time.Minute)}
		s.refill(time.Second)
		s.wait(func() {})
		s.stop()
		s.expire()
		if time.Sleep(time.Hour); !s.fires.IsZero() || ctx.Err() != nil {
			t.Errorf("the timer is set for %v; the exchange ended with %v", s.fires, context.Cause(ctx))
		}
	})
}

// TestSilenceIsSetOnce refills the budget with the usual, shorter one: the timer is set already.
func TestSilenceIsSetOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &silence{cancel: func(error) {}, usual: time.Minute}
		defer s.stop()
		s.refill(2 * time.Minute)
		s.wait(func() { time.Sleep(time.Second) })
		first := s.fires
		for range 50 {
			s.refill(time.Minute)
			s.wait(func() { time.Sleep(time.Second) })
			if s.fires != first {
				t.Fatalf("the timer was set for %v, and then for %v", first, s.fires)
			}
		}
	})
}
