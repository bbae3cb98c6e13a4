package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// An executionLog sums up what was done.
type executionLog struct {
	now      func() time.Time
	began    time.Time
	byTool   map[string][]shownCall
	outcomes map[funcall.Outcome]int
	runs     int
	steps    int
	usage    provider.Usage
	inRuns   time.Duration
}

func newExecutionLog(now func() time.Time) *executionLog {
	return &executionLog{
		now: now, began: now(),
		byTool: make(map[string][]shownCall), outcomes: make(map[funcall.Outcome]int),
	}
}

func (l *executionLog) add(group calls) {
	for _, c := range group {
		l.byTool[c.tool] = append(l.byTool[c.tool], c)
	}
}

func (l *executionLog) ran(res *funcall.Result, took time.Duration) {
	l.runs++
	l.outcomes[res.Outcome]++
	l.steps += res.Steps
	l.usage = l.usage.Add(res.Usage)
	l.inRuns += took
}

func (l *executionLog) print(p *printer) {
	p.line("")
	p.bold("== Execution log ==")
	p.line("")
	if len(l.byTool) > 0 {
		p.line("%-28s %5s %5s %8s %7s %9s %9s %9s", "tool", "calls", "ok", "said no", "failed", "fastest", "average", "slowest")
	}
	for _, tool := range slices.Sorted(maps.Keys(l.byTool)) {
		p.line("%s", row(tool, l.byTool[tool]))
	}
	if len(l.byTool) > 1 {
		p.line("%s", row("all", slices.Concat(slices.Collect(maps.Values(l.byTool))...)))
	}
	var ends []string
	for _, o := range slices.Sorted(maps.Keys(l.outcomes)) {
		ends = append(ends, fmt.Sprintf("%d %s", l.outcomes[o], o))
	}
	if len(l.byTool) > 0 {
		p.line("")
	}
	p.line("Questions: %d (%s), with %d calls of the model.", l.runs, strings.Join(ends, ", "), l.steps)
	if l.usage == (provider.Usage{}) {
		p.line("Tokens:    none reported.")
	} else {
		p.line("Tokens:    %d in (%d of them cached), %d out (%d of them reasoning), %d in all.",
			l.usage.Input, l.usage.CacheRead, l.usage.Output, l.usage.Reasoning, l.usage.Total())
	}
	p.line("Total:     %.2f s.", l.now().Sub(l.began).Seconds())
}

func row(tool string, list []shownCall) string {
	var ok, no, failed int
	fastest, slowest, sum := list[0].took, list[0].took, time.Duration(0)
	for _, c := range list {
		switch {
		case c.refused:
			no++
		case c.status == transcript.StatusOK:
			ok++
		default:
			failed++
		}
		fastest, slowest, sum = min(fastest, c.took), max(slowest, c.took), sum+c.took
	}
	return fmt.Sprintf("%-28s %5d %5d %8d %7d %9s %9s %9s", tool, len(list), ok, no, failed,
		ms(fastest), ms(sum/time.Duration(len(list))), ms(slowest))
}
