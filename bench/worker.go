package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"time"
)

// A job is the workload of a worker.
type job struct {
	Row    string `json:"row"`
	Side   string `json:"side"`
	WarmUp int    `json:"warm_up"` // operations that are not measured
	URL    string `json:"url"`     // of the server
}

// figures are what a worker measured, each for one unit.
type figures struct {
	CPU      float64 `json:"cpu_ns,omitempty"` // user and system time of the process
	Wall     float64 `json:"wall_ns,omitempty"`
	Allocs   float64 `json:"allocs,omitempty"`
	Bytes    float64 `json:"bytes,omitempty"`    // allocated
	Resident float64 `json:"resident,omitempty"` // bytes of the resident set
}

// add adds a share of g.
func (f *figures) add(g figures, share float64) {
	f.CPU += g.CPU * share
	f.Wall += g.Wall * share
	f.Allocs += g.Allocs * share
	f.Bytes += g.Bytes * share
	f.Resident += g.Resident * share
}

// runWorker prepares the job in text. Then it reads numbers of operations from in, until its
// end, does so many, and prints their figures to out.
func runWorker(text string, in io.Reader, out io.Writer) error {
	var j job
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		return fmt.Errorf("the job %q in %s cannot be read: %w", text, roleVariable, err)
	}
	found, err := rowsNamed(j.Row)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "funcall-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	measure, err := found[0].prepare(&env{row: found[0], url: j.URL + "/" + j.Row, dir: dir}, j.Side, j.WarmUp)
	if err != nil {
		return err
	}
	numbers, results := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var n int
		if err := numbers.Decode(&n); err != nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
		f, err := measure(n)
		if err != nil {
			return err
		}
		if err := results.Encode(f); err != nil {
			return err
		}
	}
}

// prepare returns a function that measures n operations of a side.
func (r *row) prepare(e *env, side string, warmUp int) (func(n int) (figures, error), error) {
	if r.waits {
		return func(n int) (figures, error) {
			bytes, err := residentOfWaiting(e, r.work(side), n)
			return figures{Resident: bytes}, err
		}, nil
	}
	op, err := r.work(side)(e)
	if err != nil {
		return nil, err
	}
	calls, before := r.calls(), toolRuns.Load()
	for range warmUp {
		if err := op(new(meter)); err != nil {
			return nil, err
		}
	}
	if err := r.checkRuns(toolRuns.Load()-before, calls*warmUp); err != nil {
		return nil, err
	}
	runtime.GC() // once: what is measured collects its own garbage while it is measured
	return func(n int) (figures, error) {
		before, m := toolRuns.Load(), new(meter)
		m.StartTimer()
		for range n {
			if err := op(m); err != nil {
				return figures{}, err
			}
		}
		m.StopTimer()
		if err := r.checkRuns(toolRuns.Load()-before, calls*n); err != nil {
			return figures{}, err
		}
		return m.figures(n * max(r.units, 1))
	}, nil
}

// calls returns how often an operation calls tools.
func (r *row) calls() int {
	if r.script == nil {
		return 0
	}
	return len(slices.Concat(r.script().turns...)) * max(r.units, 1)
}

// checkRuns fails if tools did not run as often as the model called them: a refusal would be
// measured in their place.
func (r *row) checkRuns(runs int64, calls int) error {
	if r.script != nil && runs != int64(calls) {
		return fmt.Errorf("the tools of row %s ran %d times, and were called %d times: calls were refused", r.name, runs, calls)
	}
	return nil
}

// A meter adds up what the process uses while it runs.
type meter struct {
	running bool
	mem     runtime.MemStats
	begun   time.Time
	cpu     time.Duration
	wall    time.Duration
	allocs  uint64
	bytes   uint64
	err     error
}

// StartTimer starts the meter. It does nothing if the meter runs.
func (m *meter) StartTimer() {
	if m.running {
		return
	}
	m.running = true
	runtime.ReadMemStats(&m.mem)
	m.allocs, m.bytes = m.allocs-m.mem.Mallocs, m.bytes-m.mem.TotalAlloc
	m.begun = time.Now()
	m.cpu -= m.now()
}

// StopTimer stops the meter. It does nothing if the meter is stopped.
func (m *meter) StopTimer() {
	if !m.running {
		return
	}
	m.running = false
	m.cpu += m.now()
	m.wall += time.Since(m.begun)
	runtime.ReadMemStats(&m.mem)
	m.allocs, m.bytes = m.allocs+m.mem.Mallocs, m.bytes+m.mem.TotalAlloc
}

func (m *meter) now() time.Duration {
	cpu, err := cpuTime()
	if err != nil {
		m.err = err
	}
	return cpu
}

// figures returns what was used for each of n units.
func (m *meter) figures(n int) (figures, error) {
	per := func(total float64) float64 { return total / float64(n) }
	return figures{
		CPU: per(float64(m.cpu)), Wall: per(float64(m.wall)),
		Allocs: per(float64(m.allocs)), Bytes: per(float64(m.bytes)),
	}, m.err
}
