package openai

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/funcall/funcall/internal/adapter/client"
)

// An Option configures a [Client] or a [Responses].
type Option func(*config)

// A config holds what the options set. It is dropped once the client is made, because it holds
// the key in plain text.
type config struct {
	client.Config

	chatSettings
	hostedSettings
	strict *bool
	quirks *Quirks // only for Chat Completions, but for AllowedTools
}

// chatSettings are the settings that only Chat Completions has.
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

// wantsStrict reports whether tools are sent to a host in strict mode.
func (c *config) wantsStrict(host string) bool {
	if c.strict != nil {
		return *c.strict
	}
	return host == c.Home
}

// APIKey sends the key as "Authorization: Bearer key". Errors, response IDs and printed
// clients never show the key, nor values of headers, nor the query and the login in the
// address, even if the server repeats them. Values shorter than 8 bytes are not hidden.
func APIKey(key string) Option { return func(c *config) { c.Key = key } }

// BaseURL sets the address of the API, without /chat/completions or /responses; the default is
// https://api.openai.com/v1. A query in it is sent with each request, and is hidden like the
// key, except for api-version.
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
// the default is two minutes. Comments of a stream and blank lines, which only keep the
// connection open, do not count as a byte. Raise it for responses that are not streamed, from
// models that think for long.
func FirstByteTimeout(d time.Duration) Option { return func(c *config) { c.FirstByte = d } }

// IdleTimeout bounds the silence between two pieces of the response; the default is one
// minute. Comments do not end the silence. The time that emit takes does not count.
func IdleTimeout(d time.Duration) Option { return func(c *config) { c.Idle = d } }

// MaxResponseBytes bounds a reply of the server; the default is 32 MiB. A longer reply is an
// error of kind [provider.KindMalformed].
func MaxResponseBytes(n int64) Option { return func(c *config) { c.MaxBytes = n } }

// ExtraFields adds the members of a JSON object to the body of every request. Members of
// [provider.Settings].Extra override them. "tools" switches on server-side tools that have no
// option here. Servers that speak Chat Completions have their own.
func ExtraFields(object json.RawMessage) Option { return func(c *config) { c.Extra = object } }

// MaxTokensField sets the name of the field that bounds the output, for servers that do not
// know max_completion_tokens. Most of them use "max_tokens".
func MaxTokensField(name string) Option { return func(c *config) { c.maxTokensField = name } }

// SystemRole sets the role of the instructions, for models that require "developer" in place
// of "system".
func SystemRole(role string) Option { return func(c *config) { c.systemRole = role } }

// NoStreamUsage leaves out stream_options, for servers that refuse it. Streamed responses then
// have no usage, unless the server sends it anyway.
func NoStreamUsage() Option { return func(c *config) { c.noStreamUsage = true } }

// Strict sets whether tools are sent in strict mode, in which the model cannot write arguments
// that break the schema. A tool whose schema strict mode cannot express, such as one with a
// map, is sent without it. The default is on for OpenAI and off for other servers. The first
// use of a schema takes the API some seconds. Arguments are checked in either mode.
func Strict(on bool) Option { return func(c *config) { c.strict = &on } }
