package funcall

import (
	"strconv"
	"time"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// An Event is something that happened in a run that is being watched. Which
// fields count depends on Kind. It is a flat struct, so that watching a stream
// allocates nothing beyond its text.
type Event struct {
	Kind EventKind
	// Text is the next piece (EventText, EventReasoning) or what the model
	// will read of the call (EventToolEnd).
	Text string
	// Tool and Ref name the call (EventToolStart, EventToolEnd); EventToolCall
	// has the Tool only, as far as the model has written its name.
	Tool string
	Ref  transcript.Ref
	// Args are the checked arguments, defaults filled in (EventToolStart), or
	// what the model wrote, of a call that never began (EventToolEnd).
	Args string
	// Status and Took say how the call ended (EventToolEnd).
	Status   transcript.Status
	Duration time.Duration
	// Usage is what the turn cost, all zero where the model did not say
	// (EventModel).
	Usage provider.Usage
	// Result is the run's (EventDone).
	Result *Result
}

// EventKind says what an Event tells.
type EventKind uint8

const (
	EventText      EventKind = iota + 1 // the model writes a piece of its answer
	EventReasoning                      // the model thinks aloud
	EventToolCall                       // the model begins to write a tool call
	EventModel                          // a model turn is complete
	EventToolStart                      // a tool call has begun, perhaps beside others; one that began early, once its turn is complete
	EventToolEnd                        // a tool call is answered; one that was refused or skipped never began
	EventDone                           // the run is over; the last event, always
)

// String returns the name of the kind, such as "tool_start".
func (k EventKind) String() string {
	names := [...]string{"", "text", "reasoning", "tool_call", "model", "tool_start", "tool_end", "done"}
	if k == 0 || int(k) >= len(names) {
		return "EventKind(" + strconv.Itoa(int(k)) + ")"
	}
	return names[k]
}
