// Package limits has the default limits of a run, and merges and checks limits.
package limits

import (
	"cmp"
	"fmt"

	"github.com/funcall/funcall/internal/text/wording"
	"github.com/funcall/funcall/transcript"
)

// Default are the limits of an agent that sets none.
var Default = transcript.Limits{Steps: 16, Calls: 64, Refusals: 3, ClosingText: wording.ClosingText}

// Over returns over, with the fields that are zero taken from base.
func Over(base, over transcript.Limits) transcript.Limits {
	return transcript.Limits{
		Steps: cmp.Or(over.Steps, base.Steps), Calls: cmp.Or(over.Calls, base.Calls), Refusals: cmp.Or(over.Refusals, base.Refusals),
		Tokens: cmp.Or(over.Tokens, base.Tokens), ActiveTime: cmp.Or(over.ActiveTime, base.ActiveTime), Cost: cmp.Or(over.Cost, base.Cost),
		ClosingText: cmp.Or(over.ClosingText, base.ClosingText),
	}
}

// Check returns an error if a limit is negative.
func Check(l transcript.Limits) error {
	for _, n := range []struct {
		name  string
		value int64
	}{
		{"Steps", int64(l.Steps)}, {"Calls", int64(l.Calls)}, {"Refusals", int64(l.Refusals)},
		{"Tokens", l.Tokens}, {"ActiveTime", int64(l.ActiveTime)}, {"Cost", int64(l.Cost)},
	} {
		if n.value < 0 {
			return fmt.Errorf("Limits.%s is negative (%d); leave it out for the default", n.name, n.value)
		}
	}
	return nil
}
