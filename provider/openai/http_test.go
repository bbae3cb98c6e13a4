package openai_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

func failure(t *testing.T, err error) *provider.Error { t.Helper(); return adaptertest.Failure(t, err) }

func TestR26_Statuses(t *testing.T) {
	const openaiError = `{"error":{"message":"It says no.","type":"%s","param":null,"code":%s}}`
	for _, c := range []struct {
		name    string
		status  int
		body    string
		kind    provider.ErrorKind
		message string // what the error must say
	}{
		{"rate limit", 429, fmt.Sprintf(openaiError, "requests", `"rate_limit_exceeded"`), provider.KindRateLimited, "It says no."},
		{"no money", 429, fmt.Sprintf(openaiError, "insufficient_quota", `"insufficient_quota"`), provider.KindQuota, "It says no."},
		{"billing", 429, fmt.Sprintf(openaiError, "billing", `"billing_hard_limit_reached"`), provider.KindQuota, "It says no."},
		{"payment", 402, `{"error":{"message":"Insufficient Balance"}}`, provider.KindQuota, "Insufficient Balance"},
		{"code as a number, cause in metadata (OpenRouter)", 429, `{"error":{"message":"Provider returned error","code":429,"metadata":{"raw":"upstream is busy","provider_name":"Acme"}}}`, provider.KindRateLimited, "Provider returned error: Acme: upstream is busy"},
		{"wrong key", 401, fmt.Sprintf(openaiError, "invalid_request_error", `"invalid_api_key"`), provider.KindAuth, "invalid_api_key"},
		{"forbidden", 403, `{"error":"no access"}`, provider.KindAuth, "no access"},
		{"context length", 400, fmt.Sprintf(openaiError, "invalid_request_error", `"context_length_exceeded"`), provider.KindContextTooLong, "It says no."},
		{"context length in words", 400, `{"object":"error","message":"This model's maximum context length is 4096 tokens.","code":400}`, provider.KindContextTooLong, "4096"},
		{"context size (llama.cpp)", 400, `{"error":{"code":400,"message":"too many","type":"exceed_context_size_error"}}`, provider.KindContextTooLong, "too many"},
		{"too large", 413, "", provider.KindContextTooLong, "Request Entity Too Large"},
		{"content filter", 400, fmt.Sprintf(openaiError, "", `"content_filter"`), provider.KindFiltered, "It says no."},
		{"tool use failed", 400, fmt.Sprintf(openaiError, "invalid_request_error", `"tool_use_failed"`), provider.KindMalformed, "It says no."},
		{"bad request", 400, fmt.Sprintf(openaiError, "invalid_request_error", "null"), provider.KindInvalidRequest, "invalid_request_error"},
		{"no such model", 404, fmt.Sprintf(openaiError, "invalid_request_error", `"model_not_found"`), provider.KindInvalidRequest, "model_not_found"},
		{"no such page", 404, "404 page not found", provider.KindInvalidRequest, `"404 page not found"; check the base URL`},
		{"validation (FastAPI)", 422, `{"detail":[{"loc":["body","model"],"msg":"field required"}]}`, provider.KindInvalidRequest, "field required"},
		{"a list (Gemini)", 400, `[{"error":{"code":400,"message":"bad schema","status":"INVALID_ARGUMENT"}}]`, provider.KindInvalidRequest, "bad schema"},
		{"no schemas for this model", 400, `{"error":{"message":"Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.","type":"invalid_request_error","param":null,"code":null}}`, provider.KindUnsupported, "not supported"},
		{"no schemas (DeepSeek)", 400, `{"error":{"message":"This response_format type is unavailable now","type":"invalid_request_error"}}`, provider.KindUnsupported, "unavailable now"},
		{"no schemas (Groq)", 400, `{"error":{"message":"This model does not support response format json_schema.","type":"invalid_request_error"}}`, provider.KindUnsupported, "does not support"},
		{"no schemas (FastAPI)", 422, `{"detail":[{"loc":["body","response_format","type"],"msg":"unexpected value"}]}`, provider.KindUnsupported, "unexpected value"},
		{"timeout", 408, "", provider.KindTimeout, "Request Timeout"},
		{"conflict", 409, "", provider.KindUnavailable, "Conflict"},
		{"server error", 500, `{"error":{"message":"oops","type":"server_error"}}`, provider.KindUnavailable, "oops"},
		{"not implemented", 501, "", provider.KindUnsupported, "Not Implemented"},
		{"HTML", 502, "<html>\n<head><title>502 Bad Gateway</title></head><body>" + strings.Repeat("x", 100000) + "</body></html>", provider.KindUnavailable, `an HTML page, "502 Bad Gateway"`},
		{"plain text", 503, "upstream connect error\n\tor disconnect", provider.KindOverloaded, `"upstream connect error or disconnect"`},
		{"nothing", 504, "", provider.KindUnavailable, "Gateway Timeout"},
		{"Cloudflare", 520, "error code: 520", provider.KindUnavailable, "error code: 520"},
		{"overloaded", 529, `{"error":{"message":"Overloaded","type":"overloaded_error"}}`, provider.KindOverloaded, "Overloaded"},
		{"capacity (Groq)", 498, "", provider.KindOverloaded, "HTTP 498"},
		{"a message without end", 500, `{"error":{"message":"` + strings.Repeat("é\\n", 5000) + `"}}`, provider.KindUnavailable, "é é é"},
		{"not modified", 304, "", provider.KindInvalidRequest, "Not Modified"},
	} {
		t.Run(c.name, func(t *testing.T) {
			reply := says(c.status, "", c.body) // each request has the next layout
			asked := client(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("x-request-id", "req-1")
				reply(w, r)
			})
			ignore := func(provider.Delta) {}
			for _, emit := range []func(provider.Delta){nil, nil, nil, ignore, ignore, ignore} {
				_, err := asked.Generate(t.Context(), question, emit)
				e := failure(t, err)
				if e.Kind != c.kind || e.Status != c.status || e.RequestID != "req-1" || e.Emitted {
					t.Errorf("want %s: %#v", c.kind, e)
				}
				text := err.Error()
				if !strings.Contains(text, c.message) || strings.Contains(text, "\n") || len(text) > 700 {
					t.Errorf("%d bytes: %s", len(text), text)
				}
			}
		})
	}
}

func TestR26_Replies(t *testing.T) {
	for _, c := range []struct {
		name, contentType, body string
		want                    string
		says                    string
	}{
		{"JSON as text", "text/plain", `{"choices":[{"message":{"content":"hi"}}]}`, "text(hi) stop", ""},
		{"JSON without a type", "", `{"choices":[{"message":{"content":"hi"}}]}`, "text(hi) stop", ""},
		{"JSON error as a stream", "text/event-stream", `{"error":{"message":"no","code":"insufficient_quota"}}`, "error quota", "no"},
		{"plain text", "text/plain", "It works!", "error malformed", `not JSON but "It works!"`},
		{"words like a field", "text/plain", "error: down", "error malformed", `"error: down"`},
		{"HTML", "text/html", "<!doctype html><title>Welcome</title>", "error malformed", `an HTML page, "Welcome"`},
		{"HTML as a stream", "text/event-stream", "<html></html>", "error malformed", "an HTML page"},
		{"nothing", "application/json", "", "error malformed", "the reply is empty"},
		{"nothing as a stream", "text/event-stream", "", "error malformed", "the reply is empty"},
		{"spaces", "application/json", "  \n", "error malformed", "the reply is empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := client(t, says(200, c.contentType, c.body))
			for _, stream := range []bool{false, true} {
				if got := ask(t, asked, stream); got != c.want {
					t.Errorf("streamed %v: got %s, want %s", stream, got, c.want)
				}
			}
			if _, err := asked.Generate(t.Context(), question, nil); err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v does not say %s", err, c.says)
			}
		})
	}
}

func TestR26_RetryAfter(t *testing.T) {
	date := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	for _, c := range []struct {
		header map[string]string
		least  time.Duration
		most   time.Duration
	}{
		{map[string]string{"Retry-After": "1"}, time.Second, time.Second},
		{map[string]string{"Retry-After": "1.5"}, 1500 * time.Millisecond, 1500 * time.Millisecond},
		{map[string]string{"Retry-After": "3600"}, time.Hour, time.Hour},
		{map[string]string{"retry-after-ms": "300", "Retry-After": "9"}, 300 * time.Millisecond, 300 * time.Millisecond},
		{map[string]string{"Retry-After": date(30 * time.Second)}, 28 * time.Second, 31 * time.Second},
		{map[string]string{"Retry-After": date(40 * time.Hour), "Date": date(40*time.Hour - 20*time.Second)}, 19 * time.Second, 21 * time.Second},
		{map[string]string{"Retry-After": date(-time.Hour)}, 0, 0},
		{map[string]string{"Retry-After": "-5"}, 0, 0},
		{map[string]string{"Retry-After": "soon"}, 0, 0},
		{map[string]string{"Retry-After": "NaN"}, 0, 0},
		{map[string]string{"Retry-After": "1e300"}, 365 * 24 * time.Hour, 365 * 24 * time.Hour},
		{nil, 0, 0},
	} {
		asked := client(t, func(w http.ResponseWriter, r *http.Request) {
			for name, v := range c.header {
				w.Header().Set(name, v)
			}
			w.WriteHeader(429)
		})
		_, err := asked.Generate(t.Context(), question, nil)
		if e := failure(t, err); e.Kind != provider.KindRateLimited || e.RetryAfter < c.least || e.RetryAfter > c.most {
			t.Errorf("%v: got %v, want %v", c.header, e.RetryAfter, c.least)
		}
	}
}

func TestR26_Connections(t *testing.T) {
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := gone.Addr().String()
	gone.Close()
	_, err = openai.New("m", openai.BaseURL("http://"+address)).Generate(t.Context(), question, nil)
	e := failure(t, err)
	if e.Kind != provider.KindUnavailable || e.Status != 0 || !strings.Contains(err.Error(), address) || !strings.Contains(err.Error(), "check the base URL") {
		t.Errorf("no server listens: %v", err)
	}

	for name, handle := range map[string]http.HandlerFunc{
		"shorter than its Content-Length": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			w.Write([]byte(`{"choices":[{"message":{"content":"hi"}}]}`))
		},
		"reset inside the arguments": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			w.Write([]byte(openCall))
			flush(w)
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			conn.(*net.TCPConn).SetLinger(0)
			conn.Close()
		},
		"no reply at all": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			for _, stream := range []bool{false, true} {
				if got := ask(t, client(t, handle), stream); got != "error unavailable" {
					t.Errorf("got %s", got)
				}
			}
		})
	}
}

func TestR22_WaitsAreBounded(t *testing.T) {
	hang := func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	asked := client(t, hang, openai.FirstByteTimeout(50*time.Millisecond))
	_, err := asked.Generate(t.Context(), question, nil)
	e := failure(t, err)
	if e.Kind != provider.KindTimeout || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%#v", e)
	}
	if !strings.Contains(err.Error(), "the server sent nothing for 50ms") {
		t.Error(err)
	}

	// If the caller's context ends, the error is also context.DeadlineExceeded.
	asked = client(t, hang)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = asked.Generate(ctx, question, nil)
	if e := failure(t, err); e.Kind != provider.KindTimeout || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%#v", e)
	}

	// A Timeout of the caller's HTTP client is a timeout, too.
	asked = client(t, hang, openai.HTTPClient(&http.Client{Timeout: 50 * time.Millisecond}))
	_, err = asked.Generate(t.Context(), question, nil)
	if e := failure(t, err); e.Kind != provider.KindTimeout {
		t.Errorf("%#v", e)
	}
}

func TestR22_BoundsReplies(t *testing.T) {
	for name, reply := range map[string]http.HandlerFunc{
		"whole":    says(200, "application/json", `{"choices":[{"message":{"content":"`+strings.Repeat("x", 5000)+`"}}]}`),
		"streamed": says(200, "text/event-stream", strings.Repeat(hello, 100)+stopped+done),
		"text":     says(200, "text/plain", strings.Repeat("x", 5000)),
	} {
		_, err := client(t, reply, openai.MaxResponseBytes(1000)).Generate(t.Context(), question, func(provider.Delta) {})
		if e := failure(t, err); e.Kind != provider.KindMalformed || !strings.Contains(err.Error(), "longer than 1000 bytes (MaxResponseBytes)") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestR28_EmitPanics(t *testing.T) {
	asked := client(t, says(200, "text/event-stream", hello+stopped+done))
	defer func() {
		if recover() != "mine" {
			t.Error("the panic of emit was lost")
		}
		if got := ask(t, asked, true); got != "text(Hello 👍) stop" {
			t.Error(got)
		}
	}()
	asked.Generate(t.Context(), question, func(provider.Delta) { panic("mine") })
}

func TestRedirects(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("the redirect was followed, with key %q", r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	redirect := func(status int, to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, status) }
	}
	users := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
	for _, c := range []struct {
		handle http.HandlerFunc
		says   string
	}{
		{redirect(307, elsewhere.URL+"/v1/chat/completions"), "another host, " + elsewhere.URL},
		{redirect(302, elsewhere.URL), "another host"},
		{redirect(301, "/v2/chat/completions"), "redirects POST to GET"},
	} {
		for _, opts := range [][]openai.Option{nil, {openai.HTTPClient(users)}} {
			asked := client(t, c.handle, append(opts, openai.APIKey("sk-very-secret"))...)
			_, err := asked.Generate(t.Context(), question, nil)
			if e := failure(t, err); e.Kind != provider.KindInvalidRequest || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v does not say %s", err, c.says)
			}
		}
	}
	endless := client(t, redirect(307, "/v1/chat/completions"))
	if _, err := endless.Generate(t.Context(), question, nil); !strings.Contains(err.Error(), "redirects endlessly") {
		t.Error(err)
	}
	within := client(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/chat/completions" {
			http.Redirect(w, r, "/v2/chat/completions", http.StatusPermanentRedirect)
			return
		}
		says(200, "", fmt.Sprintf(`{"choices":[{"message":{"content":"%s %d"}}]}`, r.Method, r.ContentLength))(w, r)
	})
	for _, size := range []int{10, 100_000} { // it is sent again whole, whatever its length
		text := strings.Repeat("x", size)
		resp, err := within.Generate(t.Context(), &provider.Request{Messages: []*provider.Message{provider.User(text)}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprint("POST ", len(`{"model":"gpt-test","messages":[{"role":"user","content":""}]}`)+size)
		if got := resp.Message.Text(); got != want {
			t.Errorf("a redirect within the host: %s, want %s", got, want)
		}
	}
	if users.CheckRedirect(nil, nil) != nil {
		t.Error("the caller's HTTP client was changed")
	}
}

func TestConfigurationErrors(t *testing.T) {
	for says, c := range map[string]*openai.Client{
		"no model name":                     openai.New(""),
		"BaseURL is not an address":         openai.New("m", openai.BaseURL("localhost:11434/v1")),
		"BaseURL is not an address such":    openai.New("m", openai.BaseURL("://")),
		"ends in /chat/completions":         openai.New("m", openai.BaseURL("http://localhost/v1/chat/completions/")),
		"trim it":                           openai.New("m", openai.APIKey("sk-secret-key\n")),
		"the API key contains a line break": openai.New("m", openai.APIKey("sk-secret\nkey")),
		"header X-Key contains a line":      openai.New("m", openai.Header("X-Key", "secret\r\nX: y")),
		"invalid header name \"X Key\"":     openai.New("m", openai.Header("X Key", "secret")),
		"after the OnRequest hook the value of header X-Key": openai.New("m", openai.OnRequest(func(r *http.Request) error {
			r.Header.Set("X-Key", "secret\nkey")
			return nil
		})),
		"must be positive":       openai.New("m", openai.IdleTimeout(0)),
		"extra fields: want one": openai.New("m", openai.ExtraFields([]byte(`[1]`))),
	} {
		_, err := c.Generate(t.Context(), question, nil)
		if e := failure(t, err); e.Kind != provider.KindInvalidRequest || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v does not say %q", err, says)
		}
	}
}

// TestConnectionsAreKept runs many concurrent conversations of two turns: the second turn
// opens no connections.
func TestConnectionsAreKept(t *testing.T) {
	const conversations = 200
	var opened atomic.Int64
	var arrived sync.WaitGroup
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		arrived.Done()
		arrived.Wait() // so that all are open at once
		io.WriteString(w, `{"choices":[{"message":{"content":"hi"}}]}`)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	c := openai.New("m", openai.BaseURL(server.URL))
	for range 2 {
		arrived.Add(conversations)
		var turns sync.WaitGroup
		for range conversations {
			turns.Go(func() {
				if _, err := c.Generate(t.Context(), question, nil); err != nil {
					t.Error(err)
				}
			})
		}
		turns.Wait()
	}
	if n := opened.Load(); n > conversations+conversations/4 {
		t.Errorf("%d conversations opened %d connections", conversations, n)
	}
}
