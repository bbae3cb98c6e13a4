package anthropic

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/funcall/funcall/internal/jsonscan"
	"github.com/funcall/funcall/internal/jsontree"
	"github.com/funcall/funcall/internal/wire"
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
)

var kinds = map[string]kind{"text": text, "thinking": thinking, "redacted_thinking": redacted, "tool_use": call}

// A block is a piece of the answer, as far as it has come.
type block struct {
	kind      kind
	index     int64
	id, name  string          // of a call
	number    int             // which of the calls it is
	text      strings.Builder // or what was thought, or the arguments of a call
	input     string          // arguments that stood where the block began
	signature strings.Builder
	data      string   // of a redacted one
	citations []string // raw
	raw       []byte   // of a native one
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
	s.Again(e.block, func() {
		for key := range s.Object() {
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
				if s.Kind() == '{' {
					b.input = strings.ToValidUTF8(string(s.Raw()), "\ufffd")
				}
			case "citations":
				b.cite(s)
			}
		}
	})
	switch {
	case !known || s.Err() != nil:
		return nil
	case len(a.blocks) == maxBlocks || b.kind == call && a.calls == maxCalls:
		a.err = fmt.Errorf("the answer has more blocks than any answer has")
		return nil
	case len(b.name) > maxName:
		a.err = fmt.Errorf("the name of a tool call is longer than %d bytes", maxName)
		return nil
	}
	a.begun = true
	a.blocks = append(a.blocks, b)
	switch b.kind {
	case native:
		b.raw = wire.Compact(e.block)
	case call:
		b.number = a.calls
		a.calls++
		a.Send(provider.Delta{Kind: provider.DeltaCall, Call: b.number, ID: b.id, Name: b.name})
	case text:
		a.grow(b, provider.DeltaText, said)
	case thinking:
		a.grow(b, provider.DeltaReasoning, said)
	}
	return b
}

func (a *answer) setText(field *string) {
	if b, ok := a.scan.Bytes(); ok {
		*field = string(b)
	}
}

func (b *block) cite(s *jsonscan.Scanner) {
	for range s.Array() {
		b.citations = append(b.citations, string(wire.Compact(s.Raw())))
	}
}

// delta adds a piece to a block.
func (a *answer) delta(b *block, raw []byte) {
	s := &a.scan
	s.Again(raw, func() {
		for key := range s.Object() {
			switch string(key) {
			case "text":
				said, _ := s.Bytes()
				a.grow(b, provider.DeltaText, said)
			case "thinking":
				said, _ := s.Bytes()
				a.grow(b, provider.DeltaReasoning, said)
			case "partial_json":
				said, _ := s.Bytes()
				a.grow(b, provider.DeltaArgs, said)
			case "signature":
				said, _ := s.Bytes()
				b.signature.Write(said)
			case "citation":
				b.citations = append(b.citations, string(wire.Compact(s.Raw())))
			}
		}
	})
}

func (a *answer) grow(b *block, kind provider.DeltaKind, said []byte) {
	if len(said) == 0 || b.stopped {
		return
	}
	if b.kind != native && (b.kind == call) != (kind == provider.DeltaArgs) {
		// Arguments are run: nothing else may get among them.
		a.err = fmt.Errorf("a piece of text and the arguments of a tool call are mixed up in block %d", b.index)
		return
	}
	if a.Emit == nil || b.kind == native {
		b.text.Write(said)
		return
	}
	piece := string(said)
	b.text.WriteString(piece)
	a.Send(provider.Delta{Kind: kind, Text: piece, Call: b.number})
}

// stop ends a block. A call whose arguments came in no pieces has those that
// it began with.
func (a *answer) stop(b *block) {
	if b.stopped {
		return
	}
	if b.kind == call {
		if b.text.Len() == 0 {
			a.grow(b, provider.DeltaArgs, []byte(b.input))
		}
		if b.number == a.ended { // in the order of the calls alone
			a.ended++
			a.Send(provider.Delta{Kind: provider.DeltaCallEnd, Call: b.number, ID: b.id, Name: b.name, Text: b.text.String()})
		}
	}
	b.stopped = true
}

// part returns what the block is in a message, or nil where it says nothing.
func (b *block) part(owner string) (provider.Part, error) {
	said := b.text.String()
	switch b.kind {
	case text:
		p := provider.Text{Text: said}
		if b.citations != nil {
			p.State = provider.State{Owner: owner, Data: json.RawMessage(`{"citations":[` + strings.Join(b.citations, ",") + `]}`)}
		}
		if said == "" {
			return nil, nil
		}
		return p, nil
	case thinking:
		data := jsontree.AppendString([]byte(`{"signature":`), b.signature.String())
		return provider.Reasoning{Text: said, State: provider.State{Owner: owner, Data: append(data, '}')}}, nil
	case redacted:
		data := jsontree.AppendString([]byte(`{"data":`), b.data)
		return provider.Reasoning{Redacted: true, State: provider.State{Owner: owner, Data: append(data, '}')}}, nil
	case call:
		return provider.ToolCall{ID: b.id, Name: b.name, Args: said}, nil
	}
	if said != "" { // the input of a tool that runs at the server came in pieces
		fields := map[string]json.RawMessage{}
		if err := json.Unmarshal(b.raw, &fields); err != nil {
			return nil, err
		}
		fields["input"] = json.RawMessage(said)
		raw, err := json.Marshal(fields)
		if err != nil {
			return nil, err
		}
		b.raw = wire.Compact(raw)
	}
	return provider.Native{State: provider.State{Owner: owner, Data: b.raw}}, nil
}
