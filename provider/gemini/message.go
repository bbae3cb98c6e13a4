package gemini

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiremedia"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// noSignature is the placeholder that the API documents for calls that it did not sign, such
// as those of another model. It is sent with the first call of a turn.
const noSignature = "skip_thought_signature_validator"

// messageEncoder returns the encoder of messages. It writes parts, each with a comma before
// it.
func (c *Client) messageEncoder() wire.Encoder[provider.Message] {
	key := c.base.Owner.String()
	if c.noIDs {
		key += "|no ids"
	}
	messages := &wire.Messages{Media: checkMedia, System: userParts, User: userParts, Assistant: c.modelParts, Results: c.resultParts}
	return wire.Encoder[provider.Message]{Key: key, Encode: messages.Encode}
}

func userParts(m *provider.Message) []byte {
	var b []byte
	for _, p := range m.Parts {
		switch p := p.(type) {
		case provider.Text:
			if p.Text != "" { // which the API refuses
				b = appendText(b, p.Text)
			}
		case provider.Media:
			b = append(appendMedia(append(b, ",{"...), p), '}')
		}
	}
	if b == nil {
		b = appendText(b, " ") // keep the turn of a user who wrote nothing
	}
	return b
}

func appendText(b []byte, text string) []byte {
	b = append(b, `,{"text":`...)
	return append(jsontree.AppendString(b, text), '}')
}

// A signature is the State of a part.
type signature struct {
	ThoughtSignature string `json:"thoughtSignature"`
}

// modelParts returns a model's output. Thoughts are sent back only if they carry a signature.
func (c *Client) modelParts(m *provider.Message) []byte {
	var b []byte
	signed := !c.signed || c.base.Owner.Made(m.State)
	for _, p := range m.Parts {
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
			b = append(b, wire.Args(args)...)
			b = append(b, '}')
			b = appendSignature(b, sig)
		case provider.Media:
			if err := checkMedia(p); err != nil {
				b = appendText(b, "["+wire.Describe(p)+"]") // made by another API's model
				break
			}
			b = appendMedia(append(b, ",{"...), p)
			b = appendSignature(b, c.signature(p.State))
		case provider.ServerCall:
			switch {
			case !c.base.Owner.Made(p.State):
				if told := wire.Told(p); told != "" {
					b = appendText(b, told)
				}
			case len(p.State.Data) > 0:
				b = append(append(b, ','), p.State.Data...)
			}
		case provider.Native:
			if c.base.Owner.Made(p.State) {
				b = append(append(b, ','), p.State.Data...)
			}
		}
	}
	return b
}

// signature returns the signature that this model gave a part, or "".
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

// appendCallID appends the ID of a call. Call and result have the same: the model's own,
// unless the agent replaced it.
func (c *Client) appendCallID(b []byte, id string) []byte {
	if c.noIDs || id == "" {
		return b
	}
	b = append(b, `"id":`...)
	return append(jsontree.AppendString(b, id), ',')
}

// resultParts returns the results of a turn's calls. They are sent as text even if they are
// JSON: in an object the API reads numbers as floating point and loses digits.
func (c *Client) resultParts(m *provider.Message) []byte {
	var b, behind []byte
	for r := range wire.Results(m) {
		var media []byte
		for _, p := range r.Parts {
			if p, ok := p.(provider.Media); ok {
				media = append(appendMedia(append(media, ",{"...), p), '}')
			}
		}
		text := r.Text()
		b = wire.GrowResult(b, text)
		b = append(b, `,{"functionResponse":{`...)
		b = c.appendCallID(b, r.CallID)
		b = append(b, `"name":`...)
		b = jsontree.AppendString(b, wiretool.Gemini.Name(r.Name))
		if r.IsError {
			b = append(b, `,"response":{"error":`...)
		} else {
			b = append(b, `,"response":{"output":`...)
		}
		b = append(jsontree.AppendString(b, text), '}')
		switch {
		case media == nil:
		case c.signed:
			b = append(append(append(b, `,"parts":[`...), media[1:]...), ']')
		default: // for models that accept no media in a result, next to it
			behind = appendText(behind, wire.WhoseMedia(r))
			behind = append(behind, media...)
		}
		b = append(b, "}}"...)
	}
	return append(b, behind...)
}

// checkMedia returns an error if media cannot be sent.
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
