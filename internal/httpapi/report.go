package httpapi

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"github.com/funcall/funcall/internal/jsonscan"
	"github.com/funcall/funcall/provider"
)

// maxReport bounds what is read of a server's error, in whatever way it comes, and
// maxReasons the codes that are read of its details.
const (
	maxReport  = 64 << 10
	maxReasons = 1 << 10
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
// It reads the body once. If the body breaks off, what stands before that counts.
func parseReport(body []byte) report {
	var s jsonscan.Scanner
	s.Reset(body)
	if s.Kind() == '[' {
		for range s.Array() {
			return readReport(&s)
		}
	}
	return readReport(&s)
}

// readReport reads a report whose error may be a member of its own.
func readReport(s *jsonscan.Scanner) report {
	var outer, inner fields
	var words string
	kind := byte('n') // of the member
	if s.Kind() == '"' {
		s.Once(&outer.said.message)
	}
	for key := range s.Object() {
		if string(key) != "error" {
			outer.read(key, s)
			continue
		}
		switch kind = s.Kind(); kind {
		case '{':
			for key := range s.Object() {
				inner.read(key, s)
			}
		case '"':
			s.Once(&words)
		}
	}
	switch kind {
	case '{':
		inner.said.requestID = outer.said.requestID
		return inner.report()
	case '"':
		return report{message: words, typ: outer.said.typ, code: outer.said.code, requestID: outer.said.requestID}
	}
	return outer.report()
}

// fields are the members of a report. Of one that stands there several times the
// first with a text counts.
type fields struct {
	said           report
	status, detail string // Google's type, and FastAPI's message
	from, raw      string // whose error it is, and how that server worded it
}

func (f *fields) read(key []byte, s *jsonscan.Scanner) {
	switch string(key) {
	case "message":
		textOnce(s, &f.said.message)
	case "type":
		textOnce(s, &f.said.typ)
	case "code":
		textOnce(s, &f.said.code)
	case "status":
		textOnce(s, &f.status)
	case "detail":
		textOnce(s, &f.detail)
	case "request_id":
		s.Once(&f.said.requestID)
	case "details":
		for range s.Array() {
			f.readDetail(s)
		}
	case "metadata":
		for key := range s.Object() {
			switch string(key) {
			case "provider_name":
				textOnce(s, &f.from)
			case "raw":
				textOnce(s, &f.raw)
			}
		}
	}
}

// report returns what the members say together.
func (f *fields) report() report {
	r := f.said
	r.typ = cmp.Or(r.typ, f.status)
	r.message = cmp.Or(r.message, f.detail)
	for _, more := range []string{f.from, f.raw} { // OpenRouter's own message says only that a provider failed
		if more != "" {
			r.message += ": " + more
		}
	}
	return r
}

// readDetail reads one of Google's details: how long to wait, which quota is
// used up, why a request is refused.
func (f *fields) readDetail(s *jsonscan.Scanner) {
	for key := range s.Object() {
		switch string(key) {
		case "retryDelay":
			var delay string
			s.Once(&delay)
			if d, err := time.ParseDuration(delay); err == nil && d > 0 {
				f.said.retryAfter = d
			}
		case "reason":
			f.addReason(s)
		case "violations":
			for range s.Array() {
				for key := range s.Object() {
					if string(key) == "quotaId" {
						f.addReason(s)
					}
				}
			}
		}
	}
}

func (f *fields) addReason(s *jsonscan.Scanner) {
	if b, ok := s.Bytes(); ok && len(b) > 0 && len(f.said.reasons)+len(b) < maxReasons {
		f.said.reasons += " " + string(b)
	}
}

// textOnce reads what should be a string into a field that is still empty.
func textOnce(s *jsonscan.Scanner, field *string) {
	switch s.Kind() {
	case '"':
		s.Once(field)
	case 'n':
		s.Skip()
	default:
		if raw := s.Raw(); *field == "" {
			*field = string(raw)
		}
	}
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
