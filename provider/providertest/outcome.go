package providertest

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/funcall/funcall/provider"
)

// patience is how long a call may make no progress: far longer than a busy machine needs for
// the next delta, or for a response without deltas.
var patience = time.Minute

// maxDeltas is more than the longest response of the suite has, at one byte a delta.
const maxDeltas = 2 << 20

// An outcome is everything that one call of Generate did.
type outcome struct {
	resp     *provider.Response
	err      error
	deltas   []provider.Delta
	panicked any
	stack    []byte
	hung     bool
	problems []string // violations of the contract
}

func (o *outcome) problem(format string, args ...any) {
	o.problems = append(o.problems, fmt.Sprintf(format, args...))
}

// generate calls p and checks what the contract requires of each call. onDelta may be nil; it
// is called after each delta was recorded.
func (s *suite) generate(ctx context.Context, p provider.Provider, req *provider.Request, onDelta func()) *outcome {
	var (
		before = cloneRequest(req)
		o      = new(outcome)
		seen   atomic.Int64
		over   atomic.Bool // Generate has returned
		late   atomic.Bool // emit was called after that
		stray  atomic.Bool // emit was called on another goroutine
		done   = make(chan struct{})
		label  = "call " + strconv.FormatInt(calledTimes.Add(1), 10)
	)
	// Goroutines that Generate starts inherit the label, which finds them if they do not end.
	go pprof.Do(ctx, pprof.Labels(labelKey, label), func(ctx context.Context) {
		defer close(done)
		defer func() {
			over.Store(true)
			if o.panicked = recover(); o.panicked != nil {
				o.stack = debug.Stack()
			}
		}()
		var emit func(provider.Delta)
		if s.stream {
			caller := goroutine()
			emit = func(d provider.Delta) {
				n := seen.Add(1)
				switch {
				case over.Load():
					late.Store(true)
					return
				case n > maxDeltas: // await reports it
					return
				case n <= 100 && goroutine() != caller: // the check is slow
					stray.Store(true)
					return
				}
				o.deltas = append(o.deltas, d)
				if onDelta != nil {
					onDelta()
				}
			}
		}
		o.resp, o.err = p.Generate(ctx, req, emit)
	})

	if problem := await(done, &seen, s.bound()); problem != "" {
		// The call that still runs owns o.
		return &outcome{hung: true, problems: []string{problem}}
	}
	o.checkContract(s.stream)
	leaked := waitForGoroutines(label)
	if leaked != "" {
		o.problem("a goroutine outlives its call of Generate:\n%s", leaked)
	}
	if late.Load() {
		o.problem("emit was called after Generate had returned")
	}
	if stray.Load() {
		o.problem("emit was not called on the caller's goroutine")
	}
	if diff := cmp.Diff(before, req, cmpopts.IgnoreUnexported(provider.Message{}, provider.Tool{}), cmp.Comparer(bytes.Equal), cmp.Comparer(sameRun)); diff != "" {
		o.problem("Generate changed the request (-before +after):\n%s", diff)
	}
	return o
}

// bound returns how long a call may make no progress.
func (s *suite) bound() time.Duration {
	if s.patience > 0 {
		return s.patience
	}
	return patience
}

// await waits until done is closed. If seen, the number of deltas, does not grow for patience,
// or exceeds maxDeltas, it returns the problem.
func await(done <-chan struct{}, seen *atomic.Int64, patience time.Duration) string {
	for before := int64(0); ; {
		select {
		case <-done:
			return ""
		case <-time.After(patience):
		}
		switch n := seen.Load(); {
		case n == before:
			return fmt.Sprintf("Generate has not returned after %d deltas, and emitted none for %v", n, patience)
		case n > maxDeltas:
			return fmt.Sprintf("Generate has not returned after %d deltas; no response of the suite has more than %d", n, maxDeltas)
		default:
			before = n
		}
	}
}

// checkContract checks what one outcome alone shows.
func (o *outcome) checkContract(stream bool) {
	switch {
	case o.panicked != nil:
	case o.err != nil && o.resp != nil:
		o.problem("Generate returned a response and the error %v", o.err)
	case o.err != nil:
	case o.resp == nil || o.resp.Message == nil:
		o.err = fmt.Errorf("providertest: Generate returned neither a message nor an error")
	default:
		if o.resp.Message.Role != provider.RoleAssistant {
			o.problem("the role is %q, want %q", o.resp.Message.Role, provider.RoleAssistant)
		}
		if n := len(o.resp.Message.ToolCalls()); n > 0 && o.resp.Finish == provider.FinishStop {
			o.problem("the response has %d tool calls: want the finish reason %q, got %q", n, provider.FinishToolCalls, o.resp.Finish)
		}
		if stream {
			o.checkDeltas()
		}
	}
}

// checkDeltas checks that the deltas add up to the response.
func (o *outcome) checkDeltas() {
	var text, reasoning strings.Builder
	var args []strings.Builder
	ended := -1 // the last call with a DeltaCallEnd
	calls := o.resp.Message.ToolCalls()
	for i, d := range o.deltas {
		switch d.Kind {
		case provider.DeltaText:
			text.WriteString(d.Text)
		case provider.DeltaReasoning:
			reasoning.WriteString(d.Text)
		case provider.DeltaCallStart:
			if d.Call != len(args) {
				o.problem("delta %d begins call %d, want call %d", i, d.Call, len(args))
				return
			}
			args = append(args, strings.Builder{})
			if d.Call < len(calls) {
				c := calls[d.Call]
				if d.ID != "" && d.ID != c.ID || d.Name != "" && d.Name != c.Name {
					o.problem("delta %d begins the call %s of %s, but the response has %s of %s", i, quote(d.ID), quote(d.Name), quote(c.ID), quote(c.Name))
				}
			}
		case provider.DeltaArgs:
			if d.Call < 0 || d.Call >= len(args) {
				o.problem("delta %d belongs to call %d, which has not begun", i, d.Call)
				return
			}
			if d.Call <= ended {
				o.problem("delta %d continues call %d after the DeltaCallEnd", i, d.Call)
			}
			args[d.Call].WriteString(d.Text)
		case provider.DeltaCallEnd:
			if d.Call < 0 || d.Call >= len(args) {
				o.problem("delta %d ends call %d, which has not begun", i, d.Call)
				return
			}
			if d.Call <= ended {
				o.problem("delta %d ends call %d after call %d; each call ends at most once, in order", i, d.Call, ended)
			}
			ended = max(ended, d.Call)
			if d.Call < len(calls) {
				c := calls[d.Call]
				if d.ID != c.ID || d.Name != c.Name || d.Text != c.Args {
					o.problem("delta %d ends the call %s of %s(%s), but the response has %s of %s(%s)", i, quote(d.ID), d.Name, shorten(d.Text), quote(c.ID), c.Name, shorten(c.Args))
				}
			}
		default:
			o.problem("delta %d has the unknown kind %d", i, d.Kind)
		}
	}
	streamed := answer{Text: text.String(), Reasoning: reasoning.String(), Finish: o.resp.Finish}
	for i := range args {
		c := provider.ToolCall{Args: args[i].String()}
		if i < len(calls) {
			c.Name = calls[i].Name
		}
		streamed.Calls = append(streamed.Calls, c)
	}
	if diff := streamed.diff(answerOf(o.resp)); diff != "" {
		o.problem("the deltas do not add up to the response (-deltas +response):\n%s", diff)
	}
}

// An answer is the part of a response that every API must carry unchanged.
type answer struct {
	Text, Reasoning string
	Calls           []provider.ToolCall // their names and arguments
	Finish          provider.FinishReason
}

func answerOf(r *provider.Response) answer {
	a := answer{Text: r.Message.Text(), Finish: r.Finish}
	for _, p := range r.Message.Parts {
		switch p := p.(type) {
		case provider.Reasoning:
			a.Reasoning += p.Text
		case provider.ToolCall:
			a.Calls = append(a.Calls, provider.ToolCall{Name: p.Name, Args: p.Args})
		}
	}
	return a
}

func diffAnswers(want, got *provider.Response) string { return answerOf(want).diff(answerOf(got)) }

// diff shows long texts only around their first difference.
func (a answer) diff(b answer) string {
	focus := func(x, y *string) {
		if *x == *y || max(len(*x), len(*y)) < 300 {
			return
		}
		at := 0
		for at < min(len(*x), len(*y)) && (*x)[at] == (*y)[at] {
			at++
		}
		for _, s := range []*string{x, y} {
			*s = fmt.Sprintf("%d bytes, at %d: %q", len(*s), at, (*s)[at:min(len(*s), at+60)])
		}
	}
	focus(&a.Text, &b.Text)
	focus(&a.Reasoning, &b.Reasoning)
	a.Calls, b.Calls = slices.Clone(a.Calls), slices.Clone(b.Calls)
	for i := range min(len(a.Calls), len(b.Calls)) {
		focus(&a.Calls[i].Args, &b.Calls[i].Args)
	}
	return cmp.Diff(a, b)
}

// goroutine returns the number of the calling goroutine.
func goroutine() string {
	var buf [64]byte
	head := buf[:runtime.Stack(buf[:], false)] // goroutine 18 [running]:
	return string(bytes.Fields(head)[1])
}
