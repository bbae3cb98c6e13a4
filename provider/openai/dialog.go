package openai

import (
	"bytes"
	"slices"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/provider"
)

// A dialog joins the encoded messages of a conversation. It merges adjacent user messages,
// which many chat templates refuse; a failed turn leaves two. Its methods take the pieces of
// the body and return them: a dialog that kept them would move a short list to the heap.
type dialog struct {
	comma     bool // the next message needs a comma
	alternate bool // see Quirks.AlternateRoles
	last      provider.Role
	users     int // how many of the last pieces are user messages, not merged yet
}

var (
	userHead  = []byte(`,{"role":"user","content":`)
	textHead  = []byte(`{"type":"text","text":`)
	blankLine = []byte(`\n\n`)
	// Fillers between messages if the roles must alternate.
	silence = []byte(`,{"role":"user","content":"(nothing)"}`)
	goOn    = []byte(`,{"role":"user","content":"Go on."}`)
	noted   = []byte(`,{"role":"assistant","content":"Noted."}`)
)

// add adds the encoding of a message. Media of tool results follow the results, in a user
// message.
func (d *dialog) add(list [][]byte, m *provider.Message, encoded []byte) [][]byte {
	role := m.Role
	switch role {
	case provider.RoleSystem:
		if d.alternate {
			role = provider.RoleUser
		}
	case provider.RoleTool:
		if i := bytes.Index(encoded, userHead); i >= 0 { // no JSON string contains it
			list = d.put(list, role, encoded[:i])
			role, encoded = provider.RoleUser, encoded[i:]
		}
	}
	return d.put(list, role, encoded)
}

// put adds the content of a role.
func (d *dialog) put(list [][]byte, role provider.Role, encoded []byte) [][]byte {
	if len(encoded) == 0 {
		return list
	}
	if role == provider.RoleUser {
		if d.alternate && d.last == provider.RoleTool {
			list = d.append(list, noted)
		}
		d.users++
		d.last = role
		return append(list, encoded)
	}
	list = d.flush(list)
	if d.alternate && role == provider.RoleAssistant {
		switch d.last {
		case "":
			list = d.append(list, silence)
		case provider.RoleAssistant:
			list = d.append(list, goOn)
		}
	}
	d.last = role
	return d.append(list, encoded)
}

// end ends the conversation. Afterwards d.comma reports whether the next member needs a comma.
func (d *dialog) end(list [][]byte) [][]byte {
	list = d.flush(list)
	if d.alternate && d.last == provider.RoleAssistant {
		list = d.append(list, goOn)
	}
	return list
}

func (d *dialog) append(list [][]byte, encoded []byte) [][]byte {
	list, d.comma = wire.AddElement(list, encoded, d.comma)
	return list
}

// flush merges the user messages at the end.
func (d *dialog) flush(list [][]byte) [][]byte {
	start := len(list) - d.users
	users := list[start:]
	d.users = 0
	switch len(users) {
	case 0:
		return list
	case 1:
		return d.append(list[:start], users[0])
	}
	return d.join(list[:start], slices.Clone(users))
}

// join appends the user messages as one: as a text with blank lines if all are texts, and
// otherwise as a list of parts. It changes contents.
func (d *dialog) join(list, contents [][]byte) [][]byte {
	parts := false
	for i, m := range contents {
		contents[i] = m[len(userHead) : len(m)-1]
		parts = parts || contents[i][0] == '['
	}
	contents = slices.DeleteFunc(contents, func(c []byte) bool { return len(c) == len(`""`) })
	list = d.append(list, userHead)
	switch {
	case len(contents) == 0:
		return append(list, []byte(`""}`))
	case parts:
		sep := []byte("[")
		for _, c := range contents {
			list = append(list, sep)
			sep = []byte(",")
			if c[0] == '[' {
				list = append(list, c[1:len(c)-1])
			} else {
				list = append(list, textHead, c, []byte("}"))
			}
		}
		return append(list, []byte("]}"))
	}
	for i, c := range contents {
		if i == 0 {
			list = append(list, c[:len(c)-1])
		} else {
			list = append(list, blankLine, c[1:len(c)-1])
		}
	}
	return append(list, []byte(`"}`))
}
