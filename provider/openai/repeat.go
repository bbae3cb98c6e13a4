package openai

import (
	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/provider"
)

// An effect is what a chunk added to the response, if it is one piece of text: then a chunk
// that differs in that text alone has the same effect, with the other text.
type effect struct {
	kind   provider.DeltaKind
	choice choice
	place  jsonscan.Span // of the text in the chunk
	field  []byte        // that reasoning is in
	piece  piece         // of a call, with arguments
	texts  int           // how many pieces of text came
	other  bool          // there was more than that, such as a finish reason
}

// is notes a piece of text.
func (e *effect) is(text effect) {
	text.texts, text.other = e.texts+1, e.other
	*e = text
}

// repeat adds a text as the last chunk did.
func (a *answer) repeat(text []byte) {
	e := &a.last
	a.choices.at = e.choice
	before := a.size()
	switch e.kind {
	case provider.DeltaText:
		a.addText(text)
	case provider.DeltaReasoning:
		a.think(e.field, text)
	case provider.DeltaArgs:
		e.piece.args = text
		a.calls.nextMessage(false)
		if a.call(&e.piece) {
			a.calls.modern = true
		}
	}
	a.pieces = a.pieces || a.size() > before
	if a.finish != "" {
		a.endCalls(len(a.calls.list))
	}
}
