package provider

import (
	"math"
	"slices"
	"sync"
)

// maxFallbacks bounds how many names a Run keeps.
const maxFallbacks = 16

// A Run is shared by the model calls of one run of an agent. It holds a budget for repeated
// calls, and what the run fell back to. The agent puts it into each [Request] of the run. So
// nested wrappers do not multiply their retries, and a run stays with its fallback. Adapters
// ignore it.
//
// A Run is safe for concurrent use. A nil *Run is valid: it has no budget, so that only the
// wrapper's own bound counts, and it records no fallback.
type Run struct {
	mu        sync.Mutex
	repeats   int
	fallbacks []string
}

// NewRun returns a Run with a budget of repeats, and with the fallbacks that were recorded
// before.
func NewRun(repeats int, fallbacks ...string) *Run {
	r := &Run{repeats: repeats}
	for _, name := range fallbacks {
		r.RecordFallback(name)
	}
	return r
}

// TakeRepeat takes one repeat from the budget and reports whether one was left. A wrapper calls it
// before each further model call for a request: a retry, a fallback or a hedge. If it returns
// false, the wrapper gives up.
func (r *Run) TakeRepeat() bool {
	if r == nil {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.repeats <= 0 {
		return false
	}
	r.repeats--
	return true
}

// RepeatsLeft returns how many repeats are left, or [math.MaxInt] if r is nil.
func (r *Run) RepeatsLeft() int {
	if r == nil {
		return math.MaxInt
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return max(r.repeats, 0)
}

// RecordFallback records that the run continues with another provider or model. A wrapper calls it
// once the fallback has answered, and from then on asks the fallback first. The wrapper
// chooses the name: at most 256 bytes, different from the names of all other wrappers. A Run
// keeps the first 16 names.
func (r *Run) RecordFallback(name string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.fallbacks) < maxFallbacks && !slices.Contains(r.fallbacks, name) {
		r.fallbacks = append(r.fallbacks, name)
	}
}

// HasFallback reports whether [Run.RecordFallback] recorded the name. A wrapper with several
// fallbacks begins with the last one that was recorded.
func (r *Run) HasFallback(name string) bool { return slices.Contains(r.Fallbacks(), name) }

// Fallbacks returns the recorded names, oldest first.
func (r *Run) Fallbacks() []string {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.fallbacks)
}
