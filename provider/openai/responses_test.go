package openai_test

import (
	"net/http"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/internal/apitest/responsesserver"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
	"github.com/funcall/funcall/provider/providertest"
)

func TestResponsesConformance(t *testing.T) {
	adaptertest.Conform(t, responsesserver.New, func(key, address string) provider.Provider {
		return openai.NewResponses("gpt-test", openai.APIKey(key), openai.BaseURL(address))
	})
}

// doc is a whole response.
func doc(output, status string) string {
	return `{"id":"resp_1","object":"response","model":"gpt-test-1","status":"` + status + `","error":null,"output":[` + output + `],"usage":{"input_tokens":100,"input_tokens_details":{"cached_tokens":60},"output_tokens":37,"output_tokens_details":{"reasoning_tokens":30}}}`
}

const textItem = `{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Hello 👍","annotations":[],"logprobs":[]}]}`

var responses = providertest.FaultConfig{
	NewProvider: func(hc *http.Client, address, key string) provider.Provider {
		return openai.NewResponses("gpt-test", openai.HTTPClient(hc), openai.BaseURL(address+"/v1"), openai.APIKey(key))
	},
	Whole:        doc(textItem, "completed"),
	StreamHead:   sse(`{"type":"response.created","response":{"id":"resp_1"}}`) + sse(`{"type":"response.output_text.delta","output_index":0,"item_id":"msg_1","delta":"Hel"}`),
	StreamTail:   sse(`{"type":"response.output_text.delta","output_index":0,"item_id":"msg_1","delta":"lo 👍"}`) + sse(`{"type":"response.completed","response":`+doc(textItem, "completed")+`}`),
	StreamError:  "event: error\n" + sse(`{"type":"error","code":"overloaded_error","message":"Overloaded","param":null}`),
	ErrorReplies: chat.ErrorReplies,
}

// sse is one event, whose name a gateway has left out.
func sse(data string) string { return "data: " + data + "\n\n" }

func TestR26_ResponsesFaults(t *testing.T) { providertest.Faults(t, responses) }

func TestR29_ResponsesReportsCostTheirSize(t *testing.T) { adaptertest.Reports(t, responses) }

func TestResponsesErrorsHoldNoControlCharacters(t *testing.T) { adaptertest.Plain(t, responses) }

func TestResponsesSecrets(t *testing.T) { adaptertest.Secrets(t, responses) }
