package provider

import "encoding/json"

// A Part is a piece of a message: [Text], [Reasoning], [Media], [ToolCall], [ToolResult],
// [ServerCall] or [Native]. No other package can add a type. Parts are values. Once a part
// belongs to a message, what it points to must not change.
type Part interface{ part() }

// Text is text that a person or a model wrote.
type Text struct {
	Text  string
	State State
}

// Reasoning is what a model wrote while thinking. Keep it in the conversation even if it is
// empty: some APIs refuse a conversation that lacks it.
type Reasoning struct {
	Text string
	// Redacted reports that the API withholds the text; State holds what the API wants back.
	Redacted bool
	State    State
}

// Media is an image or another file, as bytes or as a URL. A data URL (RFC 2397) stands for
// its bytes: the adapters send these, with the type MIME or, if MIME is "", the URL's type.
type Media struct {
	MIME  string // such as "image/png"
	Data  []byte
	URL   string
	State State
}

// A ToolCall is a model's request to call a tool.
type ToolCall struct {
	// ID pairs the call with its result. It is unique within a conversation.
	ID   string
	Name string
	// Args is the exact text that the model wrote. It may be invalid JSON.
	Args string
	// RawID is the API's ID of the call, if it could not be used as ID: it was missing,
	// repeated, too long, or had characters that an ID must not have.
	RawID string
	State State
}

// A ToolResult is the result of a ToolCall.
type ToolResult struct {
	CallID  string // the ID of the call
	Name    string // the name of the tool
	Parts   []Part // Text and Media
	IsError bool
}

// Text returns the result's text parts, joined.
func (r ToolResult) Text() string { return joinText(r.Parts) }

// A ServerCall is the use of a tool that the API runs itself, such as a web search. The agent
// has no part in it: it is done when the response comes. If the API has one item for the call
// and another one for its result, each is a ServerCall, and both have the same ID;
// [Message.ServerCalls] joins them.
//
// The adapter that made it sends its State back unchanged. Other models are told Input and
// Output as a text.
type ServerCall struct {
	// ID pairs the call with its result within the message. It is "" if there is no other
	// part.
	ID string
	// Name is "web_search", "web_fetch", "file_search", "code_execution", or the API's name
	// for any other tool.
	Name string
	// Input is what the model asked for: the query, the address or the code.
	Input string
	// Output is what the model was given: titles and addresses, texts of files, what the code
	// printed, or an error. It is "" if the API does not tell. Input and Output are cut to 32
	// KiB; State has all.
	Output string
	// IsError reports that the call failed.
	IsError bool
	State   State
}

// Native is data that only the adapter that made it understands, such as a compaction, or a
// part of a type that this version does not know. It is stored and sent back unchanged.
type Native struct {
	State State
}

// State is what an API wants back with a part or a message: signatures, encrypted reasoning,
// item IDs. It is opaque to all but the adapter that made it. An adapter sends a State only if
// it is the Owner, and leaves it out otherwise.
type State struct {
	// Owner names the API, with the server and the model if the state depends on them.
	Owner string
	// Data is JSON. Its values keep their spelling; white space between them does not.
	Data json.RawMessage
}

// IsZero reports whether the state is empty.
func (s State) IsZero() bool { return s.Owner == "" && len(s.Data) == 0 }

func (Text) part()       {}
func (Reasoning) part()  {}
func (Media) part()      {}
func (ToolCall) part()   {}
func (ToolResult) part() {}
func (ServerCall) part() {}
func (Native) part()     {}
