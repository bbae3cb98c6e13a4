package golden

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"github.com/funcall/funcall/provider"
)

func partNodes(parts []provider.Part) []*node {
	var nodes []*node
	for _, p := range parts {
		nodes = append(nodes, partNode(p))
	}
	return nodes
}

func partNode(p provider.Part) *node {
	switch p := p.(type) {
	case provider.Text:
		if p.State.IsZero() {
			return leaf("text", p.Text)
		}
		return withState(branch("text").add(leaf("text", p.Text)), p.State)
	case provider.Reasoning:
		if p.State.IsZero() && !p.Redacted {
			return leaf("reasoning", p.Text)
		}
		n := branch("reasoning").add(leaf("text", p.Text))
		if p.Redacted {
			n.add(leaf("redacted", "yes"))
		}
		return withState(n, p.State)
	case provider.Media:
		n := branch("media", p.MIME)
		n.addText("url", p.URL)
		n.addText("data", wrap(base64.StdEncoding.EncodeToString(p.Data)))
		return withState(n, p.State)
	case provider.ToolCall:
		n := branch("call", p.ID, p.Name).add(leaf("args", p.Args))
		n.addText("raw_id", p.RawID)
		return withState(n, p.State)
	case provider.ToolResult:
		n := branch("result", p.CallID, p.Name)
		if p.IsError {
			n.args = append(n.args, "error")
		}
		return n.add(partNodes(p.Parts)...)
	case provider.Native:
		return leaf("native", string(p.State.Data), p.State.Owner)
	}
	return branch("nothing")
}

func withState(n *node, s provider.State) *node {
	if !s.IsZero() {
		n.add(leaf("state", string(s.Data), s.Owner))
	}
	return n
}

// wrap cuts what has no spaces into lines.
func wrap(s string) string {
	var lines []string
	for chunk := range slices.Chunk([]byte(s), 76) {
		lines = append(lines, string(chunk))
	}
	return strings.Join(lines, "\n")
}

// content reads a part, or the state of the message itself, into m.
func (d *decoder) content(kid, in *node, m *provider.Message) {
	if kid.key == "message_state" {
		m.State = d.state(kid)
		return
	}
	if p := d.part(kid, in); p != nil {
		m.Parts = append(m.Parts, p)
	}
}

// part reads one part, which stands below in; nil where it is none.
func (d *decoder) part(n, in *node) provider.Part {
	switch n.key {
	case "text":
		if n.leaf {
			return provider.Text{Text: d.value(n)}
		}
		var p provider.Text
		if d.shape(n, false, 0, 0) {
			d.fields(n, map[string]*string{"text": &p.Text}, &p.State)
		}
		return p
	case "reasoning":
		if n.leaf {
			return provider.Reasoning{Text: d.value(n)}
		}
		var p provider.Reasoning
		var redacted string
		if d.shape(n, false, 0, 0) {
			d.fields(n, map[string]*string{"text": &p.Text, "redacted": &redacted}, &p.State)
		}
		if p.Redacted = redacted == "yes"; redacted != "" && !p.Redacted {
			d.fail(n, "%q can only be %q", "redacted", "yes")
		}
		return p
	case "media":
		var p provider.Media
		var data string
		if !d.shape(n, false, 1, 1) {
			return p
		}
		p.MIME = n.args[0]
		d.fields(n, map[string]*string{"url": &p.URL, "data": &data}, &p.State)
		b, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(data, "\n", ""))
		if err != nil {
			d.fail(n, "its data is no base64: %v", err)
		}
		if len(b) > 0 {
			p.Data = b
		}
		return p
	case "call":
		p, _ := d.call(n, false)
		return p
	case "result":
		var p provider.ToolResult
		if !d.shape(n, false, 2, 3) {
			return p
		}
		p.CallID, p.Name, p.IsError = n.args[0], n.args[1], len(n.args) > 2
		if p.IsError && n.args[2] != "error" {
			d.fail(n, "a result that is none is marked %q, not %q", "error", n.args[2])
		}
		for _, kid := range n.kids {
			if part := d.part(kid, n); part != nil {
				p.Parts = append(p.Parts, part)
			}
		}
		return p
	case "native":
		return provider.Native{State: d.state(n)}
	}
	d.unknown(n, in)
	return nil
}

// fields reads the lines below a part.
func (d *decoder) fields(n *node, texts map[string]*string, state *provider.State) {
	for _, kid := range n.kids {
		switch to := texts[kid.key]; {
		case to != nil:
			*to = d.value(kid)
		case kid.key == "state":
			*state = d.state(kid)
		default:
			d.unknown(kid, n)
		}
	}
}

func (d *decoder) state(n *node) provider.State {
	if !d.shape(n, true, 1, 1) {
		return provider.State{}
	}
	s := provider.State{Owner: n.args[0]}
	if n.value != "" {
		s.Data = json.RawMessage(n.value)
	}
	return s
}
