package openai_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

func Example() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"choices":[{"message":{"role":"assistant","content":"It is on its way."},"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":6}}`)
	}))
	defer server.Close()

	model := openai.New("gpt-5-mini", openai.BaseURL(server.URL+"/v1"), openai.APIKey("sk-…"))
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

// Servers differ from OpenAI in an option or two, not in a type.
func ExampleNew_gateways() {
	_ = openai.New("gpt-5-mini",
		openai.BaseURL("https://api.holysheep.ai/v1"),
		openai.APIKey(os.Getenv("HOLYSHEEP_API_KEY")))

	_ = openai.New("anthropic/claude-sonnet-4.5",
		openai.BaseURL("https://openrouter.ai/api/v1"),
		openai.APIKey(os.Getenv("OPENROUTER_API_KEY")),
		openai.ExtraFields(json.RawMessage(`{"provider":{"require_parameters":true}}`)))

	_ = openai.New("openai/gpt-oss-120b",
		openai.BaseURL("https://api.groq.com/openai/v1"),
		openai.APIKey(os.Getenv("GROQ_API_KEY")))

	_ = openai.New("deepseek-chat",
		openai.BaseURL("https://api.deepseek.com/v1"),
		openai.APIKey(os.Getenv("DEEPSEEK_API_KEY")),
		openai.MaxTokensField("max_tokens"))

	_ = openai.New("gpt-5-mini", // on Azure
		openai.BaseURL("https://shop.openai.azure.com/openai/deployments/gpt-5-mini?api-version=2024-10-21"),
		openai.Header("api-key", os.Getenv("AZURE_OPENAI_API_KEY")))

	_ = openai.New("qwen3:8b", openai.BaseURL("http://localhost:11434/v1"))     // Ollama
	_ = openai.New("Qwen/Qwen3-8B", openai.BaseURL("http://localhost:8000/v1")) // vLLM
	_ = openai.New("default", openai.BaseURL("http://localhost:8080/v1"))       // llama.cpp
}

// The hook is called last for every request, and may sign it or fetch a fresh token.
func ExampleOnRequest() {
	token := func(context.Context) (string, error) { return "short-lived", nil }
	_ = openai.New("gpt-5-mini", openai.OnRequest(func(r *http.Request) error {
		t, err := token(r.Context())
		r.Header.Set("Authorization", "Bearer "+t)
		return err
	}))
}
