package anthropic_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/funcall/funcall/internal/apitest/serve"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
)

// This file has the recipes of docs/recipes.md for other places that serve Claude. A server on
// loopback stands for each of them and shows what it is sent.

// anyHost returns a client for a server that prints the address of a request, its headers of
// these names, and its body, and answers it.
func anyHost(headers ...string) (hc *http.Client, stop func()) {
	return serve.AnyHost(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		fmt.Printf("https://%s%s\n", r.Host, r.URL)
		for _, name := range headers {
			fmt.Printf("%s: %s\n", name, r.Header.Get(name))
		}
		fmt.Printf("%s\n", body)
		if !bytes.Contains(body, []byte(`"stream":true`)) {
			fmt.Fprint(w, `{"type":"message","role":"assistant","content":[{"type":"text","text":"Hello."}],"stop_reason":"end_turn"}`)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "data: {\"type\":\"message_start\",\"message\":{\"role\":\"assistant\",\"content\":[]}}\n\n",
			"data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"Hello.\"}}\n\n",
			"data: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
			"data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n",
			"data: {\"type\":\"message_stop\"}\n\n")
	})
}

// greet asks a model for a greeting, streamed if emit is not nil, and prints an error.
func greet(model provider.Provider, emit func(provider.Delta)) {
	if _, err := model.Generate(context.Background(), greeting, emit); err != nil {
		fmt.Println(err)
	}
}

// Microsoft Foundry serves the Messages API. The model is the name of a deployment.
func Example_foundry() {
	hc, stop := anyHost("x-api-key", "anthropic-version")
	defer stop()
	key := "0123456789abcdef"
	foundry := []anthropic.Option{
		anthropic.BaseURL("https://shop.services.ai.azure.com/anthropic/v1"),
		anthropic.APIKey(key),
	}
	foundry = append(foundry, anthropic.HTTPClient(hc), anthropic.NoPromptCache())
	greet(anthropic.New("shop-claude", foundry...), nil)
	// Output:
	// https://shop.services.ai.azure.com/anthropic/v1/messages
	// x-api-key: 0123456789abcdef
	// anthropic-version: 2023-06-01
	// {"model":"shop-claude","messages":[{"role":"user","content":[{"type":"text","text":"Hello!"}]}],"max_tokens":8192}
}

// Bedrock serves the Messages API, and takes its API keys. The model is an inference profile.
func Example_bedrock() {
	hc, stop := anyHost("x-api-key", "anthropic-version")
	defer stop()
	key := "bedrock-api-key-0123"
	bedrock := []anthropic.Option{
		anthropic.BaseURL("https://bedrock-runtime.us-east-1.amazonaws.com/anthropic/v1"),
		anthropic.APIKey(key),
	}
	bedrock = append(bedrock, anthropic.HTTPClient(hc), anthropic.NoPromptCache())
	greet(anthropic.New("us.anthropic.claude-opus-5", bedrock...), nil)
	// Output:
	// https://bedrock-runtime.us-east-1.amazonaws.com/anthropic/v1/messages
	// x-api-key: bedrock-api-key-0123
	// anthropic-version: 2023-06-01
	// {"model":"us.anthropic.claude-opus-5","messages":[{"role":"user","content":[{"type":"text","text":"Hello!"}]}],"max_tokens":8192}
}

// signed returns a hook that signs each request. sign is a signer of AWS's Signature Version 4,
// such as that of the AWS SDK. bodyHash is the SHA-256 of the body, in hex.
func signed(sign func(r *http.Request, bodyHash string) error) func(*http.Request) error {
	return func(r *http.Request) error {
		body, err := r.GetBody()
		if err != nil {
			return err
		}
		defer body.Close()
		hash := sha256.New()
		if _, err := io.Copy(hash, body); err != nil {
			return err
		}
		return sign(r, hex.EncodeToString(hash.Sum(nil)))
	}
}

// Without an API key, requests to Bedrock are signed with AWS credentials.
func Example_bedrockSigned() {
	hc, stop := serve.AnyHost(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(checkSignature(r))
		fmt.Fprint(w, `{"type":"message","role":"assistant","content":[{"type":"text","text":"Hello."}],"stop_reason":"end_turn"}`)
	})
	defer stop()
	sign := func(r *http.Request, bodyHash string) error {
		signV4(r, bodyHash, exampleKey, "us-east-1", "bedrock", time.Now())
		return nil
	}
	bedrock := []anthropic.Option{
		anthropic.BaseURL("https://bedrock-runtime.us-east-1.amazonaws.com/anthropic/v1"),
		anthropic.OnRequest(signed(sign)),
	}
	bedrock = append(bedrock, anthropic.HTTPClient(hc))
	greet(anthropic.New("us.anthropic.claude-opus-5", bedrock...), nil)
	// Output: signed by AKIDEXAMPLE
}

// onVertex returns a hook for Claude on Vertex AI. There the model stands in the address, and not
// in the body.
func onVertex(model string, token func(context.Context) (string, error)) func(*http.Request) error {
	return func(r *http.Request) error {
		t, err := token(r.Context())
		if err != nil {
			return fmt.Errorf("no token: %w", err)
		}
		r.Header.Set("Authorization", "Bearer "+t)

		var fields map[string]json.RawMessage
		if err := json.NewDecoder(r.Body).Decode(&fields); err != nil {
			return err
		}
		method := "rawPredict"
		if string(fields["stream"]) == "true" {
			method = "streamRawPredict"
		}
		r.URL.Path = strings.TrimSuffix(r.URL.Path, "/messages") + "/models/" + model + ":" + method

		delete(fields, "model")
		body, err := json.Marshal(fields)
		if err != nil {
			return err
		}
		r.ContentLength = int64(len(body))
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		r.Body, err = r.GetBody()
		return err
	}
}

// Claude on Vertex AI needs another address, a token, and another form of the body.
func Example_vertex() {
	hc, stop := anyHost("Authorization")
	defer stop()
	token := func(context.Context) (string, error) { return "ya29.short-lived", nil }
	vertex := []anthropic.Option{
		anthropic.BaseURL("https://europe-west1-aiplatform.googleapis.com/v1/projects/shop/locations/europe-west1/publishers/anthropic"),
		anthropic.ExtraFields(json.RawMessage(`{"anthropic_version":"vertex-2023-10-16"}`)),
		anthropic.OnRequest(onVertex("claude-sonnet-4-5@20250929", token)),
	}
	vertex = append(vertex, anthropic.HTTPClient(hc), anthropic.NoPromptCache())
	model := anthropic.New("claude-sonnet-4-5@20250929", vertex...)
	greet(model, nil)
	greet(model, func(d provider.Delta) { fmt.Println("streamed:", d.Text) })
	// Output:
	// https://europe-west1-aiplatform.googleapis.com/v1/projects/shop/locations/europe-west1/publishers/anthropic/models/claude-sonnet-4-5@20250929:rawPredict
	// Authorization: Bearer ya29.short-lived
	// {"anthropic_version":"vertex-2023-10-16","max_tokens":8192,"messages":[{"role":"user","content":[{"type":"text","text":"Hello!"}]}]}
	// https://europe-west1-aiplatform.googleapis.com/v1/projects/shop/locations/europe-west1/publishers/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict
	// Authorization: Bearer ya29.short-lived
	// {"anthropic_version":"vertex-2023-10-16","max_tokens":8192,"messages":[{"role":"user","content":[{"type":"text","text":"Hello!"}]}],"stream":true}
	// streamed: Hello.
}
