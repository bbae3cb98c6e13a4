package httpapi

import (
	"context"
	"sync"
	"time"
)

// A silence is a budget for the silence of a server: only the time spent waiting for the
// server counts, and only progress refills it. So a slow consumer does not use it up, and a
// server that sends only comments does not extend it.
//
// Its timer is set when it would fire too late, not for every wait, since a timer that is set
// earlier wakes a thread that sleeps. If it fires too early, it is set again. So the budget
// for the first byte usually needs no other setting than the shorter one that follows. The
// timer also ends the exchange at the caller's deadline, during waits and between.
type silence struct {
	cancel   context.CancelCauseFunc // ends the exchange
	deadline time.Time               // zero if the context of the exchange has it
	patience time.Duration           // the budget after the last refill
	usual    time.Duration           // the budget after most refills; zero if it is not known

	mu     sync.Mutex // guards what follows against expire
	budget time.Duration
	since  time.Time // when the wait began; zero between waits
	timer  *time.Timer
	fires  time.Time // when the timer fires; zero if it is not set
}

// refill sets the budget. It must not be called during a wait.
func (s *silence) refill(d time.Duration) { s.patience, s.budget = d, d }

// wait runs f, which waits for the server, and charges its time to the budget.
func (s *silence) wait(f func()) {
	start := s.begin()
	f()
	s.mu.Lock()
	defer s.mu.Unlock()
	// A used-up budget still needs a positive timer: it fires at once.
	s.budget = max(s.budget-time.Since(start), time.Nanosecond)
	s.since = time.Time{}
}

func (s *silence) begin() time.Time {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.since = now
	if s.fires.IsZero() || s.fires.After(now.Add(s.within(now, s.budget))) {
		s.set(now, s.budget)
	}
	return now
}

// within returns d, or the time until the deadline if that is shorter.
func (s *silence) within(now time.Time, d time.Duration) time.Duration {
	if s.deadline.IsZero() {
		return d
	}
	return min(d, s.deadline.Sub(now))
}

// set lets the timer fire once left has passed, or earlier: often enough for usual, and at
// most a few times. The caller holds mu.
func (s *silence) set(now time.Time, left time.Duration) {
	d := left
	if s.usual > 0 {
		d = max(min(left, s.usual), left/2)
	}
	d = s.within(now, d)
	s.fires = now.Add(d)
	if s.timer == nil {
		s.timer = time.AfterFunc(d, s.expire)
		return
	}
	s.timer.Reset(d)
}

// expire ends the exchange if the deadline has come or the budget is used up.
func (s *silence) expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fires = time.Time{}
	switch now := time.Now(); {
	case !s.deadline.IsZero() && !now.Before(s.deadline):
		s.cancel(context.DeadlineExceeded)
	case !s.since.IsZero():
		if left := s.budget - now.Sub(s.since); left > 0 {
			s.set(now, left)
		} else {
			s.cancel(errSilent)
		}
	case !s.deadline.IsZero(): // the next wait sets the timer for the budget
		s.set(now, s.deadline.Sub(now))
	}
}

// stop ends the watch, even in the middle of a wait.
func (s *silence) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.since, s.deadline = time.Time{}, time.Time{}
	if s.timer != nil {
		s.timer.Stop()
	}
}
