package providertest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/funcall/funcall/provider"
)

// fails requires the failure that the server sent, and then the next response: a Provider
// neither retries by itself nor stays broken.
func (s *suite) fails(t *testing.T, sent *provider.Error) *provider.Error {
	t.Helper()
	again := Say("Now it works.")
	p := s.start(t, Fail(sent), again)
	e := s.generate(t.Context(), p, request(), nil).failure(t)
	if e.Kind != sent.Kind || e.Status != sent.Status {
		t.Errorf("want an error of kind %s with status %d, got kind %s with status %d: %v", sent.Kind, sent.Status, e.Kind, e.Status, e)
	}
	s.askFor(t, again, p, request())
	return e
}

func checkError(kind provider.ErrorKind, statuses ...int) func(*testing.T, *suite) {
	return func(t *testing.T, s *suite) {
		for _, status := range statuses {
			sent := errorOf(kind, status)
			if e := s.fails(t, sent); !strings.Contains(e.Message, sent.Message) {
				t.Errorf("the error says %s, the server said %s", quote(e.Message), quote(sent.Message))
			}
		}
	}
}

func checkRetryAfter(t *testing.T, s *suite) {
	sent := errorOf(provider.KindRateLimited, 429)
	sent.RetryAfter = 7 * time.Second
	if e := s.fails(t, sent); e.RetryAfter != sent.RetryAfter {
		t.Errorf("RetryAfter is %v, the server sent %v", e.RetryAfter, sent.RetryAfter)
	}
	if e := s.fails(t, errorOf(provider.KindRateLimited, 429)); e.RetryAfter != 0 {
		t.Errorf("RetryAfter is %v, but the server sent none", e.RetryAfter)
	}
}

func checkErrorRequestID(t *testing.T, s *suite) {
	sent := errorOf(provider.KindUnavailable, 500)
	sent.RequestID = "req-4711"
	if e := s.fails(t, sent); e.RequestID != sent.RequestID {
		t.Errorf("RequestID is %q, the server sent %q", e.RequestID, sent.RequestID)
	}
}

// breakOff is the Err of a turn that ends its response early.
var breakOff = errorOf(provider.KindUnavailable, 0)

// checkBreakOff has responses break off at several places, the last delta included: a response
// without its end must be an error, even if its text looks complete.
func checkBreakOff(t *testing.T, s *suite) {
	s.breaksOff(t, map[string]Turn{
		"at the start":   Say("It is on its way to you.").FailAfter(0, breakOff),
		"in text":        Say("It is on its way to you.").FailAfter(3, breakOff),
		"behind text":    Say("It is on its way to you.").FailAfter(1000, breakOff),
		"behind a call":  Call("get_order_status", `{"order_id":"ORD-1"}`).FailAfter(1000, breakOff),
		"behind nothing": Say("").FailAfter(1, breakOff),
	})
}

// checkBreakOffInCall applies to APIs that stream calls in pieces.
func checkBreakOffInCall(t *testing.T, s *suite) {
	s.breaksOff(t, map[string]Turn{
		"ahead of arguments": Call("get_order_status", `{"order_id": "ORD-1 and more"}`).FailAfter(1, breakOff),
		"in arguments":       Call("get_order_status", `{"order_id": "ORD-1 and more"}`).FailAfter(2, breakOff),
		"between calls": Calls(
			provider.ToolCall{Name: "get_order_status", Args: `{}`},
			provider.ToolCall{Name: "check_inventory", Args: `{}`},
		).FailAfter(2, breakOff),
	})
}

func (s *suite) breaksOff(t *testing.T, turns map[string]Turn) {
	for name, turn := range turns {
		t.Run(name, func(t *testing.T) {
			o := s.generate(t.Context(), s.start(t, turn), request(), nil)
			e := o.failure(t)
			if e.Kind == provider.KindCanceled || e.Kind == provider.KindInvalidRequest {
				t.Errorf("the server ended the response early: want another kind than %s: %v", e.Kind, e)
			}
			sent := min(turn.After, len(slices.Collect(Deltas(turn.Response, CutWords))))
			if s.stream && sent > 0 && len(o.deltas) == 0 {
				t.Error("the server sent the start of a response, but no delta was emitted")
			}
		})
	}
}

func checkCancelBefore(t *testing.T, s *suite) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantCanceled(t, s.generate(ctx, s.start(t), request(), nil).failure(t))
}

func checkCancelDuring(t *testing.T, s *suite) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	// The Provider waits for ctx or is about to. 20 ms later it has most likely sent its
	// request; it must return in either case.
	waiting := &watchedContext{Context: ctx, waited: func() { time.AfterFunc(20*time.Millisecond, cancel) }}
	wantCanceled(t, s.generate(waiting, s.start(t, Hang()), request(), nil).failure(t))
}

func checkCancelInEmit(t *testing.T, s *suite) {
	t.Run("while the server is silent", func(t *testing.T) {
		s.cancelsInEmit(t, Say("It is on its way to you.").HangAfter(2))
	})
	t.Run("while the server speaks", func(t *testing.T) {
		s.cancelsInEmit(t, Say(strings.Repeat("It is on its way to you. ", 2000)).HangAfter(5000))
	})
}

// checkCancelInCall applies to APIs that stream calls in pieces.
func checkCancelInCall(t *testing.T, s *suite) {
	s.cancelsInEmit(t, Call("get_order_status", `{"order_id": "ORD-1 and more"}`).HangAfter(2))
}

func (s *suite) cancelsInEmit(t *testing.T, turn Turn) {
	t.Helper()
	again := Say("Now it works.")
	p := s.start(t, turn, again)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	wantCanceled(t, s.generate(ctx, p, request(), cancel).failure(t))
	s.askFor(t, again, p, request())
}

func wantCanceled(t *testing.T, e *provider.Error) {
	t.Helper()
	if !errors.Is(e, context.Canceled) || e.Kind != provider.KindCanceled {
		t.Errorf("want an error of kind %s that wraps context.Canceled, got kind %s: %v", provider.KindCanceled, e.Kind, e)
	}
}

func checkDeadline(t *testing.T, s *suite) {
	p := s.start(t, Hang())
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	e := s.generate(ctx, p, request(), nil).failure(t)
	if !errors.Is(e, context.DeadlineExceeded) || e.Kind != provider.KindTimeout {
		t.Errorf("want an error of kind %s that wraps context.DeadlineExceeded, got kind %s: %v", provider.KindTimeout, e.Kind, e)
	}
}

func checkEmitPanics(t *testing.T, s *suite) {
	again := Say("Now it works.")
	p := s.start(t, Say("It is on its way to you."), again)
	thrown := errors.New("thrown by emit")
	o := s.generate(t.Context(), p, request(), func() { panic(thrown) })
	if o.panicked == nil {
		t.Errorf("emit panicked, but Generate returned the error %v", o.err)
	} else if o.panicked != thrown {
		t.Errorf("emit panicked with %q, but Generate with %v", thrown, o.panicked)
	}
	if len(o.deltas) > 1 {
		t.Errorf("emit panicked, but was called %d times", len(o.deltas))
	}
	o.panicked = nil
	o.report(t)
	s.askFor(t, again, p, request())
}

// A watchedContext calls waited when Done is called for the first time.
type watchedContext struct {
	context.Context
	waited func()
	once   sync.Once
}

func (c *watchedContext) Done() <-chan struct{} {
	c.once.Do(c.waited)
	return c.Context.Done()
}
