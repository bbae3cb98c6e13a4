package transcript_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/funcall/funcall/internal/text/wording"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// A scenario is a transcript and the next action, in short.
type scenario struct {
	name string
	log  transcript.Transcript
	want string
}

func run(t *testing.T, scenarios []scenario) {
	t.Helper()
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			if got := next(t, s.log); got != s.want {
				t.Errorf("\n got %s\nwant %s", got, s.want)
			}
		})
	}
}

func TestR01_Runs(t *testing.T) {
	hi := user("hi")
	run(t, []scenario{
		{"nothing yet", log(), "rest"},
		{"an input asks the model", log(hi), "model"},
		{"a crash before the model answered", log(hi, &transcript.Resume{}), "model"},
		{"calls run", log(hi, asks(read("a"))), "tools 1.0"},
		{"results go to the model", log(hi, asks(read("a")), ok(at(1, 0))), "model"},
		{"a failed call goes to the model", log(hi, asks(read("a")), result(at(1, 0), transcript.StatusFailed, "no")), "model"},
		{"text beside a call ends nothing", log(hi, asksSaying("Let me see.", read("a"))), "tools 1.0"},
		{"text beside an answered call ends nothing", log(hi, asksSaying("Let me see.", read("a")), ok(at(1, 0))), "model"},
		{"a bare finish reason asks for nothing", log(hi, &transcript.Output{Message: provider.Assistant(provider.Text{Text: "Hello."}), Finish: provider.FinishToolCalls}), "done; rest"},
		{"calls run though the model said that it is done", log(hi, cutShort(asks(read("a")), provider.FinishStop)), "tools 1.0"},
		{"unknown bodies change nothing", log(hi, &transcript.Unknown{Type: "note", Raw: []byte(`{"type":"note"}`)}, asks(read("a"))), "tools 2.0"},
		{"the next input begins a run", log(hi, says("Hello."), ends(transcript.OutcomeDone), user("Where is it?")), "model"},
	})
}

func TestR01_EndsOfRuns(t *testing.T) {
	hi := user("hi")
	handover := ending(effect("h"), transcript.OutcomeHandedOff)
	run(t, []scenario{
		{"an answer", log(hi, says("Hello.")), "done; rest"},
		{"an empty answer", log(hi, &transcript.Output{Message: provider.Assistant(), Finish: provider.FinishStop}), "done; rest"},
		{"an answer after tools", log(hi, asks(read("a")), ok(at(1, 0)), says("There.")), "done; rest"},
		{"a call that hands off", log(hi, asksSaying("A person will see to it.", handover), intent(at(1, 0), 1), ok(at(1, 0))),
			"handed_over: called tool_h; rest"},
		{"a call that hands off without text of the model", log(hi, asks(handover), intent(at(1, 0), 1), result(at(1, 0), transcript.StatusOK, "Anna will call you.")),
			"handed_over: called tool_h (Anna will call you.); rest"},
		{"a structured answer", log(hi, asks(ending(read("x"), transcript.OutcomeDone)), result(at(1, 0), transcript.StatusOK, `{"total":3}`)),
			`done: called tool_x ({"total":3}); rest`},
		{"a failed call with EndsWith", log(hi, asks(handover), intent(at(1, 0), 1), result(at(1, 0), transcript.StatusFailed, "no")), "model"},
		{"calls that were not started are skipped at the end", log(hi, asks(ending(read("a"), transcript.OutcomeDone), effect("b"), refused("c")), ok(at(1, 0))),
			"1.1 skipped; 1.2 refused; done: called tool_a (did 1.0); rest"},
		{"of two that end a run, the first in the order of the calls", log(hi, asks(ending(read("a"), transcript.OutcomeDone), ending(read("b"), transcript.OutcomeHandedOff)), ok(at(1, 1)), ok(at(1, 0))),
			"done: called tool_a (did 1.0); rest"},
		{"a limit", log(limited("hi", transcript.Limits{Steps: 1, Calls: 1, Refusals: 1}), asks(read("a")), ok(at(1, 0)), toolsOff(says("That is all."))),
			"limit: steps; rest"},
		{"truncated by length", log(hi, cutShort(says("And then"), provider.FinishLength)), "cut: length; rest"},
		{"filtered", log(hi, cutShort(says(""), provider.FinishFiltered)), "cut: filtered; rest"},
		{"a decision is awaited", log(hi, asks(asking(effect("a")))), "wait 1.0"},
		{"failed", log(hi, ends(transcript.OutcomeFailed)), "rest"},
		{"canceled with calls open", log(hi, asks(read("a")), ends(transcript.OutcomeCanceled)), "rest"},
		{"a failed run that is resumed", log(hi, asks(read("a")), ends(transcript.OutcomeFailed), &transcript.Resume{}), "tools 1.0"},
		{"a canceled run that had its answer", log(hi, says("Hello."), ends(transcript.OutcomeCanceled), &transcript.Resume{}), "done; rest"},
	})
}

// Outcome has these values, and OutcomeOpen or OutcomeWaiting while the run goes on.
func TestR01_Outcome(t *testing.T) {
	hi := user("hi")
	for _, c := range []struct {
		log  transcript.Transcript
		want transcript.Outcome
	}{
		{log(), transcript.OutcomeOpen},
		{log(hi), transcript.OutcomeOpen},
		{log(hi, asks(read("a"))), transcript.OutcomeOpen},
		{log(hi, asks(asking(read("a")))), transcript.OutcomeWaiting},
		{log(hi, asks(asking(read("a")), read("b"))), transcript.OutcomeOpen}, // b runs first
		{log(hi, says("Hello."), ends(transcript.OutcomeDone)), transcript.OutcomeDone},
		{log(hi, ends(transcript.OutcomeFailed)), transcript.OutcomeFailed},
		{log(hi, ends(transcript.OutcomeFailed), &transcript.Resume{}), transcript.OutcomeOpen},
	} {
		got, end := transcript.Track(c.log).Outcome()
		if got != c.want || (end != nil) != (got != transcript.OutcomeOpen && got != transcript.OutcomeWaiting) {
			t.Errorf("%v: got %s, %v, want %s", c.log, got, end, c.want)
		}
	}
}

func TestR02_TruncatedResponsesRunNoCalls(t *testing.T) {
	all := func() *transcript.Output {
		return asksSaying("I will", read("a"), idem("b"), effect("c"), asking(effect("d")), refused("e"), ending(read("f"), transcript.OutcomeDone))
	}
	answers := "1.0 skipped; 1.1 skipped; 1.2 skipped; 1.3 skipped; 1.4 refused; 1.5 skipped; "
	run(t, []scenario{
		{"length", log(user("hi"), cutShort(all(), provider.FinishLength)), answers + "cut: length; rest"},
		{"filter", log(user("hi"), cutShort(all(), provider.FinishFiltered)), answers + "cut: filtered; rest"},
		{"an unknown reason", log(user("hi"), cutShort(all(), "paused")), answers + "cut: paused; rest"},
		{"no reason", log(user("hi"), cutShort(all(), "")), answers + "cut; rest"},
	})
}

func TestR08_RefusalsInARow(t *testing.T) {
	l := roomy
	l.Refusals = 2
	hi := limited("hi", l)
	bad := func(id string) *transcript.Output { return asks(refused(id)) }
	no := func(entry int) *transcript.Result {
		return result(at(entry, 0), transcript.StatusRefused, "/of: is missing")
	}
	run(t, []scenario{
		{"one", log(hi, bad("a")), "1.0 refused; model"},
		{"one, stored", log(hi, bad("a"), no(1)), "model"},
		{"two", log(hi, bad("a"), no(1), bad("b")), "3.0 refused; model, tools off"},
		{"two, stored", log(hi, bad("a"), no(1), bad("b"), no(3)), "model, tools off"},
		{"closed", log(hi, bad("a"), no(1), bad("b"), no(3), toolsOff(says("I cannot."))), "limit: refusals; rest"},
		{"closed without text", log(hi, bad("a"), no(1), bad("b"), no(3), toolsOff(says(""))), "limit: refusals (That was too much.); rest"},
		{"a call that ran in the turn", log(hi, bad("a"), no(1), asks(refused("b"), read("c")), ok(at(3, 1)), no(3)), "model"},
		{"a turn that ran in between", log(hi, bad("a"), no(1), asks(read("b")), ok(at(3, 0)), bad("c"), no(5)), "model"},
		{"a call that ran and failed counts as run", log(hi, bad("a"), no(1), asks(read("b")), result(at(3, 0), transcript.StatusFailed, "no"), bad("c"), no(5)), "model"},
		{"a turn of refused calls counts once", log(hi, asks(refused("a"), refused("b"))), "1.0 refused; 1.1 refused; model"},
		{"refused at its time, as the tool had changed", log(hi, bad("a"), no(1), asks(read("b")), result(at(3, 0), transcript.StatusRefused, "It has changed; call again.")), "model, tools off"},
		{"a response of a person counts as no call", log(hi, bad("a"), no(1), asks(refused("b"), asking(read("c"))), no(3), decide(at(3, 1), transcript.VerdictRespond)),
			"3.1 ok; model, tools off"},
		{"the next run starts at 0", log(hi, bad("a"), no(1), says("Pardon?"), ends(transcript.OutcomeDone), hi, bad("b"), no(6)), "model"},
	})
}

func TestR13_Batches(t *testing.T) {
	hi := user("hi")
	run(t, []scenario{
		{"reads run in parallel", log(hi, asks(read("a"), read("b"), read("c"))), "tools 1.0 1.1 1.2"},
		{"reads up to the first effect", log(hi, asks(read("a"), read("b"), effect("c"), read("d"))), "tools 1.0 1.1"},
		{"the effect after the reads runs alone", log(hi, asks(read("a"), read("b"), effect("c"), read("d")), ok(at(1, 0)), ok(at(1, 1))), "1.2 begins #1; tools 1.2"},
		{"reads after an effect wait for it", log(hi, asks(effect("c"), read("d"), read("e")), intent(at(1, 0), 1), ok(at(1, 0))), "tools 1.1 1.2"},
		{"an effect ahead of reads", log(hi, asks(effect("c"), read("d"))), "1.0 begins #1; tools 1.0"},
		{"effects run one by one", log(hi, asks(effect("a"), effect("b"))), "1.0 begins #1; tools 1.0"},
		{"idempotent calls run alone too", log(hi, asks(idem("a"), idem("b"))), "1.0 begins #1; tools 1.0"},
		{"an empty class is an effect", log(hi, asks(call("a", ""), read("b"))), "1.0 begins #1; tools 1.0"},
		{"an unknown class is an effect", log(hi, asks(call("a", "harmless"), read("b")), intent(at(1, 0), 1)), "reconcile 1.0#2"},
		{"half a batch of reads runs again for the rest", log(hi, asks(read("a"), read("b"), read("c")), ok(at(1, 1))), "tools 1.0 1.2"},
		{"a refused call delays no other", log(hi, asks(read("a"), refused("b"), read("c"))), "1.1 refused; tools 1.0 1.2"},
		{"a call that awaits approval delays no other", log(hi, asks(asking(effect("a")), read("b"), effect("c"))), "tools 1.1"},
		{"effects pass it too", log(hi, asks(asking(effect("a")), read("b"), effect("c")), ok(at(1, 1))), "1.2 begins #1; tools 1.2"},
		{"and the pause comes last", log(hi, asks(asking(effect("a")), read("b"), effect("c")), ok(at(1, 1)), intent(at(1, 2), 1), ok(at(1, 2))), "wait 1.0"},
		{"once decided it is back in its place", log(hi, asks(asking(effect("a")), effect("b"), read("c")), decide(at(1, 0), transcript.VerdictApprove)), "1.0 begins #1; tools 1.0"},
	})
}

func TestR13_StartedWithoutResult(t *testing.T) {
	hi := user("hi")
	again := &transcript.Resume{}
	run(t, []scenario{
		{"an effect is reconciled", log(hi, asks(effect("a"), read("b")), intent(at(1, 0), 1), again), "reconcile 1.0#2"},
		{"an effect after other calls is reconciled", log(hi, asks(asking(read("a")), refused("b"), effect("c")), intent(at(1, 2), 1)), "reconcile 1.2#2"},
		{"an effect is reconciled at a limit", log(limited("hi", transcript.Limits{Steps: 1, Calls: 9, Refusals: 1, Tokens: 5}), costs(asks(effect("a")), 3, 3), intent(at(1, 0), 1)), "reconcile 1.0#2"},
		{"a void attempt is followed by another", log(hi, asks(effect("a")), intent(at(1, 0), 1), again, void(at(1, 0), 1)), "1.0 begins #2; tools 1.0#2"},
		{"a second void attempt is followed by a third", log(hi, asks(effect("a")), intent(at(1, 0), 1), void(at(1, 0), 1), intent(at(1, 0), 2), void(at(1, 0), 2)), "1.0 begins #3; tools 1.0#3"},
		{"an idempotent call is repeated", log(hi, asks(idem("a"), read("b")), intent(at(1, 0), 1), again), "1.0 begins #2; tools 1.0#2"},
		{"an idempotent call is repeated twice", log(hi, asks(idem("a")), intent(at(1, 0), 1), again, intent(at(1, 0), 2), again), "1.0 begins #3; tools 1.0#3"},
		{"in doubt is a result", log(hi, asks(effect("a")), intent(at(1, 0), 1), result(at(1, 0), transcript.StatusInDoubt, "?")), "model"},
		{"a repetition that a limit forbids is in doubt",
			log(limited("hi", transcript.Limits{Steps: 9, Calls: 9, Refusals: 1, Tokens: 5}), costs(asks(idem("a")), 3, 3), intent(at(1, 0), 1), again),
			"1.0 in_doubt; limit: tokens (" + wording.ClosingText + "); rest"},
	})
}

// The key is the call's position: the same on every attempt and unique per call, whatever IDs
// the model gives.
func TestR15_Keys(t *testing.T) {
	key := func(tr transcript.Transcript) string {
		act := transcript.Next(tr)
		if len(act.Calls) != 1 {
			t.Fatalf("%s: want one call", brief(act))
		}
		w := act.Calls[0]
		if w.Key != transcript.Key(tr.ID, w.Ref) || w.Session != tr.ID {
			t.Errorf("the call %s of session %q has the key %q and the session %q", w.Ref, tr.ID, w.Key, w.Session)
		}
		return w.Key
	}
	hi := user("hi")
	base := []transcript.Body{hi, asks(effect("a"))}
	first := key(log(base...))
	for name, more := range map[string][]transcript.Body{
		"reconciled":    {intent(at(1, 0), 1)},
		"begun again":   {intent(at(1, 0), 1), void(at(1, 0), 1)},
		"after a crash": {&transcript.Resume{}},
	} {
		if got := key(log(append(base[:2:2], more...)...)); got != first {
			t.Errorf("%s: the key changed from %q to %q", name, first, got)
		}
	}
	if got := key(log(hi, asks(effect("another-id")))); got != first {
		t.Errorf("the key depends on the model's id: %q and %q", got, first)
	}
	seen := map[string]string{}
	for _, session := range []string{"s", "s/1", "s/1.0", "", "/", "1.0"} {
		for _, ref := range []transcript.Ref{at(1, 0), at(1, 1), at(0, 1), at(10, 0), at(1, 10), at(11, 0)} {
			k, whose := transcript.Key(session, ref), session+" and "+ref.String()
			if other, twice := seen[k]; twice {
				t.Errorf("%q is the key of %s and of %s", k, whose, other)
			}
			seen[k] = whose
		}
	}
}

// Work has everything that a call needs to run.
func TestNextWorkIsSelfContained(t *testing.T) {
	temperature := 0.5
	in := user("hi")
	in.Settings = &provider.Settings{Temperature: &temperature}
	c := effect("a")
	c.Coercions = []string{"null_absent"}
	approval := decide(at(1, 0), transcript.VerdictApprove)
	act := transcript.Next(log(in, asks(asking(c)), approval))
	want := []transcript.Work{{
		Session: "s", Ref: at(1, 0), Call: asking(c), Key: "s/1.0", Subject: "CUST-1", Attempt: 1,
		Decision: approval,
	}}
	if diff := cmp.Diff(want, act.Calls); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	act = transcript.Next(log(in))
	if act.Settings != in.Settings || act.ClosingText != roomy.ClosingText {
		t.Errorf("a call of the model has the settings %v and the words %q", act.Settings, act.ClosingText)
	}
}

// Invalid entries do not change the effect of the valid ones.
func TestNextIgnoresInvalidEntries(t *testing.T) {
	hi, done := user("hi"), ends(transcript.OutcomeDone)
	said := func(words string) *transcript.End {
		return &transcript.End{Outcome: transcript.OutcomeFailed, ClosingText: words}
	}
	for _, c := range []struct {
		name      string
		fits, not transcript.Transcript
	}{
		{"an output of no run", log(), log(toolsOff(asks(effect("a"))))},
		{"an output after the end", log(hi, says("Hello."), done), log(hi, says("Hello."), done, asks(effect("a")))},
		{"an end of nothing", log(), log(said("Sorry."))},
		{"an end after the end", log(hi, says("Hello."), done), log(hi, says("Hello."), done, said("Sorry."))},
		{"an intent of no call", log(hi, asks(effect("a"))), log(hi, asks(effect("a")), intent(at(0, 0), 1), intent(at(1, 1), 1), intent(at(1, -1), 1))},
		{"an attempt used again", log(hi, asks(idem("a")), intent(at(1, 0), 1), intent(at(1, 0), 2)), log(hi, asks(idem("a")), intent(at(1, 0), 1), intent(at(1, 0), 2), intent(at(1, 0), 1))},
		{"void twice", log(hi, asks(idem("a")), intent(at(1, 0), 1), intent(at(1, 0), 2), void(at(1, 0), 2)), log(hi, asks(idem("a")), intent(at(1, 0), 1), intent(at(1, 0), 2), void(at(1, 0), 2), void(at(1, 0), 2))},
		{"a second result", log(hi, asks(read("a")), ok(at(1, 0))), log(hi, asks(read("a")), ok(at(1, 0)), result(at(1, 0), transcript.StatusRefused, "no"))},
	} {
		t.Run(c.name, func(t *testing.T) {
			if transcript.Validate(c.not) == nil {
				t.Error("it is valid")
			}
			a, b := transcript.Track(c.fits), transcript.Track(c.not)
			if diff := cmp.Diff(a.Next(), b.Next(), same, cmpopts.IgnoreFields(transcript.Action{}, "Entry")); diff != "" {
				t.Errorf("Next (-without +with):\n%s", diff)
			}
			if diff := cmp.Diff(sent(c.fits), sent(c.not)); diff != "" {
				t.Errorf("messages (-without +with):\n%s", diff)
			}
			for _, k := range []*transcript.Tracker{a, b} {
				k.Add(transcript.Entry{Time: noon, Body: ends(transcript.OutcomeCanceled)})
			}
			if diff := cmp.Diff(a.Repair(), b.Repair(), same); diff != "" {
				t.Errorf("Repair (-without +with):\n%s", diff)
			}
			before, _ := a.Outcome()
			if after, _ := b.Outcome(); after != before {
				t.Errorf("the outcome is %s, and was %s", after, before)
			}
		})
	}
}

// Resume resets the count of attempts, since a crash is no failure of the call.
func TestR16_ResumeResetsAttempts(t *testing.T) {
	begun := log(user("hi"), asks(effect("a"), effect("b")),
		intent(at(1, 0), 1), void(at(1, 0), 1), intent(at(1, 0), 2), void(at(1, 0), 2), intent(at(1, 0), 3))
	for _, c := range []struct {
		name string
		tr   transcript.Transcript
		want int
	}{
		{"begun three times", begun, 3},
		{"the third was void", then(begun, void(at(1, 0), 3)), 3},
		{"resumed", then(begun, &transcript.Resume{}), 0},
		{"resumed, third attempt void", then(begun, &transcript.Resume{}, void(at(1, 0), 3)), 0},
		{"resumed and started again", then(begun, &transcript.Resume{}, void(at(1, 0), 3), intent(at(1, 0), 4)), 1},
		{"resumed twice", then(begun, &transcript.Resume{}, void(at(1, 0), 3), intent(at(1, 0), 4), &transcript.Resume{}), 0},
	} {
		if got := transcript.Next(c.tr).Calls[0].AttemptsSinceResume; got != c.want {
			t.Errorf("%s: %d tries, want %d", c.name, got, c.want)
		}
	}
}

// A call that repeats an in-doubt call has its key, also if the intent is missing, which is
// not valid.
func TestR15_KeyOfADoubtWithoutIntent(t *testing.T) {
	again := idem("b")
	again.Tool, again.Args = "tool_a", `{"of":"a"}`
	act := transcript.Next(log(user("hi"), asks(idem("a"), again), result(at(1, 0), transcript.StatusInDoubt, "?")))
	if len(act.Calls) != 1 || act.Calls[0].Key != "s/1.0" {
		t.Errorf("it is run as %+v", act.Calls)
	}
}
