package funcall

import (
	"context"
	"errors"
	"time"

	"github.com/funcall/funcall/internal/agent/attempts"
	"github.com/funcall/funcall/internal/agent/runlog"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// maxRepeats is the budget of a run for repeated model calls.
const maxRepeats = 10

// failed logs a model call that failed, and returns its attempts: none if it was not made.
func (a *Agent) failed(ctx context.Context, s *step, err error, then provider.Then) []transcript.Body {
	if _, ok := errors.AsType[*unasked](err); ok {
		return nil
	}
	return a.attempts(ctx, s, provider.AttemptsOf(err, time.Since(s.asked), then))
}

// attempts logs attempts, and returns their entries.
func (a *Agent) attempts(ctx context.Context, s *step, made []provider.Attempt) (bodies []transcript.Body) {
	for _, kept := range attempts.Storable(a.costs, made) {
		runlog.Attempt(ctx, s.log, &kept)
		bodies = append(bodies, &transcript.Attempt{Attempt: kept})
	}
	return bodies
}
