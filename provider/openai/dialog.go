package openai

import (
	"bytes"
	"slices"

	"github.com/funcall/funcall/internal/wire"
	"github.com/funcall/funcall/provider"
)

// A dialog puts the encoded messages of a conversation in a row. Messages of the
// user's that stand side by side become one: after a turn that failed there are
// two, which many chat templates refuse. The pieces are those that the messages
// keep.
type dialog struct {
	list      [][]byte // pieces of a body
	comma     bool     // the next message needs one
	alternate bool     // see Quirks.AlternateRoles
	last      provider.Role
	users     [][]byte // the user's messages at the end, not in the list yet
}

var (
	userHead  = []byte(`,{"role":"user","content":`)
	textHead  = []byte(`{"type":"text","text":`)
	blankLine = []byte(`\n\n`)
	// What stands between messages where the roles alternate.
	silence = []byte(`,{"role":"user","content":"(nothing)"}`)
	goOn    = []byte(`,{"role":"user","content":"Go on."}`)
	noted   = []byte(`,{"role":"assistant","content":"Noted."}`)
)

// add adds the encoding of a message.
func (d *dialog) add(m *provider.Message, encoded []byte) {
	role := m.Role
	switch {
	case role == provider.RoleSystem && d.alternate:
		role = provider.RoleUser
	case role == provider.RoleTool && holdsMedia(m): // they stand in a user's message behind the results
		results := bytes.Index(encoded, userHead)
		d.put(role, encoded[:results])
		role, encoded = provider.RoleUser, encoded[results:]
	}
	d.put(role, encoded)
}

func holdsMedia(m *provider.Message) bool {
	return slices.ContainsFunc(m.Parts, func(p provider.Part) bool {
		r, ok := p.(provider.ToolResult)
		return ok && slices.ContainsFunc(r.Parts, func(p provider.Part) bool { _, ok := p.(provider.Media); return ok })
	})
}

// put puts what a role says behind what was said before.
func (d *dialog) put(role provider.Role, encoded []byte) {
	if len(encoded) == 0 {
		return
	}
	if role == provider.RoleUser {
		if d.alternate && d.last == provider.RoleTool {
			d.append(noted)
		}
		d.users = append(d.users, encoded)
		d.last = role
		return
	}
	d.flush()
	if d.alternate && role == provider.RoleAssistant {
		switch d.last {
		case "":
			d.append(silence)
		case provider.RoleAssistant:
			d.append(goOn)
		}
	}
	d.append(encoded)
	d.last = role
}

// end returns the pieces, and whether what is appended to them needs a comma.
func (d *dialog) end() ([][]byte, bool) {
	d.flush()
	if d.alternate && d.last == provider.RoleAssistant {
		d.append(goOn)
	}
	return d.list, d.comma
}

func (d *dialog) append(encoded []byte) { d.list, d.comma = wire.AddElement(d.list, encoded, d.comma) }

// flush puts the user's messages into the list, as one.
func (d *dialog) flush() {
	if len(d.users) > 1 {
		d.join()
	} else if len(d.users) == 1 {
		d.append(d.users[0])
	}
	d.users = d.users[:0]
}

// join joins the user's messages: a text if all of them are, with blank lines
// between, and a list of parts otherwise.
func (d *dialog) join() {
	contents := d.users
	parts := false
	for i, m := range contents {
		contents[i] = m[len(userHead) : len(m)-1]
		parts = parts || contents[i][0] == '['
	}
	contents = slices.DeleteFunc(contents, func(c []byte) bool { return len(c) == len(`""`) })
	d.append(userHead)
	switch {
	case len(contents) == 0:
		d.list = append(d.list, []byte(`""}`))
	case parts:
		sep := []byte("[")
		for _, c := range contents {
			d.list = append(d.list, sep)
			sep = []byte(",")
			if c[0] == '[' {
				d.list = append(d.list, c[1:len(c)-1])
			} else {
				d.list = append(d.list, textHead, c, []byte("}"))
			}
		}
		d.list = append(d.list, []byte("]}"))
	default:
		for i, c := range contents {
			if i == 0 {
				d.list = append(d.list, c[:len(c)-1])
			} else {
				d.list = append(d.list, blankLine, c[1:len(c)-1])
			}
		}
		d.list = append(d.list, []byte(`"}`))
	}
}
