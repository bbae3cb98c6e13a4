package openai

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/funcall/funcall/internal/adapter/client"
)

// An Option changes what New makes.
type Option func(*config)

// A config is what the options say. It is gone once a client is made, as it
// shows the key.
type config struct {
	client.Config

	chatSettings
	strict *bool
	quirks *Quirks // of Chat Completions alone
}

// chatSettings are what Chat Completions alone has.
type chatSettings struct {
	maxTokensField, systemRole string
	noStreamUsage              bool
}

func newConfig(path string, opts []Option) *config {
	cfg := &config{Config: client.Defaults()}
	cfg.API, cfg.Home, cfg.BaseURL = "openai", "api.openai.com", "https://api.openai.com/v1"
	cfg.Path, cfg.StreamPath = path, path
	cfg.KeyHeader, cfg.KeyPrefix = "Authorization", "Bearer "
	for _, o := range opts {
		o(cfg)
	}
	return cfg
}

// wantsStrict reports whether tools are sent in strict mode to a host.
func (c *config) wantsStrict(host string) bool {
	if c.strict != nil {
		return *c.strict
	}
	return host == c.Home
}

// APIKey sends the key as "Authorization: Bearer key". It is hidden, and so are the values of
// headers, of the query and of the login in the address: no error, response ID or printed
// client shows them, even if the server repeats them. Values under 8 bytes are not hidden.
func APIKey(key string) Option { return func(c *config) { c.Key = key } }

// BaseURL is where the API lives, without /chat/completions or /responses; the default is
// https://api.openai.com/v1. A query in it is sent along, and hidden like the key, except for
// api-version.
func BaseURL(url string) Option { return func(c *config) { c.BaseURL = url } }

// HTTPClient replaces the HTTP client. The copy that is used follows no redirect to another
// host. A Timeout of it bounds the whole answer, streamed or not. What its Transport adds to
// a request is not hidden: set secrets with [Header] or [OnRequest].
//
// The default client keeps idle connections for 2,000 concurrent conversations and uses no
// proxy.
func HTTPClient(hc *http.Client) Option { return func(c *config) { c.HTTP = hc } }

// Header sets a header of every request. It replaces the client's own of that name. Its
// value is hidden like the key.
func Header(name, value string) Option { return func(c *config) { c.Header.Set(name, value) } }

// OnRequest has a hook sign each request, or route it elsewhere, just before it is sent.
// GetBody gives the body; an error ends the call. Headers and the query that the hook sets
// are hidden like the key. It may be called by several goroutines at once.
func OnRequest(hook func(*http.Request) error) Option { return func(c *config) { c.OnRequest = hook } }

// FirstByteTimeout bounds the time until the first byte of the answer, connecting included;
// the default is two minutes. What only keeps a connection open (a comment in a stream, a
// blank line) is no answer. Raise it for whole answers of models that think for long.
func FirstByteTimeout(d time.Duration) Option { return func(c *config) { c.FirstByte = d } }

// IdleTimeout bounds the silence between two pieces of the answer; the default is one
// minute. Comments do not break the silence, and the time that emit takes does not count.
func IdleTimeout(d time.Duration) Option { return func(c *config) { c.Idle = d } }

// MaxResponseBytes bounds one reply of the server; the default is 32 MiB. A longer one is an
// error of kind [provider.KindMalformed].
func MaxResponseBytes(n int64) Option { return func(c *config) { c.MaxBytes = n } }

// ExtraFields adds the members of a JSON object to the body of every request. Those of
// provider.Settings.Extra win over them. With {"tools":[{"type":"web_search"}]} the
// Responses API searches the web; servers that speak Chat Completions have tools of their
// own.
func ExtraFields(object json.RawMessage) Option { return func(c *config) { c.Extra = object } }

// MaxTokensField is for servers that do not know max_completion_tokens: the
// name of the field that bounds the output, mostly "max_tokens".
func MaxTokensField(name string) Option { return func(c *config) { c.maxTokensField = name } }

// SystemRole is the role under which the instructions are sent, for models
// that want "developer" in place of "system".
func SystemRole(role string) Option { return func(c *config) { c.systemRole = role } }

// NoStreamUsage is for servers that refuse stream_options. Their streamed
// answers come without usage, unless they send it unasked.
func NoStreamUsage() Option { return func(c *config) { c.noStreamUsage = true } }

// Strict says whether tools are sent in strict mode, in which the model cannot
// write arguments that break their schema. It is asked for where it loses
// nothing: a tool with a map, say, is sent without. The default is on for
// OpenAI itself and off for any other server; the first use of a schema takes
// the API some seconds. Arguments are checked in either mode.
func Strict(on bool) Option { return func(c *config) { c.strict = &on } }
