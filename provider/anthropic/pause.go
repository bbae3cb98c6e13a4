package anthropic

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/funcall/funcall/provider"
)

// pauseTurn is the stop reason of a turn with many uses of the API's own tools. The API
// continues the turn if it is sent back as it is
// (https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons).
const pauseTurn = "pause_turn"

// maxPauses bounds the requests for one response. A turn that is still paused then counts as
// truncated.
const maxPauses = 8

// pausedData marks a message with which the model is to go on. It is never stored.
var pausedData = json.RawMessage(`"paused"`)

// Generate asks the model for one response; see [provider.Provider]. If emit is not nil, the
// response is streamed. If the API pauses a turn of its own tools, Generate asks it to go on, up
// to 8 times, and returns one response. The paused requests are its Attempts.
func (c *Client) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	began := time.Now()
	resp, err := c.base.Generate(ctx, req, emit)
	for n := 0; n < maxPauses && err == nil && isPaused(resp); n++ {
		paused := append(resp.Attempts, c.attempt(resp, time.Since(began)))
		began = time.Now()
		var next *provider.Response
		if next, err = c.base.Generate(ctx, c.continuing(req, resp.Message), following(resp.Message, emit)); err != nil {
			return nil, afterPause(err, paused, time.Since(began), emit != nil)
		}
		next.Message = &provider.Message{Role: resp.Message.Role, Parts: slices.Concat(resp.Message.Parts, next.Message.Parts), State: resp.Message.State}
		next.Attempts = paused
		resp = next
	}
	return resp, err
}

// attempt returns the attempt that a paused response is.
func (c *Client) attempt(resp *provider.Response, took time.Duration) provider.Attempt {
	return provider.Attempt{
		Error:    "the API paused the turn (" + pauseTurn + ")",
		Provider: c.base.Name(), Model: resp.Model, RequestID: resp.RequestID,
		Usage: resp.Usage, Cost: resp.Cost, Duration: took, Then: provider.ThenContinue,
	}
}

// following returns an emit for the continuation of a message. It keeps the rule of at most one
// start and one end for each server-side call, of which the end has all that is known of the
// call: the API may pause between a call and its result.
func following(m *provider.Message, emit func(provider.Delta)) func(provider.Delta) {
	if emit == nil {
		return nil
	}
	begun := make(map[string]provider.ServerCall)
	for _, c := range m.ServerCalls() {
		begun[c.ID] = c
	}
	ended := make(map[string]bool)
	for _, p := range m.Parts {
		if c, ok := p.(provider.ServerCall); ok && !isUse(c.State.Data) {
			ended[c.ID] = true
		}
	}
	return func(d provider.Delta) {
		if d.Kind == provider.DeltaServerStart || d.Kind == provider.DeltaServerEnd {
			c, known := begun[d.ID]
			switch {
			case known && (d.Kind == provider.DeltaServerStart || ended[d.ID]):
				return
			case known && d.Server != nil:
				c = (&provider.Message{Parts: []provider.Part{c, *d.Server}}).ServerCalls()[0]
				d.Name, d.Server = c.Name, &c
			}
		}
		emit(d)
	}
}

// isPaused reports whether the API can go on with the response: it has no calls that wait for
// results.
func isPaused(resp *provider.Response) bool {
	return resp.RawFinish == pauseTurn && len(resp.Message.ServerCalls()) > 0 && len(resp.Message.ToolCalls()) == 0
}

// continuing returns the request with which the model goes on with the message.
func (c *Client) continuing(req *provider.Request, m *provider.Message) *provider.Request {
	again := *req
	paused := &provider.Message{Role: m.Role, Parts: m.Parts, State: provider.State{Owner: c.base.Owner.String(), Data: pausedData}}
	again.Messages = append(slices.Clip(req.Messages), paused)
	return &again
}

// goesOn reports whether the model is to go on with the last message.
func (c *Client) goesOn(messages []*provider.Message) bool {
	if len(messages) == 0 {
		return false
	}
	s := messages[len(messages)-1].State
	return c.base.Owner.Made(s) && string(s.Data) == string(pausedData)
}

// afterPause adds the paused requests to the error of the one that failed.
func afterPause(err error, paused []provider.Attempt, took time.Duration, streamed bool) error {
	e, ok := errors.AsType[*provider.Error](err)
	if !ok {
		return err
	}
	failed := e.After(paused, took)
	// A refused request is free, whatever was emitted before it.
	made := provider.AttemptsOf(e, took, provider.ThenGiveUp)
	failed.Cost = made[len(made)-1].Cost
	failed.Emitted = e.Emitted || streamed
	return failed
}
