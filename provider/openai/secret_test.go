package openai_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

// TestSecretsSentBack has servers repeat parts of the request: in headers, in addresses, and
// with every kind of escape.
func TestSecretsSentBack(t *testing.T) {
	const key, plain = `sk-secret/1+"2&3`, "sk-secret-1"
	ways := map[string][]openai.Option{
		"the key":     {openai.APIKey(key)},
		"a plain key": {openai.APIKey(plain)},
		"a short key": {openai.APIKey("sk-bad")},
		"a header":    {openai.Header("api-key", key)},
		"a query":     {openai.OnRequest(func(r *http.Request) error { r.URL.RawQuery = "key=" + url.QueryEscape(key); return nil })},
		"the hook":    {openai.OnRequest(func(r *http.Request) error { r.Header.Set("Authorization", "Bearer "+key); return nil })},
	}
	sent := func(r *http.Request) string {
		return r.Header.Get("Authorization") + r.Header.Get("api-key") + r.URL.Query().Get("key")
	}
	for name, handle := range map[string]http.HandlerFunc{
		"request id": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("x-request-id", sent(r))
			says(200, "", `{"choices":[{"message":{"content":"hi"}}]}`)(w, r)
		},
		"id, model and finish reason": func(w http.ResponseWriter, r *http.Request) {
			q := strconv.Quote(sent(r))
			says(200, "", `{"id":`+q+`,"model":`+q+`,"choices":[{"message":{"content":"hi"},"finish_reason":`+q+`}]}`)(w, r)
		},
		"quoted text": func(w http.ResponseWriter, r *http.Request) { says(400, "", fmt.Sprintf("bad %q", sent(r)))(w, r) },
		"address": func(w http.ResponseWriter, r *http.Request) {
			says(400, "", "bad "+url.QueryEscape(sent(r))+" "+url.PathEscape(sent(r)))(w, r)
		},
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "http://"+url.QueryEscape(strings.TrimPrefix(sent(r), "Bearer "))+".example/")
			w.WriteHeader(http.StatusTemporaryRedirect)
		},
		"broken redirect": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "ht\x7ftp://"+sent(r))
			w.WriteHeader(http.StatusTemporaryRedirect)
		},
	} {
		for way, opts := range ways {
			t.Run(name+" "+way, func(t *testing.T) {
				resp, err := client(t, handle, opts...).Generate(t.Context(), question, nil)
				shown := fmt.Sprintf("%v %+v", resp, resp)
				if err != nil {
					e := failure(t, err)
					shown = fmt.Sprintf("%v %+v %#v %v %#v", err, *e, *e, e.Err, e.Err)
					for cause := e.Err; cause != nil; cause = errors.Unwrap(cause) {
						shown += fmt.Sprintf("%v %#v", cause, cause)
					}
				}
				if strings.Contains(shown, "secret") || strings.Contains(shown, "sk-") {
					t.Error(shown)
				}
			})
		}
	}
}

// TestSecretsInCauses tests that an error with a secret keeps its identity for errors.Is, and
// loses the secret in its text.
func TestSecretsInCauses(t *testing.T) {
	transport := roundTrip(func(r *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("cannot send %v to %s: %w", r.Header, r.URL, errDown)
	})
	c := openai.New("m", openai.APIKey("sk-secret-1"), openai.BaseURL("https://gateway.example/v1?key=secret-2&api-version=2024-10-21"), openai.HTTPClient(&http.Client{Transport: transport}))
	_, err := c.Generate(t.Context(), question, nil)
	e := failure(t, err)
	if !errors.Is(err, errDown) || errors.Is(err, context.Canceled) || e.Kind != provider.KindUnavailable {
		t.Errorf("%#v", e)
	}
	for _, text := range []string{err.Error(), e.Err.Error(), fmt.Sprintf("%#v", e.Err)} {
		if strings.Contains(text, "secret") {
			t.Error(text)
		}
	}
	if !strings.Contains(err.Error(), "2024-10-21") || !strings.Contains(err.Error(), "cannot send") {
		t.Errorf("%v lacks what is no secret", err)
	}
}

var errDown = errors.New("the network is down")

// TestClientInsideAValue has fmt print a client in an unexported field, where fmt cannot call
// its methods.
func TestClientInsideAValue(t *testing.T) {
	c := openai.New("m", openai.APIKey("sk-secret-1"), openai.Header("api-key", "secret-2"), openai.BaseURL("https://u:secret-3@gateway.example/v1?key=secret-4"))
	holder := struct {
		byValue   openai.Client
		byPointer *openai.Client
		model     provider.Provider
	}{*c, c, c}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, holder); strings.Contains(text, "secret") {
			t.Errorf("%s: %s", format, text)
		}
	}
	if text := openai.New("m", openai.BaseURL("://secret-5")).String(); strings.Contains(text, "secret") {
		t.Error(text)
	}
}

// A hook may write to the values of headers: they are its request's own.
func TestHooksShareNoHeaders(t *testing.T) {
	type id struct{}
	var seen []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("X-Tenant"))
		fmt.Fprint(w, `{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}`)
	}))
	defer server.Close()
	c := openai.New("m", openai.BaseURL(server.URL), openai.Header("X-Tenant", "tenant-{id}"), openai.OnRequest(func(r *http.Request) error {
		values := r.Header["X-Tenant"]
		values[0] = strings.ReplaceAll(values[0], "{id}", r.Context().Value(id{}).(string))
		return nil
	}))
	for _, tenant := range []string{"a", "b"} {
		if _, err := c.Generate(context.WithValue(t.Context(), id{}, tenant), question, nil); err != nil {
			t.Fatal(err)
		}
	}
	if fmt.Sprint(seen) != "[tenant-a tenant-b]" {
		t.Errorf("sent %q", seen)
	}
}
