package openai_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/funcall/funcall/internal/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

var chat = adaptertest.API{
	Dial: func(hc *http.Client, address string, firstByte, idle time.Duration, key string) provider.Provider {
		return openai.New("gpt-test", openai.HTTPClient(hc), openai.BaseURL(address+"/v1"), openai.APIKey(key), openai.FirstByteTimeout(firstByte), openai.IdleTimeout(idle))
	},
	Document: `{"id":"r1","choices":[{"index":0,"message":{"role":"assistant","content":"Hello 👍"},"finish_reason":"stop"}]}`,
	Head:     hello,
	InBand:   "data: {\"error\":{\"message\":\"Overloaded\",\"type\":\"overloaded_error\"}}\n\n",
	Errors: map[string]string{
		"rate":       `{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}`,
		"quota":      `{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}`,
		"auth":       `{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","code":"invalid_api_key"}}`,
		"server":     `{"error":{"message":"The server had an error","type":"server_error"}}`,
		"overloaded": `{"error":{"message":"Overloaded","type":"overloaded_error"}}`,
	},
}

func TestR26_Faults(t *testing.T) { adaptertest.Faults(t, chat) }

func TestSecrets(t *testing.T) { adaptertest.Secrets(t, chat) }
