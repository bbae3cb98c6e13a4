// Package lazyctx has contexts with a deadline that cost little until they are used.
package lazyctx

import (
	"context"
	"sync"
	"time"
)

// A Context is done with its parent, at its deadline, and when it is stopped. Most of what
// runs under such a context never waits for it. So the context of package context, which has
// the channel, the timer and the children, is made when Done is called first, or when the
// Context is found to be over. From then on it answers for the Context: a child registers
// with it and needs no goroutine.
type Context struct {
	parent   context.Context
	deadline time.Time

	mu      sync.Mutex
	made    context.Context // nil until it is needed; not nil if Err has returned an error
	cancel  context.CancelFunc
	stopped bool // before made was needed

	child       context.Context // of the parent, see [Child]; nil until Child makes it
	cancelChild context.CancelCauseFunc
}

// Begin makes it a child of the parent. It is called once, before all other methods.
func (c *Context) Begin(parent context.Context, deadline time.Time) {
	c.parent, c.deadline = parent, deadline
	if parent.Err() != nil { // ahead of the deadline, though that may have passed, too
		c.made, c.cancel = context.WithCancel(parent)
	}
}

// Parent returns the parent.
func (c *Context) Parent() context.Context { return c.parent }

// Deadline returns the earlier one of its deadline and its parent's; see [context.Context].
func (c *Context) Deadline() (time.Time, bool) {
	if d, ok := c.parent.Deadline(); ok && d.Before(c.deadline) {
		return d, true
	}
	return c.deadline, true
}

// Done returns the channel that is closed when the Context is done; see [context.Context].
func (c *Context) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.make().Done()
}

// Err returns why the Context is done; see [context.Context].
func (c *Context) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.made == nil && !c.stopped && !c.isOver() {
		return nil
	}
	return c.make().Err()
}

// Value returns the parent's value; see [context.Context].
func (c *Context) Value(key any) any {
	c.mu.Lock()
	ctx := c.made
	c.mu.Unlock()
	if ctx == nil {
		ctx = c.parent
	}
	return ctx.Value(key)
}

// Stop cancels the Context, unless it is over.
func (c *Context) Stop() {
	c.mu.Lock()
	if c.made == nil && c.isOver() {
		c.make()
	}
	cancel, cancelChild := c.cancel, c.cancelChild
	c.stopped = true
	c.mu.Unlock()
	if cancel != nil {
		cancel()
	}
	if cancelChild != nil {
		cancelChild(nil)
	}
}

// isOver reports whether the parent is done or the deadline has passed.
func (c *Context) isOver() bool { return c.parent.Err() != nil || c.isLate() }

func (c *Context) isLate() bool { return !time.Now().Before(c.deadline) }

// make makes the context that answers from now on. If the context is over already, its error
// is the one that came first. The deadline came first if it has passed and the parent is
// done, too: the owner calls Err when the parent is done, or does not tell the two apart.
func (c *Context) make() context.Context {
	if c.made != nil {
		return c.made
	}
	parent := c.parent
	if d, ok := parent.Deadline(); c.stopped || c.isLate() && !(ok && d.Before(c.deadline)) {
		parent = context.WithoutCancel(parent)
	}
	if c.stopped {
		c.made, c.cancel = context.WithCancel(parent)
		c.cancel()
	} else {
		c.made, c.cancel = context.WithDeadline(parent, c.deadline)
	}
	return c.made
}
