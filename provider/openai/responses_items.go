package openai

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/funcall/funcall/internal/wire"
	"github.com/funcall/funcall/provider"
)

// An item is a piece of output: a message, a call, reasoning, or something that
// only the API understands.
type item struct {
	index    int64
	hasIndex bool
	id, kind string
	callID   string // of a call, as is the name
	name     string
	call     int // which of the calls it is
	ended    bool
	text     strings.Builder // what was handed out: of a message, of a summary, of a call's arguments
	done     bool            // its own event has said all of it
	whole    string          // its text, once it is done
	state    json.RawMessage // what goes back with it
	// elsewhere says that the item is reasoning that the server's store has, if
	// it stores the response.
	elsewhere bool
}

// find returns the item that an event is about: by its index, or else its id,
// or else it is the last one. Where there is none it begins with the event.
func (a *items) find(e *event, kind string) *item {
	if it := a.known(e, kind); it != nil {
		return it
	}
	return a.begin(e, &item{kind: kind, id: string(e.id)})
}

func (a *items) known(e *event, kind string) *item {
	for i := len(a.list) - 1; i >= 0; i-- {
		it := a.list[i]
		switch {
		case e.hasIndex && it.hasIndex:
			if it.index == e.index {
				return it
			}
		case len(e.id) > 0 && it.id != "":
			if it.id == string(e.id) {
				return it
			}
		case it.kind == kind && !it.done:
			return it
		}
	}
	return nil
}

func (a *items) begin(e *event, it *item) *item {
	if len(a.list) == maxItems || it.kind == "function_call" && a.calls == maxCalls {
		a.err = fmt.Errorf("the answer has more items than any answer has")
		return nil
	}
	if it.kind == "function_call" && len(it.name) > maxName {
		a.err = fmt.Errorf("the name of a tool call is longer than %d bytes", maxName)
		return nil
	}
	it.index, it.hasIndex = e.index, e.hasIndex
	a.list = append(a.list, it)
	a.begun = true
	if it.kind == "function_call" {
		it.call = a.calls
		a.calls++
		a.Send(provider.Delta{Kind: provider.DeltaCall, Call: it.call, ID: it.callID, Name: it.name})
	}
	return it
}

// add returns the item that an event brings, which may be known already.
func (a *items) add(e *event) *item {
	var kind, id, callID, name []byte
	s := &a.scan
	s.Again(e.item, func() {
		for key := range s.Object() {
			switch string(key) {
			case "type":
				kind, _ = s.Bytes()
			case "id":
				id, _ = s.Bytes()
			case "call_id":
				callID, _ = s.Bytes()
			case "name":
				name, _ = s.Bytes()
			}
		}
	})
	if len(e.id) == 0 {
		e.id = id
	}
	if it := a.known(e, string(kind)); it != nil && !it.done && it.kind == string(kind) {
		return it
	} else if it != nil && bytes.Equal(e.id, []byte(it.id)) && it.done {
		return nil // it was done before
	}
	if len(kind) == 0 {
		return nil
	}
	return a.begin(e, &item{kind: string(kind), id: string(id), callID: string(callID), name: string(name)})
}

func (a *items) text(it *item, piece []byte) { a.grow(it, provider.DeltaText, piece) }

func (a *items) think(it *item, piece []byte) { a.grow(it, provider.DeltaReasoning, piece) }

func (a *items) arguments(it *item, piece []byte) { a.grow(it, provider.DeltaArgs, piece) }

func (a *items) grow(it *item, kind provider.DeltaKind, piece []byte) {
	if it == nil || len(piece) == 0 || it.done {
		return
	}
	if a.Emit == nil {
		it.text.Write(piece)
		return
	}
	text := string(piece)
	it.text.WriteString(text)
	a.Send(provider.Delta{Kind: kind, Text: text, Call: it.call})
}

// rest hands out what a call's arguments have beyond their pieces: servers may
// send them whole alone.
func (a *items) rest(it *item, args []byte) {
	if it != nil && len(args) > it.text.Len() && strings.HasPrefix(string(args), it.text.String()) {
		a.arguments(it, args[it.text.Len():])
	}
}

// done takes in the whole of an item. One of an unknown kind is kept as it is,
// whatever it holds.
func (a *items) done(it *item, raw []byte) {
	switch it.kind {
	case "message":
		a.doneMessage(it, raw)
	case "function_call":
		a.doneCall(it, raw)
	case "reasoning":
		text, whole := a.readReasoning(raw)
		a.restOf(it, provider.DeltaReasoning, text)
		it.whole, it.state, it.elsewhere = text, wire.Compact(raw), !whole
	default:
		it.state = wire.Compact(raw)
	}
	it.done = true
}

func (a *items) doneMessage(it *item, raw []byte) {
	made := a.readMessage(raw)
	if a.err != nil {
		return
	}
	a.restOf(it, provider.DeltaText, made.text)
	it.whole = made.text
	if it.state = wire.Compact(raw); made.plain {
		it.state, _ = json.Marshal(made.itemState) // texts have a form
	}
}

func (a *items) doneCall(it *item, raw []byte) {
	made := a.readCall(raw)
	if a.err != nil {
		return
	}
	it.callID, it.name, it.state = made.id, made.name, made.state
	it.whole = made.args
	if it.whole == "" {
		it.whole = it.text.String()
	}
	if !strings.HasPrefix(it.whole, it.text.String()) { // nothing runs on a guess which of the two is meant
		a.err = fmt.Errorf("the pieces of the arguments of %q are not what its end says they are", it.name)
		return
	}
	a.restOf(it, provider.DeltaArgs, it.whole)
	if made.status == "" || made.status == "completed" {
		a.end(it)
	}
}

// restOf hands out what the whole has beyond the pieces.
func (a *items) restOf(it *item, kind provider.DeltaKind, whole string) {
	if more, ok := strings.CutPrefix(whole, it.text.String()); ok {
		a.grow(it, kind, []byte(more))
	}
}

// end says of a call that it is complete, in the order of the calls alone.
func (a *items) end(it *item) {
	if it.ended {
		return
	}
	for _, other := range a.list {
		if other.kind == "function_call" && other.call < it.call && !other.ended {
			return
		}
	}
	it.ended = true
	a.Send(provider.Delta{Kind: provider.DeltaCallEnd, Call: it.call, ID: it.callID, Name: it.name, Text: it.whole})
}

// appendParts appends what the item is in a message. Stored says that the server
// stores the response.
func (it *item) appendParts(parts []provider.Part, owner string, stored bool) []provider.Part {
	whole, state := it.whole, provider.State{Owner: owner, Data: it.state}
	if !it.done { // it never was done
		whole = it.text.String()
	}
	if !it.done || it.elsewhere && !stored { // the server would not find it
		state = provider.State{}
	}
	switch it.kind {
	case "message":
		if whole == "" {
			return parts // nothing was said
		}
		return append(parts, provider.Text{Text: whole, State: state})
	case "function_call":
		return append(parts, provider.ToolCall{ID: it.callID, Name: it.name, Args: whole, State: state})
	case "reasoning":
		return append(parts, provider.Reasoning{Text: whole, Redacted: whole == "", State: state})
	}
	if !it.done {
		return parts
	}
	return append(parts, provider.Native{State: state})
}
