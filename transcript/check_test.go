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

// check holds after every entry: it could have happened, who followed knows
// what who begins anew knows, and no bound was broken.
func (w *world) check() {
	w.t.Helper()
	tr := w.k.Transcript()
	if err := transcript.Validate(tr); err != nil {
		w.fatalf("not valid: %v", err)
	}
	anew := transcript.Track(tr)
	if diff := cmp.Diff(anew.Next(), w.k.Next(), same); diff != "" {
		w.fatalf("who followed does something else (-anew +followed):\n%s", diff)
	}
	if diff := cmp.Diff(anew.Repair(), w.k.Repair(), same); diff != "" {
		w.fatalf("who followed repairs something else (-anew +followed):\n%s", diff)
	}
	followed, _ := w.k.Outcome()
	if o, _ := anew.Outcome(); o != followed || !cmp.Equal(anew.Summary(), w.k.Summary()) || anew.Usage() != w.k.Usage() || anew.Steps() != w.k.Steps() {
		w.fatalf("who followed knows something else: %s, %v, %v, %d", followed, w.k.Pending(), w.k.Usage(), w.k.Steps())
	}
	equal := func(a, b *provider.Message) bool { return a == b || cmp.Equal(a, b, same) }
	if a, f := anew.Messages(), w.k.Messages(); !slices.EqualFunc(a, f, equal) {
		w.fatalf("who followed sends something else (-anew +followed):\n%s", cmp.Diff(a, f, same))
	}
	run, from := w.k.Run()
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

// checkModel holds at each call of the model.
func (w *world) checkModel(act transcript.Action) {
	w.t.Helper()
	if w.k.Steps() > w.limits.Steps || w.k.Steps() == w.limits.Steps && !act.ToolsOff {
		w.fatalf("the model is called after %d of %d steps, tools off: %v", w.k.Steps(), w.limits.Steps, act.ToolsOff)
	}
	if l := w.limits.Tokens; l > 0 && w.k.Usage().Total() >= l {
		w.fatalf("the model is called after %d of %d tokens", w.k.Usage().Total(), l)
	}
	if act.ClosingText == "" || (act.TimeLeft > 0) != (w.limits.ActiveTime > 0) || act.TimeLeft > w.limits.ActiveTime {
		w.fatalf("the model has %v of %v, and then the words %q", act.TimeLeft, w.limits.ActiveTime, act.ClosingText)
	}
	w.checkMessages()
}

// checkMessages holds of what any model is sent: each turn with calls is
// followed by its results, all of them, once, in its order.
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

// checkTools holds of each batch: only calls that may run, in the order of the
// calls, and what changes something alone, never twice.
func (w *world) checkTools(calls []transcript.Work) {
	w.t.Helper()
	last := -1
	for _, c := range calls {
		out, ok := w.k.Transcript().Entries[c.Ref.Entry].Body.(*transcript.Output)
		switch {
		case !ok || c.Ref.Entry != w.lastOutput() || c.Ref.Index <= last:
			w.fatalf("call %s is run out of its place", c.Ref)
		case !out.Finish.Complete() || out.ToolsOff:
			w.fatalf("call %s is run, of a turn that was cut or had no tools", c.Ref)
		case c.Call.Refusal != "":
			w.fatalf("call %s is run, and was refused", c.Ref)
		case !w.unanswered(c.Ref):
			w.fatalf("call %s is run, and was answered", c.Ref)
		case c.Call.ApprovalReason != "" && (c.Decision == nil || c.Decision.Verdict != transcript.VerdictApprove):
			w.fatalf("call %s is run, and nobody approved it", c.Ref)
		case c.Call.Class != transcript.ClassIdempotent && c.Key != transcript.Key("s", c.Ref) && c.Decision == nil:
			w.fatalf("call %s is run, though it may have been done already, and nobody approved it", c.Ref)
		case c.Call.Class != transcript.ClassReadOnly && len(calls) > 1:
			w.fatalf("call %s changes something and does not run alone", c.Ref)
		case c.Call.Class != transcript.ClassReadOnly && (!w.open[c.Ref] || w.begun[c.Ref] != c.Attempt):
			w.fatalf("call %s is run for the %d. time, and its intent is not written", c.Ref, c.Attempt)
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

// keyOf is the key that a call is to be run with: its own, or that of an earlier
// call that was to do the same, of which nobody knows whether it did.
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

// checkAttempts holds of what changes something: an effect is begun again only
// after its backend had never heard of it, anything else one attempt later.
func (w *world) checkAttempts(calls []transcript.Work) {
	w.t.Helper()
	attempts, open := 0, false
	for _, e := range w.k.Transcript().Entries {
		in, ok := e.Body.(*transcript.Intent)
		if !ok || in.Ref != calls[0].Ref {
			continue
		}
		if !in.Void && open && calls[0].Call.Class != transcript.ClassIdempotent {
			w.fatalf("the effect %s was begun twice, and nobody asked in between", in.Ref)
		}
		if open = !in.Void; open {
			if attempts++; in.Attempt != attempts {
				w.fatalf("attempt %d of %s is numbered %d", attempts, in.Ref, in.Attempt)
			}
		}
	}
}

// checkReconcile holds where a backend is asked: about one effect, which was
// begun and not answered.
func (w *world) checkReconcile(calls []transcript.Work) {
	w.t.Helper()
	if len(calls) != 1 {
		w.fatalf("%d calls to reconcile at once", len(calls))
	}
	c := calls[0]
	if class := c.Call.Class; class == transcript.ClassReadOnly || class == transcript.ClassIdempotent || !w.open[c.Ref] || !w.unanswered(c.Ref) {
		w.fatalf("call %s (%s) is reconciled, and there is no need to", c.Ref, class)
	}
}

// checkWait holds at a pause: it is for people alone, all else has been done.
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
			w.fatalf("call %s could go on, and the run waits for others", ref)
		}
	}
	if len(w.k.Pending()) == 0 {
		w.fatalf("it waits, and nothing is pending")
	}
}

// checkEnd holds of the whole play: another machine that loads it sees the same.
func (w *world) checkEnd() {
	w.t.Helper()
	tr := w.k.Transcript()
	loaded := recoded(w.t, tr)
	if !bytes.Equal(encoded(w.t, tr), encoded(w.t, loaded)) {
		w.fatalf("it changed on its way: %s", cmp.Diff(tr, loaded, same))
	}
	if diff := diffTrackers(w.k, transcript.Track(loaded)); diff != "" {
		w.fatalf("who loads it knows something else (-followed +loaded):\n%s", diff)
	}
}

// Whatever stands in a transcript, nothing that reads it panics; and what is
// valid stays valid with what this package wants to append.
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
			t.Fatalf("what Next wants to append (%s) does not fit: %v", brief(act), err)
		}
		if err := transcript.Validate(then(tr, withdrawal...)); err != nil {
			t.Fatalf("what Withdraw wants to append does not fit: %v", err)
		}
		repaired := then(tr, repair...)
		if err := transcript.Validate(repaired); err != nil {
			t.Fatalf("what Repair wants to append does not fit: %v", err)
		}
		if again := transcript.Repair(repaired); len(again) > 0 {
			t.Fatalf("repaired, and in need of repair: %v", again)
		}
		if _, end := k.Outcome(); end != nil {
			if err := transcript.Validate(then(repaired, user("next"))); err != nil {
				t.Fatalf("it is repaired and takes no input: %v", err)
			}
		}
	})
}
