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
	if len(it.name) > maxName {
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

// done takes in the whole of an item.
func (a *items) done(it *item, raw []byte) {
	made, err := decodeItem(raw)
	if err != nil {
		a.err = fmt.Errorf("an item of the output is broken: %w", err)
		return
	}
	switch it.kind {
	case "message":
		text, plain := joinContent(made.Content)
		a.restOf(it, provider.DeltaText, text)
		it.whole = text
		if it.state = wire.Compact(raw); plain {
			it.state, _ = json.Marshal(itemState{ID: made.ID, Status: made.Status, Phase: made.Phase}) // texts have a form
		}
	case "function_call":
		it.callID, it.name = made.CallID, made.Name
		it.whole = made.Arguments
		if it.whole == "" {
			it.whole = it.text.String()
		}
		if !strings.HasPrefix(it.whole, it.text.String()) { // nothing runs on a guess which of the two is meant
			a.err = fmt.Errorf("the pieces of the arguments of %q are not what its end says they are", it.name)
			return
		}
		a.restOf(it, provider.DeltaArgs, it.whole)
		it.state, _ = json.Marshal(itemState{ID: made.ID, Status: made.Status})
		if made.Status == "" || made.Status == "completed" {
			a.end(it)
		}
	case "reasoning":
		var texts []string
		for _, s := range made.Summary {
			texts = append(texts, s.Text)
		}
		text, _ := joinContent(made.Content)
		text = strings.Join(texts, string(paragraph)) + text
		a.restOf(it, provider.DeltaReasoning, text)
		it.whole, it.state = text, wire.Compact(raw)
	default:
		it.state = wire.Compact(raw)
	}
	it.done = true
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

// joinContent returns the texts of a message's content, and whether there is
// nothing else to it.
func joinContent(content json.RawMessage) (text string, plain bool) {
	var parts []struct {
		Type, Text, Refusal string
		Annotations         []json.RawMessage
	}
	if json.Unmarshal(content, &parts) != nil {
		return "", false
	}
	plain = len(parts) == 1
	for _, p := range parts {
		text += p.Text + p.Refusal
		plain = plain && p.Type == "output_text" && len(p.Annotations) == 0
	}
	return text, plain
}

// appendParts appends what the item is in a message.
func (it *item) appendParts(parts []provider.Part, owner string) []provider.Part {
	whole, state := it.whole, provider.State{Owner: owner, Data: it.state}
	if !it.done { // it never was done
		whole, state = it.text.String(), provider.State{}
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
