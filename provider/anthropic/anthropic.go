// Package anthropic implements a client of Anthropic's Messages API.
//
//	model := anthropic.New("claude-sonnet-4-5", anthropic.APIKey(key))
//
// The package is a thin client on net/http. It reads no environment variables. It never
// retries: that is a wrapper's job.
//
// If the model is asked to think ([Thinking]), its thoughts come as [provider.Reasoning].
// Thinking blocks, redacted ones included, are sent back unchanged with their signatures. All
// results of a turn are sent in one user message, ahead of the user's next text. Requests mark
// what the API should keep in its prompt cache; see [NoPromptCache].
//
// Calls and results of server-side tools ([WebSearch], [WebFetch], [CodeExecution], those of MCP
// servers) come as [provider.ServerCall], one for each block. Blocks without a part of their own
// (compactions, types that the API adds later) are kept as [provider.Native]. Both are sent back
// unchanged. The same holds for the caller of a call that server-side code made. The API refuses
// a call whose result can no longer follow, because the user wrote or the model went on: it is
// sent as a text.
//
// Usage is what the API reported last; runs of code are counted by their blocks. It excludes
// compactions and the advisor, which the API counts apart (usage.iterations).
//
// If a proxy asks the API again in the middle of a stream, the message begins anew, and what
// came before is dropped. If a part of its text or a server-side tool was emitted, Generate
// returns an error of kind [provider.KindUnavailable] with Emitted set. If only reasoning or
// tool calls were emitted, the response holds only the new message, and the deltas of its calls
// count from 0 again.
//
// The API has no seed. Temperature and TopP are sent as set, although the newest models refuse
// them. A system message in the middle of a conversation is sent as a user message, because
// the API has no such message. The API rejects thinking together with a forced tool choice:
// for such requests the client disables thinking and omits earlier thinking blocks. Vertex AI
// needs another address and another form of the body, which an [OnRequest] hook can provide; the
// Messages API of Amazon Bedrock and of Microsoft Foundry needs only a [BaseURL].
//
// The instructions of the agent and those of the run are two texts. The mark is on the first,
// which all conversations of the agent share. The API cannot restrict a list of tools: if a run
// may call only some of them, only these are sent, in their order.
//
// The API refuses calls in a conversation without tools. If a request has no tools, the client
// declares the tools of past calls, with a schema that accepts any object, and forbids calls.
// Bedrock models that refuse tool_choice need an [OnRequest] hook that removes it.
package anthropic

import (
	"cmp"
	"log/slog"
	"time"

	"github.com/funcall/funcall/internal/adapter/client"
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/provider"
)

// A Client is one model on one server. It implements [provider.Provider] and is safe for
// concurrent use. Clients share connections only if they share an [HTTPClient].
type Client struct {
	base *client.Base
	settings
	atHome bool // the server is Anthropic's own

	messages wire.Encoder[provider.Message]
	plain    wire.Encoder[provider.Message] // without thoughts
}

var (
	_ provider.Named   = (*Client)(nil)
	_ provider.Checker = (*Client)(nil)
)

// defaultMaxTokens bounds a response if no option or setting does, because the API requires a
// bound. Every current model accepts it.
const defaultMaxTokens = 8192

// version is the version of the API (reference page: Versions).
const version = "2023-06-01"

// New returns a client for a model. If the options have mistakes, Check, Generate and
// funcall.New return an error of kind [provider.KindInvalidRequest].
func New(model string, opts ...Option) *Client {
	cfg := &config{Config: client.Defaults()}
	cfg.API, cfg.Home, cfg.BaseURL = "anthropic", "api.anthropic.com", "https://api.anthropic.com/v1"
	cfg.Path, cfg.StreamPath = "messages", "messages"
	cfg.KeyHeader = "X-Api-Key"
	cfg.Header.Set("Anthropic-Version", version)
	cfg.Idle = 3 * time.Minute
	for _, o := range opts {
		o(cfg)
	}
	c := &Client{settings: cfg.settings}
	c.maxTokens = cmp.Or(c.maxTokens, defaultMaxTokens+c.thinking)
	c.base = client.New(model, cfg.Config, client.API{
		Type: "anthropic.Client", Owner: "anthropic", Tools: wiretool.Anthropic, Encode: c.encode, Answer: newAnswer,
	})
	c.atHome = c.base.Host() == cfg.Home
	c.messages, c.plain = c.messageEncoder(true), c.messageEncoder(false)
	return c
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
