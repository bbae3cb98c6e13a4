package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/funcall/funcall/transcript"
)

// A LeasedStore is a [transcript.Store] that gives sessions to one worker at a time.
type LeasedStore interface {
	transcript.Store
	transcript.Leaser
}

// RunLeaser checks the guarantees of [transcript.Leaser], each in a subtest: one worker has a
// session, an expired lease can be taken, and no other worker's append is accepted.
//
// open returns two stores over the same sessions, empty at first, and closes them in t.Cleanup:
// two that have one database open, or the same one twice if it keeps the sessions in memory.
// RunLeaser uses them from up to 16 goroutines at once; run it with -race. It waits until some
// leases expire, half a second in all.
func RunLeaser(t *testing.T, open func(t *testing.T) (s, other LeasedStore)) {
	for _, c := range leaserChecks {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeoutCause(t.Context(), patience, fmt.Errorf("the check did not end within %v", patience))
			defer cancel()
			s, other := open(t)
			if err := c.run(ctx, leasers{s, other}); err != nil {
				t.Error(errors.Join(context.Cause(ctx), err))
			}
		})
	}
}

// leasers are two stores over the same sessions.
type leasers struct{ s, other LeasedStore }

// A leaserCheck returns an error if stores break a guarantee.
type leaserCheck struct {
	name string
	run  func(context.Context, leasers) error
}

var leaserChecks = []leaserCheck{
	{"OneHolder", checkOneHolder},
	{"Expiry", checkExpiry},
	{"GoneHolder", checkGoneHolder},
	{"AppendsTakeAndGiveBack", checkLeasedAppends},
	{"OthersAppendNothing", checkFenced},
	{"RefusedAndRepeatedAppends", checkNothingWritten},
	{"Lengths", checkLengths},
	{"OddNames", checkLeaseNames},
	{"InvalidLeases", checkInvalidLeases},
	{"CanceledCalls", checkCanceledLeases},
	{"WorkersRace", checkLeaseRace},
	{"DeletedSession", checkLeaseOfDeleted},
}

const long = time.Hour // longer than any check

// acquires checks which worker has the session after worker asked for it.
func acquires(ctx context.Context, s transcript.Leaser, session, worker, want string) error {
	got, err := s.Acquire(ctx, transcript.Lease{Session: session, Worker: worker}, "", long)
	if err != nil || got != want {
		return fmt.Errorf("Acquire of %.40q by %q returned %q, %v; want %q", session, worker, got, err, want)
	}
	return nil
}

// renews checks whether worker can extend its lease.
func renews(ctx context.Context, s transcript.Leaser, session, worker string, want bool) error {
	lease := transcript.Lease{Session: session, Worker: worker}
	lost, err := s.Renew(ctx, []transcript.Lease{lease}, long)
	if err != nil || (len(lost) == 0) != want || len(lost) > 0 && lost[0] != lease {
		return fmt.Errorf("Renew of %.40q by %q returned %v, %v; want the lease to be held: %t", session, worker, lost, err, want)
	}
	return nil
}

func checkOneHolder(ctx context.Context, l leasers) error {
	return errors.Join(
		renews(ctx, l.s, "x", "a", false),
		acquires(ctx, l.s, "x", "a", "a"),
		acquires(ctx, l.other, "x", "b", "a"),
		acquires(ctx, l.other, "x", "a", "a"), // again
		renews(ctx, l.other, "x", "a", true),
		renews(ctx, l.other, "x", "b", false),
		acquires(ctx, l.other, "y", "b", "b"),
		l.s.Release(ctx, transcript.Lease{Session: "x", Worker: "b"}), // which has it not
		acquires(ctx, l.s, "x", "b", "a"),
		l.other.Release(ctx, transcript.Lease{Session: "x", Worker: "a"}),
		l.other.Release(ctx, transcript.Lease{Session: "x", Worker: "a"}),
		renews(ctx, l.s, "x", "a", false),
		acquires(ctx, l.s, "x", "b", "b"),
		acquires(ctx, l.s, "y", "a", "b"),
	)
}

// checkExpiry waits for leases to expire, however long that takes.
func checkExpiry(ctx context.Context, l leasers) error {
	const short = 50 * time.Millisecond
	began := time.Now() // no lease begins earlier
	for _, session := range []string{"taken", "renewed"} {
		if got, err := l.s.Acquire(ctx, transcript.Lease{Session: session, Worker: "a"}, "", short); err != nil || got != "a" {
			return fmt.Errorf("Acquire returned %q, %v", got, err)
		}
	}
	for holder := "a"; holder != "b"; {
		var err error
		if holder, err = l.other.Acquire(ctx, transcript.Lease{Session: "taken", Worker: "b"}, "", long); err != nil {
			return err
		}
	}
	if took := time.Since(began); took < short-2*time.Millisecond { // a store may round
		return fmt.Errorf("a lease of %v expired after %v", short, took)
	}
	return errors.Join(
		renews(ctx, l.s, "taken", "a", false),
		renews(ctx, l.s, "renewed", "a", true), // no other worker took it
		acquires(ctx, l.other, "renewed", "b", "a"),
	)
}

// checkGoneHolder takes over from a worker that the caller knows to be gone.
func checkGoneHolder(ctx context.Context, l leasers) error {
	if err := acquires(ctx, l.s, "x", "a", "a"); err != nil {
		return err
	}
	for _, c := range []struct{ worker, from, want string }{
		{"b", "c", "a"}, // another is gone
		{"b", "a", "b"},
		{"c", "a", "b"}, // a has it no more
	} {
		got, err := l.other.Acquire(ctx, transcript.Lease{Session: "x", Worker: c.worker}, c.from, long)
		if err != nil || got != c.want {
			return fmt.Errorf("Acquire by %q from %q returned %q, %v; want %q", c.worker, c.from, got, err, c.want)
		}
	}
	return renews(ctx, l.s, "x", "a", false)
}

// leasedTo appends an entry as the writer, with a lease of that length.
func leasedTo(ctx context.Context, s transcript.Store, writer string, at int, d time.Duration) error {
	return s.Append(ctx, transcript.Batch{Session: "x", At: at, Writer: writer, LeaseFor: d, Entries: []transcript.Entry{said("%d", at)}})
}

func checkLeasedAppends(ctx context.Context, l leasers) error {
	return errors.Join(
		leasedTo(ctx, l.s, "a", 0, long), // the first append of the session
		acquires(ctx, l.other, "x", "b", "a"),
		leasedTo(ctx, l.s, "a", 1, long),
		acquires(ctx, l.other, "x", "b", "a"),
		leasedTo(ctx, l.s, "a", 2, 0),
		acquires(ctx, l.other, "x", "b", "a"), // which changed nothing
		leasedTo(ctx, l.s, "a", 3, -1),        // gives it back
		renews(ctx, l.s, "x", "a", false),
		leasedTo(ctx, l.other, "b", 4, long), // a later one
		acquires(ctx, l.s, "x", "a", "b"),
		l.s.Append(ctx, transcript.Batch{Session: "x", At: 5, Writer: "b", LeaseFor: -1}), // without entries
		acquires(ctx, l.s, "x", "a", "b"),
		l.s.Release(ctx, transcript.Lease{Session: "x", Worker: "b"}),
		acquires(ctx, l.s, "x", "c", "c"),
		leasedTo(ctx, l.s, "c", 5, time.Millisecond), // may be shorter than before
		holds(ctx, l.other, "x", []transcript.Entry{said("0"), said("1"), said("2"), said("3"), said("4"), said("5")}),
	)
}

// checkFenced checks that while a worker has a session, no other writer appends to it.
func checkFenced(ctx context.Context, l leasers) error {
	if err := acquires(ctx, l.s, "x", "a", "a"); err != nil { // before the session has entries
		return err
	}
	for at := range 2 {
		for _, writer := range []string{"b", ""} {
			err := l.other.Append(ctx, transcript.Batch{Session: "x", At: at, Writer: writer, Entries: []transcript.Entry{said("no")}})
			if !errors.Is(err, transcript.ErrConflict) {
				return fmt.Errorf("writer %q appended at %d to a session that is leased to another: %v", writer, at, err)
			}
		}
		if err := leasedTo(ctx, l.s, "a", at, long); err != nil {
			return err
		}
	}
	// A repeated append is recognized, although another has the session now.
	if err := l.s.Release(ctx, transcript.Lease{Session: "x", Worker: "a"}); err != nil {
		return err
	}
	return errors.Join(
		acquires(ctx, l.other, "x", "b", "b"),
		leasedTo(ctx, l.s, "a", 1, 0),
		renews(ctx, l.other, "x", "b", true),
		holds(ctx, l.s, "x", []transcript.Entry{said("0"), said("1")}),
	)
}

// checkNothingWritten checks that appends that write nothing leave leases alone: refused ones, and
// repeated ones that the store recognizes.
func checkNothingWritten(ctx context.Context, l leasers) error {
	refused := func(writer string, d time.Duration) error {
		if err := leasedTo(ctx, l.s, writer, 5, d); !errors.Is(err, transcript.ErrConflict) {
			return fmt.Errorf("an append at the wrong position returned %v", err)
		}
		return nil
	}
	return errors.Join(
		refused("a", long), // takes nothing
		acquires(ctx, l.other, "x", "b", "b"),
		refused("b", -1), // gives nothing back
		acquires(ctx, l.s, "x", "a", "b"),
		leasedTo(ctx, l.s, "b", 0, long),
		leasedTo(ctx, l.other, "b", 0, -1), // recognized: gives nothing back
		acquires(ctx, l.s, "x", "a", "b"),
		l.s.Release(ctx, transcript.Lease{Session: "x", Worker: "b"}),
		leasedTo(ctx, l.other, "b", 0, long), // recognized: takes nothing
		acquires(ctx, l.s, "x", "a", "a"),
		leasedTo(ctx, l.other, "b", 0, long), // nor from another
		renews(ctx, l.s, "x", "a", true),
	)
}

// checkLengths checks how long leases last. It waits until those that must be short have expired.
func checkLengths(ctx context.Context, l leasers) error {
	const short = time.Millisecond
	lease := func(session string) transcript.Lease { return transcript.Lease{Session: session, Worker: "a"} }
	for session, take := range map[string]func() error{
		"acquired": func() error { _, err := l.s.Acquire(ctx, lease("acquired"), "", short); return err },
		"shortened": func() error {
			_, err1 := l.s.Acquire(ctx, lease("shortened"), "", long)
			_, err2 := l.s.Acquire(ctx, lease("shortened"), "", short)
			return errors.Join(err1, err2)
		},
		"renewed": func() error {
			_, err1 := l.s.Acquire(ctx, lease("renewed"), "", long)
			_, err2 := l.s.Renew(ctx, []transcript.Lease{lease("renewed")}, short)
			return errors.Join(err1, err2)
		},
		"appended": func() error {
			return l.s.Append(ctx, transcript.Batch{Session: "appended", Writer: "a", LeaseFor: short, Entries: []transcript.Entry{said("0")}})
		},
	} {
		if err := take(); err != nil {
			return fmt.Errorf("%s: %w", session, err)
		}
		for holder := "a"; holder != "b"; {
			var err error
			if holder, err = l.other.Acquire(ctx, transcript.Lease{Session: session, Worker: "b"}, "", long); err != nil {
				return fmt.Errorf("%s: waiting until the lease has expired: %w", session, err)
			}
		}
	}
	for session, extend := range map[string]func() error{
		"acquired again": func() error { return acquires(ctx, l.s, "acquired again", "a", "a") },
		"renewed again":  func() error { return renews(ctx, l.s, "renewed again", "a", true) },
		"appended again": func() error {
			return l.s.Append(ctx, transcript.Batch{Session: "appended again", Writer: "a", LeaseFor: long, Entries: []transcript.Entry{said("0")}})
		},
	} {
		if _, err := l.s.Acquire(ctx, lease(session), "", 30*time.Millisecond); err != nil {
			return err
		}
		began := time.Now()
		if err := extend(); err != nil {
			return err
		}
		for time.Since(began) < 60*time.Millisecond {
			if err := acquires(ctx, l.other, session, "b", "a"); err != nil {
				return fmt.Errorf("%s for an hour: %w", session, err)
			}
		}
	}
	// An expired lease stands in the way of no append.
	if _, err := l.s.Acquire(ctx, lease("expired"), "", short); err != nil {
		return err
	}
	for {
		err := l.other.Append(ctx, transcript.Batch{Session: "expired", Writer: "b", Entries: []transcript.Entry{said("0")}})
		if !errors.Is(err, transcript.ErrConflict) {
			return err
		}
	}
}

func checkLeaseNames(ctx context.Context, l leasers) error {
	names := []string{"a", "A", " a", "a ", "%", "'", `"`, "é", "e\u0301", "日本", strings.Repeat("x", 499) + "y", strings.Repeat("x", 499) + "z"}
	for _, name := range names {
		if err := acquires(ctx, l.s, name, name, name); err != nil {
			return err
		}
	}
	for _, name := range names {
		for _, worker := range names {
			if err := acquires(ctx, l.other, name, worker, name); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkInvalidLeases(ctx context.Context, l leasers) error {
	for _, c := range []struct {
		lease transcript.Lease
		ttl   time.Duration
	}{{transcript.Lease{Session: "x"}, long}, {transcript.Lease{Worker: "a"}, long}, {transcript.Lease{Session: "x", Worker: "a"}, 0}, {transcript.Lease{Session: "x", Worker: "a"}, -1}} {
		if _, err := l.s.Acquire(ctx, c.lease, "", c.ttl); err == nil && c.lease.Session != "" {
			return fmt.Errorf("Acquire of %+v for %v returned no error", c.lease, c.ttl)
		}
		if _, err := l.s.Renew(ctx, []transcript.Lease{c.lease}, c.ttl); err == nil && c.lease.Session != "" {
			return fmt.Errorf("Renew of %+v for %v returned no error", c.lease, c.ttl)
		}
	}
	if err := leasedTo(ctx, l.s, "", 0, long); err == nil || errors.Is(err, transcript.ErrConflict) {
		return fmt.Errorf("an append that takes a lease without a writer returned %v, want an error", err)
	}
	return errors.Join(holds(ctx, l.s, "x", nil), acquires(ctx, l.s, "x", "b", "b"))
}

func checkCanceledLeases(ctx context.Context, l leasers) error {
	over, cancel := context.WithCancel(ctx)
	cancel()
	lease := transcript.Lease{Session: "x", Worker: "a"}
	_, err1 := l.s.Acquire(over, lease, "", long)
	_, err2 := l.s.Renew(over, []transcript.Lease{lease}, long)
	if err3 := l.s.Release(over, lease); !errors.Is(err1, context.Canceled) || !errors.Is(err2, context.Canceled) || !errors.Is(err3, context.Canceled) {
		return fmt.Errorf("with a canceled context, got %v, %v, %v", err1, err2, err3)
	}
	return acquires(ctx, l.s, "x", "b", "b")
}

// checkLeaseRace has workers of both stores want a session at the same time. In each round one
// of them gets it, and all others are told which.
func checkLeaseRace(ctx context.Context, l leasers) error {
	const workers, rounds = 16, 20
	for round := range rounds {
		session := fmt.Sprint("x", round)
		got := make([]string, workers)
		errs := make([]error, workers)
		var wg sync.WaitGroup
		for i := range workers {
			wg.Go(func() {
				s := []LeasedStore{l.s, l.other}[i%2]
				worker := fmt.Sprint("w", i)
				got[i], errs[i] = s.Acquire(ctx, transcript.Lease{Session: session, Worker: worker}, "", long)
				if err := s.Append(ctx, transcript.Batch{Session: session, Writer: worker, LeaseFor: long, Entries: []transcript.Entry{said("%s", worker)}}); (err == nil) != (got[i] == worker) {
					errs[i] = errors.Join(errs[i], fmt.Errorf("worker %q appended (%v) to a session of %q", worker, err, got[i]))
				}
			})
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			return err
		}
		for i := range got {
			if got[i] == "" || got[i] != got[0] {
				return fmt.Errorf("the workers believe that %q have the session", got)
			}
		}
		if err := holds(ctx, l.other, session, []transcript.Entry{said("%s", got[0])}); err != nil {
			return err
		}
	}
	return nil
}

// checkLeaseOfDeleted checks that Delete ends the lease, and that its worker appends nothing.
func checkLeaseOfDeleted(ctx context.Context, l leasers) error {
	deleter, ok := optional[transcript.Deleter](l.other)
	if !ok {
		return nil
	}
	if err := leasedTo(ctx, l.s, "a", 0, long); err != nil {
		return err
	}
	if err := deleter.Delete(ctx, "x"); err != nil {
		return err
	}
	if err := leasedTo(ctx, l.s, "a", 1, long); !errors.Is(err, transcript.ErrDeleted) {
		return fmt.Errorf("an append to a deleted session returned %v, want transcript.ErrDeleted", err)
	}
	return renews(ctx, l.s, "x", "a", false)
}
