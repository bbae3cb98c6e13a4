// Package exec runs handlers: each on a goroutine other than its caller's, bounded in time,
// and survived whatever it does. A handler that does not return is abandoned, and its
// goroutine with it.
//
// Durations and deadlines follow the monotonic clock. [Job.Until] alone is a time that
// is kept elsewhere, and follows [Runner.Now].
package exec

import (
	"context"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/funcall/funcall/internal/lazyctx"
	"github.com/funcall/funcall/internal/text/plain"
)

// A Handler is foreign code. Its methods are called on the goroutine of its job.
type Handler interface {
	// Handle makes one attempt. It reports whether another attempt may succeed. The
	// context is the same for all attempts. Handle examines its own errors: their
	// methods may panic, too, and a panic is survived here.
	Handle(ctx context.Context) (again bool)
	// Retried is called ahead of the wait for another attempt.
	Retried()
	// Late is called if Handle returns after the job was abandoned, so long after its
	// start.
	Late(after time.Duration)
}

// A Starter is a Handler that may find out that it must not start. If its job has Until, it is
// asked right before Handle.
type Starter interface {
	MayStart(ctx context.Context) bool
}

// A Job is one handler to be run, once.
type Job struct {
	Handler Handler
	// Key is what [Runner.StillRuns] knows an abandoned job by. It may be empty.
	Key string
	// Timeout is when the context ends, counted from the start of the job.
	Timeout time.Duration
	// Until is when the right to run ends, by the wall clock of Runner.Now: no attempt
	// starts later, and the context is done by then. Zero is no bound.
	Until time.Time
	// Retries is how many attempts may follow the first. Backoff is the wait ahead of the
	// first of them; it doubles, and each wait is shortened by chance, by up to a half.
	Retries int
	Backoff time.Duration

	// Outcome says how the job ended, once [Crew.Wait] has returned it. What the
	// handler itself has kept may be read only if State is Ended.
	Outcome

	lazyctx.Context // of the handler
	runner          *Runner
	ended           chan<- *Job // its crew, which is another's once the job is over
	state           atomic.Int32
	retry           atomic.Int32
	canceled        atomic.Bool // by Crew.Cancel
	gone            bool        // its goroutine is: the handler called runtime.Goexit
	began           time.Time
	due             time.Time // when it is abandoned
}

// An Outcome is how a job ended.
type Outcome struct {
	State    State
	TimedOut bool // its context was done when it ended
	Canceled bool // its batch, or the batch's context, was
	Duration time.Duration
	Panic    *Panic // nil if it returned
}

// A Panic is how a handler left that did not return: by a panic, or by runtime.Goexit.
type Panic struct {
	Text  string
	Stack []byte
}

// A State is how a job ended.
type State uint8

const (
	Ended      State = iota + 1 // the handler returned, panicked or called runtime.Goexit
	Abandoned                   // the handler has not returned
	NotStarted                  // the handler was not called, and will not be
)

// The states of a job. A job that has ended, was abandoned or will not start was
// brought there by the goroutine that came first: its own, or the crew's.
const (
	notStarted int32 = iota // a job with Until, until its handler starts
	underWay
	hasEnded
	wasAbandoned
	neverStarted
)

// Retry counts the retries of the job. Any goroutine may call it.
func (j *Job) Retry() int { return int(j.retry.Load()) }

// isOpen reports whether it is undecided how the job ends.
func (j *Job) isOpen() bool {
	s := j.state.Load()
	return s == notStarted || s == underWay
}

// MaxWait is for ever, as far as a job is concerned: sums of it do not overflow.
const MaxWait = 366 * 24 * time.Hour

// A Runner has what jobs share. It may be used by any number of goroutines.
type Runner struct {
	// Grace is how long a handler whose context is done may take to return.
	Grace time.Duration
	// Now is the clock with which Job.Until is compared.
	Now func() time.Time

	abandoned atomic.Int64
	mu        sync.Mutex
	hung      map[string]int // abandoned jobs by key; several may have one
}

// Abandoned is how many handlers were abandoned and have not returned.
func (r *Runner) Abandoned() int { return int(r.abandoned.Load()) }

// StillRuns reports whether a job with the key was abandoned, and has not returned.
func (r *Runner) StillRuns(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.hung[key] > 0
}

// Run runs one job. It returns when the job has ended, or was abandoned. The context
// of the job is done by the deadline, unless that is zero.
func (r *Runner) Run(ctx context.Context, deadline time.Time, j *Job) {
	c := Crew{Runner: r}
	c.Begin(ctx, 1)
	c.Deadline = deadline
	c.Start(j)
	c.Wait()
	c.Close()
}

// left returns how long the job may still run. It reads the wall clock: the monotonic
// one stands still while a machine is suspended.
func (r *Runner) left(j *Job) time.Duration { return j.Until.Round(0).Sub(r.Now().Round(0)) }

// mayStart reports whether an attempt may start now.
func (r *Runner) mayStart(j *Job) bool {
	if j.Until.IsZero() {
		return true
	}
	s, asks := j.Handler.(Starter)
	return r.left(j) > 0 && (!asks || s.MayStart(&j.Context) && r.left(j) > 0)
}

// abandon marks the job as abandoned, unless it has ended, and reports whether it did.
func (r *Runner) abandon(j *Job) bool {
	if j.state.CompareAndSwap(notStarted, neverStarted) {
		return true
	}
	r.count(j, 1) // ahead of the news: when the handler returns, it takes that back
	if j.state.CompareAndSwap(underWay, wasAbandoned) {
		return true
	}
	r.count(j, -1)
	return false
}

// count adds n to the abandoned jobs, and to those with the key of j.
func (r *Runner) count(j *Job, n int) {
	r.abandoned.Add(int64(n))
	if j.Key == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.hung == nil {
		r.hung = make(map[string]int)
	}
	if r.hung[j.Key] += n; r.hung[j.Key] == 0 {
		delete(r.hung, j.Key)
	}
}

// run runs the job, on a goroutine other than its crew's: code that ignores its context could
// not be left otherwise. It reports whether the goroutine may take another job; the crew
// does not wait for one whose job it has abandoned. Nothing may come between the last look
// at Until and the handler.
func (j *Job) run() (mayGoOn bool) {
	if !j.Until.IsZero() && !(j.runner.mayStart(j) && j.Err() == nil && j.state.CompareAndSwap(notStarted, underWay)) {
		if mayGoOn = j.state.CompareAndSwap(notStarted, neverStarted); mayGoOn {
			j.ended <- j
		}
		return mayGoOn
	}
	returned := false
	defer func() { // also when runtime.Goexit takes the goroutine away
		o := Outcome{State: Ended, TimedOut: j.Err() != nil, Canceled: j.wasCanceled(), Duration: time.Since(j.began)}
		gone := false
		if !returned {
			p := recover()
			gone = p == nil
			o.Panic = panicOf(p)
		}
		j.Stop()
		if mayGoOn = j.state.CompareAndSwap(underWay, hasEnded); mayGoOn {
			j.Outcome, j.gone = o, gone
			j.ended <- j
			return
		}
		j.runner.count(j, -1)
		j.Handler.Late(o.Duration)
	}()
	j.attempts()
	returned = true
	return
}

// panicOf says how a handler left that did not return. The stack is still the handler's.
func panicOf(p any) *Panic {
	text := "panic: runtime.Goexit was called"
	if p != nil {
		text = plain.Panic(p)
	}
	return &Panic{Text: text, Stack: debug.Stack()}
}

// wasCanceled reports whether the batch of the job, or the batch's context, was canceled.
func (j *Job) wasCanceled() bool { return j.canceled.Load() || j.Parent().Err() != nil }

// attempts calls the handler, again where that may help.
func (j *Job) attempts() {
	wait := j.Backoff
	for j.Handler.Handle(&j.Context) && j.Retry() < j.Retries && j.Err() == nil {
		j.Handler.Retried()
		if !Sleep(&j.Context, wait-time.Duration(rand.Int64N(int64(wait)/2+1))) || !j.runner.mayStart(j) {
			return
		}
		wait = min(2*wait, MaxWait)
		j.retry.Add(1)
	}
}

// After returns when the time that is left now is over, or zero, for no bound, if left is not
// positive.
func After(left time.Duration) time.Time {
	if left <= 0 {
		return time.Time{}
	}
	return time.Now().Add(left)
}

// Sleep waits for d. It returns false if ctx is done before.
func Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
