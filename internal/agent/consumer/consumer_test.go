package consumer_test

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/funcall/funcall/internal/agent/consumer"
)

var errRun = errors.New("the run failed")

// counts is a run that emits three events and returns a fourth. It tells why its context
// ended.
func counts(cause *error) func(context.Context, func(int)) (int, error) {
	return func(ctx context.Context, emit func(int)) (int, error) {
		for n := range 3 {
			emit(n)
		}
		*cause = context.Cause(ctx)
		return 3, errRun
	}
}

func TestWatch(t *testing.T) {
	var value any = new(int)
	for name, c := range map[string]struct {
		leave  func() bool // at the second event
		events int
		cause  error
		panics any
	}{
		"stays":  {leave: func() bool { return false }, events: 4},
		"leaves": {leave: func() bool { return true }, events: 2, cause: context.Canceled},
		"panics": {leave: func() bool { panic(value) }, events: 2, cause: consumer.ErrPanicked, panics: value},
	} {
		var cause, last error
		events := 0
		got := func() (v any) {
			defer func() { v = recover() }()
			for n, err := range consumer.Watch(t.Context(), counts(&cause)) {
				if n != events || (err != nil) != (n == 3) {
					t.Errorf("%s: event %d is %d, %v", name, events, n, err)
				}
				last = err
				if events++; events == 2 && c.leave() {
					break
				}
			}
			return nil
		}()
		if got != c.panics || events != c.events || cause != c.cause || (last == errRun) != (events == 4) {
			t.Errorf("%s: %d events, the context ended by %v, panicked with %v", name, events, cause, got)
		}
	}
}

// A panic at the last event passes through: the run is over.
func TestAPanicAtTheEnd(t *testing.T) {
	var cause error
	defer func() {
		if v := recover(); v != "at the end" || cause != nil {
			t.Errorf("panicked with %v; the context ended by %v", v, cause)
		}
	}()
	for n := range consumer.Watch(t.Context(), counts(&cause)) {
		if n == 3 {
			panic("at the end")
		}
	}
}

// A provider may emit after its run, and while the goroutine ends: it is not passed on.
func TestNothingIsEmittedBehindTheEnd(t *testing.T) {
	events := 0
	var late func(int)
	for range consumer.Watch(t.Context(), func(_ context.Context, emit func(int)) (int, error) { late = emit; return 0, nil }) {
		events++
	}
	late(1)
	over := make(chan struct{})
	go func() {
		defer close(over)
		run := func(_ context.Context, emit func(int)) (int, error) {
			defer emit(2)
			emit(1)
			return 0, nil
		}
		for range consumer.Watch(t.Context(), run) {
			events++
			runtime.Goexit()
		}
	}()
	if <-over; events != 2 {
		t.Errorf("%d events", events)
	}
}
