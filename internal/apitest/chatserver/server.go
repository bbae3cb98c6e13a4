// Package chatserver is a server for tests that speaks OpenAI's Chat
// Completions. It says what it was told to say, and refuses what the real API
// refuses: a conversation in which calls and results do not pair, a field of
// the wrong type, a field that does not exist.
//
// There are servers that refuse more: [NewMistral], [NewKimi].
package chatserver

import (
	"net/http"

	"github.com/funcall/funcall/internal/apitest/apiserver"
	"github.com/funcall/funcall/provider/providertest"
)

// A Server answers each request with the next of its turns.
type Server = apiserver.Server

// New returns a server that takes the turns in order.
func New(turns ...providertest.Turn) *Server { return apiserver.New(protocol{}, "/v1", turns) }

// A protocol is Chat Completions, and what a server demands of messages beyond it.
type protocol struct {
	demand func(messages []object) error // nil if nothing
}

func (protocol) RequestID() string { return "x-request-id" }

func (protocol) Admit(r *http.Request, key string) error {
	return AdmitOpenAI(r, "/v1/chat/completions", key)
}

func (protocol) Refuse(h http.Header, err error) *apiserver.Refusal { return RefuseOpenAI(h, err) }
