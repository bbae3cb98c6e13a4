package console

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// alwaysCounted are the outcomes that have a column in every table. Others have one if there is
// such a call.
var alwaysCounted = []outcomeKind{okCall, saidNoCall, failedCall}

// A tally sums up calls of one tool, or of all.
type tally struct {
	name                    string
	calls                   int
	kinds                   map[outcomeKind]int
	fastest, slowest, total time.Duration
}

func newTally(name string, list calls) tally {
	t := tally{name: name, calls: len(list), kinds: make(map[outcomeKind]int), fastest: list[0].Duration}
	for _, c := range list {
		kind, _ := outcome(c)
		t.kinds[kind]++
		t.fastest, t.slowest, t.total = min(t.fastest, c.Duration), max(t.slowest, c.Duration), t.total+c.Duration
	}
	return t
}

func (t tally) average() time.Duration { return t.total / time.Duration(t.calls) }

// tallies returns a tally of each tool, and one of all tools if there are several.
func tallies(byTool map[string]calls) []tally {
	var list []tally
	for _, tool := range slices.Sorted(maps.Keys(byTool)) {
		list = append(list, newTally(tool, byTool[tool]))
	}
	if len(list) > 1 {
		list = append(list, newTally("all", slices.Concat(slices.Collect(maps.Values(byTool))...)))
	}
	return list
}

// countedIn returns the outcomes that the tallies count.
func countedIn(list []tally) []outcomeKind {
	kinds := slices.Clone(alwaysCounted)
	for _, kind := range []outcomeKind{deniedCall, skippedCall, inDoubtCall} {
		if slices.ContainsFunc(list, func(t tally) bool { return t.kinds[kind] > 0 }) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// table prints the tallies as a table or, if the screen is too narrow for it, as a list.
func (p *Printer) table(list []tally) {
	kinds := countedIn(list)
	header := []string{"tool", "calls"}
	for _, kind := range kinds {
		header = append(header, string(kind))
	}
	rows := [][]string{append(header, "fastest", "average", "slowest")}
	for _, t := range list {
		row := []string{t.name, fmt.Sprint(t.calls)}
		for _, kind := range kinds {
			row = append(row, fmt.Sprint(t.kinds[kind]))
		}
		rows = append(rows, append(row, ms(t.fastest), ms(t.average()), ms(t.slowest)))
	}
	widths := make([]int, len(rows[0]))
	total := -2
	for i := range widths {
		for _, row := range rows {
			widths[i] = max(widths[i], textColumns(row[i]))
		}
		total += 2 + widths[i]
	}
	if total > p.columns() {
		p.list(list, kinds)
		return
	}
	for _, row := range rows {
		line := row[0] + strings.Repeat(" ", widths[0]-textColumns(row[0]))
		for i, cell := range row[1:] {
			line += "  " + strings.Repeat(" ", widths[i+1]-textColumns(cell)) + cell
		}
		p.Raw(line)
	}
}

// list prints the tallies with one paragraph each.
func (p *Printer) list(list []tally, kinds []outcomeKind) {
	for _, t := range list {
		p.Line("%s", t.name)
		var counts []string
		for _, kind := range kinds {
			if n := t.kinds[kind]; n > 0 {
				counts = append(counts, fmt.Sprintf("%d %s", n, kind))
			}
		}
		p.block("  ", plain, fmt.Sprintf("%s: %s; %s on average, %s to %s",
			Count(t.calls, "call"), strings.Join(counts, ", "), ms(t.average()), ms(t.fastest), ms(t.slowest)), plain)
	}
}
