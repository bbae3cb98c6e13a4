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
	d, err := form.Draft(req, c.base.Extra, c.quirks.AllowedTools, c.base.Server...)
	if err != nil {
		return nil, err
	}
	body := httpapi.NewBody()
	list := append(body.Pieces(4+d.Pieces()), c.base.Head.Bytes(d.System.Shared, c.newHead))
	list = c.appendOwn(list, d.System)
	messages := c.messages
	if ids := c.callIDs(d.Messages); ids.round > 0 {
		messages = c.messageEncoder(ids)
	}
	row := dialog{comma: !d.System.Empty(), alternate: c.quirks.AlternateRoles}
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

// newHead returns the beginning of a body, up to the end of the shared instructions. Servers
// accept only one text of instructions, so the text goes on with the conversation's own.
func (c *Client) newHead(shared string) []byte {
	b := make([]byte, 0, 128+len(c.base.Model)+len(shared))
	b = append(b, `{"model":`...)
	b = jsontree.AppendString(b, c.base.Model)
	b = append(b, `,"messages":[`...)
	if shared != "" {
		b = wire.AppendOpen(c.beginSystem(b), shared)
	}
	return b
}

var endSystem = []byte(`"}`) // of a text

// appendOwn adds the conversation's own instructions to the pieces of a body.
func (c *Client) appendOwn(list [][]byte, system wire.Instructions) [][]byte {
	switch {
	case system.Empty():
		return list
	case system.Shared == "":
		return append(list, c.appendSystem(nil, system.Own))
	case system.Own == "":
		return append(list, endSystem)
	}
	return append(list, append(wire.Rest(system.Own), '}'))
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
	if c.search != "" && req.Choice.Mode != provider.ToolsNone {
		f.Raw(searchOptions, c.search)
	}
	nested.appendOutput(f, "response_format", req.OutputSchema, c.strict)
}
