package openai

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/funcall/funcall/internal/adapter/httpapi"
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
	model string
	api   *httpapi.Client
	extra []byte

	strict  bool
	reasons bool // the model may reason, so that its reasoning is asked for
	mistake string

	owner         wire.Owner // of the State that this client makes
	toolKey       string
	encodingKey   string
	storedKey     string
	encodeMessage func(*provider.Message) ([]byte, error) // newItems; making a method value at each call would cost an allocation
	encodeStored  func(*provider.Message) ([]byte, error) // newStoredItems
	encodeTool    func(*provider.Tool) ([]byte, error)    // newTool
	head          *wire.Head
}

var _ provider.Provider = (*Responses)(nil)

// NewResponses returns a client of a model that is asked through the Responses
// API. It never fails: a mistake in the options is reported by Generate, as an
// error of kind [provider.KindInvalidRequest]. Options that are about Chat
// Completions alone are such a mistake.
//
// A model that thinks sends nothing for minutes, so the defaults of
// [FirstByteTimeout] and [IdleTimeout] are ten minutes and five.
func NewResponses(model string, opts ...Option) *Responses {
	patient := func(c *config) { c.FirstByte, c.Idle = 10*time.Minute, 5*time.Minute }
	cfg := newConfig("responses", append([]Option{patient}, opts...))
	r := &Responses{
		model: model,
		api:   httpapi.New(cfg.Config),
		extra: cfg.extra,
		head:  new(wire.Head),
	}
	if cfg.maxTokensField != "" || cfg.systemRole != "" || cfg.noStreamUsage || cfg.quirks != nil {
		r.mistake = "MaxTokensField, SystemRole, NoStreamUsage and WithQuirks are about Chat Completions; leave them out, or use New"
	}
	r.strict = cfg.wantsStrict(r.api.Host())
	r.reasons = !slices.ContainsFunc([]string{"gpt-3", "gpt-4", "chatgpt"}, func(old string) bool { return strings.HasPrefix(model, old) })
	r.owner, r.toolKey = wire.NewOwner("openai.responses", r.api.Host(), model), "openai.responses"
	r.encodingKey, r.storedKey = r.owner.String(), r.owner.String()+"|stored"
	if r.strict {
		r.toolKey += "|strict"
	}
	r.encodeMessage, r.encodeStored, r.encodeTool = r.newItems, r.newStoredItems, r.newTool
	return r
}

// Generate asks the model for one response; see [provider.Provider]. The
// request is streamed where emit is not nil.
func (r *Responses) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	if err := r.api.Mistake(r.model); err != nil {
		return nil, err
	}
	if r.mistake != "" {
		return nil, r.api.Errorf(provider.KindInvalidRequest, "%s", r.mistake)
	}
	body, err := r.encode(req, emit != nil)
	if err != nil {
		return nil, err
	}
	answers, err := wiretool.OpenAI.Answers(req.Tools, r.owner.String())
	if err != nil {
		return nil, r.api.Invalid(err, "tools")
	}
	return answers.Response(r.api.Call(ctx, body, emit != nil, &items{Progress: httpapi.Progress{Emit: answers.Emit(emit)}, owner: r.owner.String()}))
}

// Model returns the model's name, as NewResponses was given it.
func (r *Responses) Model() string { return r.model }

// String names the model and the server, and never the key.
func (r Responses) String() string { return r.api.Describe("openai.Responses", r.model) }

// GoString is String, so that %#v does not show the key either.
func (r Responses) GoString() string { return r.String() }

// LogValue is String, for log/slog.
func (r Responses) LogValue() slog.Value { return slog.StringValue(r.String()) }
