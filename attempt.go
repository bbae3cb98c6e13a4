package funcall

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/funcall/funcall/internal/storable"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// maxRepeats is the budget of a run for repeated model calls. maxAttempts bounds how many
// attempts one model call adds to the transcript.
const (
	maxRepeats  = 10
	maxAttempts = 100
)

// failed logs a model call that failed, and returns its attempts.
func (a *Agent) failed(ctx context.Context, s *step, err error, then provider.Then) []transcript.Body {
	return a.attempts(ctx, s, provider.AttemptsOf(err, time.Since(s.asked), then))
}

// attempts logs attempts, and returns them fit to be stored. If there are too many, those
// in the middle are added up.
func (a *Agent) attempts(ctx context.Context, s *step, made []provider.Attempt) []transcript.Body {
	first, last := len(made), len(made)
	if len(made) > maxAttempts {
		first, last = maxAttempts-3, len(made)-1
	}
	var bodies []transcript.Body
	add := func(own provider.Attempt) {
		logAttempt(ctx, s.log, &own)
		bodies = append(bodies, &transcript.Attempt{Attempt: own})
	}
	for _, m := range made[:first] {
		add(a.ownAttempt(m))
	}
	for _, sum := range a.sums(made[first:last]) {
		add(sum)
	}
	for _, m := range made[last:] {
		add(a.ownAttempt(m))
	}
	return bodies
}

// fellBack returns what the run fell back to, fit to be stored.
func (s *step) fellBack() []string {
	names := s.shared.Fallbacks()
	for i, name := range names {
		names[i] = storable.Name(name)
	}
	return names
}

// movedBy says that n attempts stand ahead of the model's turn. The verdicts on calls that
// began early name another place, so they do not count.
func (s *step) movedBy(n int) {
	if n > 0 {
		s.Entry, s.early = s.Entry+n, nil
	}
}

// ownAttempt returns the attempt fit to be stored, with its cost.
func (a *Agent) ownAttempt(m provider.Attempt) provider.Attempt {
	own := provider.Attempt{
		Kind: provider.ErrorKind(storable.Name(string(m.Kind))), Error: storable.Reason(m.Error),
		Provider: storable.Name(m.Provider), Model: storable.Name(m.Model), RequestID: storable.Name(m.RequestID),
		Duration: max(m.Duration, 0), Then: provider.Then(storable.Name(string(m.Then))),
	}
	if storable.CheckUsage(m.Usage) == nil {
		own.Usage, own.Cost = m.Usage, a.costs.Of(m.Model, m.Usage, m.Cost)
	}
	return own
}

// sums returns what attempts come to: those of known cost, and those of unknown cost.
func (a *Agent) sums(made []provider.Attempt) []provider.Attempt {
	var known, unknown sum
	for _, m := range made {
		if own := a.ownAttempt(m); own.Cost != nil {
			known.add(own)
		} else {
			unknown.add(own)
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
