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

// A call is one model call: its request, and its response or error.
type call struct {
	request request
	// messages is the history that was sent. It is nil if it is the journal's history ahead of
	// entry.
	messages []*provider.Message
	response *provider.Response
	err      *provider.Error
	// entry is the index in the journal of the Output that the call became. If the call became
	// none, entry is the index at which it was made.
	entry int
	// stored reports whether that Output holds the whole response.
	stored bool
}

// A callLine is the JSON of a model call in a file, without its request. If it has neither a
// response message nor an error, the Output at Entry holds the response.
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

// line returns the JSON of the call.
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

// readCall reads and cleans the JSON of a model call of t.
func readCall(line string, t transcript.Transcript, clean *cleaner) (c *call, err error) {
	var l callLine
	if err := json.Unmarshal([]byte(line), &l); err != nil {
		return nil, fmt.Errorf("invalid model call: %w", err)
	}
	if l.Entry < 0 || l.Entry > len(t.Entries) {
		return nil, fmt.Errorf("entry %d is not in the journal, which has %d", l.Entry, len(t.Entries))
	}
	c = &call{entry: l.Entry}
	if c.messages, err = clean.messages(l.Sent); err != nil {
		return nil, err
	}
	if l.Error != nil {
		c.err = clean.keptError((*provider.Error)(l.Error))
		return c, nil
	}
	if l.Response.Message == nil {
		out := outputAt(t, l.Entry)
		if out == nil {
			return nil, fmt.Errorf("entry %d of the journal is not an output: add a response or an error to the call", l.Entry)
		}
		l.Response.Message, l.Response.Finish, l.Response.Usage, l.Response.Model = out.Message, out.Finish, out.Usage, out.Model
		c.stored = true
	}
	c.response, err = clean.keptResponse(new(provider.Response(l.Response)))
	return c, err
}

// outputAt returns the Output at an entry of t, or nil if the entry is another or does not
// exist.
func outputAt(t transcript.Transcript, entry int) *transcript.Output {
	if entry >= len(t.Entries) {
		return nil
	}
	out, _ := t.Entries[entry].Body.(*transcript.Output)
	return out
}

// plainCalls returns the lines of the calls for the usual case: each Output of t came from one
// call and holds its whole response, and no other calls were made.
func plainCalls(t transcript.Transcript) (lines []string) {
	for i := range t.Entries {
		if outputAt(t, i) != nil {
			lines = append(lines, fmt.Sprintf(`{"entry":%d}`, i))
		}
	}
	return lines
}

// locate sets the entries of the calls in t: the first entry ahead of which the model is sent
// the call's messages, or the Output after it if that holds the response. Entries never
// decrease.
func locate(t transcript.Transcript, calls []*call) {
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

// histories returns the messages that a model is sent ahead of each entry, and at the end.
func histories(t transcript.Transcript) [][]*provider.Message {
	k := transcript.Track(transcript.Transcript{ID: t.ID})
	before := [][]*provider.Message{k.Messages()}
	for _, e := range t.Entries {
		k.Add(e)
		before = append(before, k.Messages())
	}
	return before
}

// isStored reports whether out holds the whole response r.
func isStored(r *provider.Response, out *transcript.Output) bool {
	return r.Finish == out.Finish && r.Usage == out.Usage && r.Model == out.Model &&
		sameMessages([]*provider.Message{r.Message}, []*provider.Message{out.Message})
}

func sameMessages(a, b []*provider.Message) bool {
	return len(a) == len(b) && slices.Equal(messageTexts(a), messageTexts(b))
}

// messageTexts returns the JSON of messages, for comparisons.
func messageTexts(messages []*provider.Message) []string {
	texts := make([]string, len(messages))
	for i, m := range messages {
		text, _ := m.Encoded("golden", (*provider.Message).MarshalJSON) // it was decoded from JSON
		texts[i] = string(text)
	}
	return texts
}

// message returns m as a file keeps it.
func (c *cleaner) message(m *provider.Message) (*provider.Message, error) {
	if m == nil {
		return nil, errors.New("message is null")
	}
	text, err := encodeJSON(m)
	if err != nil {
		return nil, err
	}
	kept := new(provider.Message)
	return kept, json.Unmarshal([]byte(c.line(text, m.Role == provider.RoleAssistant)), kept)
}

// messages returns messages as a file keeps them. Each call sends the whole conversation, so
// most messages were cleaned before: they are cached.
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

// keptResponse returns a response as a file keeps it. The agent receives the same, so that
// playback repeats the recording.
func (c *cleaner) keptResponse(r *provider.Response) (*provider.Response, error) {
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

// keptError returns an error as a file keeps it.
func (c *cleaner) keptError(err error) *provider.Error {
	e, ok := errors.AsType[*provider.Error](err)
	if ok && e == nil {
		return noResponse()
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
