package guard

import (
	"context"
	"log/slog"

	"github.com/funcall/funcall/transcript"
)

// Ledger returns the store as a ledger that turns panics into errors. If the store is not
// a ledger, it returns new accounts in memory.
func Ledger(log *slog.Logger, s transcript.Store) transcript.Ledger {
	l, ok := s.(transcript.Ledger)
	if !ok {
		return new(transcript.Accounts)
	}
	return ledger{l, log}
}

type ledger struct {
	inner transcript.Ledger
	log   *slog.Logger
}

func (l ledger) Reserve(ctx context.Context, accounts []transcript.Account, amount transcript.Spend) (full string, err error) {
	err = protect(l.log, func() (err error) {
		full, err = l.inner.Reserve(ctx, accounts, amount)
		return err
	})
	return full, err
}

func (l ledger) Settle(ctx context.Context, keys []string, amount transcript.Spend) error {
	return protect(l.log, func() error { return l.inner.Settle(ctx, keys, amount) })
}

func (l ledger) Spent(ctx context.Context, key string) (spent transcript.Spend, err error) {
	err = protect(l.log, func() (err error) {
		spent, err = l.inner.Spent(ctx, key)
		return err
	})
	return spent, err
}
