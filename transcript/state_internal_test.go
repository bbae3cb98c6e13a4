package transcript

import (
	"os"
	"strings"
	"testing"
)

// The design lists every state, in the order in which they are told.
func TestStatesAreInTheDesign(t *testing.T) {
	design, err := os.ReadFile("../docs/design.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(design), "## Where a call stands")
	if !ok {
		t.Fatal("docs/design.md has no table of states")
	}
	at := 0
	for s := callAnswered; s <= callReady; s++ {
		i := strings.Index(table, "`"+s.String()+"`")
		if i < at {
			t.Errorf("%s is missing, or stands in another place", s)
		}
		at = max(at, i)
	}
}
