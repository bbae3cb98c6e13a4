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

// outcome describes the outcome of a call. refused reports a business reason of the shop.
func outcome(call funcall.Event) (says string, refused bool) {
	if call.Status != transcript.StatusOK {
		why, _, _ := strings.Cut(call.Text, "\n")
		return string(call.Status) + ": " + Clean(why), false
	}
	var answer struct {
		Success bool
		Error   string
	}
	if json.Unmarshal([]byte(call.Text), &answer) == nil && !answer.Success {
		return Clean(answer.Error), true
	}
	return string(call.Status), false
}

// took returns the duration of the slowest call, as they ran in parallel.
func (c calls) took() time.Duration {
	var longest time.Duration
	for _, call := range c {
		longest = max(longest, call.Duration)
	}
	return longest
}
