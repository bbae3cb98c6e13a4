package anthropic

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/adapter/client"
	"github.com/funcall/funcall/internal/adapter/dialect"
	"github.com/funcall/funcall/internal/adapter/httpapi"
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

var form = wire.Form{
	Reserved: []string{"model", "messages", "system", "stream"},
	Choice:   []string{"tool_choice"},
	ToolName: wiretool.Anthropic.Name,
}

// encode returns the body of a request. Equal requests have equal bytes: members are in a
// fixed order, and past messages and tools keep their encoding.
func (c *Client) encode(req *provider.Request, stream bool) (*httpapi.Body, error) {
	d, err := form.Draft(req, c.base.Extra, false, c.base.Server...)
	if err != nil {
		return nil, err
	}
	t := toolingOf(&d)
	messages := c.messages
	if t.forced && (c.thinking != 0 || d.Extra.Has("thinking")) {
		messages = c.plain
		d.Extra = d.Extra.Without("thinking")
	}
	body := httpapi.NewBody()
	list := append(body.Pieces(16+len(d.Messages)+d.Pieces()), c.base.Head.Bytes(d.System.Shared, c.newHead))
	ahead := c.prefixOf(&d, t)
	list = c.appendOwn(list, &d, ahead == ownText)
	d.GoesOn = c.goesOn(d.Messages)
	d.Messages = c.paired(d.Messages, d.GoesOn)
	list, blocks, err := turns.Append(list, &d, messages)
	if err != nil {
		return nil, err
	}
	if !c.noCache {
		list = mark(list, blocks)
	}
	if list, err = appendTools(list, &d, t.stubs, ahead == ofTools); err != nil {
		return nil, err
	}
	f := d.Settings(body.Tail())
	c.appendSettings(f, &d, t, stream)
	return client.End(body, list, f)
}

var (
	beforeSystem   = []byte(`,"system":[`)
	afterSystem    = []byte(`]`)
	beforeMessages = []byte(`,"messages":[`)
	beforeTools    = []byte(`],"tools":[`)
	closing        = []byte(`}`)
	cacheMark      = []byte(`,"cache_control":{"type":"ephemeral"}`)
)

// newHead returns the beginning of a body, up to the shared instructions. They come last of
// what all requests of an agent share, after the tools.
func (c *Client) newHead(shared string) []byte {
	b := append([]byte(nil), `{"model":`...)
	b = jsontree.AppendString(b, c.base.Model)
	if shared != "" {
		b = c.appendText(append(b, beforeSystem...), shared, !c.noCache)
	}
	return b
}

// appendText appends a text of the instructions, with a mark of the prompt cache if marked is
// true.
func (c *Client) appendText(b []byte, text string, marked bool) []byte {
	b = append(b, `{"type":"text","text":`...)
	b = jsontree.AppendString(b, text)
	if marked {
		b = append(b, cacheMark...)
	}
	return append(b, '}')
}

// A prefix is the part of a request that has the mark ahead of the messages.
type prefix byte

const (
	noPrefix   prefix = iota
	sharedText        // the instructions that other conversations share; tools come before them
	ofTools           // the functions or the stubs
	ownText           // the conversation's own instructions
)

// prefixOf returns the part of a request that has the mark ahead of the messages.
func (c *Client) prefixOf(d *wire.Draft, t tooling) prefix {
	switch {
	case c.noCache:
		return noPrefix
	case d.System.Shared != "":
		return sharedText
	case len(d.Functions) > 0 || t.stubs != nil:
		return ofTools
	}
	return ownText
}

// appendOwn adds the conversation's own instructions, and begins its messages. If marked is
// false, the marks in the messages cover them.
func (c *Client) appendOwn(list [][]byte, d *wire.Draft, marked bool) [][]byte {
	own := d.System.Block()
	switch {
	case own == "" && d.System.Shared == "":
		return append(list, beforeMessages)
	case own == "":
		return append(list, afterSystem, beforeMessages)
	}
	b := []byte(",")
	if d.System.Shared == "" {
		b = append(b[:0], beforeSystem...)
	}
	b = c.appendText(b, own, marked)
	return append(list, b, afterSystem, beforeMessages)
}

// turns writes the messages of a conversation.
var turns = wire.Turns{
	First:     []byte(`{"role":"user","content":[`),
	ThenUser:  []byte(`]},{"role":"user","content":[`),
	ThenModel: []byte(`]},{"role":"assistant","content":[`),
	End:       []byte(`]}`),
	Silence:   []byte(`,{"type":"text","text":"(nothing)"}`),
	GoOn:      []byte(`,{"type":"text","text":"Go on."}`),
}

func (c *Client) appendSettings(f *wire.Fields, d *wire.Draft, t tooling, stream bool) {
	req := d.Request
	if req.Seed != nil {
		f.Fail(wire.Unsupported("the API has no seed (Seed)"))
	}
	if slices.ContainsFunc(req.Stop, func(s string) bool { return strings.TrimSpace(s) == "" }) {
		f.Fail(wire.Unsupported("the API refuses a stop sequence of only white space (Stop)"))
	}
	f.MaxTokens("max_tokens", cmp.Or(req.MaxOutputTokens, c.maxTokens))
	f.Float("temperature", req.Temperature)
	f.Float("top_p", req.TopP)
	f.Texts("stop_sequences", req.Stop)
	if stream {
		f.Bool("stream", true)
	}
	if d.HasTools {
		f.Object("tool_choice", toolChoice(d.Choice, req))
	}
	if c.thinking != 0 && !t.forced && !c.openElsewhere(req.Messages) && f.Begin("thinking") {
		f.B = fmt.Appendf(f.B, `{"type":"enabled","budget_tokens":%d}`, c.thinking)
	}
	f.Nested("output_config", func(f *wire.Fields) {
		f.Text("effort", req.ReasoningEffort)
		if err := format(f, req.OutputSchema); err != nil {
			f.Fail(fmt.Errorf("output schema: %w", err))
		}
	})
}

// openElsewhere reports whether the open turn has calls that a model made without thinking, or
// another model made. The API allows thinking in the middle of a turn only if the turn began
// with it. A turn is open until the model answers, even if the user wrote more.
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

// format asks for a structured output. If the API cannot enforce the schema, the error is of
// kind unsupported, and an agent asks for a tool call instead.
func format(f *wire.Fields, o *provider.OutputSchema) error {
	if o == nil {
		return nil
	}
	if len(o.Schema) == 0 || !json.Valid(o.Schema) {
		_, err := wire.Schema(o.Schema)
		return err
	}
	if !wiretool.Anthropic.Fits(o.Schema) {
		return wire.NoFit
	}
	schema, err := dialect.AnthropicStrict(o.Schema)
	if err != nil {
		return wire.Unsupported(err.Error())
	}
	f.Raw("format", `{"type":"json_schema","schema":`+string(schema)+"}")
	return nil
}
