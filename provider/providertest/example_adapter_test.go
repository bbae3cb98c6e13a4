package providertest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// A complete adapter with its test suites: gateway is a Provider for a service that takes
// funcall's messages unchanged and answers with lines of JSON.
type gateway struct {
	url, key string
	client   *http.Client
}

// gatewaySilence bounds the silence of the service between two lines.
const gatewaySilence = 5 * time.Minute

var errSilent = fmt.Errorf("the gateway was silent for %v", gatewaySilence)

// wireRequest is the body of a request.
type wireRequest struct {
	System   string                 `json:"system,omitempty"`
	Tools    []json.RawMessage      `json:"tools,omitempty"`
	Choice   provider.ToolChoice    `json:"choice"`
	Messages []json.RawMessage      `json:"messages"`
	Output   *provider.OutputSchema `json:"output,omitempty"`
	Settings provider.Settings      `json:"settings"`
	Stream   bool                   `json:"stream"`
}

// wireLine is one line of a reply: a delta, the whole response, or a failure.
type wireLine struct {
	Delta *provider.Delta    `json:"delta,omitempty"`
	Done  *provider.Response `json:"done,omitempty"`
	Error *wireError         `json:"error,omitempty"`
}

type wireError struct {
	Kind      provider.ErrorKind `json:"kind"`
	Message   string             `json:"message"`
	RequestID string             `json:"request_id,omitempty"`
}

func (g *gateway) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	body, err := encodeRequest(req, emit != nil)
	if err != nil {
		return nil, &provider.Error{Kind: provider.KindInvalidRequest, Provider: "gateway", Message: err.Error(), Err: err}
	}
	x := exchange{caller: ctx, emit: emit}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	x.ctx, x.silence = ctx, time.AfterFunc(gatewaySilence, func() { cancel(errSilent) })
	defer x.silence.Stop()

	hr, err := http.NewRequestWithContext(ctx, http.MethodPost, g.url, bytes.NewReader(body))
	if err != nil {
		return nil, x.fail(provider.KindInvalidRequest, err)
	}
	hr.Header.Set("Authorization", "Bearer "+g.key)
	if x.reply, err = g.client.Do(hr); err != nil {
		return nil, x.fail(provider.KindUnavailable, err)
	}
	defer x.reply.Body.Close()
	return x.read(json.NewDecoder(io.LimitReader(x.reply.Body, 32<<20)))
}

// An exchange is one request and its reply.
type exchange struct {
	caller, ctx context.Context
	silence     *time.Timer
	emit        func(provider.Delta)
	reply       *http.Response
	emitted     bool
}

// read reads the lines of the reply until one ends it.
func (x *exchange) read(lines *json.Decoder) (*provider.Response, error) {
	for n := 0; ; n++ {
		var line wireLine
		err := lines.Decode(&line)
		switch {
		case line.Error != nil:
			return nil, x.refused(line.Error)
		case x.reply.StatusCode != http.StatusOK: // text of a proxy
			return nil, x.refused(&wireError{Kind: kindOf(x.reply.StatusCode), Message: x.reply.Status})
		case err != nil && n == 0 && isNoLine(err):
			return nil, x.fail(provider.KindMalformed, err)
		case err != nil: // a stream that ends without "done" is an error
			return nil, x.fail(provider.KindUnavailable, err)
		case line.Done != nil && line.Done.Message != nil:
			return line.Done, nil
		case line.Delta != nil && x.emit != nil:
			x.emitted = true
			x.emit(*line.Delta)
		default:
			return nil, x.fail(provider.KindMalformed, errors.New("a line that is nothing"))
		}
		x.silence.Reset(gatewaySilence)
	}
}

// refused returns the failure that the reply reports.
func (x *exchange) refused(e *wireError) *provider.Error {
	failure := &provider.Error{Kind: e.Kind, Provider: "gateway", Status: x.reply.StatusCode, Message: e.Message, RequestID: e.RequestID, Emitted: x.emitted}
	if seconds, err := strconv.Atoi(x.reply.Header.Get("Retry-After")); err == nil {
		failure.RetryAfter = time.Duration(seconds) * time.Second
	}
	return failure
}

// fail returns a failure that the reply does not report. If the adapter or its caller ended the
// exchange, that is the cause, whatever error the transport returns.
func (x *exchange) fail(kind provider.ErrorKind, err error) *provider.Error {
	switch {
	case errors.Is(x.caller.Err(), context.DeadlineExceeded):
		kind, err = provider.KindTimeout, x.caller.Err()
	case x.caller.Err() != nil:
		kind, err = provider.KindCanceled, x.caller.Err()
	case x.ctx.Err() != nil:
		kind, err = provider.KindTimeout, context.Cause(x.ctx)
	}
	e := &provider.Error{Kind: kind, Provider: "gateway", Message: err.Error(), Emitted: x.emitted, Err: err}
	if x.reply != nil {
		e.Status = x.reply.StatusCode
	}
	return e
}

// isNoLine reports whether the body is malformed, as opposed to a broken connection.
func isNoLine(err error) bool {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	return syntax || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// kindOf returns the kind of a failure by its status.
func kindOf(status int) provider.ErrorKind {
	switch {
	case status == http.StatusTooManyRequests:
		return provider.KindRateLimited
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return provider.KindAuth
	case status >= 500:
		return provider.KindUnavailable
	}
	return provider.KindInvalidRequest
}

// encodeRequest returns the body. Each encoding is kept with its message or tool, under a key
// that names the adapter.
func encodeRequest(req *provider.Request, stream bool) ([]byte, error) {
	w := wireRequest{
		System: req.System, Choice: req.Choice, Output: req.OutputSchema, Settings: req.Settings, Stream: stream,
		Messages: []json.RawMessage{},
	}
	for _, t := range req.Tools {
		b, err := t.Encoded("gateway", func(t *provider.Tool) ([]byte, error) { return json.Marshal(t) })
		if err != nil {
			return nil, err
		}
		w.Tools = append(w.Tools, b)
	}
	for _, m := range req.Messages {
		b, err := m.Encoded("gateway", func(m *provider.Message) ([]byte, error) { return json.Marshal(m) })
		if err != nil {
			return nil, err
		}
		w.Messages = append(w.Messages, b)
	}
	return json.Marshal(w)
}

// serveGateway starts the service, which answers with the turns.
func serveGateway(t *testing.T, turns []providertest.Turn) provider.Provider {
	script := make(chan providertest.Turn, len(turns))
	for _, turn := range turns {
		script <- turn
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var req wireRequest
		if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
			t.Errorf("the request cannot be read: %v", err)
			return
		}
		say := func(line wireLine) {
			if json.NewEncoder(w).Encode(line) == nil {
				_ = http.NewResponseController(w).Flush() // the client may be gone
			}
		}
		turn := <-script
		var failure *provider.Error
		errors.As(turn.Err, &failure)
		if failure != nil && turn.Response == nil {
			if failure.RetryAfter > 0 {
				w.Header().Set("Retry-After", strconv.Itoa(int(failure.RetryAfter.Seconds())))
			}
			w.WriteHeader(failure.Status)
		}
		if turn.Response != nil && req.Stream {
			deltas := slices.Collect(providertest.Deltas(turn.Response, providertest.CutWords))
			if turn.Err != nil || turn.Hangs {
				deltas = deltas[:min(turn.After, len(deltas))]
			}
			for _, d := range deltas {
				say(wireLine{Delta: &d})
			}
		}
		switch {
		case turn.Hangs:
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		case failure != nil:
			say(wireLine{Error: &wireError{failure.Kind, failure.Message, failure.RequestID}})
		default:
			say(wireLine{Done: turn.Response})
		}
	}))
	t.Cleanup(server.Close)
	return &gateway{url: server.URL, key: "key", client: server.Client()}
}

func TestGatewayConforms(t *testing.T) {
	providertest.Conformance(t, serveGateway)
}

// gatewayFaults describes the service to the table of faults.
var gatewayFaults = providertest.FaultConfig{
	NewProvider: func(client *http.Client, address, key string) provider.Provider {
		return &gateway{url: address, key: key, client: client}
	},
	Whole:       `{"done":` + goodResponse + `}` + "\n",
	StreamHead:  `{"delta":{"Kind":1,"Text":"It is "}}` + "\n",
	StreamTail:  `{"delta":{"Kind":1,"Text":"on its way."}}` + "\n" + `{"done":` + goodResponse + `}` + "\n",
	StreamType:  "application/jsonl",
	StreamError: `{"error":{"kind":"overloaded","message":"no capacity"}}` + "\n",
	ErrorReplies: map[provider.ErrorKind]providertest.ErrorReply{
		provider.KindOverloaded: {Status: 503, Body: `{"error":{"kind":"overloaded","message":"no capacity"}}`},
		provider.KindQuota:      {Status: 402, Body: `{"error":{"kind":"quota","message":"the budget is used up"}}`},
	},
}

const goodResponse = `{"Message":{"role":"assistant","parts":[{"type":"text","text":"It is on its way."}]},"Finish":"stop"}`

func TestGatewayFaults(t *testing.T) {
	providertest.Faults(t, gatewayFaults)
}

// The table of faults needs only a few replies of the API. This file has the adapter and
// gatewayFaults.
func ExampleFaults() {
	// In a file of its own this is func TestGatewayFaults(t *testing.T).
	_ = func(t *testing.T) { providertest.Faults(t, gatewayFaults) }
}
