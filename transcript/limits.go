package transcript

import (
	"fmt"
	"time"

	"github.com/funcall/funcall/internal/text/wording"
)

// Names of limits, as in End.Reason.
const (
	LimitSteps       = "steps"
	LimitCalls       = "calls"
	LimitRefusals    = "refusals"
	LimitTokens      = "tokens"
	LimitActiveTime  = "active time"
	LimitCost        = "cost"
	LimitUnknownCost = "a turn of unknown cost" // only if Limits.Cost is set
)

// LimitBudget returns End.Reason of a run whose budget with that name is spent.
func LimitBudget(name string) string { return fmt.Sprintf("budget %q", name) }

// callLimit returns the limit that forbids further tool calls, or "". The limits of steps and
// refusals bound model calls, and do not apply to tool calls of a turn that exists.
func (k *Tracker) callLimit() string {
	why := k.hardLimit()
	if why == "" && k.ranCalls >= k.in.Limits.Calls {
		why = LimitCalls
	}
	return why
}

// refusedTurns returns the number of turns in a row, up to the last output, in which a call or
// a structured output was refused and no call ran.
func (k *Tracker) refusedTurns() int {
	if k.out == nil {
		return int(k.refusals)
	}
	if k.ran {
		return 0
	}
	refused := k.out.Refusal != ""
	for i := range k.slots {
		refused = refused || k.entryState(&k.slots[i]) == callRefused
	}
	if !refused {
		return 0
	}
	return int(k.refusals) + 1
}

// limit returns the limit that forbids another model call with tools, or "".
func (k *Tracker) limit(refusals int) string {
	l := k.in.Limits
	switch hard := k.hardLimit(); {
	case hard != "":
		return hard
	case k.steps >= l.Steps:
		return LimitSteps
	case k.ranCalls >= l.Calls:
		return LimitCalls
	case refusals >= l.Refusals:
		return LimitRefusals
	}
	return ""
}

// hardLimit returns the limit that any further call would break, of a model or of a tool, or
// "".
func (k *Tracker) hardLimit() string {
	l := k.in.Limits
	switch {
	case l.Tokens > 0 && k.usage.Total() >= l.Tokens:
		return LimitTokens
	case l.ActiveTime > 0 && k.active >= l.ActiveTime:
		return LimitActiveTime
	case l.Cost > 0 && k.cost.Amount >= l.Cost:
		return LimitCost
	case l.Cost > 0 && k.cost.UnknownCalls > 0:
		return LimitUnknownCost
	}
	return ""
}

// timeLeft returns the active time left: 0 means no bound, so it is at least 1 ns otherwise.
func (k *Tracker) timeLeft() time.Duration {
	if k.in.Limits.ActiveTime <= 0 {
		return 0
	}
	return max(k.in.Limits.ActiveTime-k.active, 1)
}

// closingText returns the run's closing text, or the default one.
func (k *Tracker) closingText() string {
	if w := k.in.Limits.ClosingText; w != "" {
		return w
	}
	return wording.ClosingText
}
