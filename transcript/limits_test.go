package transcript_test

import (
	"testing"
	"time"

	"github.com/funcall/funcall/internal/text/wording"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

const sorry = "(" + wording.ClosingText + ")"

func TestR21_Steps(t *testing.T) {
	hi := limited("hi", transcript.Limits{Steps: 2, Calls: 9, Refusals: 9})
	once := []transcript.Body{hi, asks(read("a")), ok(at(1, 0))}
	twice := append(once[:3:3], asks(read("b")), ok(at(3, 0)))
	with := func(past []transcript.Body, more ...transcript.Body) transcript.Transcript {
		return log(append(past[:len(past):len(past)], more...)...)
	}
	run(t, []scenario{
		{"one left", with(once), "model"},
		{"the last step's calls run", with(once, asks(read("b"))), "tools 3.0"},
		{"none left", with(twice), "model, tools off"},
		{"closed by the model", with(twice, toolsOff(says("So far:"))), "limit: steps; rest"},
		{"closed without text", with(twice, toolsOff(says(""))), "limit: steps " + sorry + "; rest"},
		{"closed by a turn with calls", with(twice, toolsOff(asks(read("c"), effect("d"), refused("e")))),
			"5.0 skipped; 5.1 skipped; 5.2 refused; limit: steps " + sorry + "; rest"},
		{"closed by a turn with calls and text", with(twice, toolsOff(asksSaying("So far:", read("c")))), "5.0 skipped; limit: steps; rest"},
		{"closed and truncated", with(twice, toolsOff(cutShort(says("So f"), provider.FinishLength))), "cut: length; rest"},
		{"closed and truncated before any text", with(twice, toolsOff(cutShort(says(""), provider.FinishLength))), "cut: length " + sorry + "; rest"},
		{"no step at all", log(limited("hi", transcript.Limits{Calls: 9, Refusals: 9})), "model, tools off"},
		{"the next run has its own", with(twice, toolsOff(says("So far:")), ends(transcript.OutcomeLimit), hi), "model"},
	})
}

func TestR21_Calls(t *testing.T) {
	hi := limited("hi", transcript.Limits{Steps: 9, Calls: 2, Refusals: 9})
	run(t, []scenario{
		{"as many as are left", log(hi, asks(read("a"), read("b"))), "tools 1.0 1.1"},
		{"more than are left", log(hi, asks(read("a"), read("b"), read("c"))), "tools 1.0 1.1"},
		{"the others are skipped", log(hi, asks(read("a"), read("b"), read("c"), effect("d")), ok(at(1, 0)), ok(at(1, 1))),
			"1.2 skipped; 1.3 skipped; model, tools off"},
		{"a failed call has run", log(hi, asks(read("a"), read("b")), ok(at(1, 0)), result(at(1, 1), transcript.StatusFailed, "no")), "model, tools off"},
		{"an in-doubt call has run", log(hi, asks(effect("a"), effect("b")), intent(at(1, 0), 1), result(at(1, 0), transcript.StatusInDoubt, "?"), intent(at(1, 1), 1), ok(at(1, 1))), "model, tools off"},
		{"refused and denied calls have not run", log(hi, asks(refused("a"), asking(read("b")), read("c"), read("d")), decide(at(1, 1), transcript.VerdictDeny)),
			"1.0 refused; 1.1 denied; tools 1.2 1.3"},
		{"a call that a person answered has not run", log(hi, asks(asking(read("b")), read("c"), read("d")), decide(at(1, 0), transcript.VerdictRespond)),
			"1.0 ok; tools 1.1 1.2"},
		{"a call that awaits approval is skipped", log(hi, asks(read("a"), read("b"), asking(effect("c"))), ok(at(1, 0)), ok(at(1, 1))),
			"1.2 skipped; model, tools off"},
		{"an approved call is skipped", log(hi, asks(read("a"), read("b"), asking(effect("c"))), ok(at(1, 0)), decide(at(1, 2), transcript.VerdictApprove), ok(at(1, 1))),
			"1.2 skipped; model, tools off"},
		{"closed", log(hi, asks(read("a"), read("b")), ok(at(1, 0)), ok(at(1, 1)), toolsOff(says("So far:"))), "limit: calls; rest"},
		// The closing call counts as a step and must not change the reason.
		{"closed at the last step", log(limited("hi", transcript.Limits{Steps: 2, Calls: 1, Refusals: 9}), asks(read("a")), ok(at(1, 0)), toolsOff(says("So far:"))), "limit: calls; rest"},
		{"closed with the last token", log(limited("hi", transcript.Limits{Steps: 9, Calls: 1, Refusals: 9, Tokens: 10}), asks(read("a")), ok(at(1, 0)), costs(toolsOff(says("So far:")), 5, 5)), "limit: calls; rest"},
		{"no call at all", log(limited("hi", transcript.Limits{Steps: 9, Refusals: 9})), "model, tools off"},
	})
}

func TestR21_Tokens(t *testing.T) {
	l := transcript.Limits{Steps: 9, Calls: 9, Refusals: 9, Tokens: 100, ClosingText: "Enough."}
	hi := limited("hi", l)
	run(t, []scenario{
		{"one left", log(hi, costs(asks(read("a")), 50, 49), ok(at(1, 0))), "model"},
		{"none left for the calls", log(hi, costs(asks(read("a"), effect("b"), refused("c"), asking(read("d"))), 50, 50)),
			"1.0 skipped; 1.1 skipped; 1.2 refused; 1.3 skipped; limit: tokens (Enough.); rest"},
		{"none left for the next turn", log(hi, costs(asks(refused("a")), 99, 1)), "1.0 refused; limit: tokens (Enough.); rest"},
		{"an answer is an answer", log(hi, costs(says("Here."), 500, 500)), "done; rest"},
		{"turns add up", log(hi, costs(asks(read("a")), 40, 10), ok(at(1, 0)), costs(asks(read("b")), 40, 10)), "3.0 skipped; limit: tokens (Enough.); rest"},
		{"the next run has its own", log(hi, costs(says("Here."), 500, 500), ends(transcript.OutcomeDone), hi), "model"},
		{"no bound", log(limited("hi", transcript.Limits{Steps: 9, Calls: 9, Refusals: 9}), costs(asks(read("a")), 1e15, 1e15)), "tools 1.0"},
		{"the closing text has a default", log(limited("hi", transcript.Limits{Steps: 9, Calls: 9, Refusals: 9, Tokens: 1}), costs(asks(read("a")), 1, 0)),
			"1.0 skipped; limit: tokens " + sorry + "; rest"},
	})
}

// timed returns a transcript whose entries have the given distances in seconds.
func timed(steps ...any) transcript.Transcript {
	tr := transcript.Transcript{ID: "s"}
	now := noon
	for _, s := range steps {
		switch s := s.(type) {
		case int:
			now = now.Add(time.Duration(s) * time.Second)
		case transcript.Body:
			sign(tr, s)
			tr.Entries = append(tr.Entries, transcript.Entry{Time: now, Body: s})
		}
	}
	return tr
}

// CallsLeft bounds the calls that start before their turn is complete.
func TestR21_CallsLeft(t *testing.T) {
	hi := limited("hi", transcript.Limits{Steps: 9, Calls: 2, Refusals: 9})
	one := []transcript.Body{hi, asks(read("a")), ok(at(1, 0))}
	for left, bodies := range [][]transcript.Body{
		append(one[:3:3], asks(read("b")), ok(at(3, 0))), one, {hi},
	} {
		if got := transcript.Next(log(bodies...)); got.Kind != transcript.ActionModel || got.CallsLeft != left {
			t.Errorf("%s: %d calls left, want %d", got.Kind, got.CallsLeft, left)
		}
	}
}

func TestR21_ActiveTime(t *testing.T) {
	hi := limited("hi", transcript.Limits{Steps: 9, Calls: 9, Refusals: 9, ActiveTime: 10 * time.Second})
	again := &transcript.Resume{}
	for _, c := range []struct {
		name string
		log  transcript.Transcript
		left time.Duration
		want string
	}{
		{"all of it", timed(hi), 10 * time.Second, "model"},
		{"the model's time counts", timed(hi, 4, asks(read("a"))), 6 * time.Second, "tools 1.0"},
		{"the tools' time counts", timed(hi, 4, asks(read("a")), 5, ok(at(1, 0))), time.Second, "model"},
		{"all of it used up by tools", timed(hi, 4, asks(read("a")), 6, ok(at(1, 0))), 0, "limit: active time " + sorry + "; rest"},
		{"used up by the model", timed(hi, 10, asks(read("a"), asking(effect("b")))), 0, "1.0 skipped; 1.1 skipped; limit: active time " + sorry + "; rest"},
		{"an answer that came late is an answer", timed(hi, 99, says("Here.")), 0, "done; rest"},
		{"waiting for a person does not count", timed(hi, 4, asks(asking(effect("a"))), 99, decide(at(1, 0), transcript.VerdictApprove)), 6 * time.Second, "1.0 begins #1; tools 1.0"},
		{"waiting for several decisions does not count", timed(hi, 4, asks(asking(read("a")), asking(read("b"))), 99, decide(at(1, 0), transcript.VerdictApprove), 99, decide(at(1, 1), transcript.VerdictDeny)), 6 * time.Second, "1.1 denied; tools 1.0"},
		{"a call that ran after the decision counts", timed(hi, 4, asks(asking(read("a"))), 99, decide(at(1, 0), transcript.VerdictApprove), 3, ok(at(1, 0))), 3 * time.Second, "model"},
		{"time until a resume is not active", timed(hi, 4, asks(read("a")), 99, again), 6 * time.Second, "tools 1.0"},
		{"time after a failure is not active", timed(hi, 4, asks(read("a")), 2, ends(transcript.OutcomeFailed), 99, again), 4 * time.Second, "tools 1.0"},
		{"results after a failure are not active", timed(hi, 4, asks(read("a")), 2, ends(transcript.OutcomeFailed), 50, result(at(1, 0), transcript.StatusInterrupted, "?"), 50, again), 4 * time.Second, "model"},
		{"a clock that goes back", timed(hi, 4, asks(read("a")), -3600, ok(at(1, 0)), 1, asks(read("b"))), 5 * time.Second, "tools 3.0"},
		{"the run before does not count", timed(hi, 9, says("Here."), ends(transcript.OutcomeDone), 99, hi), 10 * time.Second, "model"},
		{"time before the first input is not active", timed(&transcript.Unknown{Type: "note", Raw: []byte(`{"type":"note"}`)}, 99, hi, 1, asks(read("a"))), 9 * time.Second, "tools 2.0"},
		{"a started call is reconciled", timed(hi, 4, asks(effect("a")), intent(at(1, 0), 1), 5, again), 6 * time.Second, "reconcile 1.0#2"},
		{"centuries", timed(hi, 1<<33, asks(read("a")), 1<<33, ok(at(1, 0))), 0, "limit: active time " + sorry + "; rest"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := next(t, c.log); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
			if got := transcript.Next(c.log).TimeLeft; got != c.left {
				t.Errorf("%v left, want %v", got, c.left)
			}
		})
	}
}

// New entries have times with a monotonic clock, and loaded ones do not. Both must give the
// same time left when the wall clock was set in between, so the monotonic clock is not used.
func TestR21_ActiveTimeIsWallTime(t *testing.T) {
	k := transcript.Track(transcript.Transcript{ID: "s"})
	k.Add(transcript.Entry{Time: time.Now(), Body: user("hi")})
	if got := k.UpdatedAt(); got != got.Round(0) {
		t.Errorf("the time since %v is measured with the monotonic clock", got)
	}
}

// If two limits are reached at once, the one that allows no closing call counts.
func TestR21_SeveralLimits(t *testing.T) {
	hi := limited("hi", transcript.Limits{Steps: 1, Calls: 1, Refusals: 1, Tokens: 10})
	run(t, []scenario{
		{"tokens over steps and calls", log(hi, costs(asks(read("a")), 4, 4), ok(at(1, 0)), toolsOff(costs(asks(read("b")), 4, 4))), "3.0 skipped; limit: steps " + sorry + "; rest"},
		{"steps over calls", log(hi, costs(asks(read("a")), 4, 4), ok(at(1, 0)), toolsOff(says("So."))), "limit: steps; rest"},
		{"tokens end it at once", log(hi, costs(asks(read("a"), refused("b")), 5, 5)), "1.0 skipped; 1.1 refused; limit: tokens " + sorry + "; rest"},
	})
}

func TestR21_WhatTheModelIsTold(t *testing.T) {
	poor := limited("hi", transcript.Limits{Steps: 1, Calls: 1, Refusals: 1, Tokens: 1})
	const cut = "Not done: the response was cut off, so the call may be incomplete."
	for _, c := range []struct {
		log  transcript.Transcript
		want string
	}{
		{log(poor, costs(asks(read("a")), 1, 1)), "Not done: this run has reached its limit (tokens)."},
		{log(limited("hi", transcript.Limits{Steps: 1, Refusals: 1}), asks(read("a"))), "Not done: this run has reached its limit (calls)."},
		{log(user("hi"), toolsOff(asks(read("a")))), "Not done: no more tools can be called in this run."},
		{log(user("hi"), cutShort(asks(read("a")), provider.FinishLength)), cut},
		{log(poor, costs(cutShort(asks(read("a")), provider.FinishLength), 1, 1)), cut}, // of two reasons, the turn's own
	} {
		if got := transcript.Next(c.log).Before[0].(*transcript.Result).Text(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// The limit stored with the closing call counts, whatever a later version would compute.
func TestR21_TheStoredLimitCounts(t *testing.T) {
	closed := toolsOff(says("Enough."))
	closed.Limit = transcript.LimitRefusals
	if got := brief(transcript.Next(log(user("hi"), closed))); got != "limit: refusals; rest" {
		t.Errorf("got %s", got)
	}
	act := transcript.Next(log(limited("hi", transcript.Limits{Steps: 1, Calls: 9, Refusals: 9}), asks(read("a")), ok(at(1, 0))))
	if act.Kind != transcript.ActionModel || !act.ToolsOff || act.Limit != transcript.LimitSteps {
		t.Errorf("the closing call: %s, because of %q", brief(act), act.Limit)
	}
}
