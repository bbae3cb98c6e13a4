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

// watch returns s with progress called after each append that succeeds. If s is a Lister, so
// is the result.
func watch(s transcript.Store, progress func()) transcript.Store {
	w := watched{s, progress}
	if l, ok := s.(transcript.Lister); ok {
		return watchedLister{w, l}
	}
	return w
}

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

type watchedLister struct {
	watched
	transcript.Lister
}
