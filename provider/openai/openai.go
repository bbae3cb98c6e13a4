// Package openai speaks OpenAI's two APIs: Chat Completions ([New]), and with
// it to everything that speaks the same: OpenRouter, Groq, DeepSeek, vLLM,
// Ollama's /v1, llama.cpp and most gateways; and Responses ([NewResponses]).
//
//	model := openai.New("gpt-5-mini", openai.APIKey(key))
//	local := openai.New("qwen3:8b", openai.BaseURL("http://localhost:11434/v1"))
//	thinks := openai.NewResponses("gpt-5", openai.APIKey(key))
//
// Some servers and models refuse conversations that Chat Completions takes. What
// they demand is met by the name of the server or the model, and can be set
// ([WithQuirks]):
//
//	server                    name of the model holds                   Quirks
//	mistral.ai                mistral, mixtral, ministral, magistral,   AlternateRoles, ShortCallIDs
//	                          codestral, devstral, pixtral, voxtral
//	                          gemma                                     AlternateRoles
//	moonshot.ai, moonshot.cn, kimi-k2-thinking, kimi-k2., kimi-k2p,     ReasoningContent
//	kimi.com                  kimi-for-coding
//	deepseek.com              deepseek-chat, deepseek-reasoner,         ReasoningContent
//	                          deepseek-v3.2, deepseek-v3p2, deepseek-v4
//
// The package is a thin client on net/http. It reads no environment variables,
// neither for keys nor for proxies (give it an [HTTPClient] that has one), and
// it never retries: that is a wrapper's work.
//
// Servers differ in what they send, and the client takes what can be
// understood in one way only: tool calls in pieces of any shape, missing
// indexes and ids, finish reasons that contradict the answer. If a reply has
// several choices, the first counts; a gateway may spread an answer over them,
// the text in one and the calls in another. A call without a name and arguments
// is dropped, unless the answer has nothing else. One thing cannot be told: two calls
// that a server streams under one index, without ids and without arguments, look
// like one call whose name comes in two pieces, and become a call of the joined
// name. What was cut off is an error, or has a finish reason that says so, never
// a short answer.
package openai

import (
	"cmp"
	"context"
	"log/slog"
	"strconv"

	"github.com/funcall/funcall/internal/adapter/client"
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/provider"
)

// A Client is one model behind one server that speaks Chat Completions. It
// implements [provider.Provider] and is safe for concurrent use. Clients share
// no connections with each other unless they share an [HTTPClient].
type Client struct {
	base *client.Base
	chatSettings
	strict bool
	quirks Quirks

	messages wire.Encoder[provider.Message] // with the usual IDs
	tools    wire.Encoder[provider.Tool]
}

var (
	_ provider.Named   = (*Client)(nil)
	_ provider.Checker = (*Client)(nil)
)

// New returns a client of a model. It never fails: Check and Generate report a mistake in
// the options, as an error of kind [provider.KindInvalidRequest], and so does funcall.New.
func New(model string, opts ...Option) *Client {
	cfg := newConfig("chat/completions", opts)
	c := &Client{chatSettings: cfg.chatSettings}
	c.maxTokensField = cmp.Or(c.maxTokensField, "max_completion_tokens")
	c.systemRole = cmp.Or(c.systemRole, "system")
	c.base = client.New(model, cfg.Config, client.API{
		Type: "openai.Client", Owner: "openai.chat", Tools: wiretool.OpenAI, Encode: c.encode, Answer: newAnswer,
	})
	c.quirks = knownQuirks(c.base.Host(), model)
	if cfg.quirks != nil {
		c.quirks = *cfg.quirks
	}
	c.strict = cfg.wantsStrict(c.base.Host())
	c.tools = wire.Encoder[provider.Tool]{Key: "openai.chat|" + strconv.FormatBool(c.strict), Encode: nested.encodeTool(c.strict)}
	c.messages = c.messageEncoder(callIDs{short: c.quirks.ShortCallIDs})
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
