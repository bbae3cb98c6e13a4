package provider

import (
	"math"
	"slices"
	"sync"
)

// maxFallbacks bounds the names that a Run keeps.
const maxFallbacks = 16

// A Run is what the model calls of one run share: a budget for repeated calls, and what
// the run fell back to. An agent makes one for each run and puts it into each
// [Request] of the run, so that wrappers inside of one another do not multiply their
// repeats, and a run stays with its fallback. Adapters ignore it.
//
// A Run is safe for concurrent use. A nil *Run is valid: it has no budget, so that a
// wrapper has its own bound alone, and it remembers no fallback.
type Run struct {
	mu        sync.Mutex
	repeats   int
	fallbacks []string
}

// NewRun returns a Run with a budget of so many repeats, which fell back to these names
// before.
func NewRun(repeats int, fallbacks ...string) *Run {
	r := &Run{repeats: repeats}
	for _, name := range fallbacks {
		r.FallBack(name)
	}
	return r
}

// Repeat takes one repeat from the budget, and reports whether one was left. A wrapper
// calls it before each further model call for the same request: a retry, a fallback, a
// hedge. If it returns false, the wrapper gives up.
func (r *Run) Repeat() bool {
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

// Left returns how many repeats are left; [math.MaxInt] if there is no budget.
func (r *Run) Left() int {
	if r == nil {
		return math.MaxInt
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return max(r.repeats, 0)
}

// FallBack records that the run goes on with another provider or model. A wrapper calls
// it when that one has answered, and asks it first from then on. The name is the
// wrapper's own, of at most 256 bytes, and tells its providers from those of every other
// wrapper. A Run keeps the first 16 names.
func (r *Run) FallBack(name string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.fallbacks) < maxFallbacks && !slices.Contains(r.fallbacks, name) {
		r.fallbacks = append(r.fallbacks, name)
	}
}

// FellBackTo reports whether [Run.FallBack] recorded the name. A wrapper with several
// fallbacks begins with the last of them that was recorded.
func (r *Run) FellBackTo(name string) bool { return slices.Contains(r.Fallbacks(), name) }

// Fallbacks returns the names that were recorded, oldest first.
func (r *Run) Fallbacks() []string {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.fallbacks)
}
