package anthropic

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// A kind is the type of a block.
type kind byte

const (
	native kind = iota // what this package has no part for
	text
	thinking
	redacted
	call
	serverCall
	serverResult
	missing // a block that never began
)

var kinds = map[string]kind{"text": text, "thinking": thinking, "redacted_thinking": redacted, "tool_use": call}

// isRaw reports whether a block is kept as it is.
func (k kind) isRaw() bool { return k == native || k == serverCall || k == serverResult }

// A block is a piece of the response, as far as it has come.
type block struct {
	kind      kind
	index     int64
	id, name  string          // of a call
	mcp       bool            // a call of an MCP server's tool
	counted   bool            // a call of the model
	number    int             // the index of the call, if it is counted
	text      strings.Builder // text, thinking, or the arguments of a call
	input     string          // arguments at the beginning of the block
	filled    string          // arguments that came as no pieces
	blank     []byte          // empty pieces of arguments so far
	caller    json.RawMessage // of a call that server-side code made
	signature strings.Builder
	data      string   // of a redacted one
	citations []string // raw
	raw       []byte   // of a native one, or of a server-side tool
	pieces    pieces   // its later deltas
	server    provider.ServerCall
	stopped   bool
}

// find returns the block that an event is about, which may be missing. Servers that omit the
// index mean the last one.
func (a *answer) find(e *event) *block {
	for i := len(a.blocks) - 1; i >= 0; i-- {
		if !e.hasIndex || a.blocks[i].index == e.index {
			return a.blocks[i]
		}
	}
	return &block{kind: missing, index: e.index}
}

// start begins a block. Its content so far is its first piece.
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
				if b.kind, known = kinds[string(k)], true; b.kind == native {
					b.kind, b.mcp = serverKind(k), string(k) == "mcp_tool_use"
				}
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
			b.input = a.input()
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
		a.err = fmt.Errorf("the response has more than %d blocks", maxBlocks)
		return nil
	}
	a.begun = true
	a.blocks = append(a.blocks, b)
	switch b.kind {
	case native, serverResult:
		b.raw = wire.Compact(e.block)
	case serverCall:
		b.raw = wire.Compact(e.block)
		a.server.Add(provider.ServerCall{ID: b.id, Name: serverName(b.name)}, false, a.show)
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

// args reads the arguments of a call, or a piece of them. They should be an object, or a piece
// of a string. Any other value is kept, so that the model is told what is wrong: a call never
// loses its arguments.
func (a *answer) args() []byte {
	if a.scan.Kind() == '"' {
		text, _ := a.scan.Bytes()
		return text
	}
	return []byte(a.input())
}

// input reads arguments that usually are an object.
func (a *answer) input() string {
	switch a.scan.Kind() {
	case 'n':
		return ""
	case '"':
		text, _ := a.scan.Bytes()
		return string(text)
	}
	return wire.ValueText(a.scan.Raw())
}

// caller reads the caller of a call, which the API wants back unless it is the model itself.
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

// count makes a block a call. A block without name and arguments is not one.
func (a *answer) count(b *block) {
	if err := wire.CheckCall(a.calls, len(b.name)); err != nil {
		a.err = err
		return
	}
	if last := len(a.blocks) - 1; a.blocks[last] != b { // calls are in the order of their beginnings
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

// delta adds a piece to a block. It ignores unknown types of pieces, except for blocks of
// unknown type.
func (a *answer) delta(b *block, raw []byte) {
	s := &a.scan
	if b.kind.isRaw() {
		if !b.stopped {
			a.members(raw, func(key []byte) { b.pieces.add(string(key), s) })
		}
		return
	}
	known := true // some servers omit the type
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
			a.piece(b, provider.DeltaText)
		case "thinking":
			a.piece(b, provider.DeltaReasoning)
		case "partial_json":
			a.piece(b, provider.DeltaArgs)
		case "signature":
			a.last.other = true
			said, _ := s.Bytes()
			b.signature.Write(said)
		case "citation":
			a.last.other = true
			b.cite(s.Raw())
		}
	})
}

// piece reads a piece of a block.
func (a *answer) piece(b *block, kind provider.DeltaKind) {
	a.last.other = a.last.other || a.scan.Kind() != '"'
	var said []byte
	if kind == provider.DeltaArgs {
		said = a.args()
	} else {
		said, _ = a.scan.Bytes()
	}
	if len(said) > 0 {
		a.last.texts++
		a.last.kind, a.last.place = kind, a.scan.Last()
	}
	a.grow(b, kind, said)
}

// grows returns the kind of delta that extends a block.
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

// grow adds a piece to a block. It holds back empty pieces of arguments: if no more comes, a
// block without a name is not a call, and a call may have its arguments at the beginning of
// its block.
func (a *answer) grow(b *block, kind provider.DeltaKind, said []byte) {
	switch {
	case len(said) == 0 || b.stopped:
		return
	case kind == b.kind.grows():
	case kind == provider.DeltaReasoning: // only a thought is lost
		return
	case b.kind == missing:
		a.err = fmt.Errorf("a piece of block %d came before the block began", b.index)
		return
	default: // nothing else may get into arguments, which run, or text, which is shown
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

// fill gives a call the arguments from the beginning of its block, if the pieces are empty.
func (a *answer) fill(b *block) {
	if !b.counted || b.said() != "" || a.err != nil {
		return
	}
	b.filled = string(b.blank)
	if b.filled == "" || !wire.IsNothing(b.input) {
		b.filled = b.input
	}
	if b.filled != "" {
		a.Send(provider.Delta{Kind: provider.DeltaArgs, Call: b.number, Text: b.filled})
	}
}

// said returns the text of the block, or its arguments.
func (b *block) said() string { return cmp.Or(b.text.String(), b.filled) }

// stop ends a block.
func (a *answer) stop(b *block) {
	if b.stopped {
		return
	}
	a.fill(b)
	a.readServer(b)
	if b.counted && b.number == a.ended { // only in the order of the calls
		a.ended++
		a.Send(provider.Delta{Kind: provider.DeltaCallEnd, Call: b.number, ID: b.id, Name: b.name, Text: b.said()})
	}
	b.stopped = true
}

// part returns the block as a part, or nil if it is empty.
func (b *block) part(owner string) provider.Part {
	said := b.said()
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
	case serverCall, serverResult:
		c := b.server
		c.State = provider.State{Owner: owner, Data: b.raw}
		return c
	}
	return provider.Native{State: provider.State{Owner: owner, Data: b.pieces.join(b.raw)}}
}
