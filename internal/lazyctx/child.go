package lazyctx

import (
	"context"
	"time"
)

// Child returns a child of ctx, like [context.WithCancelCause]. If deadline is not zero, the
// child does not end by itself then: the caller has a timer anyway, and calls cancel with
// [context.DeadlineExceeded] at the deadline. That is so if ctx is a Context of which nothing
// else has been made: the child is the parent's, and ends if the Context is stopped.
func Child(ctx context.Context) (child context.Context, cancel context.CancelCauseFunc, deadline time.Time) {
	if c, ok := ctx.(*Context); ok {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.made == nil && !c.stopped && (c.child == nil || c.child.Err() != nil) {
			c.child, c.cancelChild = context.WithCancelCause(c.parent)
			return c.child, c.cancelChild, c.deadline
		}
		ctx = c.make()
	}
	child, cancel = context.WithCancelCause(ctx)
	return child, cancel, time.Time{}
}
