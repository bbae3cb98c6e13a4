package providertest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/funcall/funcall/provider"
)

// A Turn is what a model does for one request. Create one with [Say], [Call], [Calls],
// [Respond], [Fail] or [Hang]. Its methods return a changed copy.
//
// The fields are exported for servers that render turns in a wire format; see [Conformance].
type Turn struct {
	// Response is the response, if there is one.
	Response *provider.Response
	// Err is the error that Generate returns in place of a response. If Response is set too, a
	// stream breaks off with Err after After deltas of it.
	Err error
	// Hangs stops the stream after After deltas of Response, if there is one, until the
	// caller's context is done.
	Hangs bool
	// After is how many deltas of Response a stream emits before Err or Hangs takes effect.
	// Without a stream it has no effect: no part of Response is returned.
	After int
	// Delay passes before anything else happens.
	Delay time.Duration

	checks  []func(*provider.Request) error
	needIDs bool // calls without an ID get one
}

// Say answers with text.
func Say(text string) Turn {
	return Turn{Response: &provider.Response{
		Message: provider.Assistant(provider.Text{Text: text}),
		Finish:  provider.FinishStop,
	}}
}

// Call asks for one tool call, with an ID as [Calls] gives it.
func Call(name, args string) Turn {
	return Calls(provider.ToolCall{Name: name, Args: args})
}

// Calls asks for several tool calls in one turn. Calls without an ID get "c1", "c2" and so on,
// counted over the whole script; IDs in use are skipped. To send an empty or unusual ID, use
// [Respond].
func Calls(calls ...provider.ToolCall) Turn {
	m := provider.Assistant()
	for _, c := range calls {
		m.Parts = append(m.Parts, c)
	}
	return Turn{
		Response: &provider.Response{Message: m, Finish: provider.FinishToolCalls},
		needIDs:  true,
	}
}

// Respond answers with exactly r; its calls keep their IDs, even empty ones.
func Respond(r *provider.Response) Turn { return Turn{Response: cloneResponse(r)} }

// Fail fails with err. If err is not a [*provider.Error], it is wrapped in one.
func Fail(err error) Turn { return Turn{Err: err} }

// Hang sends nothing until the caller's context is done.
func Hang() Turn { return Turn{Hangs: true} }

// WithText adds text, ahead of the turn's calls.
func (t Turn) WithText(text string) Turn {
	return t.with(func(r *provider.Response) {
		at := slices.IndexFunc(r.Message.Parts, isCall)
		if at < 0 {
			at = len(r.Message.Parts)
		}
		r.Message.Parts = slices.Insert(r.Message.Parts, at, provider.Part(provider.Text{Text: text}))
	})
}

// WithReasoning adds reasoning, ahead of all other parts.
func (t Turn) WithReasoning(text string) Turn {
	return t.with(func(r *provider.Response) {
		r.Message.Parts = slices.Insert(r.Message.Parts, 0, provider.Part(provider.Reasoning{Text: text}))
	})
}

// WithUsage sets the usage of the response.
func (t Turn) WithUsage(u provider.Usage) Turn {
	return t.with(func(r *provider.Response) { r.Usage = u })
}

// WithFinish sets the finish reason, such as [provider.FinishLength].
func (t Turn) WithFinish(f provider.FinishReason) Turn {
	return t.with(func(r *provider.Response) { r.Finish = f })
}

// WithDelay delays the turn by d.
func (t Turn) WithDelay(d time.Duration) Turn {
	t.Delay = d
	return t
}

// FailAfter breaks the stream off with err after n deltas, or after all if there are fewer.
// Without a stream, Generate returns err at once.
func (t Turn) FailAfter(n int, err error) Turn {
	t.After, t.Err, t.Hangs = n, err, false
	return t
}

// HangAfter stops the stream after n deltas, or after all if there are fewer, until the
// caller's context is done. Without a stream, the turn hangs at once.
func (t Turn) HangAfter(n int) Turn {
	t.After, t.Err, t.Hangs = n, nil, true
	return t
}

// Expect adds a check of the request, which a [Script] makes before it answers. If the check
// fails, the test fails, and Generate returns the check's error. Checks run in the order in
// which they were added.
func (t Turn) Expect(check func(*provider.Request) error) Turn {
	t.checks = append(slices.Clone(t.checks), check)
	return t
}

// with changes a copy of the response, so that a turn can be kept in a variable and changed in
// several ways.
func (t Turn) with(change func(*provider.Response)) Turn {
	r := cloneResponse(t.Response)
	if r == nil {
		r = &provider.Response{Finish: provider.FinishStop}
	}
	if r.Message == nil {
		r.Message = provider.Assistant()
	}
	change(r)
	t.Response = r
	return t
}

// String describes the turn in one short line.
func (t Turn) String() string {
	var b strings.Builder
	if t.Response != nil {
		b.WriteString(describeMessage(t.Response.Message))
	}
	if t.Hangs {
		fmt.Fprintf(&b, " hangs after %d deltas", t.After)
	}
	if t.Err != nil {
		fmt.Fprintf(&b, " fails after %d deltas: %v", t.After, t.Err)
	}
	return strings.TrimSpace(b.String())
}

func isCall(p provider.Part) bool {
	_, ok := p.(provider.ToolCall)
	return ok
}

// number copies turns and gives an ID to each call that needs one.
func number(turns []Turn) []Turn {
	turns = slices.Clone(turns)
	taken := make(map[string]bool)
	for i := range turns {
		turns[i].Response = cloneResponse(turns[i].Response)
		for _, c := range turns[i].calls() {
			taken[c.ID] = true
		}
	}
	n := 0
	for i := range turns {
		if !turns[i].needIDs || turns[i].calls() == nil {
			continue
		}
		for k, p := range turns[i].Response.Message.Parts {
			c, ok := p.(provider.ToolCall)
			if !ok || c.ID != "" {
				continue
			}
			c.ID, n = nextID(taken, n)
			turns[i].Response.Message.Parts[k] = c
		}
	}
	return turns
}

func (t Turn) calls() []provider.ToolCall {
	if t.Response == nil {
		return nil
	}
	return t.Response.Message.ToolCalls()
}

// nextID returns the first free ID after "c<n>", and its number.
func nextID(taken map[string]bool, n int) (string, int) {
	for {
		n++
		id := "c" + strconv.Itoa(n)
		if !taken[id] {
			return id, n
		}
	}
}
