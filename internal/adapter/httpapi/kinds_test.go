package httpapi

import (
	"encoding/json"
	"testing"

	"github.com/funcall/funcall/provider"
)

func said(message string) string {
	b, _ := json.Marshal(map[string]any{"error": map[string]any{"message": message}})
	return string(b)
}

// TestContentIsBlamed has failures that blame the content, in forms similar to others that do
// not.
func TestContentIsBlamedOnlyIfCertain(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   provider.ErrorKind
	}{
		// Throttling that speaks of tokens.
		{0, said("Too many tokens, please wait before trying again."), provider.KindRateLimited},
		{400, said("Too many tokens, please wait before trying again."), provider.KindRateLimited},
		{500, said("An error occurred (ThrottlingException) when calling ConverseStream: Too many tokens"), provider.KindRateLimited},
		{503, said("Too many tokens, please wait before trying again."), provider.KindRateLimited},
		{400, said("Too many tokens per day, please wait before trying again."), provider.KindQuota},
		{429, `{"__type":"ThrottlingException","message":"Too many tokens per day, please wait before trying again."}`, provider.KindQuota},
		{0, said("Too many requests, please wait before trying again."), provider.KindRateLimited},
		{400, said("Too many tokens"), provider.KindInvalidRequest},

		// What a model wrote, and failures of the server.
		{500, said("Failed to parse input at pos 30: <tool_call> the context window of the shop exceeds"), provider.KindUnavailable},
		{400, said("Failed to parse input at pos 30: <tool_call>. prompt is too long"), provider.KindInvalidRequest},
		{0, said("Failed to parse input at pos 30: <tool_call>. Prompt is too long"), provider.KindUnavailable},
		{500, said("Failed to parse input at pos 0: Unsupported image formats are"), provider.KindUnavailable},
		{500, said("Failed to parse input at pos 0: image: unknown format"), provider.KindUnavailable},
		{500, said("Value is not callable: null at row 5: prompt is too long"), provider.KindUnavailable},
		{500, said("CUDA error: out of memory while extending the context window"), provider.KindUnavailable},
		{500, said("failed to allocate compute buffers for context size 131072, the maximum"), provider.KindUnavailable},
		{500, said("model requires more system memory than is available; reduce the context length"), provider.KindUnavailable},
		{500, said("messages.3.content.0.image.source. internal error"), provider.KindUnavailable},
		{503, said("Failed to download image: connection reset"), provider.KindOverloaded},
		{504, said("Timeout while downloading https://img.example/1.png"), provider.KindUnavailable},
		{503, said("upstream connect error or disconnect/reset before headers"), provider.KindUnavailable},
		{499, said("prompt is too long"), provider.KindUnavailable},
		{502, said("Output blocked by content filtering policy"), provider.KindUnavailable},

		// Keys and models.
		{400, said("The 1M context window is not available for this subscription"), provider.KindInvalidRequest},
		{401, said("The maximum 1M context window is not available for this subscription"), provider.KindAuth},
		{403, said("The maximum 1M context window is not available for this subscription"), provider.KindAuth},
		{404, said("The model m with the larger context window does not exist"), provider.KindInvalidRequest},
		{404, said("Maximum context length: no such model"), provider.KindInvalidRequest},
		{429, said("Prompt is too long for your rate"), provider.KindRateLimited},

		// The bound of an answer.
		{400, `{"error":{"message":"max_tokens is too large: 200000. The maximum context length is 128000 tokens.","param":"max_tokens"}}`, provider.KindInvalidRequest},
		{400, `{"error":{"message":"This is too large: 200000. The maximum context length is 128000.","param":"max_completion_tokens"}}`, provider.KindInvalidRequest},
		{400, said("'max_tokens' is too large: 200000. The maximum context length is 128000."), provider.KindInvalidRequest},

		// JSON that no server wrote.
		{500, said(`Failed to parse input at pos 12: {"type":"credit","message":"Your card was refunded"}`), provider.KindUnavailable},
		{400, said(`Failed to parse input at pos 12: {"message":"x","code":"content_filter"}`), provider.KindInvalidRequest},
		{400, said(`Cannot parse {"error":{"message":"x","code":"content_filter"}}`), provider.KindInvalidRequest},
		{400, said(`invalid tool arguments: {"message":"hi","type":"moderation"} is not valid`), provider.KindInvalidRequest},

		// Codes and numbers.
		{503, `{"error":{"message":"No","code":"moderation_timeout"}}`, provider.KindOverloaded},
		{429, `{"error":{"message":"No","code":"moderation_rate_limit"}}`, provider.KindRateLimited},
		{500, `{"error":{"message":"No","code":"content_filter_unavailable"}}`, provider.KindUnavailable},
		{400, `{"error":{"message":"No","code":"moderation_timeout"}}`, provider.KindInvalidRequest},
		{0, `{"error":{"message":"No","code":"moderation_rate_limit"}}`, provider.KindRateLimited},
		{0, `{"error":{"message":"No","code":"content_filter_timeout"}}`, provider.KindTimeout},
		{0, `{"error":{"message":"No","code":"content_filter_unavailable"}}`, provider.KindUnavailable},
		{401, `{"error":{"message":"No","code":"context_length_exceeded"}}`, provider.KindAuth},
		{401, `{"error":{"message":"No","code":"1301"}}`, provider.KindAuth},
		{500, `{"error":{"message":"No","code":"1301"}}`, provider.KindUnavailable},
		{400, `{"error":{"message":"No","code":1301}}`, provider.KindInvalidRequest},
		{400, `{"error":{"message":"No","type":"some_error","code":"1301"}}`, provider.KindInvalidRequest},
		{403, `{"error":{"message":"No","metadata":{"flagged_input":null}}}`, provider.KindAuth},
		{403, `{"error":{"message":"No","metadata":{"flagged_input":""}}}`, provider.KindAuth},
		{451, said("This service is not available where you are"), provider.KindInvalidRequest},
	} {
		if got := kindOf(parseReport([]byte(c.body)), c.status); got != c.want {
			t.Errorf("status %d: want %s, got %s: %s", c.status, c.want, got, c.body)
		}
	}
}

// TestContentIsBlamed has failures that do blame it, in forms that are like those that
// do not.
func TestContentIsBlamed(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   provider.ErrorKind
	}{
		{400, said("input length and `max_tokens` exceed context limit: 178959 + 64000 > 200000, decrease input length or `max_tokens` and try again"), provider.KindContextTooLong},
		{400, `{"error":{"message":"'max_tokens' or 'max_completion_tokens' is too large: 8. This model's maximum context length is 10 tokens and your request has 9 input tokens.","param":"max_tokens"}}`, provider.KindContextTooLong},
		{400, said("litellm.ContextWindowExceededError: litellm.BadRequestError: BedrockException - {\"message\":\"Too long\"}"), provider.KindContextTooLong},
		{400, said("too many tokens: size limit exceeded by 10 tokens."), provider.KindContextTooLong},
		{429, said("Request too large for m in organization o on tokens per min (TPM): Limit 10, Requested 20."), provider.KindContextTooLong},
		{451, `{"error":{"message":"No","type":"censorship_blocked"}}`, provider.KindFiltered},
		{451, said("The content you provided or machine outputted is blocked."), provider.KindFiltered},
		{400, `{"error":{"message":"Provider returned error","metadata":{"provider_name":"P","raw":"{\"message\":\"Input is too long for requested model.\"}"}}}`, provider.KindContextTooLong},

		// Media of a kind that the model does not take.
		{500, said("image input is not supported - hint: you may need the mmproj"), provider.KindInvalidMedia},
		{0, said("audio input is not supported"), provider.KindInvalidMedia},
		{500, said("this model is missing data required for image input"), provider.KindInvalidMedia},
		{404, said("No endpoints found that support image input"), provider.KindInvalidMedia},
		{400, said("Invalid value: 'input_audio'. Supported values are: 'text'."), provider.KindInvalidMedia},
		{400, said("This model does not support image input"), provider.KindInvalidMedia},
		{400, said("This model does not support audio inputs"), provider.KindInvalidMedia},
		{400, said("This model doesn't support the document content block that you provided."), provider.KindInvalidMedia},
		{400, said("The model “foo bar” of “the shop” does not support tools"), provider.KindUnsupported},
		{400, said("messages[0]'s content: prompt is too long"), provider.KindContextTooLong},
		{404, said("No endpoints found that support tool use"), provider.KindUnsupported},
		{400, said("Tools are not supported by the model"), provider.KindUnsupported},
	} {
		if got := kindOf(parseReport([]byte(c.body)), c.status); got != c.want {
			t.Errorf("status %d: want %s, got %s: %s", c.status, c.want, got, c.body)
		}
	}
}
