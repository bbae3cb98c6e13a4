// Package provider says what a language model is to funcall: one method that
// answers a request, and the neutral messages that go in and come out.
//
// An adapter (such as provider/openai) turns these into one API's bytes and
// back. A wrapper is a func(Provider) Provider, as with http.RoundTripper.
// The package imports the standard library alone.
package provider

import (
	"context"
	"encoding/json"
	"strconv"
)

// A Provider is a language model behind some API. It must be safe for
// concurrent use by any number of goroutines.
type Provider interface {
	// Generate asks the model for one response.
	//
	// Where emit is not nil the response is streamed through it as it arrives,
	// in order and on the goroutine that called Generate; the whole response
	// is returned in either case. Generate must not change req or anything it
	// points to, and must not keep req after it returns.
	//
	// A failure is an *[Error]. Once ctx is done Generate returns soon, with
	// an error for which errors.Is(err, ctx.Err()) holds. A response is only
	// returned when it is complete as far as the API is concerned: a stream
	// that ended without saying so is an error, not a short answer.
	Generate(ctx context.Context, req *Request, emit func(Delta)) (*Response, error)
}

// Func makes a Provider of a function, for wrappers and for tests.
type Func func(ctx context.Context, req *Request, emit func(Delta)) (*Response, error)

// Generate calls f.
func (f Func) Generate(ctx context.Context, req *Request, emit func(Delta)) (*Response, error) {
	return f(ctx, req, emit)
}

// A Request is everything that one call of a model is made from. The same
// Request gives the same bytes on the wire, always, whatever its Run.
type Request struct {
	// System is the instructions, sent ahead of all messages.
	System string
	// Tools are what the model may call, in the order in which it sees them.
	Tools []*Tool
	// Choice says whether it may, must or must not call them.
	Choice ToolChoice
	// Messages is the conversation so far, oldest first. The pointers let an
	// adapter keep a past message's encoding with the message.
	Messages []*Message
	// Output asks for an answer that fits a schema, by the API's native means.
	// A provider without any answers with an error of kind [KindUnsupported].
	OutputSchema *OutputSchema
	// Run is what the model calls of a run share, for wrappers. Adapters ignore it. It may
	// be nil.
	Run *Run
	// Settings are the usual knobs.
	Settings
}

// Settings are the generation settings that most models share. The zero value
// of each field leaves the choice to the API.
type Settings struct {
	Temperature *float64 `json:"temperature,omitempty"`
	TopP        *float64 `json:"top_p,omitempty"`
	// MaxOutputTokens bounds one response, reasoning included.
	MaxOutputTokens int `json:"max_output_tokens,omitempty"`
	// Stop are texts at which the model stops writing.
	Stop []string `json:"stop,omitempty"`
	Seed *int64   `json:"seed,omitempty"`
	// ReasoningEffort is passed on as it is: "low", "medium", "high" and
	// whatever else the model knows.
	ReasoningEffort string `json:"reasoning_effort,omitempty"`
	// ParallelCalls says whether the model may ask for several tool calls in
	// one turn.
	ParallelCalls *bool `json:"parallel_calls,omitempty"`
	// Extra is a JSON object whose members are added to the request body as
	// they are, for what one API has and the others lack. A member that
	// carries the conversation itself (messages, system, stream) is refused.
	//
	// "tools" is an array of objects: tools that the API runs itself, such as a web search.
	// They follow Request.Tools and must have other names. Their calls are [Native] parts.
	//
	// A member that chooses among tools (tool_choice; functionCallingConfig
	// within Gemini's toolConfig) counts only where Request.Choice leaves the
	// choice to the model. It is left out of a request that closes a run at a
	// limit, that asks for an answer by a call, or that has no tools.
	Extra json.RawMessage `json:"extra,omitempty"`
}

// Merge returns s with every setting that over has set taken from over.
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

// A Tool is a function as the model sees it. It must not change once it was
// part of a Request.
type Tool struct {
	Name        string
	Description string
	// Schema is the JSON Schema of the arguments, an object at its root.
	Schema json.RawMessage

	enc encodings
}

// Encoded returns the tool's encoding under key, and makes it with encode the
// first time. See [Message.Encoded].
func (t *Tool) Encoded(key string, encode func(*Tool) ([]byte, error)) ([]byte, error) {
	return encoded(&t.enc, key, t, encode)
}

// ToolMode is how far the model is free to call tools.
type ToolMode string

const (
	ToolsAuto     ToolMode = ""         // the model decides
	ToolsNone     ToolMode = "none"     // it must not call any
	ToolsRequired ToolMode = "required" // it must call at least one
	ToolsNamed    ToolMode = "named"    // it must call ToolChoice.Name
)

// A ToolChoice restricts which tools the model may call, without changing the
// list of tools (which would throw away the provider's prompt cache).
type ToolChoice struct {
	Mode ToolMode
	Name string // for ToolsNamed
}

// An OutputSchema describes the answer that is wanted.
type OutputSchema struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Schema      json.RawMessage `json:"schema"`
}

// A Response is one complete answer of a model.
type Response struct {
	Message *Message
	Finish  FinishReason
	// RawFinish is what the API said, word for word.
	RawFinish string
	Usage     Usage
	// Cost is what the API said that the response costs. Nil means that it did
	// not say, as most APIs do not.
	Cost *Money
	// Model is the model that answered, as the API names it. ID and RequestID
	// are the API's own names for the response and the HTTP exchange; quote
	// them to its support. All three may be empty.
	Model, ID, RequestID string
	// Attempts are the calls that a wrapper made before the one that answered, oldest
	// first. Usage and Cost do not include theirs.
	Attempts []Attempt
}

// FinishReason says why a model stopped writing.
type FinishReason string

const (
	FinishStop      FinishReason = "stop"       // it was done
	FinishToolCalls FinishReason = "tool_calls" // it waits for tools: set whenever a complete response holds a call
	FinishLength    FinishReason = "length"     // it was cut off by a token limit
	FinishFiltered  FinishReason = "filtered"   // it was cut off by a content filter
)

// Complete reports whether the response ended of its own accord. What an
// incomplete response holds may be cut anywhere, its tool calls included.
func (f FinishReason) Complete() bool { return f == FinishStop || f == FinishToolCalls }

// Usage counts tokens, with one meaning whatever the API: Input includes
// CacheRead and CacheWrite, Output includes Reasoning. All zero means that the
// API did not say.
type Usage struct {
	Input      int64 `json:"input,omitempty"`
	CacheRead  int64 `json:"cache_read,omitempty"`
	CacheWrite int64 `json:"cache_write,omitempty"`
	Output     int64 `json:"output,omitempty"`
	Reasoning  int64 `json:"reasoning,omitempty"`
}

// Add returns the sum of u and v.
func (u Usage) Add(v Usage) Usage {
	return Usage{
		Input:      u.Input + v.Input,
		CacheRead:  u.CacheRead + v.CacheRead,
		CacheWrite: u.CacheWrite + v.CacheWrite,
		Output:     u.Output + v.Output,
		Reasoning:  u.Reasoning + v.Reasoning,
	}
}

// Total is what the tokens come to: input and output.
func (u Usage) Total() int64 { return u.Input + u.Output }

// A Delta is a piece of a response that is being streamed. It is a flat
// struct, so that passing one on allocates nothing.
type Delta struct {
	Kind DeltaKind
	// Text is the next piece: of the answer (DeltaText), of the reasoning
	// (DeltaReasoning), or of a call's arguments (DeltaArgs). Of a call that
	// is complete it is the arguments as a whole (DeltaCallEnd).
	Text string
	// Call counts the response's tool calls from 0, in the order in which
	// they began (DeltaCall, DeltaArgs, DeltaCallEnd).
	Call int
	// ID and Name are the call's, as far as they are known (DeltaCall), or as
	// the response will have them (DeltaCallEnd).
	ID, Name string
}

// DeltaKind says what a Delta holds.
type DeltaKind uint8

const (
	DeltaText      DeltaKind = iota + 1 // a piece of the answer
	DeltaReasoning                      // a piece of the reasoning
	DeltaCall                           // a tool call begins
	DeltaArgs                           // a piece of a call's arguments
	// DeltaCallEnd says that a tool call is complete, while the response goes
	// on: what only reads may begin to run. A provider sends at most one for a
	// call, when nothing more of it should come, and none where it cannot tell.
	// Nothing is lost without it but time. Servers err; so whoever goes by it
	// compares with the response.
	DeltaCallEnd
)

// String returns the name of the kind, such as "call_end".
func (k DeltaKind) String() string {
	names := [...]string{"", "text", "reasoning", "call", "args", "call_end"}
	if k == 0 || int(k) >= len(names) {
		return "DeltaKind(" + strconv.Itoa(int(k)) + ")"
	}
	return names[k]
}
