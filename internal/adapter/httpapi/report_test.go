package httpapi

import (
	"net/http"
	"testing"
	"time"

	"github.com/funcall/funcall/provider"
)

// TestReports has errors as APIs send them, with their status; 0 is an error inside a
// response.
func TestReports(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		kind   provider.ErrorKind
		after  time.Duration
		id     string
	}{
		"Anthropic: rate":        {429, `{"type":"error","error":{"type":"rate_limit_error","message":"Slow down"},"request_id":"req_1"}`, provider.KindRateLimited, 0, "req_1"},
		"Anthropic: overloaded":  {0, `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`, provider.KindOverloaded, 0, ""},
		"Anthropic: spend":       {429, `{"type":"error","error":{"type":"enforced_spend_limit_reached","message":"You have reached your limit"}}`, provider.KindQuota, 0, ""},
		"Anthropic: billing":     {403, `{"type":"error","error":{"type":"billing_error","message":"Your credit balance is too low"}}`, provider.KindQuota, 0, ""},
		"Anthropic: key":         {0, `{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}`, provider.KindAuth, 0, ""},
		"Anthropic: too long":    {400, `{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}`, provider.KindContextTooLong, 0, ""},
		"Anthropic: too large":   {413, `{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}`, provider.KindContextTooLong, 0, ""},
		"Anthropic: no schema":   {400, `{"type":"error","error":{"type":"invalid_request_error","message":"output_config.format: this model does not support it"}}`, provider.KindUnsupported, 0, ""},
		"Anthropic: filtered":    {400, `{"type":"error","error":{"type":"invalid_request_error","message":"Output blocked by content filtering policy"}}`, provider.KindFiltered, 0, ""},
		"Google: wait":           {429, `{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"Quota","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"22s"}]}}`, provider.KindRateLimited, 22 * time.Second, ""},
		"Google: another status": {400, `{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"Quota","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"3.5s"}]}}`, provider.KindRateLimited, 3500 * time.Millisecond, ""},
		"Google: gone today":     {429, `{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"Quota","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}]}}`, provider.KindQuota, 0, ""},
		"Google: key":            {400, `{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"API key not valid.","details":[{"reason":"API_KEY_INVALID","domain":"googleapis.com"}]}}`, provider.KindAuth, 0, ""},
		"Google: in a stream":    {0, `[{"error":{"code":503,"status":"UNAVAILABLE","message":"The model is overloaded."}}]`, provider.KindOverloaded, 0, ""},
		"Google: no code":        {0, `{"error":{"status":"DEADLINE_EXCEEDED","message":"Too late"}}`, provider.KindTimeout, 0, ""},
		"Google: odd details":    {500, `{"error":{"code":500,"status":"INTERNAL","message":"Oh","details":[7,{"retryDelay":"-1s"},{"retryDelay":"soon"},{"violations":[null]}]}}`, provider.KindUnavailable, 0, ""},
		"llama-cpp-python":       {500, `{"error":{"message":"1 validation error:\n  {'type': 'literal_error', 'loc': ('body', 'response_format', 'type'), 'msg': \"Input should be 'text' or 'json_object'\"}","type":"internal_server_error"}}`, provider.KindUnsupported, 0, ""},
		"OpenAI: rate":           {0, `{"type":"error","code":"rate_limit_exceeded","message":"Rate limit reached"}`, provider.KindRateLimited, 0, ""},
		"OpenAI: failed":         {0, `{"error":{"code":"server_error","message":"Oh"}}`, provider.KindUnavailable, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			x := &exchange{client: &Client{name: "api"}, resp: &http.Response{Header: http.Header{}}}
			e := x.reported(parseReport([]byte(c.body)), c.status)
			if e.Kind != c.kind || e.RetryAfter != c.after || e.RequestID != c.id || e.Message == "" {
				t.Errorf("%#v", e)
			}
		})
	}
}

// A code that is a number is left out of an error only if it repeats the status.
func TestNumbersAsCodes(t *testing.T) {
	for body, want := range map[string]string{
		`{"error":{"code":"1113","message":"no"}}`:                "1113",
		`{"error":{"code":1399,"message":"no","type":"x_error"}}`: "1399",
		`{"error":{"code":429,"message":"no","type":"x_error"}}`:  "x_error",
	} {
		x := &exchange{client: &Client{name: "api"}, resp: &http.Response{Header: http.Header{}}}
		if e := x.reported(parseReport([]byte(body)), 0); e.Code != want || e.Status > 599 {
			t.Errorf("%s: %#v", body, e)
		}
	}
}
