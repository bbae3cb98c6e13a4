// Package anthropic speaks Anthropic's Messages API.
//
//	model := anthropic.New("claude-sonnet-4-5", anthropic.APIKey(key))
//
// It is a thin client on net/http. It reads no environment variables, and it
// never retries: that is a wrapper's work.
//
// What the model thought comes as [provider.Reasoning] where it was asked to
// think ([Thinking]). Thinking blocks, those that are redacted too, go back as
// they came, with their signatures. All results of a turn stand in one message
// of the user's, ahead of what the user says then. Requests mark what the API
// is to keep in its prompt cache, unless [NoPromptCache] is given.
//
// Blocks that have no part of their own (tools that run at the server and their
// results, a compaction, whatever the API adds) are kept as [provider.Native] and
// go back as they came. So does the caller of a call that code made which runs at
// the server.
//
// Usage is what the API said last. The API counts a compaction and an advisor
// apart from the answer (usage.iterations); they are not in it.
//
// A proxy that asks the API again in the middle of a stream begins the message
// anew. What came before is then forgotten. If text of it was emitted, Generate
// returns an error of kind [provider.KindUnavailable] with Emitted set. If only
// reasoning or tool calls were, the response has the new message alone, and the
// deltas of its calls count from 0 again.
//
// The API has no seed, and its newest models refuse Temperature and TopP, which
// are sent as they are set. It has no message of the system's in the middle of a
// conversation: such a message is sent as the user's. The API
// rejects thinking together with a forced tool choice: for such requests the client disables
// thinking and omits earlier thinking blocks. Bedrock and Vertex AI want other addresses and
// a body of another form; an [OnRequest] hook can give them both.
//
// The API refuses calls in a conversation without tools. If a request has none, the client
// declares the tools of past calls, taking any object, and forbids calls. Bedrock models that
// take no tool_choice need an [OnRequest] hook that removes it.
package anthropic

import (
	"cmp"
	"context"
	"log/slog"
	"time"

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
	atHome bool // the server is Anthropic's own

	messages wire.Encoder[provider.Message]
	plain    wire.Encoder[provider.Message] // without thoughts
}

var (
	_ provider.Named   = (*Client)(nil)
	_ provider.Checker = (*Client)(nil)
)

// defaultMaxTokens is what an answer may take where nobody says: the API wants
// a bound. Every current model takes this one.
const defaultMaxTokens = 8192

// version is the version of the API (reference page: Versions).
const version = "2023-06-01"

// New returns a client of a model. It never fails: Check and Generate report a mistake in
// the options, as an error of kind [provider.KindInvalidRequest], and so does funcall.New.
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
