package funcall

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"github.com/funcall/funcall/internal/text/wording"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// A Result is the state of a run when Run, Send, Resume or Decide returned. It is never nil.
//
// The error is nil for OutcomeDone, OutcomeLimit, OutcomeHandedOff and OutcomeWaiting, and for
// OutcomeTruncated if the response has text and no tool calls; otherwise that is
// [ErrTruncated]. For OutcomeFailed and OutcomeCanceled the call that ran the run returns an
// error. If entries could not be stored, Transcript holds them too.
type Result struct {
	Outcome transcript.Outcome
	// Reason explains the outcome: the limit, the finish reason or the error. For OutcomeDone
	// it is "" if the model ended the run, "called " and the tool for [EndsRun] and [StopAfter],
	// and "stopped: " and the reason for [StopWhen].
	Reason string
	// Calls are the run's tool calls in the model's order, refused and skipped ones included.
	Calls []CallRecord
	// ServerCalls is what the provider's own tools did, such as a web search, in the order in
	// which the calls began.
	ServerCalls []provider.ServerCall
	// Usage is the sum over the run's model calls, failed ones included.
	Usage provider.Usage
	// Steps is the number of model calls that returned a response.
	Steps int
	// Cost is the cost of the run's model calls, as reported by their APIs or by
	// [Config.Prices], and the number of calls whose cost is unknown.
	Cost transcript.Cost
	// Pending are the calls that wait for a decision, in the model's order; see
	// [Session.Decide].
	Pending []transcript.PendingCall
	// InDoubt are the in-doubt calls of the conversation, those of earlier runs included.
	InDoubt []transcript.Ref
	// Output is the structured output that [Generate] asked for: JSON, checked, with defaults
	// filled in. It is nil if the run has no structured output.
	Output json.RawMessage
	// Transcript is the whole conversation, this run included. The session's next run goes on
	// from the same entries: do not change them, nor what they point to.
	Transcript transcript.Transcript

	text     string
	cutCalls bool // the last response was cut off, and held tool calls
}

// Text returns the answer of the run: the text of the model's last response, the closing text,
// or the result of a tool with [EndsRun] or [StopAfter]. If the run waits for a person and the
// response has no text, it is the waiting text ([WithWaitingText]). In any other case it is ""
// if the last response has only tool calls.
func (r *Result) Text() string { return r.text }

// A CallRecord is one tool call and its result.
type CallRecord struct {
	Ref   transcript.Ref
	ID    string
	Tool  string
	Args  string // checked, with defaults filled in; as the model wrote them where they were refused
	Class transcript.Class
	// Status is "" while the call has no result.
	Status  transcript.Status
	Content []provider.Part // what the model reads
	// ErrorText is the error for operators. The model never sees it.
	ErrorText string
	Duration  time.Duration
}

// Text returns the text of Content.
func (c CallRecord) Text() string { return provider.ToolResult{Parts: c.Content}.Text() }

// resultOf reads the last run off the transcript.
func resultOf(k *transcript.Tracker) *Result {
	r := &Result{
		Usage: k.Usage(), Cost: k.Cost(), Steps: k.Steps(), Transcript: k.Transcript(),
		Pending: k.Pending(), InDoubt: k.InDoubt(),
	}
	entries, from := k.LastRun()
	first := 0 // of the calls of the last output
	outAt := -1
	for i, e := range entries {
		switch b := e.Body.(type) {
		case *transcript.Output:
			first, outAt = len(r.Calls), from+i
			r.text = b.Message.Text()
			r.Output = nil
			if answer := b.StructuredOutput(); answer != "" {
				r.Output = json.RawMessage(answer)
			}
			r.cutCalls = !b.Finish.Complete() && len(b.Calls) > 0
			r.addCalls(outAt, b)
			r.ServerCalls = append(r.ServerCalls, b.Message.ServerCalls()...)
		case *transcript.Decision:
			if c := r.call(b.Ref, outAt, first); c != nil && b.Args != "" {
				c.Args = b.Args
			}
		case *transcript.Result:
			if c := r.call(b.Ref, outAt, first); c != nil {
				c.Status, c.Content, c.ErrorText, c.Duration = b.Status, b.Content, b.ErrorText, b.Duration
			}
		}
	}
	var end *transcript.End
	r.Outcome, end = k.Outcome()
	if r.Outcome == transcript.OutcomeWaiting && r.text == "" {
		r.text = wording.WaitingText
		if s := entries[0].Body.(*transcript.Input).Steering; s != nil {
			r.text = cmp.Or(s.WaitingText, r.text)
		}
	}
	if end != nil {
		r.Reason = end.Reason
		if end.ClosingText != "" {
			r.text = end.ClosingText
		}
	}
	return r
}

func (r *Result) addCalls(at int, out *transcript.Output) {
	var raw []provider.ToolCall // nil until a call was refused
	r.Calls = slices.Grow(r.Calls, len(out.Calls))
	for i, c := range out.Calls {
		rec := CallRecord{Ref: transcript.Ref{Entry: at, Index: i}, ID: c.ID, Tool: c.Tool, Args: c.Args, Class: c.Class}
		if c.Refusal != "" && raw == nil {
			raw = out.Message.ToolCalls()
		}
		if c.Refusal != "" && i < len(raw) {
			rec.Args = raw[i].Args
		}
		r.Calls = append(r.Calls, rec)
	}
}

func (r *Result) call(ref transcript.Ref, outAt, first int) *CallRecord {
	if i := first + ref.Index; ref.Entry == outAt && ref.Index >= 0 && i < len(r.Calls) {
		return &r.Calls[i]
	}
	return nil
}
