package openai

import (
	"encoding/json"
	"strings"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiremedia"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// messageEncoder returns the encoder of messages. It writes input items, each with a comma
// before it. If stored is true, the request is stored at the server, and may refer to items
// stored before.
func (r *Responses) messageEncoder(stored bool) wire.Encoder[provider.Message] {
	key := r.base.Owner.String()
	if stored {
		key += "|stored"
	}
	messages := &wire.Messages{
		Media:     checkInput,
		System:    func(m *provider.Message) []byte { return appendMessage(nil, "system", m.Text()) },
		User:      userItem,
		Assistant: func(m *provider.Message) []byte { return r.outputItems(m, stored) },
		Results:   resultItems,
	}
	return wire.Encoder[provider.Message]{Key: key, Encode: messages.Encode}
}

// appendMessage appends a message with one text.
func appendMessage(b []byte, role, text string) []byte {
	b = append(b, `,{"type":"message","role":"`+role+`","content":`...)
	return append(jsontree.AppendString(b, text), '}')
}

func userItem(m *provider.Message) []byte {
	if !wire.HasMedia(m.Parts) {
		return appendMessage(nil, "user", m.Text())
	}
	b := []byte(`,{"type":"message","role":"user","content":`)
	return append(appendInput(b, m.Parts), '}')
}

// checkInput returns an error if media cannot be sent.
func checkInput(p provider.Media) error {
	switch {
	case len(p.Data) == 0 && p.URL == "":
		return wiremedia.ErrNone
	case strings.HasPrefix(p.MIME, "image/"), p.MIME == pdf:
		return nil
	}
	return wire.NoMedia(p, "the Responses API", "images and PDFs")
}

// appendInput appends texts and media as a list of content. There must be media.
func appendInput(b []byte, parts []provider.Part) []byte {
	sep := byte('[')
	for _, p := range parts {
		switch p := p.(type) {
		case provider.Text:
			if p.Text == "" { // servers refuse an empty text
				continue
			}
			b = append(b, sep)
			b = append(b, `{"type":"input_text","text":`...)
			b = jsontree.AppendString(b, p.Text)
		case provider.Media:
			b = append(b, sep)
			switch {
			case p.MIME != pdf:
				b = append(b, `{"type":"input_image","detail":"auto","image_url":`...)
			case len(p.Data) > 0:
				b = append(b, `{"type":"input_file","filename":"document.pdf","file_data":`...)
			default:
				b = append(b, `{"type":"input_file","file_url":`...)
			}
			b = jsontree.AppendString(b, wire.DataURL(p))
		default:
			continue
		}
		b = append(b, '}')
		sep = ','
	}
	return append(b, ']')
}

// itemState is the State of a text: the other members of its item. If the item had more than
// that, the State is the whole item, as for reasoning. The State of a call is an object of the
// other members of its item.
type itemState struct {
	Type   string `json:"type,omitempty"`
	ID     string `json:"id,omitempty"`
	Status string `json:"status,omitempty"`
	Phase  string `json:"phase,omitempty"`
}

// outputItems returns a model's output in order. The API accepts a reasoning item only
// together with the item that it led to, and that item under its ID only together with the
// reasoning. So what follows reasoning that is left out is sent without an ID, as if another
// model had written it.
func (r *Responses) outputItems(m *provider.Message, stored bool) []byte {
	var b, held []byte // held are reasoning items without a following item so far
	ours := true       // no reasoning was left out
	add := func(item []byte) {
		b = append(append(b, held...), item...)
		held = nil
	}
	for _, p := range m.Parts {
		switch p := p.(type) {
		case provider.Reasoning:
			if ours = r.takes(p, stored); ours {
				held = append(append(held, ','), p.State.Data...)
			}
		case provider.ServerCall:
			if item := r.serverItem(p, ours); item != nil {
				add(item)
			}
		case provider.Native:
			if ours && r.base.Owner.Made(p.State) {
				add(append([]byte{','}, p.State.Data...))
			}
		case provider.Text:
			if item := r.textItem(p, ours); item != nil {
				add(item)
			}
		case provider.ToolCall:
			add(r.callItem(p, ours))
		case provider.Media: // made by another API's model
			add(appendMessage(nil, "assistant", "["+wire.Describe(p)+"]"))
		}
	}
	return b
}

// serverItem returns the item of a server-side tool, or a message that tells another model what
// the tool did.
func (r *Responses) serverItem(p provider.ServerCall, ours bool) []byte {
	if ours && r.base.Owner.Made(p.State) {
		if len(p.State.Data) == 0 {
			return nil
		}
		return append([]byte{','}, p.State.Data...)
	}
	told := wire.Told(p)
	if told == "" {
		return nil
	}
	return appendMessage(nil, "assistant", told)
}

// takes reports whether reasoning may be sent. It is encrypted for the model that made it; for
// another one the API returns "invalid_encrypted_content". An item that is only an ID in the
// server's store is found only by a request that is stored too ("Items are not persisted when
// `store` is set to false").
func (r *Responses) takes(p provider.Reasoning, stored bool) bool {
	if !r.base.Owner.Made(p.State) {
		return false
	}
	var item struct {
		Content   []json.RawMessage `json:"content"`
		Encrypted string            `json:"encrypted_content"`
	}
	return stored || json.Unmarshal(p.State.Data, &item) == nil && (len(item.Content) > 0 || item.Encrypted != "")
}

// state returns what this server wants back with a part.
func (r *Responses) state(s provider.State) (state itemState) {
	if !r.base.Owner.Made(s) || json.Unmarshal(s.Data, &state) != nil {
		return itemState{}
	}
	return state
}

func (r *Responses) textItem(p provider.Text, ours bool) []byte {
	var state itemState
	if ours {
		state = r.state(p.State)
	}
	switch {
	case state.Type != "": // the unchanged item
		return append([]byte{','}, p.State.Data...)
	case state.ID == "" && p.Text == "":
		return nil
	case state.ID == "":
		return appendMessage(nil, "assistant", p.Text)
	}
	b := []byte(`,{"type":"message","role":"assistant","content":[{"type":"output_text","annotations":[],"text":`)
	b = append(jsontree.AppendString(b, p.Text), "}]"...)
	return append(appendState(b, state), '}')
}

func (r *Responses) callItem(p provider.ToolCall, ours bool) []byte {
	args, state := wiretool.Sent(p, r.base.Owner)
	b := []byte(`,{"type":"function_call","call_id":`)
	b = jsontree.AppendString(b, p.ID)
	b = append(b, `,"name":`...)
	b = jsontree.AppendString(b, wiretool.OpenAI.Name(p.Name))
	b = append(b, `,"arguments":`...)
	b = jsontree.AppendString(b, wire.Args(args))
	if more, err := wire.ExtraMembers(nil, state, callFields); err == nil && ours {
		b = more.Append(b)
	}
	return append(b, '}')
}

func appendState(b []byte, s itemState) []byte {
	f := &wire.Fields{B: b}
	f.Text("id", s.ID)
	f.Text("status", s.Status)
	f.Text("phase", s.Phase)
	return f.B
}

// resultItems writes one item for each result. The API has no flag for a failed call, so the
// text says it.
func resultItems(m *provider.Message) []byte {
	var b []byte
	for r := range wire.Results(m) {
		text := r.Text()
		b = wire.GrowResult(b, text)
		b = append(b, `,{"type":"function_call_output","call_id":`...)
		b = jsontree.AppendString(b, r.CallID)
		b = append(b, `,"output":`...)
		failed := ""
		if r.IsError {
			failed = "Error: "
		}
		switch media := wire.HasMedia(r.Parts); {
		case media && failed != "":
			b = appendInput(b, append([]provider.Part{provider.Text{Text: failed}}, r.Parts...))
		case media:
			b = appendInput(b, r.Parts)
		default:
			b = jsontree.AppendString(b, failed+text)
		}
		b = append(b, '}')
	}
	return b
}
