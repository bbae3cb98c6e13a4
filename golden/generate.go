package golden

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// providerName is what a recording calls itself in its own errors.
const providerName = "golden"

// Generate implements [provider.Provider]: it answers with the next turn of the
// file, a failed call included. With GOLDEN_RECORD=1 the live model answers.
//
// A request that is not the one that was recorded fails the test and gets a
// [*provider.Error] of kind [provider.InvalidRequest], so that the run ends.
func (r *Recording) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, canceled(err, false)
	}
	c := &call{request: requestOf(req, r.clean.masked), messages: slices.Clone(req.Messages)}
	var err error
	if r.mode == record {
		err = r.ask(ctx, c, req, emit != nil)
	} else {
		err = r.recall(c)
	}
	if err != nil {
		return nil, err
	}
	if c.err != nil {
		e := *c.err
		return nil, &e
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
	resp, err := r.live.Generate(ctx, req, emit)
	switch {
	case err != nil && ctx.Err() != nil: // a recorded model answers at once, so this would not happen again
		r.mu.Lock()
		r.broken = true
		r.mu.Unlock()
		r.t.Errorf("golden: %s is not written: the context ended while the live model was asked (%v), which cannot be played back", r.file, err)
		return err
	case err != nil:
		c.err = r.kept(err)
	case resp == nil || resp.Message == nil:
		c.err = nothing()
	default:
		c.response = r.clean.said(resp)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, c)
	return nil
}

func nothing() *provider.Error {
	return &provider.Error{Kind: provider.Malformed, Message: "the provider returned neither a response nor an error"}
}

// kept is an error as it can be written down and come back.
func (r *Recording) kept(err error) *provider.Error {
	e, ok := errors.AsType[*provider.Error](err)
	if ok && e == nil {
		return nothing()
	}
	if !ok {
		e = &provider.Error{Kind: provider.Unavailable, Err: err}
	}
	message := e.Message
	if message == "" && e.Err != nil {
		message = e.Err.Error()
	}
	return &provider.Error{
		Kind: e.Kind, Provider: e.Provider, Status: e.Status, Code: e.Code,
		Message: r.clean.all(message), RetryAfter: e.RetryAfter,
	}
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
	case n >= len(r.turns):
		r.broken = true
		r.t.Errorf("golden: %s: the model is asked for turn %d, and %d are recorded. Record the conversation anew with %s=1.\n%s",
			r.file, n+1, len(r.turns), envRecord, "The last message it was sent:\n"+indent(r.lastMessage(c.messages)))
		return refused(fmt.Sprintf("turn %d is not recorded", n+1))
	}
	if r.mode == playback {
		if err := r.compare(n, c); err != nil {
			r.broken = true
			r.t.Error(err)
			return refused(fmt.Sprintf("request %d is not the one that was recorded", n+1))
		}
	}
	turn := r.old.steps[r.turns[n]].call
	c.response, c.err = turn.response, turn.err
	r.calls = append(r.calls, c)
	return nil
}

func (r *Recording) lastMessage(messages []*provider.Message) string {
	if len(messages) == 0 {
		return "none"
	}
	return text(r.clean.nodes([]*node{messageNode(messages[len(messages)-1])})...)
}

// compare holds a request against the one that was recorded for turn n.
func (r *Recording) compare(n int, got *call) error {
	at := r.turns[n]
	step := r.old.steps[at]
	want := *step.call
	if want.messages == nil {
		want.messages = r.histories[n]
	}
	var e encoder
	e.asked(want.request)
	f := encoder{}
	f.asked(got.request)
	wantTexts, gotTexts := r.texts(e.nodes, want.messages), r.texts(f.nodes, got.messages)
	if slices.Equal(wantTexts, gotTexts) {
		return nil
	}
	where, line := want.request.differsFrom(got.request), step.line
	if i := firstDifference(wantTexts, gotTexts); i > 0 {
		where = fmt.Sprintf("message %d", i)
		if step.call.messages == nil {
			line = r.old.lineOf(i-1, at)
		}
	}
	return fmt.Errorf("golden: request %d to the model is not the one that was recorded at %s:%d: it differs in %s.\n"+
		"To accept the change, run with %s=1; to ask the model anew, with %s=1.\n(-recorded +now):\n%s",
		n+1, r.file, line, where, envUpdate, envRecord, diff(strings.Join(wantTexts, ""), strings.Join(gotTexts, "")))
}

func firstDifference(a, b []string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// diff compares texts by their lines. The comparer keeps go-cmp from taking
// lines apart.
func diff(recorded, now string) string {
	whole := cmp.Comparer(func(a, b string) bool { return a == b })
	return cmp.Diff(strings.Split(recorded, "\n"), strings.Split(now, "\n"), whole)
}

// texts renders a request: what it is made from, then each message.
func (r *Recording) texts(request []*node, messages []*provider.Message) []string {
	texts := []string{text(r.clean.nodes(request)...)}
	for _, m := range messages {
		texts = append(texts, text(r.clean.nodes([]*node{messageNode(m)})...))
	}
	return texts
}

func refused(why string) error {
	return &provider.Error{Kind: provider.InvalidRequest, Provider: providerName, Message: why}
}

func canceled(err error, emitted bool) error {
	kind := provider.Canceled
	if errors.Is(err, context.DeadlineExceeded) {
		kind = provider.Timeout
	}
	return &provider.Error{Kind: kind, Provider: providerName, Emitted: emitted, Err: err}
}

func indent(s string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n  ")
}

// stream emits a response word by word.
func stream(ctx context.Context, resp *provider.Response, emit func(provider.Delta)) error {
	emitted := false
	for d := range providertest.Deltas(resp, providertest.Words) {
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
