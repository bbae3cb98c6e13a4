package providertest

import (
	"iter"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/funcall/funcall/provider"
)

// A Cut divides a stream into pieces: it returns how many bytes of rest the next piece takes.
// rest is never empty. If the result is less than one byte, or ends within a character, the
// piece extends to the next end of a character. A Cut must be safe for concurrent use.
type Cut func(rest string) int

// CutWords cuts after each run of white space. It is the default of a [Script].
func CutWords(rest string) int {
	space := false
	for i, r := range rest {
		if unicode.IsSpace(r) {
			space = true
		} else if space {
			return i
		}
	}
	return len(rest)
}

// CutWhole leaves the text of a part in one piece.
func CutWhole(rest string) int { return len(rest) }

// CutRunes cuts into pieces of n runes.
func CutRunes(n int) Cut {
	return func(rest string) int {
		left := n
		for i := range rest {
			if left == 0 {
				return i
			}
			left--
		}
		return len(rest)
	}
}

// CutRandom cuts into pieces of 1 to 16 bytes, reproducibly: a seed always cuts the same text
// in the same way.
func CutRandom(seed uint64) Cut {
	return func(rest string) int {
		// A hash of the position instead of a random generator: concurrent streams share no
		// state.
		x := (seed + uint64(len(rest))) * 0x9e3779b97f4a7c15
		x ^= x >> 32
		x *= 0xd6e8feb86659fd93
		return 1 + int(x>>60)
	}
}

// Deltas returns the deltas of r as a stream has them: its parts in order, divided by cut.
// Each call begins with a [provider.DeltaCallStart] and ends with a [provider.DeltaCallEnd]. The
// last call of a truncated response has no DeltaCallEnd. A call of a server-side tool with an
// ID begins and ends with its first part.
func Deltas(r *provider.Response, cut Cut) iter.Seq[provider.Delta] {
	return func(yield func(provider.Delta) bool) {
		if r == nil || r.Message == nil {
			return
		}
		started := make(map[string]bool)
		call, ends := -1, len(r.Message.ToolCalls())
		if !r.Finish.Complete() {
			ends--
		}
		for _, p := range r.Message.Parts {
			var d provider.Delta
			var text string
			switch p := p.(type) {
			case provider.Text:
				d.Kind, text = provider.DeltaText, p.Text
			case provider.Reasoning:
				d.Kind, text = provider.DeltaReasoning, p.Text
			case provider.ServerCall:
				if !serverDeltas(r.Message, p, started, yield) {
					return
				}
			case provider.ToolCall:
				call++
				if !yield(provider.Delta{Kind: provider.DeltaCallStart, Call: call, ID: p.ID, Name: p.Name}) {
					return
				}
				d.Kind, d.Call, text = provider.DeltaArgs, call, p.Args
			}
			for text != "" {
				n := pieceLen(text, cut(text))
				d.Text, text = text[:n], text[n:]
				if !yield(d) {
					return
				}
			}
			if c, ok := p.(provider.ToolCall); ok && call < ends {
				if !yield(provider.Delta{Kind: provider.DeltaCallEnd, Call: call, ID: c.ID, Name: c.Name, Text: c.Args}) {
					return
				}
			}
		}
	}
}

// serverDeltas yields the deltas of a server-side tool, unless an earlier part has had them.
func serverDeltas(m *provider.Message, part provider.ServerCall, started map[string]bool, yield func(provider.Delta) bool) bool {
	if part.ID == "" || started[part.ID] {
		return true
	}
	started[part.ID] = true
	calls := m.ServerCalls()
	c := calls[slices.IndexFunc(calls, func(c provider.ServerCall) bool { return c.ID == part.ID })]
	d := provider.Delta{ID: c.ID, Name: c.Name, Server: &c}
	for _, d.Kind = range []provider.DeltaKind{provider.DeltaServerStart, provider.DeltaServerEnd} {
		if !yield(d) {
			return false
		}
	}
	return true
}

// pieceLen returns n, or the next position after it where a character ends.
func pieceLen(text string, n int) int {
	n = max(n, 1)
	for n < len(text) && !utf8.RuneStart(text[n]) {
		n++
	}
	return min(n, len(text))
}
