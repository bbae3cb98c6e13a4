// Package offline answers a shop's customers by rules, so that the reference
// shop runs without a key and without a network.
//
// It is no language model, and says so to whoever asks it something that its
// rules do not cover. It knows a few dozen English phrases, picks ids, codes
// and amounts out of the question with regular expressions, calls the tools of
// the reference shop, and fills what they return into sentences. It reads
// nothing but the request: it has no access to the shop, and what no tool told
// it, it does not know.
//
// Use it for demonstrations and for tests of what stands around a model. Use a
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

// Name is what the model calls itself in its responses and errors.
const Name = "offline-rules"

// defaultPace is fast reading speed: slow enough to be seen.
const defaultPace = 12 * time.Millisecond

// A Model is a [provider.Provider] made of rules. It keeps no state, so it is
// safe for concurrent use. It reports no token usage, because it uses none.
type Model struct{ pace time.Duration }

// An Option changes how a [Model] is made.
type Option func(*Model)

// Pace sets how long the model waits after each word of a streamed answer. The
// default is 12 ms; 0 means not at all. An answer that nobody watches is never
// slowed down.
func Pace(perWord time.Duration) Option { return func(m *Model) { m.pace = perWord } }

// New returns a Model.
func New(opts ...Option) *Model {
	m := &Model{pace: defaultPace}
	for _, opt := range opts {
		opt(m)
	}
	return m
}

// Generate implements [provider.Provider]: it calls tools, or answers. The same
// request always gets the same response. Sampling settings mean nothing to it;
// [provider.Settings.ParallelCalls] is honoured. What rules cannot do (an
// answer in a schema, a forced call where none fits) is an error of kind
// [provider.KindUnsupported].
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
		calls = calls[:1] // the others follow in the next turns
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
		// Counting on from the calls before keeps an id unique without state.
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
