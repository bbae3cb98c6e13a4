package console

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/transcript"
)

// calls are tool calls that run side by side, in the order in which they were
// asked for. A call is the event with which it began, and with its status once it has
// ended.
type calls []funcall.Event

func (c *calls) start(ev funcall.Event) {
	ev.Tool = cleanLine(ev.Tool) // as the model wrote it: there need be no such tool
	*c = append(*c, ev)
}

// end reports whether the call that has ended was the last one under way. A
// call that was refused never started.
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

// outcome tells what came of a call. refused means that the shop said no, for a reason of
// business.
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

// took is how long the slowest of the calls took, as they ran side by side.
func (c calls) took() time.Duration {
	var longest time.Duration
	for _, call := range c {
		longest = max(longest, call.Duration)
	}
	return longest
}
