package funcall

import (
	"strconv"
	"time"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// An Event is something that happened in a run. Kind says which fields are set. Event is a
// flat struct, so that watching a stream allocates nothing. Its Text may share memory with
// the whole answer: to keep a small piece for long, clone it with [strings.Clone].
type Event struct {
	Kind EventKind
	// Text is the next piece of text (EventText, EventReasoning), or the result that the model
	// will read (EventToolEnd).
	Text string
	// Tool and Ref name the call (EventToolStart, EventToolEnd). EventToolInput has no Ref, and
	// Tool is what the model has written of the name so far.
	Tool string
	Ref  transcript.Ref
	// Args are the checked arguments with defaults filled in (EventToolStart), or what the
	// model wrote for a call that did not start (EventToolEnd).
	Args string
	// Status and Duration are those of the call (EventToolEnd).
	Status   transcript.Status
	Duration time.Duration
	// Usage is the turn's; it is zero if the API did not report it (EventModelEnd).
	Usage provider.Usage
	// Server is the call of a tool that the provider runs itself: what is known of it
	// (EventServerToolStart), or all of it (EventServerToolEnd). Its ID pairs the two, if it
	// has one.
	Server *provider.ServerCall
	// Result is the run's (EventDone).
	Result *Result
}

// EventKind says what happened. Texts that the model did not write are no events: the waiting text
// and the closing text come with the Result of EventDone.
type EventKind uint8

const (
	EventText      EventKind = iota + 1 // the model writes a piece of its answer
	EventReasoning                      // the model thinks aloud
	EventToolInput                      // the model begins to write a tool call
	EventModelEnd                       // the model's response is complete
	EventToolStart                      // a tool call has started, perhaps beside others; one that started early, after EventModelEnd
	EventToolEnd                        // a tool call has its result; a refused or skipped call has no EventToolStart
	EventOutput                         // the model has written more of the structured output; only in GenerateStream
	EventDone                           // the run is over; always the last event
	// EventServerToolStart and EventServerToolEnd say that a tool of the provider began, and
	// what it found. Each call of a response has both, in this order, before EventModelEnd: as
	// they happen if the API streams them, and otherwise when the response is complete.
	EventServerToolStart
	EventServerToolEnd
)

// String returns the name of the kind, such as "tool_start".
func (k EventKind) String() string {
	names := [...]string{"", "text", "reasoning", "tool_call", "model", "tool_start", "tool_end", "output", "done", "server_tool_start", "server_tool_end"}
	if k == 0 || int(k) >= len(names) {
		return "EventKind(" + strconv.Itoa(int(k)) + ")"
	}
	return names[k]
}
