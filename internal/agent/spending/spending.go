package spending

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/funcall/funcall/internal/agent/storable"
	"github.com/funcall/funcall/transcript"
)

// Timeout bounds one use of a ledger. Like an append, it is not canceled with the run: it would
// then be unknown what is spent.
const Timeout = 10 * time.Second

// Reserve reserves the amount. If accounts are full, it reserves nothing and returns the key of
// one of them. If ctx is done, it does nothing.
func Reserve(ctx context.Context, l transcript.Ledger, accounts []transcript.Account, amount transcript.Spend) (full string, err error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), Timeout)
	defer cancel()
	if full, err = l.Reserve(ctx, accounts, amount); err != nil {
		return "", fmt.Errorf("funcall: the budgets of the run cannot be reserved: %w", err)
	}
	return full, nil
}

// Settle adds the difference of what was spent and what was reserved. If that fails, it logs why,
// and what was reserved stays spent.
func Settle(ctx context.Context, log *slog.Logger, l transcript.Ledger, accounts []transcript.Account, difference transcript.Spend) {
	if difference == (transcript.Spend{}) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), Timeout)
	defer cancel()
	keys := make([]string, len(accounts))
	for i, a := range accounts {
		keys[i] = a.Key
	}
	if err := l.Settle(ctx, keys, difference); err != nil {
		log.LogAttrs(ctx, slog.LevelWarn, "budgets were not settled, the estimate stays spent", slog.String("error", storable.Reason(fmt.Sprint(err))))
	}
}
