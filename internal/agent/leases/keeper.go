package leases

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/funcall/funcall/transcript"
)

// A Keeper keeps the lease of one session for one run. It is the run's store: each append
// extends the lease, and the one that ends the run gives it back. Between appends a timer
// renews it, so a run that waits has no goroutine for it.
type Keeper struct {
	transcript.Store
	leaser transcript.Leaser
	set    *Set
	lease  transcript.Lease
	ctx    context.Context // of the run, which does not cancel what is done for the lease

	mu       sync.Mutex
	state    state
	since    time.Time   // when it was last extended, at the latest
	timer    *time.Timer // renews it; nil until the first append
	stop     context.CancelFunc
	unsure   time.Time  // when an append began whose outcome is not known, or zero
	ending   bool       // the last append gives the lease back
	renewing sync.Mutex // held by the timer's goroutine
}

// A state is what a keeper knows of its lease.
type state uint8

const (
	unheld state = iota // not taken yet, or given back
	held
	lost // to another worker
)

// Worker returns the name of the worker, for the run's appends.
func (k *Keeper) Worker() string { return k.lease.Worker }

// Acquire takes the session. If another worker has it and may be alive, Acquire returns an
// error that matches busy.
func (k *Keeper) Acquire(ctx context.Context, busy error) error {
	from := ""
	for {
		began := time.Now()
		holder, err := k.leaser.Acquire(ctx, k.lease, from, k.set.TTL)
		if err != nil {
			return err
		}
		if holder == k.lease.Worker {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.extend(began)
			return nil
		}
		if from == holder || !gone(holder) {
			return fmt.Errorf("%w: worker %s has its lease", busy, holder)
		}
		from = holder
	}
}

// Append appends the entries, and extends the lease unless they end the run.
func (k *Keeper) Append(ctx context.Context, b transcript.Batch) error {
	b.LeaseFor = k.set.TTL
	if n := len(b.Entries); n > 0 && ends(b.Entries[n-1].Body) {
		b.LeaseFor = -1
	}
	began, repeats := k.offer(b.LeaseFor < 0)
	err := k.Store.Append(ctx, b)
	k.mu.Lock()
	defer k.mu.Unlock()
	if err == nil || errors.Is(err, transcript.ErrConflict) || errors.Is(err, transcript.ErrDeleted) {
		k.unsure = time.Time{}
	}
	switch {
	case err != nil:
		return err
	case b.LeaseFor < 0:
		k.leave(unheld)
	case k.state != lost || !repeats:
		k.extend(began)
	}
	return nil
}

// offer notes that an append begins. If the outcome of the one before is not known, this one
// repeats it. The store may only recognize it then, which extends nothing: began is when the first
// of them began.
func (k *Keeper) offer(ending bool) (began time.Time, repeats bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ending = ending
	if repeats = !k.unsure.IsZero(); !repeats {
		k.unsure = time.Now()
	}
	return k.unsure, repeats
}

// ends reports whether no work follows an entry.
func ends(b transcript.Body) bool {
	switch b.(type) {
	case *transcript.End, *transcript.Withdrawal:
		return true
	}
	return false
}

// extend notes that the lease was extended at since, or later.
func (k *Keeper) extend(since time.Time) {
	k.state = held
	if since.After(k.since) {
		k.since = since
	}
	if k.timer == nil {
		k.timer = time.AfterFunc(k.set.TTL/3, k.renew)
	} else {
		k.timer.Reset(k.set.TTL / 3)
	}
}

// leave ends what the keeper does for the lease.
func (k *Keeper) leave(s state) {
	k.state = s
	if k.timer != nil {
		k.timer.Stop()
	}
	if k.stop != nil {
		k.stop()
	}
}

// age returns how old the last extension is. The monotonic clock stands still while a machine
// is suspended, so the wall clock counts, too.
func (k *Keeper) age() time.Duration {
	now := time.Now()
	return max(now.Sub(k.since), now.Round(0).Sub(k.since.Round(0)))
}

// isDue reports whether the lease is held and was not extended for some time.
func (k *Keeper) isDue(age time.Duration) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.state == held && k.age() >= age
}

// renew extends the lease between two appends, and others of this process with it. If the store
// fails, it is asked again soon.
func (k *Keeper) renew() {
	k.renewing.Lock()
	defer k.renewing.Unlock()
	k.mu.Lock()
	if k.state != held {
		k.mu.Unlock()
		return
	}
	if left := k.set.TTL/3 - k.age(); left > 0 { // it was renewed with another
		k.timer.Reset(left)
		k.mu.Unlock()
		return
	}
	ctx, cancel := context.WithTimeout(k.ctx, k.set.patience())
	defer cancel()
	k.stop = cancel
	k.mu.Unlock()
	if err := k.check(ctx, k.set.due(k)); err != nil {
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.state == held {
			k.set.Log.WarnContext(k.ctx, "lease not renewed", slog.String("session", k.lease.Session), slog.String("error", err.Error()))
			k.timer.Reset(k.set.TTL / 6)
		}
	}
}

// check asks the store which of the leases this process has, and extends them.
func (k *Keeper) check(ctx context.Context, keepers []*Keeper) error {
	began := time.Now()
	leases := make([]transcript.Lease, len(keepers))
	for i, k := range keepers {
		leases[i] = k.lease
	}
	gone, err := k.leaser.Renew(ctx, leases, k.set.TTL)
	if err != nil {
		return err
	}
	missing := make(map[transcript.Lease]bool, len(gone))
	for _, l := range gone {
		missing[l] = true
	}
	for _, k := range keepers {
		k.renewed(began, missing[k.lease], k == keepers[0])
	}
	return nil
}

// renewed takes note of the store's answer. Another's timer is not touched: it may belong to another
// bubble of testing/synctest.
func (k *Keeper) renewed(began time.Time, missing, own bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.state != held: // it was given back meanwhile
	case !missing && own:
		k.extend(began)
	case !missing && began.After(k.since):
		k.since = began
	case missing && !k.ending: // otherwise the run itself has given it back
		k.leave(lost)
		k.set.Log.WarnContext(k.ctx, "lease lost: another worker has taken the session over", slog.String("session", k.lease.Session))
	}
}

// MayStart reports whether an effect may start now. If the last extension is not recent, as the
// worker stood still or the store is slow, the store is asked.
func (k *Keeper) MayStart(ctx context.Context) bool {
	k.mu.Lock()
	s, age := k.state, k.age()
	k.mu.Unlock()
	if s != held || age < k.set.TTL/2 {
		return s != lost
	}
	ctx, cancel := context.WithTimeout(ctx, k.set.patience())
	defer cancel()
	err := k.check(ctx, []*Keeper{k})
	k.mu.Lock()
	defer k.mu.Unlock()
	if err == nil {
		return k.state == held
	}
	return k.state == held && k.age() < k.set.TTL // the store does not answer; no other worker can have the lease yet
}

// Close ends the run: it gives the session back if the worker still has it.
func (k *Keeper) Close() {
	k.mu.Lock()
	had := k.state == held
	k.leave(unheld)
	k.mu.Unlock()
	k.renewing.Lock() // the timer's goroutine has ended
	defer k.renewing.Unlock()
	k.set.remove(k.lease.Session)
	if !had {
		return
	}
	ctx, cancel := context.WithTimeout(k.ctx, k.set.patience())
	defer cancel()
	if err := k.leaser.Release(ctx, k.lease); err != nil { // it expires
		k.set.Log.WarnContext(k.ctx, "lease not given back", slog.String("session", k.lease.Session), slog.String("error", err.Error()))
	}
}
