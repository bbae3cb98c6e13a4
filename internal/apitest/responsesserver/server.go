// Package responsesserver is a server for tests that speaks OpenAI's Responses
// API. It says what it was told to say, and refuses what the real API refuses:
// calls and results that do not pair, reasoning without what it led to, or
// that it did not encrypt, schemas that strict mode does not take.
package responsesserver

import (
	"net/http"
	"strings"

	"github.com/funcall/funcall/internal/apitest/apiserver"
	"github.com/funcall/funcall/internal/apitest/chatserver"
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

func (protocol) RequestID() string { return "x-request-id" }

func (protocol) Admit(r *http.Request, key string) error {
	return chatserver.AdmitOpenAI(r, "/v1/responses", key)
}

func (protocol) Refuse(h http.Header, err error) *apiserver.Refusal {
	return chatserver.RefuseOpenAI(h, err)
}

func bad(param, format string, args ...any) error {
	return chatserver.Refuse(http.StatusBadRequest, param, "", format, args...)
}

// fields checks that an object has no field but the known ones, each of its
// kind.
func fields(o object, path string, known kinds) error {
	name, want, isKnown, ok := apiserver.Fields(o, known)
	at := strings.TrimPrefix(path+"."+name, ".")
	switch {
	case ok:
		return nil
	case !isKnown:
		return chatserver.Refuse(http.StatusBadRequest, at, "unknown_parameter", "Unknown parameter: '%s'.", at)
	}
	return chatserver.Refuse(http.StatusBadRequest, at, "invalid_type", "Invalid type for '%s': expected %s.", at, want)
}
