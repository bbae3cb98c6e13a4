package gemini_test

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/funcall/funcall/internal/apitest/serve"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/gemini"
)

// The recipe of docs/recipes.md for Gemini on Vertex AI. A server on loopback stands for it, and
// shows what it is sent. Vertex AI refuses the IDs of calls.
func Example_vertex() {
	hc, stop := serve.AnyHost(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		fmt.Printf("https://%s%s\nAuthorization: %s\n%s\n", r.Host, r.URL, r.Header.Get("Authorization"), body)
		fmt.Fprint(w, `{"candidates":[{"content":{"role":"model","parts":[{"text":"Hello."}]},"finishReason":"STOP"}]}`)
	})
	defer stop()
	token := func(context.Context) (string, error) { return "ya29.short-lived", nil }
	vertex := []gemini.Option{
		gemini.BaseURL("https://europe-west4-aiplatform.googleapis.com/v1/projects/shop/locations/europe-west4/publishers/google"),
		gemini.NoCallIDs(),
		gemini.OnRequest(func(r *http.Request) error {
			t, err := token(r.Context())
			if err != nil {
				return fmt.Errorf("no token: %w", err)
			}
			r.Header.Set("Authorization", "Bearer "+t)
			return nil
		}),
	}
	model := gemini.New("gemini-2.5-flash", append(vertex, gemini.HTTPClient(hc))...)
	req := &provider.Request{Messages: []*provider.Message{
		provider.User("Where is it?"),
		provider.Assistant(provider.ToolCall{ID: "call_1", Name: "find", Args: "{}"}),
		{Role: provider.RoleTool, Parts: []provider.Part{provider.ToolResult{CallID: "call_1", Name: "find", Parts: []provider.Part{provider.Text{Text: "here"}}}}},
	}}
	if _, err := model.Generate(context.Background(), req, nil); err != nil {
		fmt.Println(err)
	}
	// Output:
	// https://europe-west4-aiplatform.googleapis.com/v1/projects/shop/locations/europe-west4/publishers/google/models/gemini-2.5-flash:generateContent
	// Authorization: Bearer ya29.short-lived
	// {"contents":[{"role":"user","parts":[{"text":"Where is it?"}]},{"role":"model","parts":[{"functionCall":{"name":"find","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"name":"find","response":{"output":"here"}}}]}]}
}
