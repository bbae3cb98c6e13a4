package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/transcript"
)

// width is how many columns the output takes at most.
const width = 92

// A printer writes for a person to read: wrapped, and in color on a terminal.
// A failing writer is nothing that the program could tell anybody.
type printer struct {
	w     io.Writer
	color bool

	// The streamed text that is being wrapped.
	column int
	word   strings.Builder
	begun  bool
}

func newPrinter(w io.Writer, getenv func(string) string) *printer {
	p := &printer{w: w}
	if f, ok := w.(*os.File); ok && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb" {
		info, err := f.Stat()
		p.color = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

func (p *printer) line(format string, args ...any) { fmt.Fprintf(p.w, format+"\n", args...) }

func (p *printer) bold(s string) { p.line("%s", p.paint("1", s)) }

func (p *printer) paint(code, s string) string {
	if !p.color {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// labeled prints a text behind a label, wrapped under itself.
func (p *printer) labeled(label, text string) {
	fmt.Fprint(p.w, p.paint("36", label))
	p.wrap(clean(text), len(label))
}

func (p *printer) wrap(text string, indent int) {
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

// text prints a piece of the answer as it streams in. A word is held back
// until it is whole, as it may belong on the next line.
func (p *printer) text(piece string) {
	for _, r := range clean(piece) {
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

func (p *printer) flushWord() {
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

func (p *printer) newLine() {
	fmt.Fprintln(p.w)
	p.column = 0
}

// endText ends the answer's last line.
func (p *printer) endText() {
	p.flushWord()
	if p.begun {
		fmt.Fprintln(p.w)
	}
	p.begun, p.column = false, 0
}

// calls prints tool calls that ran together.
func (p *printer) calls(group calls) {
	mark := "  "
	if len(group) > 1 {
		p.line("  %s", p.paint("33", fmt.Sprintf("%d calls side by side, %s together:", len(group), ms(group.took()))))
		mark = "  | "
	}
	for _, c := range group {
		head := fmt.Sprintf("%s%7s  ", mark, ms(c.took))
		fmt.Fprint(p.w, p.paint("33", head))
		p.wrap(c.tool+" "+clean(spaced(c.args))+" -> "+c.says, len(head))
	}
}

// spaced puts a space after each comma and colon of a JSON text, so that it can
// be wrapped there.
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

// clean takes out what a terminal would obey, the marks that turn a line's
// direction around included: nobody knows who wrote the text
// that a model repeats.
func clean(s string) string {
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

func ms(d time.Duration) string {
	return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
}

// calls are tool calls that run side by side, in the order in which they were
// asked for.
type calls []shownCall

type shownCall struct {
	ref        transcript.Ref
	tool, args string
	took       time.Duration
	status     transcript.Status // empty while it runs
	refused    bool              // by the shop, for a reason of business
	says       string
}

func (c *calls) start(ev funcall.Event) {
	*c = append(*c, shownCall{ref: ev.Ref, tool: ev.Tool, args: ev.Args})
}

// end reports whether the call that has ended was the last one under way. A
// call that was refused never started.
func (c *calls) end(ev funcall.Event) bool {
	open := 0
	found := false
	for i := range *c {
		if call := &(*c)[i]; call.ref == ev.Ref {
			call.finish(ev)
			found = true
		} else if call.status == "" {
			open++
		}
	}
	if !found {
		call := shownCall{ref: ev.Ref, tool: ev.Tool, args: ev.Args}
		call.finish(ev)
		*c = append(*c, call)
	}
	return open == 0
}

func (c *shownCall) finish(ev funcall.Event) {
	c.took, c.status, c.says = ev.Took, ev.Status, string(ev.Status)
	if ev.Status != transcript.StatusOK {
		why, _, _ := strings.Cut(ev.Text, "\n")
		c.says += ": " + clean(why)
		return
	}
	var answer struct {
		Success bool
		Error   string
	}
	if json.Unmarshal([]byte(ev.Text), &answer) == nil && !answer.Success {
		c.refused, c.says = true, clean(answer.Error)
	}
}

// took is how long the slowest of the calls took, as they ran side by side.
func (c calls) took() time.Duration {
	var longest time.Duration
	for _, call := range c {
		longest = max(longest, call.took)
	}
	return longest
}
