package providertest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall/provider"
)

// Conformance checks that a Provider keeps the contract of [provider.Provider]. Each check is
// a subtest, with whole and with streamed responses where both apply.
//
// serve starts a fresh server that speaks the API's wire format, and returns the Provider
// under test, which calls that server. The server answers the n-th request with the n-th turn.
// It should refuse what the API refuses: much of the suite is only as strict as the server. It
// stops in t.Cleanup. turns may be empty, and some of them may never be requested. The server
// renders these fields of a Turn:
//
//   - Response, whole or streamed as requested: reasoning, text, calls with the
//     exact text of their arguments, Finish, Usage, Model, ID and RequestID. A
//     stream is flushed after each piece. [Deltas] has the pieces; if the API
//     does not mark the end of a call, send nothing for a [provider.DeltaCallEnd].
//   - Err, a [*provider.Error], as the API's reply for a failure of its Kind, with
//     Status, Message, RequestID and RetryAfter.
//   - Response and Err together: the stream opens, and breaks off after the first
//     After deltas. A whole response breaks off anywhere.
//   - Hangs: the stream stops after the first After deltas, and a whole response
//     never comes. The connection stays open until the client closes it.
//
// It ignores all other fields. All calls have IDs.
//
// These checks apply to each call of Generate:
//
//   - It returns, and leaves no goroutine behind except for net/http's idle
//     connections.
//   - It does not change the request, Run included.
//   - It calls emit on the caller's goroutine, with deltas in order that add up to
//     the response. A DeltaCallEnd, if any, equals the call in the response.
//   - A failure is a [*provider.Error] without a response. Its Emitted says
//     whether deltas were emitted.
//
// If the API lacks a feature, leave out its check with [Skip]. If a request has a setting or a
// part that some APIs lack, an error of kind [provider.KindUnsupported] or
// [provider.KindInvalidMedia] passes too.
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

// An Option changes a run of [Conformance] or [Faults].
type Option func(*options)

type options struct{ skip map[string]string }

// Skip leaves out a check or a fault by its name, such as "UsageCacheWrite", if the API lacks
// the feature. The reason appears in the test's output. If the name does not exist, the test
// fails and lists all names.
func Skip(check, why string) Option {
	return func(o *options) {
		if o.skip == nil {
			o.skip = make(map[string]string)
		}
		o.skip[check] = why
	}
}

// skipped returns the names to leave out, with the reasons.
func skipped(t *testing.T, names []string, opts []Option) map[string]string {
	t.Helper()
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	for name := range o.skip {
		if !slices.Contains(names, name) {
			t.Fatalf("unknown check %q to skip; the checks are %s", name, strings.Join(names, ", "))
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
	// Responses.
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

	// Requests.
	{name: "ToolLoop", run: checkToolLoop},
	{name: "OddHistory", run: checkOddHistory},
	{name: "ForeignState", run: checkForeignState},
	{name: "ToolChoice", run: checkToolChoice},
	{name: "Settings", run: checkSettings},
	{name: "Output", run: checkOutput},
	{name: "Media", run: checkMedia},
	{name: "Concurrent", run: checkConcurrent},

	// Failures.
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

// A suite runs checks with whole responses or with streamed ones.
type suite struct {
	serve    func(*testing.T, []Turn) provider.Provider
	stream   bool
	patience time.Duration // overrides the default
}

// start starts a fresh server with these turns.
func (s *suite) start(t *testing.T, turns ...Turn) provider.Provider {
	t.Helper()
	p := s.serve(t, number(turns))
	if p == nil {
		t.Fatal("serve returned no provider")
	}
	return p
}

// ask calls p and requires a response.
func (s *suite) ask(t *testing.T, p provider.Provider, req *provider.Request) *provider.Response {
	t.Helper()
	o := s.generate(t.Context(), p, req, nil)
	o.report(t)
	if o.err != nil {
		t.Fatalf("want a response, got the error: %v", o.err)
	}
	return o.resp
}

// askFor calls p and requires the response of turn.
func (s *suite) askFor(t *testing.T, turn Turn, p provider.Provider, req *provider.Request) *provider.Response {
	t.Helper()
	resp := s.ask(t, p, req)
	if diff := diffAnswers(turn.Response, resp); diff != "" {
		t.Errorf("the response differs from what the server sent (-sent +got):\n%s", diff)
	}
	return resp
}

// try requires the response of turn, or an error that says that the API lacks the feature.
func (s *suite) try(t *testing.T, turn Turn, req *provider.Request) {
	t.Helper()
	o := s.generate(t.Context(), s.start(t, turn), req, nil)
	o.report(t)
	if e, ok := o.err.(*provider.Error); ok && (e.Kind == provider.KindUnsupported || e.Kind == provider.KindInvalidMedia) {
		t.Logf("not supported: %v", e)
		return
	}
	if o.err != nil {
		t.Fatalf("want a response or an error of kind %s or %s, got: %v", provider.KindUnsupported, provider.KindInvalidMedia, o.err)
	}
	if diff := diffAnswers(turn.Response, o.resp); diff != "" {
		t.Errorf("the response differs from what the server sent (-sent +got):\n%s", diff)
	}
}

// failure requires a *provider.Error.
func (o *outcome) failure(t *testing.T) *provider.Error {
	t.Helper()
	o.report(t)
	if o.err == nil {
		t.Fatalf("want an error, got the response: %s", describeMessage(o.resp.Message))
	}
	e, ok := o.err.(*provider.Error)
	if !ok {
		t.Fatalf("want a *provider.Error, got a %T: %v", o.err, o.err)
	}
	if e.Kind == "" || e.Provider == "" {
		t.Errorf("the error has no Kind or no Provider: %#v", e)
	}
	if e.Emitted != (len(o.deltas) > 0) {
		t.Errorf("Emitted is %v, but %d deltas were emitted", e.Emitted, len(o.deltas))
	}
	return e
}

// report fails the test if the call broke the contract.
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

// request returns the request of most checks: a user message and two tools.
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
