package schemagen

import (
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/funcall/funcall/internal/schema/pattern"
)

// matching writes a text that a pattern matches. A repetition goes at most
// stretch beyond its least. What a pattern says of places (line ends, word
// boundaries) is left to chance; the caller checks whether the text fits.
func (m *maker) matching(text string, stretch int) string {
	re2, err := pattern.RE2(text)
	if err != nil {
		return ""
	}
	re, err := syntax.Parse(re2, syntax.Perl)
	if err != nil {
		return ""
	}
	w := &matchWriter{m: m, stretch: stretch}
	w.write(re)
	m.left -= w.steps / charsPerDraft
	return w.text.String()
}

type matchWriter struct {
	m       *maker
	stretch int
	steps   int // so that repetitions of nothing come to an end, too
	text    strings.Builder
}

func (w *matchWriter) write(re *syntax.Regexp) {
	if w.steps++; w.steps > maxText {
		return
	}
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if re.Flags&syntax.FoldCase != 0 && w.m.chance(1, 2) {
				r = unicode.SimpleFold(r)
			}
			w.text.WriteRune(r)
		}
	case syntax.OpCharClass:
		w.text.WriteRune(w.class(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		w.text.WriteRune(rune('a' + w.m.rand.IntN(26)))
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			w.write(sub)
		}
	case syntax.OpAlternate:
		w.write(re.Sub[w.m.rand.IntN(len(re.Sub))])
	case syntax.OpStar:
		w.repeat(re.Sub[0], 0, -1)
	case syntax.OpPlus:
		w.repeat(re.Sub[0], 1, -1)
	case syntax.OpQuest:
		w.repeat(re.Sub[0], 0, 1)
	case syntax.OpRepeat:
		w.repeat(re.Sub[0], re.Min, re.Max)
	}
}

// repeat writes between least and most of what re matches; most is -1 where
// there is no bound.
func (w *matchWriter) repeat(re *syntax.Regexp, least, most int) {
	n := least + w.m.rand.IntN(w.stretch+1)
	if most >= 0 {
		n = min(n, most)
	}
	for i := 0; i < n && w.steps < maxText; i++ {
		w.write(re)
	}
}

// class chooses a character of a class, given as pairs of first and last one:
// if it can, one that can be read.
func (w *matchWriter) class(ranges []rune) rune {
	if r, ok := w.within(ranges, ' ', '~'); ok {
		return r
	}
	for range 20 {
		if r, ok := w.within(ranges, 0, unicode.MaxRune); ok && utf8.ValidRune(r) {
			return r
		}
	}
	return utf8.RuneError
}

func (w *matchWriter) within(ranges []rune, low, high rune) (rune, bool) {
	total := 0
	each := func(visit func(first rune, n int)) {
		for i := 0; i+1 < len(ranges); i += 2 {
			if first, last := max(ranges[i], low), min(ranges[i+1], high); first <= last {
				visit(first, int(last-first)+1)
			}
		}
	}
	each(func(_ rune, n int) { total += n })
	if total == 0 {
		return 0, false
	}
	at := w.m.rand.IntN(total)
	var chosen rune
	each(func(first rune, n int) {
		if at >= 0 && at < n {
			chosen = first + rune(at)
		}
		at -= n
	})
	return chosen, true
}
