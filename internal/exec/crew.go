package exec

import (
	"context"
	"slices"
	"time"
)

// A Crew runs jobs side by side, batch by batch, on goroutines that serve all batches: one
// that has finished a job takes another, with the stack that it has grown. They end with
// Close, but one with an abandoned job, which ends with its handler. The methods of a Crew
// are called by one goroutine at a time.
type Crew struct {
	// Runner is what the crew shares with others.
	Runner *Runner
	// Deadline is when the contexts of the batch's jobs are done at the latest. Zero is no
	// bound. Begin resets it.
	Deadline time.Time

	ctx      context.Context // of the batch
	parallel int
	canceled <-chan struct{} // closed with ctx; nil if ctx has none, or once all open jobs were told
	stopped  bool            // Cancel was called
	open     []*Job          // in the order of their starts; Wait has to return them
	late     *time.Timer     // nil until the first job
	due      time.Time       // when late fires; zero for never

	jobs  chan *Job // to the goroutines that wait
	ended chan *Job // from them
	idle  int       // how many goroutines wait for a job, or will at once
}

// endedRoom is how many jobs can end before Wait is called and keep no goroutine.
const endedRoom = 8

// Begin begins a batch that is full with that many open jobs. No job of an earlier batch
// may be open.
func (c *Crew) Begin(ctx context.Context, parallel int) {
	c.ctx, c.parallel, c.canceled, c.stopped, c.Deadline = ctx, parallel, ctx.Done(), false, time.Time{}
}

// Full reports whether no further job may start before Wait has returned one.
func (c *Crew) Full() bool { return len(c.open) >= c.parallel }

// Start starts a job.
func (c *Crew) Start(j *Job) {
	timeout := j.Timeout
	if !c.Deadline.IsZero() {
		timeout = min(timeout, time.Until(c.Deadline))
	}
	if j.Until.IsZero() {
		j.state.Store(underWay)
	} else {
		timeout = min(timeout, c.Runner.left(j))
	}
	if c.jobs == nil {
		c.jobs, c.ended = make(chan *Job), make(chan *Job, endedRoom)
	}
	j.began = time.Now()
	deadline := j.began.Add(timeout)
	j.Begin(c.ctx, deadline)
	j.runner, j.ended = c.Runner, c.ended
	c.open = append(c.open, j)
	c.abandonAt(j, deadline.Add(c.Runner.Grace))
	if c.stopped {
		c.cancelJob(j)
	} else if c.ctx.Err() != nil {
		c.hurry(j)
	}
	if c.idle > 0 {
		c.idle--
		c.jobs <- j
		return
	}
	go work(j, c.jobs)
}

// work runs the first job, and then those that come until a nil one.
func work(first *Job, jobs <-chan *Job) {
	if !first.run() {
		return
	}
	for j := range jobs {
		if j == nil || !j.run() {
			return
		}
	}
}

// Wait returns the next job that is over, or nil if none is open.
func (c *Crew) Wait() *Job {
	for len(c.open) > 0 {
		select {
		case j := <-c.ended:
			if !j.gone {
				c.idle++
			}
			return c.close(j)
		case <-c.canceled:
			c.hurryAll()
		case <-c.late.C:
			if j := c.abandonOne(); j != nil {
				return c.close(j)
			}
		}
	}
	return nil
}

func (c *Crew) close(j *Job) *Job {
	i := slices.Index(c.open, j)
	c.open = slices.Delete(c.open, i, i+1)
	switch j.state.Load() {
	case neverStarted:
		j.Outcome = Outcome{State: NotStarted, Canceled: j.wasCanceled()}
		j.Stop()
	case wasAbandoned:
		j.Outcome = Outcome{State: Abandoned, Canceled: j.wasCanceled(), Duration: time.Since(j.began)}
	}
	return j
}

// Stop ends the context of a job that has started, and leaves it no more than the
// grace period. Wait returns it all the same.
func (c *Crew) Stop(j *Job) {
	j.Stop()
	c.hurry(j)
}

// Cancel ends the contexts of the batch's jobs, and leaves them no more than the grace
// period. It does so to jobs that start later, too.
func (c *Crew) Cancel() {
	c.stopped = true
	for _, j := range c.open {
		c.cancelJob(j)
	}
}

func (c *Crew) cancelJob(j *Job) {
	j.canceled.Store(true) // ahead of the news
	c.Stop(j)
}

// End cancels the batch. It returns when no job is open. Of the goroutines one stays: many
// runs wait for their models at the same time.
func (c *Crew) End() {
	c.Cancel()
	for c.Wait() != nil {
	}
	for ; c.idle > 1; c.idle-- {
		c.jobs <- nil
	}
}

// Close ends the batch, and the goroutines.
func (c *Crew) Close() {
	if c.jobs == nil {
		return
	}
	c.End()
	c.late.Stop()
	close(c.jobs)
	c.jobs, c.idle, c.due = nil, 0, time.Time{}
}

// abandonAt sets the time at which a job is abandoned. The timer may fire earlier, for a
// job that has ended.
func (c *Crew) abandonAt(j *Job, t time.Time) {
	j.due = t
	if !c.due.IsZero() && !t.Before(c.due) {
		return
	}
	if c.due = t; c.late == nil {
		c.late = time.NewTimer(time.Until(t))
		return
	}
	c.late.Reset(time.Until(t))
}

// hurry leaves a job that was told to stop no more than the grace period.
func (c *Crew) hurry(j *Job) {
	if soon := time.Now().Add(c.Runner.Grace); soon.Before(j.due) {
		c.abandonAt(j, soon)
	}
}

// hurryAll tells the jobs that the batch's context is done.
func (c *Crew) hurryAll() {
	c.canceled = nil
	for _, j := range c.open {
		_ = j.Err() // which keeps it
		c.hurry(j)
	}
}

// abandonOne abandons one job whose time is over and that has not ended. It sets
// the timer for the next, which may be at once.
func (c *Crew) abandonOne() (abandoned *Job) {
	now := time.Now()
	c.due = time.Time{}
	for _, j := range c.open {
		switch {
		case !j.isOpen():
		case abandoned != nil || j.due.After(now):
			c.abandonAt(j, j.due)
		case c.Runner.abandon(j):
			abandoned = j
		}
	}
	return abandoned
}
