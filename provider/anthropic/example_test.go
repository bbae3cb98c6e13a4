package anthropic_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"time"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
)

// askServer starts a server, sends it one request by a client with the options, and passes the
// received request to see.
func askServer(see func(r *http.Request, body []byte), req *provider.Request, opts ...anthropic.Option) error {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		see(r, body)
		fmt.Fprint(w, `{"type":"message","role":"assistant","content":[{"type":"text","text":"Hello."}],"stop_reason":"end_turn"}`)
	}))
	defer server.Close()
	model := anthropic.New("claude-sonnet-4-5", append([]anthropic.Option{anthropic.BaseURL(server.URL + "/v1")}, opts...)...)
	_, err := model.Generate(context.Background(), req, nil)
	return err
}

var greeting = &provider.Request{Messages: []*provider.Message{provider.User("Hello!")}}

func showBody(_ *http.Request, b []byte) { fmt.Println(string(b)) }

func Example() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"type":"message","role":"assistant","content":[{"type":"text","text":"It is on its way."}],"stop_reason":"end_turn","usage":{"input_tokens":12,"output_tokens":6}}`)
	}))
	defer server.Close()

	model := anthropic.New("claude-sonnet-4-5", anthropic.BaseURL(server.URL+"/v1"), anthropic.APIKey("sk-ant-…"))
	resp, err := model.Generate(context.Background(), &provider.Request{
		System:   "You answer questions about orders.",
		Messages: []*provider.Message{provider.User("Where is ORD-78342?")},
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(resp.Message.Text(), resp.Finish, resp.Usage.Total())
	// Output: It is on its way. stop 18
}

func ExampleNew() {
	model := anthropic.New("claude-sonnet-4-5", anthropic.APIKey(os.Getenv("ANTHROPIC_API_KEY")))
	fmt.Println(model, model.Model())
	// Output: anthropic.Client{claude-sonnet-4-5 at https://api.anthropic.com/v1} claude-sonnet-4-5
}

func ExampleAPIKey() {
	err := askServer(func(r *http.Request, _ []byte) {
		fmt.Println(r.Header.Get("x-api-key"), r.Header.Get("anthropic-version"))
	}, greeting,
		anthropic.APIKey("sk-ant-0123"))
	fmt.Println(err)
	// Output:
	// sk-ant-0123 2023-06-01
	// <nil>
}

func ExampleBaseURL() {
	fmt.Println(anthropic.New("claude-sonnet-4-5", anthropic.BaseURL("https://gateway.example/anthropic/v1")))
	// Output: anthropic.Client{claude-sonnet-4-5 at https://gateway.example/anthropic/v1}
}

func ExampleOnRequest() {
	err := askServer(func(r *http.Request, _ []byte) { fmt.Println(r.Header.Get("X-Tenant")) }, greeting,
		anthropic.OnRequest(func(r *http.Request) error { r.Header.Set("X-Tenant", "shop"); return nil }))
	fmt.Println(err)
	// Output:
	// shop
	// <nil>
}

func ExampleHeader() {
	err := askServer(func(r *http.Request, _ []byte) { fmt.Println(r.Header.Get("anthropic-beta")) }, greeting,
		anthropic.Header("anthropic-beta", "context-1m-2025-08-07"))
	fmt.Println(err)
	// Output:
	// context-1m-2025-08-07
	// <nil>
}

// Claude Fable 5.1 and later refuse a thinking block if anything before it changed. With
// these options the API drops such blocks instead.
func ExampleHeader_thinkingBinding() {
	err := askServer(func(r *http.Request, _ []byte) { fmt.Println(r.Header.Get("anthropic-beta")) }, greeting,
		anthropic.Header("anthropic-beta", "thinking-binding-controls-2026-08-01"),
		anthropic.ExtraFields(json.RawMessage(`{"thinking":{"type":"adaptive","block_binding":{"prefix_mismatch_behavior":"drop_block"}}}`)),
	)
	fmt.Println(err)
	// Output:
	// thinking-binding-controls-2026-08-01
	// <nil>
}

// The default client uses no proxy; this one does.
func ExampleHTTPClient() {
	proxy := &url.URL{Scheme: "http", Host: "proxy.shop.example:3128"}
	hc := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}}
	fmt.Println(anthropic.New("claude-sonnet-4-5", anthropic.HTTPClient(hc)).Model())
	// Output: claude-sonnet-4-5
}

// With adaptive thinking, the model decides how much to think.
func ExampleExtraFields() {
	err := askServer(showBody, greeting, anthropic.ExtraFields(json.RawMessage(`{"thinking":{"type":"adaptive"}}`)), anthropic.NoPromptCache())
	fmt.Println(err)
	// Output:
	// {"model":"claude-sonnet-4-5","messages":[{"role":"user","content":[{"type":"text","text":"Hello!"}]}],"max_tokens":8192,"thinking":{"type":"adaptive"}}
	// <nil>
}

func ExampleMaxTokens() {
	err := askServer(showBody, greeting, anthropic.MaxTokens(500), anthropic.NoPromptCache())
	fmt.Println(err)
	// Output:
	// {"model":"claude-sonnet-4-5","messages":[{"role":"user","content":[{"type":"text","text":"Hello!"}]}],"max_tokens":500}
	// <nil>
}

func ExampleThinking() {
	err := askServer(showBody, greeting, anthropic.Thinking(2048), anthropic.NoPromptCache())
	fmt.Println(err)
	// Output:
	// {"model":"claude-sonnet-4-5","messages":[{"role":"user","content":[{"type":"text","text":"Hello!"}]}],"max_tokens":10240,"thinking":{"type":"enabled","budget_tokens":2048}}
	// <nil>
}

// By default, requests mark what the API should keep in its prompt cache.
func ExampleNoPromptCache() {
	fmt.Println(askServer(showBody, greeting))
	fmt.Println(askServer(showBody, greeting, anthropic.NoPromptCache()))
	// Output:
	// {"model":"claude-sonnet-4-5","messages":[{"role":"user","content":[{"type":"text","text":"Hello!","cache_control":{"type":"ephemeral"}}]}],"max_tokens":8192}
	// <nil>
	// {"model":"claude-sonnet-4-5","messages":[{"role":"user","content":[{"type":"text","text":"Hello!"}]}],"max_tokens":8192}
	// <nil>
}

// silent is a server that sends nothing until the client closes the connection.
func silent() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // needed to detect that the client closes the connection
		<-r.Context().Done()
	}))
}

func ExampleFirstByteTimeout() {
	server := silent()
	defer server.Close()
	model := anthropic.New("claude-sonnet-4-5", anthropic.BaseURL(server.URL), anthropic.FirstByteTimeout(10*time.Millisecond))
	_, err := model.Generate(context.Background(), greeting, nil)
	if e, ok := err.(*provider.Error); ok {
		fmt.Println(e.Kind, e.Message)
	}
	// Output: timeout the server sent nothing for 10ms
}

// If a stream stops in the middle, the call fails after the timeout, although a part of the
// text was emitted.
func ExampleIdleTimeout() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"It is\"}}\n\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	defer server.Close()
	model := anthropic.New("claude-sonnet-4-5", anthropic.BaseURL(server.URL), anthropic.IdleTimeout(10*time.Millisecond))
	_, err := model.Generate(context.Background(), greeting, func(d provider.Delta) { fmt.Printf("%q\n", d.Text) })
	if e, ok := err.(*provider.Error); ok {
		fmt.Println(e.Kind, e.Emitted)
	}
	// Output:
	// "It is"
	// timeout true
}

func ExampleMaxResponseBytes() {
	err := askServer(func(*http.Request, []byte) {}, greeting, anthropic.MaxResponseBytes(16))
	if e, ok := err.(*provider.Error); ok {
		fmt.Println(e.Kind)
	}
	// Output: malformed
}

// funcall.New and Generate return the error of Check.
func ExampleClient_Check() {
	model := anthropic.New("claude-sonnet-4-5", anthropic.BaseURL("https://api.anthropic.com/v1/messages"))
	fmt.Println(model.Check())
	// Output: anthropic: invalid request: BaseURL ends in /messages, which the client adds: leave it off
}
