package transcript_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

var picture = provider.Media{MIME: "image/png", Data: []byte("\x89PNG\r\n\x1a\n")}

func withMedia(text string) *transcript.Input {
	in := user(text)
	in.Message.Parts = append(in.Message.Parts, picture)
	return in
}

// inShort returns the messages that the model is sent, in short.
func inShort(t transcript.Transcript) string {
	var words []string
	for _, m := range t.Messages() {
		text := m.Text()
		for _, p := range m.Parts {
			switch p := p.(type) {
			case provider.ToolCall:
				text += "→" + p.ID
			case provider.ToolResult:
				text += p.CallID + "=" + p.Text()
			}
		}
		words = append(words, string(m.Role)+":"+text)
	}
	return strings.Join(words, " | ")
}

// Content that an API refused is left out of the next request.
func TestR30_RefusedContentIsWithdrawn(t *testing.T) {
	hi, fails := user("hi"), ends(transcript.OutcomeFailed)
	first := []transcript.Body{user("first"), says("Hello."), ends(transcript.OutcomeDone)}
	const left = `The call ended with status "ok". The result is left out (filtered).`
	filtered := attempted(provider.KindFiltered)
	cut := func(o *transcript.Output) *transcript.Output { return cutShort(o, provider.FinishFiltered) }
	for _, c := range []struct {
		name string
		log  transcript.Transcript
		want string
	}{
		{"the message", log(append(first, hi, filtered, fails)...), "user:first | assistant:Hello."},
		{"the first message", log(hi, filtered, fails), ""},
		{"a message that is too long", log(append(first, hi, attempted(provider.KindContextTooLong), fails)...), "user:first | assistant:Hello."},
		{"media alone", log(append(first, withMedia("look"), attempted(provider.KindInvalidMedia), fails)...), "user:first | assistant:Hello. | user:look[media left out: invalid_media]"},
		{"media of an earlier turn", log(withMedia("look"), says("I see."), ends(transcript.OutcomeDone), hi, attempted(provider.KindInvalidMedia), fails),
			"user:look[media left out: invalid_media] | assistant:I see. | user:hi"},
		{"media in a result", log(hi, asks(read("a")), &transcript.Result{Ref: at(1, 0), Status: transcript.StatusOK, Content: []provider.Part{picture}}, attempted(provider.KindInvalidMedia), fails),
			"user:hi | assistant:→a | tool:a=[media left out: invalid_media]"},
		{"the newest media alone", log(withMedia("look"), says("I see."), ends(transcript.OutcomeDone), withMedia("and here"), attempted(provider.KindInvalidMedia), fails),
			"user:look | assistant:I see. | user:and here[media left out: invalid_media]"},
		{"results before those that are left out", log(hi, asks(read("a")), ok(at(1, 0)), filtered, fails, &transcript.Withdrawal{From: 2, Reason: provider.KindFiltered}, &transcript.Resume{}, filtered, fails), ""},
		{"texts of this package stay", log(hi, asks(effect("a"), read("b")), intent(at(1, 0), 1), result(at(1, 0), transcript.StatusInDoubt, "do not repeat"), ok(at(1, 1)), filtered, fails),
			"user:hi | assistant:→a→b | tool:a=do not repeatb=" + left},
		{"results", log(hi, asks(read("a"), effect("b")), ok(at(1, 0)), intent(at(1, 1), 1), result(at(1, 1), transcript.StatusFailed, "no"), filtered, fails),
			"user:hi | assistant:→a→b | tool:a=" + left + "b=" + strings.Replace(left, "ok", "failed", 1)},
		{"results of the second turn", log(hi, asks(read("a")), ok(at(1, 0)), asks(read("b")), ok(at(3, 0)), filtered, fails),
			"user:hi | assistant:→a | tool:a=did 1.0 | assistant:→b | tool:b=" + left},
		{"what follows a refused answer", log(wanting(), asks(read("a")), ok(at(1, 0)), refusedText(says("x"), "no JSON"), filtered, fails), "user:Which queue? | assistant:→a | tool:a=" + left},
		{"a text truncated by a filter", log(append(first, hi, cut(says("Well")), ends(transcript.OutcomeTruncated))...), "user:first | assistant:Hello."},
		{"calls truncated by a filter", log(hi, cut(asks(read("a"))), result(at(1, 0), transcript.StatusSkipped, "cut"), ends(transcript.OutcomeTruncated)), ""},
		{"a text truncated by a filter, after results", log(hi, asks(read("a")), ok(at(1, 0)), cut(says("Well")), ends(transcript.OutcomeTruncated)), "user:hi | assistant:→a | tool:a=" + left},
		{"once more, in vain", log(hi, attempted(provider.KindOverloaded), filtered, fails), ""},
		{"a closing text", log(hi, filtered, &transcript.End{Outcome: transcript.OutcomeFailed, ClosingText: "Sorry."}), ""},

		{"no media", log(hi, attempted(provider.KindInvalidMedia), fails), "user:hi"},
		{"another failure after Resume", log(hi, filtered, fails, &transcript.Resume{}, fails), "user:hi"},
		{"of the run before", log(hi, filtered, fails, user("next"), fails), "user:hi | user:next"},
		{"the last failure counts", log(hi, filtered, attempted(provider.KindOverloaded), fails), "user:hi"},
		{"another failure", log(hi, attempted(provider.KindOverloaded), fails), "user:hi"},
		{"canceled", log(hi, filtered, ends(transcript.OutcomeCanceled)), "user:hi"},
		{"a failure before a turn", log(hi, filtered, asks(read("a")), ok(at(2, 0)), fails), "user:hi | assistant:→a | tool:a=did 2.0"},
		{"a text truncated by length", log(hi, cutShort(says("Well"), provider.FinishLength), ends(transcript.OutcomeTruncated)), "user:hi | assistant:Well"},
		{"resumed", log(hi, filtered, fails, &transcript.Resume{}, says("Hello."), ends(transcript.OutcomeDone)), "user:hi | assistant:Hello."},
	} {
		t.Run(c.name, func(t *testing.T) {
			repaired := then(c.log, transcript.Repair(c.log)...)
			if err := transcript.Validate(repaired); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, inShort(repaired)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if again := transcript.Repair(repaired); len(again) > 0 {
				t.Errorf("repaired again: %v", again)
			}
			next := inShort(then(repaired, user("next")))
			if want := strings.TrimPrefix(c.want+" | user:next", " | "); next != want {
				t.Errorf("with the next message: %s", next)
			}
			// A tracker that handed messages out before does not change them.
			k := transcript.Track(c.log)
			before := k.Messages()
			kept := append([]*provider.Message(nil), before...)
			for _, b := range append(k.Repair(), user("next")) {
				k.Add(transcript.Entry{Time: noon, Body: b})
			}
			k.Messages()
			if diff := cmp.Diff(kept, before, same); diff != "" {
				t.Errorf("messages that were handed out have changed:\n%s", diff)
			}
		})
	}
}

// Turns can be withdrawn one by one. Their effects and doubts stay known.
func TestR30_Withdraw(t *testing.T) {
	lost := effect("b")
	tr := log(user("one"), says("1"), ends(transcript.OutcomeDone),
		user("two"), asks(lost), intent(at(4, 0), 1), result(at(4, 0), transcript.StatusInDoubt, "?"), says("2"), ends(transcript.OutcomeDone),
		user("three"), asks(read("c")), ends(transcript.OutcomeCanceled))
	for _, want := range []string{"three", "two", "one", ""} {
		bodies, message := transcript.Track(tr).Withdraw()
		if want == "" {
			if bodies != nil || message != nil {
				t.Errorf("there is no turn, and %v is withdrawn", bodies)
			}
			break
		}
		if message == nil || message.Text() != want {
			t.Fatalf("want %q taken back, got %v", want, message)
		}
		tr = then(tr, bodies...)
		if err := transcript.Validate(tr); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(inShort(tr), want) {
			t.Errorf("%q is sent: %s", want, inShort(tr))
		}
	}
	if doubts := transcript.Track(tr).InDoubt(); len(doubts) != 1 {
		t.Errorf("in doubt: %v", doubts)
	}
	// The same effect again needs approval, and the ID is free.
	tr = then(tr, user("four"), asks(lost))
	if err := transcript.Validate(tr); err != nil {
		t.Error(err)
	}
	if act := transcript.Next(tr); act.Kind != transcript.ActionWait {
		t.Errorf("Next says %s of an effect that may have been done", act.Kind)
	}
}

// Transcripts without a turn that can be withdrawn.
func TestR30_NothingToWithdraw(t *testing.T) {
	for name, tr := range map[string]transcript.Transcript{
		"nothing was said": log(),
		"it runs":          log(user("hi"), asks(read("a"))),
		"a person decides": log(user("hi"), asks(asking(effect("a"))), ends(transcript.OutcomeCanceled)),
	} {
		if bodies, message := transcript.Track(tr).Withdraw(); bodies != nil || message != nil {
			t.Errorf("%s: %v", name, bodies)
		}
	}
}

func TestR04_ValidateRefusesWithdrawals(t *testing.T) {
	hi, fails := user("hi"), ends(transcript.OutcomeFailed)
	for want, tr := range map[string]transcript.Transcript{
		"entry 0 (withdrawal): no run is open":              log(&transcript.Withdrawal{}),
		"entry 1 (withdrawal): the last run has not ended":  log(hi, &transcript.Withdrawal{}),
		"call 1.0 has no result":                            log(hi, asks(read("a")), fails, &transcript.Withdrawal{}),
		"entry 3 (withdrawal): entry 1 cannot be withdrawn": log(hi, says("Hello."), ends(transcript.OutcomeDone), &transcript.Withdrawal{From: 1}),
		"entry 3 (withdrawal): entry 0 cannot be withdrawn": log(hi, fails, &transcript.Withdrawal{}, &transcript.Withdrawal{}),
		"entry 3 (resume): the turn was withdrawn":          log(hi, fails, &transcript.Withdrawal{}, &transcript.Resume{}),
		"entry 0 (attempt): no run is open":                 log(attempted(provider.KindFiltered)),
		"entry 2 (attempt): call 1.0 has no result":         log(hi, asks(read("a")), attempted(provider.KindFiltered)),
		"entry 2 (attempt): the run already has its answer": log(hi, says("Hello."), attempted(provider.KindFiltered)),
		"entry 1 (attempt): negative cost":                  log(hi, &transcript.Attempt{Attempt: provider.Attempt{Cost: new(provider.Money(-1))}}),
	} {
		checkRefused(t, tr, want)
	}
}

// The usage of a failed model call counts, also towards a limit.
func TestR31_AttemptsCount(t *testing.T) {
	free, dear := attempted(provider.KindOverloaded), attempted(provider.KindOverloaded)
	free.Cost, dear.Cost = new(provider.Money), new(2*provider.Dollar)
	in := limited("hi", transcript.Limits{Steps: 9, Calls: 9, Refusals: 9, Tokens: 25, ClosingText: "Enough."})
	tr := log(in, free, dear, attempted(provider.KindTimeout))
	k := transcript.Track(tr)
	if u := k.Usage(); u != (provider.Usage{Input: 21, Output: 9}) {
		t.Errorf("usage %+v", u)
	}
	if c := k.Cost(); c != (transcript.Cost{Amount: 2 * provider.Dollar, UnknownCalls: 1}) {
		t.Errorf("cost %v", c)
	}
	act := k.Next()
	if act.Kind != transcript.ActionNone || len(act.Before) != 1 {
		t.Fatalf("past its limit of tokens the run goes on: %v", brief(act))
	}
	if end := act.Before[0].(*transcript.End); end.Outcome != transcript.OutcomeLimit || end.Reason != transcript.LimitTokens {
		t.Errorf("it ends as %+v", end)
	}
	if k.Steps() != 0 {
		t.Errorf("%d steps", k.Steps())
	}
}

// A stored reference to an unknown call has no effect.
func TestR29_ResultsOfNoCall(t *testing.T) {
	var ref transcript.Ref
	if err := ref.UnmarshalText([]byte("1.-1")); err == nil {
		t.Errorf("%v is taken for a reference", ref)
	}
	tr := log(user("hi"), asks(read("a")), ok(at(1, 0)), ok(at(1, -1)), ok(at(-1, 7)), ends(transcript.OutcomeFailed), &transcript.Withdrawal{From: 2}, &transcript.Withdrawal{From: -1})
	transcript.Next(tr)
	tr.Messages()
}

// Reading withdrawals is linear in the entries.
func TestR29_WithdrawalsCostTheirNumber(t *testing.T) {
	costs := func(n int) uint64 {
		var bodies []transcript.Body
		for range n {
			at := len(bodies)
			bodies = append(bodies, user("good"), says("Hello."), ends(transcript.OutcomeDone),
				user("bad"), attempted(provider.KindFiltered), ends(transcript.OutcomeFailed), &transcript.Withdrawal{From: at + 3})
		}
		tr := log(bodies...)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		transcript.Track(tr)
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	if few, many := costs(200), costs(2000); many > 20*few {
		t.Errorf("200 withdrawals allocate %d bytes, 2000 %d", few, many)
	}
}
