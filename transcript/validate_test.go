package transcript_test

import (
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// Every prefix that a crash may leave of a conversation is valid.
func TestR04_EveryPrefixIsValid(t *testing.T) {
	prefixes(journey(), func(n int, tr transcript.Transcript) {
		if err := transcript.Validate(tr); err != nil {
			t.Errorf("the first %d entries: %v", n, err)
		}
	})
}

func TestR04_ValidateRefuses(t *testing.T) {
	hi, done := user("hi"), ends(transcript.OutcomeDone)
	sub := func(b transcript.Body) []transcript.Body { // behind a turn with one call of each kind
		return []transcript.Body{hi, asks(read("a"), effect("b"), refused("c"), asking(effect("d")), idem("e")), b}
	}
	for _, c := range []struct {
		name string
		log  []transcript.Body
		want string
	}{
		{"nothing", []transcript.Body{nil}, "entry 0 (empty): unknown body type <nil>"},
		{"an input without a message", []transcript.Body{&transcript.Input{}}, "entry 0 (input): message is missing"},
		{"an output of no run", []transcript.Body{says("Hello.")}, "entry 0 (output): no run is open"},
		{"an output after the end", []transcript.Body{hi, says("Hello."), done, says("And")}, "entry 3 (output): no run is open"},
		{"an output without a message", []transcript.Body{hi, &transcript.Output{}}, "entry 1 (output): message is missing"},
		{"an output before the answers", []transcript.Body{hi, asks(read("a"), read("b")), ok(at(1, 0)), says("Hello.")}, "entry 3 (output): call 1.1 has no result"},
		{"a verdict too few", []transcript.Body{hi, &transcript.Output{Message: asks(read("a")).Message}}, "message has 1 tool calls, output has 0 verdicts"},
		{"a verdict on another call", []transcript.Body{hi, &transcript.Output{Message: asks(read("a")).Message, Calls: []transcript.Call{read("b")}}},
			`verdict 0 is on tool_b "b", call 0 of the message is tool_a "a"`},
		{"a verdict on another tool", []transcript.Body{hi, &transcript.Output{Message: asks(read("a")).Message, Calls: []transcript.Call{{ID: "a", Tool: "b"}}}},
			`verdict 0 is on b "a", call 0 of the message is tool_a "a"`},
		{"a call without an id", []transcript.Body{hi, asks(read(""))}, "call 0 has no ID"},
		{"an id twice in a turn", []transcript.Body{hi, asks(read("a"), read("a"))}, `call 1 reuses the ID "a"`},
		{"an id of another turn", []transcript.Body{hi, asks(read("a")), ok(at(1, 0)), asks(read("a"))}, `entry 3 (output): call 0 reuses the ID "a"`},
		{"an id of another run", []transcript.Body{hi, asks(read("a")), ok(at(1, 0)), says("x"), done, hi, asks(read("a"))}, `entry 6 (output): call 0 reuses the ID "a"`},
		{"a call that ends a run with a wrong outcome", []transcript.Body{hi, asks(ending(read("a"), transcript.OutcomeWaiting))}, `call 0 cannot end the run with outcome "waiting"`},

		{"a second answer", []transcript.Body{hi, says("Hello."), says("And")}, "entry 2 (output): the run already has its answer"},
		{"done without an answer", []transcript.Body{hi, done}, "entry 1 (end): the run is done without an output"},
		{"an output that is the user's", []transcript.Body{hi, &transcript.Output{Message: provider.User("x"), Finish: provider.FinishStop}}, "entry 1 (output): message has role \"user\""},
		{"an output with a result in it", []transcript.Body{hi, &transcript.Output{Message: provider.Assistant(provider.ToolResult{}), Finish: provider.FinishStop}}, "must not contain a tool result"},
		{"a call of a truncated output that ran", []transcript.Body{hi, cutShort(asks(read("a")), provider.FinishLength), ok(at(1, 0))}, "so its calls cannot run"},
		{"an intent of a truncated output", []transcript.Body{hi, cutShort(asks(effect("a")), provider.FinishLength), intent(at(1, 0), 1)}, "so its calls cannot run"},
		{"a call that ran without tools", []transcript.Body{hi, toolsOff(asks(read("a"))), ok(at(1, 0))}, "so its calls cannot run"},
		{"an older attempt void again", []transcript.Body{hi, asks(idem("a")), intent(at(1, 0), 1), intent(at(1, 0), 2), void(at(1, 0), 2), void(at(1, 0), 2)}, "attempt 2 cannot be void"},

		{"an intent of no call", sub(intent(at(1, 9), 1)), "entry 2 (intent): no call 1.9 in the last output"},
		{"an intent of no output", []transcript.Body{hi, intent(at(0, 0), 1)}, "no call 0.0"},
		{"an intent with an odd place", sub(intent(at(1, -1), 1)), "no call 1.-1"},
		{"an intent of an earlier turn", []transcript.Body{hi, asks(idem("a")), intent(at(1, 0), 1), ok(at(1, 0)), asks(idem("b")), intent(at(1, 0), 2)}, "no call 1.0 in the last output"},
		{"an intent of a read", sub(intent(at(1, 0), 1)), "needs no intent"},
		{"an intent of a refused call", sub(intent(at(1, 2), 1)), "the call was refused"},
		{"an intent of a call that waits", sub(intent(at(1, 3), 1)), "the call needs approval and has none"},
		{"an intent of a denied call", append(sub(decide(at(1, 3), transcript.VerdictDeny)), intent(at(1, 3), 1)), "the call needs approval and has none"},
		{"an intent of an answered call", append(sub(decide(at(1, 3), transcript.VerdictRespond)), intent(at(1, 3), 1)), "the call needs approval and has none"},
		{"an intent of attempt 0", sub(intent(at(1, 1), 0)), "attempt 0 cannot follow attempt 0"},
		{"an intent of attempt 2", sub(intent(at(1, 1), 2)), "attempt 2 cannot follow attempt 0"},
		{"an effect started twice", append(sub(intent(at(1, 1), 1)), intent(at(1, 1), 2)), "the call was started before and its outcome is unknown"},
		{"an attempt number used twice", append(sub(intent(at(1, 4), 1)), intent(at(1, 4), 1)), "attempt 1 cannot follow attempt 1"},
		{"a void intent of nothing", sub(void(at(1, 1), 1)), "attempt 1 cannot be void: it is not the last attempt, was not started, or is void already"},
		{"a void intent of another attempt", append(sub(intent(at(1, 1), 1)), void(at(1, 1), 2)), "attempt 2 cannot be void"},
		{"void twice", append(sub(intent(at(1, 1), 1)), void(at(1, 1), 1), void(at(1, 1), 1)), "attempt 1 cannot be void"},
		{"an attempt used again after it was void", append(sub(intent(at(1, 1), 1)), void(at(1, 1), 1), intent(at(1, 1), 1)), "attempt 1 cannot follow attempt 1"},
		{"an intent after the result", append(sub(intent(at(1, 1), 1)), ok(at(1, 1)), intent(at(1, 1), 2)), "call 1.1 already has a result"},
		{"an intent after the end", append(sub(ends(transcript.OutcomeFailed)), intent(at(1, 1), 1)), "entry 3 (intent): no run is open"},

		{"a result of no call", sub(ok(at(1, 9))), "entry 2 (result): no call 1.9 in the last output"},
		{"a result of an earlier turn", []transcript.Body{hi, asks(read("a")), ok(at(1, 0)), asks(read("b")), ok(at(1, 0))}, "no call 1.0 in the last output"},
		{"two results", append(sub(ok(at(1, 0))), ok(at(1, 0))), "call 1.0 already has a result"},
		{"a result of an effect that was not started", sub(ok(at(1, 1))), "the call is not read-only and has no intent"},
		{"a failure of an effect that was not started", sub(result(at(1, 1), transcript.StatusFailed, "no")), "has no intent"},
		{"doubt about an effect that was not started", sub(result(at(1, 1), transcript.StatusInDoubt, "?")), "has no intent"},
		{"a result of an effect that is void", append(sub(intent(at(1, 1), 1)), void(at(1, 1), 1), ok(at(1, 1))), "has no intent"},
		{"a result of an idempotent call that was not started", sub(ok(at(1, 4))), "has no intent"},
		{"a result of a refused call", sub(ok(at(1, 2))), "the call was refused, so it cannot have run"},
		{"a result of a call that waits", sub(ok(at(1, 3))), "the call needs approval and has none"},
		{"a result of a read that waits", []transcript.Body{hi, asks(asking(read("a"))), ok(at(1, 0))}, "the call needs approval and has none"},
		{"a failure of an answered call", append(sub(decide(at(1, 3), transcript.VerdictRespond)), result(at(1, 3), transcript.StatusFailed, "no")), "the call needs approval and has none"},
		{"a result without status", sub(&transcript.Result{Ref: at(1, 0)}), `unknown status ""`},
		{"a result with a call in it", sub(&transcript.Result{Ref: at(1, 0), Status: transcript.StatusOK, Content: []provider.Part{provider.ToolCall{}}}), "a tool result must not contain a provider.ToolCall"},
		{"a result with nothing in it", sub(&transcript.Result{Ref: at(1, 0), Status: transcript.StatusOK, Content: []provider.Part{nil}}), "a tool result must not contain a <nil>"},

		{"a decision on no call", sub(decide(at(1, 9), transcript.VerdictApprove)), "entry 2 (decision): transcript: the call does not wait for a decision (call 1.9): no call 1.9 in the last output"},
		{"a decision on a call without approval", sub(decide(at(1, 0), transcript.VerdictApprove)), "the call needs no approval"},
		{"a decision on a refused call", []transcript.Body{hi, asks(asking(refused("a"))), decide(at(1, 0), transcript.VerdictApprove)}, "the call was refused"},
		{"a decision too late", []transcript.Body{hi, asks(asking(read("a"))), result(at(1, 0), transcript.StatusSkipped, "no"), decide(at(1, 0), transcript.VerdictApprove)}, "call 1.0 already has a result"},
		{"two decisions", append(sub(decide(at(1, 3), transcript.VerdictDeny)), decide(at(1, 3), transcript.VerdictApprove)), "the call is already decided"},
		{"no verdict", sub(decide(at(1, 3), "")), `unknown verdict ""`},
		{"an unknown verdict", sub(decide(at(1, 3), "maybe")), `unknown verdict "maybe"`},

		{"a resume of nothing", []transcript.Body{&transcript.Resume{}}, "entry 0 (resume): no run is open"},
		{"a resume of a run that has ended", []transcript.Body{hi, says("Hello."), done, &transcript.Resume{}}, "the run has ended (done)"},
		{"an end of nothing", []transcript.Body{done}, "entry 0 (end): no run is open"},
		{"an end after the end", []transcript.Body{hi, ends(transcript.OutcomeFailed), ends(transcript.OutcomeFailed)}, "no run is open"},
		{"an end with calls open", sub(done), "entry 2 (end): call 1.0 has no result"},
		{"an end at a limit with calls open", sub(ends(transcript.OutcomeLimit)), "call 1.0 has no result"},
		{"an end without outcome", []transcript.Body{hi, ends("")}, `a run cannot end with outcome ""`},
		{"an end that waits", sub(ends(transcript.OutcomeWaiting)), `a run cannot end with outcome "waiting"`},
		{"an end that is open", []transcript.Body{hi, ends(transcript.OutcomeOpen)}, `a run cannot end with outcome "open"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			checkRefused(t, log(c.log...), c.want)
		})
	}
}

// checkRefused checks that Validate refuses the last entry of tr and accepts those before.
func checkRefused(t *testing.T, tr transcript.Transcript, want string) {
	t.Helper()
	err := transcript.Validate(tr)
	if err == nil || !strings.HasPrefix(err.Error(), `transcript "s", entry `) || !strings.Contains(err.Error(), want) {
		t.Errorf("\n got %v\nwant %s", err, want)
	}
	tr.Entries = tr.Entries[:len(tr.Entries)-1]
	if err := transcript.Validate(tr); err != nil {
		t.Errorf("the entries before it are not valid: %v", err)
	}
}

// These transcripts are unusual and valid.
func TestR04_ValidateAccepts(t *testing.T) {
	hi := user("hi")
	for name, b := range map[string][]transcript.Body{
		"nothing":                                   {},
		"a run that failed at once":                 {hi, ends(transcript.OutcomeFailed)},
		"canceled with calls open":                  {hi, asks(read("a"), effect("b")), intent(at(1, 1), 1), ends(transcript.OutcomeCanceled)},
		"results that come after the end":           {hi, asks(read("a"), effect("b")), intent(at(1, 1), 1), ends(transcript.OutcomeCanceled), ok(at(1, 1)), ok(at(1, 0))},
		"a decision after the end":                  {hi, asks(asking(read("a"))), ends(transcript.OutcomeFailed), decide(at(1, 0), transcript.VerdictApprove)},
		"a response in place of an effect":          {hi, asks(asking(effect("a"))), decide(at(1, 0), transcript.VerdictRespond), ok(at(1, 0))},
		"resumed again and again":                   {hi, &transcript.Resume{}, &transcript.Resume{}, ends(transcript.OutcomeFailed), &transcript.Resume{}},
		"an idempotent call started and abandoned":  {hi, asks(idem("a")), intent(at(1, 0), 1), intent(at(1, 0), 2), void(at(1, 0), 2), result(at(1, 0), transcript.StatusSkipped, "")},
		"a result that is a picture":                {hi, asks(read("a")), &transcript.Result{Ref: at(1, 0), Status: transcript.StatusOK, Content: []provider.Part{provider.Media{URL: "u"}, provider.Native{}}}},
		"a result that is empty":                    {hi, asks(read("a")), &transcript.Result{Ref: at(1, 0), Status: transcript.StatusOK}},
		"something of a newer version, anywhere":    {&transcript.Unknown{}, hi, &transcript.Unknown{}, ends(transcript.OutcomeFailed), &transcript.Unknown{}},
		"a closing text with calls open":            {hi, asks(read("a")), &transcript.End{Outcome: transcript.OutcomeFailed, ClosingText: "Sorry."}},
		"refused, though the call had been checked": {hi, asks(read("a")), result(at(1, 0), transcript.StatusRefused, "It has changed; call again.")},
	} {
		if err := transcript.Validate(log(b...)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An input is refused during a run, and while a call has no result and does not await
// approval, so no writer can insert one.
func TestR05_NoInputDuringARun(t *testing.T) {
	hi := user("hi")
	for _, c := range []struct {
		past []transcript.Body
		want string
	}{
		{[]transcript.Body{hi}, "the last run has not ended"},
		{[]transcript.Body{hi, asks(asking(read("a")))}, "the last run has not ended"},
		{[]transcript.Body{hi, asks(read("a")), ends(transcript.OutcomeCanceled)}, "call 1.0 has no result"},
		{[]transcript.Body{hi, asks(asking(read("a")), read("b")), ends(transcript.OutcomeCanceled)}, "call 1.1 has no result"},
		{[]transcript.Body{hi, asks(asking(read("a"))), decide(at(1, 0), transcript.VerdictApprove), ends(transcript.OutcomeCanceled)}, "call 1.0 has no result"},
		{[]transcript.Body{hi, cutShort(asks(asking(read("a"))), provider.FinishLength), ends(transcript.OutcomeCanceled)}, "call 1.0 has no result"},
	} {
		err := transcript.Validate(log(append(c.past, hi)...))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
	if err := transcript.Validate(log(hi, asks(read("a")), hi)); err == nil {
		t.Error("an input amid the calls of a run is valid")
	}
}

// A user's message must not hold tool calls or results.
func TestR20_InputsHoldNoCalls(t *testing.T) {
	for _, p := range []provider.Part{
		provider.ToolCall{ID: "a", Name: "refund"},
		provider.ToolResult{CallID: "a", Name: "refund"},
	} {
		in := &transcript.Input{Message: provider.User("hi", p), Limits: roomy}
		if err := transcript.Validate(log(in)); err == nil || !strings.Contains(err.Error(), "an input must not contain a") {
			t.Errorf("%T: got %v", p, err)
		}
	}
}
