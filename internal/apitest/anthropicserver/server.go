// Package anthropicserver is a server for tests that speaks Anthropic's
// Messages API. It says what it was told to say, and refuses what the real API
// refuses: calls and results that do not pair, thinking whose signature it did
// not make, blocks without a word, too many marks of the prompt cache.
package anthropicserver

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/funcall/funcall/internal/apitest/apiserver"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// A Server answers each request with the next of its turns.
type Server = apiserver.Server

// New returns a server that takes the turns in order.
func New(turns ...providertest.Turn) *Server { return apiserver.New(protocol{}, "/v1", turns) }

type (
	protocol struct{}
	object   = apiserver.Object
	kinds    = map[string]apiserver.Kind
)

func (protocol) RequestID() string { return "request-id" }

func (protocol) Admit(r *http.Request, key string) error {
	switch {
	case r.URL.Path != "/v1/messages":
		return refusal(http.StatusNotFound, "not_found_error", "Not found", "")
	case r.Method != http.MethodPost:
		return refusal(http.StatusMethodNotAllowed, "invalid_request_error", "Method Not Allowed", "")
	case r.Header.Get("X-Api-Key") == "":
		return refusal(http.StatusUnauthorized, "authentication_error", "x-api-key header is required", "")
	case key != "" && r.Header.Get("X-Api-Key") != key:
		return refusal(http.StatusUnauthorized, "authentication_error", "invalid x-api-key", "")
	case r.Header.Get("Anthropic-Version") != "2023-06-01":
		return bad("anthropic-version: header is required")
	}
	return nil
}

func bad(format string, args ...any) error {
	return refusal(http.StatusBadRequest, "invalid_request_error", fmt.Sprintf(format, args...), "")
}

func refusal(status int, typ, message, requestID string) *apiserver.Refusal {
	return &apiserver.Refusal{Status: status, Message: message, Body: failure(typ, message, requestID)}
}

func failure(typ, message, requestID string) []byte {
	o := object{"type": "error", "error": object{"type": typ, "message": message}}
	if requestID != "" {
		o["request_id"] = requestID
	}
	return jsontree.Append(nil, o)
}

// byKind is how the API tells its failures apart.
var byKind = map[provider.ErrorKind]struct {
	status int
	typ    string
}{
	provider.KindRateLimited:    {429, "rate_limit_error"},
	provider.KindOverloaded:     {529, "overloaded_error"},
	provider.KindUnavailable:    {500, "api_error"},
	provider.KindTimeout:        {504, "timeout_error"},
	provider.KindAuth:           {401, "authentication_error"},
	provider.KindQuota:          {429, "enforced_spend_limit_reached"},
	provider.KindInvalidRequest: {400, "invalid_request_error"},
	provider.KindContextTooLong: {400, "invalid_request_error"},
	provider.KindFiltered:       {400, "invalid_request_error"},
	provider.KindInvalidMedia:   {400, "invalid_request_error"},
}

func (protocol) Refuse(h http.Header, err error) *apiserver.Refusal {
	e, ok := errors.AsType[*provider.Error](err)
	if !ok {
		return refusal(http.StatusInternalServerError, "api_error", err.Error(), "")
	}
	if e.RequestID != "" {
		h.Set("request-id", e.RequestID)
	}
	apiserver.SetRetryAfter(h, e.RetryAfter)
	out := byKind[e.Kind]
	if out.status == 0 {
		out.status, out.typ = http.StatusInternalServerError, "api_error"
	}
	if e.Status != 0 {
		out.status = e.Status
	}
	message := e.Message
	switch e.Kind {
	case provider.KindContextTooLong:
		message = "prompt is too long: 210000 tokens > 200000 maximum. " + message
	case provider.KindFiltered:
		message = "Output blocked by content filtering policy. " + message
	case provider.KindInvalidMedia:
		message = "Could not process image. " + message
	}
	return refusal(out.status, out.typ, message, e.RequestID)
}
