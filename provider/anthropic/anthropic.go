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
	"context"
	"log/slog"
	"time"

	"github.com/funcall/funcall/internal/adapter/httpapi"
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/provider"
)

// A Client is one model behind one server. It implements [provider.Provider]
// and is safe for concurrent use. Clients share no connections with each other
// unless they share an [HTTPClient].
type Client struct {
	model string
	api   *httpapi.Client
	extra []byte

	maxTokens, thinking int
	noCache             bool
	atHome              bool // the server is Anthropic's own

	owner         wire.Owner                              // of the State that this client makes
	encodeMessage func(*provider.Message) ([]byte, error) // newBlocks; making a method value at each call would cost an allocation
	encodePlain   func(*provider.Message) ([]byte, error) // newPlainBlocks
	plainKey      string
	head          *wire.Head
}

var _ provider.Provider = (*Client)(nil)

// defaultMaxTokens is what an answer may take where nobody says: the API wants
// a bound. Every current model takes this one.
const defaultMaxTokens = 8192

// version is the version of the API (reference page: Versions).
const version = "2023-06-01"

// New returns a client of a model. It never fails: a mistake in the options is
// reported by Generate, as an error of kind [provider.KindInvalidRequest].
func New(model string, opts ...Option) *Client {
	cfg := &config{Config: httpapi.Defaults()}
	cfg.API, cfg.Home, cfg.BaseURL = "anthropic", "api.anthropic.com", "https://api.anthropic.com/v1"
	cfg.Path, cfg.StreamPath = "messages", "messages"
	cfg.KeyHeader = "X-Api-Key"
	cfg.Header.Set("Anthropic-Version", version)
	cfg.Idle = 3 * time.Minute
	for _, o := range opts {
		o(cfg)
	}
	c := &Client{
		model:     model,
		api:       httpapi.New(cfg.Config),
		extra:     cfg.extra,
		maxTokens: cfg.maxTokens,
		thinking:  cfg.thinking,
		noCache:   cfg.noCache,
		head:      new(wire.Head),
	}
	if c.maxTokens == 0 {
		c.maxTokens = defaultMaxTokens + c.thinking
	}
	c.owner = wire.NewOwner("anthropic", c.api.Host(), model)
	c.atHome = c.api.Host() == cfg.Home
	c.encodeMessage, c.encodePlain, c.plainKey = c.newBlocks, c.newPlainBlocks, c.owner.String()+"|plain"
	return c
}

// Generate asks the model for one response; see [provider.Provider]. The
// request is streamed where emit is not nil.
func (c *Client) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	if err := c.api.Mistake(c.model); err != nil {
		return nil, err
	}
	body, err := c.encode(req, emit != nil)
	if err != nil {
		return nil, err
	}
	answers, err := wiretool.Anthropic.Answers(req.Tools, c.owner.String())
	if err != nil {
		return nil, c.api.Invalid(err, "tools")
	}
	return answers.Response(c.api.Call(ctx, body, emit != nil, &answer{Progress: httpapi.Progress{Emit: answers.Emit(emit)}, owner: c.owner.String()}))
}

// Model returns the model's name, as New was given it.
func (c *Client) Model() string { return c.model }

// String names the model and the server, and never the key.
func (c Client) String() string { return c.api.Describe("anthropic.Client", c.model) }

// GoString is String, so that %#v does not show the key either.
func (c Client) GoString() string { return c.String() }

// LogValue is String, for log/slog.
func (c Client) LogValue() slog.Value { return slog.StringValue(c.String()) }
