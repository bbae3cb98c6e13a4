package golden

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// A call is one call of the model: what it was asked, and its response or its
// error.
type call struct {
	request request
	// messages is the history that was sent. It is nil in a file if it is that of
	// the journal ahead of entry.
	messages []*provider.Message
	response *provider.Response
	err      *provider.Error
	// entry is the place in the journal at which the call was made: that of the
	// Output which it became, if it did.
	entry int
	// stored is whether that Output says of the model's turn all that response does.
	stored bool
}

// A callLine is a call in a file, beside its request. If it has neither a message
// nor an error, the Output at Entry says what the model's turn was.
type callLine struct {
	Entry    int                 `json:"entry"`
	Sent     []*provider.Message `json:"sent,omitzero"`
	Error    *callError          `json:"error,omitempty"`
	Response callResponse        `json:"response,omitzero"`
}

// A callError is a provider.Error in a file.
type callError struct {
	Kind       provider.ErrorKind `json:"kind"`
	Provider   string             `json:"provider,omitempty"`
	Status     int                `json:"status,omitempty"`
	Code       string             `json:"code,omitempty"`
	Message    string             `json:"message,omitempty"`
	RequestID  string             `json:"-"`
	RetryAfter time.Duration      `json:"retry_after_ns,omitempty"`
	Emitted    bool               `json:"-"`
	Model      string             `json:"model,omitempty"`
	Usage      provider.Usage     `json:"usage,omitzero"`
	Cost       *provider.Money    `json:"cost,omitempty"`
	Attempts   []provider.Attempt `json:"-"`
	Duration   time.Duration      `json:"-"`
	Err        error              `json:"-"`
}

// A callResponse is a provider.Response in a file.
type callResponse struct {
	Message       *provider.Message     `json:"message,omitempty"`
	Finish        provider.FinishReason `json:"finish,omitempty"`
	RawFinish     string                `json:"raw_finish,omitempty"`
	Usage         provider.Usage        `json:"usage,omitzero"`
	Cost          *provider.Money       `json:"cost,omitempty"`
	Model         string                `json:"model,omitempty"`
	ID, RequestID string                `json:"-"`
	Attempts      []provider.Attempt    `json:"-"`
}

// line returns the call's line in a file.
func (c *call) line() (string, error) {
	l := callLine{Entry: c.entry, Sent: c.messages}
	switch {
	case c.err != nil:
		l.Error = (*callError)(c.err)
	case c.stored:
		l.Response = callResponse{RawFinish: c.response.RawFinish, Cost: c.response.Cost}
	default:
		l.Response = callResponse(*c.response)
	}
	return encodeJSON(l)
}

// readCall reads the line of a call that became a part of t. What it holds is
// cleaned.
func readCall(line string, t transcript.Transcript, clean *cleaner) (c *call, err error) {
	var l callLine
	if err := json.Unmarshal([]byte(line), &l); err != nil {
		return nil, fmt.Errorf("the call cannot be read: %w", err)
	}
	if l.Entry < 0 || l.Entry > len(t.Entries) {
		return nil, fmt.Errorf("the journal has no entry %d: it has %d", l.Entry, len(t.Entries))
	}
	c = &call{entry: l.Entry}
	if c.messages, err = clean.messages(l.Sent); err != nil {
		return nil, err
	}
	if l.Error != nil {
		c.err = clean.failed((*provider.Error)(l.Error))
		return c, nil
	}
	if l.Response.Message == nil {
		out := outputAt(t, l.Entry)
		if out == nil {
			return nil, fmt.Errorf("entry %d of the journal is no output: give the call a response or an error", l.Entry)
		}
		l.Response.Message, l.Response.Finish, l.Response.Usage, l.Response.Model = out.Message, out.Finish, out.Usage, out.Model
		c.stored = true
	}
	c.response, err = clean.said(new(provider.Response(l.Response)))
	return c, err
}

// outputAt returns the Output at a place in t, or nil if there is another entry
// or none.
func outputAt(t transcript.Transcript, entry int) *transcript.Output {
	if entry >= len(t.Entries) {
		return nil
	}
	out, _ := t.Entries[entry].Body.(*transcript.Output)
	return out
}

// plainCalls returns the lines of calls if each Output of t came from a call and
// says all of it, and there were no other calls.
func plainCalls(t transcript.Transcript) (lines []string) {
	for i := range t.Entries {
		if outputAt(t, i) != nil {
			lines = append(lines, fmt.Sprintf(`{"entry":%d}`, i))
		}
	}
	return lines
}

// place finds the places of the calls in t: the first that has the messages which
// were sent, or the Output that follows it if that says what the response did. No
// call is ahead of the one before.
func place(t transcript.Transcript, calls []*call) {
	before := histories(t)
	from := 0
	for _, c := range calls {
		c.entry = from + max(0, slices.IndexFunc(before[from:], func(h []*provider.Message) bool { return sameMessages(h, c.messages) }))
		at := c.entry
		for at < len(t.Entries) && outputAt(t, at) == nil {
			at++
		}
		if out := outputAt(t, at); out != nil && c.response != nil && isStored(c.response, out) {
			c.entry, c.stored = at, true
		}
		if from = c.entry; sameMessages(before[from], c.messages) {
			c.messages = nil
		}
	}
}

// histories returns what a model is sent ahead of each entry, and in the end.
func histories(t transcript.Transcript) [][]*provider.Message {
	k := transcript.Track(transcript.Transcript{ID: t.ID})
	before := [][]*provider.Message{k.Messages()}
	for _, e := range t.Entries {
		k.Add(e)
		before = append(before, k.Messages())
	}
	return before
}

// isStored reports whether out says of the model's turn all that r does.
func isStored(r *provider.Response, out *transcript.Output) bool {
	return r.Finish == out.Finish && r.Usage == out.Usage && r.Model == out.Model &&
		sameMessages([]*provider.Message{r.Message}, []*provider.Message{out.Message})
}

func sameMessages(a, b []*provider.Message) bool {
	return len(a) == len(b) && slices.Equal(messageTexts(a), messageTexts(b))
}

// messageTexts returns messages for comparisons.
func messageTexts(messages []*provider.Message) []string {
	texts := make([]string, len(messages))
	for i, m := range messages {
		text, _ := m.Encoded("golden", (*provider.Message).MarshalJSON) // it was decoded from JSON
		texts[i] = string(text)
	}
	return texts
}

// message returns m as it is kept.
func (c *cleaner) message(m *provider.Message) (*provider.Message, error) {
	if m == nil {
		return nil, errors.New("it is null")
	}
	text, err := encodeJSON(m)
	if err != nil {
		return nil, err
	}
	kept := new(provider.Message)
	return kept, json.Unmarshal([]byte(c.line(text, m.Role == provider.RoleAssistant)), kept)
}

// messages returns messages as they are kept. A conversation is sent with each
// call, so that most of them were sent before.
func (c *cleaner) messages(ms []*provider.Message) ([]*provider.Message, error) {
	ms = slices.Clone(ms)
	for i, m := range ms {
		kept, ok := c.seen.Load(m)
		if !ok {
			cleaned, err := c.message(m)
			if err != nil {
				return nil, fmt.Errorf("message %d: %w", i+1, err)
			}
			kept, _ = c.seen.LoadOrStore(m, cleaned)
		}
		ms[i] = kept.(*provider.Message)
	}
	return ms, nil
}

// said returns a response as it is kept. The agent is given the same, so that
// what is recorded is what will be played back.
func (c *cleaner) said(r *provider.Response) (*provider.Response, error) {
	m, err := c.message(&provider.Message{Role: provider.RoleAssistant, Parts: r.Message.Parts, State: r.Message.State})
	if err != nil {
		return nil, err
	}
	kept := &provider.Response{Message: m, Finish: r.Finish, Usage: r.Usage, Cost: r.Cost, Model: c.keys(r.Model)}
	if r.RawFinish != string(r.Finish) {
		kept.RawFinish = c.keys(r.RawFinish)
	}
	return kept, nil
}

// failed returns an error as it is kept.
func (c *cleaner) failed(err error) *provider.Error {
	e, ok := errors.AsType[*provider.Error](err)
	if ok && e == nil {
		return nothing()
	}
	if !ok {
		e = &provider.Error{Kind: provider.KindUnavailable, Err: err}
	}
	kept := *e
	if kept.Message == "" && e.Err != nil {
		kept.Message = e.Err.Error()
	}
	kept.Message = c.all(kept.Message)
	kept.Provider, kept.Code, kept.Model = c.keys(e.Provider), c.keys(e.Code), c.keys(e.Model)
	kept.RequestID, kept.Emitted, kept.Err, kept.Attempts, kept.Duration = "", false, nil, nil, 0
	return &kept
}
