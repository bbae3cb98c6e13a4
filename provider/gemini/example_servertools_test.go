package gemini_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/gemini"
)

func ExampleGoogleSearch() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"candidates":[{"content":{"role":"model","parts":[{"text":"It rains."}]},"finishReason":"STOP",
			"groundingMetadata":{"webSearchQueries":["rain in Kiel"],"groundingChunks":[{"web":{"title":"Rain","uri":"https://rain.example"}}]}}]}`)
	}))
	defer server.Close()
	model := gemini.New("gemini-2.5-flash", gemini.BaseURL(server.URL+"/v1beta"), gemini.GoogleSearch())
	resp, err := model.Generate(context.Background(), &provider.Request{Messages: []*provider.Message{provider.User("Does it rain?")}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range resp.Message.ServerCalls() {
		fmt.Println(c.Name, c.Input, c.Output)
	}
	// Output: web_search rain in Kiel Rain: https://rain.example
}

func ExampleCodeExecution() {
	fmt.Println(gemini.New("gemini-2.5-flash", gemini.CodeExecution()).Check())
	// Output: <nil>
}

func ExampleURLContext() {
	fmt.Println(gemini.New("gemini-2.5-flash", gemini.URLContext()).Check())
	// Output: <nil>
}

func ExampleFileSearch() {
	fmt.Println(gemini.New("gemini-2.5-flash", gemini.FileSearch("fileSearchStores/manuals")).Check())
	// Output: <nil>
}
