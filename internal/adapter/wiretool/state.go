package wiretool

import (
	"bytes"
	"encoding/json"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// argsMember is a member of the State of a call whose arguments differ on the wire. It holds
// the arguments as the model wrote them, next to the adapter's own data. So a past turn is
// sent back unchanged, even if its tool is gone.
const argsMember = "wire_args"

// keep returns the State with the arguments that the model wrote.
func keep(s provider.State, owner, args string) provider.State {
	data := jsontree.AppendString([]byte(`{"`+argsMember+`":`), args)
	if rest := bytes.TrimSpace(s.Data); len(rest) > 0 && rest[0] == '{' {
		if rest = bytes.TrimSpace(rest[1:]); rest[0] != '}' {
			data = append(data, ',')
		}
		data = append(data, rest...)
	} else {
		data = append(data, '}')
	}
	return provider.State{Owner: owner, Data: data}
}

// Sent returns the arguments of a past call as they are sent to a model, and the rest of the
// call's State. The arguments on the wire are the same for all models of a server; the rest is
// only for the model that made the call. A store may have reordered the members of the State.
func Sent(c provider.ToolCall, to wire.Owner) (args string, rest json.RawMessage) {
	args, rest = wireArgs(c, to)
	if !to.Made(c.State) {
		rest = nil
	}
	return args, rest
}

// wireArgs takes the arguments out of a State.
func wireArgs(c provider.ToolCall, to wire.Owner) (args string, rest json.RawMessage) {
	if !to.MadeByServer(c.State) {
		return c.Args, nil
	}
	data := c.State.Data
	if !bytes.Contains(data, []byte(`"`+argsMember+`"`)) {
		return c.Args, data
	}
	var s jsonscan.Scanner
	s.Reset(data)
	found := false
	for key := range s.Object() {
		if string(key) == argsMember && s.Kind() == '"' && !found {
			text, _ := s.Bytes()
			args, found = string(text), true
			continue
		}
		rest = append(jsontree.AppendString(append(rest, ','), string(key)), ':')
		rest = append(rest, s.Raw()...)
	}
	if !found || s.Err() != nil {
		return c.Args, data
	}
	if len(rest) > 0 {
		rest[0] = '{'
		rest = append(rest, '}')
	}
	return args, rest
}
