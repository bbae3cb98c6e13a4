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

// Responses is one model behind one server that speaks OpenAI's Responses API.
// It implements [provider.Provider] and is safe for concurrent use.
//
// It is stateless: nothing is stored at the server ("store" is false), and the
// whole conversation is sent each time. What the model reasoned comes back
// encrypted, is kept with the message, and is sent again as it came, in its
// place, to the same model. Reasoning that came as no more than an ID goes back if
// the server stored it and stores the request, too ("store" is true in the extra
// fields). (The models named gpt-3, gpt-4 and chatgpt do not reason, and refuse to be
// asked for it.) The API has no stop sequences and no seed.
type Responses struct {
	base *client.Base

	strict  bool
	reasons bool // the model may reason, so that its reasoning is asked for

	messages, stored wire.Encoder[provider.Message]
	tools            wire.Encoder[provider.Tool]
}

var (
	_ provider.Named   = (*Responses)(nil)
	_ provider.Checker = (*Responses)(nil)
)

// NewResponses returns a client of a model that is asked through the Responses
// API. It never fails: Check and Generate report a mistake in the options, as an
// error of kind [provider.KindInvalidRequest], and so does funcall.New. Options that are
// about Chat Completions alone are such a mistake.
//
// A model that thinks sends nothing for minutes, so the defaults of
// [FirstByteTimeout] and [IdleTimeout] are ten minutes and five.
func NewResponses(model string, opts ...Option) *Responses {
	patient := func(c *config) { c.FirstByte, c.Idle = 10*time.Minute, 5*time.Minute }
	cfg := newConfig("responses", append([]Option{patient}, opts...))
	if cfg.chatSettings != (chatSettings{}) || cfg.quirks != nil {
		cfg.Mistakes = []string{"MaxTokensField, SystemRole, NoStreamUsage and WithQuirks are about Chat Completions; leave them out, or use New"}
	}
	r := new(Responses)
	r.base = client.New(model, cfg.Config, client.API{
		Type: "openai.Responses", Owner: "openai.responses", Tools: wiretool.OpenAI, Encode: r.encode, Answer: newResponse,
	})
	r.strict = cfg.wantsStrict(r.base.Host())
	r.reasons = !slices.ContainsFunc([]string{"gpt-3", "gpt-4", "chatgpt"}, func(old string) bool { return strings.HasPrefix(model, old) })
	r.messages, r.stored = r.messageEncoder(false), r.messageEncoder(true)
	r.tools = wire.Encoder[provider.Tool]{Key: "openai.responses|" + strconv.FormatBool(r.strict), Encode: flat.encodeTool(r.strict)}
	return r
}

// Generate asks the model for one response; see [provider.Provider]. The
// request is streamed where emit is not nil.
func (r *Responses) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	return r.base.Generate(ctx, req, emit)
}

// Check returns an error that names every mistake in the options and in the model's
// name; see [provider.Checker]. Generate returns it, too.
func (r *Responses) Check() error { return r.base.Check() }

// Model returns the model's name, as NewResponses was given it.
func (r *Responses) Model() string { return r.base.Model }

// String names the model and the server, and never the key.
func (r Responses) String() string { return r.base.String() }

// GoString is String, so that %#v does not show the key either.
func (r Responses) GoString() string { return r.String() }

// LogValue is String, for log/slog.
func (r Responses) LogValue() slog.Value { return slog.StringValue(r.String()) }
