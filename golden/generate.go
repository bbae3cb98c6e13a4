package golden

import (
	"context"
	"errors"
	"fmt"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// providerName is the Provider of a recording's own errors.
const providerName = "golden"

// Generate implements [provider.Provider]. It returns the next response or error of the file.
// With GOLDEN_RECORD=1 the live model answers.
//
// If the request differs from the recorded one, Generate fails the test and returns a
// [*provider.Error] of kind [provider.KindInvalidRequest], so that the run ends.
func (r *Recording) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, canceled(err, false)
	}
	messages, err := r.clean.messages(req.Messages)
	if err != nil {
		r.fail("golden: the request cannot be recorded in %s: %v", r.file, err)
		return nil, refused("the request cannot be recorded")
	}
	c := &call{request: requestOf(req, r.clean), messages: messages}
	if r.mode == record {
		err = r.ask(ctx, c, req, emit != nil)
	} else {
		err = r.recall(c)
	}
	if err != nil {
		return nil, err
	}
	if c.err != nil {
		return nil, new(*c.err)
	}
	if emit != nil {
		if err := stream(ctx, c.response, emit); err != nil {
			return nil, err
		}
	}
	return c.response, nil
}

// ask puts the live model's response or error into c. Its deltas are dropped: the agent
// receives what the file keeps, and that is known only at the end.
func (r *Recording) ask(ctx context.Context, c *call, req *provider.Request, streamed bool) error {
	var emit func(provider.Delta)
	if streamed {
		emit = func(provider.Delta) {}
	}
	alone := *req
	alone.Run = nil // playback has neither a budget of repeats nor fallbacks
	resp, err := r.live.Generate(ctx, &alone, emit)
	switch {
	case err != nil && ctx.Err() != nil: // playback answers at once, so it could not repeat this
		r.fail("golden: %s is not written: the context ended during the live model call (%v), which cannot be played back", r.file, err)
		return err
	case err != nil:
		c.err = r.clean.keptError(err)
	case resp == nil || resp.Message == nil:
		c.err = noResponse()
	default:
		if c.response, err = r.clean.keptResponse(resp); err != nil {
			r.fail("golden: the response cannot be recorded in %s: %v", r.file, err)
			return refused("the response cannot be recorded")
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, c)
	return nil
}

func noResponse() *provider.Error {
	return &provider.Error{Kind: provider.KindMalformed, Message: "the provider returned neither a response nor an error"}
}

// recall puts the next response or error of the file into c.
func (r *Recording) recall(c *call) error {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.calls)
	switch {
	case r.broken:
		return refused("an earlier request differs from the recording")
	case n >= len(r.old.calls):
		r.broken = true
		last := renderMessages(c.messages[max(len(c.messages)-1, 0):])
		r.t.Errorf("golden: %s: the agent asks for turn %d of the model, and %d are recorded. Record the conversation again with %s=1.\nThe last message of the request:\n%s",
			r.file, n+1, len(r.old.calls), record, last)
		return refused(fmt.Sprintf("turn %d is not recorded", n+1))
	}
	if r.mode == playback {
		if err := r.compare(n, c); err != nil {
			r.broken = true
			r.t.Error(err)
			return refused(fmt.Sprintf("request %d differs from the recording", n+1))
		}
	}
	was := r.old.calls[n]
	c.response, c.err = was.response, was.err
	r.calls = append(r.calls, c)
	return nil
}

// fail fails the test and all later requests of the conversation.
func (r *Recording) fail(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.broken = true
	r.t.Errorf(format, args...)
}

func refused(why string) error {
	return &provider.Error{Kind: provider.KindInvalidRequest, Provider: providerName, Message: why}
}

func canceled(err error, emitted bool) error {
	kind := provider.KindCanceled
	if errors.Is(err, context.DeadlineExceeded) {
		kind = provider.KindTimeout
	}
	return &provider.Error{Kind: kind, Provider: providerName, Emitted: emitted, Err: err}
}

// stream emits a response word by word.
func stream(ctx context.Context, resp *provider.Response, emit func(provider.Delta)) error {
	for d := range providertest.Deltas(resp, providertest.CutWords) {
		emit(d)
		if err := ctx.Err(); err != nil { // the consumer left, also at the last delta
			return canceled(err, true)
		}
	}
	return nil
}
