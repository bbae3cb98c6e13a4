package openai

import (
	"fmt"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/adapter/httpapi"
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/provider"
)

// items builds a response of the Responses API from its events or from one document. An item
// is what its "done" event says. The pieces before it are streamed, and are used for servers
// that omit that event.
type items struct {
	httpapi.Progress
	owner string // of the State of its parts
	scan  jsonscan.Scanner
	frame *jsonscan.Frame // of the last event; nil if the call does not stream
	last  event           // the last event, if it has a frame

	id, model string
	list      []*item
	calls     int
	status    string // of the response, once it ended
	reason    string // why it is incomplete
	begun     bool
	stored    bool // the server keeps the response
	err       error
	usage     provider.Usage
	bill      bill
	server    wire.ServerCalls
	cited     []citation // in the messages
}

// newResponse returns the items for a reply.
func newResponse(_ *provider.Request, p httpapi.Progress, owner string) httpapi.Answer {
	a := &items{Progress: p, owner: owner}
	if p.Emit != nil {
		a.frame = new(jsonscan.Frame)
	}
	return a
}

// maxItems bounds the items of a response, because finding one searches all of them.
const maxItems = 1024

// An event is the data of one event. Its slices are valid as long as the data.
type event struct {
	kind, delta, id []byte
	place           jsonscan.Span // of the delta in the data
	text            bool          // the delta is a string
	args            []byte        // the whole arguments of a call
	item, response  []byte        // raw
	itemKind        []byte        // identifies the item, besides its ID
	callID, name    []byte
	index           int64
	hasIndex        bool
	again           bool // another part of a summary begins
}

// Add reads one event, or a document. The type in the data counts. Most events of a stream are
// like the one before them, with another delta.
func (a *items) Add(data []byte) (rest []byte, err error) {
	if text, ok := a.frame.Match(data); ok {
		a.last.delta = text
		a.event(&a.last, data)
		return nil, a.err
	}
	a.frame.Read(&a.scan, data)
	var e event
	e.read(&a.scan)
	if err := a.scan.Err(); err != nil {
		return nil, err
	}
	if e.text && len(e.kind) > 0 && len(e.item)+len(e.response) == 0 {
		a.last = e
		a.frame.Keep(&a.scan, e.place)
	}
	rest = data[len(data)-len(a.scan.Rest()):]
	if data = data[:len(data)-len(rest)]; len(e.kind) > 0 {
		a.event(&e, data)
	} else {
		a.document(data)
	}
	if a.err == nil {
		a.err = a.scan.Err()
	}
	return rest, a.err
}

func (e *event) read(s *jsonscan.Scanner) {
	for key := range s.Object() {
		switch string(key) {
		case "type":
			e.kind, _ = s.Bytes()
		case "delta":
			e.text = s.Kind() == '"'
			e.delta, _ = s.Bytes()
			e.place = s.Last()
		case "arguments":
			e.args = textOrRaw(s)
		case "item_id":
			e.id, _ = s.Bytes()
		case "output_index":
			if s.Kind() == '0' {
				e.index, e.hasIndex = s.Int(), true
			}
		case "summary_index":
			e.again = s.Int() > 0
		case "item":
			e.item = s.Raw()
		case "response":
			e.response = s.Raw()
		}
	}
}

// event handles one event. It ignores unknown ones: the API has many, and adds more.
func (a *items) event(e *event, data []byte) {
	switch string(e.kind) {
	case "response.created", "response.in_progress", "response.queued":
		a.response(e.response)
	case "response.output_item.added":
		a.opened(a.add(e), e.item)
	case "response.output_item.done":
		if it := a.add(e); it != nil {
			a.done(it, e.item)
		}
	case "response.output_text.delta", "response.refusal.delta":
		a.grow(a.find(e, "message"), e.delta)
	case "response.reasoning_summary_text.delta", "response.reasoning_text.delta":
		a.grow(a.find(e, "reasoning"), e.delta)
	case "response.reasoning_summary_part.added":
		if e.again {
			a.grow(a.find(e, "reasoning"), paragraph)
		}
	case "response.function_call_arguments.delta":
		a.grow(a.find(e, "function_call"), e.delta)
	case "response.function_call_arguments.done":
		if it := a.find(e, "function_call"); it != nil && !it.done {
			a.complete(it, string(e.args))
		}
	case "response.completed", "response.incomplete", "response.failed", "response.cancelled":
		a.document(e.response)
		a.Done = true
	case "error":
		a.Fail(data)
	}
}

// paragraph separates the parts of a summary.
var paragraph = []byte("\n\n")

// document reads a whole response: the only document, or the end of a stream.
func (a *items) document(raw []byte) {
	if len(raw) == 0 {
		a.err = fmt.Errorf("the final event has no response")
		return
	}
	a.response(raw)
	if a.status == "" && !a.Failed() && httpapi.IsReport(raw) {
		a.Fail(raw)
	}
	if a.status != "" {
		a.Finished = true
	}
}

// response reads a response. Its output counts for what the events lacked.
func (a *items) response(raw []byte) {
	if len(raw) == 0 {
		return
	}
	s := &a.scan
	var output []byte
	s.Again(raw, func() {
		for key := range s.Object() {
			switch string(key) {
			case "id":
				a.scan.Once(&a.id)
			case "model":
				a.scan.Once(&a.model)
			case "status":
				if b, ok := s.Bytes(); ok {
					a.status = string(b)
				}
			case "incomplete_details":
				a.readReason()
			case "error":
				if raw := s.Raw(); httpapi.SaysError(raw) {
					a.Fail(raw)
				}
			case "output":
				output = s.Raw()
			case "usage":
				a.readUsage()
			case "store":
				a.stored = s.Kind() == 't'
			}
		}
	})
	if len(output) > 0 && output[0] == '[' {
		a.begun = true
		s.Again(output, a.output)
	}
}

func (a *items) readReason() {
	for key := range a.scan.Object() {
		if string(key) == "reason" {
			if b, ok := a.scan.Bytes(); ok {
				a.reason = string(b)
			}
		}
	}
}

// readUsage reads the usage; see [answer.setUsage].
func (a *items) readUsage() {
	s := &a.scan
	u := &a.usage
	for key := range s.Object() {
		switch string(key) {
		case "input_tokens":
			wire.SetTokens(s, &u.Input)
		case "output_tokens":
			wire.SetTokens(s, &u.Output)
		case "input_tokens_details":
			for key := range s.Object() {
				switch string(key) {
				case "cached_tokens":
					wire.SetTokens(s, &u.CacheRead)
				case "cache_write_tokens":
					wire.SetTokens(s, &u.CacheWrite)
				}
			}
		case "output_tokens_details":
			for key := range s.Object() {
				if string(key) == "reasoning_tokens" {
					wire.SetTokens(s, &u.Reasoning)
				}
			}
		default:
			a.bill.read(key, s)
		}
	}
}

// Missing returns "": a response is finished only as a whole.
func (a *items) Missing() string { return "" }

// settle gives items without a "done" event the text that has come, and drops empty calls.
func (a *items) settle() {
	for _, it := range a.list {
		if !it.done {
			it.whole = a.complete(it, "")
		}
	}
	a.list = slices.DeleteFunc(a.list, (*item).empty)
}

// finish returns why the model stopped, for a response with the status of a complete one.
func (a *items) finish() provider.FinishReason {
	finish := provider.FinishStop
	for _, it := range a.list {
		if it.kind != "function_call" {
			continue
		}
		if it.cutOff() {
			return provider.FinishLength
		}
		finish = provider.FinishToolCalls
	}
	return finish
}

// Response returns the complete response, or the fault.
func (a *items) Response() (*provider.Response, *httpapi.Fault) {
	fault := func(kind provider.ErrorKind, format string, args ...any) (*provider.Response, *httpapi.Fault) {
		return nil, &httpapi.Fault{Kind: kind, Message: fmt.Sprintf(format, args...)}
	}
	a.settle()
	finish := provider.FinishStop
	switch a.status {
	case "completed":
		finish = a.finish()
	case "incomplete":
		finish = provider.FinishLength
		if strings.Contains(a.reason, "filter") {
			finish = provider.FinishFiltered
		}
	case "":
		return fault(provider.KindMalformed, "the reply has no response")
	case "failed", "cancelled":
		return fault(provider.KindUnavailable, "the response has the status %q", a.status)
	default:
		return fault(provider.KindMalformed, "the response is not complete: status %q", a.status)
	}
	if !a.begun && len(a.list) == 0 {
		return fault(provider.KindMalformed, "the response has no output")
	}
	a.cite()
	m := &provider.Message{Role: provider.RoleAssistant}
	for _, it := range a.list {
		m.Parts = it.appendParts(m.Parts, a.owner, a.stored)
	}
	raw := a.status
	if a.reason != "" {
		raw += ": " + a.reason
	}
	return &provider.Response{
		Message:   m,
		Finish:    finish,
		RawFinish: raw,
		ID:        a.id,
	}, nil
}

// Used returns what the server has reported so far.
func (a *items) Used() httpapi.Used {
	u := a.usage
	for _, it := range a.list {
		switch serverTools[it.kind] {
		case webSearch:
			if !it.served.free {
				u.WebSearches++
			}
		case fileSearch:
			u.FileSearches++
		case codeExecution:
			u.CodeExecutions++
		}
	}
	return httpapi.Used{Model: a.model, Usage: u, Cost: a.bill.total()}
}
