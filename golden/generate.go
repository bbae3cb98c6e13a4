package golden

import (
	"context"
	"errors"
	"fmt"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// providerName is what a recording calls itself in its own errors.
const providerName = "golden"

// Generate implements [provider.Provider]: it answers with the next turn of the
// file, a failed call included. With GOLDEN_RECORD=1 the live model answers.
//
// A request that is not the one that was recorded fails the test and gets a
// [*provider.Error] of kind [provider.KindInvalidRequest], so that the run ends.
func (r *Recording) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, canceled(err, false)
	}
	messages, err := r.clean.messages(req.Messages)
	if err != nil {
		r.fail("golden: the request cannot be kept in %s: %v", r.file, err)
		return nil, refused("the request cannot be kept")
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

// ask puts the live model's answer into c. Its deltas are not passed on: what
// is given to the agent is what is kept, and that can be told only in the end.
func (r *Recording) ask(ctx context.Context, c *call, req *provider.Request, streamed bool) error {
	var emit func(provider.Delta)
	if streamed {
		emit = func(provider.Delta) {}
	}
	alone := *req
	alone.Run = nil // no one will spend it or fall back when this is played back
	resp, err := r.live.Generate(ctx, &alone, emit)
	switch {
	case err != nil && ctx.Err() != nil: // a recorded model answers at once, so this would not happen again
		r.fail("golden: %s is not written: the context ended while the live model was asked (%v), which cannot be played back", r.file, err)
		return err
	case err != nil:
		c.err = r.clean.failed(err)
	case resp == nil || resp.Message == nil:
		c.err = nothing()
	default:
		if c.response, err = r.clean.said(resp); err != nil {
			r.fail("golden: the response cannot be kept in %s: %v", r.file, err)
			return refused("the response cannot be kept")
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, c)
	return nil
}

func nothing() *provider.Error {
	return &provider.Error{Kind: provider.KindMalformed, Message: "the provider returned neither a response nor an error"}
}

// recall puts the next turn of the file into c.
func (r *Recording) recall(c *call) error {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.calls)
	switch {
	case r.broken:
		return refused("an earlier request was not the one that was recorded")
	case n >= len(r.old.calls):
		r.broken = true
		last := renderMessages(c.messages[max(len(c.messages)-1, 0):])
		r.t.Errorf("golden: %s: the model is asked for turn %d, and %d are recorded. Record the conversation anew with %s=1.\nThe last message it was sent:\n%s",
			r.file, n+1, len(r.old.calls), record, last)
		return refused(fmt.Sprintf("turn %d is not recorded", n+1))
	}
	if r.mode == playback {
		if err := r.compare(n, c); err != nil {
			r.broken = true
			r.t.Error(err)
			return refused(fmt.Sprintf("request %d is not the one that was recorded", n+1))
		}
	}
	was := r.old.calls[n]
	c.response, c.err = was.response, was.err
	r.calls = append(r.calls, c)
	return nil
}

// fail fails the test and all that follows in the conversation.
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
	emitted := false
	for d := range providertest.Deltas(resp, providertest.CutWords) {
		if err := ctx.Err(); err != nil {
			return canceled(err, emitted)
		}
		emit(d)
		emitted = true
	}
	if err := ctx.Err(); err != nil { // the watcher may have left with the last piece
		return canceled(err, emitted)
	}
	return nil
}
