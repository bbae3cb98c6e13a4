package exec

import (
	"context"
	"sync"
	"time"
)

// A jobContext is the context of a job: done with its parent, at its deadline, and when it is
// stopped. Most handlers never look at theirs. So the context of package context, which has
// the channel, the timer and the children, is made when Done is called first, or when the
// job context is found to be over. From then on it answers for the job context: a child
// registers with it and needs no goroutine.
type jobContext struct {
	parent   context.Context
	deadline time.Time

	mu      sync.Mutex
	made    context.Context // nil until it is needed; not nil if Err has returned an error
	cancel  context.CancelFunc
	stopped bool // before made was needed
}

// begin makes it a child of the parent.
func (c *jobContext) begin(parent context.Context, deadline time.Time) {
	c.parent, c.deadline = parent, deadline
	if parent.Err() != nil { // ahead of the deadline, though that may have passed, too
		c.made, c.cancel = context.WithCancel(parent)
	}
}

func (c *jobContext) Deadline() (time.Time, bool) {
	if d, ok := c.parent.Deadline(); ok && d.Before(c.deadline) {
		return d, true
	}
	return c.deadline, true
}

func (c *jobContext) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.make().Done()
}

func (c *jobContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.made == nil && !c.stopped && !c.isOver() {
		return nil
	}
	return c.make().Err()
}

func (c *jobContext) Value(key any) any {
	c.mu.Lock()
	ctx := c.made
	c.mu.Unlock()
	if ctx == nil {
		ctx = c.parent
	}
	return ctx.Value(key)
}

// stop cancels the context, unless it is over.
func (c *jobContext) stop() {
	c.mu.Lock()
	if c.made == nil && c.isOver() {
		c.make()
	}
	cancel := c.cancel
	c.stopped = true
	c.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}

// isOver reports whether the parent is done or the deadline has passed.
func (c *jobContext) isOver() bool { return c.parent.Err() != nil || c.isLate() }

func (c *jobContext) isLate() bool { return !time.Now().Before(c.deadline) }

// make makes the context that answers from now on. If the context is over already, its error
// is the one that came first. The deadline came first if it has passed and the parent is
// done, too: [Crew.Wait] looks at the contexts when the parent is done.
func (c *jobContext) make() context.Context {
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
