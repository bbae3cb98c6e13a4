package killtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/funcall/funcall/provider"
)

// The times of a schedule's agent. They are short, so that workers overtake each other;
// on a slow machine more calls time out, and what must hold holds all the same.
const (
	toolTimeout = 80 * time.Millisecond
	toolGrace   = 40 * time.Millisecond
	horizon     = toolTimeout + toolGrace // when an intent is over
)

// A schedule is a conversation, and what happens to the workers that bring it to its
// end. It follows from its seed.
type schedule struct {
	seed      uint64
	questions []question
	takeOver  time.Duration // Config.TakeoverAfter, and the time of a lease
	lives     []life
}

// A life is that of one worker. The last one of a schedule has no faults.
type life struct {
	streams bool // it watches its runs
	alone   bool // it begins when all workers before it are dead or stand still; otherwise after a moment
	moment  time.Duration
	faults  []fault
}

// The kinds of faults.
const (
	killed       = "is killed"
	stopped      = "is stopped"
	slow         = "reads slowly" // the consumer of events
	leaves       = "leaves"       // the consumer of events
	killedLater  = "is killed after"
	stoppedLater = "is stopped after"
)

// A fault befalls a worker when it comes to the at-th place where faults do, or, from
// outside, after a time.
type fault struct {
	kind  string
	at    int
	after time.Duration // of killedLater and stoppedLater
	lasts time.Duration // of stopped, stoppedLater and slow
}

func (f fault) String() string {
	switch f.kind {
	case killed:
		return fmt.Sprintf("%s at place %d", f.kind, f.at)
	case killedLater:
		return fmt.Sprintf("%s %v", f.kind, f.after)
	case stoppedLater:
		return fmt.Sprintf("%s %v for %v", f.kind, f.after, f.lasts)
	case leaves:
		return fmt.Sprintf("%s at event %d", f.kind, f.at)
	case slow:
		return fmt.Sprintf("%s: event %d takes %v", f.kind, f.at, f.lasts)
	}
	return fmt.Sprintf("%s at place %d for %v", f.kind, f.at, f.lasts)
}

// String describes the schedule, a line a worker.
func (s schedule) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d, taken over after %v, leased: %t\n", s.seed, s.takeOver, s.leased())
	for _, q := range s.questions {
		for _, turn := range q.turns {
			for _, c := range turn {
				fmt.Fprintf(&b, "  %q: %s(%s)\n", q.text, c.Name, c.Args)
			}
		}
	}
	for i, l := range s.lives {
		fmt.Fprintf(&b, "  worker %d: %v (alone %v, after %v, streams %v)\n", i, l.faults, l.alone, l.moment, l.streams)
	}
	return b.String()
}

// leased reports whether the sessions are leased: those of every other seed.
func (s schedule) leased() bool { return s.seed%2 == 0 && s.takeOver >= toolTimeout }

// newSchedule returns the schedule of that seed.
func newSchedule(seed uint64) schedule {
	rnd := rand.New(rand.NewPCG(seed, 14))
	s := schedule{seed: seed, takeOver: []time.Duration{1, toolTimeout, 2 * toolTimeout}[rnd.IntN(3)]}
	kinds := []string{"look", asked, asked, keyless, ignored, honored, unhonored}
	n := 0
	var effects []provider.ToolCall
	for i := range 1 + rnd.IntN(3) {
		q := question{text: fmt.Sprintf("question %d", i)}
		for range 1 + rnd.IntN(2) {
			var turn []provider.ToolCall
			for range 1 + rnd.IntN(3) {
				n++
				c := call(kinds[rnd.IntN(len(kinds))], fmt.Sprintf(`{"id":"%d"}`, n))
				if i > 0 && len(effects) > 0 && rnd.IntN(3) == 0 { // the same again: it may be in doubt
					c = effects[rnd.IntN(len(effects))]
				}
				c.ID = fmt.Sprintf("call_%d", n)
				turn = append(turn, c)
				if c.Name != "look" {
					effects = append(effects, c)
				}
			}
			q.turns = append(q.turns, turn)
		}
		s.questions = append(s.questions, q)
	}
	for before := range 1 + rnd.IntN(3) {
		places := (6 + 5*n) / (1 + before) // about: a later worker has less to do
		l := life{streams: rnd.IntN(2) == 0, alone: rnd.IntN(3) > 0, moment: within(rnd, 50*time.Millisecond)}
		for range 1 + rnd.IntN(2) {
			f := fault{at: 1 + rnd.IntN(places), after: 20*time.Millisecond + within(rnd, 100*time.Millisecond), lasts: within(rnd, horizon)}
			if rnd.IntN(2) == 0 { // for so long that its intents are over
				f.lasts += horizon
			}
			f.kind = []string{killed, killed, killed, stopped, stopped, stopped, killedLater, stoppedLater}[rnd.IntN(8)]
			if l.streams && rnd.IntN(2) == 0 {
				f.kind = []string{slow, slow, slow, leaves}[rnd.IntN(4)]
			}
			l.faults = append(l.faults, f)
		}
		s.lives = append(s.lives, l)
	}
	s.lives = append(s.lives, life{alone: rnd.IntN(3) > 0, moment: within(rnd, 50*time.Millisecond), streams: rnd.IntN(2) == 0})
	return s
}

// backendFault returns what goes wrong with the n-th request of the schedule.
func (s schedule) backendFault(n int) backendFault {
	rnd := rand.New(rand.NewPCG(s.seed, uint64(n)))
	var f backendFault
	switch rnd.IntN(12) {
	case 0:
		f.before = within(rnd, toolTimeout)
	case 1:
		f.after = within(rnd, 2*toolTimeout)
	case 2:
		f.lost = true
	}
	return f
}

// within returns a time below d.
func within(rnd *rand.Rand, d time.Duration) time.Duration {
	return time.Duration(rnd.Int64N(int64(d)))
}
