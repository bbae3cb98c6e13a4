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
	includeThoughts bool
	thinkingBudget  *int
	openAPI, noIDs  bool
}

// APIKey sends the key in the header x-goog-api-key, never in the address. It
// is hidden: no error, no response's id and no way of printing the client shows
// it, also where the server sends it back. So are the values of headers, the
// query and the login of the address, with what the [OnRequest] hook makes of
// them. A value shorter than 8 bytes counts as no secret.
func APIKey(key string) Option { return func(c *config) { c.Key = key } }

// BaseURL is where the API lives, up to the version; the default is
// https://generativelanguage.googleapis.com/v1beta. For Vertex AI it ends in
// /publishers/google, and the token goes into a header by [OnRequest].
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
// same name. Its value is hidden like the key.
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
// answer; the default is one minute. The time that emit takes does not count.
func IdleTimeout(d time.Duration) Option { return func(c *config) { c.Idle = d } }

// MaxResponseBytes bounds one reply of the server; the default is 32 MiB. A
// longer one is an error of kind Malformed.
func MaxResponseBytes(n int64) Option { return func(c *config) { c.MaxBytes = n } }

// ExtraFields is a JSON object whose members are added to the body of every
// request, like those of provider.Settings.Extra, which win over these. The
// members of generationConfig and its thinkingConfig are added to those that
// the settings make, and replace them. With {"tools":[{"google_search":{}}]} the API
// searches the web. To take functions beside such a tool, Gemini 3 wants
// includeServerSideToolInvocations set in toolConfig; earlier models take no such pair.
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
