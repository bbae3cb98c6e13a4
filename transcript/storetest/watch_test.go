package storetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall/transcript"
)

// A check ends when no append succeeds for a while, however long it ran before.
func TestSlowStoresPass(t *testing.T) {
	lost := slices.IndexFunc(checks, func(c check) bool { return c.name == "NothingLost" })
	for name, c := range map[string]struct {
		append func(ctx context.Context, n int) error // before the n-th append, counted from 0
		says   string                                 // "" for a Store that passes
	}{
		"slow all along": {func(context.Context, int) error { time.Sleep(5 * time.Second); return nil }, ""},
		"blocks in the midst": {func(ctx context.Context, n int) error {
			if n < 20 {
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		}, "no append was acknowledged for 1m0s"},
		"conflicts for ever": {func(ctx context.Context, n int) error {
			if n < 20 {
				return nil
			}
			time.Sleep(time.Second)
			return errors.Join(ctx.Err(), transcript.ErrConflict)
		}, "no append was acknowledged for 1m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &broken{}
				one := make(chan struct{}, 1) // at a time
				n := 0
				b.append = func(ctx context.Context, batch transcript.Batch) error {
					one <- struct{}{}
					defer func() { <-one }()
					if err := c.append(ctx, n); err != nil {
						return err
					}
					n++
					return b.Memory.Append(ctx, batch)
				}
				err := checks[lost].check(t.Context(), b)
				if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
					t.Errorf("got %v, want %q", err, c.says)
				}
			})
		})
	}
}

// A watched Lister is still a Lister.
func TestWatchedListerIsLister(t *testing.T) {
	if _, ok := optional[transcript.Lister](watch(new(transcript.Memory), func() {})); !ok {
		t.Error("the Store lists no more")
	}
	if _, ok := optional[transcript.Lister](watch(struct{ transcript.Store }{new(transcript.Memory)}, func() {})); ok {
		t.Error("a Store that does not list is taken for a Lister")
	}
}
