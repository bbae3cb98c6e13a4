package lazyctx

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

type nameKey struct{}

// foreign is a context with its own channel: package context waits for it with a goroutine.
type foreign struct {
	context.Context
	done chan struct{}
}

type ownChannel struct{}

func (f foreign) Done() <-chan struct{} { return f.done }

func (f foreign) Value(key any) any {
	if key == (ownChannel{}) {
		return true
	}
	return f.Context.Value(key)
}

// TestContext: a Context answers as one of package context does, no matter when it is looked at
// first, and how.
func TestContext(t *testing.T) {
	const timeout = 5 * time.Second
	why := errors.New("why")
	after := func(d time.Duration, f func()) { time.AfterFunc(d, f) }
	for name, c := range map[string]struct {
		timeout time.Duration
		parent  func(context.Context) context.Context
		stop    time.Duration // zero for never
	}{
		"alone":                  {timeout: timeout},
		"no time":                {timeout: 0},
		"late":                   {timeout: -time.Second},
		"stopped":                {timeout: timeout, stop: 3 * time.Second},
		"stopped after that":     {timeout: timeout, stop: 6 * time.Second},
		"the parent is canceled": {timeout: timeout, parent: cancels(3*time.Second, why)},
		"stopped, and then the parent is canceled": {timeout: timeout, stop: 3 * time.Second, parent: cancels(4*time.Second, why)},
		"stopped after the parent is canceled":     {timeout: timeout, stop: 4 * time.Second, parent: cancels(3*time.Second, why)},
		"over, and then the parent is canceled":    {timeout: timeout, parent: cancels(6*time.Second, why)},
		"the parent was canceled":                  {timeout: timeout, parent: cancels(0, why)},
		"late, and the parent was canceled":        {timeout: -time.Second, parent: cancels(0, why)},
		"the parent's deadline": {timeout: timeout, parent: func(ctx context.Context) context.Context {
			ctx, cancel := context.WithTimeoutCause(ctx, 2*time.Second, why)
			after(time.Hour, cancel)
			return ctx
		}},
		"the parent's deadline is later": {timeout: timeout, parent: func(ctx context.Context) context.Context {
			ctx, cancel := context.WithTimeoutCause(ctx, 6*time.Second, why)
			after(time.Hour, cancel)
			return ctx
		}},
		"a foreign parent": {timeout: timeout, parent: func(ctx context.Context) context.Context {
			ctx, cancel := context.WithCancel(ctx)
			f := foreign{ctx, make(chan struct{})}
			after(3*time.Second, func() { cancel(); close(f.done) })
			return f
		}},
		"a parent without end": {timeout: timeout, parent: context.WithoutCancel},
	} {
		for first := range looks {
			for begin := range 4 {
				watch := func(of func(parent context.Context) (context.Context, func())) (seen []string) {
					synctest.Test(t, func(t *testing.T) {
						ctx, cancel := context.WithCancel(context.WithValue(t.Context(), nameKey{}, "value"))
						defer time.Sleep(2 * time.Hour)
						defer cancel()
						if c.parent != nil {
							ctx = c.parent(ctx)
						}
						synctest.Wait()
						made, stop := of(ctx)
						if c.stop > 0 {
							after(c.stop, stop)
						}
						seen = look(made, first, begin)
						stop()
						seen = append(seen, fmt.Sprint(made.Err(), context.Cause(made)))
					})
					return seen
				}
				want := watch(func(parent context.Context) (context.Context, func()) {
					return context.WithTimeout(parent, c.timeout)
				})
				got := watch(func(parent context.Context) (context.Context, func()) {
					var made Context
					made.Begin(parent, time.Now().Add(c.timeout))
					context.AfterFunc(parent, func() { made.Err() }) // as exec.Crew does
					return &made, made.Stop
				})
				if !slices.Equal(got, want) {
					t.Fatalf("%s, %s first, from look %d on:\n%q, not\n%q", name, first, begin, got, want)
				}
			}
		}
	}
}

func cancels(after time.Duration, cause error) func(context.Context) context.Context {
	return func(ctx context.Context) context.Context {
		ctx, cancel := context.WithCancelCause(ctx)
		if after == 0 {
			cancel(cause)
		} else {
			time.AfterFunc(after, func() { cancel(cause) })
		}
		return ctx
	}
}

// looks are the ways to look at a context first.
var looks = map[string]func(ctx context.Context) any{
	"err":      func(ctx context.Context) any { return ctx.Err() },
	"cause":    func(ctx context.Context) any { return context.Cause(ctx) },
	"value":    func(ctx context.Context) any { return ctx.Value(nameKey{}) },
	"deadline": func(ctx context.Context) any { d, ok := ctx.Deadline(); return fmt.Sprint(d.UTC(), ok) },
	"done": func(ctx context.Context) any {
		select {
		case <-ctx.Done():
			return "done"
		default:
			return "not done"
		}
	},
}

// look looks at a context between the seconds, first in one way, and then in all.
func look(ctx context.Context, first string, begin int) (seen []string) {
	time.Sleep(time.Duration(begin)*2*time.Second + 250*time.Millisecond)
	note := func(v ...any) { seen = append(seen, fmt.Sprint(v...)) }
	note(looks[first](ctx))
	time.Sleep(time.Second)
	child, cancel := context.WithCancel(ctx)
	defer cancel()
	short, cancel := context.WithTimeout(ctx, 1500*time.Millisecond)
	defer cancel()
	ran := make(chan bool, 1)
	stop := context.AfterFunc(ctx, func() { ran <- true })
	defer stop()
	synctest.Wait()
	stacks := make([]byte, 1<<20)
	if _, ok := ctx.Value(ownChannel{}).(bool); !ok {
		note("waits: ", bytes.Count(stacks[:runtime.Stack(stacks, true)], []byte("created by context.(*cancelCtx).propagateCancel")))
	}
	for range 5 {
		for _, l := range []string{"err", "cause", "value", "deadline", "done"} {
			note(l, ": ", looks[l](ctx), looks[l](child), looks[l](short))
		}
		note("after: ", len(ran))
		time.Sleep(time.Second)
	}
	return seen
}

// A context whose Done is never called costs nothing.
func TestUnusedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var c Context
	if n := testing.AllocsPerRun(100, func() {
		c = Context{}
		c.Begin(ctx, time.Now().Add(time.Hour))
		if _, ok := c.Deadline(); !ok || c.Err() != nil || c.Value(nameKey{}) != nil {
			t.Error(c.Err())
		}
		c.Stop()
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
