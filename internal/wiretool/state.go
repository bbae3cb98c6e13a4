package wiretool

import (
	"bytes"
	"encoding/json"

	"github.com/funcall/funcall/internal/jsonscan"
	"github.com/funcall/funcall/internal/jsontree"
	"github.com/funcall/funcall/provider"
)

// argsMember begins the State of a call whose arguments differ on the wire: it
// holds those, ahead of what the adapter keeps there. So a past turn goes back as
// the model wrote it, even if its tool is gone.
const argsMember = `{"wire_args":`

// keep returns the State with the arguments that the model wrote.
func keep(s provider.State, owner, args string) provider.State {
	data := jsontree.AppendString([]byte(argsMember), args)
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

// Sent returns the arguments of a past call as they are sent to owner, and what
// else the call's State holds for it.
func Sent(c provider.ToolCall, owner string) (args string, rest json.RawMessage) {
	if c.State.Owner != owner {
		return c.Args, nil
	}
	data := c.State.Data
	if !bytes.HasPrefix(data, []byte(argsMember)) {
		return c.Args, data
	}
	var s jsonscan.Scanner
	s.Reset(data[len(argsMember):])
	text, ok := s.Bytes()
	if !ok {
		return c.Args, data
	}
	if tail := s.Rest(); len(tail) > 0 && tail[0] == ',' {
		rest = append(json.RawMessage{'{'}, tail[1:]...)
	}
	return string(text), rest
}
