package structured

import (
	"strings"

	"github.com/funcall/funcall/internal/json/answertext"
	"github.com/funcall/funcall/provider"
)

// Follow returns a function that reads the deltas of one response. Each time that the answer
// has grown, it calls show with a JSON document: the answer as far as it is written, with
// nothing checked and no defaults.
func (f *Form) Follow(show func(doc string)) func(provider.Delta) {
	p := &partial{name: f.Output.Name, complete: f.begun}
	return func(d provider.Delta) {
		if doc := p.add(d); doc != "" {
			show(doc)
		}
	}
}

// begun returns the answer as far as text has it, or "" if it has nothing so far.
func (f *Form) begun(text string) string {
	doc := strings.TrimSpace(answertext.FindBegun(text))
	switch {
	case doc == "null":
		return ""
	case f.oneValue && doc != "" && doc[0] != '{':
		return box(doc)
	}
	return doc
}

// A partial is an answer that is being written: the text of a response, or the arguments of
// its first call with the name of the answer.
type partial struct {
	name     string
	complete func(text string) string
	from     origin
	call     int // the number of that call
	text     strings.Builder
	next     int    // the length at which text is read again
	doc      string // that was shown last
}

// An origin says which deltas are the answer.
type origin int

const (
	fromText origin = iota
	fromCall
	fromNone // the response has calls, and none of the answer so far
)

// An answer of up to readPieces bytes is read with each piece. A longer one is read again when
// it has grown by 1/readShare, so that reading is linear in its length.
const (
	readPieces = 4 << 10
	readShare  = 16
)

// add adds a delta. It returns the answer if that has grown, or else "".
func (p *partial) add(d provider.Delta) string {
	switch {
	case d.Kind == provider.DeltaText && p.from == fromText:
	case d.Kind == provider.DeltaArgs && p.from == fromCall && d.Call == p.call:
	case d.Kind == provider.DeltaCallStart && (p.from != fromCall || d.Call == p.call):
		p.begin(d)
		return ""
	default:
		return ""
	}
	p.text.WriteString(d.Text)
	n := p.text.Len()
	if n < p.next {
		return ""
	}
	if p.next = n + 1; n >= readPieces {
		p.next = n + n/readShare
	}
	doc := p.complete(p.text.String())
	if doc == p.doc {
		return ""
	}
	p.doc = doc
	return doc
}

// begin takes note of a call. The call of the answer may begin again.
func (p *partial) begin(d provider.Delta) {
	p.text.Reset()
	p.next, p.from = 0, fromNone
	if d.Name == p.name {
		p.from, p.call = fromCall, d.Call
	}
}
