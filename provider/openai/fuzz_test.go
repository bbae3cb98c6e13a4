package openai_test

import (
	"net/http"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

// FuzzStream has a server send arbitrary bytes: the result is a response that can be stored
// and sent back, or an error with a kind.
func FuzzStream(f *testing.F) {
	f.Add("text/event-stream", hello+openCall+stopped+usageLast+done)
	f.Add("text/event-stream", chunk(calls(`{"id":12,"function":{"name":"f","arguments":{"a":"\ud83d"}},"extra_content":{"a": [1]}}`), `"stop"`))
	f.Add("application/json", `{"choices":[{"message":{"content":[{"text":"a"}],"reasoning":"r","reasoning_details":[{"index":0,"text":"x"}]}}],"usage":{"prompt_tokens":1e99}}`)
	f.Add("text/event-stream", "event: error\ndata: {\"error\":{\"code\":429}}\n\n")
	f.Add("", `[{"error":{"message":"x"}}]`)
	f.Fuzz(func(t *testing.T, contentType, body string) {
		adaptertest.Reply(t, contentType, body, func(hc *http.Client) provider.Provider { return openai.New("m", openai.HTTPClient(hc)) })
	})
}
