package anthropic_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
)

func ExampleWebSearch() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"type":"message","content":[
			{"type":"server_tool_use","id":"s1","name":"web_search","input":{"query":"rain in Kiel"}},
			{"type":"web_search_tool_result","tool_use_id":"s1","content":[{"type":"web_search_result","title":"Rain","url":"https://rain.example","encrypted_content":"RQ=="}]},
			{"type":"text","text":"It rains."}],"stop_reason":"end_turn"}`)
	}))
	defer server.Close()
	model := anthropic.New("claude-sonnet-4-5", anthropic.BaseURL(server.URL+"/v1"), anthropic.WebSearch(anthropic.WebSearchConfig{MaxUses: 3}))
	resp, err := model.Generate(context.Background(), &provider.Request{Messages: []*provider.Message{provider.User("Does it rain?")}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range resp.Message.ServerCalls() {
		fmt.Println(c.Name, c.Input, c.Output)
	}
	fmt.Println(resp.Message.Text())
	// Output:
	// web_search rain in Kiel Rain: https://rain.example
	// It rains.
}

func ExampleWebFetch() {
	model := anthropic.New("claude-sonnet-4-5", anthropic.WebFetch(anthropic.WebFetchConfig{MaxUses: 3, AllowedDomains: []string{"rain.example"}}))
	fmt.Println(model.Check())
	// Output: <nil>
}

func ExampleCodeExecution() {
	fmt.Println(anthropic.New("claude-sonnet-4-5", anthropic.CodeExecution()).Check())
	// Output: <nil>
}
