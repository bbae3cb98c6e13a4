package transcript

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
)

// docs/design.md lists every state of a call and of a run. The states of a call are in the
// order of the constants.
func TestStatesAreInTheDesign(t *testing.T) {
	design, err := os.ReadFile("../docs/design.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(design), "## Where a call stands")
	if !ok {
		t.Fatal("docs/design.md has no table of states")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	calls, runs, _ := strings.Cut(section, "| state of the run |")
	at := 0
	for s := callRefused; s <= callReady; s++ {
		i := strings.Index(calls, "`"+s.String()+"`")
		if i < at {
			t.Errorf("%s is missing, or stands in another place", s)
		}
		at = max(at, i)
	}
	for s := runNone; s <= runEnded; s++ {
		if !strings.Contains(runs, fmt.Sprintf("\n| `%s` |", s)) {
			t.Errorf("the state %s of a run is missing", s)
		}
	}
}

// The look is computed once between two entries.
func TestLookIsCached(t *testing.T) {
	call := Call{ID: "a", Tool: "pay", Class: ClassEffect, ApprovalReason: "it costs money"}
	k := Track(Transcript{ID: "s", Entries: []Entry{
		{Body: &Input{Message: provider.User("hi"), Limits: Limits{Steps: 9, Calls: 9, Refusals: 9}}},
		{Body: &Output{Message: provider.Assistant(provider.ToolCall{ID: "a", Name: "pay"}), Finish: provider.FinishToolCalls, Calls: []Call{call}}},
	}})
	if o, _ := k.Outcome(); o != OutcomeWaiting {
		t.Fatalf("the run is %s", o)
	}
	if n := testing.AllocsPerRun(10, func() { k.Outcome() }); n > 0 {
		t.Errorf("Outcome allocates %v times", n)
	}
	k.slots[0].call.ApprovalReason = "" // which no entry does
	if o, _ := k.Outcome(); o != OutcomeWaiting {
		t.Errorf("no entry was added, and the run is %s", o)
	}
	k.Add(Entry{Body: &Resume{}})
	if o, _ := k.Outcome(); o != OutcomeOpen {
		t.Errorf("an entry was added, and the run is still %s", o)
	}
}
