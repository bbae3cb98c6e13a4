package anthropic

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiremedia"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// newBlocks returns the blocks of a message, each with a comma ahead of it.
func (c *Client) newBlocks(m *provider.Message) ([]byte, error) { return c.blocks(m, true) }

// newPlainBlocks are those of a request that does not let the model think,
// although it did before: the API then refuses its thoughts.
func (c *Client) newPlainBlocks(m *provider.Message) ([]byte, error) { return c.blocks(m, false) }

func (c *Client) blocks(m *provider.Message, thoughts bool) ([]byte, error) {
	m, err := wiremedia.InlineAll(m)
	if err != nil {
		return nil, err
	}
	switch m.Role {
	case provider.RoleSystem, provider.RoleUser:
		return userBlocks(m)
	case provider.RoleAssistant:
		return c.assistantBlocks(m, thoughts)
	case provider.RoleTool:
		return resultBlocks(m)
	}
	return nil, fmt.Errorf("unknown role %q; use system, user, assistant or tool", m.Role)
}

func userBlocks(m *provider.Message) ([]byte, error) {
	var b []byte
	for i, p := range m.Parts {
		switch p := p.(type) {
		case provider.Text:
			b = appendText(b, p.Text, nil)
		case provider.Native: // it is never ours, so that it is left out
		case provider.Media:
			if m.Role == provider.RoleSystem {
				return nil, wire.Misplaced(m, i, p)
			}
			if err := checkMedia(p); err != nil {
				return nil, fmt.Errorf("part %d: %w", i, err)
			}
			b = appendMedia(b, p)
		default:
			return nil, wire.Misplaced(m, i, p)
		}
	}
	if b == nil { // the user said something, be it nothing
		b = slices.Clone(turns.Silence)
	}
	return b, nil
}

// appendText appends a text, unless there is nothing to see in it: the API
// refuses a block without a word.
func appendText(b []byte, text string, citations json.RawMessage) []byte {
	if strings.TrimSpace(text) == "" {
		return b
	}
	b = append(b, `,{"type":"text","text":`...)
	b = jsontree.AppendString(b, text)
	if citations != nil {
		b = append(b, `,"citations":`...)
		b = append(b, citations...)
	}
	return append(b, '}')
}

// blockState is the State of a part: what else its block had.
type blockState struct {
	Signature *string         `json:"signature,omitempty"` // of a thinking block; it may be empty
	Data      *string         `json:"data,omitempty"`      // of a redacted one
	Citations json.RawMessage `json:"citations,omitempty"` // of a text
	Caller    json.RawMessage `json:"caller,omitempty"`    // of a call
}

// takes reports whether what another answer was signed with may be sent. Anthropic's
// own server takes the blocks of any of its models, and leaves out by itself those
// that the model cannot read
// (https://platform.claude.com/docs/en/build-with-claude/preserved-thinking). Behind
// another server there may be models of other makers, whose signatures are refused.
func (c *Client) takes(s provider.State) bool {
	if c.atHome {
		return c.base.Owner.MadeByServer(s)
	}
	return c.base.Owner.Made(s)
}

// state returns what this server wants back with a part.
func (c *Client) state(s provider.State) (state blockState) {
	if !c.takes(s) || json.Unmarshal(s.Data, &state) != nil {
		return blockState{}
	}
	return state
}

// assistantBlocks returns what a model said. A thought that led to nothing is
// left out: the API takes none at the end of a message.
func (c *Client) assistantBlocks(m *provider.Message, thoughts bool) ([]byte, error) {
	var b []byte
	said := 0 // how much of b is up to the last block that is no thought
	for i, p := range m.Parts {
		before := len(b)
		switch p := p.(type) {
		case provider.Text:
			b = appendText(b, p.Text, c.state(p.State).Citations)
		case provider.Reasoning:
			if thoughts {
				b = appendThought(b, p.Text, c.state(p.State))
			}
			continue
		case provider.ToolCall:
			args, _ := wiretool.Sent(p, c.base.Owner)
			b = append(b, `,{"type":"tool_use","id":`...)
			b = jsontree.AppendString(b, p.ID)
			b = append(b, `,"name":`...)
			b = jsontree.AppendString(b, wiretool.Anthropic.Name(p.Name))
			b = append(b, `,"input":`...)
			b = append(b, wire.ArgsObject(args)...)
			if caller := c.state(p.State).Caller; caller != nil {
				b = append(append(b, `,"caller":`...), caller...)
			}
			b = append(b, '}')
		case provider.Native:
			if c.takes(p.State) {
				b = append(append(b, ','), p.State.Data...)
			}
		case provider.Media: // another API's model made it
			b = appendText(b, "["+wire.Describe(p)+"]", nil)
		default:
			return nil, wire.Misplaced(m, i, p)
		}
		if len(b) > before {
			said = len(b)
		}
	}
	return b[:said], nil
}

func appendThought(b []byte, text string, state blockState) []byte {
	switch {
	case state.Data != nil:
		b = append(b, `,{"type":"redacted_thinking","data":`...)
		return append(jsontree.AppendString(b, *state.Data), '}')
	case state.Signature != nil:
		b = append(b, `,{"type":"thinking","thinking":`...)
		b = jsontree.AppendString(b, text)
		b = append(b, `,"signature":`...)
		return append(jsontree.AppendString(b, *state.Signature), '}')
	}
	return b
}

func resultBlocks(m *provider.Message) ([]byte, error) {
	var b []byte
	for i, p := range m.Parts {
		r, ok := p.(provider.ToolResult)
		if !ok {
			return nil, wire.Misplaced(m, i, p)
		}
		b = append(b, `,{"type":"tool_result","tool_use_id":`...)
		b = jsontree.AppendString(b, r.CallID)
		content, err := resultContent(r)
		if err != nil {
			return nil, fmt.Errorf("part %d, the result of %q, %w", i, r.Name, err)
		}
		b = append(append(b, `,"content":`...), content...)
		if r.IsError {
			b = append(b, `,"is_error":true`...)
		}
		b = append(b, '}')
	}
	return b, nil
}

// resultContent returns a string, or blocks where there is media. A result
// without a word is an empty string: some servers refuse a result without content.
// The API wants an error to be explained.
func resultContent(r provider.ToolResult) ([]byte, error) {
	var blocks []byte
	media := false
	for j, q := range r.Parts {
		switch q := q.(type) {
		case provider.Text:
			blocks = appendText(blocks, q.Text, nil)
		case provider.Media:
			if err := checkMedia(q); err != nil {
				return nil, fmt.Errorf("part %d: %w", j, err)
			}
			blocks = appendMedia(blocks, q)
			media = true
		default:
			return nil, fmt.Errorf("part %d: a tool result cannot hold a %T", j, q)
		}
	}
	switch {
	case media:
		return append(append([]byte{'['}, blocks[1:]...), ']'), nil
	case blocks == nil && r.IsError:
		return []byte(`"Error"`), nil
	case blocks == nil:
		return []byte(`""`), nil
	}
	return jsontree.AppendString(nil, r.Text()), nil
}

// checkMedia says what keeps media from being sent.
func checkMedia(p provider.Media) error {
	switch {
	case len(p.Data) == 0 && p.URL == "":
		return wiremedia.ErrNone
	case slices.Contains([]string{"image/jpeg", "image/png", "image/gif", "image/webp", pdf}, p.MIME):
		return nil
	}
	return wire.NoMedia(p, "the API", "JPEG, PNG, GIF and WebP images, and PDFs")
}

const pdf = "application/pdf"

func appendMedia(b []byte, p provider.Media) []byte {
	kind := "image"
	if p.MIME == pdf {
		kind = "document"
	}
	b = append(b, `,{"type":"`+kind+`","source":{"type":`...)
	if len(p.Data) == 0 {
		b = append(b, `"url","url":`...)
		return append(jsontree.AppendString(b, p.URL), "}}"...)
	}
	b = append(b, `"base64","media_type":`...)
	b = jsontree.AppendString(b, p.MIME)
	b = append(b, `,"data":"`...)
	b = base64.StdEncoding.AppendEncode(b, p.Data)
	return append(b, `"}}`...)
}
