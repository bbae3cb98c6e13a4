// Package gemini implements a client of Google's Gemini API: generateContent and, with
// server-sent events, streamGenerateContent.
//
//	model := gemini.New("gemini-2.5-flash", gemini.APIKey(key))
//
// The package is a thin client on net/http. It reads no environment variables. It never
// retries: that is a wrapper's job. Vertex AI has the same API at another address; see
// [BaseURL].
//
// If thoughts are asked for ([IncludeThoughts]), they come as [provider.Reasoning]. Thought
// signatures are kept with their part and sent back with it, only to the model that made them.
// A call of another model carries the placeholder that the API documents, if the model
// requires signatures.
//
// Code that the API ran, and calls of its tools, come as [provider.ServerCall], one for each
// part, and are sent back unchanged. What the metadata says of a search or of pages is a
// ServerCall, too; it is not sent back. Parts without a type of their own (types that the API
// adds later) are kept as [provider.Native] and sent back unchanged. Arguments that come in
// pieces (Vertex AI's streamFunctionCallArguments) are joined. Of several candidates the first
// counts. If the model calls a tool that was not declared, the response holds that call, so
// that the model is told. If the finish reason is UNEXPECTED_TOOL_CALL and there is no call,
// Generate returns an error of kind [provider.KindMalformed]. Each count of Usage is the last
// one that the API reported.
//
// If a run may call only some of the agent's tools, all of them are sent, and the mode VALIDATED
// (or ANY) with allowedFunctionNames restricts them, so that the API's cache holds. Models
// before Gemini 2.5 do not know that mode, and other models and servers that need
// [OpenAPISchemas] may not: they are sent only the tools that the run may call. The same holds
// for a request with server-side tools, or with a functionCallingConfig of its own.
//
// A system message in the middle of a conversation is sent as a user message, because the API
// has no such message. The API cannot turn off parallel calls.
package gemini

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"strings"

	"github.com/funcall/funcall/internal/adapter/client"
	"github.com/funcall/funcall/internal/adapter/httpapi"
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/provider"
)

// A Client is one model on one server. It implements [provider.Provider] and is safe for
// concurrent use. Clients share connections only if they share an [HTTPClient].
type Client struct {
	base *client.Base
	settings

	messages wire.Encoder[provider.Message]
	tools    wire.Encoder[provider.Tool]
	// signed reports whether the model requires thought signatures and accepts media in
	// results.
	signed bool
	// validates reports whether the model can restrict the functions that it may call; see
	// [provider.Request].AllTools.
	validates bool
}

var (
	_ provider.Named   = (*Client)(nil)
	_ provider.Checker = (*Client)(nil)
)

// modelName matches names that can be part of the address.
var modelName = regexp.MustCompile(`^[A-Za-z0-9_@][A-Za-z0-9._@-]*(/[A-Za-z0-9_@][A-Za-z0-9._@-]*)*$`)

// New returns a client for a model, such as "gemini-2.5-flash" or "tunedModels/my-model". If
// the name or the options have mistakes, Check, Generate and funcall.New return an error of
// kind [provider.KindInvalidRequest].
func New(model string, opts ...Option) *Client {
	cfg := &config{Config: client.Defaults()}
	cfg.API, cfg.Home, cfg.BaseURL = "gemini", "generativelanguage.googleapis.com", "https://generativelanguage.googleapis.com/v1beta"
	cfg.KeyHeader = "X-Goog-Api-Key"
	path := model
	if !strings.Contains(model, "/") {
		path = "models/" + model
	}
	cfg.Path, cfg.StreamPath = path+":generateContent", path+":streamGenerateContent?alt=sse"
	for _, o := range opts {
		o(cfg)
	}
	if model != "" && !modelName.MatchString(model) {
		cfg.Mistakes = append(cfg.Mistakes, fmt.Sprintf("invalid model name %q", model))
	}
	c := &Client{settings: cfg.settings}
	c.base = client.New(model, cfg.Config, client.API{
		Type: "gemini.Client", Owner: "gemini", Tools: wiretool.Gemini, Encode: c.encode,
		Answer: func(_ *provider.Request, p httpapi.Progress, owner string) httpapi.Answer {
			return newAnswer(p, owner, model)
		},
	})
	name := model[strings.LastIndexByte(model, '/')+1:]
	c.signed = !strings.HasPrefix(name, "gemini-1") && !strings.HasPrefix(name, "gemini-2")
	c.validates = !c.openAPI && strings.HasPrefix(name, "gemini-") && !strings.HasPrefix(name, "gemini-1") && !strings.HasPrefix(name, "gemini-2.0")
	c.messages = c.messageEncoder()
	c.tools = wire.Encoder[provider.Tool]{Key: "gemini|" + strconv.FormatBool(c.openAPI), Encode: c.encodeTool}
	return c
}

// Generate asks the model for one response; see [provider.Provider]. If emit is not nil, the
// response is streamed.
func (c *Client) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	return c.base.Generate(ctx, req, emit)
}

// Check returns an error that names all mistakes in the model's name and the options; see
// [provider.Checker]. Generate returns it too.
func (c *Client) Check() error { return c.base.Check() }

// Model returns the name that was given to New.
func (c *Client) Model() string { return c.base.Model }

// String returns the model and the server, without the key.
func (c Client) String() string { return c.base.String() }

// GoString is like String, so that %#v does not show the key.
func (c Client) GoString() string { return c.String() }

// LogValue is like String, for log/slog.
func (c Client) LogValue() slog.Value { return slog.StringValue(c.String()) }
