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

// items are an answer of the Responses API, put together from its events, or
// from one document. An item is what its "done" event says that it is; what
// came in pieces before that is for whoever watches, and for servers that
// forget that event.
type items struct {
	httpapi.Progress
	owner string // of the State that it makes
	scan  jsonscan.Scanner

	id, model string
	list      []*item
	calls     int
	status    string // of the response, once it is over
	reason    string // why it is incomplete
	begun     bool
	stored    bool // the server keeps the response
	err       error
	usage     provider.Usage
	bill      bill
}

// newResponse returns the items that a reply is read into.
func newResponse(p httpapi.Progress, owner string) httpapi.Answer {
	return &items{Progress: p, owner: owner}
}

// maxItems bounds the items of an answer; finding one looks at all of them.
const maxItems = 1024

// An event is what the data of one says. Its slices live as long as the data.
type event struct {
	kind, delta, id []byte
	args            []byte // of a call, as a whole
	item, response  []byte // raw
	itemKind        []byte // what tells the item from others, as its id does
	callID, name    []byte
	index           int64
	hasIndex        bool
	again           bool // a further part of a summary begins
}

// Add reads one event, or a document. The type of an event stands in its data,
// and counts there.
func (a *items) Add(data []byte) (rest []byte, err error) {
	a.scan.Reset(data)
	var e event
	e.read(&a.scan)
	if err := a.scan.Err(); err != nil {
		return nil, err
	}
	rest = a.scan.Rest()
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
			e.delta, _ = s.Bytes()
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

// event takes in one event. What it does not know it passes over: there are
// many, and there will be more.
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

// paragraph stands between the parts of a summary.
var paragraph = []byte("\n\n")

// document takes in a response as a whole: it is all there is, or comes at the
// end of a stream.
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

// response reads what a response says of itself. Its output counts where it
// has more than the events had.
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

// readUsage reads the usage, as setUsage does for the other API.
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

// Missing says what a finished answer lacks: it is finished as a whole.
func (a *items) Missing() string { return "" }

// settle gives the items that have no end of their own the text that has come, and
// drops calls that say nothing.
func (a *items) settle() {
	for _, it := range a.list {
		if !it.done {
			it.whole = a.complete(it, "")
		}
	}
	a.list = slices.DeleteFunc(a.list, (*item).empty)
}

// finish says why the model stopped in a response that says that it is whole.
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

// Response is the answer as a whole, or says why it is none.
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

// Used is what the server has said so far.
func (a *items) Used() httpapi.Used {
	return httpapi.Used{Model: a.model, Usage: a.usage, Cost: a.bill.total()}
}
