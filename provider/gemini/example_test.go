package gemini_test

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
	"github.com/funcall/funcall/provider/gemini"
)

// askServer starts a server, sends it one request by a client with the options, and passes the
// received request to see.
func askServer(see func(r *http.Request, body []byte), req *provider.Request, opts ...gemini.Option) error {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		see(r, body)
		fmt.Fprint(w, `{"candidates":[{"content":{"role":"model","parts":[{"text":"Hello."}]},"finishReason":"STOP"}]}`)
	}))
	defer server.Close()
	model := gemini.New("gemini-2.5-flash", append([]gemini.Option{gemini.BaseURL(server.URL + "/v1beta")}, opts...)...)
	_, err := model.Generate(context.Background(), req, nil)
	return err
}

var greeting = &provider.Request{Messages: []*provider.Message{provider.User("Hello!")}}

func showBody(_ *http.Request, b []byte) { fmt.Println(string(b)) }

func Example() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"candidates":[{"content":{"role":"model","parts":[{"text":"It is on its way."}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":6}}`)
	}))
	defer server.Close()

	model := gemini.New("gemini-2.5-flash", gemini.BaseURL(server.URL+"/v1beta"), gemini.APIKey("AIza…"))
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
	model := gemini.New("gemini-2.5-flash", gemini.APIKey(os.Getenv("GEMINI_API_KEY")))
	fmt.Println(model, model.Model())
	// Output: gemini.Client{gemini-2.5-flash at https://generativelanguage.googleapis.com/v1beta} gemini-2.5-flash
}

// The key is sent in a header, never in the address.
func ExampleAPIKey() {
	err := askServer(func(r *http.Request, _ []byte) { fmt.Println(r.Header.Get("x-goog-api-key"), r.URL) }, greeting,
		gemini.APIKey("AIza-0123"))
	fmt.Println(err)
	// Output:
	// AIza-0123 /v1beta/models/gemini-2.5-flash:generateContent
	// <nil>
}

// For Vertex AI, a hook fetches a token for each request, and call IDs are left out.
func ExampleBaseURL() {
	token := func(context.Context) (string, error) { return "short-lived", nil }
	model := gemini.New("gemini-2.5-flash",
		gemini.BaseURL("https://europe-west4-aiplatform.googleapis.com/v1/projects/shop/locations/europe-west4/publishers/google"),
		gemini.NoCallIDs(),
		gemini.OnRequest(func(r *http.Request) error {
			t, err := token(r.Context())
			r.Header.Set("Authorization", "Bearer "+t)
			return err
		}))
	fmt.Println(model.Model())
	// Output: gemini-2.5-flash
}

func ExampleOnRequest() {
	err := askServer(func(r *http.Request, _ []byte) { fmt.Println(r.Header.Get("X-Tenant")) }, greeting,
		gemini.OnRequest(func(r *http.Request) error { r.Header.Set("X-Tenant", "shop"); return nil }))
	fmt.Println(err)
	// Output:
	// shop
	// <nil>
}

func ExampleHeader() {
	err := askServer(func(r *http.Request, _ []byte) { fmt.Println(r.Header.Get("X-Goog-User-Project")) }, greeting,
		gemini.Header("X-Goog-User-Project", "shop"))
	fmt.Println(err)
	// Output:
	// shop
	// <nil>
}

// The default client uses no proxy; this one does.
func ExampleHTTPClient() {
	proxy := &url.URL{Scheme: "http", Host: "proxy.shop.example:3128"}
	hc := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}}
	fmt.Println(gemini.New("gemini-2.5-flash", gemini.HTTPClient(hc)).Model())
	// Output: gemini-2.5-flash
}

// A setting of this API is added to those that provider.Settings make.
func ExampleExtraFields() {
	req := *greeting
	req.MaxOutputTokens = 500
	err := askServer(showBody, &req, gemini.ExtraFields(json.RawMessage(`{"generationConfig":{"topK":20}}`)))
	fmt.Println(err)
	// Output:
	// {"contents":[{"role":"user","parts":[{"text":"Hello!"}]}],"generationConfig":{"maxOutputTokens":500,"topK":20}}
	// <nil>
}

func ExampleIncludeThoughts() {
	err := askServer(showBody, greeting, gemini.IncludeThoughts())
	fmt.Println(err)
	// Output:
	// {"contents":[{"role":"user","parts":[{"text":"Hello!"}]}],"generationConfig":{"thinkingConfig":{"includeThoughts":true}}}
	// <nil>
}

func ExampleThinkingBudget() {
	err := askServer(showBody, greeting, gemini.ThinkingBudget(1024))
	fmt.Println(err)
	// Output:
	// {"contents":[{"role":"user","parts":[{"text":"Hello!"}]}],"generationConfig":{"thinkingConfig":{"thinkingBudget":1024}}}
	// <nil>
}

// An older server does not know JSON Schema.
func ExampleOpenAPISchemas() {
	req := *greeting
	req.Tools = []*provider.Tool{{Name: "find", Description: "Finds an order.", Schema: json.RawMessage(
		`{"type":"object","properties":{"id":{"type":"string"}},"required":["id"],"additionalProperties":false}`)}}
	err := askServer(showBody, &req, gemini.OpenAPISchemas())
	fmt.Println(err)
	// Output:
	// {"contents":[{"role":"user","parts":[{"text":"Hello!"}]}],"tools":[{"functionDeclarations":[{"name":"find","description":"Finds an order.","parameters":{"type":"object","properties":{"id":{"type":"string"}},"required":["id"]}}]}]}
	// <nil>
}

func ExampleNoCallIDs() {
	req := &provider.Request{Messages: []*provider.Message{
		provider.User("Where is it?"),
		provider.Assistant(provider.ToolCall{ID: "call_1", Name: "find", Args: "{}"}),
		{Role: provider.RoleTool, Parts: []provider.Part{provider.ToolResult{CallID: "call_1", Name: "find", Parts: []provider.Part{provider.Text{Text: "here"}}}}},
	}}
	err := askServer(showBody, req, gemini.NoCallIDs())
	fmt.Println(err)
	// Output:
	// {"contents":[{"role":"user","parts":[{"text":"Where is it?"}]},{"role":"model","parts":[{"functionCall":{"name":"find","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"name":"find","response":{"output":"here"}}}]}]}
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
	model := gemini.New("gemini-2.5-flash", gemini.BaseURL(server.URL), gemini.FirstByteTimeout(10*time.Millisecond))
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
		fmt.Fprint(w, "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"It is\"}]}}]}\n\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	defer server.Close()
	model := gemini.New("gemini-2.5-flash", gemini.BaseURL(server.URL), gemini.IdleTimeout(10*time.Millisecond))
	_, err := model.Generate(context.Background(), greeting, func(d provider.Delta) { fmt.Printf("%q\n", d.Text) })
	if e, ok := err.(*provider.Error); ok {
		fmt.Println(e.Kind, e.Emitted)
	}
	// Output:
	// "It is"
	// timeout true
}

func ExampleMaxResponseBytes() {
	err := askServer(func(*http.Request, []byte) {}, greeting, gemini.MaxResponseBytes(16))
	if e, ok := err.(*provider.Error); ok {
		fmt.Println(e.Kind)
	}
	// Output: malformed
}

// funcall.New and Generate return the error of Check.
func ExampleClient_Check() {
	model := gemini.New("gemini 2.5 flash")
	fmt.Println(model.Check())
	// Output: gemini: invalid request: invalid model name "gemini 2.5 flash"
}
