package anthropic

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

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
// to 8 times, and returns one response with the usage of all.
func (c *Client) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	resp, err := c.base.Generate(ctx, req, emit)
	for n := 0; n < maxPauses && err == nil && isPaused(resp); n++ {
		var next *provider.Response
		if next, err = c.base.Generate(ctx, c.continuing(req, resp.Message), emit); err != nil {
			return nil, afterPause(err, resp, emit != nil)
		}
		next.Message = &provider.Message{Role: resp.Message.Role, Parts: slices.Concat(resp.Message.Parts, next.Message.Parts), State: resp.Message.State}
		next.Usage = resp.Usage.Add(next.Usage)
		resp = next
	}
	return resp, err
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

// afterPause adds what came before a failed call to its error.
func afterPause(err error, before *provider.Response, streamed bool) error {
	e, ok := errors.AsType[*provider.Error](err)
	if !ok {
		return err
	}
	failed := *e
	failed.Usage = before.Usage.Add(e.Usage)
	failed.Emitted = e.Emitted || streamed
	return &failed
}
