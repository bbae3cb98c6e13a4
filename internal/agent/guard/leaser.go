package guard

import (
	"context"
	"log/slog"
	"time"

	"github.com/funcall/funcall/transcript"
)

// Leaser returns the store as a leaser that turns panics into errors. If the store is not a
// leaser, it returns nil.
func Leaser(log *slog.Logger, s transcript.Store) transcript.Leaser {
	if l, ok := s.(transcript.Leaser); ok {
		return leaser{l, log}
	}
	return nil
}

type leaser struct {
	inner transcript.Leaser
	log   *slog.Logger
}

func (l leaser) Acquire(ctx context.Context, lease transcript.Lease, from string, ttl time.Duration) (holder string, err error) {
	err = protect(l.log, func() (err error) {
		holder, err = l.inner.Acquire(ctx, lease, from, ttl)
		return err
	})
	return holder, err
}

func (l leaser) Renew(ctx context.Context, leases []transcript.Lease, ttl time.Duration) (lost []transcript.Lease, err error) {
	err = protect(l.log, func() (err error) {
		lost, err = l.inner.Renew(ctx, leases, ttl)
		return err
	})
	return lost, err
}

func (l leaser) Release(ctx context.Context, lease transcript.Lease) error {
	return protect(l.log, func() error { return l.inner.Release(ctx, lease) })
}
