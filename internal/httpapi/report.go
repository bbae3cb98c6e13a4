package httpapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/funcall/funcall/provider"
)

// IsReport reports whether a server's JSON says that something failed.
func IsReport(body []byte) bool { return parseReport(body).message != "" }

// A report is what a server says about a failure.
type report struct {
	message, typ, code string
	reasons            string // further codes, for kindOf alone
	requestID          string
	retryAfter         time.Duration
}

// parseReport reads the bodies that are seen in the wild: OpenAI's and
// OpenRouter's {"error":{…}}, Anthropic's with the request's id beside it,
// {"error":"text"}, vLLM's flat object, FastAPI's {"detail":…}, Google's with
// a list of details, or as a list of one. It returns the zero report for others.
func parseReport(body []byte) report {
	var v any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return report{}
	}
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = list[0]
	}
	object, ok := v.(map[string]any)
	if !ok {
		words, _ := v.(string)
		return report{message: words}
	}
	id, _ := object["request_id"].(string)
	switch inner := object["error"].(type) {
	case map[string]any:
		object = inner
	case string:
		return report{message: inner, typ: text(object["type"]), code: text(object["code"]), requestID: id}
	}
	r := report{message: text(object["message"]), typ: text(object["type"]), code: text(object["code"]), requestID: id}
	if r.typ == "" {
		r.typ = text(object["status"]) // Google's
	}
	details, _ := object["details"].([]any)
	for _, d := range details {
		r.addDetail(d)
	}
	if r.message == "" {
		r.message = text(object["detail"])
	}
	if meta, ok := object["metadata"].(map[string]any); ok {
		// OpenRouter's own message says only that a provider failed.
		for _, name := range []string{"provider_name", "raw"} {
			if s := text(meta[name]); s != "" {
				r.message += ": " + s
			}
		}
	}
	return r
}

// addDetail reads one of Google's details: how long to wait, which quota is
// used up, why a request is refused.
func (r *report) addDetail(v any) {
	detail, _ := v.(map[string]any)
	if s := text(detail["retryDelay"]); s != "" {
		if d, err := time.ParseDuration(s); err == nil && d > 0 {
			r.retryAfter = d
		}
	}
	if reason := text(detail["reason"]); reason != "" {
		r.reasons += " " + reason
	}
	violations, _ := detail["violations"].([]any)
	for _, v := range violations {
		violation, _ := v.(map[string]any)
		r.reasons += " " + text(violation["quotaId"])
	}
}

// text renders what should have been a string.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	}
	b, _ := json.Marshal(v) // v was read from JSON
	return string(b)
}

// byWord sorts failures by what servers call them; the first that occurs in
// the code or the type decides.
var byWord = []struct {
	word string
	kind provider.ErrorKind
}{
	{"context_length", provider.ContextTooLong},
	{"exceed_context_size", provider.ContextTooLong},
	{"content_filter", provider.Filtered},
	{"content_policy", provider.Filtered},
	{"insufficient_quota", provider.Quota},
	{"insufficient_balance", provider.Quota},
	{"billing", provider.Quota},
	{"credit", provider.Quota},
	{"spend_limit", provider.Quota},
	{"perday", provider.Quota},         // Google: a daily quota, gone for today
	{"api_key_invalid", provider.Auth}, // Google: with status 400
	{"resource_exhausted", provider.RateLimited},
	{"tool_use_failed", provider.Malformed}, // the model wrote a call that is none
}

// byWordInBand is for errors that come without a status of their own.
var byWordInBand = []struct {
	word string
	kind provider.ErrorKind
}{
	{"rate_limit", provider.RateLimited},
	{"overloaded", provider.Overloaded},
	{"timeout", provider.Timeout},
	{"auth", provider.Auth},
	{"api_key", provider.Auth},
	{"permission", provider.Auth},
	{"invalid_request", provider.InvalidRequest},
	{"not_found", provider.InvalidRequest},
	{"deadline_exceeded", provider.Timeout},
	{"invalid_argument", provider.InvalidRequest},
	{"invalid_prompt", provider.InvalidRequest},
	{"badrequest", provider.InvalidRequest},
}

// tooLong are the words for a conversation that does not fit, for servers
// without a code for it.
var tooLong = []string{"context length", "context window", "context size", "maximum context", "prompt is too long", "input is too long", "too many tokens"}

// noSchema are the words of servers that take no schema for the answer, or not
// this one: there is no code for it.
var noSchema = []string{"response_format", "response format", "json_schema", "structured output", "text.format", "output_config", "output_format", "response_schema", "response schema", "responsejsonschema"}

func kindOf(r report, status int) provider.ErrorKind {
	words := strings.ToLower(r.code + " " + r.typ + r.reasons)
	for _, w := range byWord {
		if strings.Contains(words, w.word) {
			return w.kind
		}
	}
	message := strings.ToLower(r.message)
	for _, w := range tooLong {
		// A rate limit may speak of tokens, too.
		if status != http.StatusTooManyRequests && strings.Contains(message, w) {
			return provider.ContextTooLong
		}
	}
	if strings.Contains(message, "content filtering policy") { // Anthropic has no code for it
		return provider.Filtered
	}
	invalid := status == http.StatusBadRequest || status == http.StatusUnprocessableEntity ||
		status == http.StatusInternalServerError && strings.Contains(message, "validation error") // llama-cpp-python
	if invalid {
		for _, w := range noSchema {
			if strings.Contains(message, w) {
				return provider.Unsupported
			}
		}
	}
	if status == 0 {
		for _, w := range byWordInBand {
			if strings.Contains(words, w.word) {
				return w.kind
			}
		}
		return provider.Unavailable
	}
	return kindOfStatus(status)
}

func kindOfStatus(status int) provider.ErrorKind {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired:
		return provider.Auth
	case http.StatusPaymentRequired:
		return provider.Quota
	case http.StatusRequestTimeout:
		return provider.Timeout
	case http.StatusRequestEntityTooLarge:
		return provider.ContextTooLong
	case http.StatusTooManyRequests:
		return provider.RateLimited
	case http.StatusServiceUnavailable, 529, 498: // 529: Anthropic and its gateways; 498: Groq
		return provider.Overloaded
	case http.StatusNotImplemented:
		return provider.Unsupported
	case http.StatusConflict, http.StatusTooEarly:
		return provider.Unavailable
	}
	if status >= 500 {
		return provider.Unavailable
	}
	return provider.InvalidRequest
}
