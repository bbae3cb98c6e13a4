package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/funcall/funcall/transcript"
)

// check runs the check and cancels it after [patience] without an acknowledged append. A slow
// Store may take longer in total.
func (c check) check(ctx context.Context, s transcript.Store) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timer := time.AfterFunc(patience, func() { cancel(errNoProgress) })
	defer timer.Stop()
	err := c.run(ctx, watch(s, func() { timer.Reset(patience) }))
	if context.Cause(ctx) == errNoProgress {
		return errors.Join(errNoProgress, err)
	}
	return err
}

// watch returns s with progress called after each append that succeeds.
func watch(s transcript.Store, progress func()) transcript.Store { return watched{s, progress} }

type watched struct {
	transcript.Store
	progress func()
}

func (w watched) Append(ctx context.Context, batch transcript.Batch) error {
	err := w.Store.Append(ctx, batch)
	if err == nil {
		w.progress()
	}
	return err
}

// optional returns s as a T, an interface that a Store may have. A watched Store has those of
// the Store inside it.
func optional[T any](s transcript.Store) (T, bool) {
	if w, ok := s.(watched); ok {
		s = w.Store
	}
	t, ok := s.(T)
	return t, ok
}
