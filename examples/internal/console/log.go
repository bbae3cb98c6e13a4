package console

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/prices"
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
	p.Raw("")
	p.Bold("== Execution log ==")
	p.Raw("")
	if len(l.byTool) > 0 {
		p.table(tallies(l.byTool))
		p.Raw("")
	}
	outcomes := make(map[transcript.Outcome]int)
	steps := 0
	var usage provider.Usage
	var cost transcript.Cost
	for _, res := range l.runs() {
		outcomes[res.Outcome]++
		steps += res.Steps
		usage = usage.Add(res.Usage)
		cost.Amount = cost.Amount.Add(res.Cost.Amount)
		cost.UnknownCalls += res.Cost.UnknownCalls
	}
	var ends []string
	for _, o := range slices.Sorted(maps.Keys(outcomes)) {
		ends = append(ends, fmt.Sprintf("%d %s", outcomes[o], o))
	}
	fact := func(label, format string, args ...any) { p.block(label, plain, fmt.Sprintf(format, args...), plain) }
	fact("Questions: ", "%d (%s), with %s of the model.", len(l.runs()), strings.Join(ends, ", "), Count(steps, "call"))
	if usage == (provider.Usage{}) {
		fact("Tokens:    ", "none reported.")
	} else {
		fact("Tokens:    ", "%d in (%d of them cached), %d out (%d of them reasoning), %d in all.",
			usage.Input, usage.CacheRead, usage.Output, usage.Reasoning, usage.Total())
	}
	if cost.Amount > 0 {
		fact("Cost:      ", "%v, by the list prices of %s where the API reports none.", cost, prices.Date)
	}
	doubts := 0
	for _, n := range l.doubts {
		doubts += n
	}
	if doubts > 0 {
		fact("In doubt:  ", "%s that may have been done, or not.", Count(doubts, "call"))
	}
	fact("Total:     ", "%.2f s.", l.now().Sub(l.began).Seconds())
}
