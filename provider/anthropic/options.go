package anthropic

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/funcall/funcall/internal/adapter/client"
)

// An Option configures a [Client].
type Option func(*config)

// A config holds what the options set. It is dropped once the client is made, because it holds
// the key in plain text.
type config struct {
	client.Config
	settings
}

// settings are the settings that only this API has.
type settings struct {
	maxTokens, thinking int
	noCache             bool
}

// APIKey sends the key in the header x-api-key. Errors, response IDs and printed clients never
// show the key, nor values of headers, nor the query and the login in the address, even if the
// server repeats them. Values shorter than 8 bytes are not hidden.
func APIKey(key string) Option { return func(c *config) { c.Key = key } }

// BaseURL sets the address of the API, without /messages; the default is
// https://api.anthropic.com/v1.
func BaseURL(url string) Option { return func(c *config) { c.BaseURL = url } }

// HTTPClient replaces the HTTP client. The adapter uses a copy, which follows no redirect to
// another host. If it has a Timeout, that bounds the whole response, streamed or not. Secrets
// that its Transport adds to a request are not hidden: set them with [Header] or [OnRequest].
//
// The default client keeps idle connections for 2,000 concurrent conversations and uses no
// proxy.
func HTTPClient(hc *http.Client) Option { return func(c *config) { c.HTTP = hc } }

// Header sets a header of every request. It replaces the client's own header of that name,
// such as anthropic-beta. The value is hidden like the key.
func Header(name, value string) Option { return func(c *config) { c.Header.Set(name, value) } }

// OnRequest sets a hook that is called just before each request is sent, to sign it or to
// route it elsewhere. The body is available from GetBody. If the hook returns an error, the
// call fails. Headers and the query that it sets are hidden like the key. The hook must be
// safe for concurrent use.
func OnRequest(hook func(*http.Request) error) Option { return func(c *config) { c.OnRequest = hook } }

// FirstByteTimeout bounds the time until the first byte of the response, connecting included;
// the default is two minutes. Raise it for responses that are not streamed, from models that
// think for long.
func FirstByteTimeout(d time.Duration) Option { return func(c *config) { c.FirstByte = d } }

// IdleTimeout bounds the silence between two pieces of the response; the default is three
// minutes. The pings that the server sends while the model thinks do not end the silence. The
// time that emit takes does not count.
func IdleTimeout(d time.Duration) Option { return func(c *config) { c.Idle = d } }

// MaxResponseBytes bounds a reply of the server; the default is 32 MiB. A longer reply is an
// error of kind [provider.KindMalformed].
func MaxResponseBytes(n int64) Option { return func(c *config) { c.MaxBytes = n } }

// ExtraFields adds the members of a JSON object to the body of every request. Members of
// [provider.Settings].Extra override them. Members of output_config are added to those that
// the settings make. "tools" switches on server-side tools that have no option here. A tool with
// a cache_control of its own needs [NoPromptCache], because the API accepts only four of them
// in a request.
func ExtraFields(object json.RawMessage) Option { return func(c *config) { c.Extra = object } }

// MaxTokens bounds a response if [provider.Settings].MaxOutputTokens does not, because the API
// requires a bound. The default is 8192 plus the budget of [Thinking].
func MaxTokens(n int) Option { return func(c *config) { c.maxTokens = n } }

// Thinking makes the model think before it answers, with a budget of at least 1024 tokens.
// Models that choose the amount themselves take {"thinking":{"type":"adaptive"}} by
// [ExtraFields] instead.
func Thinking(budget int) Option { return func(c *config) { c.thinking = budget } }

// NoPromptCache leaves out the marks of what the API should keep in its prompt cache. Writing
// to the cache costs a quarter more than plain input, and reading from it a tenth of plain
// input. So the marks pay off from the second request of a conversation on.
func NoPromptCache() Option { return func(c *config) { c.noCache = true } }
