package anthropic

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// The kinds of blocks.
type kind byte

const (
	native kind = iota // what this package has no part for
	text
	thinking
	redacted
	call
	missing // a block that never began
)

var kinds = map[string]kind{"text": text, "thinking": thinking, "redacted_thinking": redacted, "tool_use": call}

// A block is a piece of the answer, as far as it has come.
type block struct {
	kind      kind
	index     int64
	id, name  string          // of a call
	counted   bool            // it is a call that the model made
	number    int             // which of the calls it is, if it is counted
	text      strings.Builder // or what was thought, or the arguments of a call
	input     string          // arguments that stood where the block began
	blank     []byte          // pieces of arguments that say nothing so far
	caller    json.RawMessage // of a call that code made which runs at the server
	signature strings.Builder
	data      string   // of a redacted one
	citations []string // raw
	raw       []byte   // of a native one
	pieces    pieces   // what came for it later
	stopped   bool
}

// find returns the block that an event is about. Servers that leave the index
// out mean the last one.
func (a *answer) find(e *event) *block {
	for i := len(a.blocks) - 1; i >= 0; i-- {
		if !e.hasIndex || a.blocks[i].index == e.index {
			return a.blocks[i]
		}
	}
	return nil
}

// start begins a block. What stands in it already is its first piece.
func (a *answer) start(e *event) *block {
	s := &a.scan
	b := &block{index: e.index}
	if !e.hasIndex {
		b.index = int64(len(a.blocks))
	}
	var said []byte
	known := false
	a.members(e.block, func(key []byte) {
		switch string(key) {
		case "type":
			if k, ok := s.Bytes(); ok {
				b.kind, known = kinds[string(k)], true
			}
		case "text", "thinking":
			said, _ = s.Bytes()
		case "signature":
			if sig, ok := s.Bytes(); ok {
				b.signature.Write(sig)
			}
		case "data":
			a.setText(&b.data)
		case "id":
			a.setText(&b.id)
		case "name":
			a.setText(&b.name)
		case "input":
			b.input = string(a.args())
		case "caller":
			b.caller = a.caller()
		case "citations":
			for range s.Array() {
				b.cite(s.Raw())
			}
		}
	})
	switch {
	case !known || s.Err() != nil:
		return nil
	case len(a.blocks) == maxBlocks:
		a.err = errors.New("the answer has more blocks than any answer has")
		return nil
	}
	a.begun = true
	a.blocks = append(a.blocks, b)
	switch b.kind {
	case native:
		b.raw = wire.Compact(e.block)
	case call:
		if b.name != "" || !wire.IsNothing(b.input) {
			a.count(b)
		}
	case text:
		a.grow(b, provider.DeltaText, said)
	case thinking:
		a.grow(b, provider.DeltaReasoning, said)
	}
	return b
}

// args reads the arguments of a call, or a piece of them. They should be an
// object, or a piece of a string. What else comes is kept as it is, so that the
// model is told what is wrong with it: a call never loses its arguments.
func (a *answer) args() []byte {
	switch a.scan.Kind() {
	case 'n':
		return nil
	case '"':
		text, _ := a.scan.Bytes()
		return text
	}
	return []byte(wire.ValueText(a.scan.Raw()))
}

// caller reads who made a call, which the API wants back unless it was the
// model itself.
func (a *answer) caller() json.RawMessage {
	s := &a.scan
	raw := s.Raw()
	direct := true
	a.members(raw, func(key []byte) {
		if string(key) == "type" {
			kind, ok := s.Bytes()
			direct = !ok || string(kind) == "direct"
		}
	})
	if direct {
		return nil
	}
	return wire.Compact(raw)
}

// count makes a call of a block. A block without a name and without arguments
// is no call: nothing can be done with it, and the model did not mean it.
func (a *answer) count(b *block) {
	if err := wire.CheckCall(a.calls, len(b.name)); err != nil {
		a.err = err
		return
	}
	if last := len(a.blocks) - 1; a.blocks[last] != b { // calls stand in the order in which they begin
		a.blocks = append(slices.DeleteFunc(a.blocks, func(other *block) bool { return other == b }), b)
	}
	b.counted, b.number = true, a.calls
	a.calls++
	a.Send(provider.Delta{Kind: provider.DeltaCallStart, Call: b.number, ID: b.id, Name: b.name})
}

func (a *answer) setText(field *string) {
	if b, ok := a.scan.Bytes(); ok {
		*field = string(b)
	}
}

// cite adds a citation, which is an object, to a text.
func (b *block) cite(raw []byte) {
	if len(raw) > 0 && raw[0] == '{' {
		b.citations = append(b.citations, string(wire.Compact(raw)))
	}
}

// delta adds a piece to a block. Kinds of pieces that this package does not
// know are passed over, except for those of a block that it does not know.
func (a *answer) delta(b *block, raw []byte) {
	s := &a.scan
	if b.kind == native {
		if !b.stopped {
			a.members(raw, func(key []byte) { b.pieces.add(string(key), s) })
		}
		return
	}
	known := true // some servers leave the type out
	a.members(raw, func(key []byte) {
		if !known {
			return
		}
		switch string(key) {
		case "type":
			switch string(typeOf(s)) {
			case "", "text_delta", "thinking_delta", "input_json_delta", "signature_delta", "citations_delta":
			default:
				known = false
			}
		case "text":
			said, _ := s.Bytes()
			a.grow(b, provider.DeltaText, said)
		case "thinking":
			said, _ := s.Bytes()
			a.grow(b, provider.DeltaReasoning, said)
		case "partial_json":
			a.grow(b, provider.DeltaArgs, a.args())
		case "signature":
			said, _ := s.Bytes()
			b.signature.Write(said)
		case "citation":
			b.cite(s.Raw())
		}
	})
}

// grows is the delta that a kind of block grows by.
func (k kind) grows() provider.DeltaKind {
	switch k {
	case text:
		return provider.DeltaText
	case thinking:
		return provider.DeltaReasoning
	case call:
		return provider.DeltaArgs
	}
	return 0
}

// grow adds a piece to a block. Pieces of arguments that say nothing are held
// back: if no more comes, a block without a name is no call, and the arguments of
// a call may stand where its block began.
func (a *answer) grow(b *block, kind provider.DeltaKind, said []byte) {
	switch {
	case len(said) == 0 || b.stopped:
		return
	case kind == b.kind.grows():
	case kind == provider.DeltaReasoning: // nothing is lost but a thought
		return
	case b.kind == missing:
		a.err = fmt.Errorf("a piece of block %d came before the block began", b.index)
		return
	default: // arguments are run, and text is shown: nothing else may get among them
		a.err = fmt.Errorf("a piece of block %d has another type than the block", b.index)
		return
	}
	if b.kind == call && b.text.Len() == 0 {
		nothing := wire.IsNothing(string(said))
		if len(b.blank) > 0 || nothing {
			said = append(b.blank, said...)
		}
		if nothing {
			b.blank = said
			return
		}
		if !b.counted {
			a.count(b)
		}
	}
	a.write(b, kind, said)
}

// write adds to the text of a block.
func (a *answer) write(b *block, kind provider.DeltaKind, said []byte) {
	if len(said) == 0 || a.err != nil {
		return
	}
	a.shown = a.shown || kind == provider.DeltaText && a.Emit != nil
	a.Grow(&b.text, said, provider.Delta{Kind: kind, Call: b.number})
}

// fill gives a call the arguments that stood where its block began, if the
// pieces say nothing.
func (a *answer) fill(b *block) {
	if !b.counted || b.text.Len() > 0 {
		return
	}
	args := b.blank
	if len(args) == 0 || !wire.IsNothing(b.input) {
		args = []byte(b.input)
	}
	a.write(b, provider.DeltaArgs, args)
}

// stop ends a block.
func (a *answer) stop(b *block) {
	if b.stopped {
		return
	}
	a.fill(b)
	if b.counted && b.number == a.ended { // in the order of the calls alone
		a.ended++
		a.Send(provider.Delta{Kind: provider.DeltaCallEnd, Call: b.number, ID: b.id, Name: b.name, Text: b.text.String()})
	}
	b.stopped = true
}

// part returns what the block is in a message, or nil where it says nothing.
func (b *block) part(owner string) provider.Part {
	said := b.text.String()
	state := func(name string, value []byte) provider.State {
		data := append(jsontree.AppendString([]byte{'{'}, name), ':')
		return provider.State{Owner: owner, Data: append(append(data, value...), '}')}
	}
	switch b.kind {
	case text:
		if said == "" {
			return nil
		}
		p := provider.Text{Text: said}
		if b.citations != nil {
			p.State = state("citations", []byte("["+strings.Join(b.citations, ",")+"]"))
		}
		return p
	case thinking:
		return provider.Reasoning{Text: said, State: state("signature", jsontree.AppendString(nil, b.signature.String()))}
	case redacted:
		return provider.Reasoning{Redacted: true, State: state("data", jsontree.AppendString(nil, b.data))}
	case call:
		if !b.counted {
			return nil
		}
		p := provider.ToolCall{ID: b.id, Name: b.name, Args: said}
		if b.caller != nil {
			p.State = state("caller", b.caller)
		}
		return p
	}
	return provider.Native{State: provider.State{Owner: owner, Data: b.pieces.join(b.raw)}}
}
