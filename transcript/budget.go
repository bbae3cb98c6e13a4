package transcript

import (
	"context"
	"math"
	"sync"

	"github.com/funcall/funcall/provider"
)

// An Account counts what the runs of a budget have spent together. All accounts with one key
// are the same.
type Account struct {
	Key string `json:"key"`
	// Bound is the budget. A field of 0 is no bound.
	Bound Spend `json:"bound"`
}

// A Spend is an amount of tokens, input and output, and of money.
type Spend struct {
	Tokens int64          `json:"tokens,omitempty"`
	Cost   provider.Money `json:"cost,omitempty"`
}

// Plus returns the sum of s and t. A sum out of range becomes the nearest amount.
func (s Spend) Plus(t Spend) Spend {
	return Spend{plus(s.Tokens, t.Tokens), s.Cost.Add(t.Cost)}
}

// Minus returns the difference of s and t. A difference out of range becomes the nearest amount.
func (s Spend) Minus(t Spend) Spend {
	return Spend{minus(s.Tokens, t.Tokens), provider.Money(minus(int64(s.Cost), int64(t.Cost)))}
}

// plus returns a+b, or the int64 that is nearest to it.
func plus(a, b int64) int64 {
	switch {
	case b > 0 && a > math.MaxInt64-b:
		return math.MaxInt64
	case b < 0 && a < math.MinInt64-b:
		return math.MinInt64
	}
	return a + b
}

// minus returns a-b, or the int64 that is nearest to it.
func minus(a, b int64) int64 {
	switch {
	case b < 0 && a > math.MaxInt64+b:
		return math.MaxInt64
	case b > 0 && a < math.MinInt64+b:
		return math.MinInt64
	}
	return a - b
}

// Reaches reports whether s has reached the bound.
func (s Spend) Reaches(bound Spend) bool {
	return bound.Tokens > 0 && s.Tokens >= bound.Tokens || bound.Cost > 0 && s.Cost >= bound.Cost
}

// A Ledger keeps accounts. It is safe for concurrent use, also by several processes. A [Store]
// that is a Ledger, too, keeps the accounts of the runs that it stores: [Memory] is one, and so
// are the stores of package transcript/sqlstore. Package transcript/storetest checks these
// guarantees.
//
// A model call reserves an estimate before it begins, and settles the difference when it has
// ended. If its process is killed in between, the estimate stays spent: the model call may have
// to be paid for.
//
// A key is UTF-8 without NUL, 1 to 2500 bytes long. The keys of one call are distinct. What an
// account has spent is added up as [Spend.Plus] does: a sum out of range becomes the nearest
// amount, so a full account stays full.
type Ledger interface {
	// Reserve adds the amount to all accounts, or to none. If accounts have reached their
	// bounds, Reserve changes nothing and returns the key of one of them. Reservations at the
	// same time count one after the other, so together they exceed a bound by less than the
	// last amount.
	Reserve(ctx context.Context, accounts []Account, amount Spend) (full string, err error)
	// Settle adds the amount, which may be negative, to all accounts, or to none.
	Settle(ctx context.Context, keys []string, amount Spend) error
	// Spent returns what was spent on the account. An unknown account has spent nothing.
	Spent(ctx context.Context, key string) (Spend, error)
}

// Accounts is a [Ledger] in memory. The zero value is ready to use. It keeps each account as
// long as it lives itself.
type Accounts struct {
	mu    sync.Mutex
	spent map[string]Spend
}

// Reserve implements [Ledger].
func (a *Accounts) Reserve(ctx context.Context, accounts []Account, amount Spend) (full string, err error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, account := range accounts {
		if a.spent[account.Key].Reaches(account.Bound) {
			return account.Key, nil
		}
	}
	for _, account := range accounts {
		a.add(account.Key, amount)
	}
	return "", nil
}

// Settle implements [Ledger].
func (a *Accounts) Settle(ctx context.Context, keys []string, amount Spend) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, key := range keys {
		a.add(key, amount)
	}
	return nil
}

// Spent implements [Ledger].
func (a *Accounts) Spent(ctx context.Context, key string) (Spend, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.spent[key], ctx.Err()
}

func (a *Accounts) add(key string, amount Spend) {
	if a.spent == nil {
		a.spent = make(map[string]Spend)
	}
	a.spent[key] = a.spent[key].Plus(amount)
}
