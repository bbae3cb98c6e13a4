package gemini_test

import (
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
)

func TestKinds(t *testing.T) {
	says := func(message string) string {
		return `{"error":{"code":400,"message":"` + message + `","status":"INVALID_ARGUMENT"}}`
	}
	adaptertest.Kinds(t, api, []adaptertest.Kind{
		{Name: "length", Status: 400, Want: provider.KindContextTooLong, Body: says("The input token count (20) exceeds the maximum number of tokens allowed (10).")},
		{Name: "size", Status: 400, Want: provider.KindContextTooLong, Body: says("Request payload size exceeds the limit: 20971520 bytes.")},
		{Name: "key", Status: 400, Want: provider.KindAuth, Body: `{"error":{"code":400,"message":"No","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}}`},
		{Name: "old key", Status: 400, Want: provider.KindAuth, Body: says("API key expired. Please renew the API key.")},
		{Name: "place", Status: 400, Want: provider.KindAuth, Body: `{"error":{"code":400,"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}}`},
		{Name: "minute", Status: 429, Want: provider.KindRateLimited, Body: `{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel"}]}]}}`},
		{Name: "day", Status: 429, Want: provider.KindQuota, Body: `{"error":{"code":429,"message":"You exceeded your current quota.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel"}]}]}}`},
		{Name: "billing", Status: 403, Want: provider.KindQuota, Body: `{"error":{"code":403,"message":"No","status":"PERMISSION_DENIED","details":[{"reason":"BILLING_DISABLED"}]}}`},
		{Name: "busy", Status: 503, Want: provider.KindOverloaded, Body: `{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}`},
		{Name: "schema and tools", Status: 400, Want: provider.KindUnsupported, Body: says("Function calling with a response mime type: 'application/json' is unsupported")},
		{Name: "schema and other tools", Status: 400, Want: provider.KindUnsupported, Body: says("Tool use with a response mime type: 'application/json' is unsupported")},
		{Name: "both kinds of tools", Status: 400, Want: provider.KindUnsupported, Body: says("Tool use with function calling is unsupported")},
		{Name: "no calls", Status: 400, Want: provider.KindUnsupported, Body: says("Function calling is not enabled for models/m")},
		{Name: "no images", Status: 400, Want: provider.KindInvalidMedia, Body: says("Image input modality is not enabled for models/m")},
		{Name: "schema", Status: 400, Want: provider.KindUnsupported, Body: says("The specified schema produces a constraint that has too many states for serving.")},
		{Name: "another mistake", Status: 400, Want: provider.KindInvalidRequest, Body: says("Request contains an invalid argument.")},
		{Name: "image", Status: 400, Want: provider.KindInvalidMedia, Body: says("Unable to process input image. Please retry.")},
		{Name: "broken image", Status: 400, Want: provider.KindInvalidMedia, Body: says("Provided image is not valid")},
		{Name: "document", Status: 400, Want: provider.KindInvalidMedia, Body: says("The document has no pages.")},
		{Name: "type", Status: 400, Want: provider.KindInvalidMedia, Body: says("Unsupported MIME type: application/msword")},
		{Name: "types", Status: 400, Want: provider.KindInvalidMedia, Body: says("* GenerateContentRequest.contents[0].parts[1].inline_data.mime_type: MIME type must be image/png or image/jpeg.")},
		{Name: "base64", Status: 400, Want: provider.KindInvalidMedia, Body: says(`Invalid value at 'contents[0].parts[0].inline_data.data' (TYPE_BYTES), Base64 decoding failed for \"a b\"`)},
		{Name: "address", Status: 400, Want: provider.KindInvalidMedia, Body: says("Cannot fetch content from the provided URL. Please ensure the URL is valid.")},
		{Name: "expired file", Status: 403, Want: provider.KindInvalidMedia, Body: `{"error":{"code":403,"message":"You do not have permission to access the File 7 or it may not exist.","status":"PERMISSION_DENIED"}}`},
		{Name: "in a list", Status: 400, Want: provider.KindContextTooLong, OnlyStatus: true, Body: "[" + says("The input token count exceeds the maximum number of tokens allowed 10.") + "]"},
	})
}
