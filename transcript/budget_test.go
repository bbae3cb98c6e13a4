package transcript_test

import (
	"math"
	"testing"

	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/storetest"
)

func TestMemoryIsALedger(t *testing.T) {
	storetest.RunLedger(t, func(*testing.T) (l, other transcript.Ledger) {
		m := new(transcript.Memory)
		return m, m
	})
}

func TestSpendOutOfRange(t *testing.T) {
	most := transcript.Spend{Tokens: math.MaxInt64, Cost: math.MaxInt64}
	least := transcript.Spend{Tokens: math.MinInt64, Cost: math.MinInt64}
	one := transcript.Spend{Tokens: 1, Cost: 1}
	none := transcript.Spend{}
	for name, c := range map[string]struct{ got, want transcript.Spend }{
		"most + 1":      {most.Plus(one), most},
		"most + most":   {most.Plus(most), most},
		"least + least": {least.Plus(least), least},
		"most + least":  {most.Plus(least), none.Minus(one)},
		"least - 1":     {least.Minus(one), least},
		"least - most":  {least.Minus(most), least},
		"most - least":  {most.Minus(least), most},
		"0 - least":     {none.Minus(least), most},
		"-1 - least":    {none.Minus(one).Minus(least), most},
		"least - least": {least.Minus(least), none},
		"most - most":   {most.Minus(most), none},
	} {
		if c.got != c.want {
			t.Errorf("%s is %d, want %d", name, c.got, c.want)
		}
	}
}

// The next model call knows the usage of the last, and which messages that counted, also in a
// later run. It does not know a usage that counted messages that were withdrawn.
func TestR21_LastUsage(t *testing.T) {
	known := func(when string, tr transcript.Transcript, input int64, messages int) {
		t.Helper()
		act := transcript.Next(tr)
		if act.Kind != transcript.ActionModel {
			t.Fatalf("%s: the action is %s", when, act.Kind)
		}
		if act.LastUsage == nil && input == 0 && act.LastMessages == 0 {
			return
		}
		if act.LastUsage == nil || act.LastUsage.Input != input || act.LastMessages != messages {
			t.Errorf("%s: %v for %d messages, want %d for %d", when, act.LastUsage, act.LastMessages, input, messages)
		}
	}
	tr := log(user("hi"))
	known("at first", tr, 0, 0)
	tr = then(tr, costs(asks(read("a")), 10, 1), ok(at(1, 0)))
	known("after a call", tr, 10, 2)
	silent := then(tr, says("no usage"), ends(transcript.OutcomeDone), user("again"))
	known("after an output without usage", silent, 10, 2)
	if act := transcript.Next(tr); act.LastInput != nil {
		t.Error("LastInput is set in the run of LastUsage")
	}
	tr = then(tr, costs(says("hello"), 20, 1), ends(transcript.OutcomeDone), user("again"))
	known("in the next run", tr, 20, 4)
	searched := costs(says("found"), 0, 0)
	searched.Usage.WebSearches = 1
	known("after an output that counts only searches", then(tr, searched, ends(transcript.OutcomeDone), user("and")), 20, 4)
	if act := transcript.Next(tr); act.LastInput != nil {
		t.Error("LastInput is set in a run without budgets")
	}
	tr.Entries[len(tr.Entries)-1].Body.(*transcript.Input).Steering = &transcript.Steering{Budgets: []transcript.Account{{Key: "b"}}}
	if in := transcript.Next(tr).LastInput; in == nil || in.Message.Text() != "hi" {
		t.Errorf("in the next run, LastInput is %v", in)
	}
	tr = then(tr, costs(says("hello again"), 30, 1), ends(transcript.OutcomeDone))
	bodies, _ := transcript.Track(tr).Withdraw()
	tr = then(then(tr, bodies...), user("once more"))
	known("after a withdrawal", tr, 0, 0)
	if act := transcript.Next(tr); act.LastInput != nil {
		t.Error("after a withdrawal, LastInput is set")
	}
}
