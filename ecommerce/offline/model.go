// Package offline is a rule-based stand-in for a model, so that the reference shop runs
// without a key and without a network.
//
// It is not a language model, and says so if its rules do not cover a question. It splits a
// message into clauses, finds IDs, numbers and the words for a product with regular
// expressions, calls the tools of the reference shop, and turns their results into sentences.
// It reads only the request: it has no access to the shop, and remembers a conversation only
// by its messages. If words are ambiguous, it asks back. It starts a return only if the
// customer asks for one plainly.
//
// The package is a demonstration, without a promise of compatibility: its words and its rules
// may change in any release. Use it to try the shop, and to test code around a model. Use a
// real model for customers.
package offline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/funcall/funcall/provider"
)

// Name is the model's name in its responses and errors.
const Name = "offline-rules"

// defaultPace is fast reading speed.
const defaultPace = 12 * time.Millisecond

// A Model is a rule-based [provider.Provider]. It keeps no state and is safe for concurrent
// use. It reports no token usage.
type Model struct{ pace time.Duration }

// An Option configures a [Model].
type Option func(*Model)

// Pace sets the pause after each word of a streamed answer. The default is 12 ms; 0 means
// none. Answers that are not streamed have no pauses.
func Pace(perWord time.Duration) Option { return func(m *Model) { m.pace = perWord } }

// New returns a Model.
func New(opts ...Option) *Model {
	m := &Model{pace: defaultPace}
	for _, opt := range opts {
		opt(m)
	}
	return m
}

// Generate implements [provider.Provider]: it calls tools, or answers. The same request always
// has the same response. Sampling settings have no effect; [provider.Settings.ParallelCalls]
// has. If rules cannot do what is asked (structured output, a forced call that does not fit),
// Generate returns an error of kind [provider.KindUnsupported].
func (m *Model) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, canceled(err, false)
	}
	if req.OutputSchema != nil {
		return nil, unsupported("the rules cannot answer in a given schema")
	}
	talk := read(req)
	plan := talk.plan()
	calls := plan.calls
	if req.ParallelCalls != nil && !*req.ParallelCalls && len(calls) > 1 {
		calls = calls[:1] // the other calls follow in later turns
	}
	if forced := req.Choice.Mode == provider.ToolsRequired || req.Choice.Mode == provider.ToolsNamed; forced && len(calls) == 0 {
		return nil, unsupported("a tool call is required, and the rules see none to make")
	}
	if len(calls) > 0 {
		return m.call(calls, talk.callsSoFar, emit), nil
	}
	text := talk.answer(plan)
	if err := m.say(ctx, text, emit); err != nil {
		return nil, err
	}
	return &provider.Response{
		Message: provider.Assistant(provider.Text{Text: text}),
		Finish:  provider.FinishStop,
		Model:   Name,
	}, nil
}

func (m *Model) call(calls []call, soFar int, emit func(provider.Delta)) *provider.Response {
	msg := provider.Assistant()
	for i, c := range calls {
		// Counting from the calls before makes the ID unique without state.
		id := fmt.Sprintf("call_%d", soFar+i+1)
		msg.Parts = append(msg.Parts, provider.ToolCall{ID: id, Name: c.tool, Args: c.args})
		if emit != nil {
			emit(provider.Delta{Kind: provider.DeltaCallStart, Call: i, ID: id, Name: c.tool})
			emit(provider.Delta{Kind: provider.DeltaArgs, Call: i, Text: c.args})
		}
	}
	return &provider.Response{Message: msg, Finish: provider.FinishToolCalls, Model: Name}
}

// say streams the text word by word.
func (m *Model) say(ctx context.Context, text string, emit func(provider.Delta)) error {
	if emit == nil {
		return nil
	}
	pause := time.NewTimer(m.pace)
	defer pause.Stop()
	for word := range strings.SplitAfterSeq(text, " ") {
		emit(provider.Delta{Kind: provider.DeltaText, Text: word})
		if m.pace > 0 {
			pause.Reset(m.pace)
			select {
			case <-pause.C:
			case <-ctx.Done():
			}
		}
		if err := ctx.Err(); err != nil {
			return canceled(err, true)
		}
	}
	return nil
}

func unsupported(why string) error {
	return &provider.Error{Kind: provider.KindUnsupported, Provider: Name, Message: why}
}

func canceled(err error, emitted bool) error {
	kind := provider.KindCanceled
	if errors.Is(err, context.DeadlineExceeded) {
		kind = provider.KindTimeout
	}
	return &provider.Error{Kind: kind, Provider: Name, Emitted: emitted, Err: err}
}
