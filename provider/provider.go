// Package provider defines how funcall asks a language model: one method that answers a
// request, and messages that are the same for every API.
//
// An adapter, such as provider/openai, translates requests and responses to and from one API.
// A wrapper is a func(Provider) Provider, like middleware around an http.RoundTripper. The
// package imports only the standard library.
package provider

import (
	"context"
	"encoding/json"
	"strconv"
)

// A Provider is a language model behind an API. It must be safe for concurrent use by any
// number of goroutines.
type Provider interface {
	// Generate asks the model for one response and returns it whole.
	//
	// If emit is not nil, Generate also streams the response: it calls emit for each delta as
	// it arrives, in order, on the caller's goroutine. Generate must not change req or
	// anything that it points to, and must not keep req after it returns.
	//
	// If the call fails, the error is an [*Error] and the response is nil. If ctx is done,
	// Generate returns soon, with an error for which errors.Is(err, ctx.Err()) holds. If a
	// stream ends before the API marks the response as complete, Generate returns an error,
	// not a short answer.
	Generate(ctx context.Context, req *Request, emit func(Delta)) (*Response, error)
}

// Func is a function that implements Provider, for wrappers and tests.
type Func func(ctx context.Context, req *Request, emit func(Delta)) (*Response, error)

// Generate calls f.
func (f Func) Generate(ctx context.Context, req *Request, emit func(Delta)) (*Response, error) {
	return f(ctx, req, emit)
}

// A Request is the input of one model call. Equal Requests give equal bytes on the wire; Run
// does not count.
type Request struct {
	// System is the instructions, sent ahead of all messages.
	System string
	// SystemPrefix is the length in bytes of the beginning of System that other conversations
	// of the agent share; what follows belongs to this one. 0 means all of System, and a
	// negative number nothing of it. An adapter whose API caches up to a mark puts the mark
	// there. A length that does not fit System counts as 0.
	SystemPrefix int
	// Tools are the tools that the model may call, in the order in which it sees them.
	Tools []*Tool
	// AllTools are the agent's tools in the same order, if the model may call only some of
	// them: Tools. If the API can restrict a list of tools, an adapter sends AllTools, so that
	// the provider's prompt cache holds. Otherwise it sends Tools. Nil means Tools. AllTools is
	// ignored if it lacks one of Tools, or has them in another order.
	AllTools []*Tool
	// Choice says whether the model may, must or must not call tools.
	Choice ToolChoice
	// Messages is the conversation, oldest first. They are pointers, so that an adapter can
	// keep a message's encoding with it; see [Message.Encoded].
	Messages []*Message
	// OutputSchema asks for a structured output in the API's own form. A provider that has no
	// such form returns an error of kind [KindUnsupported].
	OutputSchema *OutputSchema
	// Run is shared by the model calls of a run, for wrappers. It may be nil. Adapters ignore
	// it.
	Run *Run
	// Settings are the generation settings.
	Settings
}

// Settings are the generation settings that most models share. If a field is zero, the API
// chooses; an adapter whose API requires a value has an option for it, such as
// anthropic.MaxTokens.
type Settings struct {
	Temperature *float64 `json:"temperature,omitempty"`
	TopP        *float64 `json:"top_p,omitempty"`
	// MaxOutputTokens bounds one response, reasoning included.
	MaxOutputTokens int `json:"max_output_tokens,omitempty"`
	// Stop are texts at which the model stops writing.
	Stop []string `json:"stop,omitempty"`
	Seed *int64   `json:"seed,omitempty"`
	// ReasoningEffort is sent unchanged: "low", "medium", "high" or another value that the
	// model knows.
	ReasoningEffort string `json:"reasoning_effort,omitempty"`
	// ParallelCalls says whether the model may ask for several tool calls in one turn.
	ParallelCalls *bool `json:"parallel_calls,omitempty"`
	// Extra is a JSON object whose members are added to the request body unchanged, for
	// features of one API. Members that carry the conversation itself (messages, system,
	// stream) are refused.
	//
	// "tools" is an array of objects: tools that the API runs itself, such as a web search.
	// They follow Request.Tools and must have other names. What they do is a [ServerCall], or a
	// [Native] if the adapter does not know the tool. The adapters have options for the common
	// ones.
	//
	// A member that chooses among tools (tool_choice; functionCallingConfig within Gemini's
	// toolConfig) is sent only if Request.Choice is [ToolsAuto]. It is left out of a request
	// that closes a run at a limit, that asks for a structured output by a tool call, or that
	// has no tools.
	Extra json.RawMessage `json:"extra,omitempty"`
}

// Merge returns s, with each field that is set in over taken from over.
func (s Settings) Merge(over Settings) Settings {
	if over.Temperature != nil {
		s.Temperature = over.Temperature
	}
	if over.TopP != nil {
		s.TopP = over.TopP
	}
	if over.MaxOutputTokens != 0 {
		s.MaxOutputTokens = over.MaxOutputTokens
	}
	if over.Stop != nil {
		s.Stop = over.Stop
	}
	if over.Seed != nil {
		s.Seed = over.Seed
	}
	if over.ReasoningEffort != "" {
		s.ReasoningEffort = over.ReasoningEffort
	}
	if over.ParallelCalls != nil {
		s.ParallelCalls = over.ParallelCalls
	}
	if over.Extra != nil {
		s.Extra = over.Extra
	}
	return s
}

// A Tool is a function as the model sees it. Once it is part of a Request, it must not be
// changed or copied.
type Tool struct {
	Name        string
	Description string
	// Schema is the JSON Schema of the arguments. Its root is an object.
	Schema json.RawMessage

	enc encodings
}

// Encoded returns the tool's encoding under key. The first call makes it with encode and keeps
// it; see [Message.Encoded].
func (t *Tool) Encoded(key string, encode func(*Tool) ([]byte, error)) ([]byte, error) {
	return encoded(&t.enc, key, t, encode)
}

// A UserLocation tells a search where the user is, approximately. Fields may be empty.
type UserLocation struct {
	City    string
	Region  string
	Country string // two letters (ISO 3166-1), such as "DE"
	// Timezone is of the IANA database, such as "Europe/Berlin".
	Timezone string
}

// A ToolMode says whether the model may call tools.
type ToolMode string

const (
	ToolsAuto     ToolMode = ""         // the model decides
	ToolsNone     ToolMode = "none"     // the model must not call tools
	ToolsRequired ToolMode = "required" // the model must call at least one tool
	ToolsNamed    ToolMode = "named"    // the model must call ToolChoice.Name
)

// A ToolChoice restricts which tools the model may call. It leaves the list of tools as it is:
// a changed list would invalidate the provider's prompt cache.
type ToolChoice struct {
	Mode ToolMode
	Name string // for ToolsNamed
}

// An OutputSchema describes a structured output.
type OutputSchema struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Schema      json.RawMessage `json:"schema"`
}

// A Response is one complete response of a model.
type Response struct {
	Message *Message
	Finish  FinishReason
	// RawFinish is the finish reason as the API spells it.
	RawFinish string
	Usage     Usage
	// Cost is the cost that the API reported; nil if it reported none, as most APIs do.
	Cost *Money
	// Model is the model that answered, as the API names it. ID and RequestID are the API's
	// IDs of the response and of the HTTP exchange; quote them to its support. All three may
	// be "".
	Model, ID, RequestID string
	// Attempts are the calls before the one that answered, oldest first: those that a wrapper
	// made, and those whose turn the API paused. Usage and Cost do not include theirs.
	Attempts []Attempt
}

// A FinishReason says why a model stopped writing.
type FinishReason string

const (
	FinishStop      FinishReason = "stop"       // the model was done
	FinishToolCalls FinishReason = "tool_calls" // the model waits for tool results; always set if a complete response has a call
	FinishLength    FinishReason = "length"     // the response was truncated by a token limit
	FinishFiltered  FinishReason = "filtered"   // the response was truncated by a content filter
)

// Complete reports whether the model finished the response itself. Any part of a truncated
// response may be cut off, tool calls included.
func (f FinishReason) Complete() bool { return f == FinishStop || f == FinishToolCalls }

// Usage counts tokens, with the same meaning for every API: Input includes CacheRead and
// CacheWrite, and Output includes Reasoning. It is zero if the API reported nothing.
//
// It also counts the uses of tools that the API runs itself, as far as APIs charge for a use: a
// search is what the API counts as one. Their tokens are part of Input and Output.
type Usage struct {
	Input      int64 `json:"input,omitempty"`
	CacheRead  int64 `json:"cache_read,omitempty"`
	CacheWrite int64 `json:"cache_write,omitempty"`
	Output     int64 `json:"output,omitempty"`
	Reasoning  int64 `json:"reasoning,omitempty"`

	WebSearches    int64 `json:"web_searches,omitempty"`
	FileSearches   int64 `json:"file_searches,omitempty"`
	CodeExecutions int64 `json:"code_executions,omitempty"`
}

// Add returns the sum of u and v.
func (u Usage) Add(v Usage) Usage {
	return Usage{
		Input:      u.Input + v.Input,
		CacheRead:  u.CacheRead + v.CacheRead,
		CacheWrite: u.CacheWrite + v.CacheWrite,
		Output:     u.Output + v.Output,
		Reasoning:  u.Reasoning + v.Reasoning,

		WebSearches:    u.WebSearches + v.WebSearches,
		FileSearches:   u.FileSearches + v.FileSearches,
		CodeExecutions: u.CodeExecutions + v.CodeExecutions,
	}
}

// WithoutTools returns the usage without the uses of tools.
func (u Usage) WithoutTools() Usage {
	u.WebSearches, u.FileSearches, u.CodeExecutions = 0, 0, 0
	return u
}

// Total returns the number of tokens, input and output.
func (u Usage) Total() int64 { return u.Input + u.Output }

// A Delta is a piece of a streamed response. It is a flat struct, so that passing one on
// allocates nothing. Its Text may share memory with the whole text of the response: to keep
// a small piece for long, clone it with [strings.Clone].
type Delta struct {
	Kind DeltaKind
	// Text is the next piece of the answer (DeltaText), of the reasoning (DeltaReasoning) or
	// of a call's arguments (DeltaArgs), or the whole arguments of a complete call
	// (DeltaCallEnd).
	Text string
	// Call is the index of the tool call in the response, in the order in which calls began
	// (DeltaCallStart, DeltaArgs, DeltaCallEnd).
	Call int
	// ID and Name are the call's, as far as they are known (DeltaCallStart, DeltaServerStart),
	// or as the response will have them (DeltaCallEnd, DeltaServerEnd).
	ID, Name string
	// Server is a call of a tool that the API runs itself: as far as it is known
	// (DeltaServerStart), or as [Message.ServerCalls] of the response will have it
	// (DeltaServerEnd). Its ID is not "".
	Server *ServerCall
}

// A DeltaKind says what a Delta holds.
type DeltaKind uint8

const (
	DeltaText      DeltaKind = iota + 1 // a piece of the answer
	DeltaReasoning                      // a piece of the reasoning
	DeltaCallStart                      // a tool call begins
	DeltaArgs                           // a piece of a call's arguments
	// DeltaCallEnd says that a tool call is complete while the response goes on, so that
	// read-only calls may start. A provider sends at most one for each call, once it expects
	// no more of that call, and sends none if it cannot tell: the call then starts at the end
	// of the turn. Servers make mistakes: compare such a call with the one in the response.
	DeltaCallEnd
	// DeltaServerStart says that a tool that the API runs itself has begun, and DeltaServerEnd
	// that it is done. The response has the call. A provider sends at most one of each for a
	// call, and may send none.
	DeltaServerStart
	DeltaServerEnd
)

// String returns the name of the kind, such as "call_end".
func (k DeltaKind) String() string {
	names := [...]string{"", "text", "reasoning", "call", "args", "call_end", "server_start", "server_end"}
	if k == 0 || int(k) >= len(names) {
		return "DeltaKind(" + strconv.Itoa(int(k)) + ")"
	}
	return names[k]
}
