package providertest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall/provider"
)

// Conformance checks that a Provider keeps the contract of
// [provider.Provider], in one subtest a check, each with whole and with
// streamed answers where both make sense.
//
// serve starts a fresh server that speaks the API's own wire format and does
// what the turns say, one a request, in the order in which requests arrive; it
// returns the Provider under test, which talks to that server. The server
// should refuse what the API refuses, for much of the suite is only as strict
// as it is. It stops in t.Cleanup. turns may be empty, and not all may be
// asked for. Of each turn it renders
//
//   - Response, whole or streamed as the request asks: reasoning, text and
//     calls with the exact text of their arguments, Finish, Usage, Model, ID
//     and RequestID. A stream is flushed after each piece. [Deltas] has the
//     pieces; where an API does not mark the end of a call, nothing is sent
//     for a [provider.DeltaCallEnd].
//   - Err, a [*provider.Error], as the API's reply for a failure of its Kind,
//     with Status, Message, RequestID and RetryAfter.
//   - Response and Err together: the stream opens and breaks off after the
//     first After deltas. A whole answer breaks off anywhere.
//   - Hangs: nothing more comes after the first After deltas, or at all where
//     the answer is whole, until the client goes away.
//
// Nothing else of a Turn is used. Calls have their IDs.
//
// Whatever is asked, of each call it is checked that it returns; that the
// request is as it was, its Run included; that deltas come on the caller's
// goroutine, in order, and add up to the answer; that a call which is said to be
// complete (no Provider need say so) is the one that the answer has; that a
// failure is a [*provider.Error] which says rightly whether deltas were handed
// out, and comes without an answer; that no goroutine is left, but for the
// connections that net/http keeps.
//
// What an API lacks is said with [Skip]. Where a request holds a setting or a
// part that not every API knows, an error of kind [provider.KindUnsupported] or
// [provider.KindInvalidMedia] is as good as an answer.
func Conformance(t *testing.T, serve func(t *testing.T, turns []Turn) provider.Provider, opts ...Option) {
	skip := skipped(t, checkNames(), opts)
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			if why, ok := skip[c.name]; ok {
				t.Skip(why)
			}
			if !c.streamOnly {
				t.Run("whole", func(t *testing.T) { c.run(t, &suite{serve: serve}) })
			}
			t.Run("stream", func(t *testing.T) { c.run(t, &suite{serve: serve, stream: true}) })
		})
	}
}

// An Option changes what [Conformance] or [Faults] does.
type Option func(*options)

type options struct{ skip map[string]string }

// Skip leaves out the check or the fault of that name, such as "UsageCacheWrite",
// because the API cannot do what it asks for. Why shows in the test's output. A
// name that does not exist fails the test, with a list of all names.
func Skip(check, why string) Option {
	return func(o *options) {
		if o.skip == nil {
			o.skip = make(map[string]string)
		}
		o.skip[check] = why
	}
}

// skipped returns the names that are left out, with the reason.
func skipped(t *testing.T, names []string, opts []Option) map[string]string {
	t.Helper()
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	for name := range o.skip {
		if !slices.Contains(names, name) {
			t.Fatalf("there is no check %q to skip; there are %s", name, strings.Join(names, ", "))
		}
	}
	return o.skip
}

type check struct {
	name       string
	run        func(*testing.T, *suite)
	streamOnly bool
}

var checks = []check{
	// What comes back.
	{name: "Text", run: checkText},
	{name: "EmptyText", run: checkEmptyText},
	{name: "Call", run: checkCall},
	{name: "ParallelCalls", run: checkParallelCalls},
	{name: "TextBesideCalls", run: checkTextBesideCalls},
	{name: "Arguments", run: checkArguments},
	{name: "BrokenArguments", run: checkBrokenArguments},
	{name: "CallIDs", run: checkCallIDs},
	{name: "Reasoning", run: checkReasoning},
	{name: "FinishLength", run: checkFinishLength},
	{name: "FinishFiltered", run: checkFinishFiltered},
	{name: "Usage", run: checkUsage},
	{name: "UsageCacheRead", run: checkUsageCacheRead},
	{name: "UsageCacheWrite", run: checkUsageCacheWrite},
	{name: "UsageReasoning", run: checkUsageReasoning},
	{name: "Model", run: checkModel},
	{name: "ResponseID", run: checkResponseID},
	{name: "RequestID", run: checkRequestID},

	// What can be asked.
	{name: "ToolLoop", run: checkToolLoop},
	{name: "OddHistory", run: checkOddHistory},
	{name: "ForeignState", run: checkForeignState},
	{name: "ToolChoice", run: checkToolChoice},
	{name: "Settings", run: checkSettings},
	{name: "Output", run: checkOutput},
	{name: "Media", run: checkMedia},
	{name: "Concurrent", run: checkConcurrent},

	// What goes wrong.
	{name: "ErrorRateLimited", run: checkError(provider.KindRateLimited, 429)},
	{name: "ErrorOverloaded", run: checkError(provider.KindOverloaded, 503)},
	{name: "ErrorUnavailable", run: checkError(provider.KindUnavailable, 500, 502)},
	{name: "ErrorAuth", run: checkError(provider.KindAuth, 401, 403)},
	{name: "ErrorQuota", run: checkError(provider.KindQuota, 429)},
	{name: "ErrorInvalidRequest", run: checkError(provider.KindInvalidRequest, 400)},
	{name: "ErrorContextTooLong", run: checkError(provider.KindContextTooLong, 400)},
	{name: "ErrorFiltered", run: checkError(provider.KindFiltered, 400)},
	{name: "ErrorInvalidMedia", run: checkError(provider.KindInvalidMedia, 400)},
	{name: "RetryAfter", run: checkRetryAfter},
	{name: "ErrorRequestID", run: checkErrorRequestID},
	{name: "BreakOff", run: checkBreakOff},
	{name: "BreakOffInCall", run: checkBreakOffInCall},
	{name: "CancelBefore", run: checkCancelBefore},
	{name: "CancelDuring", run: checkCancelDuring},
	{name: "CancelInEmit", run: checkCancelInEmit, streamOnly: true},
	{name: "CancelInCall", run: checkCancelInCall, streamOnly: true},
	{name: "Deadline", run: checkDeadline},
	{name: "EmitPanics", run: checkEmitPanics, streamOnly: true},
}

func checkNames() []string {
	var names []string
	for _, c := range checks {
		names = append(names, c.name)
	}
	return names
}

// A suite is one run of a check: with whole answers or with streamed ones.
type suite struct {
	serve    func(*testing.T, []Turn) provider.Provider
	stream   bool
	patience time.Duration // in place of the default
}

// start has a fresh server do what turns say.
func (s *suite) start(t *testing.T, turns ...Turn) provider.Provider {
	t.Helper()
	p := s.serve(t, number(turns))
	if p == nil {
		t.Fatal("serve returned no provider")
	}
	return p
}

// ask wants an answer.
func (s *suite) ask(t *testing.T, p provider.Provider, req *provider.Request) *provider.Response {
	t.Helper()
	o := s.generate(t.Context(), p, req, nil)
	o.report(t)
	if o.err != nil {
		t.Fatalf("want an answer, got the error: %v", o.err)
	}
	return o.resp
}

// askFor wants the answer of turn.
func (s *suite) askFor(t *testing.T, turn Turn, p provider.Provider, req *provider.Request) *provider.Response {
	t.Helper()
	resp := s.ask(t, p, req)
	if diff := diffAnswers(turn.Response, resp); diff != "" {
		t.Errorf("the answer differs from what the server sent (-sent +got):\n%s", diff)
	}
	return resp
}

// try wants the answer of turn, or to be told that the API cannot do it.
func (s *suite) try(t *testing.T, turn Turn, req *provider.Request) {
	t.Helper()
	o := s.generate(t.Context(), s.start(t, turn), req, nil)
	o.report(t)
	if e, ok := o.err.(*provider.Error); ok && (e.Kind == provider.KindUnsupported || e.Kind == provider.KindInvalidMedia) {
		t.Logf("not supported: %v", e)
		return
	}
	if o.err != nil {
		t.Fatalf("want an answer or an error of kind %s or %s, got: %v", provider.KindUnsupported, provider.KindInvalidMedia, o.err)
	}
	if diff := diffAnswers(turn.Response, o.resp); diff != "" {
		t.Errorf("the answer differs from what the server sent (-sent +got):\n%s", diff)
	}
}

// failure wants an error, and a typed one.
func (o *outcome) failure(t *testing.T) *provider.Error {
	t.Helper()
	o.report(t)
	if o.err == nil {
		t.Fatalf("want an error, got the answer: %s", describeMessage(o.resp.Message))
	}
	e, ok := o.err.(*provider.Error)
	if !ok {
		t.Fatalf("want a *provider.Error, got a %T: %v", o.err, o.err)
	}
	if e.Kind == "" || e.Provider == "" {
		t.Errorf("the error does not say its kind or whose it is: %#v", e)
	}
	if e.Emitted != (len(o.deltas) > 0) {
		t.Errorf("Emitted is %v, but %d deltas were handed out", e.Emitted, len(o.deltas))
	}
	return e
}

// report has the test fail of what is wrong whatever was asked.
func (o *outcome) report(t *testing.T) {
	t.Helper()
	for _, p := range o.problems {
		t.Error(p)
	}
	if o.panicked != nil {
		t.Fatalf("Generate panicked: %v\n%s", o.panicked, o.stack)
	}
	if o.hung {
		t.FailNow()
	}
}

// request is what most checks ask: a user's words, with two tools at hand.
func request(messages ...*provider.Message) *provider.Request {
	if len(messages) == 0 {
		messages = []*provider.Message{provider.User("Where is my order ORD-1?")}
	}
	return &provider.Request{
		System: "You answer questions about orders.",
		Tools: []*provider.Tool{
			{
				Name:        "get_order_status",
				Description: "Retrieves the status of one order.",
				Schema:      []byte(`{"type":"object","properties":{"order_id":{"type":"string"}},"required":["order_id"],"additionalProperties":false}`),
			},
			{
				Name:        "check_inventory",
				Description: "Says how many of an article are in stock.",
				Schema:      []byte(`{"type":"object","properties":{"sku":{"type":"string"},"quantity":{"type":"integer"}},"required":["sku"],"additionalProperties":false}`),
			},
		},
		Messages: messages,
		Run:      provider.NewRun(3, "another model"),
	}
}

func result(c provider.ToolCall, text string) provider.ToolResult {
	return provider.ToolResult{CallID: c.ID, Name: c.Name, Parts: []provider.Part{provider.Text{Text: text}}}
}

func failedResult(c provider.ToolCall, text string) provider.ToolResult {
	r := result(c, text)
	r.IsError = true
	return r
}

func toolMessage(results ...provider.ToolResult) *provider.Message {
	m := &provider.Message{Role: provider.RoleTool}
	for _, r := range results {
		m.Parts = append(m.Parts, r)
	}
	return m
}

func errorOf(kind provider.ErrorKind, status int) *provider.Error {
	return &provider.Error{Kind: kind, Provider: scriptName, Status: status, Message: fmt.Sprintf("this is a test of %s", kind)}
}
