// Package journal appends the entries of a run to its transcript and to its store.
package journal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/funcall/funcall/transcript"
)

// storeTimeout bounds one append. An append is not canceled with the run: an
// entry that was half-way to the store when its caller left would be in doubt.
const storeTimeout = 10 * time.Second

// A Journal is the transcript of a run, and what of it is stored.
type Journal struct {
	tracker *transcript.Tracker
	store   transcript.Store // nil for a run that is not stored
	shared  bool             // others write to the store, too
	deleted bool             // the store says that the transcript was deleted
	stored  int              // how many entries the store is known to hold
	offered int              // how many entries it may hold
	begun   int              // how many entries it held before the run
	storing context.Context  // for appends: not canceled with the run
	writer  string           // names the run in its appends; "" if the store is not shared
}

// A worker is a store that names the run in its appends.
type worker interface{ Worker() string }

// New returns the journal of a transcript, all of which is stored. The store may be nil.
func New(k *transcript.Tracker, store transcript.Store, shared bool) Journal {
	return Journal{tracker: k, store: store, shared: shared, stored: k.Len(), offered: k.Len(), begun: k.Len()}
}

// Keeps reports whether the transcript is stored.
func (j *Journal) Keeps() bool { return j.store != nil }

// Add adds what happened at that time to the transcript. It stores nothing.
func (j *Journal) Add(now time.Time, bodies ...transcript.Body) {
	now = now.UTC().Round(0) // no monotonic clock: what is kept equals what is loaded
	for _, b := range bodies {
		j.tracker.Add(transcript.Entry{Time: now, Body: b})
	}
}

// Open reports whether the run has not ended.
func (j *Journal) Open() bool {
	_, end := j.tracker.Outcome()
	return end == nil
}

// Stored returns how many entries the store is known to hold.
func (j *Journal) Stored() int { return j.stored }

// Offered reports whether the store may hold entries of the run.
func (j *Journal) Offered() bool { return j.offered > j.begun }

// Deleted reports whether an append failed because the transcript was deleted. Nothing can be
// stored any more.
func (j *Journal) Deleted() bool { return j.deleted }

// Flush stores what is not stored yet. If the store may hold some of that already,
// the append that failed is repeated first, as it was: so the store recognizes it.
func (j *Journal) Flush(ctx context.Context) error {
	t := j.tracker.Transcript()
	if j.store == nil || j.stored == len(t.Entries) {
		return nil
	}
	if j.stored < j.offered && j.offered < len(t.Entries) {
		t.Entries = t.Entries[:j.offered]
		if err := j.flushTo(ctx, t); err != nil {
			return err
		}
		t = j.tracker.Transcript()
	}
	return j.flushTo(ctx, t)
}

func (j *Journal) flushTo(ctx context.Context, t transcript.Transcript) error {
	if j.storing == nil {
		j.storing = context.WithoutCancel(ctx)
		if w, ok := j.store.(worker); ok {
			j.writer = w.Worker()
		} else if j.shared {
			j.writer = rand.Text()
		}
	}
	before := j.offered
	j.offered = len(t.Entries)
	err := j.append(t)
	switch {
	case err == nil:
	case errors.Is(err, transcript.ErrConflict), errors.Is(err, transcript.ErrDeleted):
		j.offered = before // an append that was refused at once stored nothing
	default:
		// Once more: a passing fault must not cost what a tool has answered.
		err = j.append(t)
	}
	if err != nil {
		j.deleted = errors.Is(err, transcript.ErrDeleted)
		return fmt.Errorf("funcall: session %q: %d entries were not stored: %w", t.ID, len(t.Entries)-j.stored, err)
	}
	j.stored = len(t.Entries)
	return nil
}

func (j *Journal) append(t transcript.Transcript) error {
	ctx, cancel := context.WithTimeout(j.storing, storeTimeout)
	defer cancel()
	return j.store.Append(ctx, transcript.Batch{Session: t.ID, At: j.stored, Writer: j.writer, Entries: t.Entries[j.stored:]})
}
