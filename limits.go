package funcall

import (
	"errors"

	"github.com/funcall/funcall/transcript"
)

// Limits bound one run; see [transcript.Limits]. A zero field takes the
// default: 16 steps, 64 calls, 3 turns of refusals in a row, no bound on
// tokens and on active time, and closing words in English.
//
// At a limit the run finishes: calls that are open are skipped, and the model
// is asked once more, with tools off, to close with what it has. Where that
// call would break the limit itself (tokens, active time), or brings no text,
// Words are the answer.
type Limits = transcript.Limits

var defaultLimits = Limits{Steps: 16, Calls: 64, Refusals: 3, Words: transcript.DefaultWords}

// limitsOver returns over, with what it leaves out taken from base.
func limitsOver(base, over Limits) Limits {
	if over.Steps == 0 {
		over.Steps = base.Steps
	}
	if over.Calls == 0 {
		over.Calls = base.Calls
	}
	if over.Refusals == 0 {
		over.Refusals = base.Refusals
	}
	if over.Tokens == 0 {
		over.Tokens = base.Tokens
	}
	if over.Active == 0 {
		over.Active = base.Active
	}
	if over.Words == "" {
		over.Words = base.Words
	}
	return over
}

func checkLimits(l Limits) error {
	if l.Steps < 0 || l.Calls < 0 || l.Refusals < 0 || l.Tokens < 0 || l.Active < 0 {
		return errors.New("a limit is negative; leave it out for the default")
	}
	return nil
}
