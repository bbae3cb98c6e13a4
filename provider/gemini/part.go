package gemini

import (
	"fmt"
	"strings"

	"github.com/funcall/funcall/internal/jsonscan"
	"github.com/funcall/funcall/internal/jsontree"
	"github.com/funcall/funcall/internal/wire"
	"github.com/funcall/funcall/provider"
)

// The kinds of parts, by the member that holds their data.
type kind byte

const (
	native kind = iota // what this package has no part for
	text
	thought
	call
	media
)

// A part is a piece of the answer. Texts grow with the chunks.
type part struct {
	kind      kind
	text      strings.Builder // or the arguments of a call
	id, name  string          // of a call
	signature string
	raw       []byte // of a native one
	mime, uri string // of media
	data      []byte
}

// A piece is what one element of the parts holds. Its slices live as long as
// the chunk that it stands in.
type piece struct {
	kind      kind
	text      []byte // or the arguments of a call, raw
	signature []byte
	id, name  []byte
	mime, uri []byte
	data      []byte // in base64
}

// part reads a part of the content, or the next piece of the last one. A piece
// with a signature is a part of its own, as the API wants it back that way.
func (a *answer) part() {
	raw := a.scan.Raw()
	if a.err != nil || a.scan.Err() != nil {
		return
	}
	var p piece
	a.scan.Again(raw, func() { p.scan(&a.scan) })
	switch p.kind {
	case text, thought:
		a.addText(&p)
	case call:
		a.addCall(&p)
	case media:
		data, err := decodeBase64(p.data)
		if err != nil {
			a.err = fmt.Errorf("inline data is no base64: %w", err)
			return
		}
		a.add(&part{kind: media, signature: string(p.signature), mime: string(p.mime), uri: string(p.uri), data: data})
	default:
		if len(raw) > 2 && raw[0] == '{' {
			a.add(&part{kind: native, raw: wire.Compact(raw)})
		}
	}
}

func (p *piece) scan(s *jsonscan.Scanner) {
	for key := range s.Object() {
		switch string(key) {
		case "text":
			p.text, _ = s.Bytes()
			p.kind = max(p.kind, text)
		case "thought":
			if s.Kind() == 't' {
				p.kind = max(p.kind, thought)
			}
		case "thoughtSignature", "thought_signature":
			p.signature, _ = s.Bytes()
		case "functionCall":
			p.kind = call
			p.scanCall(s)
		case "inlineData", "fileData":
			p.kind = media
			p.scanMedia(s)
		}
	}
}

func (p *piece) scanCall(s *jsonscan.Scanner) {
	for key := range s.Object() {
		switch string(key) {
		case "id":
			p.id, _ = s.Bytes()
		case "name":
			p.name, _ = s.Bytes()
		case "args":
			if s.Kind() != 'n' {
				p.text = s.Raw()
			}
		}
	}
}

func (p *piece) scanMedia(s *jsonscan.Scanner) {
	for key := range s.Object() {
		switch string(key) {
		case "mimeType":
			p.mime, _ = s.Bytes()
		case "fileUri":
			p.uri, _ = s.Bytes()
		case "data":
			p.data, _ = s.Bytes()
		}
	}
}

// add adds a part, and reports whether it may.
func (a *answer) add(p *part) bool {
	switch {
	case len(a.parts) == maxParts:
		a.err = fmt.Errorf("the answer has more than %d parts", maxParts)
	case p.kind == call && a.calls == maxCalls:
		a.err = fmt.Errorf("the answer has more than %d tool calls", maxCalls)
	case len(p.name) > maxName:
		a.err = fmt.Errorf("the name of a tool call is longer than %d bytes", maxName)
	default:
		a.parts = append(a.parts, p)
		return true
	}
	return false
}

func (a *answer) addText(piece *piece) {
	if len(piece.text) == 0 && len(piece.signature) == 0 {
		return
	}
	var p *part
	if n := len(a.parts); n > 0 && len(piece.signature) == 0 && a.parts[n-1].kind == piece.kind && a.parts[n-1].signature == "" {
		p = a.parts[n-1]
	} else if p = (&part{kind: piece.kind, signature: string(piece.signature)}); !a.add(p) {
		return
	}
	if a.Emit == nil || len(piece.text) == 0 {
		p.text.Write(piece.text)
		return
	}
	said := string(piece.text)
	p.text.WriteString(said)
	d := provider.Delta{Kind: provider.DeltaText, Text: said}
	if piece.kind == thought {
		d.Kind = provider.DeltaReasoning
	}
	a.Send(d)
}

// addCall adds a call, which is always whole.
func (a *answer) addCall(piece *piece) {
	p := &part{kind: call, signature: string(piece.signature), id: string(piece.id), name: string(piece.name)}
	args := strings.ToValidUTF8(string(piece.text), "\ufffd")
	p.text.WriteString(args)
	if !a.add(p) {
		return
	}
	at := a.calls
	a.calls++
	a.Send(provider.Delta{Kind: provider.DeltaCall, Call: at, ID: p.id, Name: p.name})
	if args != "" {
		a.Send(provider.Delta{Kind: provider.DeltaArgs, Call: at, Text: args})
	}
	a.Send(provider.Delta{Kind: provider.DeltaCallEnd, Call: at, ID: p.id, Name: p.name, Text: args})
}

func (p *part) part(owner string) provider.Part {
	var state provider.State
	if p.signature != "" {
		data := jsontree.AppendString([]byte(`{"thoughtSignature":`), p.signature)
		state = provider.State{Owner: owner, Data: append(data, '}')}
	}
	switch p.kind {
	case text:
		return provider.Text{Text: p.text.String(), State: state}
	case thought:
		return provider.Reasoning{Text: p.text.String(), State: state}
	case call:
		return provider.ToolCall{ID: p.id, Name: p.name, Args: p.text.String(), State: state}
	case media:
		return provider.Media{MIME: p.mime, Data: p.data, URL: p.uri, State: state}
	}
	return provider.Native{State: provider.State{Owner: owner, Data: p.raw}}
}
