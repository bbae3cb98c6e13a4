package gemini

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiremedia"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// noSignature is what the API documents for calls that it has not signed: those
// of another model. It is sent with the first call of a turn.
const noSignature = "skip_thought_signature_validator"

// encodeNew returns the parts of a message, each with a comma ahead of it.
func (c *Client) encodeNew(m *provider.Message) ([]byte, error) {
	m, err := wiremedia.InlineAll(m)
	if err != nil {
		return nil, err
	}
	switch m.Role {
	case provider.RoleSystem, provider.RoleUser:
		return c.encodeUser(m)
	case provider.RoleAssistant:
		return c.encodeModel(m)
	case provider.RoleTool:
		return c.encodeResults(m)
	}
	return nil, fmt.Errorf("unknown role %q; use system, user, assistant or tool", m.Role)
}

func (c *Client) encodeUser(m *provider.Message) ([]byte, error) {
	var b []byte
	for i, p := range m.Parts {
		switch p := p.(type) {
		case provider.Text:
			if p.Text != "" { // which the API refuses
				b = appendText(b, p.Text)
			}
		case provider.Native: // it is never ours, so that it is left out
		case provider.Media:
			if m.Role == provider.RoleSystem {
				return nil, wire.Misplaced(m, i, p)
			}
			if err := checkMedia(p); err != nil {
				return nil, fmt.Errorf("part %d: %w", i, err)
			}
			b = append(appendMedia(append(b, ",{"...), p), '}')
		default:
			return nil, wire.Misplaced(m, i, p)
		}
	}
	if b == nil {
		b = appendText(b, " ") // the user said something, be it nothing
	}
	return b, nil
}

func appendText(b []byte, text string) []byte {
	b = append(b, `,{"text":`...)
	return append(jsontree.AppendString(b, text), '}')
}

// signature is the State of a part.
type signature struct {
	ThoughtSignature string `json:"thoughtSignature"`
}

// encodeModel returns what a model said. Thoughts are not sent back, except for
// one that carries a signature.
func (c *Client) encodeModel(m *provider.Message) ([]byte, error) {
	var b []byte
	signed := !c.signed || c.base.Owner.Made(m.State)
	for i, p := range m.Parts {
		switch p := p.(type) {
		case provider.Text:
			if sig := c.signature(p.State); p.Text != "" || sig != "" {
				b = append(b, `,{"text":`...)
				b = jsontree.AppendString(b, p.Text)
				b = appendSignature(b, sig)
			}
		case provider.Reasoning:
			if sig := c.signature(p.State); sig != "" {
				b = append(b, `,{"text":`...)
				b = jsontree.AppendString(b, p.Text)
				b = append(b, `,"thought":true`...)
				b = appendSignature(b, sig)
			}
		case provider.ToolCall:
			args, _ := wiretool.Sent(p, c.base.Owner)
			sig := c.signature(p.State)
			if sig == "" && !signed {
				sig = noSignature
			}
			signed = true
			b = append(b, `,{"functionCall":{`...)
			b = c.appendCallID(b, p.ID)
			b = append(b, `"name":`...)
			b = jsontree.AppendString(b, wiretool.Gemini.Name(p.Name))
			b = append(b, `,"args":`...)
			b = append(b, wire.ArgsObject(args)...)
			b = append(b, '}')
			b = appendSignature(b, sig)
		case provider.Media:
			if err := checkMedia(p); err != nil {
				b = appendText(b, "["+wire.Describe(p)+"]") // another API's model made it
				break
			}
			b = appendMedia(append(b, ",{"...), p)
			b = appendSignature(b, c.signature(p.State))
		case provider.Native:
			if c.base.Owner.Made(p.State) {
				b = append(append(b, ','), p.State.Data...)
			}
		default:
			return nil, wire.Misplaced(m, i, p)
		}
	}
	return b, nil
}

// signature returns the signature that this model gave a part, if it did.
func (c *Client) signature(s provider.State) string {
	var sig signature
	if !c.base.Owner.Made(s) || json.Unmarshal(s.Data, &sig) != nil {
		return ""
	}
	return sig.ThoughtSignature
}

// appendSignature closes a part, with its signature if it has one.
func appendSignature(b []byte, sig string) []byte {
	if sig != "" {
		b = append(b, `,"thoughtSignature":`...)
		b = jsontree.AppendString(b, sig)
	}
	return append(b, '}')
}

// appendCallID appends the id of a call. Calls and results have the same, which
// is the model's own unless the agent had to replace it.
func (c *Client) appendCallID(b []byte, id string) []byte {
	if c.noIDs || id == "" {
		return b
	}
	b = append(b, `"id":`...)
	return append(jsontree.AppendString(b, id), ',')
}

// encodeResults returns the results of a turn's calls. They are sent as text,
// also where they are JSON: the API reads the numbers of an object as floating
// point, which has no place for long ones.
func (c *Client) encodeResults(m *provider.Message) ([]byte, error) {
	var b, behind []byte
	for i, p := range m.Parts {
		r, ok := p.(provider.ToolResult)
		if !ok {
			return nil, wire.Misplaced(m, i, p)
		}
		var media []byte
		for j, q := range r.Parts {
			switch q := q.(type) {
			case provider.Text:
			case provider.Media:
				if err := checkMedia(q); err != nil {
					return nil, fmt.Errorf("part %d, the result of %q, part %d: %w", i, r.Name, j, err)
				}
				media = append(appendMedia(append(media, ",{"...), q), '}')
			default:
				return nil, wire.MisplacedInResult(i, r, j, q)
			}
		}
		b = append(b, `,{"functionResponse":{`...)
		b = c.appendCallID(b, r.CallID)
		b = append(b, `"name":`...)
		b = jsontree.AppendString(b, wiretool.Gemini.Name(r.Name))
		if r.IsError {
			b = append(b, `,"response":{"error":`...)
		} else {
			b = append(b, `,"response":{"output":`...)
		}
		b = append(jsontree.AppendString(b, r.Text()), '}')
		switch {
		case media == nil:
		case c.signed:
			b = append(append(append(b, `,"parts":[`...), media[1:]...), ']')
		default: // models that take no media in a result take them beside it
			behind = appendText(behind, wire.WhoseMedia(r))
			behind = append(behind, media...)
		}
		b = append(b, "}}"...)
	}
	return append(b, behind...), nil
}

// checkMedia says what keeps media from being sent.
func checkMedia(p provider.Media) error {
	switch kind, _, _ := strings.Cut(p.MIME, "/"); {
	case len(p.Data) == 0 && p.URL == "":
		return wiremedia.ErrNone
	case kind == "image", kind == "audio", kind == "video", kind == "text", p.MIME == "application/pdf":
		return nil
	}
	return wire.NoMedia(p, "the API", "images, audio, video, text and PDFs")
}

// appendMedia appends the member of a part that holds media.
func appendMedia(b []byte, p provider.Media) []byte {
	field, content := `"inlineData":{"mimeType":`, `,"data":`
	text := ""
	if len(p.Data) > 0 {
		text = base64.StdEncoding.EncodeToString(p.Data)
	} else {
		field, content, text = `"fileData":{"mimeType":`, `,"fileUri":`, p.URL
	}
	b = jsontree.AppendString(append(b, field...), p.MIME)
	b = jsontree.AppendString(append(b, content...), text)
	return append(b, '}')
}
