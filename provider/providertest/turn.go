package providertest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/funcall/funcall/provider"
)

// A Turn is what a model does when it is asked once. Make one with [Say],
// [Call], [Calls], [Respond], [Fail] or [Hang] and refine it with its methods,
// each of which returns a changed copy.
//
// The fields are there for who renders turns in a wire format: see
// [Conformance].
type Turn struct {
	// Response is the answer. It is nil where there is none.
	Response *provider.Response
	// Err is the failure that takes the answer's place. Where there is a
	// Response too, a stream breaks off with Err after After deltas of it.
	Err error
	// Hangs says that nothing more comes after After deltas of Response, if
	// there is one, until the caller's context is done.
	Hangs bool
	// After counts the deltas of Response that a stream gives out before Err
	// or Hangs takes effect. It means nothing where the answer is not
	// streamed: then no part of it is seen.
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

// Call asks for one tool call. Its ID is made up: see [Calls].
func Call(name, args string) Turn {
	return Calls(provider.ToolCall{Name: name, Args: args})
}

// Calls asks for several tool calls in one turn. Calls without an ID get "c1",
// "c2" and so on, counted over the whole script and passing over the IDs that
// are taken. To send no ID or a strange one on purpose, use [Respond].
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

// Respond answers with exactly r, the IDs of its calls included.
func Respond(r *provider.Response) Turn { return Turn{Response: cloneResponse(r)} }

// Fail answers with an error. What is no [*provider.Error] is wrapped in one.
func Fail(err error) Turn { return Turn{Err: err} }

// Hang answers nothing until the caller's context is done.
func Hang() Turn { return Turn{Hangs: true} }

// WithText puts text beside what the turn holds, ahead of its calls.
func (t Turn) WithText(text string) Turn {
	return t.with(func(r *provider.Response) {
		at := slices.IndexFunc(r.Message.Parts, isCall)
		if at < 0 {
			at = len(r.Message.Parts)
		}
		r.Message.Parts = slices.Insert(r.Message.Parts, at, provider.Part(provider.Text{Text: text}))
	})
}

// WithReasoning puts reasoning ahead of what the turn holds.
func (t Turn) WithReasoning(text string) Turn {
	return t.with(func(r *provider.Response) {
		r.Message.Parts = slices.Insert(r.Message.Parts, 0, provider.Part(provider.Reasoning{Text: text}))
	})
}

// WithUsage sets the tokens that the turn is said to have cost.
func (t Turn) WithUsage(u provider.Usage) Turn {
	return t.with(func(r *provider.Response) { r.Usage = u })
}

// WithFinish sets why the model stopped, such as [provider.FinishLength].
func (t Turn) WithFinish(f provider.FinishReason) Turn {
	return t.with(func(r *provider.Response) { r.Finish = f })
}

// WithDelay lets d pass before the turn does anything.
func (t Turn) WithDelay(d time.Duration) Turn {
	t.Delay = d
	return t
}

// FailAfter breaks the stream off with err after n deltas, or after all where
// there are fewer. An answer that is not streamed fails with err at once.
func (t Turn) FailAfter(n int, err error) Turn {
	t.After, t.Err, t.Hangs = n, err, false
	return t
}

// HangAfter stops the stream after n deltas, or after all where there are
// fewer, until the caller's context is done. An answer that is not streamed
// hangs at once.
func (t Turn) HangAfter(n int) Turn {
	t.After, t.Err, t.Hangs = n, nil, true
	return t
}

// Expect has a [Script] check the request before it answers with this turn. An
// error fails the test and is what the caller gets instead of an answer.
// Several checks are made in the order in which they were added.
func (t Turn) Expect(check func(*provider.Request) error) Turn {
	t.checks = append(slices.Clone(t.checks), check)
	return t
}

// with changes a copy of the response, so that a turn can be kept in a
// variable and refined in several ways.
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

// String says what the turn does, in one short line.
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
