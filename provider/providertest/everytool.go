package providertest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/schema/schemagen"
	"github.com/funcall/funcall/provider"
)

const (
	everyToolName = "every tool"
	// maxBatch is the largest number of calls in one response: an agent's default limit of
	// calls.
	maxBatch = 64
)

// EveryTool returns a model that calls each tool that it is offered, once for each user
// message, with arguments made from the tool's JSON Schema. Then it answers with the names of
// the tools that it called. So a test can try all tools of an agent in one line, and check the
// calls of the result.
//
// The arguments fit the schema, so that no tool refuses them. (A Go type with its own
// UnmarshalText or UnmarshalJSON may still refuse a value, unless its schema has a format, a
// pattern or examples.) They depend only on the seed and the schema. Values that the schema
// lists as enum, examples or default are preferred. Other values include ones that often
// reveal bugs: bounds, zero, large integers, empty and unusual texts. Of optional members,
// seed 1 gives all, 2 none, 3 some, 4 all again and so on.
//
// It calls the tools in their order, up to 64 in one response, or one if
// [provider.Settings.ParallelCalls] is false. For more tools than that, raise the agent's
// limits. It obeys [provider.Request.Choice]. If [provider.Request.OutputSchema] is set, its
// final text is JSON made from that schema.
//
// It keeps no state and reads the past calls from the conversation. It is safe for concurrent
// use and keeps the contract of [provider.Provider]. If it finds no value for a schema, it
// returns an error of kind [provider.KindInvalidRequest] that names the tool and the place in
// the schema.
func EveryTool(seed uint64) provider.Provider { return everyTool{seed} }

type everyTool struct{ seed uint64 }

func (m everyTool) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, m.fail(err, false)
	}
	resp, err := m.answer(req)
	if err != nil {
		return nil, &provider.Error{Kind: provider.KindInvalidRequest, Provider: everyToolName, Message: err.Error(), Err: err}
	}
	if emit != nil {
		emitted := false
		for d := range Deltas(resp, CutWords) {
			if err := ctx.Err(); err != nil {
				return nil, m.fail(err, emitted)
			}
			emit(d)
			emitted = true
		}
		if err := ctx.Err(); err != nil {
			return nil, m.fail(err, emitted)
		}
	}
	return resp, nil
}

func (m everyTool) fail(err error, emitted bool) *provider.Error {
	e := fail(err, emitted)
	e.Provider = everyToolName
	return e
}

func (m everyTool) answer(req *provider.Request) (*provider.Response, error) {
	if err := paired(req.Messages); err != nil {
		return nil, err
	}
	called := calledSince(req.Messages)
	tools, err := toCall(req, called)
	if err != nil {
		return nil, err
	}
	if len(tools) > 0 {
		return m.calls(req, tools)
	}
	text := sayCalled(req, called)
	if req.OutputSchema != nil {
		if text, err = m.fitting(req.OutputSchema.Schema); err != nil {
			return nil, fmt.Errorf("the output schema %s: %w", quote(req.OutputSchema.Name), err)
		}
	}
	return Say(text).Response, nil
}

// toCall returns the tools to call next. If it returns no tool, the model answers.
func toCall(req *provider.Request, called map[string]string) ([]*provider.Tool, error) {
	var left []*provider.Tool
	for _, t := range req.Tools {
		if req.Choice.Mode == provider.ToolsNamed {
			if t.Name == req.Choice.Name {
				return []*provider.Tool{t}, nil
			}
		} else if _, done := called[t.Name]; !done {
			left = append(left, t)
		}
	}
	switch req.Choice.Mode {
	case provider.ToolsNone:
		return nil, nil
	case provider.ToolsNamed:
		return nil, fmt.Errorf("tool %s must be called, but the request does not offer that tool", quote(req.Choice.Name))
	case provider.ToolsRequired:
		if len(req.Tools) == 0 {
			return nil, fmt.Errorf("a tool must be called, but the request offers no tools")
		}
		if len(left) == 0 {
			left = req.Tools[:1]
		}
	}
	most := maxBatch
	if req.ParallelCalls != nil && !*req.ParallelCalls {
		most = 1
	}
	return left[:min(len(left), most)], nil
}

func (m everyTool) calls(req *provider.Request, tools []*provider.Tool) (*provider.Response, error) {
	taken := make(map[string]bool)
	n := 0
	for _, message := range req.Messages {
		for _, c := range message.ToolCalls() {
			taken[c.ID] = true
			n++
		}
	}
	var calls []provider.ToolCall
	for _, t := range tools {
		args, err := m.fitting(t.Schema)
		if err != nil {
			return nil, fmt.Errorf("tool %s: %w", quote(t.Name), err)
		}
		c := provider.ToolCall{Name: t.Name, Args: args}
		c.ID, n = nextID(taken, n)
		calls = append(calls, c)
	}
	return Calls(calls...).Response, nil
}

func (m everyTool) fitting(schema []byte) (string, error) {
	g, err := schemagen.New(schema)
	if err != nil {
		return "", err
	}
	return g.Value(m.seed)
}

// calledSince returns the tools that were called since the last user message, with "result" or
// "error" for each.
func calledSince(messages []*provider.Message) map[string]string {
	called := make(map[string]string)
	for _, m := range slices.Backward(messages) {
		if m.Role == provider.RoleUser {
			break
		}
		for _, r := range results(m) {
			called[r.Name] = status(r)
		}
	}
	return called
}

// sayCalled names the tools that were called, in the request's order.
func sayCalled(req *provider.Request, called map[string]string) string {
	var done, left []string
	for _, name := range toolNames(req) {
		switch how, ok := called[name]; {
		case !ok:
			left = append(left, name)
		case how == "error":
			done = append(done, name+" (error)")
		default:
			done = append(done, name)
		}
	}
	text := "I called no tool."
	if len(done) > 0 {
		text = "I called " + strings.Join(done, ", ") + "."
	}
	if len(left) > 0 {
		text += " I did not call " + strings.Join(left, ", ") + "."
	}
	return text
}
