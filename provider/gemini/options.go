package gemini

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
	includeThoughts bool
	thinkingBudget  *int
	openAPI, noIDs  bool
}

// APIKey sends the key in the header x-goog-api-key, never in the address. Errors, response
// IDs and printed clients never show the key, nor values of headers, nor the query and the
// login in the address, even if the server repeats them. Values shorter than 8 bytes are not
// hidden.
func APIKey(key string) Option { return func(c *config) { c.Key = key } }

// BaseURL sets the address of the API, up to the version; the default is
// https://generativelanguage.googleapis.com/v1beta. For Vertex AI it ends in
// /publishers/google, [OnRequest] sets the token in a header, and [NoCallIDs] is needed.
func BaseURL(url string) Option { return func(c *config) { c.BaseURL = url } }

// HTTPClient replaces the HTTP client. The adapter uses a copy, which follows no redirect to
// another host. If it has a Timeout, that bounds the whole response, streamed or not. Secrets
// that its Transport adds to a request are not hidden: set them with [Header] or [OnRequest].
//
// The default client keeps idle connections for 2,000 concurrent conversations and uses no
// proxy.
func HTTPClient(hc *http.Client) Option { return func(c *config) { c.HTTP = hc } }

// Header sets a header of every request. It replaces the client's own header of that name. The
// value is hidden like the key.
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

// IdleTimeout bounds the silence between two pieces of the response; the default is one
// minute. The time that emit takes does not count.
func IdleTimeout(d time.Duration) Option { return func(c *config) { c.Idle = d } }

// MaxResponseBytes bounds a reply of the server; the default is 32 MiB. A longer reply is an
// error of kind [provider.KindMalformed].
func MaxResponseBytes(n int64) Option { return func(c *config) { c.MaxBytes = n } }

// ExtraFields adds the members of a JSON object to the body of every request. Members of
// [provider.Settings].Extra override them. Members of generationConfig and its thinkingConfig
// are added to those that the settings make, and replace members of the same name. "tools"
// switches on server-side tools that have no option here. To combine such a tool with
// functions, Gemini 3 requires includeServerSideToolInvocations in toolConfig; earlier models
// do not accept both.
func ExtraFields(object json.RawMessage) Option { return func(c *config) { c.Extra = object } }

// IncludeThoughts asks for summaries of the model's thoughts. They come as
// [provider.Reasoning] and are not sent back.
func IncludeThoughts() Option { return func(c *config) { c.includeThoughts = true } }

// ThinkingBudget bounds the tokens that the model thinks with: 0 turns thinking off, and -1
// leaves the choice to the model. It is for the 2.5 models. For later ones, set
// [provider.Settings].ReasoningEffort.
func ThinkingBudget(tokens int) Option { return func(c *config) { c.thinkingBudget = &tokens } }

// OpenAPISchemas describes tools in the subset of OpenAPI that the API used before JSON
// Schema, for servers that do not know the field parametersJsonSchema. What that subset cannot
// express moves into descriptions.
func OpenAPISchemas() Option { return func(c *config) { c.openAPI = true } }

// NoCallIDs leaves call IDs out of requests, for servers that refuse them. Results are then
// matched by name and order.
func NoCallIDs() Option { return func(c *config) { c.noIDs = true } }
