package ecommerce

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"
)

// A Fault is a failure of a [Mock]; see [Mock.Fault]. By default it strikes at every call. The
// methods return a changed copy.
type Fault struct {
	err    error
	hang   bool
	slow   time.Duration
	late   bool
	left   int // strikes left; negative means any number
	chance float64
}

// Fail makes a call fail with err. It is a failure of the shop, unless err is [ErrNotFound] or
// a [*Refusal].
func Fail(err error) Fault { return Fault{err: err, left: -1, chance: 1} }

// Hang makes a call wait until its context is done, and fail with the context's error.
func Hang() Fault { return Fault{hang: true, left: -1, chance: 1} }

// Slow adds d to the latency of a call.
func Slow(d time.Duration) Fault { return Fault{slow: d, left: -1, chance: 1} }

// Times limits the fault to its first n strikes.
func (f Fault) Times(n int) Fault { f.left = n; return f }

// Chance makes the fault strike with probability p, from 0 to 1; see [Seed].
func (f Fault) Chance(p float64) Fault { f.chance = p; return f }

// AfterEffect makes the fault strike after the work is done: a return was made, and its reply
// is lost.
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

// Fault adds a fault to the Backend's part of a tool. If a tool has several faults, they
// strike one after another in the order of addition. If the tool is unknown, Fault panics.
func (m *Mock) Fault(tool string, f Fault) {
	if _, known := latencies[tool]; !known {
		panic(fmt.Sprintf("ecommerce: there is no tool %q to make a fault in", tool))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.faults[tool] = append(m.faults[tool], &f)
}

// ClearFaults removes all faults.
func (m *Mock) ClearFaults() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.faults)
}

// draw decides the latency of a call, and its faults before and after the work.
func (m *Mock) draw(tool, query string) (latency time.Duration, before, after []Fault) {
	m.mu.Lock()
	defer m.mu.Unlock()
	// Chances depend on the call's arguments and its count, not on other calls: so parallel
	// calls are repeatable under a seed, too.
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
