package openai

import (
	"github.com/funcall/funcall/internal/adapter/client"
	"github.com/funcall/funcall/internal/adapter/httpapi"
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

var responsesForm = wire.Form{
	Reserved: []string{"model", "input", "instructions", "stream"},
	Choice:   form.Choice,
	OfTools:  form.OfTools,
	ToolName: form.ToolName,
}

// encode returns the body of a request; see [Client.encode].
func (r *Responses) encode(req *provider.Request, stream bool) (*httpapi.Body, error) {
	d, err := responsesForm.Draft(req, r.base.Extra, r.allowedTools, r.base.Server...)
	if err != nil {
		return nil, err
	}
	messages := r.messages
	if store, _ := d.Extra.Take("store"); string(store) == "true" {
		messages = r.stored
	}
	body := httpapi.NewBody()
	list := append(body.Pieces(5+d.Pieces()), r.base.Head.Bytes(d.System.Shared, r.newHead))
	list = appendInstructions(list, d.System)
	comma := false
	for i := range d.Messages {
		encoded, err := d.Message(i, messages)
		if err != nil {
			return nil, err
		}
		list, comma = wire.AddElement(list, encoded, comma)
	}
	if list, err = appendTools(list, &d, r.tools); err != nil {
		return nil, err
	}
	f := d.Settings(body.Tail())
	r.appendSettings(f, &d, stream)
	return client.End(body, list, f)
}

// newHead returns the beginning of a body, up to the end of the shared instructions.
func (r *Responses) newHead(shared string) []byte {
	b := append([]byte(nil), `{"model":`...)
	b = jsontree.AppendString(b, r.base.Model)
	if shared != "" {
		b = wire.AppendOpen(append(b, beforeSystem...), shared)
	}
	return b
}

var (
	beforeSystem = []byte(`,"instructions":`)
	beforeInput  = []byte(`,"input":[`)
	closingQuote = []byte(`"`)
)

// appendInstructions adds the conversation's own instructions to the pieces of a body, and
// begins its input.
func appendInstructions(list [][]byte, system wire.Instructions) [][]byte {
	switch {
	case system.Empty():
	case system.Shared == "":
		list = append(list, beforeSystem, jsontree.AppendString(nil, system.Own))
	case system.Own == "":
		list = append(list, closingQuote)
	default:
		list = append(list, wire.Rest(system.Own))
	}
	return append(list, beforeInput)
}

func (r *Responses) appendSettings(f *wire.Fields, d *wire.Draft, stream bool) {
	req := d.Request
	if stream {
		f.Bool("stream", true)
	}
	f.Bool("store", false)
	if r.include != "" {
		f.Raw("include", r.include)
	}
	flat.appendSettings(f, d, "max_output_tokens")
	if len(req.Stop) > 0 {
		f.Fail(wire.Unsupported("the Responses API has no stop sequences (Stop)"))
	}
	if req.Seed != nil {
		f.Fail(wire.Unsupported("the Responses API has no seed (Seed)"))
	}
	f.Nested("reasoning", func(f *wire.Fields) { f.Text("effort", req.ReasoningEffort) })
	f.Nested("text", func(f *wire.Fields) { flat.appendOutput(f, "format", req.OutputSchema, r.strict) })
}
