package chatserver

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/funcall/funcall/internal/apitest/apiserver"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// AdmitOpenAI checks the path and the key of a request, as all of OpenAI's APIs
// do.
func AdmitOpenAI(r *http.Request, path, key string) error {
	switch auth := r.Header.Get("Authorization"); {
	case r.URL.Path != path:
		return Refuse(http.StatusNotFound, "", "", "Invalid URL (%s %s)", r.Method, r.URL.Path)
	case r.Method != http.MethodPost:
		return Refuse(http.StatusMethodNotAllowed, "", "method_not_supported", "Not allowed to %s on %s", r.Method, path)
	case key != "" && auth == "":
		return Refuse(http.StatusUnauthorized, "", "", "You didn't provide an API key.")
	case key != "" && auth != "Bearer "+key:
		return Refuse(http.StatusUnauthorized, "", "invalid_api_key", "Incorrect API key provided.")
	}
	return nil
}

// Refuse makes an error in the form of OpenAI's APIs.
func Refuse(status int, param, code, format string, args ...any) error {
	return refusal(status, sprintf(format, args...), "invalid_request_error", param, code)
}

func refusal(status int, message, typ, param, code string) *apiserver.Refusal {
	return &apiserver.Refusal{Status: status, Message: message, Body: jsontree.Append(nil, map[string]any{"error": map[string]any{
		"message": message,
		"type":    typ,
		"param":   orNull(param),
		"code":    orNull(code),
	}})}
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func sprintf(format string, args ...any) string {
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}

// RefuseOpenAI says what OpenAI's APIs say for a failure of the error's kind.
func RefuseOpenAI(h http.Header, err error) *apiserver.Refusal {
	e, ok := errors.AsType[*provider.Error](err)
	if !ok {
		return refusal(http.StatusInternalServerError, err.Error(), "server_error", "", "")
	}
	if e.RequestID != "" {
		h.Set("x-request-id", e.RequestID)
	}
	apiserver.SetRetryAfter(h, e.RetryAfter)
	out := byKind[e.Kind]
	if out.status == 0 {
		out = failure{status: http.StatusInternalServerError, typ: "server_error"}
	}
	if e.Status != 0 {
		out.status = e.Status
	}
	if e.Code != "" {
		out.code = e.Code
	}
	return refusal(out.status, e.Message, out.typ, "", out.code)
}

type failure struct {
	status    int
	typ, code string
}

// byKind is how the API tells its failures apart.
var byKind = map[provider.ErrorKind]failure{
	provider.KindRateLimited:    {status: 429, typ: "requests", code: "rate_limit_exceeded"},
	provider.KindOverloaded:     {status: 503, typ: "server_error"},
	provider.KindUnavailable:    {status: 500, typ: "server_error"},
	provider.KindTimeout:        {status: 408, typ: "timeout"},
	provider.KindAuth:           {status: 401, typ: "invalid_request_error", code: "invalid_api_key"},
	provider.KindQuota:          {status: 429, typ: "insufficient_quota", code: "insufficient_quota"},
	provider.KindInvalidRequest: {status: 400, typ: "invalid_request_error"},
	provider.KindContextTooLong: {status: 400, typ: "invalid_request_error", code: "context_length_exceeded"},
	provider.KindFiltered:       {status: 400, typ: "invalid_request_error", code: "content_filter"},
	provider.KindInvalidMedia:   {status: 400, typ: "invalid_request_error", code: "invalid_image_format"},
}
