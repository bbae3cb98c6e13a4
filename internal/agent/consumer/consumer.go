// Package consumer passes events on to foreign code, until that leaves or panics.
package consumer

import (
	"context"
	"errors"
	"iter"
)

// ErrPanicked is the cause of a context that was canceled by a panic of the consumer.
var ErrPanicked = errors.New("the consumer of the events panicked")

// A Consumer is given the events of a run, on the run's goroutine. When it leaves or
// panics, the run's context is canceled and no more events are passed on. So a run
// knows no consumer's panic: it ends in order, and the panic goes on behind it.
type Consumer[E any] struct {
	pass     func(E, error) (goesOn bool)
	cancel   context.CancelCauseFunc
	gone     bool
	panicked any // what it panicked with, nil if it did not
}

// New returns the context of the run, and the consumer that pass stands for.
func New[E any](ctx context.Context, pass func(E, error) (goesOn bool)) (context.Context, *Consumer[E]) {
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, &Consumer[E]{pass: pass, cancel: cancel}
}

// Emit passes an event on.
func (c *Consumer[E]) Emit(ev E) {
	if c.gone {
		return
	}
	c.gone = true // also if runtime.Goexit takes the goroutine away
	defer func() {
		if c.panicked = recover(); c.panicked != nil {
			c.cancel(ErrPanicked)
		}
	}()
	if c.gone = !c.pass(ev, nil); c.gone {
		c.cancel(nil)
	}
}

// Cancel cancels the run's context.
func (c *Consumer[E]) Cancel() { c.cancel(nil) }

// Close is called when the run is over. A panic of the consumer goes on here.
func (c *Consumer[E]) Close() {
	if c.panicked != nil {
		panic(c.panicked)
	}
}

// Watch makes an iterator of a run, which returns the last event. The run works on the
// consumer's goroutine, inside of emit.
func Watch[E any](ctx context.Context, run func(ctx context.Context, emit func(E)) (last E, err error)) iter.Seq2[E, error] {
	return func(yield func(E, error) bool) {
		ctx, c := New(ctx, yield)
		defer c.Cancel()
		last, err := run(ctx, c.Emit)
		c.Close()
		if !c.gone {
			c.gone = true // a provider may emit no more
			yield(last, err)
		}
	}
}
