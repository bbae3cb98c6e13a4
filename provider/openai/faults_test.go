package openai_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
	"github.com/funcall/funcall/provider/providertest"
)

var chat = providertest.FaultConfig{
	NewProvider: func(hc *http.Client, address, key string) provider.Provider {
		return openai.New("gpt-test", openai.HTTPClient(hc), openai.BaseURL(address+"/v1"), openai.APIKey(key))
	},
	Whole:       `{"id":"r1","choices":[{"index":0,"message":{"role":"assistant","content":"Hello 👍"},"finish_reason":"stop"}]}`,
	StreamHead:  chunk(`{"role":"assistant","content":"Hel"}`, "null"),
	StreamTail:  chunk(`{"content":"lo 👍"}`, "null") + stopped + done,
	StreamError: "data: {\"error\":{\"message\":\"Overloaded\",\"type\":\"overloaded_error\"}}\n\n",
	ErrorReplies: map[provider.ErrorKind]providertest.ErrorReply{
		provider.KindRateLimited: {Status: 429, Body: `{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}`},
		provider.KindQuota:       {Status: 429, Body: `{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}`},
		provider.KindAuth:        {Status: 401, Body: `{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","code":"invalid_api_key"}}`},
		provider.KindUnavailable: {Status: 500, Body: `{"error":{"message":"The server had an error","type":"server_error"}}`},
		provider.KindOverloaded:  {Status: 529, Body: `{"error":{"message":"Overloaded","type":"overloaded_error"}}`},
	},
}

func TestR26_Faults(t *testing.T) { providertest.Faults(t, chat) }

func TestR29_ReportsCostTheirSize(t *testing.T) { adaptertest.Reports(t, chat) }

// callChunk is an event with a piece of a call.
func callChunk(index int, args string) string {
	return chunk(calls(fmt.Sprintf(`{"index":%d,"id":"c%[1]d","function":{"name":"f","arguments":%q}}`, index, args)), "null")
}

// TestR29_ChunksCostTheirSize sends chunks after a finish reason, which is read again with
// each of them.
func TestR29_ChunksCostTheirSize(t *testing.T) {
	reason := `"` + strings.Repeat("X", 100_000) + `"`
	adaptertest.Linear(t, chat, callChunk(0, "{")+chunk("{}", reason)+strings.Repeat(chunk("{}", "null"), 2000))
}

func TestErrorsHoldNoControlCharacters(t *testing.T) { adaptertest.Plain(t, chat) }

func TestSecrets(t *testing.T) { adaptertest.Secrets(t, chat) }
