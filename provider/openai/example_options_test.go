package openai_test

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
	"github.com/funcall/funcall/provider/openai"
)

// askServer starts a server, sends it one request by a client with the options, and passes the
// received request to see.
func askServer(see func(r *http.Request, body []byte), req *provider.Request, opts ...openai.Option) error {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		see(r, body)
		fmt.Fprint(w, `{"choices":[{"message":{"role":"assistant","content":"Hello."},"finish_reason":"stop"}]}`)
	}))
	defer server.Close()
	model := openai.New("gpt-5-mini", append([]openai.Option{openai.BaseURL(server.URL + "/v1")}, opts...)...)
	_, err := model.Generate(context.Background(), req, nil)
	return err
}

var greeting = &provider.Request{System: "Be brief.", Messages: []*provider.Message{provider.User("Hello!")}}

func showBody(_ *http.Request, b []byte) { fmt.Println(string(b)) }

func ExampleNew() {
	model := openai.New("gpt-5-mini", openai.APIKey(os.Getenv("OPENAI_API_KEY")))
	fmt.Println(model, model.Model())
	// Output: openai.Client{gpt-5-mini at https://api.openai.com/v1} gpt-5-mini
}

// Only the server gets the key. Printing the client does not show it, nor do errors of servers
// that repeat it.
func ExampleAPIKey() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"error":{"message":"bad key: %s"}}`, r.Header.Get("Authorization"))
	}))
	defer server.Close()
	model := openai.New("gpt-5-mini", openai.BaseURL(server.URL), openai.APIKey("sk-secret-4711"), openai.HTTPClient(server.Client()))
	_, err := model.Generate(context.Background(), greeting, nil)
	if e, ok := err.(*provider.Error); ok {
		fmt.Println(e.Kind, e.Status, e.Message)
	}
	// Output: auth 401 bad key: [redacted]
}

// Ollama on this machine needs no key.
func ExampleBaseURL() {
	fmt.Println(openai.New("qwen3:8b", openai.BaseURL("http://localhost:11434/v1")))
	// Output: openai.Client{qwen3:8b at http://localhost:11434/v1}
}

// Azure takes the key in a header of its own.
func ExampleHeader() {
	err := askServer(func(r *http.Request, _ []byte) { fmt.Println(r.Header.Get("api-key")) }, greeting,
		openai.Header("api-key", "0123456789abcdef"))
	fmt.Println(err)
	// Output:
	// 0123456789abcdef
	// <nil>
}

// The default client uses no proxy; this one does.
func ExampleHTTPClient() {
	proxy := &url.URL{Scheme: "http", Host: "proxy.shop.example:3128"}
	hc := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}}
	fmt.Println(openai.New("gpt-5-mini", openai.HTTPClient(hc)))
	// Output: openai.Client{gpt-5-mini at https://api.openai.com/v1}
}

// Extra fields are for features of one server: OpenRouter then routes only to servers that know
// all parameters.
func ExampleExtraFields() {
	err := askServer(showBody, greeting, openai.ExtraFields(json.RawMessage(`{"provider":{"require_parameters":true}}`)))
	fmt.Println(err)
	// Output:
	// {"model":"gpt-5-mini","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hello!"}],"provider":{"require_parameters":true}}
	// <nil>
}

func ExampleMaxTokensField() {
	req := *greeting
	req.MaxOutputTokens = 500
	err := askServer(showBody, &req, openai.MaxTokensField("max_tokens"))
	fmt.Println(err)
	// Output:
	// {"model":"gpt-5-mini","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hello!"}],"max_tokens":500}
	// <nil>
}

func ExampleSystemRole() {
	err := askServer(showBody, greeting, openai.SystemRole("developer"))
	fmt.Println(err)
	// Output:
	// {"model":"gpt-5-mini","messages":[{"role":"developer","content":"Be brief."},{"role":"user","content":"Hello!"}]}
	// <nil>
}

// Some old servers refuse "stream_options".
func ExampleNoStreamUsage() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		fmt.Println(string(b))
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "data: {\"choices\":[{\"delta\":{\"content\":\"Hello.\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
	}))
	defer server.Close()
	model := openai.New("llama", openai.BaseURL(server.URL), openai.NoStreamUsage())
	resp, err := model.Generate(context.Background(), greeting, func(provider.Delta) {})
	fmt.Println(resp.Message.Text(), err)
	// Output:
	// {"model":"llama","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hello!"}],"stream":true}
	// Hello. <nil>
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
	model := openai.New("gpt-5-mini", openai.BaseURL(server.URL), openai.FirstByteTimeout(10*time.Millisecond))
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
		fmt.Fprint(w, "data: {\"choices\":[{\"delta\":{\"content\":\"It is\"}}]}\n\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	defer server.Close()
	model := openai.New("gpt-5-mini", openai.BaseURL(server.URL), openai.IdleTimeout(10*time.Millisecond))
	_, err := model.Generate(context.Background(), greeting, func(d provider.Delta) { fmt.Printf("%q\n", d.Text) })
	if e, ok := err.(*provider.Error); ok {
		fmt.Println(e.Kind, e.Emitted)
	}
	// Output:
	// "It is"
	// timeout true
}

func ExampleMaxResponseBytes() {
	err := askServer(func(*http.Request, []byte) {}, greeting, openai.MaxResponseBytes(16))
	if e, ok := err.(*provider.Error); ok {
		fmt.Println(e.Kind)
	}
	// Output: malformed
}

// funcall.New and Generate return the error of Check.
func ExampleClient_Check() {
	model := openai.New("gpt-5-mini", openai.BaseURL("https://api.openai.com/v1/chat/completions"))
	fmt.Println(model.Check())
	// Output: openai: invalid request: BaseURL ends in /chat/completions, which the client adds: leave it off
}

// Strict mode requires every property, so an optional one may be null. The check of arguments
// treats null as missing.
func ExampleStrict() {
	req := *greeting
	req.Tools = []*provider.Tool{{Name: "find", Schema: json.RawMessage(`{"type":"object","properties":{"city":{"type":"string"}},"additionalProperties":false}`)}}
	err := askServer(showBody, &req, openai.Strict(true))
	fmt.Println(err)
	// Output:
	// {"model":"gpt-5-mini","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hello!"}],"tools":[{"type":"function","function":{"name":"find","parameters":{"type":"object","properties":{"city":{"type":["string","null"]}},"required":["city"],"additionalProperties":false},"strict":true}}]}
	// <nil>
}

// NewResponses takes the same options, except those for Chat Completions.
func ExampleNewResponses() {
	model := openai.NewResponses("gpt-5-mini", openai.APIKey(os.Getenv("OPENAI_API_KEY")))
	fmt.Println(model, model.Model())

	fmt.Println(openai.NewResponses("gpt-5-mini", openai.SystemRole("developer")).Check())
	// Output:
	// openai.Responses{gpt-5-mini at https://api.openai.com/v1} gpt-5-mini
	// openai: invalid request: MaxTokensField, SystemRole, NoStreamUsage and quirks other than AllowedTools apply only to Chat Completions: leave them out, or use New
}

// A fine-tuned Gemma whose name does not show that needs WithQuirks.
func ExampleWithQuirks() {
	req := &provider.Request{Messages: []*provider.Message{
		provider.User("Hello!"), provider.Assistant(provider.Text{Text: "Hello."}),
		provider.Assistant(provider.Text{Text: "Anything else?"}), provider.User("No."),
	}}
	err := askServer(showBody, req, openai.WithQuirks(openai.Quirks{AlternateRoles: true}))
	fmt.Println(err)
	// Output:
	// {"model":"gpt-5-mini","messages":[{"role":"user","content":"Hello!"},{"role":"assistant","content":"Hello."},{"role":"user","content":"Go on."},{"role":"assistant","content":"Anything else?"},{"role":"user","content":"No."}]}
	// <nil>
}
