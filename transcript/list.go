package transcript

import (
	"context"
	"iter"
	"time"
)

// A Summary is what an operator asks of a session first.
type Summary struct {
	ID, Subject string
	Entries     int
	UpdatedAt   time.Time // when the last entry was written
	// Outcome is how the last run ended; Waiting where a person has to decide
	// on Pending; Open where it is running, or was killed.
	Outcome Outcome
	Reason  string
	Pending []Pending
	// Doubts are calls that may or may not have been done; see Tracker.InDoubt.
	InDoubt []Ref
	// Err is why the program is too old to go on with the session; see Tracker.Err.
	Err error
}

// Summary sums up what was read so far.
func (k *Tracker) Summary() Summary {
	s := Summary{ID: k.t.ID, Entries: k.Len(), UpdatedAt: k.at, Pending: k.Pending(), InDoubt: k.InDoubt(), Err: k.Err()}
	s.Subject, _ = k.Subject()
	var end *End
	if s.Outcome, end = k.Outcome(); end != nil {
		s.Reason = end.Reason
	}
	return s
}

// A Filter picks sessions. Each field that is set has to fit; the zero Filter
// fits all. Sessions that were interrupted are those that are Open, with a last
// entry older than a live run's can be.
type Filter struct {
	Outcome       Outcome   // such as Waiting, Open, OutcomeHandedOff
	InDoubt       bool      // those with calls that may or may not have been done
	UpdatedBefore time.Time // those whose last entry is older
}

// Matches reports whether f picks s.
func (f Filter) Matches(s Summary) bool {
	return (f.Outcome == "" || f.Outcome == s.Outcome) && (!f.InDoubt || len(s.InDoubt) > 0) &&
		(f.UpdatedBefore.IsZero() || s.UpdatedAt.Before(f.UpdatedBefore))
}

// A Lister is a Store that knows what it holds. [Memory] is one.
type Lister interface {
	// List returns the sessions that f picks, the one that nobody has touched
	// for longest first. What is written meanwhile may be missed. A session
	// that cannot be read is yielded with its error, its Summary holding the
	// ID alone, and the others follow; any other error is the last.
	List(ctx context.Context, f Filter) iter.Seq2[Summary, error]
}
