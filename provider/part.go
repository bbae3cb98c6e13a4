package provider

import "encoding/json"

// A Part is a piece of a message: [Text], [Reasoning], [Media], [ToolCall],
// [ToolResult] or [Native]. The family is sealed. Parts are values; what they
// point to must not change once they are part of a message.
type Part interface{ part() }

// Text is what a person or a model wrote.
type Text struct {
	Text  string
	State State
}

// Reasoning is what a model thought aloud. It may be empty and still matter:
// some APIs refuse a conversation from which it is missing.
type Reasoning struct {
	Text string
	// Redacted says that the API keeps the text to itself; State has what it
	// wants back.
	Redacted bool
	State    State
}

// Media is an image or another file, by its bytes or by its address. A data URL
// (RFC 2397) stands for its bytes: the adapters send these, with MIME or else the
// type in the URL.
type Media struct {
	MIME  string // such as "image/png"
	Data  []byte
	URL   string
	State State
}

// A ToolCall is a model's wish to have a tool called.
type ToolCall struct {
	// ID pairs the call with its result. It is unique within a conversation.
	ID   string
	Name string
	// Args is the exact text that the model wrote, which may be no JSON.
	Args string
	// RawID is what the model called the call, where that could not serve as
	// an ID: it was missing, repeated, too long or oddly spelt.
	RawID string
	State State
}

// A ToolResult is the answer to a ToolCall.
type ToolResult struct {
	CallID  string // the ID of the call
	Name    string // the name of the tool
	Parts   []Part // Text and Media
	IsError bool
}

// Text returns the result's text parts, joined.
func (r ToolResult) Text() string { return joinText(r.Parts) }

// Native is something that only its maker understands: a server-side tool, a
// compaction, a kind of part newer than this package. It round-trips.
type Native struct {
	State State
}

// State is what the maker of a part or a message wants back with it:
// signatures, encrypted reasoning, item ids. It is opaque to everybody else.
// An adapter sends it only where Owner is its own and leaves it out otherwise.
type State struct {
	// Owner names who made it: the API, and the server and the model where that
	// matters.
	Owner string
	// Data is JSON. Its values and their spelling are kept; white space
	// between them is not.
	Data json.RawMessage
}

// IsZero reports whether there is no state.
func (s State) IsZero() bool { return s.Owner == "" && len(s.Data) == 0 }

func (Text) part()       {}
func (Reasoning) part()  {}
func (Media) part()      {}
func (ToolCall) part()   {}
func (ToolResult) part() {}
func (Native) part()     {}
