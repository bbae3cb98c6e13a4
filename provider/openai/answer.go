package openai

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/adapter/httpapi"
	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/provider"
)

// An answer builds a response from the API's JSON as it arrives: one document, or the chunks
// of a stream. It is parsed in place, and a delta is a part of the text that grows with it.
type answer struct {
	httpapi.Progress
	owner string // of the State of its parts
	scan  jsonscan.Scanner
	frame *jsonscan.Frame // of the last chunk; nil if the call does not stream
	last  effect          // of the last chunk

	id, model string
	begun     bool  // a message or a delta came
	pieces    bool  // a delta had content
	passed    kinds // what to skip in the current message
	choices   choices
	text      strings.Builder
	thoughts  reasoning
	calls     calls
	ended     int // how many calls have a DeltaCallEnd
	finish    string
	complete  bool // finish says that the calls are complete
	usage     provider.Usage
	bill      bill
	searches  bool // the request asked for a search of the web
	cited     []citation
}

// newAnswer returns the answer for a reply to the request.
func (c *Client) newAnswer(req *provider.Request, p httpapi.Progress, owner string) httpapi.Answer {
	p.Marks = true
	a := &answer{Progress: p, owner: owner, searches: c.searches(req)}
	if p.Emit != nil {
		a.frame = new(jsonscan.Frame)
	}
	return a
}

// kinds are kinds of content.
type kinds struct{ text, thoughts, calls bool }

// Add reads one chunk, or a document. Most chunks of a stream are like the one before them,
// with another text.
func (a *answer) Add(data []byte) (rest []byte, err error) {
	if text, ok := a.frame.Match(data); ok {
		a.repeat(text)
		return nil, a.calls.err
	}
	a.last = effect{}
	a.frame.Read(&a.scan, data)
	a.chunk(data)
	if err := a.scan.Err(); err != nil {
		return nil, err
	}
	rest = data[len(data)-len(a.scan.Rest()):]
	if a.last.texts == 1 && !a.last.other {
		a.frame.Keep(&a.scan, a.last.place)
	}
	return rest, a.calls.err
}

func (a *answer) chunk(data []byte) {
	s := &a.scan
	bare := true
	for key := range s.Object() {
		switch string(key) {
		case "id":
			a.scan.Once(&a.id)
		case "model":
			a.scan.Once(&a.model)
		case "choices":
			bare = bare && s.Kind() == 'n'
			for i := range s.Array() {
				a.choice(i)
			}
		case "usage":
			bare = bare && s.Kind() == 'n'
			a.setUsage()
		case "error":
			raw := s.Raw()
			a.fail(raw, reportIn(data, raw))
		}
	}
	if a.finish != "" && s.Err() == nil {
		a.endCalls(len(a.calls.list))
	}
	// A value without a choice may be an error in any form.
	if bare && !a.Failed() && s.Err() == nil && httpapi.IsReport(data) {
		a.Fail(data)
	}
}

// choice reads a choice. Its index may be missing or come after its content.
func (a *answer) choice(position int) {
	s := &a.scan
	var delta, message, reason, failure []byte
	a.choices.at = choice(position)
	known := false
	for key := range s.Object() {
		switch string(key) {
		case "index":
			if s.Kind() == '0' {
				a.choices.at, known = choice(s.Int()), true
			}
		case "delta":
			if known {
				a.delta()
			} else {
				delta = s.Raw()
			}
		case "message":
			message = s.Raw()
		case "finish_reason":
			reason = readReason(s)
		case "usage":
			a.setUsage()
		case "error":
			failure = s.Raw()
		}
	}
	if delta != nil {
		s.Again(delta, a.delta)
	}
	// Some servers add the message so far to each delta: it counts only if there are no
	// deltas. The last one may have a kind of content that had no deltas.
	a.last.other = a.last.other || message != nil || len(reason)+len(failure) > 0
	if message != nil && (!a.pieces || len(reason) > 0) {
		if a.pieces {
			a.passed = a.brought()
		}
		s.Again(message, func() { a.message(true) })
		a.passed = kinds{}
	}
	if len(reason)+len(failure) == 0 || a.choices.ignored() {
		return
	}
	a.fail(failure, failure)
	if _, cut := cutBy(string(reason)); cut || a.choices.ends() {
		a.finished(reason)
	}
}

func (a *answer) delta() {
	before := a.size()
	a.message(false)
	a.pieces = a.pieces || a.size() > before
}

// brought returns the kinds of content that have come.
func (a *answer) brought() kinds {
	return kinds{a.text.Len() > 0, a.thoughts.text.Len()+len(a.thoughts.details) > 0, len(a.calls.list) > 0}
}

// size grows with everything that begins.
func (a *answer) size() int {
	return a.text.Len() + a.thoughts.text.Len() + len(a.thoughts.details) + len(a.calls.list)
}

// message reads a message or a delta, which have the same fields.
func (a *answer) message(whole bool) {
	s := &a.scan
	a.begun = a.begun || s.Kind() == '{'
	var modern, legacy []byte
	for key := range s.Object() {
		switch string(key) {
		case "content":
			a.content()
		case "refusal":
			a.readText()
		case "reasoning_content", "reasoning":
			a.readThought(key)
		case "reasoning_details":
			a.last.other = true
			if list := details(s.Raw()); len(list) > 0 && a.choices.counts(&a.choices.thoughts, false) && !a.passed.thoughts {
				a.thoughts.addDetails(list, whole)
			}
		case "annotations":
			a.readCitations()
		case "tool_calls":
			modern = s.Raw()
		case "function_call": // the older form, for a single call
			legacy = s.Raw()
		}
	}
	// Read calls last, wherever they are: text and reasoning show whether the choice is
	// another response.
	if len(modern) > 0 && modern[0] == '[' {
		a.calls.nextMessage(whole)
		s.Again(modern, a.toolCalls)
	}
	// Some servers send every call in both forms. It is one call.
	if len(legacy) > 0 && legacy[0] == '{' && !a.calls.modern {
		a.last.other = true
		a.calls.nextMessage(whole)
		s.Again(legacy, func() { a.readCall() })
	}
}

func (a *answer) toolCalls() {
	for range a.scan.Array() {
		if a.readCall() {
			a.calls.modern = true
		}
	}
}

// content reads text, or a list of parts.
func (a *answer) content() {
	s := &a.scan
	if s.Kind() != '[' {
		a.readText()
		return
	}
	for range s.Array() {
		for key := range s.Object() {
			switch string(key) {
			case "text":
				a.readText()
			case "thinking":
				for range s.Array() {
					for key := range s.Object() {
						if string(key) == "text" {
							a.readThought(nil)
						}
					}
				}
			}
		}
	}
}

func (a *answer) readText() {
	if b, ok := a.scan.Bytes(); ok && len(b) > 0 {
		a.last.is(effect{kind: provider.DeltaText, choice: a.choices.at, place: a.scan.Last()})
		a.addText(b)
	}
}

func (a *answer) addText(b []byte) {
	if len(b) == 0 || !a.choices.counts(&a.choices.text, isBlank(b)) || a.passed.text {
		return
	}
	a.Grow(&a.text, b, provider.Delta{Kind: provider.DeltaText})
}

func isBlank(text []byte) bool { return len(bytes.TrimSpace(text)) == 0 }

// readThought reads a piece of reasoning from the field of that name.
func (a *answer) readThought(field []byte) {
	if b, ok := a.scan.Bytes(); ok {
		if len(b) > 0 {
			a.last.is(effect{kind: provider.DeltaReasoning, choice: a.choices.at, place: a.scan.Last(), field: field})
		}
		a.think(field, b)
	}
}

func (a *answer) think(field, b []byte) {
	if a.passed.thoughts || !a.thoughts.takes(field, len(b) > 0) || len(b) == 0 || !a.choices.counts(&a.choices.thoughts, isBlank(b)) {
		return
	}
	a.Grow(&a.thoughts.text, b, provider.Delta{Kind: provider.DeltaReasoning})
}

// readCall reads an element of tool_calls, and reports whether it has content.
func (a *answer) readCall() bool {
	var p piece
	p.scan(&a.scan)
	if a.scan.Err() != nil || a.calls.err != nil {
		return false
	}
	a.last.is(effect{kind: provider.DeltaArgs, choice: a.choices.at, place: p.place, piece: p})
	a.last.other = a.last.other || !p.plain
	return a.call(&p)
}

func (a *answer) call(p *piece) bool {
	if p.empty() {
		a.calls.nameless = true
		return false
	}
	if a.passed.calls || !a.choices.counts(&a.choices.calls, false) {
		return false
	}
	at, begins := a.calls.place(p)
	if at < 0 {
		return false
	}
	c := a.calls.list[at]
	c.late = c.late || a.finish != ""
	c.add(p)
	if begins && a.Emit != nil {
		a.endCalls(at)
		a.Send(provider.Delta{Kind: provider.DeltaCallStart, Call: at, ID: c.id, Name: c.name})
	}
	if len(p.args) > 0 {
		a.Grow(&c.args, p.args, provider.Delta{Kind: provider.DeltaArgs, Call: at})
	}
	return true
}

// endCalls emits the end of each of the first n calls, in order. A call whose end is uncertain
// holds back the later ones. That is so for a call without arguments: they, or its name, may
// still come after the next call or after the finish reason. If the finish reason means a cut
// or is unknown, the end of every call is uncertain.
func (a *answer) endCalls(n int) {
	list := a.calls.list
	if a.Emit == nil || a.ended >= n || !list[a.ended].closed() {
		return
	}
	if a.Failed() || a.finish != "" && !a.complete || !a.calls.inOrder() {
		return
	}
	for ; a.ended < n; a.ended++ {
		c := list[a.ended]
		if c.name == "" || !c.closed() {
			return
		}
		a.Send(provider.Delta{Kind: provider.DeltaCallEnd, Call: a.ended, ID: c.id, Name: c.name, Text: c.args.String()})
	}
}

// finished keeps the first finish reason, but a cut replaces any other.
func (a *answer) finished(reason []byte) {
	if len(reason) == 0 {
		return
	}
	if _, cut := cutBy(string(reason)); cut || a.finish == "" {
		a.finish = string(reason)
		a.complete = isEnd(a.finish)
		a.Finished = true
	}
}

// fail keeps the report of an error, if the member "error" holds one.
func (a *answer) fail(member, report []byte) {
	if len(member) > 0 && httpapi.SaysError(member) {
		a.Fail(report)
	}
}

// reportIn returns the error report in a chunk. If the error is a text, its code is next to
// it, in a chunk that holds little else.
func reportIn(chunk, member []byte) []byte {
	if bytes.HasPrefix(member, []byte{'"'}) && len(chunk) < len(member)+1<<10 {
		return chunk
	}
	return member
}

// Missing returns what a finished response lacks if the stream ends now.
func (a *answer) Missing() string {
	if a.calls.cutShort() {
		return "in the middle of a tool call"
	}
	return ""
}

// dropEmpty drops the empty calls. If the response has nothing else and the model waits for a
// result, one of them is kept, so that the model is told.
func (a *answer) dropEmpty() {
	list := a.calls.list
	if !a.calls.nameless && !slices.ContainsFunc(list, (*call).isEmpty) {
		return
	}
	a.calls.list = slices.DeleteFunc(slices.Clone(list), (*call).isEmpty)
	if len(a.calls.list) > 0 || a.text.Len() > 0 || !forCalls[strings.ToLower(a.finish)] {
		return
	}
	if len(list) == 0 {
		list = []*call{{}}
		a.Send(provider.Delta{Kind: provider.DeltaCallStart})
	}
	a.calls.list = list[:1]
}

// Response returns the complete response, or the fault.
func (a *answer) Response() (*provider.Response, *httpapi.Fault) {
	if !a.begun {
		return nil, &httpapi.Fault{Kind: provider.KindMalformed, Message: "the reply has no message"}
	}
	if c, ok := cutBy(a.finish); ok && c.kind != "" {
		return nil, &httpapi.Fault{Kind: c.kind, Message: fmt.Sprintf("the server ended the response early: finish reason %q", a.finish)}
	}
	a.dropEmpty()
	list := a.calls.sorted()
	var few [4]provider.Part // which the message copies
	parts := few[:0]
	if thought, ok := a.thoughts.part(a.owner); ok {
		parts = append(parts, thought)
	}
	if call, ok := a.search(); ok {
		parts = append(parts, call)
	}
	if a.text.Len() > 0 {
		parts = append(parts, provider.Text{Text: a.text.String()})
	}
	for _, c := range list {
		parts = append(parts, c.part(a.owner))
	}
	return &provider.Response{
		Message:   provider.Assistant(parts...),
		Finish:    finishReason(a.finish, list),
		RawFinish: a.finish,
		ID:        a.id,
	}, nil
}

// Used returns what the server has reported so far.
func (a *answer) Used() httpapi.Used {
	u := a.usage
	if a.searches && a.begun || len(a.cited) > 0 {
		u.WebSearches = 1 // a search model searches once for each answer, whether it cites or not
	}
	return httpapi.Used{Model: a.model, Usage: u, Cost: a.bill.total()}
}
