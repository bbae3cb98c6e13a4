package termsvg

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// styles maps the parameters of an escape sequence for colors to classes of the style sheet.
var styles = map[string]string{
	"1": "bold", "2": "dim", "31": "red", "32": "green", "33": "yellow", "35": "magenta", "36": "cyan",
}

// A run is a text of one style in one line. It has no two spaces in a row, as a viewer may
// collapse them.
type run struct {
	column, columns int
	style           string // a class, or ""
	text            string
}

// parse splits a terminal's output into the runs of each line.
func parse(output string) ([][]run, error) {
	var lines [][]run
	style := ""
	for line := range strings.Lines(output) {
		var runs []run
		column := 0
		add := func(text string) {
			for text != "" {
				word, rest, gap := strings.Cut(text, "  ")
				if kept := strings.TrimLeft(word, " "); kept != "" {
					runs = append(runs, run{column + len(word) - len(kept), utf8.RuneCountInString(kept), style, kept})
				}
				column += utf8.RuneCountInString(word)
				if gap {
					column += 2
				}
				text = rest
			}
		}
		rest := strings.TrimRight(line, "\n")
		for {
			text, escape, found := strings.Cut(rest, "\x1b[")
			if i := strings.IndexFunc(text, unicode.IsControl); i >= 0 {
				control, _ := utf8.DecodeRuneInString(text[i:])
				return nil, fmt.Errorf("termsvg: line %d has the control character %q: only escape sequences for colors are supported", len(lines)+1, control)
			}
			add(text)
			if !found {
				break
			}
			parameter, after, found := strings.Cut(escape, "m")
			class, known := styles[parameter]
			if !found || !known && parameter != "0" {
				return nil, fmt.Errorf("termsvg: line %d has the escape sequence %.20q: only colors in use are supported", len(lines)+1, "\x1b["+escape)
			}
			style, rest = class, after
		}
		lines = append(lines, merge(runs))
	}
	return lines, nil
}

// merge joins runs of one style with at most one space between them.
func merge(runs []run) []run {
	var merged []run
	for _, r := range runs {
		r.text = strings.TrimRight(r.text, " ")
		r.columns = utf8.RuneCountInString(r.text)
		if len(merged) > 0 {
			last := &merged[len(merged)-1]
			if gap := r.column - last.column - last.columns; last.style == r.style && gap <= 1 {
				last.text += strings.Repeat(" ", gap) + r.text
				last.columns += gap + r.columns
				continue
			}
		}
		merged = append(merged, r)
	}
	return merged
}
