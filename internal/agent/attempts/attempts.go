// Package attempts makes failed model calls fit to be stored.
package attempts

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/funcall/funcall/internal/agent/costs"
	"github.com/funcall/funcall/internal/agent/storable"
	"github.com/funcall/funcall/provider"
)

// maxAttempts bounds how many attempts one model call adds to the transcript.
const maxAttempts = 100

// Storable returns the attempts fit to be stored, with their costs. If there are too many,
// those in the middle are added up, so that no usage is lost.
func Storable(book costs.Book, made []provider.Attempt) []provider.Attempt {
	if len(made) == 0 {
		return nil
	}
	first, last := len(made), len(made)
	if len(made) > maxAttempts {
		first, last = maxAttempts-3, len(made)-1
	}
	kept := make([]provider.Attempt, 0, min(len(made), maxAttempts))
	for _, m := range made[:first] {
		kept = append(kept, own(book, m))
	}
	kept = append(kept, sums(book, made[first:last])...)
	for _, m := range made[last:] {
		kept = append(kept, own(book, m))
	}
	return kept
}

// own returns the attempt fit to be stored, with its cost.
func own(book costs.Book, m provider.Attempt) provider.Attempt {
	a := provider.Attempt{
		Kind: provider.ErrorKind(storable.Name(string(m.Kind))), Error: storable.Reason(m.Error),
		Provider: storable.Name(m.Provider), Model: storable.Name(m.Model), RequestID: storable.Name(m.RequestID),
		Duration: max(m.Duration, 0), Then: provider.Then(storable.Name(string(m.Then))),
	}
	if storable.CheckUsage(m.Usage) == nil {
		a.Usage, a.Cost = m.Usage, book.Of(m.Model, m.Usage, m.Cost)
	}
	return a
}

// sums returns what attempts come to: those of known cost, and those of unknown cost.
func sums(book costs.Book, made []provider.Attempt) []provider.Attempt {
	var known, unknown sum
	for _, m := range made {
		if a := own(book, m); a.Cost != nil {
			known.add(a)
		} else {
			unknown.add(a)
		}
	}
	return append(known.attempt(), unknown.attempt()...)
}

// A sum is what several attempts come to. Of all that cannot be added it has what the
// last of them says.
type sum struct {
	provider.Attempt
	n int
}

func (s *sum) add(m provider.Attempt) {
	u := s.Usage.Add(m.Usage)
	m.Usage = provider.Usage{
		Input: min(u.Input, storable.MaxTokens), CacheRead: min(u.CacheRead, storable.MaxTokens), CacheWrite: min(u.CacheWrite, storable.MaxTokens),
		Output: min(u.Output, storable.MaxTokens), Reasoning: min(u.Reasoning, storable.MaxTokens),
		WebSearches: min(u.WebSearches, storable.MaxTokens), FileSearches: min(u.FileSearches, storable.MaxTokens), CodeExecutions: min(u.CodeExecutions, storable.MaxTokens),
	}
	if s.Cost != nil && m.Cost != nil {
		m.Cost = new(s.Cost.Add(*m.Cost))
	}
	m.Duration += min(s.Duration, math.MaxInt64-m.Duration)
	s.Attempt, s.n = m, s.n+1
}

// attempt returns the sum as one attempt, or nothing if nothing was added.
func (s *sum) attempt() []provider.Attempt {
	if s.n == 0 {
		return nil
	}
	all := s.Attempt
	all.RequestID, all.Error = "", storable.Reason(fmt.Sprintf("%d attempts in one entry; the last: %s", s.n, s.Error))
	return []provider.Attempt{all}
}

// TooSlow returns the error of a model call that Config.ModelTimeout ended after limit. It
// keeps what the provider's error says.
func TooSlow(err error, limit time.Duration) error {
	var e provider.Error
	if said, ok := errors.AsType[*provider.Error](err); ok {
		e = *said
	}
	e.Kind, e.Err = provider.KindTimeout, err
	e.Message = fmt.Sprintf("no complete response within %v (Config.ModelTimeout)", limit)
	return &e
}
