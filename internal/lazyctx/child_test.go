package lazyctx

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestChild ends children of a Context in all ways. Those without its deadline are left to
// their caller then.
func TestChild(t *testing.T) {
	why := errors.New("why")
	const timeout = 5 * time.Second
	for name, c := range map[string]struct {
		prepare func(*Context) // before the child
		end     func(c *Context, cancelParent, cancelChild context.CancelCauseFunc)
		timed   bool // the caller has a deadline
		cause   error
	}{
		"its own end": {timed: true, cause: why, end: func(_ *Context, _, cancelChild context.CancelCauseFunc) { cancelChild(why) }},
		"the parent's end": {timed: true, cause: why, end: func(_ *Context, cancelParent, _ context.CancelCauseFunc) {
			cancelParent(why)
		}},
		"stopped": {timed: true, cause: context.Canceled, end: func(c *Context, _, _ context.CancelCauseFunc) { c.Stop() }},
		"waited for, then stopped": {timed: true, cause: context.Canceled, end: func(c *Context, _, _ context.CancelCauseFunc) {
			c.Done()
			c.Stop()
		}},
		"stopped too late": {timed: true, cause: context.Canceled, end: func(c *Context, _, _ context.CancelCauseFunc) {
			time.Sleep(timeout)
			c.Stop()
		}},
		"at the deadline of one that was waited for": {prepare: func(c *Context) { c.Done() }, cause: context.DeadlineExceeded, end: func(*Context, context.CancelCauseFunc, context.CancelCauseFunc) {
			time.Sleep(timeout)
		}},
		"at the deadline of the second": {prepare: func(c *Context) { Child(c) }, cause: context.DeadlineExceeded, end: func(*Context, context.CancelCauseFunc, context.CancelCauseFunc) {
			time.Sleep(timeout)
		}},
		"after another one's end": {timed: true, cause: context.Canceled, end: func(c *Context, _, _ context.CancelCauseFunc) { c.Stop() }, prepare: func(c *Context) {
			_, cancel, _ := Child(c)
			cancel(nil)
		}},
		"of a stopped one": {prepare: (*Context).Stop, cause: context.Canceled, end: func(*Context, context.CancelCauseFunc, context.CancelCauseFunc) {}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				parent, cancelParent := context.WithCancelCause(t.Context())
				defer cancelParent(nil)
				var ctx Context
				ctx.Begin(parent, time.Now().Add(timeout))
				defer ctx.Stop()
				if c.prepare != nil {
					c.prepare(&ctx)
				}
				child, cancel, deadline := Child(&ctx)
				if want, _ := ctx.Deadline(); c.timed && deadline != want || !c.timed && !deadline.IsZero() {
					t.Errorf("the deadline is %v", deadline)
				}
				c.end(&ctx, cancelParent, cancel)
				synctest.Wait()
				if context.Cause(child) != c.cause {
					t.Errorf("the child ended with %v, want %v", context.Cause(child), c.cause)
				}
			})
		})
	}
}

// TestChildOfOthers has contexts of package context: their children end with them.
func TestChildOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		child, _, deadline := Child(ctx)
		<-child.Done()
		if d, _ := child.Deadline(); d != time.Now() || !deadline.IsZero() {
			t.Errorf("the child of %v ended at %v, and its caller is to end it at %v", ctx, time.Now(), deadline)
		}
	})
}
