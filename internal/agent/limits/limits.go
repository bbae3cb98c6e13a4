// Package limits has the default limits of a run, and merges and checks limits.
package limits

import (
	"cmp"
	"errors"

	"github.com/funcall/funcall/internal/text/wording"
	"github.com/funcall/funcall/transcript"
)

// Default are the limits of an agent that sets none.
var Default = transcript.Limits{Steps: 16, Calls: 64, Refusals: 3, ClosingText: wording.AtLimit}

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
	if l.Steps < 0 || l.Calls < 0 || l.Refusals < 0 || l.Tokens < 0 || l.ActiveTime < 0 || l.Cost < 0 {
		return errors.New("a limit is negative; leave it out for the default")
	}
	return nil
}
