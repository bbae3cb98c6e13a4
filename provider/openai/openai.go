// Package openai implements clients of OpenAI's APIs: Chat Completions ([New]) and Responses
// ([NewResponses]). Many servers speak Chat Completions: OpenRouter, Groq, DeepSeek, vLLM,
// Ollama's /v1, llama.cpp and most gateways.
//
//	model := openai.New("gpt-5-mini", openai.APIKey(key))
//	local := openai.New("qwen3:8b", openai.BaseURL("http://localhost:11434/v1"))
//	thinks := openai.NewResponses("gpt-5", openai.APIKey(key))
//
// The package is a thin client on net/http. It reads no environment variables, neither for
// keys nor for proxies (for a proxy, see [HTTPClient]). It never retries: that is a wrapper's
// job.
//
// Some servers and models refuse conversations that Chat Completions allows. The client adapts
// to the ones in this table, by the name of the server or the model. [WithQuirks] overrides
// it.
//
//	server                    model name contains                       Quirks
//	mistral.ai                mistral, mixtral, ministral, magistral,   AlternateRoles, ShortCallIDs
//	                          codestral, devstral, pixtral, voxtral
//	                          gemma                                     AlternateRoles
//	moonshot.ai, moonshot.cn, kimi-k2-thinking, kimi-k2., kimi-k2p,     ReasoningContent
//	kimi.com                  kimi-for-coding
//	deepseek.com              deepseek-chat, deepseek-reasoner,         ReasoningContent
//	                          deepseek-v3.2, deepseek-v3p2, deepseek-v4
//	api.openai.com                                                      AllowedTools
//
// Servers also differ in what they send. The client accepts whatever has only one meaning:
// tool calls in pieces of any shape, missing indexes and IDs, finish reasons that contradict
// the response. If a reply has several choices, the first counts; but a gateway may put the
// text into one choice and the calls into another. A call without name and arguments is
// dropped, unless the response has nothing else. One case is ambiguous: two calls that a
// server streams under one index, without IDs and arguments, look like one call whose name
// comes in two pieces, and become one call with the joined name.
//
// A reply that was cut off is an error or has the finish reason of a truncated response; it
// never looks like a complete short answer.
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

// A Client is one model on one server that speaks Chat Completions. It implements
// [provider.Provider] and is safe for concurrent use. Clients share connections only if they
// share an [HTTPClient].
type Client struct {
	base *client.Base
	chatSettings
	strict bool
	quirks Quirks
	search string // the options of a search of the web, or ""

	messages wire.Encoder[provider.Message] // with the usual IDs
	tools    wire.Encoder[provider.Tool]
}

var (
	_ provider.Named   = (*Client)(nil)
	_ provider.Checker = (*Client)(nil)
)

// New returns a client for a model. If the options have mistakes, Check, Generate and
// funcall.New return an error of kind [provider.KindInvalidRequest].
func New(model string, opts ...Option) *Client {
	cfg := newConfig("chat/completions", opts)
	c := &Client{chatSettings: cfg.chatSettings}
	c.maxTokensField = cmp.Or(c.maxTokensField, "max_completion_tokens")
	c.systemRole = cmp.Or(c.systemRole, "system")
	c.search = cfg.chatSearch()
	c.base = client.New(model, cfg.Config, client.API{
		Type: "openai.Client", Owner: "openai.chat", Tools: wiretool.OpenAI, Encode: c.encode, Answer: c.newAnswer,
	})
	c.quirks = cfg.quirksOf(c.base.Host(), model)
	c.strict = cfg.wantsStrict(c.base.Host())
	c.tools = wire.Encoder[provider.Tool]{Key: "openai.chat|" + strconv.FormatBool(c.strict), Encode: nested.encodeTool(c.strict)}
	c.messages = c.messageEncoder(callIDs{short: c.quirks.ShortCallIDs})
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
