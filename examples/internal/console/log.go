package console

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

// An executionLog sums up the calls of all runs.
type executionLog struct {
	now     func() time.Time
	began   time.Time
	byTool  map[string]calls
	ended   []*funcall.Result          // the results of ended runs
	waiting map[string]*funcall.Result // the results of runs that wait for approval, by session
	doubts  map[string]int             // the number of in-doubt calls, by session
}

func newExecutionLog(now func() time.Time) *executionLog {
	return &executionLog{
		now: now, began: now(),
		byTool: make(map[string]calls), waiting: make(map[string]*funcall.Result), doubts: make(map[string]int),
	}
}

func (l *executionLog) add(group calls) {
	for _, c := range group {
		l.byTool[c.Tool] = append(l.byTool[c.Tool], c)
	}
}

// ran records the result of a run.
func (l *executionLog) ran(res *funcall.Result) {
	id := res.Transcript.ID
	l.doubts[id] = len(res.InDoubt)
	if res.Outcome == transcript.OutcomeWaiting {
		l.waiting[id] = res
		return
	}
	delete(l.waiting, id)
	l.ended = append(l.ended, res)
}

// runs returns the results of all runs.
func (l *executionLog) runs() []*funcall.Result {
	return slices.AppendSeq(slices.Clone(l.ended), maps.Values(l.waiting))
}

func (l *executionLog) print(p *Printer) {
	p.Line("")
	p.Bold("== Execution log ==")
	p.Line("")
	if len(l.byTool) > 0 {
		p.Line("%-28s %5s %5s %8s %7s %9s %9s %9s", "tool", "calls", "ok", "said no", "failed", "fastest", "average", "slowest")
	}
	for _, tool := range slices.Sorted(maps.Keys(l.byTool)) {
		p.Line("%s", row(tool, l.byTool[tool]))
	}
	if len(l.byTool) > 1 {
		p.Line("%s", row("all", slices.Concat(slices.Collect(maps.Values(l.byTool))...)))
	}
	outcomes := make(map[transcript.Outcome]int)
	steps := 0
	var usage provider.Usage
	for _, res := range l.runs() {
		outcomes[res.Outcome]++
		steps += res.Steps
		usage = usage.Add(res.Usage)
	}
	var ends []string
	for _, o := range slices.Sorted(maps.Keys(outcomes)) {
		ends = append(ends, fmt.Sprintf("%d %s", outcomes[o], o))
	}
	if len(l.byTool) > 0 {
		p.Line("")
	}
	p.Line("Questions: %d (%s), with %d calls of the model.", len(l.runs()), strings.Join(ends, ", "), steps)
	if usage == (provider.Usage{}) {
		p.Line("Tokens:    none reported.")
	} else {
		p.Line("Tokens:    %d in (%d of them cached), %d out (%d of them reasoning), %d in all.",
			usage.Input, usage.CacheRead, usage.Output, usage.Reasoning, usage.Total())
	}
	doubts := 0
	for _, n := range l.doubts {
		doubts += n
	}
	if doubts > 0 {
		p.Line("In doubt:  %s that may have been done, or not.", Count(doubts, "call"))
	}
	p.Line("Total:     %.2f s.", l.now().Sub(l.began).Seconds())
}

func row(tool string, list calls) string {
	var ok, no, failed int
	fastest, slowest, sum := list[0].Duration, list[0].Duration, time.Duration(0)
	for _, c := range list {
		switch _, refused := outcome(c); {
		case refused:
			no++
		case c.Status == transcript.StatusOK:
			ok++
		default:
			failed++
		}
		fastest, slowest, sum = min(fastest, c.Duration), max(slowest, c.Duration), sum+c.Duration
	}
	return fmt.Sprintf("%-28s %5d %5d %8d %7d %9s %9s %9s", tool, len(list), ok, no, failed,
		ms(fastest), ms(sum/time.Duration(len(list))), ms(slowest))
}
