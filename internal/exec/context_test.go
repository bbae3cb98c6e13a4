package exec

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// A context keeps its first error, though its handler asks for it later.
func TestTheFirstErrorStays(t *testing.T) {
	why := errors.New("why")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(3*time.Second, func() { cancel(why) })
		r := &Runner{Grace: time.Minute, Now: time.Now}
		j := &Job{Timeout: 5 * time.Second, Handler: handle(func(ctx context.Context) {
			time.Sleep(10 * time.Second)
			if ctx.Err() != context.Canceled || context.Cause(ctx) != why {
				t.Errorf("%v, %v", ctx.Err(), context.Cause(ctx))
			}
		})}
		r.Run(ctx, time.Time{}, j)
	})
}

type handle func(ctx context.Context)

func (h handle) Handle(ctx context.Context) bool { h(ctx); return false }
func (handle) Retried()                          {}
func (handle) Late(time.Duration)                {}
