package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/funcall/funcall/internal/text/nearest"
)

// A Problem is one thing that is wrong with the arguments of a call.
type Problem struct {
	Path    string // JSON Pointer of the value, cut after 200 bytes; "" for the whole
	Keyword string // of JSON Schema, or "json", "size", "decode"
	Message string // one short line, in words of ours
}

// Bounds of the problems that the model reads, in bytes except the first.
const (
	maxShown   = 8
	maxLine    = 120
	maxPath    = 60
	maxText    = 1024
	maxName    = 40
	maxKept    = 100 // problems
	maxPointer = 200
	ellipsis   = "…"
)

// Render writes problems as a text for the model that called the tool; see [RenderUnder].
func Render(tool string, problems []Problem) string {
	return RenderUnder("invalid arguments for "+quoteCut(tool), problems)
}

// RenderUnder writes problems as a text for the model, behind a head: at most eight of
// them, 120 bytes each, one kilobyte in all.
func RenderUnder(head string, problems []Problem) string {
	if len(problems) == 1 {
		return head + ": " + problems[0].line()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%d problems):", head, len(problems))
	const more = "\n- and %d more"
	for i, p := range problems {
		line := p.line()
		if i == maxShown || b.Len()+len("\n- ")+len(line)+len(more)+4 > maxText {
			fmt.Fprintf(&b, more, len(problems)-i)
			break
		}
		b.WriteString("\n- ")
		b.WriteString(line)
	}
	return b.String()
}

func (p Problem) line() string {
	if p.Path == "" {
		return cut(p.Message, maxLine)
	}
	return cut(cut(printable(p.Path), maxPath)+": "+p.Message, maxLine)
}

// A finding is a problem, and for an unknown property what its name may have
// been meant to be. That takes long to find out: only what is shown gets it.
type finding struct {
	Problem
	name  string
	known []string
}

// sortFindings makes problems of findings, in order, each once, and keeps a
// sensible number.
func sortFindings(findings []finding) []Problem {
	for i := range findings {
		findings[i].Path = cut(findings[i].Path, maxPointer)
	}
	slices.SortFunc(findings, func(a, b finding) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Keyword, b.Keyword),
			strings.Compare(a.Message, b.Message), strings.Compare(a.name, b.name))
	})
	findings = slices.CompactFunc(findings, func(a, b finding) bool { return a.Problem == b.Problem })
	problems := make([]Problem, min(len(findings), maxKept))
	for i := range problems {
		problems[i] = findings[i].Problem
		if i < maxShown {
			if near := nearest.Name(findings[i].name, findings[i].known); near != "" {
				problems[i].Message += " (did you mean " + quoteCut(near) + "?)"
			}
		}
	}
	return problems
}

// quoteCut quotes a name that may come from a model.
func quoteCut(name string) string { return strconv.Quote(cut(name, maxName)) }

// printable escapes what would break a line.
func printable(s string) string {
	q := strconv.Quote(s)
	return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
}

// cut shortens s to at most n bytes, in between runes.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	n -= len(ellipsis)
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + ellipsis
}
