package exec

import "testing"

// A job that ends while it is being abandoned is not taken for one that still runs: otherwise
// no answer of its backend would be believed again.
func TestAbandonTakesItsWordBack(t *testing.T) {
	for state, want := range map[int32]bool{notStarted: true, underWay: true, hasEnded: false, wasAbandoned: false, neverStarted: false} {
		var r Runner
		j := &Job{Key: "s/1.0"}
		j.state.Store(state)
		if got := r.abandon(j); got != want {
			t.Errorf("state %d: abandoned: %v", state, got)
		}
		hangs := state == underWay
		if r.StillRuns("s/1.0") != hangs || r.Abandoned() > 0 != hangs {
			t.Errorf("state %d: it still runs: %v, %d abandoned", state, r.StillRuns("s/1.0"), r.Abandoned())
		}
	}
}
