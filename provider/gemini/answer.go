package gemini

import (
	"fmt"

	"github.com/funcall/funcall/internal/adapter/httpapi"
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/provider"
)

// An answer builds a response from the API's JSON as it arrives: one document, or the chunks
// of a stream, which have the same form. It is parsed in place, and a delta is a part of the
// text that grows with it.
type answer struct {
	httpapi.Progress
	owner string // of the State of its parts
	asked string // the model
	scan  jsonscan.Scanner
	frame *jsonscan.Frame // of the last chunk; nil if the call does not stream
	last  effect          // of the last chunk

	id, model string
	begun     bool    // a candidate came
	index     int64   // the index of the candidate
	pieces    []piece // of the current candidate
	parts     []*part
	calls     int
	open      *part // the call whose arguments are incomplete
	err       error // too many calls, or too long a name
	finish    string
	blocked   string // why the prompt was refused
	tokens    tokens

	server                wire.ServerCalls
	runs                  int    // how often code without an ID ran
	grounding, urlContext []byte // raw: the metadata of server-side tools
}

// newAnswer returns the answer for a reply.
func newAnswer(p httpapi.Progress, owner, model string) httpapi.Answer {
	a := &answer{Progress: p, owner: owner, asked: model}
	if p.Emit != nil {
		a.frame = new(jsonscan.Frame)
	}
	return a
}

// An effect is what a chunk added to the response, if it is one piece of text: then a chunk
// that differs in that text alone has the same effect, with the other text. All else that it
// has, such as a finish reason, changes nothing when it comes again.
type effect struct {
	piece  piece
	pieces int // how many came
}

// Bounds of a response, so that a server cannot waste time with a million elements.
const (
	maxParts = 1024
	// maxReason bounds a finish reason, which is looked up again with every later chunk.
	maxReason = 256
)

// Add reads one chunk, or a document. A stream without server-sent events is a document with a
// list of chunks. Most chunks of a stream are like the one before them, with another text.
func (a *answer) Add(data []byte) (rest []byte, err error) {
	if text, ok := a.frame.Match(data); ok {
		p := a.last.piece
		p.text = text
		a.part(&p)
		return nil, a.err
	}
	a.last = effect{}
	a.frame.Read(&a.scan, data)
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
	if p := &a.last.piece; a.last.pieces == 1 && p.kind == text && len(p.text) > 0 {
		a.frame.Keep(&a.scan, p.place)
	}
	return data[len(data)-len(a.scan.Rest()):], a.err
}

func (a *answer) chunk() {
	s := &a.scan
	for key := range s.Object() {
		switch string(key) {
		case "responseId":
			a.scan.Once(&a.id)
		case "modelVersion":
			a.scan.Once(&a.model)
		case "candidates":
			for i := range s.Array() {
				a.candidate(int64(i))
			}
		case "promptFeedback":
			for key := range s.Object() {
				if string(key) == "blockReason" {
					a.scan.Once(&a.blocked)
					a.Finished = a.Finished || a.blocked != ""
				}
			}
		case "usageMetadata":
			a.tokens.read(s)
		case "error":
			if raw := s.Raw(); httpapi.SaysError(raw) {
				a.Fail(raw)
			}
		}
	}
}

// candidate reads a candidate or its next piece, at a position in the list. The client asks
// for one; of several the first to come counts. The index may come after the content, so the
// content is read last.
func (a *answer) candidate(index int64) {
	s := &a.scan
	a.pieces = a.pieces[:0]
	var reason, grounding, urlContext []byte
	content := false
	for key := range s.Object() {
		switch string(key) {
		case "index":
			if s.Kind() == '0' {
				index = s.Int()
			}
		case "content":
			content = s.Kind() == '{'
			a.content()
		case "finishReason":
			reason, _ = s.Bytes()
			reason = reason[:min(len(reason), maxReason)]
		case "groundingMetadata":
			grounding = s.Raw()
		case "urlContextMetadata":
			urlContext = s.Raw()
		}
	}
	if a.begun && index != a.index {
		return
	}
	ground(&a.grounding, grounding)
	ground(&a.urlContext, urlContext)
	if !content && len(reason) == 0 {
		return
	}
	a.begun, a.index = true, index
	for i := range a.pieces {
		a.last.piece = a.pieces[i]
		a.last.pieces++
		a.part(&a.pieces[i])
	}
	// Older servers send a reason with every chunk; the last one counts, but a cut replaces
	// any other.
	if len(reason) > 0 {
		a.Finished = true
		if a.finish == "" || endings[a.finish].finish == provider.FinishStop {
			a.finish = string(reason)
		}
	}
}

// content is a function of its own because deeply nested loops cost allocations.
func (a *answer) content() {
	for key := range a.scan.Object() {
		if string(key) == "parts" {
			for range a.scan.Array() {
				a.piece()
			}
		}
	}
}

// piece reads a part.
func (a *answer) piece() {
	if len(a.pieces) > maxParts {
		a.err = fmt.Errorf("the response has more than %d parts", maxParts)
		return
	}
	mark := a.scan.Mark()
	var p piece
	p.scan(&a.scan)
	p.raw = a.scan.Since(mark)
	a.pieces = append(a.pieces, p)
}

// tokens is the usage reported so far. Counts are totals; the last value of each applies, even
// if it is lower. A chunk may omit counts.
type tokens struct{ prompt, tools, cached, candidates, thoughts int64 }

func (t *tokens) read(s *jsonscan.Scanner) {
	for key := range s.Object() {
		switch string(key) {
		case "promptTokenCount":
			wire.SetTokens(s, &t.prompt)
		case "toolUsePromptTokenCount":
			wire.SetTokens(s, &t.tools)
		case "cachedContentTokenCount":
			wire.SetTokens(s, &t.cached)
		case "candidatesTokenCount":
			wire.SetTokens(s, &t.candidates)
		case "thoughtsTokenCount":
			wire.SetTokens(s, &t.thoughts)
		}
	}
}

// usage converts to provider.Usage: the API counts thoughts apart from the candidates' tokens,
// and the prompts of its own tools apart from the prompt.
func (t tokens) usage() provider.Usage {
	return provider.Usage{
		Input:     t.prompt + t.tools,
		CacheRead: t.cached,
		Output:    t.candidates + t.thoughts,
		Reasoning: t.thoughts,
	}
}

// Missing returns "": Response finds out whether a call is whole.
func (a *answer) Missing() string { return "" }

// Response returns the complete response, or the fault.
func (a *answer) Response() (*provider.Response, *httpapi.Fault) {
	if !a.begun {
		if a.blocked != "" {
			return nil, &httpapi.Fault{Kind: provider.KindFiltered, Message: "the prompt was refused: " + a.blocked}
		}
		return nil, &httpapi.Fault{Kind: provider.KindMalformed, Message: "the reply has no candidate"}
	}
	end, known := endings[a.finish]
	if a.finish == unexpectedCall && a.calls > 0 { // the agent tells the model that the tool does not exist
		end = ending{finish: provider.FinishStop}
	}
	if end.kind != "" {
		return nil, &httpapi.Fault{Kind: end.kind, Message: fmt.Sprintf("the server ended the response early: finish reason %q", a.finish)}
	}
	if !known { // the reason is unknown
		end.finish = provider.FinishFiltered
	}
	if end.finish == provider.FinishStop && a.calls > 0 {
		end.finish = provider.FinishToolCalls
	}
	if a.open != nil && end.finish.Complete() {
		return nil, &httpapi.Fault{Kind: provider.KindUnavailable, Message: "the response ended in the middle of a tool call"}
	}
	a.endServer()
	m := &provider.Message{Role: provider.RoleAssistant, State: provider.State{Owner: a.owner}}
	for _, p := range a.parts {
		m.Parts = append(m.Parts, p.part(a.owner))
	}
	return &provider.Response{
		Message:   m,
		Finish:    end.finish,
		RawFinish: a.finish,
		ID:        a.id,
	}, nil
}

// Used returns what the server has reported so far.
func (a *answer) Used() httpapi.Used {
	return httpapi.Used{Model: a.model, Usage: a.uses(a.tokens.usage())}
}
