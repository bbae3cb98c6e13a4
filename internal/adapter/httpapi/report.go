package httpapi

import (
	"cmp"
	"strings"
	"time"

	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/provider"
)

// maxReport bounds how many bytes of a server's error are read, maxReasons the bytes of codes
// in its details, and maxMistakes the length of a list of mistakes in a request.
const (
	maxReport   = 64 << 10
	maxReasons  = 1 << 10
	maxMistakes = 8
)

// IsReport reports whether a server's JSON reports an error.
func IsReport(body []byte) bool { return parseReport(body).message != "" }

// A report is a server's description of a failure.
type report struct {
	message, typ, code string
	param              string                        // the place in the request that it is about
	reasons            string                        // further codes, only for kindOf
	numbers            map[string]provider.ErrorKind // what numbers mean as a code
	sure               bool                          // no other API has these numbers in this form
	named              bool                          // it is marked as an error
	raw                string                        // the report of another server, passed on by OpenRouter
	requestID          string
	retryAfter         time.Duration
}

// parseReport reads the error bodies of real servers: OpenAI's and OpenRouter's {"error":{…}},
// Anthropic's with the request ID next to it, {"error":"text"}, vLLM's flat object, FastAPI's
// {"detail":…}, Google's with a list of details or as a list of one, Cloudflare's
// {"errors":[…]} and MiniMax's {"base_resp":{…}}. For other bodies it returns the zero report.
// It reads the body once. If the body breaks off, what came before counts.
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

// readReport reads a report whose error may be in a member.
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
			inner.readAll(s)
		case '"':
			s.Once(&words)
		}
	}
	switch kind {
	case '{':
		inner.said.requestID = outer.said.requestID
		inner.addReason([]byte(outer.said.reasons))
		r := inner.report()
		r.named = true
		return r
	case '"':
		r := outer.report()
		r.message, r.named = words, true
		return r
	}
	r := outer.report()
	r.named = r.typ == "error"
	return r
}

// fields are the members of a report. If a member is repeated, the first one with text counts.
type fields struct {
	said           report
	status, detail string // Google's type, and FastAPI's message
	from, raw      string // the failing server and its own error text
	object         string // Mistral's, among others
	quoted         bool   // the code is a string
}

func (f *fields) readAll(s *jsonscan.Scanner) {
	for key := range s.Object() {
		f.read(key, s)
	}
}

func (f *fields) read(key []byte, s *jsonscan.Scanner) {
	switch string(key) {
	case "message", "Message":
		textOnce(s, &f.said.message)
	case "type", "__type":
		textOnce(s, &f.said.typ)
	case "code":
		if f.said.code == "" {
			f.quoted = s.Kind() == '"'
		}
		textOnce(s, &f.said.code)
	case "param":
		s.Once(&f.said.param)
	case "object":
		textOnce(s, &f.object)
	case "status":
		textOnce(s, &f.status)
	case "detail":
		f.readDetail(s)
	case "request_id":
		s.Once(&f.said.requestID)
	case "error_type": // Text Generation Inference
		f.readReason(s)
	case "innererror": // Azure
		f.readReasonIn(s, "code")
	case "details":
		for range s.Array() {
			f.readGoogles(s)
		}
	case "metadata":
		f.readOpenRouters(s)
	case "errors":
		for i := range s.Array() {
			if i == 0 {
				f.readAll(s)
				f.said.numbers, f.said.sure = cloudflare, true
			}
		}
	case "base_resp":
		f.readMiniMaxes(s)
	}
}

// report combines the members.
func (f *fields) report() report {
	r := f.said
	r.typ = cmp.Or(r.typ, f.status)
	r.message = cmp.Or(r.message, f.detail)
	for _, more := range []string{f.from, f.raw} { // OpenRouter's own message says only that a provider failed
		if more != "" {
			r.message += ": " + more
		}
	}
	r.raw = f.raw
	repeated := r.code != "" && strings.HasPrefix(r.message, "["+r.code+"]") // Z.ai
	if r.numbers == nil && f.object == "" && (r.typ == "" || repeated) {     // Mistral has numbers of its own
		r.numbers, r.sure = zhipu, f.quoted
	}
	return r
}

// readDetail reads FastAPI's message: a text, an object with the members of a report, or a
// list of mistakes with their places and inputs.
func (f *fields) readDetail(s *jsonscan.Scanner) {
	switch s.Kind() {
	case '{':
		f.readAll(s)
	case '[':
		var list []string
		for i := range s.Array() {
			if message := readMistake(s); message != "" && i < maxMistakes {
				list = append(list, message)
			}
		}
		f.detail = cmp.Or(f.detail, strings.Join(list, "; "))
	default:
		textOnce(s, &f.detail)
	}
}

// readMistake reads one mistake of FastAPI's list, without its input.
func readMistake(s *jsonscan.Scanner) string {
	var place []string
	var message string
	for key := range s.Object() {
		switch string(key) {
		case "loc":
			for range s.Array() {
				var step string
				textOnce(s, &step)
				place = append(place, step)
			}
		case "msg":
			s.Once(&message)
		}
	}
	if len(place) == 0 {
		return message
	}
	return strings.Join(place, ".") + ": " + message
}

// readOpenRouters reads the name of the failing server, its own error text, and a code of
// OpenRouter. The text may repeat a flagged request.
func (f *fields) readOpenRouters(s *jsonscan.Scanner) {
	for key := range s.Object() {
		switch string(key) {
		case "provider_name":
			textOnce(s, &f.from)
		case "raw":
			textOnce(s, &f.raw)
		case "error_type":
			f.readReason(s)
		case "flagged_input":
			var flagged string
			if s.Once(&flagged); flagged != "" {
				f.addReason([]byte("moderation"))
			}
		}
	}
}

// readMiniMaxes reads a status that good responses have too, with the code 0.
func (f *fields) readMiniMaxes(s *jsonscan.Scanner) {
	var code, message string
	for key := range s.Object() {
		switch string(key) {
		case "status_code":
			textOnce(s, &code)
		case "status_msg":
			s.Once(&message)
		}
	}
	if code != "" && code != "0" {
		f.said.code, f.said.message = code, cmp.Or(message, "status "+code)
		f.said.numbers, f.said.sure = miniMax, true
	}
}

// readGoogles reads one of Google's details: how long to wait, which quota is used up, why a
// request is refused.
func (f *fields) readGoogles(s *jsonscan.Scanner) {
	for key := range s.Object() {
		switch string(key) {
		case "retryDelay":
			var delay string
			s.Once(&delay)
			if d, err := time.ParseDuration(delay); err == nil && d > 0 {
				f.said.retryAfter = d
			}
		case "reason":
			f.readReason(s)
		case "violations":
			for range s.Array() {
				f.readReasonIn(s, "quotaId")
			}
		}
	}
}

// readReasonIn reads a further code from a member of an object.
func (f *fields) readReasonIn(s *jsonscan.Scanner, member string) {
	for key := range s.Object() {
		if string(key) == member {
			f.readReason(s)
		}
	}
}

func (f *fields) readReason(s *jsonscan.Scanner) {
	if b, ok := s.Bytes(); ok {
		f.addReason(b)
	}
}

func (f *fields) addReason(b []byte) {
	if len(b) > 0 && len(f.said.reasons)+len(b) < maxReasons {
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
