package anthropic

import (
	"cmp"
	"slices"

	"github.com/funcall/funcall/internal/adapter/httpapi"
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/provider"
)

// An answer builds a response from the API's events or from one document. It is parsed in
// place, and a delta is a part of the text that grows with it.
type answer struct {
	httpapi.Progress
	owner string // of the State of its parts
	scan  jsonscan.Scanner
	frame *jsonscan.Frame // of the last event; nil if the call does not stream
	last  effect          // of the last event

	message
	shown bool           // text, or the use of a server-side tool, was emitted
	fault *httpapi.Fault // why there is no response
	err   error          // too many blocks, or too long a name
}

// newAnswer returns the answer for a reply.
func newAnswer(_ *provider.Request, p httpapi.Progress, owner string) httpapi.Answer {
	a := &answer{Progress: p, owner: owner}
	if p.Emit != nil {
		a.frame = new(jsonscan.Frame)
	}
	return a
}

// A message is the response, as far as it has come.
type message struct {
	id, model string
	begun     bool
	blocks    []*block
	calls     int
	ended     int // how many calls are complete
	server    wire.ServerCalls
	finish    string
	tokens    tokens
}

// maxBlocks bounds a response, so that a server cannot waste time with a million blocks.
const maxBlocks = 1024

// An event is the data of one event. Its slices are valid as long as the data.
type event struct {
	kind                    []byte
	index                   int64
	hasIndex                bool
	message, content, block []byte // raw
	delta, usage, errorBody []byte // raw
}

// An effect is what an event added to the response, if it is one piece of a block: then an
// event that differs in that text alone has the same effect, with the other text.
type effect struct {
	event event
	kind  provider.DeltaKind
	place jsonscan.Span // of the text in the event
	texts int           // how many pieces came
	other bool          // there was more than that
}

// Add reads one event, or a document. The type in the data counts. Most events of a stream are
// like the one before them, with another text.
func (a *answer) Add(data []byte) (rest []byte, err error) {
	if text, ok := a.frame.Match(data); ok {
		a.grow(a.find(&a.last.event), a.last.kind, text)
		return nil, a.err
	}
	a.last = effect{}
	a.frame.Read(&a.scan, data)
	var e event
	e.read(&a.scan)
	if err := a.scan.Err(); err != nil {
		return nil, err
	}
	rest = data[len(data)-len(a.scan.Rest()):]
	a.event(&e, data[:len(data)-len(rest)])
	if a.err == nil {
		a.err = a.scan.Err()
	}
	if a.last.texts == 1 && !a.last.other && string(e.kind) == "content_block_delta" {
		a.last.event = e
		a.frame.Keep(&a.scan, a.last.place)
	}
	return rest, a.err
}

func (e *event) read(s *jsonscan.Scanner) {
	for key := range s.Object() {
		switch string(key) {
		case "type":
			e.kind = typeOf(s)
		case "index":
			e.hasIndex = s.Kind() == '0'
			e.index = s.Int()
		case "content":
			e.content = s.Raw()
		case "message":
			e.message = s.Raw()
		case "content_block":
			e.block = s.Raw()
		case "delta":
			e.delta = s.Raw()
		case "usage":
			e.usage = s.Raw()
		case "error":
			e.errorBody = s.Raw()
		}
	}
}

// typeOf reads the type of an event or a delta as it is written in the JSON, where its letters
// are not escaped. It returns nil if the type is not a string.
func typeOf(s *jsonscan.Scanner) []byte {
	if raw := s.Raw(); len(raw) > 1 && raw[0] == '"' {
		return raw[1 : len(raw)-1]
	}
	return nil
}

// event handles one event. It ignores unknown ones: the API may add more.
func (a *answer) event(e *event, data []byte) {
	switch string(e.kind) {
	case "message_start":
		a.restart()
		a.read(e.message)
	case "content_block_start":
		a.start(e)
	case "content_block_delta":
		a.delta(a.find(e), e.delta)
	case "content_block_stop":
		a.stop(a.find(e))
	case "message_delta":
		a.messageDelta(e)
	case "message_stop":
		a.Done, a.Finished = true, true
	case "error":
		a.Fail(data)
	case "message", "": // a document; some servers omit the type
		switch {
		case httpapi.SaysError(e.errorBody) || len(e.content) == 0 && httpapi.IsReport(data):
			a.Fail(data)
		case len(e.kind) > 0 || len(e.content) > 0:
			a.read(data)
		}
	}
}

// restart begins a message, because a proxy that asks the API again begins the message anew.
// It drops the earlier one. If its text was emitted, the response becomes an error, because
// emitted text cannot be taken back.
func (a *answer) restart() {
	if a.shown {
		a.fault = &httpapi.Fault{Kind: provider.KindUnavailable, Message: "the server restarted the response after a part of the text was streamed"}
		a.Done = true
	}
	a.message, a.Finished = message{}, false
}

// members reads the members of an object, which may be missing.
func (a *answer) members(raw []byte, read func(key []byte)) {
	if len(raw) == 0 {
		return
	}
	a.scan.Again(raw, func() {
		for key := range a.scan.Object() {
			read(key)
		}
	})
}

// read reads a message, whole or at its beginning.
func (a *answer) read(raw []byte) {
	s := &a.scan
	var content []byte
	a.members(raw, func(key []byte) {
		switch string(key) {
		case "id":
			s.Once(&a.id)
		case "model":
			s.Once(&a.model)
		case "content":
			content = s.Raw()
		case "stop_reason":
			a.stopReason()
		case "usage":
			a.tokens.read(s)
		}
	})
	switch {
	case len(content) == 0:
		return
	case content[0] == '"': // the form that messages of requests may have
		content = slices.Concat([]byte(`[{"type":"text","text":`), content, []byte(`}]`))
	case content[0] != '[':
		return
	}
	a.begun = true
	s.Again(content, func() {
		for i := range s.Array() {
			e := event{index: int64(i), hasIndex: true, block: s.Raw()}
			if a.err != nil || s.Err() != nil {
				return
			}
			if b := a.start(&e); b != nil {
				a.stop(b)
			}
		}
	})
}

func (a *answer) messageDelta(e *event) {
	a.members(e.delta, func(key []byte) {
		if string(key) == "stop_reason" {
			a.stopReason()
		}
	})
	if len(e.usage) > 0 {
		a.scan.Again(e.usage, func() { a.tokens.read(&a.scan) })
	}
}

func (a *answer) stopReason() {
	if b, ok := a.scan.Bytes(); ok && len(b) > 0 {
		a.finish = string(b)
		a.begun, a.Finished = true, true
	}
}

// tokens is the usage reported so far. The last value of each count applies: a stream begins
// with an estimate, which compaction may lower. A count of the prompt that is 0 replaces
// another one only if the input is not 0.
type tokens struct{ input, cacheRead, cacheWrite, output, thinking, searches int64 }

func (t *tokens) read(s *jsonscan.Scanner) {
	said := *t
	said.input = 0
	for key := range s.Object() {
		switch string(key) {
		case "input_tokens":
			wire.SetTokens(s, &said.input)
		case "cache_read_input_tokens":
			wire.SetTokens(s, &said.cacheRead)
		case "cache_creation_input_tokens":
			wire.SetTokens(s, &said.cacheWrite)
		case "output_tokens":
			wire.SetTokens(s, &said.output)
		case "server_tool_use":
			for key := range s.Object() {
				if string(key) == "web_search_requests" {
					wire.SetTokens(s, &said.searches)
				}
			}
		case "output_tokens_details":
			for key := range s.Object() {
				if string(key) == "thinking_tokens" {
					wire.SetTokens(s, &said.thinking)
				}
			}
		}
	}
	if said.input == 0 { // a gateway that does not know the count sends 0
		said.input = t.input
		said.cacheRead = cmp.Or(said.cacheRead, t.cacheRead)
		said.cacheWrite = cmp.Or(said.cacheWrite, t.cacheWrite)
	}
	*t = said
}

// usage converts to provider.Usage: the API counts cached tokens apart from the input.
func (t tokens) usage() provider.Usage {
	return provider.Usage{
		Input:      t.input + t.cacheRead + t.cacheWrite,
		CacheRead:  t.cacheRead,
		CacheWrite: t.cacheWrite,
		Output:     t.output,
		Reasoning:  t.thinking,

		WebSearches: t.searches,
	}
}

// Missing returns what a finished response lacks if the stream ends now.
func (a *answer) Missing() string {
	for _, b := range a.blocks {
		if b.counted && !b.stopped {
			return "in the middle of a tool call"
		}
	}
	return ""
}

// finishes are the API's stop reasons. Any other reason counts as a cut, and so does a turn
// that the API paused, because the model was not done.
var finishes = map[string]provider.FinishReason{
	"":              provider.FinishStop, // servers without a reason end the reply properly
	"end_turn":      provider.FinishStop,
	"stop_sequence": provider.FinishStop,
	"tool_use":      provider.FinishStop,
	"refusal":       provider.FinishFiltered,
}

// Response returns the complete response, or the fault.
func (a *answer) Response() (*provider.Response, *httpapi.Fault) {
	switch {
	case a.fault != nil:
		return nil, a.fault
	case !a.begun:
		return nil, &httpapi.Fault{Kind: provider.KindMalformed, Message: "the reply has no message"}
	}
	finish, known := finishes[a.finish]
	switch {
	case !known:
		finish = provider.FinishLength
	case finish == provider.FinishStop && a.calls > 0:
		finish = provider.FinishToolCalls
	}
	m := &provider.Message{Role: provider.RoleAssistant}
	for _, b := range a.blocks {
		a.fill(b) // some servers omit the stop of a block
		a.readServer(b)
		if part := b.part(a.owner); part != nil {
			m.Parts = append(m.Parts, part)
		}
	}
	return &provider.Response{
		Message:   m,
		Finish:    finish,
		RawFinish: a.finish,
		ID:        a.id,
	}, nil
}

// Used returns what the server has reported so far.
func (a *answer) Used() httpapi.Used {
	u := a.tokens.usage()
	for _, b := range a.blocks {
		if b.kind == serverCall && !b.mcp && serverName(b.name) == codeExecution {
			u.CodeExecutions++
		}
	}
	return httpapi.Used{Model: a.model, Usage: u}
}
