package exec_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall/internal/exec"
)

// A handler is a function that records its retries.
type handler struct {
	handle  func(ctx context.Context) bool
	retried []time.Duration // since start
	late    atomic.Int64
	start   time.Time
}

func (h *handler) Handle(ctx context.Context) bool { return h.handle(ctx) }
func (h *handler) Retried()                        { h.retried = append(h.retried, time.Since(h.start)) }
func (h *handler) Late(after time.Duration)        { h.late.Store(int64(after)) }

func job(timeout time.Duration, handle func(ctx context.Context) bool) (*exec.Job, *handler) {
	h := &handler{handle: handle, start: time.Now()}
	return &exec.Job{Handler: h, Timeout: timeout}, h
}

func runner() *exec.Runner { return &exec.Runner{Grace: 2 * time.Second, Now: time.Now} }

// obeys waits for its context. ignores sleeps for d.
func obeys(ctx context.Context) bool { <-ctx.Done(); return false }

func ignores(d time.Duration) func(context.Context) bool {
	return func(context.Context) bool { time.Sleep(d); return false }
}

func TestOutcomes(t *testing.T) {
	const second = time.Second
	for name, c := range map[string]struct {
		handle   func(context.Context) bool
		deadline time.Duration // of the batch, zero for none
		until    time.Duration // of the job, zero for none
		cancel   time.Duration // of the caller's context, zero for never
		want     exec.Outcome
	}{
		"returns":                     {handle: ignores(second), want: exec.Outcome{State: exec.Ended, Duration: second}},
		"obeys the timeout":           {handle: obeys, want: exec.Outcome{State: exec.Ended, TimedOut: true, Duration: 10 * second}},
		"returns within the grace":    {handle: ignores(11 * second), want: exec.Outcome{State: exec.Ended, TimedOut: true, Duration: 11 * second}},
		"ignores the timeout":         {handle: ignores(time.Hour), want: exec.Outcome{State: exec.Abandoned, Duration: 12 * second}},
		"obeys the deadline":          {handle: obeys, deadline: 3 * second, want: exec.Outcome{State: exec.Ended, TimedOut: true, Duration: 3 * second}},
		"ignores the deadline":        {handle: ignores(time.Hour), deadline: 3 * second, want: exec.Outcome{State: exec.Abandoned, Duration: 5 * second}},
		"a deadline behind timeout":   {handle: obeys, deadline: time.Hour, want: exec.Outcome{State: exec.Ended, TimedOut: true, Duration: 10 * second}},
		"obeys until":                 {handle: obeys, until: 4 * second, want: exec.Outcome{State: exec.Ended, TimedOut: true, Duration: 4 * second}},
		"ignores until":               {handle: ignores(time.Hour), until: 4 * second, want: exec.Outcome{State: exec.Abandoned, Duration: 6 * second}},
		"starts too late":             {handle: obeys, until: -1, want: exec.Outcome{State: exec.NotStarted}},
		"obeys cancellation":          {handle: obeys, cancel: second, want: exec.Outcome{State: exec.Ended, TimedOut: true, Canceled: true, Duration: second}},
		"ignores cancellation":        {handle: ignores(time.Hour), cancel: second, want: exec.Outcome{State: exec.Abandoned, Canceled: true, Duration: 3 * second}},
		"canceled within the grace":   {handle: ignores(time.Hour), cancel: 11 * second, want: exec.Outcome{State: exec.Abandoned, Canceled: true, Duration: 12 * second}},
		"canceled ahead of the start": {handle: ignores(time.Hour), cancel: -1, want: exec.Outcome{State: exec.Abandoned, Canceled: true, Duration: 2 * second}},
		"canceled, with until":        {handle: ignores(time.Hour), until: second, cancel: -1, want: exec.Outcome{State: exec.NotStarted, Canceled: true}},
	} {
		outcome := func(t *testing.T, parent func(context.Context) context.Context) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := parent(t.Context()), context.CancelFunc(func() {})
				if c.cancel != 0 {
					ctx, cancel = context.WithCancel(ctx)
				}
				defer cancel()
				r := runner()
				j, h := job(10*time.Second, c.handle)
				j.Key = "s/1.0"
				if c.until != 0 {
					j.Until = time.Now().Add(c.until)
				}
				var deadline time.Time
				if c.deadline != 0 {
					deadline = time.Now().Add(c.deadline)
				}
				switch {
				case c.cancel > 0:
					time.AfterFunc(c.cancel, cancel)
				case c.cancel < 0:
					cancel()
				}
				began := time.Now()
				r.Run(ctx, deadline, j)
				if took := time.Since(began); took != c.want.Duration {
					t.Errorf("Run took %v, not %v", took, c.want.Duration)
				}
				if got, want := fmt.Sprintf("%+v", j.Outcome), fmt.Sprintf("%+v", c.want); got != want {
					t.Errorf("%s, not %s", got, want)
				}
				abandoned := 0
				if c.want.State == exec.Abandoned {
					abandoned = 1
				}
				if r.Abandoned() != abandoned || r.StillRuns("s/1.0") != (abandoned == 1) || r.StillRuns("") {
					t.Errorf("%d abandoned, runs: %v", r.Abandoned(), r.StillRuns("s/1.0"))
				}
				time.Sleep(2 * time.Hour) // until the handler has returned
				if r.Abandoned() != 0 || r.StillRuns("s/1.0") || h.late.Load() != int64(abandoned)*int64(time.Hour) {
					t.Errorf("in the end %d are abandoned, runs: %v, late after %v", r.Abandoned(), r.StillRuns("s/1.0"), time.Duration(h.late.Load()))
				}
			})
		}
		t.Run(name, func(t *testing.T) {
			outcome(t, func(ctx context.Context) context.Context { return ctx })
		})
		t.Run(name+", without Done", func(t *testing.T) { outcome(t, context.WithoutCancel) })
	}
}

type badValue struct{}

func (badValue) Error() string { panic(badValue{}) }

func TestPanics(t *testing.T) {
	for want, leave := range map[string]func(){
		"panic: nil map": func() { panic("nil map") },
		"panic: a exec_test.badValue that panics when it is printed": func() { panic(badValue{}) },
		"panic: panic called with nil argument":                      func() { panic(nil) },
		"panic: runtime.Goexit was called":                           runtime.Goexit,
	} {
		synctest.Test(t, func(t *testing.T) {
			attempts := 0
			j, _ := job(time.Minute, func(context.Context) bool { attempts++; leave(); return true })
			j.Retries, j.Backoff = 3, time.Second
			runner().Run(t.Context(), time.Time{}, j)
			if j.State != exec.Ended || j.Panic == nil || !strings.HasPrefix(strings.Replace(j.Panic.Text, "runtime error: ", "", 1), want) || !strings.Contains(string(j.Panic.Stack), "exec_test.go") || attempts != 1 {
				t.Errorf("want %q: %+v after %d attempts", want, j.Panic, attempts)
			}
		})
	}
}

// A panic of a handler that was abandoned is not told, and changes no count.
func TestAPanicBehindAbandonment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runner()
		j, h := job(time.Second, func(context.Context) bool { time.Sleep(time.Minute); panic("late") })
		r.Run(t.Context(), time.Time{}, j)
		time.Sleep(time.Hour)
		if j.State != exec.Abandoned || j.Panic != nil || r.Abandoned() != 0 || h.late.Load() != int64(time.Minute) {
			t.Errorf("%+v, %d abandoned", j.Outcome, r.Abandoned())
		}
	})
}

func TestRetries(t *testing.T) {
	for name, c := range map[string]struct {
		retries, succeeds int // the attempt that succeeds
		timeout           time.Duration
		attempts          int
	}{
		"none is needed":     {retries: 3, succeeds: 1, timeout: time.Minute, attempts: 1},
		"the third succeeds": {retries: 3, succeeds: 3, timeout: time.Minute, attempts: 3},
		"none succeeds":      {retries: 3, succeeds: 9, timeout: time.Minute, attempts: 4},
		"out of time":        {retries: 9, succeeds: 9, timeout: 3 * time.Second, attempts: 3},
		"no retries":         {succeeds: 9, timeout: time.Minute, attempts: 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			attempts := 0
			var j *exec.Job
			j, h := job(c.timeout, func(context.Context) bool {
				if attempts != j.Retry() {
					t.Errorf("%s: attempt %d is retry %d", name, attempts, j.Retry())
				}
				attempts++
				return attempts < c.succeeds
			})
			j.Retries, j.Backoff = c.retries, time.Second
			runner().Run(t.Context(), time.Time{}, j)
			if j.State != exec.Ended || attempts < c.attempts || attempts > c.attempts && name != "out of time" {
				t.Errorf("%s: %d attempts, %+v", name, attempts, j.Outcome)
			}
			if name != "out of time" && len(h.retried) != c.attempts-1 {
				t.Errorf("%s: the handler was notified of %d retries", name, len(h.retried))
			}
			// Waits double, and chance shortens each by at most a half.
			for i := 1; i < len(h.retried); i++ {
				most := time.Second << (i - 1)
				if wait := h.retried[i] - h.retried[i-1]; wait < most/2 || wait > most {
					t.Errorf("%s: wait %d took %v of at most %v", name, i, wait, most)
				}
			}
		})
	}
}

// Until is compared with the wall clock before each attempt: a machine may be suspended.
func TestNoRetryBehindUntil(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var suspended atomic.Int64
		r := &exec.Runner{Grace: time.Second, Now: func() time.Time { return time.Now().Add(time.Duration(suspended.Load())) }}
		attempts := 0
		j, _ := job(time.Minute, func(context.Context) bool {
			attempts++
			suspended.Add(int64(time.Hour))
			return true
		})
		j.Retries, j.Backoff, j.Until = 3, time.Second, time.Now().Add(time.Minute)
		if r.Run(t.Context(), time.Time{}, j); attempts != 1 {
			t.Errorf("%d attempts", attempts)
		}
	})
}

// A worker that stood still between Start and the handler finds that out.
func TestNoStartBehindUntil(t *testing.T) {
	var reads atomic.Int64
	r := &exec.Runner{Grace: time.Second, Now: func() time.Time { return time.Now().Add(time.Duration(reads.Add(1)-1) * time.Hour) }}
	j, _ := job(time.Minute, func(context.Context) bool { t.Error("it started"); return false })
	j.Until = time.Now().Add(time.Minute)
	if r.Run(t.Context(), time.Time{}, j); j.State != exec.NotStarted || j.Canceled {
		t.Errorf("%+v", j.Outcome)
	}
}

// At the time Until itself no attempt starts: another worker may be at it.
func TestNoRetryAtUntil(t *testing.T) {
	begin := time.Now()
	now := begin
	r := &exec.Runner{Grace: time.Second, Now: func() time.Time { return now }}
	attempts := 0
	j, _ := job(time.Minute, func(context.Context) bool {
		attempts++
		now = begin.Add(time.Minute)
		return true
	})
	j.Retries, j.Until = 3, begin.Add(time.Minute)
	if r.Run(t.Context(), time.Time{}, j); attempts != 1 {
		t.Errorf("%d attempts", attempts)
	}
}

// A handler whose context is done is not called again.
func TestNoRetryBehindTheTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		j, h := job(time.Second, func(ctx context.Context) bool { attempts++; <-ctx.Done(); return true })
		j.Retries = 3
		if runner().Run(t.Context(), time.Time{}, j); attempts != 1 || len(h.retried) != 0 {
			t.Errorf("%d attempts, retried after %v", attempts, h.retried)
		}
	})
}

// The context of a handler that has returned is done: nothing waits for its timeout.
func TestTheContextEndsWithTheHandler(t *testing.T) {
	var handed context.Context
	j, _ := job(time.Hour, func(ctx context.Context) bool { handed = ctx; return false })
	r := runner()
	b := exec.Crew{Runner: r}
	b.Begin(t.Context(), 1)
	b.Start(j)
	b.Wait()
	if handed.Err() == nil || j.TimedOut {
		t.Errorf("the context is %v; %+v", handed.Err(), j.Outcome)
	}
	b.Close()
}

// A batch has as many open jobs as it may, and returns each as it ends.
func TestABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runner()
		b := exec.Crew{Runner: r}
		b.Begin(t.Context(), 2)
		var running, most atomic.Int64
		var jobs []*exec.Job
		for _, takes := range []int{3, 1, 9, 1} {
			j, _ := job(4*time.Second, func(context.Context) bool {
				most.Store(max(most.Load(), running.Add(1)))
				defer running.Add(-1)
				time.Sleep(time.Duration(takes) * time.Second)
				return false
			})
			jobs = append(jobs, j)
		}
		began := time.Now()
		var order []string
		next := 0
		for {
			for next < len(jobs) && !b.Full() {
				b.Start(jobs[next])
				next++
			}
			j := b.Wait()
			if j == nil {
				break
			}
			order = append(order, fmt.Sprintf("%d after %v", slices.Index(jobs, j), time.Since(began)))
		}
		b.Close()
		want := []string{"1 after 1s", "0 after 3s", "3 after 4s", "2 after 7s"} // the third is abandoned, and had 4 + 2 seconds
		if !slices.Equal(order, want) || most.Load() != 2 || r.Abandoned() != 1 {
			t.Errorf("%q, not %q; %d at once, %d abandoned", order, want, most.Load(), r.Abandoned())
		}
		time.Sleep(time.Hour)
	})
}

// Jobs whose time is over together are abandoned together.
func TestAbandonedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runner()
		b := exec.Crew{Runner: r}
		b.Begin(t.Context(), 3)
		for range 3 {
			j, _ := job(time.Second, ignores(time.Hour))
			b.Start(j)
		}
		began := time.Now()
		for n := 1; n <= 3; n++ {
			if j := b.Wait(); j == nil || j.State != exec.Abandoned || time.Since(began) != 3*time.Second || r.Abandoned() != n {
				t.Errorf("%d: %+v after %v, %d abandoned", n, j, time.Since(began), r.Abandoned())
			}
		}
		if b.Wait() != nil {
			t.Error("one is left")
		}
		b.Close()
		time.Sleep(2 * time.Hour)
	})
}

// A job that is stopped has the grace period, and the others their time.
func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runner()
		b := exec.Crew{Runner: r}
		b.Begin(t.Context(), 2)
		stopped, _ := job(time.Minute, ignores(time.Hour))
		other, _ := job(time.Minute, ignores(30*time.Second))
		began := time.Now()
		b.Start(stopped)
		b.Start(other)
		time.Sleep(time.Second)
		b.Stop(stopped)
		if j := b.Wait(); j != stopped || j.State != exec.Abandoned || j.Canceled || time.Since(began) != 3*time.Second {
			t.Errorf("%+v after %v", j.Outcome, time.Since(began))
		}
		if j := b.Wait(); j != other || j.State != exec.Ended || j.TimedOut || time.Since(began) != 30*time.Second {
			t.Errorf("%+v after %v", j.Outcome, time.Since(began))
		}
		b.Close()
		time.Sleep(time.Hour)
	})
}

// Close leaves nothing running but what it abandons. A job that starts in a batch that
// was canceled has no more than the grace period, either.
func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runner()
		ctx, cancel := context.WithCancel(t.Context())
		b := exec.Crew{Runner: r}
		b.Begin(ctx, 4)
		began := time.Now()
		first, _ := job(time.Minute, obeys)
		b.Start(first)
		cancel()
		if j := b.Wait(); j != first || !j.Canceled || time.Since(began) != 0 {
			t.Errorf("%+v after %v", j.Outcome, time.Since(began))
		}
		for _, handle := range []func(context.Context) bool{obeys, ignores(time.Second), ignores(time.Hour)} {
			j, _ := job(time.Minute, handle)
			b.Start(j)
		}
		if b.Close(); time.Since(began) != 2*time.Second || r.Abandoned() != 1 {
			t.Errorf("closed after %v, %d abandoned", time.Since(began), r.Abandoned())
		}
		time.Sleep(time.Hour)
	})
}

// Durations and timeouts do not follow the clock of Until.
func TestTimeDoesNotFollowNow(t *testing.T) {
	var hours atomic.Int64
	for name, now := range map[string]func() time.Time{
		"stands still": func() time.Time { return time.Unix(0, 0) },
		"jumps ahead":  func() time.Time { return time.Now().Add(time.Duration(hours.Add(1)) * time.Hour) },
		"jumps back":   func() time.Time { return time.Now().Add(-time.Duration(hours.Add(1)) * time.Hour) },
	} {
		synctest.Test(t, func(t *testing.T) {
			r := &exec.Runner{Grace: time.Second, Now: now}
			j, _ := job(3*time.Second, obeys)
			r.Run(t.Context(), time.Time{}, j)
			hangs, _ := job(3*time.Second, ignores(time.Minute))
			r.Run(t.Context(), time.Time{}, hangs)
			if j.Duration != 3*time.Second || hangs.Duration != 4*time.Second {
				t.Errorf("%s: %v, and %v", name, j.Duration, hangs.Duration)
			}
			time.Sleep(time.Hour)
		})
	}
}

// Two handlers may be abandoned under one key. That one has returned says nothing of the other.
func TestTwoAbandonedUnderOneKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runner()
		for _, d := range []time.Duration{3 * time.Hour, time.Hour} {
			j, _ := job(time.Second, ignores(d))
			j.Key = "s/1.0"
			r.Run(t.Context(), time.Time{}, j)
		}
		for _, abandoned := range []int{2, 1, 0} {
			if r.Abandoned() != abandoned || r.StillRuns("s/1.0") != (abandoned > 0) {
				t.Errorf("%d abandoned, runs: %v", r.Abandoned(), r.StillRuns("s/1.0"))
			}
			time.Sleep(90 * time.Minute)
		}
	})
}
