package httpapi

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/funcall/funcall/provider"
)

// kindOf returns the kind of a failure: from its codes, from its message if the codes do not
// tell, or else from its status. Status 0 means an error without a status. If a report passes
// on another server's report, both count.
func kindOf(r report, status int) provider.ErrorKind {
	layers := r.layers()
	codes, words := codesOf(layers), wordsOf(layers)
	if kind, ok := find(byCode, codes, status); ok {
		return kind
	}
	number, isNumber := kindOfNumber(layers, status)
	if isNumber && number != provider.KindInvalidRequest { // the message says more about it
		return number
	}
	if kind, ok := kindOfWords(words, status); ok {
		return kind
	}
	if kind, ok := find(byRate, codes, status); ok {
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
	if kind, ok := find(byCodeInBand, codes, status); ok {
		return kind
	}
	return provider.KindUnavailable
}

// codesOf returns the codes of reports, each as bare returns it.
func codesOf(layers []report) string {
	var b strings.Builder
	for _, l := range layers {
		b.WriteString(bare(l.code) + " " + bare(l.typ) + bare(l.reasons) + " ")
	}
	return b.String()
}

// wordsOf returns the words of reports as spoken returns them, each followed by gone.
func wordsOf(layers []report) string {
	var b strings.Builder
	for _, l := range layers {
		b.WriteString(spoken(l.message) + gone)
	}
	return b.String()
}

// isContent reports whether a kind blames the content of a message. An agent takes such a
// message out of the conversation, so the kind must be certain.
func isContent(kind provider.ErrorKind) bool {
	return kind == provider.KindFiltered || kind == provider.KindContextTooLong || kind == provider.KindInvalidMedia
}

// counts reports whether codes and words can give a failure with this status the kind. A
// server that failed, or that refuses a key or a model, does not judge the content of a
// message.
func counts(kind provider.ErrorKind, status int) bool {
	if !isContent(kind) {
		return true
	}
	switch status {
	case 0, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return true
	case http.StatusForbidden: // OpenRouter, xAI; Gemini for files
		return kind != provider.KindContextTooLong
	case http.StatusUnavailableForLegalReasons: // StepFun
		return kind == provider.KindFiltered
	}
	return false
}

// kindOfPlace returns the kind by the part of a request that an error is about.
func kindOfPlace(param, words string, status int) (provider.ErrorKind, bool) {
	invalid := status == http.StatusBadRequest || status == http.StatusUnprocessableEntity
	switch {
	case counts(provider.KindContextTooLong, status) && containsAny(words, room) && containsAny(words, excess):
		if isOutputLimit(param, words) && !containsAny(words, inputs) {
			return provider.KindInvalidRequest, true
		}
		return provider.KindContextTooLong, true
	case invalid && isMedia(param):
		return provider.KindInvalidMedia, true
	case status == http.StatusInternalServerError && strings.Contains(words, "validation error"): // llama-cpp-python
	case !invalid:
		return "", false
	}
	if containsAny(words, noSchema) || strings.Contains(param, "tool") && containsAny(words, unsupported) {
		return provider.KindUnsupported, true
	}
	return "", false
}

// isOutputLimit reports whether an error is about the setting that bounds the output.
func isOutputLimit(param, words string) bool {
	for _, name := range outputLimits {
		if param == name || strings.HasPrefix(words, name) {
			return true
		}
	}
	return false
}

// maxLayers bounds how many nested reports are read.
const maxLayers = 3

// layers returns the report and the ones that it passes on as JSON.
func (r report) layers() []report {
	list := []report{r}
	for len(list) < maxLayers {
		inner := list[len(list)-1].inner()
		if inner.message == "" {
			break
		}
		list = append(list, inner)
	}
	return list
}

// inner returns the report of another server that r passes on. JSON in a message may be output
// of a model, so it must say itself that it is an error.
func (r report) inner() report {
	if strings.HasPrefix(strings.TrimSpace(r.raw), "{") {
		return parseReport([]byte(r.raw))
	}
	if inner := parseReport([]byte(passedOn(r.message))); inner.named {
		return inner
	}
	return report{}
}

// kindOfNumber returns the kind of the first code whose meaning is known.
func kindOfNumber(layers []report, status int) (provider.ErrorKind, bool) {
	for _, l := range layers {
		kind, ok := l.numbers[l.code]
		if ok && counts(kind, status) && (l.sure || !isContent(kind)) {
			return kind, true
		}
	}
	return "", false
}

// isMedia reports whether a parameter in OpenAI's form names media.
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

// Statuses that net/http has no names for.
const (
	overloaded    = 529 // Anthropic and its gateways
	noCapacity    = 498 // Groq
	closedRequest = 499 // nginx: the connection was closed
)

func kindOfStatus(status int) provider.ErrorKind {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired:
		return provider.KindAuth
	case http.StatusPaymentRequired:
		return provider.KindQuota
	case http.StatusRequestTimeout:
		return provider.KindTimeout
	case http.StatusRequestEntityTooLarge:
		return provider.KindContextTooLong
	case http.StatusTooManyRequests:
		return provider.KindRateLimited
	case http.StatusServiceUnavailable, overloaded, noCapacity:
		return provider.KindOverloaded
	case http.StatusNotImplemented:
		return provider.KindUnsupported
	case http.StatusConflict, http.StatusTooEarly, closedRequest:
		return provider.KindUnavailable
	}
	if status >= 500 {
		return provider.KindUnavailable
	}
	return provider.KindInvalidRequest
}
