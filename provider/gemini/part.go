package gemini

import (
	"fmt"
	"strings"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// A kind is the type of a part, by the member that holds its data.
type kind byte

const (
	native kind = iota // without a part in this package
	text
	thought
	media
	call
	serverCall
	serverResult
)

// serverMembers are the members of parts of server-side tools.
var serverMembers = map[string]kind{
	"executableCode": serverCall, "codeExecutionResult": serverResult, "toolCall": serverCall, "toolResponse": serverResult,
}

// A part is a piece of the response. Texts grow with the chunks.
type part struct {
	kind      kind
	text      strings.Builder
	id, name  string // of a call
	args      string
	pieces    *tree // the arguments, if they come in pieces
	number    int   // the index of the call
	signature string
	raw       []byte // of a native part, or of a server-side tool
	server    provider.ServerCall
	mime, uri string // of media
	data      []byte
}

// A piece is the content of one element of parts. Its slices are valid as long as its chunk.
type piece struct {
	kind      kind
	raw       []byte
	text      []byte
	place     jsonscan.Span // of the text in the chunk
	thought   bool
	other     bool // it has an unknown member
	server    kind // serverCall or serverResult, if it is of a server-side tool
	signature []byte
	id, name  []byte
	args      string // of a call
	partial   []byte // raw: pieces of the arguments
	continues bool   // more of the arguments follows
	mime, uri []byte
	data      []byte // in base64
}

// part adds a part of the content, or the next piece of the last one. A piece with a signature
// is a part of its own, because the API wants it back in that form.
func (a *answer) part(p *piece) {
	if a.err != nil || a.scan.Err() != nil {
		return
	}
	switch {
	case p.kind == text && p.thought:
		p.kind = thought
	case p.kind == media && p.thought: // an intermediate image
		p.kind, p.other = native, true
	case p.kind == native && !p.other && len(p.signature) > 0: // an empty text
		p.kind = text
	}
	if (p.kind == call || p.kind == media) && len(p.text) > 0 { // the API sends one or the other
		beside := piece{kind: text, text: p.text}
		if p.thought {
			beside.kind = thought
		}
		a.addText(&beside)
	}
	if p.kind == native && p.server != native {
		p.kind = p.server
	}
	switch p.kind {
	case text, thought:
		a.addText(p)
	case call:
		a.addCall(p)
	case serverCall, serverResult:
		a.addServer(p)
	case media:
		data, err := decodeBase64(p.data)
		switch {
		case err != nil:
			a.err = fmt.Errorf("inline data is not base64: %w", err)
		case len(data) > 0 || len(p.uri) > 0:
			a.add(&part{kind: media, signature: string(p.signature), mime: string(p.mime), uri: string(p.uri), data: data})
		}
	default:
		if p.other {
			a.add(&part{kind: native, raw: wire.Compact(p.raw)})
		}
	}
}

// scan reads a part. A member of an unexpected type or null counts as missing.
func (p *piece) scan(s *jsonscan.Scanner) {
	for key := range s.Object() {
		kind := s.Kind()
		switch string(key) {
		case "text":
			if kind == '"' {
				p.text, _ = s.Bytes()
				p.place = s.Last()
				p.kind = max(p.kind, text)
			}
		case "thought":
			p.thought = kind == 't'
		case "thoughtSignature", "thought_signature":
			p.signature, _ = s.Bytes()
		case "functionCall":
			if kind == '{' {
				p.kind = call
				p.scanCall(s)
			}
		case "inlineData", "fileData":
			if kind == '{' {
				p.kind = max(p.kind, media)
				p.scanMedia(s)
			}
		default:
			p.other = p.other || kind != 'n'
			if k := serverMembers[string(key)]; k != native && kind == '{' {
				p.server = k
			}
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
			switch s.Kind() {
			case 'n':
			case '"': // an object in a string
				text, _ := s.Bytes()
				p.args = string(text)
			default:
				p.args = wire.ValueText(s.Raw())
			}
		case "partialArgs":
			p.partial = s.Raw()
		case "willContinue":
			p.continues = s.Kind() == 't'
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

// add adds a part, and reports whether there is room for it.
func (a *answer) add(p *part) bool {
	if len(a.parts) == maxParts {
		a.err = fmt.Errorf("the response has more than %d parts", maxParts)
		return false
	}
	if p.kind == call {
		if err := wire.CheckCall(a.calls, len(p.name)); err != nil {
			a.err = err
			return false
		}
	}
	a.parts = append(a.parts, p)
	return true
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
	if len(piece.text) == 0 {
		return
	}
	kind := provider.DeltaText
	if piece.kind == thought {
		kind = provider.DeltaReasoning
	}
	a.Grow(&p.text, piece.text, provider.Delta{Kind: kind})
}

// addCall adds a call, or the next piece of a call whose arguments come in pieces. An empty
// piece begins no call; it may end one.
func (a *answer) addCall(piece *piece) {
	p := a.open
	switch {
	case p == nil:
		p = &part{kind: call, signature: string(piece.signature), id: string(piece.id), name: string(piece.name), number: a.calls}
	case len(piece.name) > 0:
		a.err = fmt.Errorf("the call of %q begins before that of %q is complete", piece.name, p.name)
		return
	case p.signature == "":
		p.signature = string(piece.signature)
	}
	if piece.args != "" {
		p.args = piece.args
	}
	if len(piece.partial) > 0 {
		a.scan.Again(piece.partial, func() { a.addPieces(p) })
	}
	if a.err != nil || a.open == nil && !a.begin(p) {
		return
	}
	if a.open = p; !piece.continues {
		a.endCall(p)
	}
}

// begin adds a call, and reports whether it did. A part without name and arguments is not a
// call.
func (a *answer) begin(p *part) bool {
	if p.name == "" && wire.IsNothing(p.args) && (p.pieces == nil || p.pieces.kind == 0) || !a.add(p) {
		return false
	}
	a.calls++
	a.Send(provider.Delta{Kind: provider.DeltaCallStart, Call: p.number, ID: p.id, Name: p.name})
	return true
}

func (a *answer) addPieces(p *part) {
	for range a.scan.Array() {
		if p.pieces == nil {
			p.pieces = new(tree)
		}
		if err := p.pieces.add(&a.scan); err != nil {
			a.err = err
			return
		}
	}
}

// endCall ends a call and emits its arguments in one piece: a tool must not run with a part of
// an argument.
func (a *answer) endCall(p *part) {
	a.open = nil
	if p.pieces != nil && p.pieces.kind != 0 && wire.IsNothing(p.args) {
		if path, found := p.pieces.unfinished(); found {
			a.err = fmt.Errorf("the call of %q ends before its argument at %q is complete", p.name, "$"+path)
			return
		}
		p.args = string(p.pieces.appendJSON(nil))
	}
	if p.args != "" {
		a.Send(provider.Delta{Kind: provider.DeltaArgs, Call: p.number, Text: p.args})
	}
	a.Send(provider.Delta{Kind: provider.DeltaCallEnd, Call: p.number, ID: p.id, Name: p.name, Text: p.args})
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
		return provider.ToolCall{ID: p.id, Name: p.name, Args: p.args, State: state}
	case media:
		return provider.Media{MIME: p.mime, Data: p.data, URL: p.uri, State: state}
	case serverCall, serverResult:
		c := p.server
		c.State = provider.State{Owner: owner, Data: p.raw}
		return c
	}
	return provider.Native{State: provider.State{Owner: owner, Data: p.raw}}
}
