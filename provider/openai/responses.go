package openai

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/funcall/funcall/internal/adapter/client"
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/provider"
)

// A Responses is one model on one server that speaks OpenAI's Responses API. It implements
// [provider.Provider] and is safe for concurrent use.
//
// It is stateless: the server stores nothing ("store" is false), and each request sends the
// whole conversation. Reasoning comes encrypted, is kept with the message, and is sent back
// unchanged, at its place, to the same model. Reasoning that came only as an ID is sent back
// if the server stored it and also stores the request (ExtraFields sets "store" to true).
// Models named gpt-3, gpt-4 and chatgpt do not reason and refuse a request for reasoning, so
// it is left out for them. The API has no stop sequences and no seed.
type Responses struct {
	base *client.Base

	strict       bool
	include      string // what responses must include, as JSON, or ""
	allowedTools bool   // see Quirks.AllowedTools

	messages, stored wire.Encoder[provider.Message]
	tools            wire.Encoder[provider.Tool]
}

var (
	_ provider.Named   = (*Responses)(nil)
	_ provider.Checker = (*Responses)(nil)
)

// NewResponses returns a client for a model that is called through the Responses API. If the
// options have mistakes, Check, Generate and funcall.New return an error of kind
// [provider.KindInvalidRequest]. Options that apply only to Chat Completions are mistakes.
//
// A reasoning model may send nothing for minutes, so [FirstByteTimeout] defaults to ten
// minutes and [IdleTimeout] to five.
func NewResponses(model string, opts ...Option) *Responses {
	patient := func(c *config) { c.FirstByte, c.Idle = 10*time.Minute, 5*time.Minute }
	cfg := newConfig("responses", append([]Option{patient}, opts...))
	quirks := cfg.quirks
	if cfg.chatSettings != (chatSettings{}) || quirks != nil && *quirks != (Quirks{AllowedTools: quirks.AllowedTools}) {
		cfg.Mistakes = append(cfg.Mistakes, "MaxTokensField, SystemRole, NoStreamUsage and quirks other than AllowedTools apply only to Chat Completions: leave them out, or use New")
	}
	include := cfg.addTools()
	if !slices.ContainsFunc([]string{"gpt-3", "gpt-4", "chatgpt"}, func(old string) bool { return strings.HasPrefix(model, old) }) {
		include = slices.Insert(include, 0, "reasoning.encrypted_content")
	}
	r := new(Responses)
	if len(include) > 0 {
		r.include = `["` + strings.Join(include, `","`) + `"]`
	}
	r.base = client.New(model, cfg.Config, client.API{
		Type: "openai.Responses", Owner: "openai.responses", Tools: wiretool.OpenAI, Encode: r.encode, Answer: newResponse,
	})
	r.strict = cfg.wantsStrict(r.base.Host())
	r.allowedTools = cfg.quirksOf(r.base.Host(), model).AllowedTools
	r.messages, r.stored = r.messageEncoder(false), r.messageEncoder(true)
	r.tools = wire.Encoder[provider.Tool]{Key: "openai.responses|" + strconv.FormatBool(r.strict), Encode: flat.encodeTool(r.strict)}
	return r
}

// Generate asks the model for one response; see [provider.Provider]. If emit is not nil, the
// response is streamed.
func (r *Responses) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	return r.base.Generate(ctx, req, emit)
}

// Check returns an error that names all mistakes in the model's name and the options; see
// [provider.Checker]. Generate returns it too.
func (r *Responses) Check() error { return r.base.Check() }

// Model returns the name that was given to NewResponses.
func (r *Responses) Model() string { return r.base.Model }

// String returns the model and the server, without the key.
func (r Responses) String() string { return r.base.String() }

// GoString is like String, so that %#v does not show the key.
func (r Responses) GoString() string { return r.String() }

// LogValue is like String, for log/slog.
func (r Responses) LogValue() slog.Value { return slog.StringValue(r.String()) }
