package providertest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// An adapter from its first line to its suite: gateway is a Provider behind a
// service of one's own, which takes the neutral messages as they are and
// answers with lines of JSON.
type gateway struct {
	url    string
	client *http.Client
}

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

// wireLine is one line of an answer: a piece of it, its end, or a failure.
type wireLine struct {
	Delta *provider.Delta    `json:"delta,omitempty"`
	Done  *provider.Response `json:"done,omitempty"`
	Error *wireError         `json:"error,omitempty"`
}

type wireError struct {
	Kind       provider.ErrorKind
	Status     int
	Message    string
	RequestID  string
	RetryAfter time.Duration
}

func (g *gateway) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	body, err := encodeRequest(req, emit != nil)
	if err != nil {
		return nil, &provider.Error{Kind: provider.KindInvalidRequest, Provider: "gateway", Err: err}
	}
	emitted := false
	fail := func(kind provider.ErrorKind, err error) (*provider.Response, error) {
		switch { // whatever the transport calls it
		case errors.Is(ctx.Err(), context.DeadlineExceeded):
			kind, err = provider.KindTimeout, ctx.Err()
		case ctx.Err() != nil:
			kind, err = provider.KindCanceled, ctx.Err()
		}
		return nil, &provider.Error{Kind: kind, Provider: "gateway", Emitted: emitted, Err: err}
	}
	hr, err := http.NewRequestWithContext(ctx, http.MethodPost, g.url, bytes.NewReader(body))
	if err != nil {
		return fail(provider.KindInvalidRequest, err)
	}
	resp, err := g.client.Do(hr)
	if err != nil {
		return fail(provider.KindUnavailable, err)
	}
	defer resp.Body.Close()
	lines := json.NewDecoder(io.LimitReader(resp.Body, 32<<20))
	for {
		var line wireLine
		if err := lines.Decode(&line); err != nil { // an end without "done" is none
			return fail(provider.KindUnavailable, err)
		}
		switch {
		case line.Done != nil && line.Done.Message != nil:
			return line.Done, nil
		case line.Error != nil:
			e := line.Error
			return nil, &provider.Error{Kind: e.Kind, Provider: "gateway", Status: e.Status, Message: e.Message,
				RequestID: e.RequestID, RetryAfter: e.RetryAfter, Emitted: emitted}
		case line.Delta != nil && emit != nil:
			emitted = true
			emit(*line.Delta)
		default:
			return fail(provider.KindMalformed, errors.New("a line that is nothing"))
		}
	}
}

// encodeRequest makes the body. What was encoded once is kept with the message
// or the tool, under a key that names the adapter.
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

// serveGateway is the service: it does what the turns say.
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
				_ = http.NewResponseController(w).Flush() // a client that left needs nothing more
			}
		}
		turn := <-script
		if turn.Response != nil && req.Stream {
			deltas := slices.Collect(providertest.Deltas(turn.Response, providertest.CutWords))
			if turn.Err != nil || turn.Hangs {
				deltas = deltas[:min(turn.After, len(deltas))]
			}
			for _, d := range deltas {
				say(wireLine{Delta: &d})
			}
		}
		var failure *provider.Error
		switch {
		case turn.Hangs:
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		case errors.As(turn.Err, &failure):
			say(wireLine{Error: &wireError{failure.Kind, failure.Status, failure.Message, failure.RequestID, failure.RetryAfter}})
		default:
			say(wireLine{Done: turn.Response})
		}
	}))
	t.Cleanup(server.Close)
	return &gateway{url: server.URL, client: server.Client()}
}

func TestGatewayConforms(t *testing.T) {
	providertest.Conformance(t, serveGateway)
}
