package gemini

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
	includeThoughts bool
	thinkingBudget  *int
	openAPI, noIDs  bool
}

// APIKey sends the key in the header x-goog-api-key, never in the address. It is hidden, and
// so are the values of headers, of the query and of the login in the address: no error,
// response ID or printed client shows them, even if the server repeats them. Values under 8
// bytes are not hidden.
func APIKey(key string) Option { return func(c *config) { c.Key = key } }

// BaseURL is where the API lives, up to the version; the default is
// https://generativelanguage.googleapis.com/v1beta. For Vertex AI it ends in
// /publishers/google, and the token goes into a header by [OnRequest].
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
// the default is two minutes. Raise it for whole answers of models that think for long.
func FirstByteTimeout(d time.Duration) Option { return func(c *config) { c.FirstByte = d } }

// IdleTimeout bounds the silence between two pieces of the answer; the default is one
// minute. The time that emit takes does not count.
func IdleTimeout(d time.Duration) Option { return func(c *config) { c.Idle = d } }

// MaxResponseBytes bounds one reply of the server; the default is 32 MiB. A longer one is an
// error of kind [provider.KindMalformed].
func MaxResponseBytes(n int64) Option { return func(c *config) { c.MaxBytes = n } }

// ExtraFields adds the members of a JSON object to the body of every request. Those of
// provider.Settings.Extra win over them. The members of generationConfig and its
// thinkingConfig are added to those that the settings make, and replace them. With
// {"tools":[{"google_search":{}}]} the API searches the web. To take functions beside such a
// tool, Gemini 3 wants includeServerSideToolInvocations set in toolConfig; earlier models take
// no such pair.
func ExtraFields(object json.RawMessage) Option { return func(c *config) { c.Extra = object } }

// IncludeThoughts asks for summaries of what the model thinks. They come as
// reasoning, and are not sent back.
func IncludeThoughts() Option { return func(c *config) { c.includeThoughts = true } }

// ThinkingBudget bounds the tokens that the model thinks with: 0 turns thinking
// off, -1 leaves it to the model. It is how the 2.5 models are told; later ones
// take a level, which provider.Settings.ReasoningEffort sets.
func ThinkingBudget(tokens int) Option { return func(c *config) { c.thinkingBudget = &tokens } }

// OpenAPISchemas describes tools in the subset of OpenAPI that the API knew
// before it took JSON Schema, for servers that do not know the field
// parametersJsonSchema. What it has no word for moves into descriptions.
func OpenAPISchemas() Option { return func(c *config) { c.openAPI = true } }

// NoCallIDs leaves the ids of calls out of requests, for servers that refuse
// them. Results are then matched by name and order.
func NoCallIDs() Option { return func(c *config) { c.noIDs = true } }
