// Package gemini speaks Google's Gemini API: generateContent, and
// streamGenerateContent with server-sent events.
//
//	model := gemini.New("gemini-2.5-flash", gemini.APIKey(key))
//
// It is a thin client on net/http. It reads no environment variables, and it
// never retries: that is a wrapper's work. Vertex AI has the same API at
// another address, see [BaseURL].
//
// What the model thought comes as [provider.Reasoning] where it was asked for
// ([IncludeThoughts]). Thought signatures are kept with the part that they came
// with and go back with it, to the model that made them alone. A call that
// another model made carries the placeholder which the API documents for that,
// where the API asks for a signature at all.
//
// Parts that have no part of their own (tools that run at the server and their
// results, whatever the API adds) are kept as [provider.Native] and go back as
// they came. Calls whose arguments come in pieces (Vertex AI's
// streamFunctionCallArguments) are put together. Of several candidates the first
// counts. A call of a tool that was not declared is a call, so that the model is
// told; without the call, the reason UNEXPECTED_TOOL_CALL is an error of kind
// [provider.KindMalformed]. Usage is what the API said last, count by count.
//
// The API has no message of the system's in the middle of a conversation: such
// a message is sent as the user's. It has no switch against parallel calls.
package gemini

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"strings"

	"github.com/funcall/funcall/internal/adapter/client"
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/provider"
)

// A Client is one model behind one server. It implements [provider.Provider]
// and is safe for concurrent use. Clients share no connections with each other
// unless they share an [HTTPClient].
type Client struct {
	base *client.Base
	settings

	messages wire.Encoder[provider.Message]
	tools    wire.Encoder[provider.Tool]
	// signed says that the model asks for thought signatures, and takes media
	// in the results of calls.
	signed bool
}

var (
	_ provider.Named   = (*Client)(nil)
	_ provider.Checker = (*Client)(nil)
)

// modelName is what can stand in the address of a model.
var modelName = regexp.MustCompile(`^[A-Za-z0-9_@][A-Za-z0-9._@-]*(/[A-Za-z0-9_@][A-Za-z0-9._@-]*)*$`)

// New returns a client of a model, such as "gemini-2.5-flash" or
// "tunedModels/my-model". It never fails: Check and Generate report a mistake in the model's
// name or the options, as an error of kind [provider.KindInvalidRequest], and so does funcall.New.
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
		cfg.Mistakes = []string{fmt.Sprintf("%q is no name of a model", model)}
	}
	c := &Client{settings: cfg.settings}
	c.base = client.New(model, cfg.Config, client.API{
		Type: "gemini.Client", Owner: "gemini", Tools: wiretool.Gemini, Encode: c.encode, Answer: newAnswer,
	})
	name := model[strings.LastIndexByte(model, '/')+1:]
	c.signed = !strings.HasPrefix(name, "gemini-1") && !strings.HasPrefix(name, "gemini-2")
	c.messages = c.messageEncoder()
	c.tools = wire.Encoder[provider.Tool]{Key: "gemini|" + strconv.FormatBool(c.openAPI), Encode: c.encodeTool}
	return c
}

// Generate asks the model for one response; see [provider.Provider]. The
// request is streamed where emit is not nil.
func (c *Client) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	return c.base.Generate(ctx, req, emit)
}

// Check returns an error that names every mistake in the options and in the model's
// name; see [provider.Checker]. Generate returns it, too.
func (c *Client) Check() error { return c.base.Check() }

// Model returns the model's name, as New was given it.
func (c *Client) Model() string { return c.base.Model }

// String names the model and the server, and never the key.
func (c Client) String() string { return c.base.String() }

// GoString is String, so that %#v does not show the key either.
func (c Client) GoString() string { return c.String() }

// LogValue is String, for log/slog.
func (c Client) LogValue() slog.Value { return slog.StringValue(c.String()) }
