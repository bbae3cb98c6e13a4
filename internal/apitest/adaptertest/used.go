package adaptertest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// Used checks what failures say of the tokens and the money that a failed call used
// (R31). told has streams that break off, by a name, and the usage that stands in them.
func Used(t *testing.T, api providertest.FaultConfig, told map[string]Told) {
	for name, f := range told {
		t.Run(name, func(t *testing.T) {
			e := used(t, api, ReplayBytes(contentType(f.Reply), f.Reply))
			if e.Usage != f.Usage || e.Cost != nil || e.Model != f.Model {
				t.Errorf("want %+v of %q, got %+v, cost %v of %q: %v", f.Usage, f.Model, e.Usage, e.Cost, e.Model, e)
			}
		})
	}
	refused := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	}}}
	for name, f := range map[string]struct {
		client *http.Client
		free   bool
	}{
		"no connection":            {refused, true},
		"a redirect":               {status(http.StatusSeeOther, ""), true},
		"a bad key":                {status(http.StatusUnauthorized, api.ErrorReplies[provider.KindAuth].Body), true},
		"a rate limit":             {status(http.StatusTooManyRequests, api.ErrorReplies[provider.KindRateLimited].Body), true},
		"no capacity":              {status(529, api.ErrorReplies[provider.KindOverloaded].Body), true},
		"no capacity, 503":         {status(http.StatusServiceUnavailable, api.ErrorReplies[provider.KindOverloaded].Body), true},
		"a blocked input":          {status(http.StatusBadRequest, `{"error":{"message":"Input data may contain inappropriate content."}}`), true},
		"a bound of the answer":    {status(http.StatusBadRequest, `{"error":{"message":"The maximum of output tokens is 10."}}`), true},
		"a blocked output":         {status(http.StatusBadRequest, `{"error":{"message":"Output blocked by content filtering policy"}}`), false},
		"a broken output":          {status(http.StatusBadRequest, `{"error":{"message":"Failed","code":"tool_use_failed"}}`), false},
		"a failure":                {status(http.StatusInternalServerError, api.ErrorReplies[provider.KindUnavailable].Body), false},
		"a failure, 503":           {status(http.StatusServiceUnavailable, api.ErrorReplies[provider.KindUnavailable].Body), false},
		"a reset":                  {status(http.StatusServiceUnavailable, "upstream connect error or disconnect/reset before headers. reset reason: connection termination"), false},
		"a request timeout":        {status(http.StatusRequestTimeout, ""), false},
		"a closed connection":      {status(499, ""), false},
		"a gateway's timeout":      {status(http.StatusGatewayTimeout, "<html></html>"), false},
		"a stream that breaks off": {ReplayBytes("text/event-stream", "data: {}\n\n"), false},
		"a page":                   {status(http.StatusOK, "<html></html>"), false},
	} {
		t.Run(name, func(t *testing.T) {
			e := used(t, api, f.client)
			if free := e.Cost != nil && *e.Cost == 0; free != f.free || e.Usage != (provider.Usage{}) {
				t.Errorf("want free: %v; got cost %v, usage %+v: %v", f.free, e.Cost, e.Usage, e)
			}
		})
	}
	t.Run("half a document in place of a stream", func(t *testing.T) {
		if e := used(t, api, ReplayBytes("application/json", api.Whole[:len(api.Whole)/2])); e.Kind != provider.KindMalformed {
			t.Errorf("want %s, got %s: %v", provider.KindMalformed, e.Kind, e)
		}
	})
}

// Told is a reply that fails after it said what it used.
type Told struct {
	Reply string
	Usage provider.Usage
	Model string
}

func used(t *testing.T, api providertest.FaultConfig, hc *http.Client) *provider.Error {
	t.Helper()
	_, err := api.NewProvider(hc, "http://api.test", "a key").Generate(t.Context(), Question, func(provider.Delta) {})
	if err == nil {
		t.Fatal("it is taken for an answer")
	}
	return Failure(t, err)
}

// status returns a client of a server that answers with a status and a document.
func status(code int, body string) *http.Client {
	return &http.Client{Transport: RoundTrip(func(r *http.Request) (*http.Response, error) {
		resp := reply(r, "application/json", body)
		if resp.StatusCode = code; code == http.StatusSeeOther {
			resp.Header.Set("Location", "http://elsewhere.test")
		}
		return resp, nil
	})}
}
