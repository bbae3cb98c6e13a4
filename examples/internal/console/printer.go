package console

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// width is the maximum number of columns of the output.
const width = 92

// A Printer writes text for people: wrapped, and in color on a terminal.
// Write errors are ignored: the program has no other output to report them.
type Printer struct {
	w     io.Writer
	color bool

	// The streamed text that is being wrapped.
	column int
	word   strings.Builder
	begun  bool
}

func newPrinter(w io.Writer, getenv func(string) string) *Printer {
	p := &Printer{w: w}
	if f, ok := w.(*os.File); ok && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb" {
		info, err := f.Stat()
		p.color = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// Line prints a line.
func (p *Printer) Line(format string, args ...any) { fmt.Fprintf(p.w, format+"\n", args...) }

// Bold prints a line in bold.
func (p *Printer) Bold(s string) { p.Line("%s", p.paint("1", s)) }

func (p *Printer) paint(code, s string) string {
	if !p.color {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// labeled prints a text behind a label, wrapped under itself.
func (p *Printer) labeled(label, text string) {
	fmt.Fprint(p.w, p.paint("36", label))
	p.wrap(Clean(text), len(label))
}

// indented prints a text behind an indent, wrapped under itself.
func (p *Printer) indented(indent, text string) {
	fmt.Fprint(p.w, indent)
	p.wrap(text, len(indent))
}

func (p *Printer) wrap(text string, indent int) {
	column := indent
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+n > width:
			fmt.Fprint(p.w, "\n", strings.Repeat(" ", indent))
			column = indent
		default:
			fmt.Fprint(p.w, " ")
			column++
		}
		fmt.Fprint(p.w, word)
		column += n
	}
	fmt.Fprintln(p.w)
}

const answerLabel = "Agent:    "

// text prints a streamed piece of the answer. A word is buffered until it is complete, as it may
// belong on the next line.
func (p *Printer) text(piece string) {
	for _, r := range Clean(piece) {
		switch r {
		case ' ':
			p.flushWord()
		case '\n':
			p.flushWord()
			if p.begun {
				p.newLine()
			}
		default:
			p.word.WriteRune(r)
		}
	}
}

func (p *Printer) flushWord() {
	if p.word.Len() == 0 {
		return
	}
	word := p.word.String()
	p.word.Reset()
	n := utf8.RuneCountInString(word)
	switch {
	case !p.begun:
		fmt.Fprint(p.w, p.paint("32", answerLabel))
		p.begun, p.column = true, len(answerLabel)
	case p.column > len(answerLabel) && p.column+1+n > width:
		p.newLine()
	case p.column > len(answerLabel):
		fmt.Fprint(p.w, " ")
		p.column++
	}
	if p.column == 0 {
		fmt.Fprint(p.w, strings.Repeat(" ", len(answerLabel)))
		p.column = len(answerLabel)
	}
	fmt.Fprint(p.w, word)
	p.column += n
}

func (p *Printer) newLine() {
	fmt.Fprintln(p.w)
	p.column = 0
}

// endText ends the answer's last line.
func (p *Printer) endText() {
	p.flushWord()
	if p.begun {
		fmt.Fprintln(p.w)
	}
	p.begun, p.column = false, 0
}

// calls prints tool calls that ran in parallel.
func (p *Printer) calls(group calls) {
	mark := "  "
	if len(group) > 1 {
		p.Line("  %s", p.paint("33", fmt.Sprintf("%d calls side by side, %s together:", len(group), ms(group.took()))))
		mark = "  | "
	}
	for _, c := range group {
		says, _ := outcome(c)
		head := fmt.Sprintf("%s%7s  ", mark, ms(c.Duration))
		fmt.Fprint(p.w, p.paint("33", head))
		p.wrap(c.Tool+" "+Clean(spaced(c.Args))+" -> "+says, len(head))
	}
}

// spaced adds a space after each comma and colon of a JSON text, so that it can be wrapped there.
func spaced(text string) string {
	var b strings.Builder
	inString, escaped := false, false
	for _, r := range text {
		b.WriteRune(r)
		switch {
		case escaped:
			escaped = false
		case inString && r == '\\':
			escaped = true
		case r == '"':
			inString = !inString
		case !inString && (r == ',' || r == ':'):
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// Clean removes control characters, and marks that change the direction of text: a model may
// repeat text from any source.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)):
			return -1
		}
		return r
	}, s)
}

// cleanLine is Clean for a text within one line.
func cleanLine(s string) string { return oneLine(Clean(s)) }

func ms(d time.Duration) string {
	return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
}
