package storetest

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/funcall/funcall/transcript"
)

// A brokenLedger breaks one guarantee: Reserve or Settle is replaced.
type brokenLedger struct {
	transcript.Accounts
	reserve func(l *transcript.Accounts, ctx context.Context, accounts []transcript.Account, amount transcript.Spend) (string, error)
	settle  func(l *transcript.Accounts, ctx context.Context, keys []string, amount transcript.Spend) error
	key     func(string) string
}

func (b *brokenLedger) Reserve(ctx context.Context, accounts []transcript.Account, amount transcript.Spend) (string, error) {
	if b.key != nil {
		accounts = slices.Clone(accounts)
		for i := range accounts {
			accounts[i].Key = b.key(accounts[i].Key)
		}
	}
	if b.reserve == nil {
		return b.Accounts.Reserve(ctx, accounts, amount)
	}
	return b.reserve(&b.Accounts, ctx, accounts, amount)
}

func (b *brokenLedger) Settle(ctx context.Context, keys []string, amount transcript.Spend) error {
	if b.settle == nil {
		return b.Accounts.Settle(ctx, keys, amount)
	}
	return b.settle(&b.Accounts, ctx, keys, amount)
}

func (b *brokenLedger) Spent(ctx context.Context, key string) (transcript.Spend, error) {
	if b.key != nil {
		key = b.key(key)
	}
	return b.Accounts.Spent(ctx, key)
}

// Each ledger here breaks the contract in one way. The check for it must fail and say so.
func TestBrokenLedgersFail(t *testing.T) {
	type reserve = func(*transcript.Accounts, context.Context, []transcript.Account, transcript.Spend) (string, error)
	type settle = func(*transcript.Accounts, context.Context, []string, transcript.Spend) error
	oneByOne := reserve(func(l *transcript.Accounts, ctx context.Context, accounts []transcript.Account, amount transcript.Spend) (string, error) {
		for i := range accounts {
			if full, err := l.Reserve(ctx, accounts[i:i+1], amount); full != "" || err != nil {
				return full, err
			}
		}
		return "", nil
	})
	unlocked := reserve(func(l *transcript.Accounts, ctx context.Context, accounts []transcript.Account, amount transcript.Spend) (string, error) {
		if full, err := l.Reserve(ctx, accounts, transcript.Spend{}); full != "" || err != nil {
			return full, err
		}
		for range 100 {
			runtime.Gosched()
		}
		keys := []string{}
		for _, a := range accounts {
			keys = append(keys, a.Key)
		}
		return "", l.Settle(ctx, keys, amount)
	})
	unbounded := reserve(func(l *transcript.Accounts, ctx context.Context, list []transcript.Account, amount transcript.Spend) (string, error) {
		list = slices.Clone(list)
		for i := range list {
			list[i].Bound = transcript.Spend{}
		}
		return l.Reserve(ctx, list, amount)
	})
	tokensOnly := reserve(func(l *transcript.Accounts, ctx context.Context, list []transcript.Account, amount transcript.Spend) (string, error) {
		list = slices.Clone(list)
		for i := range list {
			list[i].Bound.Cost = 0
		}
		return l.Reserve(ctx, list, amount)
	})
	deaf := reserve(func(l *transcript.Accounts, ctx context.Context, list []transcript.Account, amount transcript.Spend) (string, error) {
		return l.Reserve(context.WithoutCancel(ctx), list, amount)
	})
	floating := settle(func(l *transcript.Accounts, ctx context.Context, keys []string, amount transcript.Spend) error {
		for _, key := range keys {
			have, err := l.Spent(ctx, key)
			if err != nil {
				return err
			}
			sum := transcript.Spend{Tokens: int64(float64(have.Tokens) + float64(amount.Tokens)), Cost: have.Cost + amount.Cost}
			if err := l.Settle(ctx, []string{key}, sum.Minus(have)); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
	wrapping := settle(func(l *transcript.Accounts, ctx context.Context, keys []string, amount transcript.Spend) error {
		for _, key := range keys {
			have, err := l.Spent(ctx, key)
			if err != nil {
				return err
			}
			sum := transcript.Spend{Tokens: have.Tokens + amount.Tokens, Cost: have.Cost + amount.Cost}
			if err := l.Settle(ctx, []string{key}, sum.Minus(have)); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
	known := settle(func(l *transcript.Accounts, ctx context.Context, keys []string, amount transcript.Spend) error {
		keys = slices.DeleteFunc(slices.Clone(keys), func(key string) bool {
			have, err := l.Spent(ctx, key)
			return err == nil && have == transcript.Spend{}
		})
		return l.Settle(ctx, keys, amount)
	})
	for name, c := range map[string]struct {
		check string
		want  string // part of the error
		l     *brokenLedger
	}{
		"settles known accounts alone":     {"UnknownAccount", `Spent("unknown") returned {0 $0.00}`, &brokenLedger{settle: known}},
		"adds in floating point":           {"Sums", `Spent("a")`, &brokenLedger{settle: floating}},
		"wraps":                            {"Extremes", `Spent("most")`, &brokenLedger{settle: wrapping}},
		"keys in lower case":               {"OddKeys", `Spent("a")`, &brokenLedger{key: strings.ToLower}},
		"keys of 255 bytes":                {"OddKeys", "xxx", &brokenLedger{key: func(s string) string { return s[:min(len(s), 255)] }}},
		"no bounds":                        {"Bounds", `after the bound was reached returned ""`, &brokenLedger{reserve: unbounded}},
		"bounds of tokens alone":           {"Bounds", `after the bound was reached returned ""`, &brokenLedger{reserve: tokensOnly}},
		"reserves account by account":      {"AllOrNone", "of which one is full", &brokenLedger{reserve: oneByOne}},
		"ignores a canceled context":       {"CanceledCalls", "no error", &brokenLedger{reserve: deaf}},
		"checks the bound, and adds later": {"ReservationsRace", "want less than the bound", &brokenLedger{reserve: unlocked}},
	} {
		t.Run(name, func(t *testing.T) {
			i := slices.IndexFunc(ledgerChecks, func(k ledgerCheck) bool { return k.name == c.check })
			if i < 0 {
				t.Fatalf("there is no check %q", c.check)
			}
			err := ledgerChecks[i].run(t.Context(), ledgers{c.l, c.l})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s says %v, want %q", c.check, err, c.want)
			}
		})
	}
}
