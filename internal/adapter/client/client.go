// Package client has the common part of the adapters' clients: the steps of a call, the check
// of the configuration, and how a client is printed.
package client

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/adapter/httpapi"
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/provider"
)

// A Config configures a client. An adapter sets what its API requires, and the options change
// the rest.
type Config struct {
	httpapi.Config
	Extra    json.RawMessage   // a JSON object whose members are added to every request
	Server   []json.RawMessage // server-side tools that are added to every request
	Mistakes []string          // found by the adapter

	serverOptions []string // those that Server has the tools of
}

// AddServer adds the server-side tool of an option, which is encoded as JSON.
func (c *Config) AddServer(option string, tool any) {
	if slices.Contains(c.serverOptions, option) {
		c.Mistakes = append(c.Mistakes, option+" is given twice")
	}
	c.serverOptions = append(c.serverOptions, option)
	b, err := json.Marshal(tool)
	if err != nil {
		c.Mistakes = append(c.Mistakes, err.Error())
		return
	}
	c.Server = append(c.Server, b)
}

// Defaults returns the Config that every adapter begins with.
func Defaults() Config { return Config{Config: httpapi.Defaults()} }

// An API is the part of a client that is specific to one API.
type API struct {
	Type  string        // the type of the client, such as "openai.Client"
	Owner string        // the API's name in the State of parts
	Tools *wiretool.API // the tools that the API accepts
	// Encode returns the body of a request.
	Encode func(req *provider.Request, stream bool) (*httpapi.Body, error)
	// Answer returns the destination of a reply to the request. Its parts have a State of the
	// owner.
	Answer func(req *provider.Request, p httpapi.Progress, owner string) httpapi.Answer
}

// A Base is one model on one server. It is safe for concurrent use.
type Base struct {
	Model  string
	Extra  json.RawMessage   // see Config
	Server []json.RawMessage // see Config
	Owner  wire.Owner        // of the State that the client makes
	Head   wire.Head         // the beginning of its requests

	api      API
	http     *httpapi.Client
	mistakes []string
}

// New returns the base of a client. It never fails; Check reports mistakes.
func New(model string, cfg Config, api API) *Base {
	b := &Base{Model: model, Extra: cfg.Extra, Server: cfg.Server, api: api, http: httpapi.New(cfg.Config)}
	b.Owner = wire.NewOwner(api.Owner, b.http.Host(), model)
	if model == "" {
		b.mistakes = []string{"no model name: pass one to New"}
	}
	b.mistakes = append(append(b.mistakes, b.http.Mistakes()...), cfg.Mistakes...)
	return b
}

// Host returns the host of the server, or "" if the address is broken.
func (b *Base) Host() string { return b.http.Host() }

// Name returns the name of the API in errors.
func (b *Base) Name() string { return b.http.Name() }

// Check returns an error that names the mistakes in the configuration. It encodes an empty
// request to find those in extra fields.
func (b *Base) Check() error {
	mistakes := b.mistakes
	if _, err := b.api.Encode(&provider.Request{}, false); err != nil {
		mistakes = append(mistakes[:len(mistakes):len(mistakes)], err.Error())
	}
	return b.refuse(mistakes)
}

// refuse returns an error that lists the mistakes, or nil if there are none.
func (b *Base) refuse(mistakes []string) error {
	if len(mistakes) == 0 {
		return nil
	}
	return b.http.Errorf(provider.KindInvalidRequest, "%s", strings.Join(mistakes, "; "))
}

// Generate asks the model for one response; see [provider.Provider].
func (b *Base) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	if err := b.refuse(b.mistakes); err != nil {
		return nil, err
	}
	body, err := b.api.Encode(req, emit != nil)
	if err != nil {
		return nil, b.invalid(err)
	}
	answers, err := b.api.Tools.Answers(wire.AgentTools(req), b.Owner.String())
	if err != nil {
		return nil, b.invalid(fmt.Errorf("tools: %w", err))
	}
	answer := b.api.Answer(req, httpapi.Progress{Emit: answers.Emit(emit)}, b.Owner.String())
	return answers.Response(b.http.Call(ctx, body, emit != nil, answer))
}

// invalid returns the error for a request that cannot be encoded.
func (b *Base) invalid(err error) error {
	return b.http.Errorf(wire.Kind(err), "%v", err)
}

// End ends a body: its pieces are followed by the settings, which were written to its tail.
func End(body *httpapi.Body, list [][]byte, settings *wire.Fields) (*httpapi.Body, error) {
	tail, err := settings.End()
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	body.End(list, append(tail, '}'))
	return body, nil
}

// String returns the model and the server, without the key.
func (b *Base) String() string { return b.http.Describe(b.api.Type, b.Model) }
