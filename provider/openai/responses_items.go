package openai

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/adapter/wire"
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
	first    string          // its text as it began, which counts if no pieces come
	text     strings.Builder // what was handed out: of a message, of a summary, of a call's arguments
	done     bool            // its own event has said all of it
	status   string          // of a call that is done
	whole    string          // its text, once it is done
	state    json.RawMessage // what goes back with it
	// elsewhere says that the item is reasoning that the server's store has, if
	// it stores the response.
	elsewhere bool
}

// find returns the item of that kind that an event is about. Where there is none
// it begins with the event.
func (a *items) find(e *event, kind string) *item {
	if it := a.known(e, kind); it != nil {
		return it
	}
	return a.begin(e, &item{kind: kind, id: string(e.id)})
}

// known returns the last item of that kind that may be the event's, or nil.
func (a *items) known(e *event, kind string) *item {
	for _, it := range slices.Backward(a.list) {
		if it.kind == kind && it.is(e) {
			return it
		}
	}
	return nil
}

// is reports whether an event is about the item: by its index, or else the ID of
// a call, or else its own ID, or else because the item is not over.
func (it *item) is(e *event) bool {
	switch {
	case e.hasIndex && it.hasIndex:
		return it.index == e.index
	case len(e.callID) > 0 && it.callID != "":
		return it.callID == string(e.callID)
	case len(e.id) > 0 && it.id != "":
		return it.id == string(e.id)
	}
	return !it.done
}

func (a *items) begin(e *event, it *item) *item {
	if len(a.list) == maxItems {
		a.err = fmt.Errorf("the response has more than %d items", maxItems)
		return nil
	}
	if it.kind == "function_call" {
		if err := wire.CheckCall(a.calls, len(it.name)); err != nil {
			a.err = err
			return nil
		}
	}
	it.index, it.hasIndex = e.index, e.hasIndex
	a.list = append(a.list, it)
	a.begun = true
	if it.kind == "function_call" {
		it.call = a.calls
		a.calls++
		a.Send(provider.Delta{Kind: provider.DeltaCallStart, Call: it.call, ID: it.callID, Name: it.name})
	}
	return it
}

// identify reads what tells the item of an event from others.
func (a *items) identify(e *event) {
	s := &a.scan
	s.Again(e.item, func() {
		for key := range s.Object() {
			switch string(key) {
			case "type":
				e.itemKind, _ = s.Bytes()
			case "id":
				if id, _ := s.Bytes(); len(e.id) == 0 {
					e.id = id
				}
			case "call_id":
				e.callID, _ = s.Bytes()
			case "name":
				e.name, _ = s.Bytes()
			}
		}
	})
}

// add returns the item that an event brings, which may be known already. It
// returns nil for one that is done, and for one without a type.
func (a *items) add(e *event) *item {
	a.identify(e)
	if len(e.itemKind) == 0 {
		return nil
	}
	if it := a.known(e, string(e.itemKind)); it != nil && !it.done {
		return it
	} else if it != nil && string(e.id) == it.id {
		return nil
	}
	return a.begin(e, e.newItem())
}

func (e *event) newItem() *item {
	return &item{kind: string(e.itemKind), id: string(e.id), callID: string(e.callID), name: string(e.name)}
}

// opened keeps the text that an item has as it begins. Some servers say all of it
// there and nothing later.
func (a *items) opened(it *item, raw []byte) {
	if it != nil && it.first == "" {
		it.first = a.readText(it.kind, raw)
	}
}

// readText reads the text of an item, or the arguments of a call.
func (a *items) readText(kind string, raw []byte) string {
	switch kind {
	case "message":
		return a.readMessage(raw).text
	case "function_call":
		return a.readCall(raw).args
	case "reasoning":
		text, _ := a.readReasoning(raw)
		return text
	}
	return ""
}

// deltas are what the pieces of an item's text are handed out as.
var deltas = map[string]provider.DeltaKind{
	"message": provider.DeltaText, "function_call": provider.DeltaArgs, "reasoning": provider.DeltaReasoning,
}

// grow hands out a piece of an item's text.
func (a *items) grow(it *item, piece []byte) {
	if it == nil || len(piece) == 0 || it.done {
		return
	}
	a.Grow(&it.text, piece, provider.Delta{Kind: deltas[it.kind], Call: it.call})
}

// complete returns the text of an item whose end has come: what the end says, or
// else the pieces, or else what it began with. It hands out what the pieces lack.
// An end that contradicts the pieces breaks the answer: nothing runs on a guess
// which of the two is meant.
func (a *items) complete(it *item, end string) string {
	pieces := it.text.String()
	whole := cmp.Or(end, pieces, it.first)
	more, ok := strings.CutPrefix(whole, pieces)
	if !ok && a.err == nil {
		a.err = fmt.Errorf("the pieces of a %s differ from its final event: %.40q and %.40q", it.kind, pieces, end)
	}
	a.grow(it, []byte(more))
	return whole
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
		a.doneReasoning(it, raw)
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
	it.whole = a.complete(it, made.text)
	if it.state = a.sentBack(raw, "role", `"assistant"`); made.plain || made.text == "" {
		it.state, _ = json.Marshal(made.itemState) // texts have a form
	}
}

// doneReasoning goes by the pieces of a summary that its end contradicts: the
// model is sent the item as it came.
func (a *items) doneReasoning(it *item, raw []byte) {
	text, whole := a.readReasoning(raw)
	if !strings.HasPrefix(text, it.text.String()) {
		text = ""
	}
	it.whole = a.complete(it, text)
	it.state, it.elsewhere = a.sentBack(raw, "summary", "[]"), !whole
}

func (a *items) doneCall(it *item, raw []byte) {
	made := a.readCall(raw)
	if a.err != nil {
		return
	}
	if differ(it.callID, made.id) || differ(it.name, made.name) || len(made.name) > wire.MaxName {
		a.err = fmt.Errorf("the call %.40q of %.40q ends as the call %.40q of %.40q", it.callID, it.name, made.id, made.name)
		return
	}
	it.callID, it.name, it.state = cmp.Or(it.callID, made.id), cmp.Or(it.name, made.name), made.state
	it.status = made.status
	if it.whole = a.complete(it, made.args); a.err == nil && (it.status == "" || it.status == "completed") {
		a.end(it)
	}
}

// differ reports whether two texts are said and not the same.
func differ(a, b string) bool { return a != "" && b != "" && a != b }

// end says of a call that it is complete, in the order of the calls alone.
func (a *items) end(it *item) {
	if it.ended || it.name == "" {
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

// empty reports whether the item is a call that says nothing.
func (it *item) empty() bool { return it.kind == "function_call" && saysNothing(it.name, it.whole) }

// cutOff reports whether a call may lack some of its arguments, although the
// response is whole: it says so, or it has no end and its arguments show none. No
// arguments at all may mean that they had not begun.
func (it *item) cutOff() bool {
	if it.status == "incomplete" {
		return true
	}
	ended := it.done && (it.status == "" || it.status == "completed")
	return !ended && !json.Valid([]byte(it.whole))
}

// appendParts appends what the item is in a message. Stored says that the server
// stores the response.
func (it *item) appendParts(parts []provider.Part, owner string, stored bool) []provider.Part {
	whole, state := it.whole, provider.State{Owner: owner, Data: it.state}
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
