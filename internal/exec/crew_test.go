package exec_test

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall/internal/exec"
)

// goroutine names the goroutine that calls it.
func goroutine() string {
	stack := make([]byte, 64)
	name, _, _ := strings.Cut(string(stack[:runtime.Stack(stack, false)]), " [")
	return name
}

// Goroutines serve a whole crew. One that was left to its handler, or that runtime.Goexit has
// ended, serves no more, and none outlives Close.
func TestGoroutinesOfACrew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which waits for every goroutine
		c := exec.Crew{Runner: runner()}
		names := make(chan string, 20)
		do := func(handle func(ctx context.Context) bool) *exec.Job {
			c.Begin(t.Context(), 1)
			j, _ := job(time.Second, func(ctx context.Context) bool { names <- goroutine(); return handle(ctx) })
			c.Start(j)
			if c.Wait() != j || c.Wait() != nil {
				t.Fatal("another job, or none")
			}
			c.End()
			return j
		}
		returns := func(context.Context) bool { return false }
		do(returns)
		do(obeys)
		do(func(context.Context) bool { panic("") })
		if j := do(func(context.Context) bool { runtime.Goexit(); return false }); j.State != exec.Ended || j.Panic == nil {
			t.Errorf("%+v", j.Outcome)
		}
		do(returns)
		do(returns)
		if j := do(ignores(time.Minute)); j.State != exec.Abandoned {
			t.Errorf("%+v", j.Outcome)
		}
		do(returns)
		time.Sleep(time.Hour) // the abandoned one has returned
		do(returns)
		last := <-names
		for i, same := range []bool{true, true, true, false, true, true, false, true} {
			name := <-names
			if (name == last) != same {
				t.Errorf("job %d: %s, and then %s", i, last, name)
			}
			last = name
		}
		c.Close()
		c.Close()
	})
}

// A crew has no more goroutines than jobs that were open at the same time.
func TestNoMoreGoroutinesThanJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := exec.Crew{Runner: runner()}
		defer c.Close()
		seen := make(chan string, 100)
		for range 3 {
			c.Begin(t.Context(), 4)
			started := 0
			for {
				for ; started < 20 && !c.Full(); started++ {
					j, _ := job(time.Minute, func(context.Context) bool { time.Sleep(time.Second); seen <- goroutine(); return false })
					c.Start(j)
				}
				if c.Wait() == nil {
					break
				}
			}
		}
		var names []string
		for range 60 {
			names = append(names, <-seen)
		}
		slices.Sort(names)
		if n := len(slices.Compact(names)); n != 4 {
			t.Errorf("%d goroutines for 4 jobs at a time", n)
		}
	})
}

// Jobs that have ended before anyone waits are returned, however many they are.
func TestManyEndedJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 300
		c := exec.Crew{Runner: runner()}
		c.Begin(t.Context(), n)
		for range n {
			j, _ := job(time.Minute, func(context.Context) bool { return false })
			c.Start(j)
		}
		if time.Sleep(time.Hour); !c.Full() {
			t.Error("it is not full")
		}
		for range n {
			if j := c.Wait(); j == nil || j.State != exec.Ended || j.Duration != 0 || j.TimedOut {
				t.Fatalf("%+v", j)
			}
		}
		c.Close()
	})
}

// Cancel ends the jobs of its batch, also those that start later, and those of no other.
func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := exec.Crew{Runner: runner()}
		defer c.Close()
		c.Begin(t.Context(), 2)
		first, _ := job(time.Minute, obeys)
		second, _ := job(time.Minute, obeys)
		c.Start(first)
		c.Cancel()
		c.Start(second)
		began := time.Now()
		c.End()
		for _, j := range []*exec.Job{first, second} {
			if j.State != exec.Ended || !j.TimedOut || !j.Canceled || time.Since(began) != 0 {
				t.Errorf("%+v after %v", j.Outcome, time.Since(began))
			}
		}
		c.Begin(t.Context(), 2)
		third, _ := job(time.Minute, ignores(time.Second))
		c.Start(third)
		c.Wait()
		if third.State != exec.Ended || third.TimedOut || third.Canceled {
			t.Errorf("%+v", third.Outcome)
		}
	})
}

// The timer of a crew still goes for the time of an earlier batch when the next one waits.
func TestTheTimerOfAnEarlierBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := exec.Crew{Runner: runner()}
		defer c.Close()
		for _, timeout := range []time.Duration{time.Second, time.Hour, time.Minute} {
			c.Begin(t.Context(), 1)
			j, _ := job(timeout, ignores(0))
			c.Start(j)
			c.Wait()
			hangs, _ := job(timeout, ignores(2*time.Hour))
			c.Start(hangs)
			if c.Wait(); hangs.State != exec.Abandoned || hangs.Duration != timeout+2*time.Second {
				t.Errorf("%v: %+v", timeout, hangs.Outcome)
			}
			c.End()
		}
		time.Sleep(3 * time.Hour)
	})
}

// Between two batches a crew keeps one goroutine: a run may wait long for its model.
func TestOneGoroutineStaysBetweenBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := exec.Crew{Runner: runner()}
		defer c.Close()
		before := runtime.NumGoroutine()
		for range 3 {
			c.Begin(t.Context(), 8)
			for range 8 {
				j, _ := job(time.Minute, ignores(time.Second))
				c.Start(j)
			}
			c.End()
			synctest.Wait()
			if n := runtime.NumGoroutine() - before; n != 1 {
				t.Errorf("%d goroutines, not 1", n)
			}
		}
	})
}
