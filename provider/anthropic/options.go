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
	settings
}

// settings are what this API alone has.
type settings struct {
	maxTokens, thinking int
	noCache             bool
}

// APIKey sends the key in the header x-api-key. It is hidden, and so are the values of
// headers, of the query and of the login in the address: no error, response ID or printed
// client shows them, even if the server repeats them. Values under 8 bytes are not hidden.
func APIKey(key string) Option { return func(c *config) { c.Key = key } }

// BaseURL is where the API lives, without /messages; the default is
// https://api.anthropic.com/v1.
func BaseURL(url string) Option { return func(c *config) { c.BaseURL = url } }

// HTTPClient replaces the HTTP client. The copy that is used follows no redirect to another
// host. A Timeout of it bounds the whole answer, streamed or not. What its Transport adds to
// a request is not hidden: set secrets with [Header] or [OnRequest].
//
// The default client keeps idle connections for 2,000 concurrent conversations and uses no
// proxy.
func HTTPClient(hc *http.Client) Option { return func(c *config) { c.HTTP = hc } }

// Header sets a header of every request. It replaces the client's own of that name,
// anthropic-beta among them. Its value is hidden like the key.
func Header(name, value string) Option { return func(c *config) { c.Header.Set(name, value) } }

// OnRequest has a hook sign each request, or route it elsewhere, just before it is sent.
// GetBody gives the body; an error ends the call. Headers and the query that the hook sets
// are hidden like the key. It may be called by several goroutines at once.
func OnRequest(hook func(*http.Request) error) Option { return func(c *config) { c.OnRequest = hook } }

// FirstByteTimeout bounds the time until the first byte of the answer, connecting included;
// the default is two minutes. Raise it for whole answers of models that think for long.
func FirstByteTimeout(d time.Duration) Option { return func(c *config) { c.FirstByte = d } }

// IdleTimeout bounds the silence between two pieces of the answer; the default is three
// minutes. The pings that the server sends while the model thinks do not break the silence,
// and the time that emit takes does not count.
func IdleTimeout(d time.Duration) Option { return func(c *config) { c.Idle = d } }

// MaxResponseBytes bounds one reply of the server; the default is 32 MiB. A longer one is an
// error of kind [provider.KindMalformed].
func MaxResponseBytes(n int64) Option { return func(c *config) { c.MaxBytes = n } }

// ExtraFields adds the members of a JSON object to the body of every request. Those of
// provider.Settings.Extra win over them. The members of output_config are added
// to those that the settings make. With
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
