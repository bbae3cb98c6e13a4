// Package geminiserver is a server for tests that speaks Gemini's
// generateContent. It says what it was told to say, and refuses what the real
// API refuses: unknown names, calls and results that do not pair, signatures
// that are missing or that it did not make.
package geminiserver

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/funcall/funcall/internal/apitest/apiserver"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// A Server answers each request with the next of its turns.
type Server = apiserver.Server

// New returns a server that takes the turns in order.
func New(turns ...providertest.Turn) *Server { return apiserver.New(protocol{}, "/v1beta", turns) }

type (
	protocol struct{}
	object   = apiserver.Object
)

func (protocol) RequestID() string { return "" }

func (protocol) Admit(r *http.Request, key string) error {
	switch given := r.Header.Get("X-Goog-Api-Key"); {
	case r.Method != http.MethodPost:
		return refuse(http.StatusMethodNotAllowed, "INVALID_ARGUMENT", "Method not allowed")
	case r.URL.Query().Has("key"):
		return refuse(http.StatusBadRequest, "INVALID_ARGUMENT", "The key belongs in a header: addresses are written to logs")
	case key != "" && given == "":
		return refuse(http.StatusForbidden, "PERMISSION_DENIED", "Method doesn't allow unregistered callers (callers without established identity).")
	case key != "" && given != key:
		return refusal(http.StatusBadRequest, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.",
			object{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"})
	}
	return nil
}

// method returns the model and the method that a path names.
func method(r *http.Request) (model, method string, err error) {
	rest, ok := strings.CutPrefix(r.URL.Path, "/v1beta/models/")
	model, method, ok2 := strings.Cut(rest, ":")
	switch {
	case !ok || !ok2 || model == "" || method != "generateContent" && method != "streamGenerateContent":
		return "", "", refuse(http.StatusNotFound, "NOT_FOUND", "Requested entity was not found.")
	case method == "streamGenerateContent" && r.URL.Query().Get("alt") != "sse":
		return "", "", refuse(http.StatusBadRequest, "INVALID_ARGUMENT", "This server streams with alt=sse alone")
	}
	return model, method, nil
}

// refuse makes an error in Google's form.
func refuse(status int, code, format string, args ...any) error {
	return refusal(status, code, fmt.Sprintf(format, args...))
}

func bad(format string, args ...any) error {
	return refuse(http.StatusBadRequest, "INVALID_ARGUMENT", format, args...)
}

func refusal(status int, code, message string, details ...any) *apiserver.Refusal {
	e := object{"code": apiserver.Number(int64(status)), "status": code, "message": message}
	if len(details) > 0 {
		e["details"] = details
	}
	return &apiserver.Refusal{Status: status, Message: message, Body: jsontree.Append(nil, object{"error": e})}
}

// byKind is how the API tells its failures apart.
var byKind = map[provider.ErrorKind]struct {
	status int
	code   string
}{
	provider.KindRateLimited:    {429, "RESOURCE_EXHAUSTED"},
	provider.KindOverloaded:     {503, "UNAVAILABLE"},
	provider.KindUnavailable:    {500, "INTERNAL"},
	provider.KindTimeout:        {504, "DEADLINE_EXCEEDED"},
	provider.KindAuth:           {403, "PERMISSION_DENIED"},
	provider.KindQuota:          {429, "RESOURCE_EXHAUSTED"},
	provider.KindInvalidRequest: {400, "INVALID_ARGUMENT"},
	provider.KindContextTooLong: {400, "INVALID_ARGUMENT"},
	provider.KindInvalidMedia:   {400, "INVALID_ARGUMENT"},
}

func (protocol) Refuse(_ http.Header, err error) *apiserver.Refusal {
	e, ok := errors.AsType[*provider.Error](err)
	if !ok {
		return refusal(http.StatusInternalServerError, "INTERNAL", err.Error())
	}
	if e.Kind == provider.KindFiltered { // the reason in place of an answer
		return &apiserver.Refusal{Status: http.StatusOK, Body: []byte(`{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"}}`)}
	}
	out := byKind[e.Kind]
	if out.status == 0 {
		out.status, out.code = http.StatusInternalServerError, "INTERNAL"
	}
	if e.Status != 0 {
		out.status = e.Status
	}
	var details []any
	if e.RetryAfter > 0 {
		details = append(details, object{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": fmt.Sprintf("%gs", e.RetryAfter.Seconds())})
	}
	message := e.Message
	switch e.Kind {
	case provider.KindQuota:
		details = append(details, object{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": []any{object{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}}})
	case provider.KindContextTooLong:
		message += " The input token count exceeds the maximum context length."
	case provider.KindInvalidMedia:
		message = "Unable to process input image. " + message
	}
	return refusal(out.status, out.code, message, details...)
}
