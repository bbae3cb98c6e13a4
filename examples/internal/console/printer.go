package console

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"
	"unicode"
)

// Styles of text: parameters of the escape sequence for colors.
const (
	plain   = ""
	bold    = "1"
	dim     = "2"
	red     = "31"
	green   = "32"
	yellow  = "33"
	magenta = "35"
	cyan    = "36"
)

// A Printer writes text for people: wrapped, and in color on a terminal. Write errors are ignored,
// but those of answers alone, whose program has other output to report them.
type Printer struct {
	w       io.Writer
	color   bool
	columns func() int // the width of the output
	label   string     // of answers
	answer  *paragraph // the streamed text; nil before its first word
}

func newPrinter(w io.Writer, getenv func(string) string) *Printer {
	columns := givenColumns(getenv)
	p := &Printer{w: w, columns: func() int { return columns }, label: answerLabel}
	f, isFile := w.(*os.File)
	onTerminal := isFile && isDevice(f)
	if onTerminal {
		t := openTerminal(f)
		p.columns = func() int { return t.columns(columns) }
	}
	p.color = wantsColor(onTerminal, getenv)
	return p
}

// newAnswerPrinter returns a Printer for answers alone. A program that reads them gets each line
// as the model wrote it.
func newAnswerPrinter(w io.Writer, getenv func(string) string) *Printer {
	p := newPrinter(w, getenv)
	p.label = ""
	if f, isFile := w.(*os.File); !isFile || !isDevice(f) {
		p.columns = func() int { return math.MaxInt }
	}
	p.w = &checkedWriter{w: w}
	return p
}

// A checkedWriter keeps the first error of a writer.
type checkedWriter struct {
	w   io.Writer
	err error
}

func (c *checkedWriter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	if c.err == nil {
		c.err = err
	}
	return n, err
}

// writeError returns why an answer was not written in full, or nil.
func (p *Printer) writeError() error {
	if c, ok := p.w.(*checkedWriter); ok && c.err != nil {
		return fmt.Errorf("writing the answer: %w", c.err)
	}
	return nil
}

// Raw prints a text as it is.
func (p *Printer) Raw(text string) { fmt.Fprintln(p.w, text) }

// Line prints a line. If it is too long, it is wrapped, and a line that begins with spaces keeps
// them.
func (p *Printer) Line(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	if textColumns(line) <= p.columns() {
		p.Raw(line)
		return
	}
	text := strings.TrimLeft(line, " ")
	p.block(line[:len(line)-len(text)], plain, text, plain)
}

// Bold prints a line in bold.
func (p *Printer) Bold(s string) { p.block("", plain, s, bold) }

func (p *Printer) paint(style, s string) string {
	if !p.color || style == plain || s == "" {
		return s
	}
	return "\x1b[" + style + "m" + s + "\x1b[0m"
}

// block prints a text behind a label, wrapped under itself.
func (p *Printer) block(label, labelStyle, text, style string) {
	g := p.begin(label, labelStyle)
	g.restyle(style)
	g.write(cleanLine(text))
	g.end()
}

// begin prints a label and returns the paragraph behind it. On a narrow screen the lines under
// the first one begin further left.
func (p *Printer) begin(label, labelStyle string) *paragraph {
	fmt.Fprint(p.w, p.paint(labelStyle, label))
	g := &paragraph{w: p.w, columns: p.columns, paint: p.paint, column: textColumns(label), indent: textColumns(label)}
	if columns := p.columns(); g.indent > columns/3 {
		g.indent = min(2, columns/3)
	}
	return g
}

// Labels of who speaks.
const (
	answerLabel   = "Agent:    "
	customerLabel = "Customer: "
	staffLabel    = "Staff:    "
	operatorLabel = "Operator: "

	operatorPrompt = "operator> "
)

// text prints a streamed piece of the answer.
func (p *Printer) text(piece string) {
	piece = Clean(piece)
	if p.answer == nil {
		if piece = strings.TrimLeft(piece, " \n"); piece == "" {
			return
		}
		p.answer = p.begin(p.label, green)
	}
	p.answer.write(piece)
}

// endText ends the answer's last line.
func (p *Printer) endText() {
	if p.answer != nil {
		p.answer.end()
		p.answer = nil
	}
}

// calls prints tool calls that ran in parallel.
func (p *Printer) calls(group calls) {
	mark := "  "
	if len(group) > 1 {
		p.block("  ", plain, fmt.Sprintf("%d calls side by side, %s together:", len(group), ms(group.took())), yellow)
		mark = "  | "
	}
	for _, c := range group {
		kind, says := outcome(c)
		g := p.begin(fmt.Sprintf("%s%7s  ", mark, ms(c.Duration)), yellow)
		g.write(c.Tool + " ")
		g.restyle(dim)
		g.write(cleanLine(spaced(c.Args)))
		g.restyle(plain)
		g.write(" -> ")
		g.restyle(kind.style())
		g.write(says)
		g.end()
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
