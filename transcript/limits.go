package transcript

import (
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

// callLimit is the limit that forbids to run a call, or nothing. Steps and
// refusals bound calls of the model, and not the tool calls that a turn made.
func (k *Tracker) callLimit() string {
	why := k.hardLimit()
	if why == "" && k.ranCalls >= k.in.Limits.Calls {
		why = LimitCalls
	}
	return why
}

// refusedTurns returns how many turns in a row had something refused and no call run,
// the last output included.
func (k *Tracker) refusedTurns() int {
	if k.out == nil {
		return k.refusals
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
	return k.refusals + 1
}

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

// hardLimit is a limit that one more call of anything would break.
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

func (k *Tracker) left() time.Duration {
	if k.in.Limits.ActiveTime <= 0 {
		return 0
	}
	return max(k.in.Limits.ActiveTime-k.active, 1)
}

func (k *Tracker) words() string {
	if w := k.in.Limits.ClosingText; w != "" {
		return w
	}
	return wording.AtLimit
}
