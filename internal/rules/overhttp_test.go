package rules_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/internal/apitest/chatserver"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
	"github.com/funcall/funcall/provider/providertest"
)

// overHTTP is a client of a server that refuses what the real one refuses.
// around, where it is not nil, stands in front of that.
func overHTTP(t *testing.T, around func(http.Handler) http.Handler, turns ...providertest.Turn) provider.Provider {
	t.Helper()
	var h http.Handler = chatserver.New(turns...)
	if around != nil {
		h = around(h)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	return openai.New("gpt-5-mini", openai.BaseURL(server.URL+"/v1"), openai.HTTPClient(&http.Client{Transport: transport}))
}

// noSchemas answers as models do that take no schema for their answer.
func noSchemas(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || bytes.Contains(body, []byte(`"response_format"`)) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"error":{"message":"Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.","type":"invalid_request_error","param":null,"code":null}}`)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// A server takes every request that an answer of a form leads to, its
// corrections and the conversation after it among them.
func TestGenerateOverHTTP(t *testing.T) {
	const good = `{"queue":"refunds"}`
	look := providertest.Call("look", `{"id":"a"}`)
	for name, c := range map[string]struct {
		around func(http.Handler) http.Handler
		turns  []providertest.Turn
	}{
		"in the provider's form": {nil, []providertest.Turn{look, providertest.Say(`{"queue":1}`), providertest.Say("hm"), providertest.Say(good), providertest.Say("You are welcome.")}},
		"by a call":              {noSchemas, []providertest.Turn{look, providertest.Call("answer", `{"queue":1}`), providertest.Say("hm"), providertest.Call("answer", good), providertest.Say("You are welcome.")}},
	} {
		t.Run(name, func(t *testing.T) {
			agent := newAgent(t, overHTTP(t, c.around, c.turns...), funcall.Config{Tools: []funcall.Tool{tool("look", echo, funcall.ReadOnly())}})
			chat := agent.Session("s")
			got, res, err := funcall.Generate[Routing](t.Context(), chat, "Which queue?")
			if err != nil || got.Queue != "refunds" || !got.Urgent {
				t.Fatalf("%+v, %v (%s)", got, err, res.Reason)
			}
			check(t, res)
			if res, err = chat.Send(t.Context(), "Thanks!"); err != nil || res.Text() != "You are welcome." {
				t.Errorf("%q, %v", res.Text(), err)
			}
		})
	}
}

// Calls that begin early, over a real stream.
func TestEarlyStartOverHTTP(t *testing.T) {
	var n counter
	agent := newAgent(t, overHTTP(t, nil, providertest.Calls(looks(5)...), providertest.Say("done")),
		funcall.Config{Tools: []funcall.Tool{tool("look", n.look, funcall.ReadOnly())}})
	for ev, err := range agent.Session("s").Stream(t.Context(), "go") {
		if err != nil {
			t.Fatal(err)
		}
		if ev.Kind != funcall.EventDone {
			continue
		}
		check(t, ev.Result)
		for i, c := range ev.Result.Calls {
			if c.Ref.Index != i || c.Text() == "" {
				t.Errorf("call %d: %+v", i, c)
			}
		}
	}
	if len(n.ran) != 5 || n.canceled != 0 {
		t.Errorf("ran %q, canceled %d", n.ran, n.canceled)
	}
}
