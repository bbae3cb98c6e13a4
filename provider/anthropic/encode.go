package anthropic

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/adapter/dialect"
	"github.com/funcall/funcall/internal/adapter/httpapi"
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// reserved are the members of a request that extra fields must leave alone.
var reserved = []string{"model", "messages", "system", "stream"}

// encode returns the body of a request. The same request gives the same
// bytes: members stand in a fixed order, and past messages and tools keep
// their encoding.
func (c *Client) encode(req *provider.Request, stream bool) (httpapi.Body, error) {
	extra, err := wire.ExtraMembers(c.base.Extra, req.Extra, reserved)
	if err != nil {
		return httpapi.Body{}, fmt.Errorf("settings: %w", err)
	}
	system, messages, err := wire.Conversation(req)
	if err != nil {
		return httpapi.Body{}, fmt.Errorf("messages: %w", err)
	}
	tools, err := toolingOf(req, extra)
	if err != nil {
		return httpapi.Body{}, fmt.Errorf("settings: %w", err)
	}
	list := make([][]byte, 0, 16+2*len(messages)+len(tools.functions)+len(tools.server))
	list = append(list, c.base.Head.Bytes(system, c.newHead))
	key, blocksOf := c.base.Owner.String(), c.encodeMessage
	if tools.forced && (c.thinking != 0 || tools.extra.Has("thinking")) {
		key, blocksOf = c.plainKey, c.encodePlain
		tools.extra = tools.extra.Without("thinking")
	}
	list, blocks, err := turns.Append(list, messages, func(i int, m *provider.Message) ([]byte, error) {
		encoded, err := m.Encoded(key, blocksOf)
		if err != nil {
			return nil, fmt.Errorf("message %d: %w", len(req.Messages)-len(messages)+i, err)
		}
		return encoded, nil
	})
	if err != nil {
		return httpapi.Body{}, err
	}
	if !c.noCache {
		list = mark(list, blocks)
	}
	if list, err = c.appendTools(list, tools, system == "" && !c.noCache); err != nil {
		return httpapi.Body{}, err
	}
	tail := append(make([]byte, 0, 128+len(req.Extra)+len(c.base.Extra)), ']')
	if tail, err = c.appendSettings(tail, req, stream, tools); err != nil {
		return httpapi.Body{}, fmt.Errorf("settings: %w", err)
	}
	return httpapi.BodyOf(append(list, append(tail, '}'))), nil
}

var (
	beforeTools = []byte(`],"tools":[`)
	closing     = []byte(`}`)
	cacheMark   = []byte(`,"cache_control":{"type":"ephemeral"}`)
)

// newHead makes the beginning of a body. The system text stands at the end of
// what all requests of an agent have in common, tools included.
func (c *Client) newHead(system string) []byte {
	b := append([]byte(nil), `{"model":`...)
	b = jsontree.AppendString(b, c.base.Model)
	if system != "" {
		b = append(b, `,"system":[{"type":"text","text":`...)
		b = jsontree.AppendString(b, system)
		if !c.noCache {
			b = append(b, cacheMark...)
		}
		b = append(b, "}]"...)
	}
	return append(b, `,"messages":[`...)
}

// turns are the messages of a conversation.
var turns = wire.Turns{
	First:     []byte(`{"role":"user","content":[`),
	ThenUser:  []byte(`]},{"role":"user","content":[`),
	ThenModel: []byte(`]},{"role":"assistant","content":[`),
	End:       []byte(`]}`),
	Silence:   []byte(`,{"type":"text","text":"(nothing)"}`),
	GoOn:      []byte(`,{"type":"text","text":"Go on."}`),
}

func (c *Client) appendSettings(b []byte, req *provider.Request, stream bool, tools tooling) ([]byte, error) {
	ownOutput, extra := tools.extra.Take("output_config")
	f := &wire.Fields{B: b, Extra: extra}
	maxTokens := req.MaxOutputTokens
	if maxTokens == 0 {
		maxTokens = c.maxTokens
	}
	if req.Seed != nil {
		return nil, wire.Unsupported("the API has no seed (Seed)")
	}
	if slices.ContainsFunc(req.Stop, func(s string) bool { return strings.TrimSpace(s) == "" }) {
		return nil, wire.Unsupported("the API takes no stop sequence of white space alone (Stop)")
	}
	if err := errors.Join(
		f.MaxTokens("max_tokens", maxTokens),
		f.Float("temperature", req.Temperature),
		f.Float("top_p", req.TopP),
	); err != nil {
		return nil, err
	}
	f.Texts("stop_sequences", req.Stop)
	if stream {
		f.Bool("stream", true)
	}
	if tools.any {
		f.Object("tool_choice", toolChoice(tools.choice, req))
	}
	if c.thinking != 0 && !tools.forced && !c.openElsewhere(req.Messages) && f.Begin("thinking") {
		f.B = fmt.Appendf(f.B, `{"type":"enabled","budget_tokens":%d}`, c.thinking)
	}
	output, err := wire.Nested("output_config", ownOutput, func(f *wire.Fields) error {
		f.Text("effort", req.ReasoningEffort)
		return format(f, req.OutputSchema)
	})
	if err != nil {
		return nil, err
	}
	f.Object("output_config", output)
	return f.Extra.Append(f.B), nil
}

// openElsewhere reports whether calls are being answered that a model made
// without thinking, or another model. The API lets a model think in the middle
// of such a turn only if it did so from the beginning. The turn is open until the
// model answers, also where the user has spoken since.
func (c *Client) openElsewhere(messages []*provider.Message) bool {
	for _, m := range slices.Backward(messages) {
		if m.Role != provider.RoleAssistant {
			continue
		}
		calls := false
		for _, p := range m.Parts {
			switch p := p.(type) {
			case provider.Reasoning:
				if c.takes(p.State) {
					return false
				}
			case provider.ToolCall:
				calls = true
			}
		}
		return calls
	}
	return false
}

// format asks for an answer of a schema. Where the API cannot hold the model to
// it that is unsupported: an agent then asks for a call instead.
func format(f *wire.Fields, o *provider.OutputSchema) error {
	if o == nil {
		return nil
	}
	if len(o.Schema) == 0 || !json.Valid(o.Schema) {
		_, err := wire.Schema(o.Schema)
		return fmt.Errorf("output schema: %w", err)
	}
	if !wiretool.Anthropic.Fits(o.Schema) {
		return wire.Unsupported("output schema: the API takes no such names, or no choice of forms at the root")
	}
	schema, err := dialect.AnthropicStrict(o.Schema)
	if err != nil {
		return wire.Unsupported(fmt.Sprintf("output schema: %v", err))
	}
	f.Raw("format", `{"type":"json_schema","schema":`+string(schema)+"}")
	return nil
}
