package anthropic

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
	maxTokens, thinking int
	noCache             bool
}

// APIKey sends the key in the header x-api-key. It is hidden: no error, no
// response's id and no way of printing the client shows it, also where the
// server sends it back. So are the values of headers, the query and the login
// of the address, with what the [OnRequest] hook makes of them. A value shorter
// than 8 bytes counts as no secret.
func APIKey(key string) Option { return func(c *config) { c.Key = key } }

// BaseURL is where the API lives, without /messages; the default is
// https://api.anthropic.com/v1.
func BaseURL(url string) Option { return func(c *config) { c.BaseURL = url } }

// HTTPClient replaces the HTTP client. It is copied, and the copy follows no
// redirect to another host. Its Timeout, if it has one, bounds the whole
// answer, streamed or not. What its Transport adds to a request is not known
// here, so that it is not hidden either: set secrets with [Header] or
// [OnRequest].
//
// The default client keeps idle connections for 2,000 concurrent
// conversations and uses no proxy.
func HTTPClient(hc *http.Client) Option { return func(c *config) { c.HTTP = hc } }

// Header sets a header of every request, in place of the client's own of the
// same name: anthropic-beta among them. Its value is hidden like the key.
func Header(name, value string) Option { return func(c *config) { c.Header.Set(name, value) } }

// OnRequest is called with every request just before it is sent, to sign it or
// to route it elsewhere. GetBody gives the body; an error ends the call. The
// headers and the query that it sets are hidden like the key. It may be called
// by several goroutines at once.
func OnRequest(hook func(*http.Request) error) Option {
	return func(c *config) { c.OnRequest = hook }
}

// FirstByteTimeout is how long the server may take until the first byte of its
// answer, connecting included; the default is two minutes. Raise it for whole
// answers of models that think for long.
func FirstByteTimeout(d time.Duration) Option { return func(c *config) { c.FirstByte = d } }

// IdleTimeout is how long the server may be silent between two pieces of its
// answer; the default is three minutes. The pings that it sends while the model
// thinks do not break the silence, and the time that emit takes does not count.
func IdleTimeout(d time.Duration) Option { return func(c *config) { c.Idle = d } }

// MaxResponseBytes bounds one reply of the server; the default is 32 MiB. A
// longer one is an error of kind Malformed.
func MaxResponseBytes(n int64) Option { return func(c *config) { c.MaxBytes = n } }

// ExtraFields is a JSON object whose members are added to the body of every
// request, like those of provider.Settings.Extra, which win over these. The
// members of output_config are added to those that the settings make. With
// {"tools":[{"type":"web_search_20250305","name":"web_search"}]} the API searches the web. A
// tool with a cache_control of its own needs [NoPromptCache], as the API takes four of them
// in a request.
func ExtraFields(object json.RawMessage) Option { return func(c *config) { c.Extra = object } }

// MaxTokens bounds an answer where provider.Settings.MaxOutputTokens does not:
// the API wants a bound. The default is 8192, and the budget of [Thinking] on
// top of it.
func MaxTokens(n int) Option { return func(c *config) { c.maxTokens = n } }

// Thinking has the model think ahead of its answer, with so many tokens, 1024
// at least. Models that decide for themselves how much to think are told so by
// ExtraFields, as {"thinking":{"type":"adaptive"}}.
func Thinking(budget int) Option { return func(c *config) { c.thinking = budget } }

// NoPromptCache leaves out the marks of what the API is to keep in its prompt
// cache. Writing to it costs a quarter more than reading the tokens anew, and
// what it keeps costs a tenth; so the marks pay off from the second request of
// a conversation on.
func NoPromptCache() Option { return func(c *config) { c.noCache = true } }
