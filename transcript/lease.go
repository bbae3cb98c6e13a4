package transcript

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Lease names a session, and the worker that may run it until the lease expires. The worker
// is the [Batch.Writer] of that worker's appends to the session.
type Lease struct {
	Session string
	Worker  string
}

// A Leaser is a [Store] that gives each session to one worker at a time. So a worker knows
// whether the one before it is alive, without a guess from the age of the last entry. [Memory]
// is one, and so are the stores of package transcript/sqlstore. Package transcript/storetest
// checks these guarantees.
//
// A lease expires by the store's clock: that of the Postgres server, or, for SQLite and Memory,
// that of the machine. Workers' own clocks do not count. While a lease has not expired, the
// store refuses each append of another writer that begins, with [ErrConflict]. So a worker that
// has lost its lease to another appends nothing, however late it finds out. An append that began
// before the other worker got the lease may still be written, and leaves that lease alone.
//
// An append takes or extends the lease of its writer, or gives it back: see [Batch.LeaseFor].
// The methods are for what happens between appends. All workers of a store must use leases: a
// session without a lease looks as if its worker were gone.
type Leaser interface {
	// Acquire gives the session to l.Worker for ttl from now, and returns the worker that now
	// has it: l.Worker, or another whose lease has not expired. If that other is from, the
	// caller knows that it is gone, and Acquire takes its lease as expired. The worker must not
	// be "".
	Acquire(ctx context.Context, l Lease, from string, ttl time.Duration) (holder string, err error)
	// Renew extends the leases to ttl from now, and returns those that their workers do not have.
	// It extends an expired lease that no other worker has taken. The sessions are distinct. After
	// an error, some may have been extended.
	Renew(ctx context.Context, leases []Lease, ttl time.Duration) (lost []Lease, err error)
	// Release gives the session back. If the worker does not have it, Release changes nothing.
	Release(ctx context.Context, l Lease) error
}

// A holding is a lease in memory. It expires by the monotonic clock.
type holding struct {
	worker string
	until  time.Time
}

// byAnother reports whether another worker has the session.
func (h holding) byAnother(worker string) bool {
	return h.worker != "" && h.worker != worker && time.Now().Before(h.until)
}

// Acquire implements [Leaser].
func (m *Memory) Acquire(ctx context.Context, l Lease, from string, ttl time.Duration) (holder string, err error) {
	if err := errors.Join(ctx.Err(), l.check(ttl)); err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if h := m.leases[l.Session]; h.byAnother(l.Worker) && h.worker != from {
		return h.worker, nil
	}
	m.lease(l, ttl)
	return l.Worker, nil
}

// Renew implements [Leaser].
func (m *Memory) Renew(ctx context.Context, leases []Lease, ttl time.Duration) (lost []Lease, err error) {
	err = ctx.Err()
	for _, l := range leases {
		err = errors.Join(err, l.check(ttl))
	}
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range leases {
		if m.leases[l.Session].worker == l.Worker {
			m.lease(l, ttl)
		} else {
			lost = append(lost, l)
		}
	}
	return lost, nil
}

// Release implements [Leaser].
func (m *Memory) Release(ctx context.Context, l Lease) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lease(l, -1)
	return nil
}

// lease gives the session to the worker for ttl, or takes it from the worker if that is negative.
func (m *Memory) lease(l Lease, ttl time.Duration) {
	switch {
	case ttl > 0:
		if m.leases == nil {
			m.leases = make(map[string]holding)
		}
		m.leases[l.Session] = holding{l.Worker, time.Now().Add(ttl)}
	case ttl < 0 && m.leases[l.Session].worker == l.Worker:
		delete(m.leases, l.Session)
	}
}

// check returns an error if the lease has no session or no worker, or ends before it begins.
func (l Lease) check(ttl time.Duration) error {
	switch {
	case l.Session == "" || l.Worker == "":
		return fmt.Errorf("transcript: a lease needs a session and a worker: got session %q and worker %q", l.Session, l.Worker)
	case ttl <= 0:
		return fmt.Errorf("transcript: a lease of %v has expired already: use a positive duration", ttl)
	}
	return nil
}
