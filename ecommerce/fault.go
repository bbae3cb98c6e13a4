package ecommerce

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"
)

// A Fault is something that goes wrong in a [Mock], switched on with
// [Mock.Fault]. Unless limited it strikes at every call. The methods return a
// changed copy, so that they chain.
type Fault struct {
	err    error
	hang   bool
	slow   time.Duration
	late   bool
	left   int // strikes left; negative means any number
	chance float64
}

// Fail makes a call fail with err, which is a failure of the shop's unless it
// is [ErrNotFound] or a [*Refusal].
func Fail(err error) Fault { return Fault{err: err, left: -1, chance: 1} }

// Hang makes a call wait until its context is done, and fail with the
// context's error.
func Hang() Fault { return Fault{hang: true, left: -1, chance: 1} }

// Slow makes a call take d longer, whatever the latency is.
func Slow(d time.Duration) Fault { return Fault{slow: d, left: -1, chance: 1} }

// Times limits the fault to its first n strikes.
func (f Fault) Times(n int) Fault { f.left = n; return f }

// Chance makes the fault strike with a probability between 0 and 1. The
// Mock's seed decides when.
func (f Fault) Chance(p float64) Fault { f.chance = p; return f }

// AfterEffect makes the fault strike once the work is done: the caller learns
// nothing of a return that was made.
func (f Fault) AfterEffect() Fault { f.late = true; return f }

func (f Fault) strike(ctx context.Context) error {
	if f.hang {
		<-ctx.Done()
		return ctx.Err()
	}
	if err := sleep(ctx, f.slow); err != nil {
		return err
	}
	return f.err
}

// Fault adds a fault to what a tool is backed by. Several faults of one tool
// strike one after another in the order in which they were added. An unknown
// tool is a mistake in the test, and panics.
func (m *Mock) Fault(tool string, f Fault) {
	if _, known := latencies[tool]; !known {
		panic(fmt.Sprintf("ecommerce: there is no tool %q to make a fault in", tool))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.faults[tool] = append(m.faults[tool], &f)
}

// ClearFaults switches all faults off.
func (m *Mock) ClearFaults() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.faults)
}

// draw decides about one call: how long it takes and what goes wrong, before
// the work and after it.
func (m *Mock) draw(tool, query string) (latency time.Duration, before, after []Fault) {
	m.mu.Lock()
	defer m.mu.Unlock()
	// The chances hang on what is asked and how often it was, not on what else
	// goes on: so calls that run side by side repeat under a seed, too.
	what := tool + " " + query
	m.asked[what]++
	h := fnv.New64a()
	fmt.Fprint(h, what, m.asked[what])
	chance := rand.New(rand.NewPCG(m.seed, h.Sum64()))

	between := latencies[tool]
	spread := float64(between[1]-between[0]) * chance.Float64()
	latency = time.Duration(m.latency * (float64(between[0]) + spread))
	for _, f := range m.faults[tool] {
		if f.left == 0 || chance.Float64() >= f.chance {
			continue
		}
		f.left--
		if f.late {
			after = append(after, *f)
		} else {
			before = append(before, *f)
		}
	}
	m.faults[tool] = slices.DeleteFunc(m.faults[tool], func(f *Fault) bool { return f.left == 0 })
	return latency, before, after
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
