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

// An item is a piece of output: a message, a call, reasoning, or data that only the API
// understands.
type item struct {
	index    int64
	hasIndex bool
	id, kind string
	callID   string // of a call, like name
	name     string
	call     int // the index of the call
	ended    bool
	first    string          // its first text, which counts if no pieces come
	text     strings.Builder // what was emitted: a message, a summary, a call's arguments
	done     bool            // its "done" event came
	status   string          // of a call that is done
	whole    string          // its text, once it is done
	state    json.RawMessage // sent back with it
	served   served          // of a server-side tool
	// elsewhere reports that the item is reasoning in the server's store, which is available
	// only if the server stores the response.
	elsewhere bool
}

// find returns the item of that kind that an event is about, or a new one.
func (a *items) find(e *event, kind string) *item {
	if it := a.known(e, kind); it != nil {
		return it
	}
	return a.begin(e, &item{kind: kind, id: string(e.id)})
}

// known returns the last item of that kind that the event may be about, or nil.
func (a *items) known(e *event, kind string) *item {
	for _, it := range slices.Backward(a.list) {
		if it.kind == kind && it.is(e) {
			return it
		}
	}
	return nil
}

// is reports whether an event is about the item: by its index, or else by a call's ID, or else
// by its own ID, or else because the item is not done.
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
	if serverTools[it.kind] != "" {
		a.beginServer(it)
	}
	if it.kind == "function_call" {
		it.call = a.calls
		a.calls++
		a.Send(provider.Delta{Kind: provider.DeltaCallStart, Call: it.call, ID: it.callID, Name: it.name})
	}
	return it
}

// identify reads what identifies the item of an event.
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

// add returns the item of an event, which may be known already. It returns nil for an item
// that is done or has no type.
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

// opened keeps the text that an item begins with. Some servers send all of it there.
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
		c, _ := a.readCall(raw)
		return c.Args
	case "reasoning":
		text, _ := a.readReasoning(raw)
		return text
	}
	return ""
}

// deltas are the kinds of delta for the text of an item.
var deltas = map[string]provider.DeltaKind{
	"message": provider.DeltaText, "function_call": provider.DeltaArgs, "reasoning": provider.DeltaReasoning,
}

// grow emits a piece of an item's text.
func (a *items) grow(it *item, piece []byte) {
	if it == nil || len(piece) == 0 || it.done {
		return
	}
	a.Grow(&it.text, piece, provider.Delta{Kind: deltas[it.kind], Call: it.call})
}

// complete returns the text of an item that is done: that of the end, or else the pieces, or
// else the text it began with. It emits what the pieces lack. If the end contradicts the
// pieces, the response is broken: no call may run on a guess.
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

// done reads a whole item. An item of an unknown kind is kept unchanged.
func (a *items) done(it *item, raw []byte) {
	switch it.kind {
	case "message":
		a.doneMessage(it, raw)
	case "function_call":
		a.doneCall(it, raw)
	case "reasoning":
		a.doneReasoning(it, raw)
	case "web_search_call", "file_search_call", "code_interpreter_call":
		a.doneServer(it, raw)
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
	a.cited = append(a.cited, made.cited...)
	if made.plain || made.text == "" {
		it.state, _ = json.Marshal(made.itemState) // cannot fail
	} else {
		it.state = a.sentBack(raw, "role", `"assistant"`)
	}
}

// doneReasoning keeps the pieces of a summary even if the end contradicts them: the model gets
// the item back unchanged.
func (a *items) doneReasoning(it *item, raw []byte) {
	text, whole := a.readReasoning(raw)
	if !strings.HasPrefix(text, it.text.String()) {
		text = ""
	}
	it.whole = a.complete(it, text)
	it.state, it.elsewhere = a.sentBack(raw, "summary", "[]"), !whole
}

func (a *items) doneCall(it *item, raw []byte) {
	made, status := a.readCall(raw)
	if a.err != nil {
		return
	}
	if differ(it.callID, made.ID) || differ(it.name, made.Name) || len(made.Name) > wire.MaxName {
		a.err = fmt.Errorf("the call %.40q of %.40q ends as the call %.40q of %.40q", it.callID, it.name, made.ID, made.Name)
		return
	}
	it.callID, it.name, it.state = cmp.Or(it.callID, made.ID), cmp.Or(it.name, made.Name), made.State.Data
	it.status = status
	if it.whole = a.complete(it, made.Args); a.err == nil && (it.status == "" || it.status == "completed") {
		a.end(it)
	}
}

// differ reports whether two texts are not empty and differ.
func differ(a, b string) bool { return a != "" && b != "" && a != b }

// end emits the end of a call, in the order of the calls.
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

// empty reports whether the item is an empty call.
func (it *item) empty() bool { return it.kind == "function_call" && isEmptyCall(it.name, it.whole) }

// cutOff reports whether a call may lack some of its arguments although the response is
// complete: its status says so, or it has no end and its arguments look incomplete. Missing
// arguments count as incomplete.
func (it *item) cutOff() bool {
	if it.status == "incomplete" {
		return true
	}
	ended := it.done && (it.status == "" || it.status == "completed")
	return !ended && !json.Valid([]byte(it.whole))
}

// appendParts appends the parts of the item. stored reports whether the server stores the
// response.
func (it *item) appendParts(parts []provider.Part, owner string, stored bool) []provider.Part {
	whole, state := it.whole, provider.State{Owner: owner, Data: it.state}
	if !it.done || it.elsewhere && !stored { // the server would not find the item
		state = provider.State{}
	}
	switch it.kind {
	case "message":
		if whole == "" {
			return parts // empty
		}
		return append(parts, provider.Text{Text: whole, State: state})
	case "function_call":
		return append(parts, provider.ToolCall{ID: it.callID, Name: it.name, Args: whole, State: state})
	case "reasoning":
		return append(parts, provider.Reasoning{Text: whole, Redacted: whole == "", State: state})
	}
	switch {
	case serverTools[it.kind] != "":
		call := it.served.ServerCall
		call.State = state
		return append(parts, call)
	case !it.done:
		return parts
	}
	return append(parts, provider.Native{State: state})
}
