package console

import (
	"fmt"
	"io"
	"strings"
)

// A paragraph is a text that is wrapped while it is written. A word is buffered until it is
// complete, as it may belong on the next line.
type paragraph struct {
	w       io.Writer
	columns func() int
	paint   func(style, s string) string
	style   string
	indent  int // of all lines but the first

	column int  // where the next character is written
	filled bool // the line has a word
	space  bool // a space separates the next word
	breaks int  // line breaks before the next word
	word   strings.Builder
}

// write appends text. Spaces and line breaks are written together with the word behind them.
func (g *paragraph) write(text string) {
	for _, r := range text {
		switch {
		case r == ' ':
			g.flush()
			g.space = true
		case r == '\n':
			g.flush()
			g.breaks++
		case runeColumns(r) == 2: // a line may break before and after it
			g.flush()
			g.word.WriteRune(r)
			g.flush()
		default:
			g.word.WriteRune(r)
		}
	}
}

// restyle ends the current word and sets the style of the next ones.
func (g *paragraph) restyle(style string) {
	g.flush()
	g.style = style
}

// flush writes the buffered word.
func (g *paragraph) flush() {
	if g.word.Len() == 0 {
		return
	}
	word := g.word.String()
	g.word.Reset()
	n := textColumns(word)
	gap := 0
	if g.space && g.filled {
		gap = 1
	}
	if g.breaks == 0 && (g.filled || g.column > g.indent) && g.column+gap+n > g.columns() {
		g.breaks = 1
	}
	if g.breaks > 0 {
		fmt.Fprint(g.w, strings.Repeat("\n", g.breaks), strings.Repeat(" ", g.indent))
		g.column, g.breaks, gap = g.indent, 0, 0
	}
	fmt.Fprint(g.w, strings.Repeat(" ", gap), g.paint(g.style, word))
	g.column += gap + n
	g.filled, g.space = true, false
}

// end writes the end of the last line.
func (g *paragraph) end() {
	g.flush()
	fmt.Fprintln(g.w)
}
