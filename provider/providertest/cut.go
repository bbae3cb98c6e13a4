package providertest

import (
	"iter"
	"unicode"
	"unicode/utf8"

	"github.com/funcall/funcall/provider"
)

// A Cut says how a stream is cut into pieces: how many bytes of rest, which is
// never empty, the next piece takes. A piece is never empty and never ends
// within a character, whatever a Cut says. It must be safe for concurrent use.
type Cut func(rest string) int

// CutWords cuts behind each run of white space. It is what a [Script] does unless
// told otherwise.
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

// CutWhole does not cut: the text of a part comes in one piece.
func CutWhole(rest string) int { return len(rest) }

// CutRunes cuts into pieces of n characters.
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

// CutRandom cuts into pieces of 1 to 16 bytes. The same seed cuts the same text
// in the same way.
func CutRandom(seed uint64) Cut {
	return func(rest string) int {
		// A hash of the place instead of a generator: there is no state that
		// concurrent streams could disturb.
		x := (seed + uint64(len(rest))) * 0x9e3779b97f4a7c15
		x ^= x >> 32
		x *= 0xd6e8feb86659fd93
		return 1 + int(x>>60)
	}
}

// Deltas returns the deltas that r streams as: its parts in their order, each
// in the pieces that cut makes of it, each call begun by a
// [provider.DeltaCall] and ended by a [provider.DeltaCallEnd]. The last call of
// an answer that was cut off has no end.
func Deltas(r *provider.Response, cut Cut) iter.Seq[provider.Delta] {
	return func(yield func(provider.Delta) bool) {
		if r == nil || r.Message == nil {
			return
		}
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
			case provider.ToolCall:
				call++
				if !yield(provider.Delta{Kind: provider.DeltaCall, Call: call, ID: p.ID, Name: p.Name}) {
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

// pieceLen is n moved on to the next place where text may be cut.
func pieceLen(text string, n int) int {
	n = max(n, 1)
	for n < len(text) && !utf8.RuneStart(text[n]) {
		n++
	}
	return min(n, len(text))
}
