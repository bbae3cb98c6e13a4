package anthropic_test

import (
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
)

func TestKinds(t *testing.T) {
	says := func(message string) string {
		return `{"type":"error","error":{"type":"invalid_request_error","message":"` + message + `"},"request_id":"req_1"}`
	}
	adaptertest.Kinds(t, api, []adaptertest.Kind{
		{Name: "length", Status: 400, Want: provider.KindContextTooLong, Body: says("prompt is too long: 20 tokens > 10 maximum")},
		{Name: "length with the answer", Status: 400, Want: provider.KindContextTooLong, Body: says("input length and `max_tokens` exceed context limit: 178959 + 64000 > 200000, decrease input length or `max_tokens` and try again")},
		{Name: "size", Status: 413, Want: provider.KindContextTooLong, Body: `{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}`},
		{Name: "credit", Status: 400, Want: provider.KindQuota, Body: says("Your credit balance is too low to access the API.")},
		{Name: "limit", Status: 400, Want: provider.KindQuota, Body: says("You have reached your specified API usage limits. You will regain access later.")},
		{Name: "long contexts cost extra", Status: 429, Want: provider.KindQuota, Body: `{"type":"error","error":{"type":"rate_limit_error","message":"Extra usage is required for long context requests."}}`},
		{Name: "rate", Status: 429, Want: provider.KindRateLimited, Body: `{"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed your account's rate limit."}}`},
		{Name: "disabled", Status: 400, Want: provider.KindAuth, Body: says("This organization has been disabled.")},
		{Name: "filtered", Status: 400, Want: provider.KindFiltered, Body: says("Output blocked by content filtering policy")},
		{Name: "tools", Status: 400, Want: provider.KindUnsupported, Body: says("'m' does not support tool types")},
		{Name: "another mistake", Status: 400, Want: provider.KindInvalidRequest, Body: says("messages.1: `tool_use` ids were found without `tool_result` blocks")},
		{Name: "image", Status: 400, Want: provider.KindInvalidMedia, Body: says("Could not process image")},
		{Name: "image size", Status: 400, Want: provider.KindInvalidMedia, Body: says("messages.2.content.0.image.source.base64: image exceeds 5 MB maximum: 8 bytes > 5 bytes")},
		{Name: "image size in a result", Status: 400, Want: provider.KindInvalidMedia, Body: says("messages.2.content.0.tool_result.content.1.image.source.base64.data: At least one of the image dimensions exceed max allowed size: 8000 pixels")},
		{Name: "image type", Status: 400, Want: provider.KindInvalidMedia, Body: says("messages.0.content.1.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'")},
		{Name: "another type", Status: 400, Want: provider.KindInvalidMedia, Body: says("The image was specified using the image/png media type, but the image appears to be a image/jpeg image")},
		{Name: "document", Status: 400, Want: provider.KindInvalidMedia, Body: says("messages.2.content.0.pdf.source.base64.data: The PDF specified was not valid.")},
		{Name: "broken document", Status: 400, Want: provider.KindInvalidMedia, Body: says("Could not process PDF")},
		{Name: "long document", Status: 400, Want: provider.KindInvalidMedia, Body: says("A maximum of 100 PDF pages may be provided.")},
		{Name: "address", Status: 400, Want: provider.KindInvalidMedia, Body: says("Unable to download the file. Please verify the URL and try again.")},
		{Name: "many images", Status: 400, Want: provider.KindContextTooLong, Body: says("Too many images and documents: 101 > 100")},

		{Name: "Bedrock: rate", Status: 400, Want: provider.KindRateLimited, OnlyStatus: true, Header: [2]string{"X-Amzn-Errortype", "ThrottlingException:http://internal.amazon.com/"}, Body: `{"message":"Too many tokens, please wait before trying again."}`},
		{Name: "Bedrock: rate without a type", Status: 400, Want: provider.KindRateLimited, Body: `{"message":"Too many tokens, please wait before trying again."}`},
		{Name: "Bedrock: day", Status: 429, Want: provider.KindQuota, OnlyStatus: true, Header: [2]string{"X-Amzn-Errortype", "ThrottlingException"}, Body: `{"message":"Too many tokens per day, please wait before trying again."}`},
		{Name: "Bedrock: length", Status: 400, Want: provider.KindContextTooLong, OnlyStatus: true, Header: [2]string{"X-Amzn-Errortype", "ValidationException"}, Body: `{"message":"Input is too long for requested model."}`},
		{Name: "Bedrock: country", Status: 400, Want: provider.KindAuth, Body: `{"message":"Access to Anthropic models is not allowed from unsupported countries, regions, or territories."}`},
		{Name: "Bedrock: tools", Status: 400, Want: provider.KindUnsupported, Body: `{"message":"This model doesn't support tool use."}`},
		{Name: "Bedrock: image", Status: 400, Want: provider.KindInvalidMedia, Body: `{"message":"The model returned the following errors: messages.0.content.1.image.source.base64: image exceeds 5 MB maximum"}`},
		{Name: "Bedrock: by its type", Status: 400, Want: provider.KindRateLimited, Body: `{"__type":"ThrottlingException","Message":"Slow down"}`},
		{Name: "Vertex: rate", Status: 429, Want: provider.KindRateLimited, Body: `{"error":{"code":429,"message":"Resource exhausted.","status":"RESOURCE_EXHAUSTED"}}`},
		{Name: "Z.ai: rate", Status: 429, Want: provider.KindRateLimited, Body: `{"type":"error","error":{"code":"1302","message":"High concurrency"},"request_id":"1"}`},
		{Name: "Z.ai: usage", Status: 429, Want: provider.KindQuota, Body: `{"type":"error","error":{"code":"1308","message":"It resets later"},"request_id":"1"}`},
		{Name: "Z.ai: image", Status: 400, Want: provider.KindInvalidMedia, Body: `{"type":"error","error":{"type":"invalid_request_error","code":"1210","message":"[1210][图片输入格式/解析错误][2026]"},"request_id":"1"}`},
		{Name: "Z.ai: filter", Status: 400, Want: provider.KindFiltered, Body: `{"type":"error","error":{"type":"invalid_request_error","code":"1301","message":"[1301][x][2026]"},"request_id":"1"}`},
		{Name: "Bedrock: image type", Status: 400, Want: provider.KindInvalidMedia, Body: `{"message":"The model returned the following errors: The provided image does not match the specified image format."}`},
		{Name: "a gateway: code", Status: 400, Want: provider.KindInvalidMedia, Body: `{"error":{"code":"400","type":"invalid_params","message":"messages.161.content.1.image.source.base64: image exceeds 5 MB maximum: 6 bytes > 5 bytes"}}`},
	})
}
