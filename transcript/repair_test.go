package transcript_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/text/wording"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

func TestR04_Repair(t *testing.T) {
	hi, canceled := user("hi"), ends(transcript.OutcomeCanceled)
	many := func() *transcript.Output {
		return asks(read("a"), effect("b"), idem("c"), refused("d"), asking(effect("e")), read("f"))
	}
	for _, c := range []struct {
		name  string
		log   transcript.Transcript
		want  []string
		waits bool
	}{
		{"nothing yet", log(), nil, false},
		{"a run that is open can go on", log(hi, asks(read("a"))), nil, false},
		{"a run that failed before the model answered", log(hi, ends(transcript.OutcomeFailed)), nil, false},
		{"a run that is done", log(hi, says("Hello."), ends(transcript.OutcomeDone)), nil, false},
		{"all answered", log(hi, asks(read("a")), ok(at(1, 0)), canceled), nil, false},
		{"nothing was started", log(hi, many(), canceled), []string{"1.0 interrupted", "1.1 interrupted", "1.2 interrupted", "1.3 refused", "1.5 interrupted"}, true},
		{"an effect was started", log(hi, many(), ok(at(1, 0)), intent(at(1, 1), 1), ends(transcript.OutcomeFailed)), []string{"1.1 in_doubt", "1.2 interrupted", "1.3 refused", "1.5 interrupted"}, true},
		{"an idempotent call was started", log(hi, asks(idem("a"), effect("b")), intent(at(1, 0), 1), canceled), []string{"1.0 in_doubt", "1.1 interrupted"}, false},
		{"an idempotent call was started twice, second attempt void", log(hi, asks(idem("a")), intent(at(1, 0), 1), intent(at(1, 0), 2), void(at(1, 0), 2), canceled), []string{"1.0 in_doubt"}, false},
		{"an effect with a void attempt", log(hi, asks(effect("a")), intent(at(1, 0), 1), void(at(1, 0), 1), canceled), []string{"1.0 interrupted"}, false},
		{"approved, and not started", log(hi, asks(asking(effect("a"))), decide(at(1, 0), transcript.VerdictApprove), canceled), []string{"1.0 interrupted"}, false},
		{"approved, and started", log(hi, asks(asking(effect("a"))), decide(at(1, 0), transcript.VerdictApprove), intent(at(1, 0), 1), canceled), []string{"1.0 in_doubt"}, false},
		{"denied, without a result", log(hi, asks(asking(effect("a"))), decide(at(1, 0), transcript.VerdictDeny), canceled), []string{"1.0 denied"}, false},
		{"answered by a person, without a result", log(hi, asks(asking(effect("a"))), decide(at(1, 0), transcript.VerdictRespond), canceled), []string{"1.0 ok"}, false},
		{"truncated: no call of it can be approved", log(hi, cutShort(asks(read("a"), asking(effect("b"))), provider.FinishLength), canceled), []string{"1.0 skipped", "1.1 skipped"}, false},
		{"a limit leaves calls that await approval open", log(limited("hi", transcript.Limits{Steps: 1, Calls: 1, Refusals: 1, Tokens: 1}), costs(asks(effect("a"), asking(effect("b"))), 1, 1), intent(at(1, 0), 1), canceled), []string{"1.0 in_doubt"}, true},
		{"the run was to end with a call", log(hi, asks(ending(read("a"), transcript.OutcomeDone), asking(effect("b"))), ok(at(1, 0)), canceled), []string{"1.1 skipped"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := transcript.Validate(c.log); err != nil {
				t.Fatal(err)
			}
			bodies := transcript.Repair(c.log)
			var got []string
			for _, b := range bodies {
				got = append(got, briefBody(b))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(bodies, transcript.Repair(recoded(t, c.log)), same); diff != "" {
				t.Errorf("another machine repairs it differently:\n%s", diff)
			}
			repaired := then(c.log, bodies...)
			if again := transcript.Repair(repaired); len(again) > 0 {
				t.Errorf("repaired again: %v", again)
			}
			if got := len(transcript.Track(repaired).Pending()) > 0; got != c.waits {
				t.Errorf("a call waits for a decision: %v", got)
			}
			err := transcript.Validate(then(repaired, user("next")))
			if _, end := transcript.Track(c.log).Outcome(); len(c.log.Entries) > 0 && end == nil {
				if err == nil {
					t.Error("an input is accepted before the run is at rest")
				}
			} else if err != nil {
				t.Errorf("no input can follow: %v", err)
			}
		})
	}
}

func TestR04_WhatTheModelIsToldOfInterruptedCalls(t *testing.T) {
	bodies := transcript.Repair(log(user("hi"), asks(read("a"), effect("b"), idem("c")), intent(at(1, 2), 1), ends(transcript.OutcomeCanceled)))
	want := []transcript.Body{
		result(at(1, 0), transcript.StatusInterrupted, "Not known: the run was interrupted before the call was answered. It changed nothing and may be called again."),
		result(at(1, 1), transcript.StatusInterrupted, "Not done: the run was interrupted before the call was begun."),
		result(at(1, 2), transcript.StatusInDoubt, wording.InDoubt),
	}
	if diff := cmp.Diff(want, bodies); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A call that was started is in doubt: it is not dropped, and the model is not told that it
// was not done.
func TestR16_StartedIsInDoubtAfterRepair(t *testing.T) {
	for _, class := range []transcript.Class{transcript.ClassEffect, transcript.ClassIdempotent, ""} {
		tr := log(user("hi"), asks(call("a", class)), intent(at(1, 0), 1), ends(transcript.OutcomeFailed))
		if got := briefBody(transcript.Repair(tr)[0]); got != "1.0 in_doubt" {
			t.Errorf("class %q: %s", class, got)
		}
	}
}

// A repaired run can be resumed, and continues with the results.
func TestRepairedRunResumes(t *testing.T) {
	tr := log(user("hi"), asks(read("a"), asking(effect("b"))), ends(transcript.OutcomeFailed))
	tr = then(tr, transcript.Repair(tr)...)
	tr = then(tr, &transcript.Resume{})
	if got, want := next(t, tr), "wait 1.1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	tr = then(tr, decide(at(1, 1), transcript.VerdictDeny))
	if got, want := next(t, tr), "1.1 denied; model"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
