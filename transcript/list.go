package transcript

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/funcall/funcall/provider"
)

// A Summary is the state of a session in brief. The Summary of a session without entries has
// the ID alone: it was never used.
type Summary struct {
	ID, Subject string
	Cursor      Cursor    // its place in a list
	Entries     int       // 0 if there is no such session
	Runs        int       // the number of runs, one for each message
	CreatedAt   time.Time // when the first entry was written
	LastRunAt   time.Time // when the last run began
	UpdatedAt   time.Time // when the last entry was written
	// Outcome is how the last run ended. It is OutcomeWaiting if the run waits for decisions
	// on Pending, and OutcomeOpen if the run is running or was interrupted. Reason is that of
	// the End.
	Outcome Outcome
	Reason  string
	Pending []PendingCall
	// InDoubt are the in-doubt calls; see [Tracker.InDoubt].
	InDoubt []Ref
	// Usage and Cost are those of the last run, TotalUsage and TotalCost those of all runs;
	// see [Tracker.TotalUsage].
	Usage, TotalUsage provider.Usage
	Cost, TotalCost   Cost
	// Err is not nil if the session needs a newer version of this package; see [Tracker.Err].
	Err error
}

// Summary returns a summary of the transcript read so far.
func (k *Tracker) Summary() Summary {
	s := Summary{ID: k.t.ID}
	if k.Len() == 0 {
		return s
	}
	t := k.total()
	s.Entries, s.Runs = k.Len(), t.runs
	s.CreatedAt, s.UpdatedAt, s.Cursor = k.t.Entries[0].Time.Round(0), k.at, Cursor{k.at, k.t.ID}
	if k.in != nil {
		s.Subject, s.LastRunAt = k.in.Subject, k.t.Entries[k.inAt].Time.Round(0)
	}
	var end *End
	if s.Outcome, end = k.Outcome(); end != nil {
		s.Reason = end.Reason
	}
	s.Pending, s.InDoubt, s.Err = k.Pending(), k.InDoubt(), k.Err()
	s.Usage, s.TotalUsage, s.Cost, s.TotalCost = k.usage, t.usage, k.cost, t.cost
	return s
}

// A Cursor is the place of a session in a list: lists are ordered by UpdatedAt, oldest first,
// then by ID. To send it elsewhere, encode it as JSON. The zero Cursor is the beginning of
// every list.
type Cursor struct {
	UpdatedAt time.Time `json:"updated_at"`
	ID        string    `json:"id"`
}

// Compare returns -1 if c is ahead of d, 1 if it is behind d, and 0 if they are the same place.
func (c Cursor) Compare(d Cursor) int {
	return cmp.Or(c.UpdatedAt.Compare(d.UpdatedAt), strings.Compare(c.ID, d.ID))
}

// IsZero reports whether c is the zero Cursor.
func (c Cursor) IsZero() bool { return c.UpdatedAt.IsZero() && c.ID == "" }

// A Filter selects sessions that match all of its set fields. The zero Filter selects every
// session. To find interrupted sessions, select OutcomeOpen: they are among those that run. If a
// store has no leases, also set UpdatedBefore to a time before which a running session would have
// written an entry.
type Filter struct {
	Subject       string    // sessions whose last run acts for this subject
	Outcome       Outcome   // such as OutcomeWaiting, OutcomeOpen, OutcomeHandedOff
	InDoubt       bool      // sessions with in-doubt calls
	UpdatedBefore time.Time // sessions whose last entry is older
	// Limit is the largest number of sessions that List yields, unreadable ones included. If
	// it is 0 or less, there is no limit.
	Limit int
	// After selects the sessions behind that place. For the next page, set it to the Cursor of
	// the last Summary of the page before. A session that is updated meanwhile moves to the
	// end, so it may be on a later page again. No session is left out, unless the clock of the
	// process that updates it is behind.
	After Cursor
}

// Matches reports whether f selects s. It does not use Limit.
func (f Filter) Matches(s Summary) bool {
	return (f.Subject == "" || f.Subject == s.Subject) && (f.Outcome == "" || f.Outcome == s.Outcome) &&
		(!f.InDoubt || len(s.InDoubt) > 0) && f.spans(s.UpdatedAt, s.Cursor)
}

// spans reports whether f selects sessions that were updated then and are listed there.
func (f Filter) spans(updated time.Time, place Cursor) bool {
	return (f.UpdatedBefore.IsZero() || updated.Before(f.UpdatedBefore)) && (f.After.IsZero() || place.Compare(f.After) > 0)
}

// A Lister is a Store that can list its sessions. [Memory] is one.
type Lister interface {
	// List returns the sessions that f selects, in the order of their Cursors, each once. It
	// may miss changes made while it runs. If a session cannot be read, List yields its error
	// with a Summary that holds only the ID and the Cursor, and continues. After any other
	// error List stops.
	//
	// The Cursor is the place at which List found the session. It differs from the Summary's
	// UpdatedAt if the session was updated meanwhile.
	List(ctx context.Context, f Filter) iter.Seq2[Summary, error]
}

// List implements [Lister]. It reads the entries of the sessions up to the limit.
func (m *Memory) List(ctx context.Context, f Filter) iter.Seq2[Summary, error] {
	return func(yield func(Summary, error) bool) {
		yielded := 0
		for _, t := range m.spanned(f) {
			if err := ctx.Err(); err != nil {
				yield(Summary{}, err)
				return
			}
			s := Track(t).Summary()
			if !f.Matches(s) {
				continue
			}
			if yielded++; !yield(s, nil) || yielded == f.Limit {
				return
			}
		}
	}
}

// spanned returns the transcripts that f may select, in the order of a list.
func (m *Memory) spanned(f Filter) []Transcript {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var found []Transcript
	for id, k := range m.sessions {
		if k.deleted {
			continue
		}
		t := Transcript{ID: id, Entries: slices.Clip(k.entries)}
		if place := t.place(); f.spans(place.UpdatedAt, place) {
			found = append(found, t)
		}
	}
	slices.SortFunc(found, func(a, b Transcript) int { return a.place().Compare(b.place()) })
	return found
}

// place returns the transcript's place in a list. It has entries.
func (t Transcript) place() Cursor {
	return Cursor{t.Entries[len(t.Entries)-1].Time.Round(0), t.ID}
}
