package gemini

import (
	"fmt"
	"strings"

	"github.com/funcall/funcall/internal/httpapi"
	"github.com/funcall/funcall/internal/jsonscan"
	"github.com/funcall/funcall/internal/jsontree"
	"github.com/funcall/funcall/internal/wire"
	"github.com/funcall/funcall/provider"
)

// An answer is put together from the JSON of the API as it comes in: one
// document, or the chunks of a stream, which have the same form. It is read in
// place; what a delta costs is the copy of its text.
type answer struct {
	httpapi.Progress
	owner string               // of the State that it makes
	emit  func(provider.Delta) // may be nil
	scan  jsonscan.Scanner

	id, model string
	begun     bool // a candidate has come
	parts     []*part
	calls     int
	err       error // more calls, or a longer name, than any answer has
	finish    string
	blocked   string // why the prompt was refused
	usage     provider.Usage
}

// The bounds of an answer, so that no server can burn time with a million of
// anything.
const (
	maxParts = 4096
	maxCalls = 1024
	maxName  = 256
)

// Add reads one chunk, or a document. A stream that is asked for without
// server-sent events is a document that holds a list of chunks.
func (a *answer) Add(data []byte) (rest []byte, err error) {
	a.scan.Reset(data)
	if a.scan.Kind() == '[' {
		for range a.scan.Array() {
			a.chunk()
		}
	} else {
		a.chunk()
	}
	if err := a.scan.Err(); err != nil {
		return nil, err
	}
	return a.scan.Rest(), a.err
}

func (a *answer) chunk() {
	s := &a.scan
	for key := range s.Object() {
		switch string(key) {
		case "responseId":
			a.setOnce(&a.id)
		case "modelVersion":
			a.setOnce(&a.model)
		case "candidates": // one is asked for
			for i := range s.Array() {
				if i == 0 {
					a.candidate()
				}
			}
		case "promptFeedback":
			for key := range s.Object() {
				if string(key) == "blockReason" {
					a.setOnce(&a.blocked)
					a.Finished = a.Finished || a.blocked != ""
				}
			}
		case "usageMetadata":
			a.addUsage()
		case "error":
			if raw := s.Raw(); a.Report == nil && len(raw) > 0 && string(raw) != "null" {
				a.Report = append(append([]byte(`{"error":`), raw...), '}')
			}
		}
	}
}

func (a *answer) candidate() {
	s := &a.scan
	for key := range s.Object() {
		switch string(key) {
		case "content":
			a.content()
		case "finishReason":
			// Servers of old give one with every chunk; the last counts, except
			// that a cut always shows.
			if reason, ok := s.Bytes(); ok && len(reason) > 0 && (a.finish == "" || endings[a.finish].finish == provider.FinishStop) {
				a.finish = string(reason)
				a.begun, a.Finished = true, true
			}
		}
	}
}

// content has a function of its own, as loops deep within others cost
// allocations.
func (a *answer) content() {
	s := &a.scan
	a.begun = a.begun || s.Kind() == '{'
	for key := range s.Object() {
		if string(key) == "parts" {
			for range s.Array() {
				a.part()
			}
		}
	}
}

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
	if a.emit == nil || len(piece.text) == 0 {
		p.text.Write(piece.text)
		return
	}
	said := string(piece.text)
	p.text.WriteString(said)
	d := provider.Delta{Kind: provider.DeltaText, Text: said}
	if piece.kind == thought {
		d.Kind = provider.DeltaReasoning
	}
	a.send(d)
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
	a.send(provider.Delta{Kind: provider.DeltaCall, Call: at, ID: p.id, Name: p.name})
	if args != "" {
		a.send(provider.Delta{Kind: provider.DeltaArgs, Call: at, Text: args})
	}
	a.send(provider.Delta{Kind: provider.DeltaCallEnd, Call: at, ID: p.id, Name: p.name, Text: args})
}

func (a *answer) send(d provider.Delta) {
	if a.emit != nil {
		a.Emitted = true
		a.emit(d)
	}
}

// setOnce keeps the first text of a field that every chunk repeats.
func (a *answer) setOnce(field *string) {
	if b, ok := a.scan.Bytes(); ok && *field == "" {
		*field = string(b)
	}
}

// addUsage reads the usage, which grows from chunk to chunk. What was thought
// is not part of the candidates' tokens, and what tools of the API's own were
// given is not part of the prompt's.
func (a *answer) addUsage() {
	var prompt, tools, candidates, thoughts int64
	for key := range a.scan.Object() {
		switch string(key) {
		case "promptTokenCount":
			prompt = wire.Tokens(&a.scan)
		case "toolUsePromptTokenCount":
			tools = wire.Tokens(&a.scan)
		case "cachedContentTokenCount":
			a.usage.CacheRead = max(a.usage.CacheRead, wire.Tokens(&a.scan))
		case "candidatesTokenCount":
			candidates = wire.Tokens(&a.scan)
		case "thoughtsTokenCount":
			thoughts = wire.Tokens(&a.scan)
		}
	}
	a.usage.Input = max(a.usage.Input, prompt+tools)
	a.usage.Output = max(a.usage.Output, candidates+thoughts)
	a.usage.Reasoning = max(a.usage.Reasoning, thoughts)
}

// Missing says what a finished answer lacks: parts are whole, so nothing.
func (a *answer) Missing() string { return "" }

// Response is the answer as a whole, or says why it is none.
func (a *answer) Response() (*provider.Response, *httpapi.Fault) {
	if !a.begun {
		if a.blocked != "" {
			return nil, &httpapi.Fault{Kind: provider.Filtered, Message: "the prompt was refused: " + a.blocked}
		}
		return nil, &httpapi.Fault{Kind: provider.Malformed, Message: "the reply holds no candidate"}
	}
	end, known := endings[a.finish]
	if end.kind != "" {
		return nil, &httpapi.Fault{Kind: end.kind, Message: fmt.Sprintf("the server broke the answer off and gives %q as the reason", a.finish)}
	}
	if !known { // nobody knows what it says
		end.finish = provider.FinishFiltered
	}
	if end.finish == provider.FinishStop && a.calls > 0 {
		end.finish = provider.FinishToolCalls
	}
	m := &provider.Message{Role: provider.RoleAssistant, State: provider.State{Owner: a.owner}}
	for _, p := range a.parts {
		m.Parts = append(m.Parts, p.part(a.owner))
	}
	return &provider.Response{
		Message:   m,
		Finish:    end.finish,
		RawFinish: a.finish,
		Usage:     a.usage,
		Model:     a.model,
		ID:        a.id,
	}, nil
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
