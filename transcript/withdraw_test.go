package transcript_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// inShort is the conversation in short, as the model is sent it.
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

// What an API refuses for its content is not in what is sent next.
func TestR30_RefusedContentIsWithdrawn(t *testing.T) {
	hi, fails := user("hi"), ends(transcript.Failed)
	first := []transcript.Body{user("first"), says("Hello."), ends(transcript.Done)}
	const left = `The call ended as "ok". Its result is left out, as it cannot be sent (filtered).`
	filtered := attempted(provider.Filtered)
	cut := func(o *transcript.Output) *transcript.Output { return cutShort(o, provider.FinishFiltered) }
	for _, c := range []struct {
		name string
		log  transcript.Transcript
		want string
	}{
		{"the message", log(append(first, hi, filtered, fails)...), "user:first | assistant:Hello."},
		{"the first message", log(hi, filtered, fails), ""},
		{"a message that is too long", log(append(first, hi, attempted(provider.ContextTooLong), fails)...), "user:first | assistant:Hello."},
		{"media", log(append(first, hi, attempted(provider.InvalidMedia), fails)...), "user:first | assistant:Hello."},
		{"results", log(hi, asks(read("a"), effect("b")), ok(at(1, 0)), intent(at(1, 1), 1), result(at(1, 1), transcript.StatusFailed, "no"), filtered, fails),
			"user:hi | assistant:→a→b | tool:a=" + left + "b=" + strings.Replace(left, "ok", "failed", 1)},
		{"results of the second turn", log(hi, asks(read("a")), ok(at(1, 0)), asks(read("b")), ok(at(3, 0)), filtered, fails),
			"user:hi | assistant:→a | tool:a=did 1.0 | assistant:→b | tool:b=" + left},
		{"what follows a refused answer", log(wanting(), asks(read("a")), ok(at(1, 0)), refusedText(says("x"), "no JSON"), filtered, fails), "user:Which queue? | assistant:→a | tool:a=" + left},
		{"what a filter cut off", log(append(first, hi, cut(says("Well")), ends(transcript.Cut))...), "user:first | assistant:Hello."},
		{"what a filter cut off in calls", log(hi, cut(asks(read("a"))), result(at(1, 0), transcript.StatusSkipped, "cut"), ends(transcript.Cut)), ""},
		{"what a filter cut off behind results", log(hi, asks(read("a")), ok(at(1, 0)), cut(says("Well")), ends(transcript.Cut)), "user:hi | assistant:→a | tool:a=" + left},
		{"once more, in vain", log(hi, attempted(provider.Overloaded), filtered, fails), ""},
		{"words that closed the run", log(hi, filtered, &transcript.End{Outcome: transcript.Failed, Words: "Sorry."}), ""},

		{"the last failure counts", log(hi, filtered, attempted(provider.Overloaded), fails), "user:hi"},
		{"another failure", log(hi, attempted(provider.Overloaded), fails), "user:hi"},
		{"canceled", log(hi, filtered, ends(transcript.Canceled)), "user:hi"},
		{"a failure before a turn", log(hi, filtered, asks(read("a")), ok(at(2, 0)), fails), "user:hi | assistant:→a | tool:a=did 2.0"},
		{"a length that cut it off", log(hi, cutShort(says("Well"), provider.FinishLength), ends(transcript.Cut)), "user:hi | assistant:Well"},
		{"resumed", log(hi, filtered, fails, &transcript.Resume{}, says("Hello."), ends(transcript.Done)), "user:hi | assistant:Hello."},
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
				k.Add(transcript.Entry{At: noon, Body: b})
			}
			k.Messages()
			if diff := cmp.Diff(kept, before, same); diff != "" {
				t.Errorf("messages that were handed out have changed:\n%s", diff)
			}
		})
	}
}

// Turns can be taken back one by one; what was done in them stays known.
func TestR30_Withdraw(t *testing.T) {
	lost := effect("b")
	tr := log(user("one"), says("1"), ends(transcript.Done),
		user("two"), asks(lost), intent(at(4, 0), 1), result(at(4, 0), transcript.StatusInDoubt, "?"), says("2"), ends(transcript.Done),
		user("three"), asks(read("c")), ends(transcript.Canceled))
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
	if doubts := transcript.Track(tr).Doubts(); len(doubts) != 1 {
		t.Errorf("in doubt: %v", doubts)
	}
	// The same effect again is known to be one too many, and its id is free.
	tr = then(tr, user("four"), asks(lost))
	if err := transcript.Validate(tr); err != nil {
		t.Error(err)
	}
	if act := transcript.Next(tr); act.Kind != transcript.Wait {
		t.Errorf("Next says %s of an effect that may have been done", act.Kind)
	}
}

// A turn that cannot be taken back now.
func TestR30_NothingToWithdraw(t *testing.T) {
	for name, tr := range map[string]transcript.Transcript{
		"nothing was said": log(),
		"it runs":          log(user("hi"), asks(read("a"))),
		"a person decides": log(user("hi"), asks(asking(effect("a"))), ends(transcript.Canceled)),
	} {
		if bodies, message := transcript.Track(tr).Withdraw(); bodies != nil || message != nil {
			t.Errorf("%s: %v", name, bodies)
		}
	}
}

func TestR04_ValidateRefusesWithdrawals(t *testing.T) {
	hi, fails := user("hi"), ends(transcript.Failed)
	for want, tr := range map[string]transcript.Transcript{
		"entry 0 (withdrawal): no run is open here":                                                   log(&transcript.Withdrawal{}),
		"entry 1 (withdrawal): the run before it has not ended":                                       log(hi, &transcript.Withdrawal{}),
		"call 1.0 has no result":                                                                      log(hi, asks(read("a")), fails, &transcript.Withdrawal{}),
		"entry 3 (withdrawal): entry 1 is no input and follows no output with calls, or is withdrawn": log(hi, says("Hello."), ends(transcript.Done), &transcript.Withdrawal{From: 1}),
		"entry 3 (withdrawal): entry 0 is no input and follows no output with calls, or is withdrawn": log(hi, fails, &transcript.Withdrawal{}, &transcript.Withdrawal{}),
		"entry 3 (resume): the turn was withdrawn":                                                    log(hi, fails, &transcript.Withdrawal{}, &transcript.Resume{}),
		"entry 0 (attempt): no run is open here":                                                      log(attempted(provider.Filtered)),
		"entry 2 (attempt): call 1.0 has no result":                                                   log(hi, asks(read("a")), attempted(provider.Filtered)),
		"entry 2 (attempt): the model has answered already":                                           log(hi, says("Hello."), attempted(provider.Filtered)),
		"entry 1 (attempt): its cost is negative":                                                     log(hi, &transcript.Attempt{Cost: new(provider.Money(-1))}),
	} {
		checkRefused(t, tr, want)
	}
}

// What a failed attempt used counts, also towards a limit.
func TestR31_AttemptsCount(t *testing.T) {
	free, dear := attempted(provider.Overloaded), attempted(provider.Overloaded)
	free.Cost, dear.Cost = new(provider.Money), new(2*provider.Dollar)
	in := limited("hi", transcript.Limits{Steps: 9, Calls: 9, Refusals: 9, Tokens: 25, Words: "Enough."})
	tr := log(in, free, dear, attempted(provider.Timeout))
	k := transcript.Track(tr)
	if u := k.Usage(); u != (provider.Usage{Input: 21, Output: 9}) {
		t.Errorf("usage %+v", u)
	}
	if c := k.Cost(); c != (transcript.Cost{Amount: 2 * provider.Dollar, Unknown: 1}) {
		t.Errorf("cost %v", c)
	}
	act := k.Next()
	if act.Kind != transcript.Rest || len(act.Before) != 1 {
		t.Fatalf("past its limit of tokens the run goes on: %v", brief(act))
	}
	if end := act.Before[0].(*transcript.End); end.Outcome != transcript.AtLimit || end.Why != transcript.LimitTokens {
		t.Errorf("it ends as %+v", end)
	}
	if k.Steps() != 0 {
		t.Errorf("%d steps", k.Steps())
	}
}
