package httpapi

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/funcall/funcall/provider"
)

// kindOf sorts a failure: by its codes, by the words of its message if the codes do
// not tell, and by its status otherwise. Status 0 stands for an error without
// one. If a report passes on that of another server, both count.
func kindOf(r report, status int) provider.ErrorKind {
	layers := r.layers()
	var list, message strings.Builder
	for _, l := range layers {
		list.WriteString(bare(l.code) + " " + bare(l.typ) + bare(l.reasons) + " ")
		message.WriteString(spoken(l.message) + gone)
	}
	codes, words := list.String(), message.String()
	if kind, ok := find(byCode, codes); ok {
		return kind
	}
	number, isNumber := kindOfNumber(layers)
	if isNumber && number != provider.InvalidRequest { // of which the message says more
		return number
	}
	for _, p := range phrases {
		if p.in(words) {
			return p.kind
		}
	}
	if kind, ok := find(byRate, codes); ok {
		return kind
	}
	if kind, ok := kindOfPlace(r.param, words, status); ok {
		return kind
	}
	if isNumber {
		return number
	}
	if status != 0 {
		return kindOfStatus(status)
	}
	if kind, ok := find(byCodeInBand, codes); ok {
		return kind
	}
	return provider.Unavailable
}

// kindOfPlace sorts by the part of a request that an error is about.
func kindOfPlace(param, words string, status int) (provider.ErrorKind, bool) {
	invalid := status == http.StatusBadRequest || status == http.StatusUnprocessableEntity ||
		status == http.StatusInternalServerError && strings.Contains(words, "validation error") // llama-cpp-python
	switch {
	case status != http.StatusTooManyRequests && containsAny(words, tooLong): // a rate limit may speak of tokens, too
		return provider.ContextTooLong, true
	case !invalid:
		return "", false
	case containsAny(words, noSchema), strings.Contains(param, "tool") && containsAny(words, unsupported):
		return provider.Unsupported, true
	case isMedia(param):
		return provider.InvalidMedia, true
	}
	return "", false
}

// maxLayers bounds how many servers pass a report on.
const maxLayers = 3

// layers returns the report and those that its message passes on as JSON.
func (r report) layers() []report {
	list := []report{r}
	for len(list) < maxLayers {
		inner := parseReport([]byte(passedOn(list[len(list)-1].message)))
		if inner.message == "" {
			break
		}
		list = append(list, inner)
	}
	return list
}

// kindOfNumber sorts by the first code whose meaning is known.
func kindOfNumber(layers []report) (provider.ErrorKind, bool) {
	for _, l := range layers {
		if kind, ok := l.numbers[l.code]; ok {
			return kind, true
		}
	}
	return "", false
}

// isMedia reports whether a place in a request of OpenAI's is that of media.
func isMedia(param string) bool {
	for _, end := range []string{"image_url", "image_url.url", "file_data", "file_url", "input_audio", "input_audio.data", "input_audio.format"} {
		if strings.HasSuffix(param, end) {
			return true
		}
	}
	return false
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// asStatus returns the HTTP status that a server repeats as its code, or 0.
func asStatus(code string) int {
	n, err := strconv.Atoi(code)
	if err != nil || n < 100 || n > 599 {
		return 0
	}
	return n
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
	case http.StatusUnavailableForLegalReasons: // StepFun
		return provider.Filtered
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
