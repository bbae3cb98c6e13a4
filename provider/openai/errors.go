package openai

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/funcall/funcall/provider"
)

const (
	maxErrorBody = 64 << 10
	maxMessage   = 500
)

// refused makes an error of a reply whose status is not 2xx.
func (x *exchange) refused() *provider.Error {
	body, err := io.ReadAll(io.LimitReader(x, maxErrorBody))
	if e := x.cutShort(err); err != nil && e != nil {
		return e
	}
	// A body that broke off still says more than none.
	e := x.reported(parseReport(body), x.resp.StatusCode)
	if e.Message == "" {
		e.Message = x.clean(http.StatusText(x.resp.StatusCode))
		if len(bytes.TrimSpace(body)) > 0 {
			e.Message = x.excerpt(body)
		}
		if x.resp.StatusCode == http.StatusNotFound {
			e.Message += "; check the base URL"
		}
	}
	e.RequestID = x.requestID
	e.RetryAfter = retryAfter(x.resp.Header, time.Now())
	return e
}

// inBand makes an error of one that came inside a reply with status 200.
func (x *exchange) inBand(report []byte) *provider.Error {
	e := x.reported(parseReport(report), 0)
	e.Status = x.resp.StatusCode
	e.RequestID = x.requestID
	e.RetryAfter = retryAfter(x.resp.Header, time.Now())
	if e.Message == "" {
		e.Message = "the server reports an error without saying which"
	}
	return e
}

// reported makes an error of what the server says. Where status is 0 the kind
// follows from the words alone.
func (x *exchange) reported(r report, status int) *provider.Error {
	code := r.code
	if n, err := strconv.Atoi(code); err == nil { // some servers repeat the status there
		code = ""
		if status == 0 {
			status = n
		}
	}
	if code == "" {
		code = r.typ
	}
	return &provider.Error{
		Kind:     kindOf(r, status),
		Provider: x.client.name,
		Status:   status,
		Code:     x.clean(code),
		Message:  x.clean(r.message),
	}
}

// A report is what a server says about a failure.
type report struct{ message, typ, code string }

// parseReport reads the bodies that are seen in the wild: OpenAI's and
// OpenRouter's {"error":{…}}, {"error":"text"}, vLLM's flat object, FastAPI's
// {"detail":…}, Gemini's list of one. It returns the zero report for others.
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
	switch inner := object["error"].(type) {
	case map[string]any:
		object = inner
	case string:
		return report{message: inner, typ: text(object["type"]), code: text(object["code"])}
	}
	r := report{message: text(object["message"]), typ: text(object["type"]), code: text(object["code"])}
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
	{"badrequest", provider.InvalidRequest},
}

// tooLong are the words for a conversation that does not fit, for servers
// without a code for it.
var tooLong = []string{"context length", "context window", "context size", "maximum context", "prompt is too long", "input is too long", "too many tokens"}

// noSchema are the words of servers that take no schema for the answer, or not
// this one: there is no code for it.
var noSchema = []string{"response_format", "response format", "json_schema", "structured output"}

func kindOf(r report, status int) provider.ErrorKind {
	words := strings.ToLower(r.code + " " + r.typ)
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
	if status == http.StatusBadRequest || status == http.StatusUnprocessableEntity {
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

// requestID finds the server's name for the exchange.
func requestID(h http.Header) string {
	for _, name := range []string{"X-Request-Id", "Request-Id", "Apim-Request-Id", "Cf-Ray"} {
		if id := h.Get(name); id != "" {
			return id
		}
	}
	return ""
}

// retryAfter reads how long the server asks to wait: in milliseconds, in
// seconds, or until a date by the server's own clock.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("retry-after-ms"), 64); err == nil {
		return duration(ms, time.Millisecond)
	}
	after := h.Get("retry-after")
	if s, err := strconv.ParseFloat(after, 64); err == nil {
		return duration(s, time.Second)
	}
	until, err := http.ParseTime(after)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(h.Get("date")); err == nil {
		now = date
	}
	return max(until.Sub(now), 0)
}

func duration(n float64, unit time.Duration) time.Duration {
	const most = 365 * 24 * time.Hour // beyond it a Duration might overflow
	if math.IsNaN(n) || n <= 0 {
		return 0
	}
	return time.Duration(min(n*float64(unit), float64(most)))
}

// excerpt shows the beginning of a body that is no JSON.
func (x *exchange) excerpt(body []byte) string {
	s := string(body)
	if !strings.HasPrefix(strings.TrimSpace(s), "<") {
		return strconv.Quote(x.clean(s))
	}
	_, title, ok := strings.Cut(s, "<title>")
	if title, _, closed := strings.Cut(title, "</title>"); ok && closed {
		return "an HTML page, " + strconv.Quote(x.clean(title))
	}
	return "an HTML page"
}

// clean makes foreign text fit for an error or a log: without secrets, in one line, and
// not too long.
func (x *exchange) clean(s string) string { return line(x.secrets.in(s)) }

// line cuts s to one line of at most maxMessage bytes.
func line(s string) string {
	if len(s) <= maxMessage && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return s // one word, as ids are
	}
	s = strings.ToValidUTF8(strings.Join(strings.Fields(s[:min(len(s), 4*maxMessage)]), " "), "")
	if len(s) <= maxMessage {
		return s
	}
	n := maxMessage
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
