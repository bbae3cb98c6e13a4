package transcript

import (
	"fmt"
	"slices"

	"github.com/funcall/funcall/provider"
)

// textWithdrawn stands in for a result that is left out.
const textWithdrawn = "The call ended as %q. Its result is left out, as it cannot be sent (%s)."

// byCaller is the reason in textWithdrawn if the caller withdrew the result.
const byCaller = "it was taken back"

// A mark is a place in the messages that a withdrawal can go back to: in front of an
// input's message, or behind that of an output.
type mark struct {
	at       int     // the entry
	out      *Output // nil for an input
	messages int     // how many there are up to here
}

// Withdraw returns what to append so that the last turn which is not withdrawn yet
// is left out of what the model is sent: the results that [Repair] adds, and a
// Withdrawal of the turn's input and all that follows. It also returns the input's
// message. It returns nothing if no turn is left, if a run is open, or if a call waits
// for a decision.
func (k *Tracker) Withdraw() ([]Body, *provider.Message) {
	bodies, waits := k.answerOpen()
	if k.end == nil || waits {
		return nil, nil
	}
	for _, m := range slices.Backward(k.marks) {
		if m.out == nil {
			return append(bodies, &Withdrawal{From: m.at}), k.t.Entries[m.at].Body.(*Input).Message
		}
	}
	return nil, nil
}

// refusedFor returns what the API refused the last request of the run for that end
// closes, or "" if it did not refuse what a message holds.
func (k *Tracker) refusedFor(end *End) provider.ErrorKind {
	switch {
	case end.Outcome == Failed && k.failed != nil && k.failed.refusesContent():
		return k.failed.Kind
	case end.Outcome == Cut && k.out != nil && k.out.Finish == provider.FinishFiltered:
		return provider.Filtered
	}
	return ""
}

// refusedContent returns the withdrawal of what the API refused in the last run, or
// nil: the results that the model was told last, or the input if there are none.
func (k *Tracker) refusedContent() *Withdrawal {
	if k.refused == "" {
		return nil
	}
	for _, m := range slices.Backward(k.marks) {
		switch {
		case m.out == nil:
			return &Withdrawal{From: m.at, Reason: k.refused}
		case len(m.out.Calls) > 0 && m.out.Finish.Complete():
			return &Withdrawal{From: m.at + 1, Reason: k.refused}
		}
	}
	return nil
}

func (k *Tracker) fitsWithdrawal(w *Withdrawal) error {
	switch {
	case k.in == nil:
		return errNoRun
	case k.end == nil:
		return errUnclosed
	case len(k.open()) > 0:
		return fmt.Errorf("call %s has no result", Ref{k.outAt, k.open()[0]})
	case k.markOf(w) < 0:
		return fmt.Errorf("entry %d is no input and follows no output with calls, or is withdrawn already", w.From)
	}
	return nil
}

// markOf returns the index of the mark that w goes back to, or -1.
func (k *Tracker) markOf(w *Withdrawal) int {
	return slices.IndexFunc(k.marks, func(m mark) bool {
		if m.out == nil {
			return m.at == w.From
		}
		return m.at+1 == w.From && len(m.out.Calls) > 0
	})
}

// withdraw leaves out what w names.
func (k *Tracker) withdraw(w *Withdrawal) {
	i := k.markOf(w)
	m := k.marks[i]
	k.messages = slices.Clip(k.messages[:m.messages]) // what was handed out keeps its memory
	k.answered, k.said, k.refused = true, nil, ""
	if m.at <= k.inAt {
		k.withdrawn = true
	}
	if m.out == nil {
		k.marks = k.marks[:i]
		return
	}
	k.marks = k.marks[:i+1]
	k.messages = append(k.messages, k.standIns(m, w.Reason))
}

// standIns is the message that answers the calls of an output whose results are left
// out.
func (k *Tracker) standIns(m mark, reason provider.ErrorKind) *provider.Message {
	status := make([]Status, len(m.out.Calls))
	for _, e := range k.t.Entries[m.at:] {
		if r, ok := e.Body.(*Result); ok && r.Ref.Entry == m.at && r.Ref.Index < len(status) && status[r.Ref.Index] == "" {
			status[r.Ref.Index] = r.Status
		}
	}
	if reason == "" {
		reason = byCaller
	}
	answers := &provider.Message{Role: provider.RoleTool}
	for i, c := range m.out.Calls {
		answers.Parts = append(answers.Parts, provider.ToolResult{
			CallID: c.ID, Name: c.Tool, IsError: status[i] != StatusOK,
			Parts: []provider.Part{provider.Text{Text: fmt.Sprintf(textWithdrawn, status[i], reason)}},
		})
	}
	return answers
}
