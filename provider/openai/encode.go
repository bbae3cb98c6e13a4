package openai

import (
	"github.com/funcall/funcall/internal/adapter/client"
	"github.com/funcall/funcall/internal/adapter/httpapi"
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

var form = wire.Form{
	Reserved: []string{"model", "messages", "stream", "stream_options", "n"},
	Choice:   []string{"tool_choice", "function_call"},
	OfTools:  []string{"parallel_tool_calls"},
	ToolName: wiretool.OpenAI.Name,
}

// encode returns the body of a request. Equal requests have equal bytes: members are in a
// fixed order, and past messages and tools keep their encoding.
func (c *Client) encode(req *provider.Request, stream bool) (*httpapi.Body, error) {
	d, err := form.Draft(req, c.base.Extra)
	if err != nil {
		return nil, err
	}
	body := httpapi.NewBody()
	list := append(body.Pieces(3+d.Pieces()), c.base.Head.Bytes(d.System, c.newHead))
	messages := c.messages
	if ids := c.callIDs(d.Messages); ids.round > 0 {
		messages = c.messageEncoder(ids)
	}
	row := dialog{comma: d.System != "", alternate: c.quirks.AlternateRoles}
	for i, m := range d.Messages {
		encoded, err := d.Message(i, messages)
		if err != nil {
			return nil, err
		}
		list = row.add(list, m, encoded)
	}
	if list, err = appendTools(row.end(list), &d, c.tools); err != nil {
		return nil, err
	}
	f := d.Settings(body.Tail())
	c.appendSettings(f, &d, stream)
	return client.End(body, list, f)
}

// newHead returns the beginning of a body.
func (c *Client) newHead(system string) []byte {
	b := make([]byte, 0, 128+len(c.base.Model)+len(system))
	b = append(b, `{"model":`...)
	b = jsontree.AppendString(b, c.base.Model)
	b = append(b, `,"messages":[`...)
	if system != "" {
		b = c.appendSystem(b, system)
	}
	return b
}

func (c *Client) appendSettings(f *wire.Fields, d *wire.Draft, stream bool) {
	req := d.Request
	if stream {
		f.Bool("stream", true)
		if !c.noStreamUsage {
			f.Raw("stream_options", `{"include_usage":true}`)
		}
	}
	nested.appendSettings(f, d, c.maxTokensField)
	f.Texts("stop", req.Stop)
	if req.Seed != nil {
		f.Int("seed", *req.Seed)
	}
	f.Text("reasoning_effort", req.ReasoningEffort)
	nested.appendOutput(f, "response_format", req.OutputSchema, c.strict)
}
