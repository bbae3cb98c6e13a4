package transcript_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

func verdict(d *transcript.Decision, args, text string) *transcript.Decision {
	d.Args, d.Text = args, text
	return d
}

func TestR18_OnlyCallsThatAskWait(t *testing.T) {
	hi := user("hi")
	run(t, []scenario{
		{"every class can ask", log(hi, asks(asking(read("a")), asking(idem("b")), asking(effect("c")))), "wait 1.0 1.1 1.2"},
		{"a refused call is not asked about", log(hi, asks(asking(refused("a")))), "1.0 refused; model"},
		{"refused calls get their results before the pause", log(hi, asks(asking(effect("a")), refused("b"))), "1.1 refused; wait 1.0"},
	})
}

func TestR19_Verdicts(t *testing.T) {
	hi := user("hi")
	one := func() *transcript.Output { return asks(asking(effect("a"))) }
	two := func() *transcript.Output { return asks(asking(effect("a")), asking(effect("b"))) }
	run(t, []scenario{
		{"approved", log(hi, one(), decide(at(1, 0), transcript.VerdictApprove)), "1.0 begins #1; tools 1.0"},
		{"approved, and started before a crash", log(hi, one(), decide(at(1, 0), transcript.VerdictApprove), intent(at(1, 0), 1), &transcript.Resume{}), "reconcile 1.0#2"},
		{"denied", log(hi, one(), decide(at(1, 0), transcript.VerdictDeny)), "1.0 denied; model"},
		{"answered", log(hi, one(), decide(at(1, 0), transcript.VerdictRespond)), "1.0 ok; model"},
		{"one of two", log(hi, two(), decide(at(1, 1), transcript.VerdictDeny)), "1.1 denied; wait 1.0"},
		{"one of two approved runs at once", log(hi, two(), decide(at(1, 1), transcript.VerdictApprove)), "1.1 begins #1; tools 1.1"},
		{"the run waits for the other of two", log(hi, two(), decide(at(1, 1), transcript.VerdictApprove), intent(at(1, 1), 1), ok(at(1, 1))), "wait 1.0"},
		{"approved reads run in parallel", log(hi, asks(asking(read("a")), asking(read("b"))), decide(at(1, 1), transcript.VerdictApprove), decide(at(1, 0), transcript.VerdictApprove)), "tools 1.0 1.1"},
		{"a response in place of a call with EndsWith does not end the run", log(hi, asks(asking(ending(effect("a"), transcript.OutcomeHandedOff))), decide(at(1, 0), transcript.VerdictRespond)), "1.0 ok; model"},
	})
}

func TestR19_WhatTheModelIsTold(t *testing.T) {
	for _, c := range []struct {
		d    *transcript.Decision
		want *transcript.Result
	}{
		{verdict(decide(at(1, 0), transcript.VerdictDeny), "", "Too dear."), result(at(1, 0), transcript.StatusDenied, "Too dear.")},
		{verdict(decide(at(1, 0), transcript.VerdictDeny), "", ""), result(at(1, 0), transcript.StatusDenied, "A person declined this call.")},
		{verdict(decide(at(1, 0), transcript.VerdictRespond), "", "It was paid in cash."), result(at(1, 0), transcript.StatusOK, "It was paid in cash.")},
	} {
		act := transcript.Next(log(user("hi"), asks(asking(effect("a"))), c.d))
		if diff := cmp.Diff([]transcript.Body{c.want}, act.Before); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.d.Verdict, diff)
		}
	}
}

func TestR19_EditedArguments(t *testing.T) {
	tr := log(user("hi"), asks(asking(effect("a"))), verdict(decide(at(1, 0), transcript.VerdictApprove), `{"of":"another"}`, ""))
	for name, tr := range map[string]transcript.Transcript{
		"run":        tr,
		"reconciled": then(tr, intent(at(1, 0), 1)),
		"again":      then(tr, intent(at(1, 0), 1), void(at(1, 0), 1)),
	} {
		w := transcript.Next(tr).Calls[0]
		if w.Call.Args != `{"of":"another"}` || w.Decision == nil {
			t.Errorf("%s: the call has the arguments %s and the decision %v", name, w.Call.Args, w.Decision)
		}
	}
	if out := tr.Entries[1].Body.(*transcript.Output); out.Calls[0].Args != `{"of":"a"}` {
		t.Errorf("the transcript says now that the model asked for %s", out.Calls[0].Args)
	}
}

// Only an approval approves, and invalid decisions have no effect.
func TestR19_FailsClosed(t *testing.T) {
	for _, v := range []transcript.Verdict{"", "later", "APPROVE", "approved"} {
		tr := log(user("hi"), asks(asking(effect("a"))), decide(at(1, 0), v))
		if got, want := brief(transcript.Next(tr)), "1.0 denied; model"; got != want {
			t.Errorf("verdict %q: got %s, want %s", v, got, want)
		}
	}
	// A second decision on a call does not change the first.
	tr := log(user("hi"), asks(asking(effect("a"))), decide(at(1, 0), transcript.VerdictDeny), decide(at(1, 0), transcript.VerdictApprove))
	if got, want := brief(transcript.Next(tr)), "1.0 denied; model"; got != want {
		t.Errorf("denied, then approved: got %s, want %s", got, want)
	}
}

func TestPending(t *testing.T) {
	hi, canceled := user("hi"), ends(transcript.OutcomeCanceled)
	for name, c := range map[string]struct {
		log  transcript.Transcript
		want bool
	}{
		"nothing yet":            {log(), false},
		"no call":                {log(hi, says("Hello.")), false},
		"a call that waits":      {log(hi, asks(asking(read("a")))), true},
		"while others run":       {log(hi, asks(asking(read("a")), read("b"))), true},
		"after the run was left": {log(hi, asks(asking(read("a"))), canceled), true},
		"decided":                {log(hi, asks(asking(read("a"))), decide(at(1, 0), transcript.VerdictApprove)), false},
		"refused":                {log(hi, asks(asking(refused("a")))), false},
		"answered":               {log(hi, asks(asking(read("a"))), result(at(1, 0), transcript.StatusSkipped, "no")), false},
		"cut off":                {log(hi, cutShort(asks(asking(read("a"))), provider.FinishLength), canceled), false},
	} {
		if got := len(transcript.Track(c.log).Pending()) > 0; got != c.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

// A decision has effect only on the call that it is about, before its deadline.
func TestR19_WhatADecisionIsAbout(t *testing.T) {
	c := asking(effect("a"))
	c.ApprovalDeadline = noon.Add(48 * time.Hour)
	asked := log(user("hi"), asks(c, asking(effect("b"))))
	pending := transcript.Track(asked).Pending()
	until := c.ApprovalDeadline
	for name, d := range map[string]struct {
		digest string
		v      transcript.Verdict
		at     time.Time
		want   string
	}{
		"of the call":         {pending[0].Digest, transcript.VerdictApprove, noon, "1.0 begins #1; tools 1.0"},
		"at the last moment":  {pending[0].Digest, transcript.VerdictApprove, until.Add(-1), "1.0 begins #1; tools 1.0"},
		"too late":            {pending[0].Digest, transcript.VerdictApprove, until, "wait 1.0 1.1"},
		"expired":             {pending[0].Digest, transcript.VerdictExpire, until, "1.0 denied; wait 1.1"},
		"expired too early":   {pending[0].Digest, transcript.VerdictExpire, until.Add(-1), "wait 1.0 1.1"},
		"of the other call":   {pending[1].Digest, transcript.VerdictApprove, noon, "wait 1.0 1.1"},
		"of nothing":          {"", transcript.VerdictApprove, noon, "wait 1.0 1.1"},
		"a part of it":        {pending[0].Digest[:31], transcript.VerdictApprove, noon, "wait 1.0 1.1"},
		"denied, of nothing":  {"", transcript.VerdictDeny, noon, "wait 1.0 1.1"},
		"answered of nothing": {"", transcript.VerdictRespond, noon, "wait 1.0 1.1"},
	} {
		tr := asked
		tr.Entries = append(tr.Entries[:2:2], transcript.Entry{Time: d.at, Body: &transcript.Decision{Ref: at(1, 0), Digest: d.digest, Verdict: d.v, Args: ""}})
		counts := d.want != "wait 1.0 1.1"
		if got := brief(transcript.Next(tr)); got != d.want || (transcript.Validate(tr) == nil) != counts {
			t.Errorf("%s: got %s, valid: %v; want %s", name, got, transcript.Validate(tr), d.want)
		}
	}
	// The digest changes with everything that it covers.
	seen := map[string]string{}
	note := func(name string, tr transcript.Transcript) {
		t.Helper()
		d := transcript.Track(tr).Pending()[0].Digest
		if other, twice := seen[d]; twice {
			t.Errorf("%s has the digest of %s", name, other)
		}
		seen[d] = name
	}
	with := func(change func(*transcript.Call)) transcript.Transcript {
		c := asking(effect("a"))
		change(&c)
		return log(user("hi"), asks(c))
	}
	note("the call", with(func(*transcript.Call) {}))
	note("another tool", with(func(c *transcript.Call) { c.Tool = "other" }))
	note("another definition", with(func(c *transcript.Call) { c.Digest = "e" }))
	note("other arguments", with(func(c *transcript.Call) { c.Args = "{}" }))
	note("another reason", with(func(c *transcript.Call) { c.ApprovalReason = "why not" }))
	note("a shift between them", with(func(c *transcript.Call) { c.Tool, c.Digest = "tool_ad", "" }))
	session := with(func(*transcript.Call) {})
	session.ID = "t"
	note("another session", session)
	note("another place", log(user("hi"), says("Hello."), ends(transcript.OutcomeDone), user("hi"), asks(asking(effect("a")))))
}

// A decision that was stored when the doubt was not shown beside the other reason still has
// effect.
func TestR19_StoredBeforeDoubtsWereShown(t *testing.T) {
	same := func(id, why string) transcript.Call {
		c := effect(id)
		c.Tool, c.Args, c.ApprovalReason = "pay", `{"amount":5}`, why
		return c
	}
	of := func(first transcript.Status) transcript.Transcript {
		return log(user("hi"), asks(same("a", ""), same("b", "over 1")), intent(at(1, 0), 1), result(at(1, 0), first, "?"))
	}
	now := transcript.Track(of(transcript.StatusInDoubt)).Pending()[0]
	before := transcript.Track(of(transcript.StatusFailed)).Pending()[0]
	if now.Reason != "call 1.0 of the same tool, with the same arguments, may have been done already; over 1" || before.Reason != "over 1" {
		t.Fatalf("%q and %q", now.Reason, before.Reason)
	}
	for digest, want := range map[string]string{
		now.Digest:    "1.1 begins #1; tools 1.1",
		before.Digest: "1.1 begins #1; tools 1.1",
		"0":           "wait 1.1",
	} {
		tr := then(of(transcript.StatusInDoubt), &transcript.Decision{Ref: at(1, 1), Digest: digest, Verdict: transcript.VerdictApprove})
		if got := brief(transcript.Next(tr)); got != want || (transcript.Validate(tr) == nil) != (digest != "0") {
			t.Errorf("%s: %s, %v; want %s", digest, got, transcript.Validate(tr), want)
		}
		// A new decision must have the digest of what is shown now.
		d := transcript.Decision{Ref: at(1, 1), Digest: digest, Verdict: transcript.VerdictApprove}
		err := transcript.Track(of(transcript.StatusInDoubt)).CheckDecision(d, noon)
		if (err == nil) != (digest == now.Digest) || err != nil && !errors.Is(err, transcript.ErrStaleDecision) {
			t.Errorf("%s is checked: %v", digest, err)
		}
	}
}

// Of three equal calls the first is in doubt and the second was approved and succeeded. The
// third still needs approval.
func TestR19_ApprovalOutlivesTheDoubt(t *testing.T) {
	same := func(id string) transcript.Call {
		c := effect(id)
		c.Tool, c.Args = "pay", `{"amount":5}`
		return c
	}
	hi, out := user("hi"), asks(same("a"), same("b"), same("c"))
	inDoubt := []transcript.Body{hi, out, intent(at(1, 0), 1), result(at(1, 0), transcript.StatusInDoubt, "?")}
	asked := log(inDoubt...)
	third := transcript.Track(asked).Pending()[1]
	done := then(asked, decide(at(1, 1), transcript.VerdictApprove), intent(at(1, 1), 1), ok(at(1, 1)))
	if got := next(t, done); got != "wait 1.2" {
		t.Errorf("after the second was done: %s", got)
	}
	if p := transcript.Track(done).Pending(); len(p) != 1 || p[0].Digest != third.Digest {
		t.Errorf("what the third is asked about has changed: %+v, %+v", p, third)
	}
	if got := next(t, then(done, decide(at(1, 2), transcript.VerdictApprove))); got != "1.2 begins #1; tools 1.2" {
		t.Errorf("once it is approved: %s", got)
	}
}
