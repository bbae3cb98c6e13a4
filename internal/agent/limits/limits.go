// Package limits has the default limits of a run, and merges and checks limits.
package limits

import (
	"cmp"
	"errors"
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

// Check returns an error if a limit is negative. It names all that are.
func Check(l transcript.Limits) error {
	return errors.Join(
		NotNegative("Limits.Steps", int64(l.Steps)), NotNegative("Limits.Calls", int64(l.Calls)),
		NotNegative("Limits.Refusals", int64(l.Refusals)), NotNegative("Limits.Tokens", l.Tokens),
		NotNegative("Limits.ActiveTime", int64(l.ActiveTime)), NotNegative("Limits.Cost", int64(l.Cost)))
}

// NotNegative returns an error if the setting with that name is negative.
func NotNegative(name string, n int64) error {
	if n < 0 {
		return fmt.Errorf("%s is negative (%d); leave it out for the default", name, n)
	}
	return nil
}
