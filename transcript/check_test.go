package transcript_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// check runs after every entry: the transcript is valid, a Tracker that followed it agrees
// with one that reads it anew, and no bound is broken.
func (w *world) check() {
	w.t.Helper()
	tr := w.k.Transcript()
	if err := transcript.Validate(tr); err != nil {
		w.fatalf("not valid: %v", err)
	}
	anew := transcript.Track(tr)
	if diff := cmp.Diff(anew.Next(), w.k.Next(), same); diff != "" {
		w.fatalf("Next of the tracker that followed differs (-anew +followed):\n%s", diff)
	}
	if diff := cmp.Diff(anew.Repair(), w.k.Repair(), same); diff != "" {
		w.fatalf("Repair of the tracker that followed differs (-anew +followed):\n%s", diff)
	}
	followed, _ := w.k.Outcome()
	if o, _ := anew.Outcome(); o != followed || !cmp.Equal(anew.Summary(), w.k.Summary()) || anew.Usage() != w.k.Usage() || anew.Steps() != w.k.Steps() {
		w.fatalf("the tracker that followed differs: %s, %v, %v, %d", followed, w.k.Pending(), w.k.Usage(), w.k.Steps())
	}
	equal := func(a, b *provider.Message) bool { return a == b || cmp.Equal(a, b, same) }
	if a, f := anew.Messages(), w.k.Messages(); !slices.EqualFunc(a, f, equal) {
		w.fatalf("Messages of the tracker that followed differ (-anew +followed):\n%s", cmp.Diff(a, f, same))
	}
	run, from := w.k.LastRun()
	answered := map[transcript.Ref]bool{} // by a person
	ran := 0
	for _, e := range run {
		switch b := e.Body.(type) {
		case *transcript.Decision:
			answered[b.Ref] = b.Verdict == transcript.VerdictRespond
		case *transcript.Result:
			if (b.Status == transcript.StatusOK || b.Status == transcript.StatusFailed) && !answered[b.Ref] && b.Ref.Entry >= from {
				ran++
			}
		}
	}
	if ran > w.limits.Calls {
		w.fatalf("%d calls ran, and %d may", ran, w.limits.Calls)
	}
}

// checkModel runs at each model call.
func (w *world) checkModel(act transcript.Action) {
	w.t.Helper()
	if w.k.Steps() > w.limits.Steps || w.k.Steps() == w.limits.Steps && !act.ToolsOff {
		w.fatalf("the model is called after %d of %d steps, tools off: %v", w.k.Steps(), w.limits.Steps, act.ToolsOff)
	}
	if l := w.limits.Tokens; l > 0 && w.k.Usage().Total() >= l {
		w.fatalf("the model is called after %d of %d tokens", w.k.Usage().Total(), l)
	}
	if act.ClosingText == "" || (act.TimeLeft > 0) != (w.limits.ActiveTime > 0) || act.TimeLeft > w.limits.ActiveTime {
		w.fatalf("the model has %v of %v, and then the closing text %q", act.TimeLeft, w.limits.ActiveTime, act.ClosingText)
	}
	w.checkMessages()
}

// checkMessages checks what the model is sent: each turn with calls is followed by all of its
// results, once and in order.
func (w *world) checkMessages() {
	w.t.Helper()
	var owed []string
	for _, m := range w.k.Messages() {
		var results []string
		for _, p := range m.Parts {
			if r, ok := p.(provider.ToolResult); ok {
				results = append(results, r.CallID)
			}
		}
		if (m.Role == provider.RoleTool) != (len(results) > 0) || strings.Join(owed, " ") != strings.Join(results, " ") {
			w.fatalf("a message of role %s holds results of %v, where results of %v should be", m.Role, results, owed)
		}
		owed = nil
		for _, c := range m.ToolCalls() {
			owed = append(owed, c.ID)
		}
	}
	if len(owed) > 0 {
		w.fatalf("the results of %v are missing", owed)
	}
}

// checkTools checks a batch: only calls that may run, in order; calls that are not read-only
// run alone and never twice.
func (w *world) checkTools(calls []transcript.Work) {
	w.t.Helper()
	last := -1
	for _, c := range calls {
		out, ok := w.k.Transcript().Entries[c.Ref.Entry].Body.(*transcript.Output)
		switch {
		case !ok || c.Ref.Entry != w.lastOutput() || c.Ref.Index <= last:
			w.fatalf("call %s is run out of its place", c.Ref)
		case !out.Finish.Complete() || out.ToolsOff:
			w.fatalf("call %s is run, of a turn that was truncated or had no tools", c.Ref)
		case c.Call.Refusal != "":
			w.fatalf("call %s is run, and was refused", c.Ref)
		case !w.unanswered(c.Ref):
			w.fatalf("call %s is run, and was answered", c.Ref)
		case c.Call.ApprovalReason != "" && (c.Decision == nil || c.Decision.Verdict != transcript.VerdictApprove):
			w.fatalf("call %s is run without approval", c.Ref)
		case c.Call.Class != transcript.ClassIdempotent && c.Key != transcript.Key("s", c.Ref) && c.Decision == nil:
			w.fatalf("call %s repeats an in-doubt call and is run without approval", c.Ref)
		case c.Call.Class != transcript.ClassReadOnly && len(calls) > 1:
			w.fatalf("call %s changes something and does not run alone", c.Ref)
		case c.Call.Class != transcript.ClassReadOnly && (!w.open[c.Ref] || w.begun[c.Ref] != c.Attempt):
			w.fatalf("call %s is run, and the intent of attempt %d is not stored", c.Ref, c.Attempt)
		case c.Key != w.keyOf(c) || c.Subject != "CUST-1" || c.Session != "s":
			w.fatalf("call %s is run with the key %q for %q of %q", c.Ref, c.Key, c.Subject, c.Session)
		}
		want := out.Calls[c.Ref.Index].Args
		if edited, ok := w.edits[c.Ref]; ok {
			want = edited
		}
		if c.Call.Args != want {
			w.fatalf("call %s is run with %s, not with %s", c.Ref, c.Call.Args, want)
		}
		last = c.Ref.Index
	}
	w.checkAttempts(calls)
}

// keyOf returns the key that a call must have: its own, or that of the in-doubt call that it
// repeats.
func (w *world) keyOf(c transcript.Work) string {
	var doubts []transcript.Ref
	says := func(r transcript.Ref) string {
		call := w.k.Transcript().Entries[r.Entry].Body.(*transcript.Output).Calls[r.Index]
		if edited, ok := w.edits[r]; ok {
			call.Args = edited
		}
		return call.Tool + call.Args
	}
	for _, e := range w.k.Transcript().Entries {
		r, ok := e.Body.(*transcript.Result)
		if !ok || w.k.Transcript().Entries[r.Ref.Entry].Body.(*transcript.Output).Calls[r.Ref.Index].Class == transcript.ClassReadOnly {
			continue
		}
		i := slices.IndexFunc(doubts, func(d transcript.Ref) bool { return says(d) == says(r.Ref) })
		switch {
		case i < 0 && r.Status == transcript.StatusInDoubt:
			doubts = append(doubts, r.Ref)
		case i >= 0 && r.Status == transcript.StatusOK:
			doubts = slices.Delete(doubts, i, i+1)
		}
	}
	for _, d := range doubts {
		if says(d) == says(c.Ref) && c.Call.Class != transcript.ClassReadOnly {
			return transcript.Key("s", d)
		}
	}
	return transcript.Key("s", c.Ref)
}

// checkAttempts checks calls that are not read-only: an effect starts again only after its
// attempt was void, and attempts are numbered without gaps.
func (w *world) checkAttempts(calls []transcript.Work) {
	w.t.Helper()
	attempts, open := 0, false
	for _, e := range w.k.Transcript().Entries {
		in, ok := e.Body.(*transcript.Intent)
		if !ok || in.Ref != calls[0].Ref {
			continue
		}
		if !in.Void && open && calls[0].Call.Class != transcript.ClassIdempotent {
			w.fatalf("the effect %s was started twice without a void attempt in between", in.Ref)
		}
		if open = !in.Void; open {
			if attempts++; in.Attempt != attempts {
				w.fatalf("attempt %d of %s is numbered %d", attempts, in.Ref, in.Attempt)
			}
		}
	}
}

// checkReconcile checks a reconcile action: it is about one effect that was started and has no
// result.
func (w *world) checkReconcile(calls []transcript.Work) {
	w.t.Helper()
	if len(calls) != 1 {
		w.fatalf("%d calls to reconcile at once", len(calls))
	}
	c := calls[0]
	if class := c.Call.Class; class == transcript.ClassReadOnly || class == transcript.ClassIdempotent || !w.open[c.Ref] || !w.unanswered(c.Ref) {
		w.fatalf("call %s (%s) is reconciled without need", c.Ref, class)
	}
}

// checkWait checks a pause: only decisions are due.
func (w *world) checkWait(calls []transcript.Work) {
	w.t.Helper()
	waits := map[transcript.Ref]bool{}
	for _, c := range calls {
		waits[c.Ref] = true
		if c.Call.ApprovalReason == "" || c.Decision != nil || c.Call.Refusal != "" {
			w.fatalf("call %s waits for a decision, and needs none", c.Ref)
		}
	}
	for i := range w.lastCalls() {
		if ref := at(w.lastOutput(), i); !waits[ref] && w.unanswered(ref) {
			w.fatalf("call %s can run, and the run waits for others", ref)
		}
	}
	if len(w.k.Pending()) == 0 {
		w.fatalf("the run waits, and no call is pending")
	}
}

// checkEnd checks a finished play: a process that loads the transcript sees the same.
func (w *world) checkEnd() {
	w.t.Helper()
	tr := w.k.Transcript()
	loaded := recoded(w.t, tr)
	if !bytes.Equal(encoded(w.t, tr), encoded(w.t, loaded)) {
		w.fatalf("the transcript changed when it was encoded: %s", cmp.Diff(tr, loaded, same))
	}
	if diff := diffTrackers(w.k, transcript.Track(loaded)); diff != "" {
		w.fatalf("the tracker of the loaded transcript differs (-followed +loaded):\n%s", diff)
	}
}

// No transcript makes a reader panic, and a valid one stays valid with the entries that this
// package returns.
func FuzzNextTotal(f *testing.F) {
	f.Add(encoded(f, journey()))
	for _, bodies := range [][]transcript.Body{
		{asks(effect("a")), intent(at(0, 0), 1), ends(transcript.OutcomeFailed), &transcript.Resume{}},
		{&transcript.Resume{}, ends(transcript.OutcomeDone), user("hi"), user("hi"), asks(read("a")), ok(at(4, 9)), intent(at(4, 0), 1<<62)},
		{toolsOff(asks(effect("a"))), ends(transcript.OutcomeDone), toolsOff(asks(effect("b")))},
		{user("hi"), asks(asking(idem("a"))), decide(at(1, 0), "x"), ends(transcript.OutcomeCanceled)},
		{user("hi"), asks(asking(effect("a")), asking(effect("b"))), ends(transcript.OutcomeCanceled), user("next"), decide(at(1, 0), transcript.VerdictDeny), decide(at(1, 1), transcript.VerdictApprove), asks(effect("c")), &transcript.Withdrawal{From: 0}},
		{user("hi"), asks(read("a")), ok(at(1, 0)), attempted(provider.KindFiltered), ends(transcript.OutcomeFailed), &transcript.Withdrawal{From: 2}, &transcript.Withdrawal{From: 0}, user("hi")},
		{limited("hi", transcript.Limits{Steps: -1, Calls: -1, Refusals: -1, Tokens: -1, ActiveTime: -1}), asks(read("a"), effect("b"))},
		{user("hi"), &transcript.Output{Message: provider.Assistant(), Finish: provider.FinishStop, Calls: []transcript.Call{ending(read("a"), "x")}}, ok(at(1, 0))},
	} {
		f.Add(encoded(f, log(bodies...)))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		tr, err := transcript.Decode(bytes.NewReader(in))
		if err != nil {
			return
		}
		valid := transcript.Validate(tr) == nil
		k := transcript.Track(tr)
		act, repair := k.Next(), k.Repair()
		withdrawal, _ := k.Withdraw()
		k.Outcome()
		k.Pending()
		k.Messages()
		if !valid {
			return
		}
		if err := transcript.Validate(then(tr, act.Before...)); err != nil {
			t.Fatalf("the entries of Next (%s) are not valid: %v", brief(act), err)
		}
		if err := transcript.Validate(then(tr, withdrawal...)); err != nil {
			t.Fatalf("the entries of Withdraw are not valid: %v", err)
		}
		repaired := then(tr, repair...)
		if err := transcript.Validate(repaired); err != nil {
			t.Fatalf("the entries of Repair are not valid: %v", err)
		}
		if again := transcript.Repair(repaired); len(again) > 0 {
			t.Fatalf("a second Repair returns %v", again)
		}
		if _, end := k.Outcome(); end != nil {
			if err := transcript.Validate(then(repaired, user("next"))); err != nil {
				t.Fatalf("after Repair, an input is not valid: %v", err)
			}
		}
	})
}
