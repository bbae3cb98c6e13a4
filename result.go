package funcall

import (
	"encoding/json"
	"time"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// A Result is what a run came to. It is there with an error too: then it has
// what was known when the run ended.
type Result struct {
	Outcome transcript.Outcome
	// Why says more of an outcome that is not Done: the limit that was
	// reached, the finish reason, the error.
	Reason string
	// Calls are the run's tool calls, in the order in which the model made
	// them, those that were refused or skipped among them.
	Calls []CallRecord
	// Usage is the sum over the run's model calls, failed ones included.
	Usage provider.Usage
	// Steps is the number of model calls that returned a response.
	Steps int
	// Cost is what the run's model calls cost, as their APIs say it or by the
	// prices of [Config.Prices], and how many are of unknown cost.
	Cost transcript.Cost
	// Pending are the calls that a person has to decide on, for [Session.Decide],
	// in the order of the calls.
	Pending []transcript.Pending
	// Doubts are the calls of the conversation, earlier runs included, of which
	// nobody knows whether they were done.
	InDoubt []transcript.Ref
	// Answer is the answer that [Generate] asked for, as JSON: checked, with
	// defaults filled in. It is nil where there is none.
	Output json.RawMessage
	// Transcript is the whole conversation, this run included.
	Transcript transcript.Transcript

	text     string
	cutCalls bool // the last response was cut off, and held tool calls
}

// Text is the run's answer: what the model said last, or the closing words.
func (r *Result) Text() string { return r.text }

// A CallRecord is one tool call and what became of it.
type CallRecord struct {
	Ref   transcript.Ref
	ID    string
	Tool  string
	Args  string // checked, with defaults filled in; as the model wrote them where they were refused
	Class transcript.Class
	// Status is empty while the call is unanswered.
	Status  transcript.Status
	Content []provider.Part // what the model reads
	// Err is what went wrong on our side; the model never sees it.
	Err      string
	Duration time.Duration
}

// Text is the text of the call's content.
func (c CallRecord) Text() string { return provider.ToolResult{Parts: c.Content}.Text() }

// resultOf reads the last run off the transcript.
func resultOf(k *transcript.Tracker) *Result {
	r := &Result{
		Usage: k.Usage(), Cost: k.Cost(), Steps: k.Steps(), Transcript: k.Transcript(),
		Pending: k.Pending(), InDoubt: k.InDoubt(),
	}
	entries, from := k.Run()
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
		case *transcript.Decision:
			if c := r.call(b.Ref, outAt, first); c != nil && b.Args != "" {
				c.Args = b.Args
			}
		case *transcript.Result:
			if c := r.call(b.Ref, outAt, first); c != nil {
				c.Status, c.Content, c.Err, c.Duration = b.Status, b.Content, b.Err, b.Duration
			}
		}
	}
	var end *transcript.End
	if r.Outcome, end = k.Outcome(); end != nil {
		r.Reason = end.Reason
		if end.ClosingText != "" {
			r.text = end.ClosingText
		}
	}
	return r
}

func (r *Result) addCalls(at int, out *transcript.Output) {
	raw := out.Message.ToolCalls()
	for i, c := range out.Calls {
		rec := CallRecord{Ref: transcript.Ref{Entry: at, Index: i}, ID: c.ID, Tool: c.Tool, Args: c.Args, Class: c.Class}
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
