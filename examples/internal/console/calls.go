package console

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/transcript"
)

// calls are tool calls that run in parallel, in the model's order. A call is its start event,
// with its status once it has ended.
type calls []funcall.Event

func (c *calls) start(ev funcall.Event) {
	ev.Tool = cleanLine(ev.Tool) // the model's text: the tool may not exist
	*c = append(*c, ev)
}

// end reports whether the ended call was the last running one. A refused call never started.
func (c *calls) end(ev funcall.Event) bool {
	open := 0
	found := false
	for i := range *c {
		if call := &(*c)[i]; call.Ref == ev.Ref {
			call.Duration, call.Status, call.Text = ev.Duration, ev.Status, ev.Text
			found = true
		} else if call.Status == "" {
			open++
		}
	}
	if !found {
		c.start(ev)
	}
	return open == 0
}

// An outcomeKind is how the execution log counts a call.
type outcomeKind string

const (
	okCall      outcomeKind = "ok"
	saidNoCall  outcomeKind = "said no" // the shop refused, for a business reason
	failedCall  outcomeKind = "failed"
	deniedCall  outcomeKind = "denied"
	skippedCall outcomeKind = "skipped"
	inDoubtCall outcomeKind = "in doubt"
)

// style returns the color of the outcome.
func (k outcomeKind) style() string {
	switch k {
	case okCall:
		return green
	case failedCall:
		return red
	case inDoubtCall:
		return magenta
	}
	return yellow
}

// outcome returns the outcome of a call and its description.
func outcome(call funcall.Event) (kind outcomeKind, says string) {
	switch call.Status {
	case transcript.StatusOK:
		var answer struct {
			Success bool
			Error   string
		}
		if json.Unmarshal([]byte(call.Text), &answer) == nil && !answer.Success {
			return saidNoCall, cleanLine(answer.Error)
		}
		return okCall, "ok"
	case transcript.StatusInDoubt:
		return inDoubtCall, "in doubt: it is not known whether this was done"
	case transcript.StatusDenied:
		kind = deniedCall
	case transcript.StatusSkipped:
		kind = skippedCall
	default:
		kind = failedCall
	}
	why, _, _ := strings.Cut(call.Text, "\n")
	return kind, string(call.Status) + ": " + cleanLine(why)
}

// took returns the duration of the slowest call, as they ran in parallel.
func (c calls) took() time.Duration {
	var longest time.Duration
	for _, call := range c {
		longest = max(longest, call.Duration)
	}
	return longest
}
