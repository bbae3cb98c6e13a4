package providertest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/funcall/funcall/provider"
)

// An exchange is one call of a Provider that wraps another.
type exchange struct {
	ctx  context.Context
	next provider.Provider
	req  *provider.Request
	emit func(provider.Delta)
}

func (x exchange) pass() (*provider.Response, error) { return x.next.Generate(x.ctx, x.req, x.emit) }

type wrapper func(provider.Provider) provider.Provider

func calling(generate func(exchange) (*provider.Response, error)) wrapper {
	return func(next provider.Provider) provider.Provider {
		return provider.Func(func(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
			return generate(exchange{ctx, next, req, emit})
		})
	}
}

// changed changes the responses.
func changed(change func(*provider.Response)) wrapper {
	return calling(func(x exchange) (*provider.Response, error) {
		resp, err := x.pass()
		if err == nil {
			change(resp)
		}
		return resp, err
	})
}

// emitting changes the deltas.
func emitting(pass func(d provider.Delta, emit func(provider.Delta))) wrapper {
	return calling(func(x exchange) (*provider.Response, error) {
		if x.emit == nil {
			return x.pass()
		}
		return x.next.Generate(x.ctx, x.req, func(d provider.Delta) { pass(d, x.emit) })
	})
}

// failing changes the errors.
func failing(change func(*provider.Error) error) wrapper {
	return calling(func(x exchange) (*provider.Response, error) {
		resp, err := x.pass()
		if e, ok := errors.AsType[*provider.Error](err); ok {
			err = change(e)
		}
		return resp, err
	})
}

// eachCall changes the calls of a response.
func eachCall(change func(*provider.ToolCall)) wrapper {
	return changed(func(r *provider.Response) {
		for i, p := range r.Message.Parts {
			if c, ok := p.(provider.ToolCall); ok {
				change(&c)
				r.Message.Parts[i] = c
			}
		}
	})
}

func dropParts(drop func(provider.Part) bool) wrapper {
	return changed(func(r *provider.Response) { r.Message.Parts = slices.DeleteFunc(r.Message.Parts, drop) })
}

// broken are Providers with one fault each, the checks that find it, and their messages.
var broken = []brokenProvider{
	{
		"DropsTextBesideCalls",
		changed(func(r *provider.Response) {
			if len(r.Message.ToolCalls()) > 0 {
				r.Message.Parts = slices.DeleteFunc(r.Message.Parts, func(p provider.Part) bool { _, ok := p.(provider.Text); return ok })
			}
		}),
		[]string{"TextBesideCalls/whole", "TextBesideCalls/stream", "ToolLoop/whole"},
		"the response differs from what the server sent",
	},
	{
		"DropsReasoning",
		dropParts(func(p provider.Part) bool { _, ok := p.(provider.Reasoning); return ok }),
		[]string{"Reasoning/whole", "Reasoning/stream"},
		"the response differs from what the server sent",
	},
	{
		"ReversesCalls",
		changed(func(r *provider.Response) { slices.Reverse(r.Message.Parts) }),
		[]string{"ParallelCalls/whole", "ParallelCalls/stream"},
		"the response differs from what the server sent",
	},
	{
		"DecodesArguments",
		eachCall(func(c *provider.ToolCall) {
			var v any
			_ = json.Unmarshal([]byte(c.Args), &v)
			b, _ := json.Marshal(v)
			c.Args = string(b)
		}),
		[]string{"Arguments/whole/digits", "Arguments/whole/key_order", "Arguments/whole/markup", "Arguments/stream/escapes", "BrokenArguments/whole/cut"},
		"the response differs from what the server sent",
	},
	{
		"CutsLongArguments",
		eachCall(func(c *provider.ToolCall) { c.Args = c.Args[:min(len(c.Args), 1<<16)] }),
		[]string{"Arguments/whole/1_MiB"},
		"65536 bytes, at 65536",
	},
	{"LosesIDs", eachCall(func(c *provider.ToolCall) { c.ID = "" }), []string{"CallIDs/whole", "CallIDs/stream"}, "has the ID"},
	{"SaysStopWithCalls", changed(func(r *provider.Response) { r.Finish = provider.FinishStop }), []string{"Call/whole", "FinishLength/whole"}, "want the finish reason"},
	{
		"TakesACutCallForAWhole",
		changed(func(r *provider.Response) {
			if len(r.Message.ToolCalls()) > 0 {
				r.Finish = provider.FinishToolCalls
			}
		}),
		[]string{"BrokenArguments/whole/cut_off_by_length"},
		"was truncated within a call",
	},
	{"LosesUsage", changed(func(r *provider.Response) { r.Usage = provider.Usage{} }), []string{"Usage/whole", "UsageCacheRead/whole", "UsageCacheWrite/whole", "UsageReasoning/whole"}, "the server sent {Input:"},
	{"InventsUsage", changed(func(r *provider.Response) { r.Usage.Input = max(r.Usage.Input, 1) }), []string{"Usage/whole"}, "but the server sent none"},
	{"LosesNames", changed(func(r *provider.Response) { r.Model, r.ID, r.RequestID = "", "", "" }), []string{"Model/whole", "ResponseID/stream", "RequestID/whole"}, `is "", the server sent`},
	{"SpeaksAsTheUser", changed(func(r *provider.Response) { r.Message.Role = provider.RoleUser }), []string{"Text/whole/plain"}, "the role is"},
	{"AnswersNothing", calling(func(x exchange) (*provider.Response, error) { return nil, nil }), []string{"Text/whole/plain"}, "neither a message nor an error"},
	{"IsAbsent", func(provider.Provider) provider.Provider { return nil }, []string{"Call/whole"}, "serve returned no provider"},
	{
		"DoesNotStream",
		calling(func(x exchange) (*provider.Response, error) {
			return x.next.Generate(x.ctx, x.req, nil)
		}),
		[]string{"Text/stream/plain", "Call/stream", "BreakOff/stream/in_text"},
		"the deltas do not add up to the response",
	},
	{
		"StreamsTwice",
		calling(func(x exchange) (*provider.Response, error) {
			if x.emit == nil {
				return x.next.Generate(x.ctx, x.req, nil)
			}
			return x.next.Generate(x.ctx, x.req, func(d provider.Delta) { x.emit(d); x.emit(d) })
		}),
		[]string{"Text/stream/plain", "Call/stream"},
		"begins call 0, want call 1",
	},
	{
		"StreamsOddDeltas",
		calling(func(x exchange) (*provider.Response, error) {
			if x.emit != nil {
				x.emit(provider.Delta{Kind: provider.DeltaArgs, Text: "{}"})
				x.emit(provider.Delta{Kind: 77})
			}
			return x.pass()
		}),
		[]string{"Text/stream/plain"},
		"belongs to call 0, which has not begun",
	},
	{"EndsCallsTwice", emitting(func(d provider.Delta, emit func(provider.Delta)) {
		emit(d)
		if d.Kind == provider.DeltaCallEnd {
			emit(d)
		}
	}), []string{"Call/stream"}, "each call ends at most once, in order"},
	{"EndsCallsEarly", emitting(func(d provider.Delta, emit func(provider.Delta)) {
		emit(d)
		if d.Kind == provider.DeltaCallStart {
			emit(provider.Delta{Kind: provider.DeltaCallEnd, Call: d.Call, ID: d.ID, Name: d.Name})
		}
	}), []string{"ParallelCalls/stream"}, "continues call 0 after the DeltaCallEnd"},
	{"EndsOtherCalls", emitting(func(d provider.Delta, emit func(provider.Delta)) {
		if d.Kind == provider.DeltaCallEnd {
			d.Text = "{}"
		}
		emit(d)
	}), []string{"Call/stream", "ParallelCalls/stream"}, "of get_order_status({}), but the response has"},
	{"EndsCallsWithoutID", emitting(func(d provider.Delta, emit func(provider.Delta)) {
		if d.Kind == provider.DeltaCallEnd {
			d.ID = ""
		}
		emit(d)
	}), []string{"CallIDs/stream"}, `ends the call "" of get_order_status`},
	{"EndsCallsThatHaveNotBegun", emitting(func(d provider.Delta, emit func(provider.Delta)) {
		if d.Kind == provider.DeltaCallStart {
			emit(provider.Delta{Kind: provider.DeltaCallEnd, Call: d.Call, ID: d.ID, Name: d.Name})
		}
		emit(d)
	}), []string{"Call/stream"}, "ends call 0, which has not begun"},
	{
		"StreamsElsewhere",
		calling(func(x exchange) (resp *provider.Response, err error) {
			var wg sync.WaitGroup
			wg.Go(func() { resp, err = x.pass() })
			wg.Wait()
			return resp, err
		}),
		[]string{"Text/stream/plain"},
		"not called on the caller's goroutine",
	},
	{
		"StreamsLate",
		calling(func(x exchange) (*provider.Response, error) {
			resp, err := x.pass()
			if x.emit != nil {
				go func() {
					time.Sleep(20 * time.Millisecond)
					x.emit(provider.Delta{Kind: provider.DeltaText})
				}()
			}
			return resp, err
		}),
		[]string{"Text/stream/plain"},
		"after Generate had returned",
	},
	{
		"TakesAShortAnswer",
		calling(func(x exchange) (*provider.Response, error) {
			resp, err := x.pass()
			if e, ok := errors.AsType[*provider.Error](err); ok && e.Kind == provider.KindUnavailable {
				return Say("It").Response, nil
			}
			return resp, err
		}),
		[]string{"BreakOff/whole/in_text", "BreakOff/stream/behind_text", "BreakOffInCall/stream/in_arguments"},
		"want an error, got the response: assistant \"It\"",
	},
	{
		"AnswersAndFails",
		calling(func(x exchange) (*provider.Response, error) {
			resp, err := x.pass()
			if err != nil {
				resp = Say("It").Response
			}
			return resp, err
		}),
		[]string{"ErrorAuth/whole"},
		"returned a response and the error",
	},
	{"FailsUntyped", failing(func(e *provider.Error) error { return errors.New(e.Error()) }), []string{"ErrorRateLimited/whole", "CancelBefore/whole"}, "want a *provider.Error, got a *errors.errorString"},
	{"MixesKinds", failing(func(e *provider.Error) error { e.Kind = provider.KindUnavailable; return e }), []string{"ErrorRateLimited/whole", "CancelBefore/stream", "Deadline/whole"}, "want an error of kind rate_limited"},
	{"DoesNotSayEmitted", failing(func(e *provider.Error) error { e.Emitted = false; return e }), []string{"BreakOff/stream/in_text", "CancelInCall/stream"}, "Emitted is false, but"},
	{"LosesTheCause", failing(func(e *provider.Error) error { e.Err = nil; return e }), []string{"CancelBefore/whole", "CancelDuring/whole", "CancelDuring/stream"}, "that wraps context.Canceled"},
	{"LosesWords", failing(func(e *provider.Error) error { e.Message = ""; return e }), []string{"ErrorAuth/whole"}, "the server said"},
	{"LosesRetryAfter", failing(func(e *provider.Error) error { e.RetryAfter = 0; return e }), []string{"RetryAfter/whole"}, "the server sent 7s"},
	{"InventsRetryAfter", failing(func(e *provider.Error) error { e.RetryAfter = 7 * time.Second; return e }), []string{"RetryAfter/stream"}, "the server sent none"},
	{"LosesRequestID", failing(func(e *provider.Error) error { e.RequestID = ""; return e }), []string{"ErrorRequestID/whole"}, `the server sent "req-4711"`},
	{
		"TriesAgain",
		calling(func(x exchange) (*provider.Response, error) {
			resp, err := x.pass()
			if err != nil {
				resp, err = x.pass()
			}
			return resp, err
		}),
		[]string{"ErrorRateLimited/whole"},
		"want an error, got the response",
	},
	{
		"IgnoresTheContext",
		calling(func(x exchange) (*provider.Response, error) {
			return x.next.Generate(context.WithoutCancel(x.ctx), x.req, x.emit)
		}),
		[]string{"CancelDuring/whole", "CancelInCall/stream"},
		"Generate has not returned after",
	},
	{
		"LeavesAGoroutine",
		calling(func(x exchange) (*provider.Response, error) {
			go func() { select {} }()
			return x.pass()
		}),
		[]string{"Call/whole"},
		"a goroutine outlives its call of Generate",
	},
	{
		"ChangesTheRequest",
		calling(func(x exchange) (*provider.Response, error) {
			x.req.Messages = append(x.req.Messages, provider.User("Be polite."))
			return x.pass()
		}),
		[]string{"Text/whole/plain"},
		"Generate changed the request",
	},
	{
		"SpendsRepeats",
		calling(func(x exchange) (*provider.Response, error) {
			x.req.Run.TakeRepeat()
			return x.pass()
		}),
		[]string{"Text/whole", "RetryAfter/stream"},
		"Generate changed the request",
	},
	{
		"FallsBack",
		calling(func(x exchange) (*provider.Response, error) {
			x.req.Run.RecordFallback("elsewhere")
			return x.pass()
		}),
		[]string{"Text/stream", "RetryAfter/whole"},
		"Generate changed the request",
	},
	{
		"ChangesAMessage",
		calling(func(x exchange) (*provider.Response, error) {
			x.req.Messages[0].Parts[0] = provider.Text{Text: "Be polite."}
			return x.pass()
		}),
		[]string{"Text/whole/plain"},
		"Generate changed the request",
	},
	{
		"SwallowsPanics",
		calling(func(x exchange) (resp *provider.Response, err error) {
			defer func() {
				if r := recover(); r != nil {
					err = fail(errors.New("it panicked"), true)
				}
			}()
			return x.pass()
		}),
		[]string{"EmitPanics/stream"},
		"emit panicked, but Generate returned the error",
	},
	{"Panics", changed(func(r *provider.Response) { panic("ouch") }), []string{"Text/whole/plain"}, "Generate panicked: ouch"},
	{
		"MixesAnswers",
		func(p provider.Provider) provider.Provider {
			var once sync.Once
			var first *provider.Response
			return provider.Func(func(ctx context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
				resp, err := p.Generate(ctx, req, nil)
				once.Do(func() { first = resp })
				return first, err
			})
		},
		[]string{"Concurrent/whole"},
		"a response came twice",
	},
	{
		"RefusesToWork",
		calling(func(x exchange) (*provider.Response, error) {
			return nil, errorOf(provider.KindInvalidRequest, 400)
		}),
		[]string{"Settings/whole/TopP", "Output/whole", "Media/whole/bytes", "ToolChoice/stream/mode_required", "OddHistory/whole", "ForeignState/whole", "EmptyText/whole", "FinishFiltered/whole"},
		"want a response or an error of kind unsupported",
	},
}

// TestBrokenProviders runs the suite on the broken Providers.
func TestBrokenProviders(t *testing.T) {
	if !isToFail() {
		out := failsAlone(t, broken)
		if said := saidOf(t, out, "UnknownCheck"); !strings.Contains(said, `unknown check "Tex" to skip; the checks are Text, EmptyText,`) {
			t.Errorf("the name of a check that does not exist was taken: %s", said)
		}
		return
	}
	generous, brief := patience, 300*time.Millisecond
	for _, b := range broken {
		// Use a short patience only for calls that never end.
		patience, linger = generous, generous
		switch b.name {
		case "IgnoresTheContext":
			patience = brief
		case "LeavesAGoroutine":
			linger = brief
		}
		t.Run(b.name, func(t *testing.T) {
			Conformance(t, func(_ *testing.T, turns []Turn) provider.Provider {
				return b.wrap(NewScript(nil, turns...))
			}, allBut(checkNames(), b.checks)...)
		})
	}
	t.Run("UnknownCheck", func(t *testing.T) { Conformance(t, nil, Skip("Tex", "")) })
}
