package transcript

import (
	"context"
	"iter"
	"time"

	"github.com/funcall/funcall/provider"
)

// A Summary is the state of a session in brief. The Summary of a session without entries has
// the ID alone: it was never used.
type Summary struct {
	ID, Subject string
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
	s.Entries, s.Runs = k.Len(), k.runs
	s.CreatedAt, s.UpdatedAt = k.t.Entries[0].Time.Round(0), k.at
	if k.in != nil {
		s.Subject, s.LastRunAt = k.in.Subject, k.t.Entries[k.inAt].Time.Round(0)
	}
	var end *End
	if s.Outcome, end = k.Outcome(); end != nil {
		s.Reason = end.Reason
	}
	s.Pending, s.InDoubt, s.Err = k.Pending(), k.InDoubt(), k.Err()
	s.Usage, s.TotalUsage, s.Cost, s.TotalCost = k.usage, k.TotalUsage(), k.cost, k.TotalCost()
	return s
}

// A Filter selects sessions that match all of its set fields. The zero Filter selects every
// session. To find interrupted sessions, select OutcomeOpen and set UpdatedBefore to a time
// before which a running session would have written an entry.
type Filter struct {
	Outcome       Outcome   // such as OutcomeWaiting, OutcomeOpen, OutcomeHandedOff
	InDoubt       bool      // sessions with in-doubt calls
	UpdatedBefore time.Time // sessions whose last entry is older
}

// Matches reports whether f selects s.
func (f Filter) Matches(s Summary) bool {
	return (f.Outcome == "" || f.Outcome == s.Outcome) && (!f.InDoubt || len(s.InDoubt) > 0) &&
		(f.UpdatedBefore.IsZero() || s.UpdatedAt.Before(f.UpdatedBefore))
}

// A Lister is a Store that can list its sessions. [Memory] is one.
type Lister interface {
	// List returns the sessions that f selects, ordered by UpdatedAt, oldest first. It may
	// miss changes made while it runs. If a session cannot be read, List yields its error with
	// a Summary that holds only the ID, and continues. After any other error List stops.
	List(ctx context.Context, f Filter) iter.Seq2[Summary, error]
}
