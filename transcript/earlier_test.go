package transcript_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// These tests are about calls of earlier turns that still await approval.

const heldText = `"Not done yet: the call awaits a person's approval. Do not call it again; say that it is waiting."!`

// leftWaiting returns a conversation that continues while two calls of its first turn await
// approval.
func leftWaiting(more ...transcript.Body) transcript.Transcript {
	next := user("next")
	next.Subject = "CUST-2"
	return then(log(user("hi"), asks(asking(effect("a")), read("b"), asking(effect("c"))), ok(at(1, 1)), ends(transcript.OutcomeCanceled), next), more...)
}

func wantSent(t *testing.T, tr transcript.Transcript, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, sent(tr)); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	// A tracker whose Messages was called at each step returns the same messages, and the slices
	// that it returned earlier are unchanged.
	k := transcript.Track(transcript.Transcript{ID: tr.ID})
	for _, e := range tr.Entries {
		messages := k.Messages()
		before := inBrief(messages)
		k.Add(e)
		k.Messages()
		if diff := cmp.Diff(before, inBrief(messages)); diff != "" {
			t.Errorf("messages that were handed out have changed:\n%s", diff)
		}
	}
	if diff := cmp.Diff(tr.Messages(), k.Messages(), same); diff != "" {
		t.Errorf("a tracker that was asked at each step sends something else (-anew +followed):\n%s", diff)
	}
}

func TestR33_TheConversationGoesOn(t *testing.T) {
	tr := leftWaiting()
	if got := next(t, tr); got != "model" {
		t.Errorf("Next says %s", got)
	}
	wantSent(t, tr, `user: "hi"`, `assistant: a b c`, `tool: a=`+heldText+` b="did 1.1" c=`+heldText, `user: "next"`)

	pending := transcript.Track(tr).Pending()
	if len(pending) != 2 || pending[0].Ref != at(1, 0) || pending[1].Ref != at(1, 2) {
		t.Fatalf("pending: %+v", pending)
	}
	for _, p := range pending {
		if p.Subject != "CUST-1" || !p.Since.Equal(noon.Add(time.Second)) {
			t.Errorf("it is asked for %s since %v", p.Subject, p.Since)
		}
	}
	before := transcript.Track(transcript.Transcript{ID: "s", Entries: tr.Entries[:4]}).Pending()
	if diff := cmp.Diff(before, pending); diff != "" {
		t.Errorf("what is shown has changed with the next input (-before +after):\n%s", diff)
	}

	done := then(tr, says("Hello."), ends(transcript.OutcomeDone))
	if o, _ := transcript.Track(done).Outcome(); o != transcript.OutcomeDone {
		t.Errorf("the second run is %s", o)
	}
	if repair := transcript.Repair(done); len(repair) > 0 {
		t.Errorf("repaired: %v", repair)
	}
	if s := transcript.Track(done).Summary(); len(s.Pending) != 2 {
		t.Errorf("the summary has %v", s.Pending)
	}
	third := then(done, user("third"))
	if err := transcript.Validate(third); err != nil || len(transcript.Track(third).Pending()) != 2 {
		t.Errorf("another turn later: %v, pending %v", err, transcript.Track(third).Pending())
	}
	if _, made, ok := transcript.Track(third).Call(at(1, 2)); !ok || made.ID != "c" {
		t.Errorf("call 1.2 is %+v, %v", made, ok)
	}
}

// A decision that runs nothing gives the call its result, in the next run or before the next
// input.
func TestR33_DecidedLater(t *testing.T) {
	deny := func() *transcript.Decision { return verdict(decide(at(1, 0), transcript.VerdictDeny), "", "Too dear.") }
	answer := func() *transcript.Decision {
		return verdict(decide(at(1, 2), transcript.VerdictRespond), "", "Paid in cash.")
	}
	run(t, []scenario{
		{"before the model is called", leftWaiting(deny()), "1.0 denied; model"},
		{"both", leftWaiting(deny(), answer()), "1.0 denied; 1.2 ok; model"},
		{"before calls run", leftWaiting(asks(read("d")), deny()), "1.0 denied; tools 5.0"},
		{"while another call waits", leftWaiting(asks(asking(read("d"))), deny()), "1.0 denied; wait 5.0"},
		{"before the run ends", leftWaiting(says("Hello."), deny()), "1.0 denied; done; rest"},
		{"a turn that is truncated skips its own calls alone", leftWaiting(cutShort(asks(read("d")), provider.FinishLength), deny()), "1.0 denied; 5.0 skipped; cut: length; rest"},
		{"not while a backend is to be asked", leftWaiting(asks(effect("d")), intent(at(5, 0), 1), deny()), "reconcile 5.0#2"},
		{"after the end", leftWaiting(says("Hello."), ends(transcript.OutcomeDone), deny()), "rest"},
		{"approved: nothing runs it yet", leftWaiting(decide(at(1, 0), transcript.VerdictApprove)), "model"},
	})
	tr := leftWaiting(says("Hello."), ends(transcript.OutcomeDone), deny(), decide(at(1, 2), transcript.VerdictApprove))
	var got []string
	for _, b := range transcript.Repair(tr) {
		got = append(got, briefBody(b))
	}
	if diff := cmp.Diff([]string{"1.0 denied", "1.2 interrupted"}, got); diff != "" {
		t.Errorf("Repair (-want +got):\n%s", diff)
	}
	tr = then(then(tr, transcript.Repair(tr)...), user("third"))
	if err := transcript.Validate(tr); err != nil {
		t.Error(err)
	}
	wantSent(t, tr, `user: "hi"`, `assistant: a b c`, `tool: a="Too dear."! b="did 1.1" c="Not done: the run was interrupted before the call was begun."!`,
		`user: "next"`, `assistant: "Hello."`, `user: "third"`)
}

// A worker that runs an approved call of an earlier turn writes the usual entries, which the
// format allows.
func TestR33_RunLater(t *testing.T) {
	tr := leftWaiting(decide(at(1, 2), transcript.VerdictApprove), intent(at(1, 2), 1), ok(at(1, 2)), decide(at(1, 0), transcript.VerdictApprove), intent(at(1, 0), 1))
	prefixes(tr, func(n int, part transcript.Transcript) {
		if err := transcript.Validate(part); err != nil {
			t.Errorf("%d entries: %v", n, err)
		}
	})
	wantSent(t, tr, `user: "hi"`, `assistant: a b c`, `tool: a=`+heldText+` b="did 1.1" c="did 1.2"`, `user: "next"`)
	if got := next(t, tr); got != "model" {
		t.Errorf("Next says %s", got)
	}
	// Its run has ended, so it does not count towards limits of this one.
	tight := leftWaiting()
	tight.Entries[4].Body = limited("next", transcript.Limits{Steps: 9, Calls: 1, Refusals: 1})
	tight = then(tight, decide(at(1, 2), transcript.VerdictApprove), intent(at(1, 2), 1), ok(at(1, 2)), asks(read("d")))
	if got := next(t, tight); got != "tools 8.0" {
		t.Errorf("Next says %s", got)
	}
	// It was started without a result, so it is in doubt.
	left := then(tr, ends(transcript.OutcomeFailed))
	left = then(left, transcript.Repair(left)...)
	if doubts := transcript.Track(left).InDoubt(); len(doubts) != 1 || doubts[0] != at(1, 0) {
		t.Errorf("in doubt: %v", doubts)
	}
	again := effect("e")
	again.Tool, again.Args = "tool_a", `{"of":"a"}`
	if got := next(t, then(left, user("third"), asks(again))); !strings.HasPrefix(got, "wait ") {
		t.Errorf("the same once more: %s", got)
	}
}

func TestR33_ValidateRefuses(t *testing.T) {
	deny := func() *transcript.Decision { return decide(at(1, 0), transcript.VerdictDeny) }
	for _, c := range []struct {
		want string
		log  transcript.Transcript
	}{
		{"the call is already decided", leftWaiting(deny(), decide(at(1, 0), transcript.VerdictApprove))},
		{"call 1.0 already has a result", leftWaiting(deny(), result(at(1, 0), transcript.StatusDenied, "no"), result(at(1, 0), transcript.StatusDenied, "no"))},
		{"call 1.1 already has a result", leftWaiting(ok(at(1, 1)))},
		{"the call needs approval and has none", leftWaiting(intent(at(1, 2), 1))},
		{"the call needs approval and has none", leftWaiting(ok(at(1, 0)))},
		{"no call 1.3", leftWaiting(decide(at(1, 3), transcript.VerdictDeny))},
		{"no call 0.0", leftWaiting(decide(at(0, 0), transcript.VerdictDeny))},
		{"no run is open", leftWaiting(says("Hello."), ends(transcript.OutcomeDone), decide(at(1, 0), transcript.VerdictApprove), intent(at(1, 0), 1))},
		{"stale decision", leftWaiting(&transcript.Decision{Ref: at(1, 0), Digest: "0", Verdict: transcript.VerdictDeny})},
		{"(withdrawal): call 1.0 has no result", leftWaiting(says("Hello."), ends(transcript.OutcomeDone), &transcript.Withdrawal{From: 0})},
		{"(withdrawal): the last run has not ended", leftWaiting(&transcript.Withdrawal{From: 4})},
	} {
		checkRefused(t, c.log, c.want)
	}
}

// A turn can be withdrawn if none of its calls awaits approval. Calls of turns before it may.
func TestR33_Withdraw(t *testing.T) {
	tr := leftWaiting(says("Hello."), ends(transcript.OutcomeDone))
	bodies, message := transcript.Track(tr).Withdraw()
	if message == nil || message.Text() != "next" {
		t.Fatalf("taken back: %v", message)
	}
	tr = then(tr, bodies...)
	if err := transcript.Validate(tr); err != nil || len(transcript.Track(tr).Pending()) != 2 {
		t.Errorf("%v, pending %v", err, transcript.Track(tr).Pending())
	}
	if bodies, message := transcript.Track(tr).Withdraw(); bodies != nil || message != nil {
		t.Errorf("a turn with calls that wait is taken back: %v", bodies)
	}
	tr = then(tr, decide(at(1, 0), transcript.VerdictDeny), decide(at(1, 2), transcript.VerdictDeny))
	bodies, message = transcript.Track(tr).Withdraw()
	if message == nil || message.Text() != "hi" {
		t.Fatalf("taken back: %v", message)
	}
	tr = then(tr, bodies...)
	if err := transcript.Validate(tr); err != nil {
		t.Error(err)
	}
	tr = then(tr, user("anew"))
	wantSent(t, tr, `user: "anew"`)
	if _, _, ok := transcript.Track(tr).Call(at(1, 0)); ok {
		t.Error("a call that was taken back is still in the table")
	}
}

// Media that was withdrawn from a turn stays withdrawn when one of its calls is answered
// later.
func TestR33_WithdrawnMediaStaysWithdrawn(t *testing.T) {
	shown := &transcript.Result{Ref: at(1, 0), Status: transcript.StatusOK, Content: []provider.Part{picture}}
	tr := log(user("hi"), asks(read("a"), asking(effect("b")), asking(effect("c"))), shown, ends(transcript.OutcomeCanceled),
		user("next"), attempted(provider.KindInvalidMedia), ends(transcript.OutcomeFailed))
	tr = then(then(tr, transcript.Repair(tr)...), decide(at(1, 2), transcript.VerdictDeny), decide(at(1, 1), transcript.VerdictDeny))
	tr = then(then(tr, transcript.Repair(tr)...), user("third"))
	if err := transcript.Validate(tr); err != nil {
		t.Fatal(err)
	}
	const declined = `"A person declined this call."!`
	wantSent(t, tr, `user: "hi"`, `assistant: a b c`, `tool: a="[media left out: invalid_media]" b=`+declined+` c=`+declined, `user: "next"`, `user: "third"`)
}

// A call that needs approval because of a doubt still needs it, for the same reason, after the
// doubt is resolved, also in a later turn.
func TestR33_ApprovalOutlivesTheDoubt(t *testing.T) {
	pay := func(id string) transcript.Call {
		c := effect(id)
		c.Tool, c.Args = "pay", `{"amount":5}`
		return c
	}
	tr := log(user("hi"), asks(pay("a"), pay("b")), intent(at(1, 0), 1), result(at(1, 0), transcript.StatusInDoubt, "?"), ends(transcript.OutcomeCanceled), user("next"), asks(pay("c")))
	pending := transcript.Track(tr).Pending()
	if len(pending) != 2 {
		t.Fatalf("pending: %v", pending)
	}
	tr = then(tr, decide(at(6, 0), transcript.VerdictApprove), intent(at(6, 0), 1), ok(at(6, 0)))
	if diff := cmp.Diff(pending[:1], transcript.Track(tr).Pending()); diff != "" {
		t.Errorf("what is asked about the first call (-before +after):\n%s", diff)
	}
}

// Reading late results is linear in the entries: for many turns, and for one turn with many
// calls.
func TestR29_LateResultsCostTheirNumber(t *testing.T) {
	costs := func(turns, calls int) uint64 {
		var bodies []transcript.Body
		var results []transcript.Body
		for range turns {
			var asked []transcript.Call
			for i := range calls {
				ref := at(len(bodies)+1, i)
				asked = append(asked, asking(effect(ref.String())))
				results = append(results, result(ref, transcript.StatusDenied, "no"))
			}
			bodies = append(bodies, user("hi"), asks(asked...), ends(transcript.OutcomeCanceled))
		}
		tr := log(append(append(bodies, user("last")), results...)...)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if got := len(tr.Messages()); got != 3*turns+1 {
			t.Errorf("%d messages of %d turns", got, turns)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	if few, many := costs(200, 1), costs(2000, 1); many > 20*few {
		t.Errorf("200 turns allocate %d bytes, 2000 %d", few, many)
	}
	if few, many := costs(1, 200), costs(1, 2000); many > 20*few {
		t.Errorf("200 calls allocate %d bytes, 2000 %d", few, many)
	}
}
