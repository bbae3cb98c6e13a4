// Package openai speaks OpenAI's Chat Completions API, and with it to
// everything that speaks the same: OpenRouter, Groq, DeepSeek, vLLM, Ollama's
// /v1, llama.cpp and most gateways.
//
//	model := openai.New("gpt-5-mini", openai.APIKey(key))
//	local := openai.New("qwen3:8b", openai.BaseURL("http://localhost:11434/v1"))
//
// The package is a thin client on net/http. It reads no environment variables,
// neither for keys nor for proxies (give it an [HTTPClient] that has one), and
// it never retries: that is a wrapper's work.
//
// Servers differ in what they send, and the client takes what can be
// understood in one way only: tool calls in pieces of any shape, missing
// indexes and ids, finish reasons that contradict the answer. One thing cannot
// be told: two calls that a server streams under one index, without ids and
// without arguments, look like one call whose name comes in two pieces, and
// become a call of the joined name. What was cut off is an error, or has a
// finish reason that says so, never a short answer.
package openai

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/funcall/funcall/provider"
)

// A Client is one model behind one server. It implements
// [provider.Provider] and is safe for concurrent use. Clients share no
// connections with each other unless they share an [HTTPClient].
type Client struct {
	model   string
	private func() *private // the key and whatever else must not be shown
	extra   []byte
	http    *http.Client
	hook    func(*http.Request) error

	firstByte, idle time.Duration
	maxBytes        int64

	maxTokensField string
	systemRole     string
	noStreamUsage  bool

	// Worked out from the above by New.
	name  string // in errors: "openai", or the gateway's host
	owner string // of the State that this client makes
	// encodingKey names everything that a message's encoding depends on.
	encodingKey   string
	encodeMessage func(*provider.Message) ([]byte, error) // encodeNew; making a method value at each call would cost an allocation
	lastHead      *atomic.Pointer[head]
	mistake       string // in the options, reported by every Generate
}

var _ provider.Provider = (*Client)(nil)

// New returns a client of a model. It never fails: a mistake in the options is
// reported by Generate, as an error of kind [provider.InvalidRequest].
func New(model string, opts ...Option) *Client {
	p := &private{baseURL: "https://api.openai.com/v1", header: http.Header{}}
	c := &Client{
		model:          model,
		private:        func() *private { return p },
		firstByte:      2 * time.Minute,
		idle:           time.Minute,
		maxBytes:       32 << 20,
		maxTokensField: "max_completion_tokens",
		systemRole:     "system",
	}
	for _, o := range opts {
		o(c)
	}
	var host string
	host, c.mistake = c.locate()
	c.name = host
	if host == "" || host == "api.openai.com" {
		c.name = "openai"
	}
	c.owner = "openai.chat|" + host
	c.encodingKey = c.owner + "|" + c.systemRole
	c.encodeMessage = c.encodeNew
	c.lastHead = new(atomic.Pointer[head])
	if c.http == nil {
		c.http = &http.Client{Transport: newTransport()}
	}
	c.http = refuseRedirects(c.http)
	return c
}

// locate works out the endpoint and returns its host, or what is wrong.
func (c *Client) locate() (host, mistake string) {
	p := c.private()
	u, err := url.Parse(p.baseURL)
	p.secrets = secretsOf(u, p.headers(""))
	switch {
	case c.model == "":
		return "", "no model is given: pass its name to New"
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return "", "BaseURL is no address such as https://api.openai.com/v1"
	case strings.HasSuffix(strings.TrimRight(u.Path, "/"), "/chat/completions"):
		return u.Host, "BaseURL ends in /chat/completions, which is added to it: leave that off"
	case strings.TrimSpace(p.key) != p.key:
		return u.Host, "the API key begins or ends with white space: trim it"
	case strings.ContainsFunc(p.key, isControl):
		return u.Host, "the API key holds a line break or another control character"
	case badHeader(p.header) != "":
		return u.Host, badHeader(p.header)
	case c.firstByte <= 0 || c.idle <= 0 || c.maxBytes <= 0:
		return u.Host, "FirstByteTimeout, IdleTimeout and MaxResponseBytes must be positive"
	}
	if p.prepare(u.JoinPath("chat/completions").String()) != nil {
		return u.Host, "BaseURL is no address that a request can be sent to"
	}
	return u.Host, ""
}

// Generate asks the model for one response; see [provider.Provider]. The
// request is streamed where emit is not nil.
func (c *Client) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	if c.mistake != "" {
		return nil, c.errorf(provider.InvalidRequest, "%s", c.mistake)
	}
	body, err := c.encode(req, emit != nil)
	if err != nil {
		return nil, err
	}
	x := c.newExchange(ctx)
	defer x.close()
	hr := c.private().newRequest(x.ctx, body, emit != nil)
	if c.hook != nil {
		if err := x.sign(hr); err != nil {
			return nil, err
		}
	}
	if err := x.send(hr); err != nil {
		return nil, err
	}
	a := answer{emit: emit}
	if err := x.receive(&a); err != nil {
		err.Emitted = a.emitted
		return nil, err
	}
	r := a.response(c.owner)
	// They are written to logs, and servers send back what they were sent.
	r.ID, r.Model, r.RawFinish = x.clean(r.ID), x.clean(r.Model), x.clean(r.RawFinish)
	r.RequestID = x.requestID
	return r, nil
}

// String names the model and the server, and never the key.
func (c Client) String() string {
	p := c.private()
	base := "a bad address"
	if u, err := url.Parse(p.baseURL); err == nil {
		u.RawQuery = ""
		base = u.Redacted()
	}
	return p.secrets.in("openai.Client{" + c.model + " at " + base + "}")
}

// GoString is String, so that %#v does not show the key either.
func (c Client) GoString() string { return c.String() }

// LogValue is String, for log/slog.
func (c Client) LogValue() slog.Value { return slog.StringValue(c.String()) }
