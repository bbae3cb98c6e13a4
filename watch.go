package funcall

import (
	"context"
	"errors"
	"iter"
)

// A consumer is given the events of a run, on the run's goroutine. When it leaves or
// panics, the run's context is canceled and no more events are passed on. So a run
// knows no consumer's panic: it ends in order, and the panic goes on behind it.
type consumer struct {
	pass     func(Event, error) (goesOn bool)
	cancel   context.CancelCauseFunc
	gone     bool
	panicked any // what it panicked with, nil if it did not
}

// errConsumer is why a run ends whose consumer panicked.
var errConsumer = errors.New("the consumer of the events panicked")

func newConsumer(ctx context.Context, pass func(Event, error) bool) (context.Context, *consumer) {
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, &consumer{pass: pass, cancel: cancel}
}

func (c *consumer) emit(ev Event) {
	if c.gone {
		return
	}
	c.gone = true // also if runtime.Goexit takes the goroutine away
	defer func() {
		if c.panicked = recover(); c.panicked != nil {
			c.cancel(errConsumer)
		}
	}()
	if c.gone = !c.pass(ev, nil); c.gone {
		c.cancel(nil)
	}
}

// close is called when the run is over. A panic of the consumer goes on here.
func (c *consumer) close() {
	c.cancel(nil)
	if c.panicked != nil {
		panic(c.panicked)
	}
}

// watch makes an iterator of a run. The run works on the consumer's goroutine, inside
// of emit.
func watch(ctx context.Context, do func(context.Context, func(Event)) (*Result, error)) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		ctx, c := newConsumer(ctx, yield)
		defer c.cancel(nil)
		res, err := do(ctx, c.emit)
		c.close()
		if !c.gone {
			c.gone = true // a provider may emit no more
			yield(Event{Kind: EventDone, Result: res}, err)
		}
	}
}
