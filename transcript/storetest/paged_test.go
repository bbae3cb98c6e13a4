package storetest

import (
	"context"
	"iter"

	"github.com/funcall/funcall/transcript"
)

// listing returns a Store that changes filters.
func listing(change func(*transcript.Filter)) func() transcript.Store {
	return func() transcript.Store { return &lists{change: change} }
}

type lists struct {
	transcript.Memory
	change func(*transcript.Filter)
}

func (s *lists) List(ctx context.Context, f transcript.Filter) iter.Seq2[transcript.Summary, error] {
	if f.After.IsZero() && f.Subject == "" && f.Limit <= 0 {
		return s.Memory.List(ctx, f)
	}
	s.change(&f)
	return s.Memory.List(ctx, f)
}

// countsAll selects as many sessions as the limit says, and yields those that match.
type countsAll struct{ transcript.Memory }

func (s *countsAll) List(ctx context.Context, f transcript.Filter) iter.Seq2[transcript.Summary, error] {
	return func(yield func(transcript.Summary, error) bool) {
		for sum, err := range s.Memory.List(ctx, transcript.Filter{Limit: f.Limit, After: f.After}) {
			if f.Matches(sum) && !yield(sum, err) {
				return
			}
		}
	}
}

// leaps yields the present state of a session with the Cursor of that state.
type leaps struct{ transcript.Memory }

func (s *leaps) List(ctx context.Context, f transcript.Filter) iter.Seq2[transcript.Summary, error] {
	return func(yield func(transcript.Summary, error) bool) {
		for sum, err := range s.Memory.List(ctx, f) {
			if t, err := s.Load(ctx, sum.ID); err == nil {
				sum = transcript.Track(t).Summary()
			}
			if !yield(sum, err) {
				return
			}
		}
	}
}
