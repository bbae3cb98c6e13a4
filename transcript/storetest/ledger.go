package storetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// RunLedger checks the guarantees of [transcript.Ledger], each in a subtest: an amount is added
// to all accounts or to none, reservations at the same time see each other, amounts are
// exact, and a sum out of range becomes the nearest amount.
//
// open returns two Ledgers over the same accounts, empty at first, and closes them in t.Cleanup:
// two stores that have one database open, or the same Ledger twice if it keeps the accounts in
// memory. RunLedger uses them from up to 16 goroutines at once; run it with -race.
func RunLedger(t *testing.T, open func(t *testing.T) (l, other transcript.Ledger)) {
	for _, c := range ledgerChecks {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeoutCause(t.Context(), patience, fmt.Errorf("the check did not end within %v", patience))
			defer cancel()
			l, other := open(t)
			if err := c.run(ctx, ledgers{l, other}); err != nil {
				t.Error(errors.Join(context.Cause(ctx), err))
			}
		})
	}
}

// ledgers are two Ledgers over the same accounts.
type ledgers struct{ l, other transcript.Ledger }

// A ledgerCheck returns an error if Ledgers break a guarantee.
type ledgerCheck struct {
	name string
	run  func(context.Context, ledgers) error
}

var ledgerChecks = []ledgerCheck{
	{"UnknownAccount", checkUnknownAccount},
	{"Sums", checkSums},
	{"Extremes", checkExtremes},
	{"OddKeys", checkOddKeys},
	{"Bounds", checkBounds},
	{"AllOrNone", checkAllOrNone},
	{"CanceledCalls", checkCanceledCalls},
	{"ReservationsRace", checkReservationsRace},
	{"OppositeOrders", checkOppositeOrders},
}

// accounts returns accounts with those keys and no bound.
func accounts(keys ...string) (list []transcript.Account) {
	for _, key := range keys {
		list = append(list, transcript.Account{Key: key})
	}
	return list
}

// reserves reserves the amount, which must be accepted.
func reserves(ctx context.Context, l transcript.Ledger, amount transcript.Spend, list ...transcript.Account) error {
	if full, err := l.Reserve(ctx, list, amount); err != nil || full != "" {
		return fmt.Errorf("Reserve of %v in %v returned %q, %v; want no full account and no error", amount, list, full, err)
	}
	return nil
}

// spent checks that both Ledgers return want for each of the accounts.
func (ls ledgers) spent(ctx context.Context, want transcript.Spend, keys ...string) error {
	for _, key := range keys {
		for _, l := range []transcript.Ledger{ls.l, ls.other} {
			if got, err := l.Spent(ctx, key); err != nil || got != want {
				return fmt.Errorf("Spent(%.40q) returned %v, %v; want %v", key, got, err, want)
			}
		}
	}
	return nil
}

func checkUnknownAccount(ctx context.Context, ls ledgers) error {
	if err := ls.spent(ctx, transcript.Spend{}, "unknown"); err != nil {
		return err
	}
	// What is settled may be more than was ever reserved.
	if err := ls.l.Settle(ctx, []string{"unknown"}, transcript.Spend{Tokens: -3, Cost: -4}); err != nil {
		return fmt.Errorf("Settle of an unknown account: %w", err)
	}
	return ls.spent(ctx, transcript.Spend{Tokens: -3, Cost: -4}, "unknown")
}

// checkSums checks that amounts are added exactly, also those that a float64 cannot hold.
func checkSums(ctx context.Context, ls ledgers) error {
	const tokens, cost = 1<<53 + 1, 1_000_000*provider.Dollar + 1
	amount := transcript.Spend{Tokens: tokens, Cost: cost}
	err := errors.Join(
		reserves(ctx, ls.l, amount, accounts("a", "b")...),
		reserves(ctx, ls.other, amount, accounts("b")...),
		ls.other.Settle(ctx, []string{"a", "b"}, transcript.Spend{Tokens: -1, Cost: 2}),
		ls.l.Settle(ctx, nil, amount),
		reserves(ctx, ls.l, amount),
		ls.spent(ctx, transcript.Spend{Tokens: tokens - 1, Cost: cost + 2}, "a"),
		ls.spent(ctx, transcript.Spend{Tokens: 2*tokens - 1, Cost: 2*cost + 2}, "b"),
	)
	if err != nil {
		return err
	}
	if err := ls.l.Settle(ctx, []string{"a"}, transcript.Spend{Tokens: 1 - tokens, Cost: -2 - cost}); err != nil {
		return err
	}
	return ls.spent(ctx, transcript.Spend{}, "a")
}

// checkExtremes checks that sums out of range become the nearest amount, in both directions: an
// account that is full stays full.
func checkExtremes(ctx context.Context, ls ledgers) error {
	most := transcript.Spend{Tokens: math.MaxInt64, Cost: math.MaxInt64}
	least := transcript.Spend{Tokens: math.MinInt64, Cost: math.MinInt64}
	more, less := transcript.Spend{Tokens: 10, Cost: 10}, transcript.Spend{Tokens: -10, Cost: -10}
	full := transcript.Account{Key: "most", Bound: most}
	err := errors.Join(
		ls.l.Settle(ctx, []string{"most"}, transcript.Spend{Tokens: math.MaxInt64 - 5, Cost: math.MaxInt64 - 5}),
		reserves(ctx, ls.other, more, full),
		ls.spent(ctx, most, "most"),
		ls.l.Settle(ctx, []string{"most"}, most),
		ls.spent(ctx, most, "most"),
		ls.l.Settle(ctx, []string{"least"}, transcript.Spend{Tokens: math.MinInt64 + 5, Cost: math.MinInt64 + 5}),
		reserves(ctx, ls.other, less, accounts("least")...),
		ls.spent(ctx, least, "least"),
		ls.l.Settle(ctx, []string{"least"}, least),
		ls.spent(ctx, least, "least"),
	)
	if err != nil {
		return err
	}
	if key, err := ls.l.Reserve(ctx, []transcript.Account{full}, more); err != nil || key != "most" {
		return fmt.Errorf("Reserve in an account that has spent all returned %q, %v; want %q", key, err, "most")
	}
	// Each column is bounded for itself, and each end is a number like any other.
	if err := errors.Join(
		ls.l.Settle(ctx, []string{"most"}, transcript.Spend{Tokens: 1, Cost: -1}),
		ls.spent(ctx, transcript.Spend{Tokens: math.MaxInt64, Cost: math.MaxInt64 - 1}, "most"),
		ls.l.Settle(ctx, []string{"least"}, most),
	); err != nil {
		return err
	}
	return ls.spent(ctx, transcript.Spend{Tokens: -1, Cost: -1}, "least")
}

// checkOddKeys spends a different amount on each of many keys that a careless Ledger confuses.
func checkOddKeys(ctx context.Context, ls ledgers) error {
	keys := []string{
		"a", "A", " a", "a ", "a/", "a//", "a/b", "%", "_", "*", "'", `"`, `\`, "--", "$1", "{}", "0", "00",
		"é", "e\u0301", "ß", "ss", "日本", "🛒", strings.Repeat("x", 2499) + "y", strings.Repeat("x", 2499) + "z", strings.Repeat("é", 1250),
	}
	for i, key := range keys {
		if err := reserves(ctx, ls.l, transcript.Spend{Tokens: int64(i + 1)}, accounts(key)...); err != nil {
			return err
		}
	}
	for i, key := range keys {
		if err := ls.spent(ctx, transcript.Spend{Tokens: int64(i + 1)}, key); err != nil {
			return err
		}
	}
	return nil
}

// checkBounds reserves until each kind of bound is reached.
func checkBounds(ctx context.Context, ls ledgers) error {
	for name, c := range map[string]struct {
		bound  transcript.Spend
		amount transcript.Spend
		times  int // it is accepted
	}{
		"tokens":          {transcript.Spend{Tokens: 10}, transcript.Spend{Tokens: 4, Cost: 1000}, 3},
		"tokens, exactly": {transcript.Spend{Tokens: 8}, transcript.Spend{Tokens: 4}, 2},
		"cost":            {transcript.Spend{Cost: 10}, transcript.Spend{Tokens: 1000, Cost: 4}, 3},
		"both":            {transcript.Spend{Tokens: 100, Cost: 10}, transcript.Spend{Tokens: 50, Cost: 1}, 2},
		"at once":         {transcript.Spend{Tokens: 1}, transcript.Spend{Tokens: 1000}, 1},
	} {
		account := transcript.Account{Key: name, Bound: c.bound}
		for i := range c.times {
			if err := reserves(ctx, ls.l, c.amount, account); err != nil {
				return fmt.Errorf("%s: reservation %d: %w", name, i, err)
			}
		}
		for range 2 {
			if full, err := ls.other.Reserve(ctx, []transcript.Account{account}, c.amount); err != nil || full != name {
				return fmt.Errorf("%s: Reserve after the bound was reached returned %q, %v; want %q", name, full, err, name)
			}
		}
		want := transcript.Spend{Tokens: c.amount.Tokens * int64(c.times), Cost: c.amount.Cost * provider.Money(c.times)}
		if err := ls.spent(ctx, want, name); err != nil {
			return fmt.Errorf("after refused reservations: %w", err)
		}
		// Settling less makes room, and settling more is accepted beyond the bound.
		less := transcript.Spend{Tokens: -want.Tokens, Cost: -want.Cost}
		err := errors.Join(
			ls.l.Settle(ctx, []string{name}, less),
			reserves(ctx, ls.l, c.amount, account),
			ls.l.Settle(ctx, []string{name}, want),
			ls.spent(ctx, want.Plus(c.amount), name))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// checkAllOrNone has one full account among others: at each place, and before the others exist.
func checkAllOrNone(ctx context.Context, ls ledgers) error {
	amount := transcript.Spend{Tokens: 3, Cost: 5}
	full := transcript.Account{Key: "m", Bound: transcript.Spend{Tokens: 1}}
	if err := reserves(ctx, ls.l, amount, full); err != nil {
		return err
	}
	for _, list := range [][]transcript.Account{
		append(accounts("a", "z"), full),
		append([]transcript.Account{full}, accounts("z", "a")...),
		{{Key: "z"}, full, {Key: "a"}},
	} {
		if key, err := ls.l.Reserve(ctx, list, amount); err != nil || key != "m" {
			return fmt.Errorf("Reserve in %v returned %q, %v; want %q", list, key, err, "m")
		}
		if err := errors.Join(ls.spent(ctx, transcript.Spend{}, "a", "z"), ls.spent(ctx, amount, "m")); err != nil {
			return fmt.Errorf("after a reservation in %v, of which one is full: %w", list, err)
		}
	}
	return nil
}

func checkCanceledCalls(ctx context.Context, ls ledgers) error {
	amount := transcript.Spend{Tokens: 3}
	if err := reserves(ctx, ls.l, amount, accounts("a")...); err != nil {
		return err
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if full, err := ls.l.Reserve(gone, accounts("a"), amount); err == nil {
		return fmt.Errorf("Reserve with a canceled context returned %q and no error", full)
	}
	if err := ls.l.Settle(gone, []string{"a"}, amount); err == nil {
		return errors.New("Settle with a canceled context returned no error")
	}
	if got, err := ls.l.Spent(gone, "a"); err == nil && got != amount {
		return fmt.Errorf("Spent with a canceled context returned %v and no error; want %v or an error", got, amount)
	}
	return errors.Join(ls.spent(ctx, amount, "a"), reserves(ctx, ls.l, amount, accounts("a")...))
}

// checkReservationsRace has many goroutines spend two accounts until one is full. Each holds its
// reservation for a while and settles for less.
func checkReservationsRace(ctx context.Context, ls ledgers) error {
	const workers, bound, amount, actual = 16, 600, 50, 40
	var mu sync.Mutex
	calls := 0
	shared := transcript.Account{Key: "shared", Bound: transcript.Spend{Tokens: bound}}
	err := together(workers, func(w int) error {
		l := ls.l
		if w%2 == 1 {
			l = ls.other
		}
		list := append(accounts(fmt.Sprint("of ", w%3)), shared)
		for {
			full, err := l.Reserve(ctx, list, transcript.Spend{Tokens: amount})
			if err != nil || full == shared.Key {
				return err
			}
			if full != "" {
				return fmt.Errorf("Reserve returned %q, an account without a bound", full)
			}
			spent, err := l.Spent(ctx, shared.Key)
			if err != nil || spent.Tokens >= bound+amount {
				return fmt.Errorf("during reservations at the same time, Spent returned %v, %v; want less than the bound %d and one amount of %d", spent, err, bound, amount)
			}
			mu.Lock()
			calls++
			mu.Unlock()
			if err := l.Settle(ctx, []string{shared.Key, list[0].Key}, transcript.Spend{Tokens: actual - amount}); err != nil {
				return err
			}
		}
	})
	if err != nil {
		return err
	}
	sum := transcript.Spend{}
	for i := range 3 {
		spent, err := ls.other.Spent(ctx, fmt.Sprint("of ", i))
		if err != nil {
			return err
		}
		sum = sum.Plus(spent)
	}
	want := transcript.Spend{Tokens: int64(calls * actual)}
	if sum != want {
		return fmt.Errorf("%d calls of %d tokens were spent on three accounts, which have %v together", calls, actual, sum)
	}
	return ls.spent(ctx, want, shared.Key)
}

// checkOppositeOrders has goroutines name the same accounts in opposite orders: a Ledger that
// locks them in that order comes to a deadlock.
func checkOppositeOrders(ctx context.Context, ls ledgers) error {
	const workers, rounds = 8, 20
	err := together(workers, func(w int) error {
		l, keys := ls.l, []string{"a", "b", "c"}
		if w%2 == 1 {
			l, keys = ls.other, []string{"c", "b", "a"}
		}
		for range rounds {
			if err := reserves(ctx, l, transcript.Spend{Tokens: 2}, accounts(keys...)...); err != nil {
				return err
			}
			if err := l.Settle(ctx, keys, transcript.Spend{Tokens: -1}); err != nil {
				return fmt.Errorf("Settle of accounts that others settle, too: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return ls.spent(ctx, transcript.Spend{Tokens: workers * rounds}, "a", "b", "c")
}
