package gemini

import (
	"fmt"

	"github.com/funcall/funcall/internal/httpapi"
	"github.com/funcall/funcall/internal/jsonscan"
	"github.com/funcall/funcall/internal/wire"
	"github.com/funcall/funcall/provider"
)

// An answer is put together from the JSON of the API as it comes in: one
// document, or the chunks of a stream, which have the same form. It is read in
// place; what a delta costs is the copy of its text.
type answer struct {
	httpapi.Progress
	owner string // of the State that it makes
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
			a.scan.Once(&a.id)
		case "modelVersion":
			a.scan.Once(&a.model)
		case "candidates": // one is asked for
			for i := range s.Array() {
				if i == 0 {
					a.candidate()
				}
			}
		case "promptFeedback":
			for key := range s.Object() {
				if string(key) == "blockReason" {
					a.scan.Once(&a.blocked)
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
