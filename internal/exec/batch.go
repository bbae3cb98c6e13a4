package exec

import (
	"context"
	"time"
)

// A Batch runs jobs side by side. Its methods are called by one goroutine at a time.
type Batch struct {
	// Deadline is when the contexts of its jobs are done at the latest. Zero is no bound.
	Deadline time.Time

	runner   *Runner
	ctx      context.Context
	cancel   context.CancelFunc
	canceled <-chan struct{} // nil once the jobs know
	started  []*Job
	ended    chan *Job // has room for every open job: none waits to send
	open     int       // jobs that Wait has to return
	late     *time.Timer
	due      time.Time // when late fires; zero for never
}

// Batch returns a batch that is full with that many open jobs.
func (r *Runner) Batch(ctx context.Context, parallel int) Batch {
	b := Batch{runner: r, started: make([]*Job, 0, parallel), ended: make(chan *Job, parallel)}
	b.ctx, b.cancel = context.WithCancel(ctx)
	b.canceled = b.ctx.Done()
	return b
}

// Full reports whether no further job may start before Wait has returned one.
func (b *Batch) Full() bool { return b.open == cap(b.ended) }

// Start starts a job.
func (b *Batch) Start(j *Job) {
	timeout := j.Timeout
	if !b.Deadline.IsZero() {
		timeout = min(timeout, time.Until(b.Deadline))
	}
	if j.Until.IsZero() {
		j.state.Store(underWay)
	} else {
		timeout = min(timeout, b.runner.left(j))
	}
	ctx, stop := context.WithTimeout(b.ctx, timeout)
	j.stop, j.began = stop, time.Now()
	b.started = append(b.started, j)
	b.open++
	b.abandonAt(j, j.began.Add(timeout+b.runner.Grace))
	if b.canceled == nil {
		b.hurry(j)
	}
	go b.run(ctx, j)
}

// run is the goroutine of a job: code that ignores its context could not be left
// otherwise. Nothing may come between the last look at Until and the handler.
func (b *Batch) run(ctx context.Context, j *Job) {
	if !j.Until.IsZero() && !(b.runner.mayStart(j) && ctx.Err() == nil && j.state.CompareAndSwap(notStarted, underWay)) {
		if j.state.CompareAndSwap(notStarted, neverStarted) {
			b.ended <- j
		}
		return
	}
	var p *Panic
	defer func() { // also when runtime.Goexit takes the goroutine away
		o := Outcome{State: Ended, TimedOut: ctx.Err() != nil, Canceled: b.ctx.Err() != nil, Duration: time.Since(j.began), Panic: p}
		j.stop()
		if j.state.CompareAndSwap(underWay, hasEnded) {
			j.Outcome = o
			b.ended <- j
			return
		}
		b.runner.count(j, -1)
		j.Handler.Late(o.Duration)
	}()
	b.runner.attempts(ctx, j, &p)
}

// Wait returns the next job that is over, or nil if none is open.
func (b *Batch) Wait() *Job {
	for b.open > 0 {
		select {
		case j := <-b.ended:
			return b.close(j)
		case <-b.canceled:
			b.canceled = nil
			for _, j := range b.started {
				b.hurry(j)
			}
		case <-b.late.C:
			if j := b.abandonOne(); j != nil {
				return b.close(j)
			}
		}
	}
	return nil
}

func (b *Batch) close(j *Job) *Job {
	b.open--
	switch j.state.Load() {
	case neverStarted:
		j.stop()
		j.Outcome = Outcome{State: NotStarted, Canceled: b.ctx.Err() != nil}
	case wasAbandoned:
		j.Outcome = Outcome{State: Abandoned, Canceled: b.ctx.Err() != nil, Duration: time.Since(j.began)}
	}
	return j
}

// Stop ends the context of a job that has started, and leaves it no more than the
// grace period. Wait returns it all the same.
func (b *Batch) Stop(j *Job) {
	j.stop()
	b.hurry(j)
}

// Cancel ends the contexts of the jobs, and leaves them no more than the grace period.
func (b *Batch) Cancel() { b.cancel() }

// Close cancels the batch. It returns when no job is open.
func (b *Batch) Close() {
	b.cancel()
	for b.Wait() != nil {
	}
	if b.late != nil {
		b.late.Stop()
	}
}

// abandonAt sets the time at which a job is abandoned.
func (b *Batch) abandonAt(j *Job, t time.Time) {
	j.due = t
	if !b.due.IsZero() && !t.Before(b.due) {
		return
	}
	if b.due = t; b.late == nil {
		b.late = time.NewTimer(time.Until(t))
		return
	}
	b.late.Reset(time.Until(t))
}

// hurry leaves a job that was told to stop no more than the grace period.
func (b *Batch) hurry(j *Job) {
	if soon := time.Now().Add(b.runner.Grace); soon.Before(j.due) {
		b.abandonAt(j, soon)
	}
}

// abandonOne abandons one job whose time is over and that has not ended. It sets
// the timer for the next, which may be at once.
func (b *Batch) abandonOne() (abandoned *Job) {
	now := time.Now()
	b.due = time.Time{}
	for _, j := range b.started {
		switch {
		case !j.isOpen():
		case abandoned != nil || j.due.After(now):
			b.abandonAt(j, j.due)
		case b.runner.abandon(j):
			abandoned = j
		}
	}
	return abandoned
}
