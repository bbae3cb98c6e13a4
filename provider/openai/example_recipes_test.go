package openai_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/funcall/funcall/internal/apitest/serve"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

// This file has the recipes of docs/recipes.md for servers that speak Chat Completions. A server
// on loopback stands for each host and shows what it is sent.

// anyHost returns a client for a server that prints the address of a request and some of its
// headers, and answers it.
func anyHost(headers ...string) (hc *http.Client, stop func()) {
	return serve.AnyHost(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		fmt.Printf("https://%s%s\n", r.Host, r.URL)
		for _, name := range headers {
			if r.Header.Get(name) != "" {
				fmt.Printf("%s: %s\n", name, r.Header.Get(name))
			}
		}
		if r.URL.Path == "/openai/v1/responses" {
			fmt.Fprint(w, `{"status":"completed","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hello."}]}]}`)
			return
		}
		fmt.Fprint(w, `{"choices":[{"message":{"role":"assistant","content":"Hello."},"finish_reason":"stop"}]}`)
	})
}

// greet asks a model for a greeting, and prints an error.
func greet(model provider.Provider) {
	if _, err := model.Generate(context.Background(), greeting, nil); err != nil {
		fmt.Println(err)
	}
}

// Azure's v1 API takes the name of a deployment as the model, and no version.
func Example_azure() {
	hc, stop := anyHost("api-key", "Authorization")
	defer stop()
	key := "0123456789abcdef"
	azure := []openai.Option{
		openai.BaseURL("https://shop.openai.azure.com/openai/v1"),
		openai.Header("api-key", key),
		openai.WithQuirks(openai.Quirks{AllowedTools: true}), // this API restricts a list of tools
	}
	azure = append(azure, openai.HTTPClient(hc))
	greet(openai.New("shop-gpt-5-mini", azure...))
	greet(openai.NewResponses("shop-gpt-5-mini", azure...))
	// Output:
	// https://shop.openai.azure.com/openai/v1/chat/completions
	// api-key: 0123456789abcdef
	// https://shop.openai.azure.com/openai/v1/responses
	// api-key: 0123456789abcdef
}

// Azure's dated API has the deployment in the path, and the version in the query.
func Example_azureDated() {
	hc, stop := anyHost("api-key", "Authorization")
	defer stop()
	key := "0123456789abcdef"
	azure := []openai.Option{
		openai.BaseURL("https://shop.openai.azure.com/openai/deployments/shop-gpt-5-mini?api-version=2024-10-21"),
		openai.Header("api-key", key),
	}
	greet(openai.New("gpt-5-mini", append(azure, openai.HTTPClient(hc))...))
	// Output:
	// https://shop.openai.azure.com/openai/deployments/shop-gpt-5-mini/chat/completions?api-version=2024-10-21
	// api-key: 0123456789abcdef
}

// bearer returns a hook that asks for a token before each request, such as one of Microsoft Entra
// ID or of Google. token keeps it until shortly before it expires.
func bearer(token func(context.Context) (string, error)) func(*http.Request) error {
	return func(r *http.Request) error {
		t, err := token(r.Context())
		if err != nil {
			return fmt.Errorf("no token: %w", err)
		}
		r.Header.Set("Authorization", "Bearer "+t)
		return nil
	}
}

// A token that expires is set by the hook. So is a key that is rotated.
func Example_token() {
	hc, stop := anyHost("Authorization")
	defer stop()
	n := 0
	token := func(context.Context) (string, error) { n++; return fmt.Sprintf("token-%d", n), nil }
	model := openai.New("shop-gpt-5-mini",
		openai.BaseURL("https://shop.openai.azure.com/openai/v1"),
		openai.OnRequest(bearer(token)),
		openai.HTTPClient(hc))
	greet(model)
	greet(model)
	// Output:
	// https://shop.openai.azure.com/openai/v1/chat/completions
	// Authorization: Bearer token-1
	// https://shop.openai.azure.com/openai/v1/chat/completions
	// Authorization: Bearer token-2
}

// Bedrock serves OpenAI's two APIs. Its API key is sent as OpenAI's is.
func Example_bedrock() {
	hc, stop := anyHost("Authorization")
	defer stop()
	key := "bedrock-api-key-0123"
	bedrock := []openai.Option{
		openai.BaseURL("https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1"),
		openai.APIKey(key),
	}
	greet(openai.New("openai.gpt-oss-20b-1:0", append(bedrock, openai.HTTPClient(hc))...))
	// Output:
	// https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1/chat/completions
	// Authorization: Bearer bedrock-api-key-0123
}

// Vertex AI speaks Chat Completions, too.
func Example_vertex() {
	hc, stop := anyHost("Authorization")
	defer stop()
	token := func(context.Context) (string, error) { return "ya29.short-lived", nil }
	vertex := []openai.Option{
		openai.BaseURL("https://europe-west4-aiplatform.googleapis.com/v1/projects/shop/locations/europe-west4/endpoints/openapi"),
		openai.OnRequest(bearer(token)),
	}
	greet(openai.New("google/gemini-2.5-flash", append(vertex, openai.HTTPClient(hc))...))
	// Output:
	// https://europe-west4-aiplatform.googleapis.com/v1/projects/shop/locations/europe-west4/endpoints/openapi/chat/completions
	// Authorization: Bearer ya29.short-lived
}

// Cloudflare's gateway takes two keys: its own, and that of the provider behind it.
func Example_cloudflare() {
	hc, stop := anyHost("Authorization", "cf-aig-authorization")
	defer stop()
	account, gateway, token, key := "0a1b2c", "shop", "cf-token-0123", "sk-0123456789"
	cloudflare := []openai.Option{
		openai.BaseURL("https://gateway.ai.cloudflare.com/v1/" + account + "/" + gateway + "/compat"),
		openai.Header("cf-aig-authorization", "Bearer "+token),
		openai.APIKey(key),
	}
	greet(openai.New("openai/gpt-5-mini", append(cloudflare, openai.HTTPClient(hc))...))
	// Output:
	// https://gateway.ai.cloudflare.com/v1/0a1b2c/shop/compat/chat/completions
	// Authorization: Bearer sk-0123456789
	// cf-aig-authorization: Bearer cf-token-0123
}

// The default client uses no proxy. This one uses the proxy that HTTPS_PROXY names.
func Example_proxy() {
	transport := http.DefaultTransport.(*http.Transport).Clone() // its Proxy is http.ProxyFromEnvironment
	transport.MaxIdleConnsPerHost = 100                          // as many as conversations at the same time
	model := openai.New("gpt-5-mini",
		openai.APIKey(os.Getenv("OPENAI_API_KEY")),
		openai.HTTPClient(&http.Client{Transport: transport}))
	fmt.Println(model)
	// Output: openai.Client{gpt-5-mini at https://api.openai.com/v1}
}

// mutualTLS returns a client that shows a certificate, and trusts a private authority alone.
func mutualTLS(certFile, keyFile, caFile string) (*http.Client, error) {
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(caFile)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		return nil, fmt.Errorf("%s: no certificate", caFile)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{Certificates: []tls.Certificate{cert}, RootCAs: pool, MinVersion: tls.VersionTLS12}
	return &http.Client{Transport: transport}, nil
}

type traceKey struct{}

// The context of a request is that of the run, so a hook can pass on a trace.
func Example_trace() {
	hc, stop := anyHost("Traceparent")
	defer stop()
	traced := openai.OnRequest(func(r *http.Request) error {
		if trace, ok := r.Context().Value(traceKey{}).(string); ok {
			r.Header.Set("Traceparent", trace)
		}
		return nil
	})
	model := openai.New("gpt-5-mini", openai.BaseURL("https://gateway.shop.example/v1"), traced, openai.HTTPClient(hc))
	ctx := context.WithValue(context.Background(), traceKey{}, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	if _, err := model.Generate(ctx, greeting, nil); err != nil {
		fmt.Println(err)
	}
	// Output:
	// https://gateway.shop.example/v1/chat/completions
	// Traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
}
