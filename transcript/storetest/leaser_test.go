package storetest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall/transcript"
)

// A brokenLeaser breaks one guarantee: a method is replaced, or what it is given is changed.
type brokenLeaser struct {
	transcript.Memory
	acquire func(m *transcript.Memory, ctx context.Context, l transcript.Lease, from string, ttl time.Duration) (string, error)
	renew   func(m *transcript.Memory, ctx context.Context, l []transcript.Lease, ttl time.Duration) ([]transcript.Lease, error)
	release func(m *transcript.Memory, ctx context.Context, l transcript.Lease) error
	append  func(m *transcript.Memory, ctx context.Context, b transcript.Batch) error
}

func (b *brokenLeaser) Acquire(ctx context.Context, l transcript.Lease, from string, ttl time.Duration) (string, error) {
	if b.acquire == nil {
		return b.Memory.Acquire(ctx, l, from, ttl)
	}
	return b.acquire(&b.Memory, ctx, l, from, ttl)
}

func (b *brokenLeaser) Renew(ctx context.Context, l []transcript.Lease, ttl time.Duration) ([]transcript.Lease, error) {
	if b.renew == nil {
		return b.Memory.Renew(ctx, l, ttl)
	}
	return b.renew(&b.Memory, ctx, l, ttl)
}

func (b *brokenLeaser) Release(ctx context.Context, l transcript.Lease) error {
	if b.release == nil {
		return b.Memory.Release(ctx, l)
	}
	return b.release(&b.Memory, ctx, l)
}

func (b *brokenLeaser) Append(ctx context.Context, batch transcript.Batch) error {
	if b.append == nil {
		return b.Memory.Append(ctx, batch)
	}
	return b.append(&b.Memory, ctx, batch)
}

// Each leaser here breaks the contract in one way. The check for it must fail and say so.
func TestBrokenLeasersFail(t *testing.T) {
	for name, c := range map[string]struct {
		broken *brokenLeaser
		check  string
		says   string
	}{
		"a lease for each": {&brokenLeaser{acquire: func(m *transcript.Memory, ctx context.Context, l transcript.Lease, _ string, ttl time.Duration) (string, error) {
			return l.Worker, nil
		}}, "OneHolder", `Acquire of "x" by "b" returned "b"`},
		"release of another's": {&brokenLeaser{release: func(m *transcript.Memory, ctx context.Context, l transcript.Lease) error {
			for _, worker := range []string{"a", "b", "c"} {
				_ = m.Release(ctx, transcript.Lease{Session: l.Session, Worker: worker})
			}
			return nil
		}}, "OneHolder", `Acquire of "x" by "b" returned "b"`},
		"renewal of nothing": {&brokenLeaser{renew: func(m *transcript.Memory, ctx context.Context, l []transcript.Lease, ttl time.Duration) ([]transcript.Lease, error) {
			_, err := m.Acquire(ctx, l[0], "", ttl)
			return nil, err
		}}, "OneHolder", `want the lease to be held: false`},
		"expiry too soon": {&brokenLeaser{acquire: func(m *transcript.Memory, ctx context.Context, l transcript.Lease, from string, ttl time.Duration) (string, error) {
			return m.Acquire(ctx, l, from, max(ttl/100, 1))
		}}, "Expiry", "expired after"},
		"the gone one stays": {&brokenLeaser{acquire: func(m *transcript.Memory, ctx context.Context, l transcript.Lease, _ string, ttl time.Duration) (string, error) {
			return m.Acquire(ctx, l, "", ttl)
		}}, "GoneHolder", `Acquire by "b" from "a" returned "a"`},
		"any is taken over": {&brokenLeaser{acquire: func(m *transcript.Memory, ctx context.Context, l transcript.Lease, from string, ttl time.Duration) (string, error) {
			for _, worker := range []string{"a", "b"} {
				if from != "" {
					_ = m.Release(ctx, transcript.Lease{Session: l.Session, Worker: worker})
				}
			}
			return m.Acquire(ctx, l, from, ttl)
		}}, "GoneHolder", `Acquire by "b" from "c" returned "b"`},
		"appends lease nothing": {&brokenLeaser{append: func(m *transcript.Memory, ctx context.Context, b transcript.Batch) error {
			b.LeaseFor = 0
			return m.Append(ctx, b)
		}}, "AppendsTakeAndGiveBack", `Acquire of "x" by "b" returned "b"`},
		"appends of others": {&brokenLeaser{append: func(m *transcript.Memory, ctx context.Context, b transcript.Batch) error {
			_ = m.Release(ctx, transcript.Lease{Session: b.Session, Worker: "a"})
			return m.Append(ctx, b)
		}}, "OthersAppendNothing", `writer "b" appended at 0`},
		"a lease of no writer": {&brokenLeaser{append: func(m *transcript.Memory, ctx context.Context, b transcript.Batch) error {
			if b.Writer == "" {
				b.LeaseFor = 0
			}
			return m.Append(ctx, b)
		}}, "InvalidLeases", "takes a lease without a writer"},
		"names in any case": {&brokenLeaser{acquire: func(m *transcript.Memory, ctx context.Context, l transcript.Lease, from string, ttl time.Duration) (string, error) {
			return m.Acquire(ctx, transcript.Lease{Session: strings.ToLower(l.Session), Worker: l.Worker}, from, ttl)
		}}, "OddNames", `Acquire of "A"`},
		"after the context": {&brokenLeaser{acquire: func(m *transcript.Memory, ctx context.Context, l transcript.Lease, from string, ttl time.Duration) (string, error) {
			return m.Acquire(context.WithoutCancel(ctx), l, from, ttl)
		}}, "CanceledCalls", "with a canceled context"},
		"a refused append takes": {&brokenLeaser{append: func(m *transcript.Memory, ctx context.Context, b transcript.Batch) error {
			err := m.Append(ctx, b)
			if err != nil && b.LeaseFor > 0 {
				_, _ = m.Acquire(ctx, transcript.Lease{Session: b.Session, Worker: b.Writer}, "", b.LeaseFor)
			}
			return err
		}}, "RefusedAndRepeatedAppends", `Acquire of "x" by "b" returned "a"`},
		"a refused append gives back": {&brokenLeaser{append: func(m *transcript.Memory, ctx context.Context, b transcript.Batch) error {
			err := m.Append(ctx, b)
			if b.LeaseFor < 0 {
				_ = m.Release(ctx, transcript.Lease{Session: b.Session, Worker: b.Writer})
			}
			return err
		}}, "RefusedAndRepeatedAppends", `Acquire of "x" by "a" returned "a"`},
		"a repeated append takes": {&brokenLeaser{append: func(m *transcript.Memory, ctx context.Context, b transcript.Batch) error {
			err := m.Append(ctx, b)
			if err == nil && b.LeaseFor > 0 {
				_, _ = m.Acquire(ctx, transcript.Lease{Session: b.Session, Worker: b.Writer}, "a", b.LeaseFor)
			}
			return err
		}}, "RefusedAndRepeatedAppends", `Acquire of "x" by "a" returned "b"`},
		"leases of one length": {&brokenLeaser{acquire: func(m *transcript.Memory, ctx context.Context, l transcript.Lease, from string, _ time.Duration) (string, error) {
			return m.Acquire(ctx, l, from, time.Hour)
		}}, "Lengths", "waiting until the lease has expired"},
		"renewals of one length": {&brokenLeaser{renew: func(m *transcript.Memory, ctx context.Context, l []transcript.Lease, _ time.Duration) ([]transcript.Lease, error) {
			return m.Renew(ctx, l, time.Hour)
		}}, "Lengths", "waiting until the lease has expired"},
		"acquired again for nothing": {&brokenLeaser{acquire: func(m *transcript.Memory, ctx context.Context, l transcript.Lease, from string, ttl time.Duration) (string, error) {
			if lost, err := m.Renew(ctx, []transcript.Lease{l}, min(ttl, time.Millisecond)); err == nil && len(lost) == 0 {
				return l.Worker, nil
			}
			return m.Acquire(ctx, l, from, ttl)
		}}, "Lengths", "acquired again for an hour"},
		"kept when deleted": {&brokenLeaser{renew: func(m *transcript.Memory, ctx context.Context, l []transcript.Lease, ttl time.Duration) ([]transcript.Lease, error) {
			return nil, nil
		}}, "DeletedSession", "Renew"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, check := range leaserChecks {
				if check.name != c.check {
					continue
				}
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second) // for those that wait in vain
				defer cancel()
				if err := check.run(ctx, leasers{c.broken, c.broken}); err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("the check says %v, want %q", err, c.says)
				}
				return
			}
			t.Errorf("there is no check %s", c.check)
		})
	}
}
