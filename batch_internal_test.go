package funcall

import (
	"testing"

	"github.com/funcall/funcall/transcript"
)

// A call that ends while it is given up on is not taken for one that still runs:
// what its backend says would never be believed again.
func TestHangsTakesItsWordBack(t *testing.T) {
	for state, want := range map[int32]bool{notStarted: true, underWay: true, hasEnded: false} {
		a := new(Agent)
		c := &call{work: transcript.Work{Key: "s/1.0"}, tool: &tool{class: transcript.ClassEffect}}
		c.state.Store(state)
		if got := c.hangs(a); got != want {
			t.Errorf("state %d: it hangs: %v", state, got)
		}
		if got, want := a.stillRuns("s/1.0"), state == underWay; got != want {
			t.Errorf("state %d: it still runs: %v", state, got)
		}
	}
}
