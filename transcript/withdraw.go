package transcript

import (
	"fmt"
	"slices"
	"sort"

	"github.com/funcall/funcall/provider"
)

// Texts that stand in for results and media that are left out, and the reason they give if the
// caller withdrew them.
const (
	textWithdrawn      = "The call ended with status %q. The result is left out (%s)."
	textWithdrawnMedia = "[media left out: %s]"
	byCaller           = "withdrawn by the caller"
)

// A mark is a position in the messages to which a withdrawal can go back: before an input's
// message, or after an output's.
type mark struct {
	at        int     // the entry
	in        *Input  // the input of the run
	out       *Output // nil for an input
	slots     []slot  // the calls of out
	messages  int     // the number of messages up to here
	withdrawn bool    // the results of out are left out
}

// from returns the first entry that a withdrawal to m leaves out.
func (m *mark) from() int {
	if m.out == nil {
		return m.at
	}
	return m.at + 1
}

// Withdraw returns the entries that leave the last turn out of what the model is sent: the
// results that [Repair] adds, and a Withdrawal of the turn's input and all that follows it. It
// also returns the input's message, which must not be changed. A turn that is withdrawn
// already is skipped. If no turn is left, a run is open, a call of the turn awaits approval,
// or an entry needs a newer version, Withdraw returns nil.
func (k *Tracker) Withdraw() ([]Body, *provider.Message) {
	if k.end == nil || k.inputs == 0 || k.newer != nil {
		return nil, nil
	}
	m := k.marks[k.inputs-1]
	k.look()
	for s := range k.calls {
		if s.state == callAwaiting && s.ref.Entry > m.at {
			return nil, nil
		}
	}
	return append(k.answerOpen(), &Withdrawal{From: m.at}), m.in.Message
}

// refusedFor returns why the API refused the content of the last request of the run that end
// closes, or "" if it did not.
func (k *Tracker) refusedFor(end *End) provider.ErrorKind {
	switch {
	case end.Outcome == OutcomeFailed && k.failed != nil && k.failed.refusesContent():
		return k.failed.Kind
	case end.Outcome == OutcomeTruncated && k.out != nil && k.out.Finish == provider.FinishFiltered:
		return provider.KindFiltered
	}
	return ""
}

// refusedContent returns the withdrawal of the content that the API refused in the last run,
// or nil. If the API refused media, it leaves out the media that was sent last, in whichever
// turn. Otherwise it leaves out the last tool results or, if there are none, the input.
func (k *Tracker) refusedContent() *Withdrawal {
	if k.refused == "" {
		return nil
	}
	if k.refused == provider.KindInvalidMedia {
		return k.refusedMedia()
	}
	for _, m := range slices.Backward(k.marks) {
		if m.out == nil || len(m.out.Calls) > 0 && m.out.Finish.Complete() && !m.withdrawn {
			return &Withdrawal{From: m.from(), Reason: k.refused}
		}
	}
	return nil
}

func (k *Tracker) refusedMedia() *Withdrawal {
	k.catchUp(false)
	end := len(k.messages)
	for _, m := range slices.Backward(k.marks) {
		if slices.ContainsFunc(k.messages[m.messages:end], holdsMedia) && (m.out == nil || len(m.out.Calls) > 0) {
			return &Withdrawal{From: m.from(), Media: true, Reason: k.refused}
		}
		if m.out == nil {
			end = m.messages
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
	case k.missing > 0:
		return errNoResult(unanswered(k.slots))
	case k.markOf(w) == nil:
		return fmt.Errorf("entry %d cannot be withdrawn: it is withdrawn already, or neither an input nor the entry after an output with calls in the last run", w.From)
	}
	if w.Media {
		return nil
	}
	for _, m := range slices.Backward(k.earlier) {
		if m.at < w.From {
			break
		}
		if s := unanswered(m.slots); s != nil {
			return errNoResult(s)
		}
	}
	return nil
}

// markOf returns the mark to which w goes back, or nil.
func (k *Tracker) markOf(w *Withdrawal) *mark {
	i := sort.Search(len(k.marks), func(i int) bool { return k.marks[i].from() >= w.From })
	if i == len(k.marks) || k.marks[i].from() != w.From {
		return nil
	}
	m := &k.marks[i]
	if m.out != nil && (len(m.out.Calls) == 0 || m.withdrawn && !w.Media) {
		return nil
	}
	return m
}

// withdraw removes what w names from the messages.
func (k *Tracker) withdraw(w *Withdrawal) {
	k.catchUp(true)
	m := k.markOf(w)
	k.own()
	k.refused = ""
	if w.Media {
		for i, sent := range k.messages[m.messages:] {
			k.messages[m.messages+i] = withoutMedia(sent, w.Reason)
		}
		return
	}
	k.messages = k.messages[:m.messages]
	if len(k.messages) < int(k.lastMessages) {
		k.lastUsage, k.lastMessages = nil, 0
	}
	k.earlier = slices.DeleteFunc(k.earlier, func(e mark) bool { return e.at >= w.From })
	if m.at <= k.inAt {
		k.withdrawn = true
	}
	if m.out == nil {
		i := sort.Search(int(k.inputs), func(i int) bool { return k.marks[i].at >= m.at })
		k.marks, k.inputs = k.marks[:i], int32(i)
		return
	}
	m.withdrawn = true
	k.messages = append(k.messages, k.standIns(m, w.Reason))
	i := sort.Search(len(k.marks), func(i int) bool { return k.marks[i].at > m.at })
	k.marks = k.marks[:i]
}

// standIns returns the message that stands in for results that are left out. Results with
// texts of this package are kept: they tell the model what to do.
func (k *Tracker) standIns(m *mark, reason provider.ErrorKind) *provider.Message {
	answers := &provider.Message{Role: provider.RoleTool}
	for i, c := range m.out.Calls {
		r := m.slots[i].result
		if r == nil {
			continue
		}
		content := r.Content
		switch r.Status {
		case StatusSkipped, StatusInterrupted, StatusInDoubt:
		default:
			content = []provider.Part{provider.Text{Text: fmt.Sprintf(textWithdrawn, r.Status, orCaller(reason))}}
		}
		answers.Parts = append(answers.Parts, provider.ToolResult{CallID: c.ID, Name: c.Tool, IsError: r.Status != StatusOK, Parts: content})
	}
	return answers
}

func orCaller(reason provider.ErrorKind) string {
	if reason == "" {
		return byCaller
	}
	return string(reason)
}

// holdsMedia reports whether the message or one of its tool results holds media.
func holdsMedia(m *provider.Message) bool { return slices.ContainsFunc(m.Parts, isOrHoldsMedia) }

func isOrHoldsMedia(p provider.Part) bool {
	switch p := p.(type) {
	case provider.Media:
		return true
	case provider.ToolResult:
		return slices.ContainsFunc(p.Parts, isOrHoldsMedia)
	}
	return false
}

// withoutMedia returns the message with texts in place of its media, or m itself if it has no
// media.
func withoutMedia(m *provider.Message, reason provider.ErrorKind) *provider.Message {
	if !holdsMedia(m) {
		return m
	}
	return &provider.Message{Role: m.Role, Parts: partsWithoutMedia(m.Parts, reason), State: m.State}
}

func partsWithoutMedia(parts []provider.Part, reason provider.ErrorKind) []provider.Part {
	parts = slices.Clone(parts)
	for i, p := range parts {
		switch p := p.(type) {
		case provider.Media:
			parts[i] = provider.Text{Text: fmt.Sprintf(textWithdrawnMedia, orCaller(reason))}
		case provider.ToolResult:
			p.Parts = partsWithoutMedia(p.Parts, reason)
			parts[i] = p
		}
	}
	return parts
}
