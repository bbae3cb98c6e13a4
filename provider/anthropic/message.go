package anthropic

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiremedia"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// messageEncoder returns the encoder of messages. It writes blocks, each with a comma before
// it. If thoughts is false, earlier thinking is left out: the API refuses it in a request
// without thinking.
func (c *Client) messageEncoder(thoughts bool) wire.Encoder[provider.Message] {
	key := c.base.Owner.String()
	if !thoughts {
		key += "|plain"
	}
	messages := &wire.Messages{
		Media:     checkMedia,
		System:    userBlocks,
		User:      userBlocks,
		Assistant: func(m *provider.Message) []byte { return c.assistantBlocks(m, thoughts) },
		Results:   resultBlocks,
	}
	return wire.Encoder[provider.Message]{Key: key, Encode: messages.Encode}
}

func userBlocks(m *provider.Message) []byte {
	b := appendContent(nil, m.Parts)
	if b == nil { // keep the turn of a user who wrote nothing
		b = slices.Clone(turns.Silence)
	}
	return b
}

// appendContent appends texts and media as blocks.
func appendContent(b []byte, parts []provider.Part) []byte {
	for _, p := range parts {
		switch p := p.(type) {
		case provider.Text:
			b = appendText(b, p.Text, nil)
		case provider.Media:
			b = appendMedia(b, p)
		}
	}
	return b
}

// appendText appends a text, unless it is white space: the API refuses an empty block.
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

// blockState is the State of a part: the other members of its block.
type blockState struct {
	Signature *string         `json:"signature,omitempty"` // of a thinking block; may be empty
	Data      *string         `json:"data,omitempty"`      // of a redacted one
	Citations json.RawMessage `json:"citations,omitempty"` // of a text
	Caller    json.RawMessage `json:"caller,omitempty"`    // of a call
}

// takes reports whether signed data may be sent. Anthropic's own server accepts the blocks of
// all its models, and drops those that the model cannot read
// (https://platform.claude.com/docs/en/build-with-claude/preserved-thinking). Another server
// may have models of other vendors, whose signatures are refused.
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

// assistantBlocks returns a model's output. It leaves out thinking at the end of a message,
// which the API refuses.
func (c *Client) assistantBlocks(m *provider.Message, thoughts bool) []byte {
	var b []byte
	said := 0 // the length of b up to the last block that is not thinking
	for _, p := range m.Parts {
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
			b = append(b, wire.Args(args)...)
			if caller := c.state(p.State).Caller; caller != nil {
				b = append(append(b, `,"caller":`...), caller...)
			}
			b = append(b, '}')
		case provider.ServerCall:
			switch {
			case !c.takes(p.State):
				b = appendText(b, wire.Told(p), nil)
			case len(p.State.Data) > 0:
				b = append(append(b, ','), p.State.Data...)
			}
		case provider.Native:
			if c.takes(p.State) {
				b = append(append(b, ','), p.State.Data...)
			}
		case provider.Media: // made by another API's model
			b = appendText(b, "["+wire.Describe(p)+"]", nil)
		}
		if len(b) > before {
			said = len(b)
		}
	}
	return b[:said]
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

func resultBlocks(m *provider.Message) []byte {
	var b []byte
	for r := range wire.Results(m) {
		text := r.Text()
		b = wire.GrowResult(b, text)
		b = append(b, `,{"type":"tool_result","tool_use_id":`...)
		b = jsontree.AppendString(b, r.CallID)
		b = appendResult(append(b, `,"content":`...), r, text)
		if r.IsError {
			b = append(b, `,"is_error":true`...)
		}
		b = append(b, '}')
	}
	return b
}

// appendResult appends the content of a result with that text: a string, or blocks if there are
// media. An empty result is an empty string, because some servers refuse a result without
// content. The API requires a text for an error.
func appendResult(b []byte, r provider.ToolResult, text string) []byte {
	switch {
	case wire.HasMedia(r.Parts):
		return append(append(append(b, '['), appendContent(nil, r.Parts)[1:]...), ']')
	case strings.TrimSpace(text) != "":
		return jsontree.AppendString(b, text)
	case r.IsError:
		return append(b, `"Error"`...)
	}
	return append(b, `""`...)
}

// checkMedia returns an error if media cannot be sent.
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
