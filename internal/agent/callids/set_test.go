package callids

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/provider"
)

// A set that follows a conversation says the same as one that reads it anew, also after turns
// were withdrawn and messages replaced.
func TestASetFollowsTheConversation(t *testing.T) {
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		var set Set
		var past []*provider.Message
		for range 30 {
			switch n := rnd.IntN(10); {
			case n == 0: // a withdrawal
				past = past[:rnd.IntN(len(past)+1):len(past)]
				past = past[:len(past):len(past)]
			case n == 1 && len(past) > 0: // media left out
				i := rnd.IntN(len(past))
				past = append([]*provider.Message(nil), past...)
				past[i] = &provider.Message{Role: past[i].Role, Parts: past[i].Parts}
			case n == 2:
				past = append(past, provider.User("hi"))
			}
			turn := provider.Assistant()
			for range rnd.IntN(4) {
				turn.Parts = append(turn.Parts, provider.ToolCall{ID: "call_" + strconv.Itoa(rnd.IntN(40)), Name: "look", Args: strconv.Itoa(rnd.IntN(2))})
			}
			got, want := set.Own(past, turn), new(Set).Own(past, turn)
			if diff := cmp.Diff(want.Parts, got.Parts); diff != "" {
				t.Fatalf("seed %d: a set that followed (-want +got):\n%s", seed, diff)
			}
			past = append(past, got)
		}
	}
}

// A turn costs its calls, not the conversation.
func TestASetReadsAMessageOnce(t *testing.T) {
	var set Set
	past := []*provider.Message{provider.Assistant(provider.ToolCall{ID: "a", Name: "look"})}
	set.Own(past, provider.Assistant(provider.ToolCall{ID: "b", Name: "look"}))
	past[0].Parts = nil // which a conversation never does
	past = append(past, provider.User("hi"))
	own := set.Own(past, provider.Assistant(provider.ToolCall{ID: "a", Name: "look"}))
	if own.ToolCalls()[0].ID == "a" {
		t.Error("the first message was read again")
	}
}

// A turn of many calls keeps the IDs that can be kept, and the others get the next free ones.
func TestManyCalls(t *testing.T) {
	const n = 256
	turn := provider.Assistant()
	for i := range n {
		turn.Parts = append(turn.Parts, provider.ToolCall{ID: "call_" + strconv.Itoa(i), Name: "look"})
	}
	if got := new(Set).Own(nil, turn); got != turn {
		t.Error("calls with IDs of their own were changed")
	}
	for i := range n {
		turn.Parts = append(turn.Parts, provider.ToolCall{ID: "call_1", Name: "look", Args: strconv.Itoa(i)})
	}
	calls := new(Set).Own(nil, turn).ToolCalls()
	for i, c := range calls {
		if want := "call_" + strconv.Itoa(i); c.ID != want || (c.RawID == "call_1") != (i >= n) {
			t.Fatalf("call %d: ID %q, RawID %q, want the ID %q", i, c.ID, c.RawID, want)
		}
	}
	if len(calls) != 2*n {
		t.Errorf("%d calls", len(calls))
	}
}

// The check of a turn of a few calls allocates nothing.
func TestAFewCallsCostNothing(t *testing.T) {
	turn := provider.Assistant()
	for i := range 8 {
		turn.Parts = append(turn.Parts, provider.ToolCall{ID: "call_" + strconv.Itoa(i), Name: "look"})
	}
	var set Set
	if n := testing.AllocsPerRun(10, func() { set.Own(nil, turn) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkOwn(b *testing.B) {
	turn := provider.Assistant()
	for i := range 256 {
		turn.Parts = append(turn.Parts, provider.ToolCall{ID: "call_" + strconv.Itoa(i), Name: "look"})
	}
	var set Set
	b.ReportAllocs()
	for b.Loop() {
		set.Own(nil, turn)
	}
}
