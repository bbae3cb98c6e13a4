package openai_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

// searched is a server that searched for rain.
func searched() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"status":"completed","output":[
			{"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","query":"rain in Kiel","sources":[{"type":"url","url":"https://rain.example"}]}},
			{"type":"message","id":"msg_1","role":"assistant","content":[{"type":"output_text","text":"It rains.","annotations":[]}]}]}`)
	}))
}

func ExampleWebSearch() {
	server := searched()
	defer server.Close()
	model := openai.NewResponses("gpt-5-mini", openai.BaseURL(server.URL+"/v1"), openai.WebSearch(openai.WebSearchConfig{
		AllowedDomains: []string{"rain.example"},
		Location:       provider.UserLocation{City: "Kiel", Country: "DE"},
	}))
	resp, err := model.Generate(context.Background(), &provider.Request{Messages: []*provider.Message{provider.User("Does it rain?")}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range resp.Message.ServerCalls() {
		fmt.Println(c.Name, c.Input, c.Output)
	}
	fmt.Println(resp.Message.Text(), resp.Usage.WebSearches)
	// Output:
	// web_search rain in Kiel https://rain.example
	// It rains. 1
}

func ExampleFileSearch() {
	model := openai.NewResponses("gpt-5-mini", openai.FileSearch(openai.FileSearchConfig{VectorStores: []string{"vs_123"}, MaxResults: 5}))
	fmt.Println(model.Check())
	// Output: <nil>
}

// Chat Completions has no tools of its own, except for a search.
func ExampleCodeInterpreter() {
	fmt.Println(openai.NewResponses("gpt-5-mini", openai.CodeInterpreter()).Check())
	fmt.Println(openai.New("gpt-5-mini", openai.CodeInterpreter()).Check() != nil)
	// Output:
	// <nil>
	// true
}
