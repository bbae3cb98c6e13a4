package console

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/transcript"
)

// calls are tool calls that run side by side, in the order in which they were
// asked for.
type calls []shownCall

type shownCall struct {
	ref        transcript.Ref
	tool, args string
	took       time.Duration
	status     transcript.Status // empty while it runs
	refused    bool              // by the shop, for a reason of business
	says       string
}

// newCall takes the name of the tool as the model wrote it: there need be no such tool.
func newCall(ev funcall.Event) shownCall {
	return shownCall{ref: ev.Ref, tool: cleanLine(ev.Tool), args: ev.Args}
}

func (c *calls) start(ev funcall.Event) {
	*c = append(*c, newCall(ev))
}

// end reports whether the call that has ended was the last one under way. A
// call that was refused never started.
func (c *calls) end(ev funcall.Event) bool {
	open := 0
	found := false
	for i := range *c {
		if call := &(*c)[i]; call.ref == ev.Ref {
			call.finish(ev)
			found = true
		} else if call.status == "" {
			open++
		}
	}
	if !found {
		call := newCall(ev)
		call.finish(ev)
		*c = append(*c, call)
	}
	return open == 0
}

func (c *shownCall) finish(ev funcall.Event) {
	c.took, c.status, c.says = ev.Duration, ev.Status, string(ev.Status)
	if ev.Status != transcript.StatusOK {
		why, _, _ := strings.Cut(ev.Text, "\n")
		c.says += ": " + Clean(why)
		return
	}
	var answer struct {
		Success bool
		Error   string
	}
	if json.Unmarshal([]byte(ev.Text), &answer) == nil && !answer.Success {
		c.refused, c.says = true, Clean(answer.Error)
	}
}

// took is how long the slowest of the calls took, as they ran side by side.
func (c calls) took() time.Duration {
	var longest time.Duration
	for _, call := range c {
		longest = max(longest, call.took)
	}
	return longest
}
