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

// An answer is put together from the JSON of the API as it comes in: one
// document, or the chunks of a stream. It is read in place; what a delta costs
// is the copy of its text.
type answer struct {
	httpapi.Progress
	owner string // of the State that it makes
	scan  jsonscan.Scanner

	id, model string
	begun     bool  // a message or a delta has come
	pieces    bool  // a delta has brought something
	passed    kinds // what is passed over of the message that is read
	choices   choices
	text      strings.Builder
	thoughts  reasoning
	calls     calls
	ended     int // how many of the calls were said to be complete
	finish    string
	complete  bool // finish says that the calls are
	usage     provider.Usage
	bill      bill
}

// newAnswer returns the answer that a reply is read into.
func newAnswer(p httpapi.Progress, owner string) httpapi.Answer {
	p.Marks = true
	return &answer{Progress: p, owner: owner}
}

// kinds are kinds of content.
type kinds struct{ text, thoughts, calls bool }

// Add reads one chunk, or a document.
func (a *answer) Add(data []byte) (rest []byte, err error) {
	a.scan.Reset(data)
	a.chunk(data)
	if err := a.scan.Err(); err != nil {
		return nil, err
	}
	return a.scan.Rest(), a.calls.err
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
	// What is no part of an answer may be an error in any of its forms.
	if bare && !a.Failed() && s.Err() == nil && httpapi.IsReport(data) {
		a.Fail(data)
	}
}

// choice reads a choice, whose index may be left out or stand behind its content.
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
	// Some servers put all that has come so far beside each delta: it is the
	// answer only where no delta is. The last one may have a kind of content of
	// which there were no deltas.
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

// message reads a message, or a delta, which has the same fields.
func (a *answer) message(whole bool) {
	s := &a.scan
	a.begun = a.begun || s.Kind() == '{'
	var modern, legacy []byte
	for key := range s.Object() {
		switch string(key) {
		case "content":
			a.content()
		case "refusal":
			a.addText()
		case "reasoning_content", "reasoning":
			a.think(key)
		case "reasoning_details":
			if list := details(s.Raw()); len(list) > 0 && a.choices.counts(&a.choices.thoughts, false) && !a.passed.thoughts {
				a.thoughts.addDetails(list, whole)
			}
		case "tool_calls":
			modern = s.Raw()
		case "function_call": // what tool calls were before there could be several
			legacy = s.Raw()
		}
	}
	// Calls come last, wherever they stand: text and reasoning tell whether the
	// choice is another answer.
	if len(modern) > 0 && modern[0] == '[' {
		a.calls.nextMessage(whole)
		s.Again(modern, a.toolCalls)
	}
	// Some servers send every call in both forms. It is one call.
	if len(legacy) > 0 && legacy[0] == '{' && !a.calls.modern {
		a.calls.nextMessage(whole)
		s.Again(legacy, func() { a.call() })
	}
}

func (a *answer) toolCalls() {
	for range a.scan.Array() {
		if a.call() {
			a.calls.modern = true
		}
	}
}

// content is text, or a list of parts.
func (a *answer) content() {
	s := &a.scan
	if s.Kind() != '[' {
		a.addText()
		return
	}
	for range s.Array() {
		for key := range s.Object() {
			switch string(key) {
			case "text":
				a.addText()
			case "thinking":
				for range s.Array() {
					for key := range s.Object() {
						if string(key) == "text" {
							a.think(nil)
						}
					}
				}
			}
		}
	}
}

func (a *answer) addText() {
	b, ok := a.scan.Bytes()
	if !ok || len(b) == 0 || !a.choices.counts(&a.choices.text, isBlank(b)) || a.passed.text {
		return
	}
	a.Grow(&a.text, b, provider.Delta{Kind: provider.DeltaText})
}

func isBlank(text []byte) bool { return len(bytes.TrimSpace(text)) == 0 }

// think reads a piece of reasoning from the field of that name.
func (a *answer) think(field []byte) {
	b, ok := a.scan.Bytes()
	if !ok || a.passed.thoughts || !a.thoughts.takes(field, len(b) > 0) || len(b) == 0 || !a.choices.counts(&a.choices.thoughts, isBlank(b)) {
		return
	}
	a.Grow(&a.thoughts.text, b, provider.Delta{Kind: provider.DeltaReasoning})
}

// call reads an element of tool_calls, and reports whether it says anything.
func (a *answer) call() bool {
	var p piece
	p.scan(&a.scan)
	if a.scan.Err() != nil || a.calls.err != nil {
		return false
	}
	if p.empty() {
		a.calls.nameless = true
		return false
	}
	if a.passed.calls || !a.choices.counts(&a.choices.calls, false) {
		return false
	}
	at, begins := a.calls.place(&p)
	if at < 0 {
		return false
	}
	c := a.calls.list[at]
	c.late = c.late || a.finish != ""
	if begins && a.Emit != nil {
		c.args.Grow(64) // mostly enough for all the pieces
	}
	c.add(&p)
	if a.Emit == nil {
		return true
	}
	if begins {
		a.endCalls(at)
		a.Send(provider.Delta{Kind: provider.DeltaCallStart, Call: at, ID: c.id, Name: c.name})
	}
	if len(p.args) > 0 {
		a.Send(provider.Delta{Kind: provider.DeltaArgs, Call: at, Text: string(p.args)})
	}
	return true
}

// endCalls says of the first n calls that they are complete, in their order: a
// call of which that cannot be told keeps back those behind it. Of one without
// arguments it cannot: they may still come, behind the next call or the finish,
// and so may a name. Under a finish reason that is a cut, or unknown, it cannot be
// told of any.
func (a *answer) endCalls(n int) {
	list := a.calls.list
	if a.Emit == nil || a.ended >= n || !list[a.ended].brackets.closed() {
		return
	}
	if a.Failed() || a.finish != "" && !a.complete || !a.calls.inOrder() {
		return
	}
	for ; a.ended < n; a.ended++ {
		c := list[a.ended]
		if c.name == "" || !c.brackets.closed() {
			return
		}
		a.Send(provider.Delta{Kind: provider.DeltaCallEnd, Call: a.ended, ID: c.id, Name: c.name, Text: c.args.String()})
	}
}

// finished keeps the first reason, except that a cut always shows.
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

// fail keeps the report of an error that came in place of an answer, if the member
// named error says that there is one.
func (a *answer) fail(member, report []byte) {
	if httpapi.SaysError(member) {
		a.Fail(report)
	}
}

// reportIn returns what of a chunk is the report of an error. The code of an error
// that is a text stands beside it, in a chunk that holds little else.
func reportIn(chunk, member []byte) []byte {
	if bytes.HasPrefix(member, []byte{'"'}) && len(chunk) < len(member)+1<<10 {
		return chunk
	}
	return member
}

// Missing says what a finished answer lacks where the stream just ends.
func (a *answer) Missing() string {
	if a.calls.cutShort() {
		return "in the middle of a tool call"
	}
	return ""
}

// dropEmpty drops the calls that say nothing. If one is all that there is and the
// model waits for its result it is kept, so that the model is told.
func (a *answer) dropEmpty() {
	list := a.calls.list
	full := slices.DeleteFunc(slices.Clone(list), func(c *call) bool { return saysNothing(c.name, c.args.String()) })
	empty := a.calls.nameless || len(full) < len(list)
	if a.calls.list = full; !empty || len(full) > 0 || a.text.Len() > 0 || !forCalls[strings.ToLower(a.finish)] {
		return
	}
	if len(list) == 0 {
		list = []*call{{}}
		a.Send(provider.Delta{Kind: provider.DeltaCallStart})
	}
	a.calls.list = list[:1]
}

// Response is the answer as a whole, or says why it is none.
func (a *answer) Response() (*provider.Response, *httpapi.Fault) {
	if !a.begun {
		return nil, &httpapi.Fault{Kind: provider.KindMalformed, Message: "the reply has no message"}
	}
	if c, ok := cutBy(a.finish); ok && c.kind != "" {
		return nil, &httpapi.Fault{Kind: c.kind, Message: fmt.Sprintf("the server ended the response early: finish reason %q", a.finish)}
	}
	a.dropEmpty()
	list := a.calls.sorted()
	parts := make([]provider.Part, 0, 2+len(list))
	if thought, ok := a.thoughts.part(a.owner); ok {
		parts = append(parts, thought)
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

// Used is what the server has said so far.
func (a *answer) Used() httpapi.Used {
	return httpapi.Used{Model: a.model, Usage: a.usage, Cost: a.bill.total()}
}
