package transcript_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// The transcripts of these tests are written by hand, with the helpers below.

// same compares transcripts without cached fields.
var same = cmp.Options{
	cmpopts.IgnoreUnexported(provider.Message{}, transcript.Output{}),
	cmpopts.EquateEmpty(),
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// log returns a transcript with one entry per second.
func log(bodies ...transcript.Body) transcript.Transcript {
	t := transcript.Transcript{ID: "s"}
	for i, b := range bodies {
		sign(t, b)
		t.Entries = append(t.Entries, transcript.Entry{Time: noon.Add(time.Duration(i) * time.Second), Body: b})
	}
	return t
}

// toSign is a placeholder for the digest of the pending call.
const toSign = "of what is asked"

// sign replaces the placeholder in a decision by the digest.
func sign(t transcript.Transcript, b transcript.Body) {
	d, ok := b.(*transcript.Decision)
	if !ok || d.Digest != toSign {
		return
	}
	for _, p := range transcript.Track(t).Pending() {
		if p.Ref == d.Ref {
			d.Digest = p.Digest
		}
	}
}

// then returns t with more entries, at the time of its last one.
func then(t transcript.Transcript, bodies ...transcript.Body) transcript.Transcript {
	at := noon
	if n := len(t.Entries); n > 0 {
		at = t.Entries[n-1].Time
	}
	t.Entries = t.Entries[:len(t.Entries):len(t.Entries)]
	for _, b := range bodies {
		sign(t, b)
		t.Entries = append(t.Entries, transcript.Entry{Time: at, Body: b})
	}
	return t
}

// roomy are limits that no test reaches by accident.
var roomy = transcript.Limits{Steps: 16, Calls: 64, Refusals: 3, ClosingText: "That was too much."}

func user(text string) *transcript.Input { return limited(text, roomy) }

func limited(text string, l transcript.Limits) *transcript.Input {
	return &transcript.Input{Message: provider.User(text), Subject: "CUST-1", Limits: l}
}

// says returns a model's turn without calls.
func says(text string) *transcript.Output {
	return &transcript.Output{Message: provider.Assistant(provider.Text{Text: text}), Finish: provider.FinishStop}
}

// asks returns a model's turn with calls.
func asks(calls ...transcript.Call) *transcript.Output { return asksSaying("", calls...) }

func asksSaying(text string, calls ...transcript.Call) *transcript.Output {
	m := provider.Assistant()
	if text != "" {
		m.Parts = append(m.Parts, provider.Text{Text: text})
	}
	for _, c := range calls {
		m.Parts = append(m.Parts, provider.ToolCall{ID: c.ID, Name: c.Tool, Args: c.Args})
	}
	return &transcript.Output{Message: m, Finish: provider.FinishToolCalls, Calls: calls}
}

func cutShort(o *transcript.Output, why provider.FinishReason) *transcript.Output {
	o.Finish = why
	return o
}

func toolsOff(o *transcript.Output) *transcript.Output {
	o.ToolsOff = true
	return o
}

func costs(o *transcript.Output, in, out int64) *transcript.Output {
	o.Usage = provider.Usage{Input: in, Output: out}
	return o
}

// attempted returns a model call that failed.
func attempted(kind provider.ErrorKind) *transcript.Attempt {
	return &transcript.Attempt{Attempt: provider.Attempt{Kind: kind, Error: "no", Usage: provider.Usage{Input: 7, Output: 3}}}
}

func call(id string, class transcript.Class) transcript.Call {
	return transcript.Call{ID: id, Tool: "tool_" + id, Digest: "d", Args: `{"of":"` + id + `"}`, Class: class}
}

func read(id string) transcript.Call   { return call(id, transcript.ClassReadOnly) }
func idem(id string) transcript.Call   { return call(id, transcript.ClassIdempotent) }
func effect(id string) transcript.Call { return call(id, transcript.ClassEffect) }

func refused(id string) transcript.Call {
	return transcript.Call{ID: id, Tool: "tool_" + id, Refusal: "/of: is missing"}
}

func asking(c transcript.Call) transcript.Call {
	c.ApprovalReason = "it costs money"
	return c
}

func ending(c transcript.Call, o transcript.Outcome) transcript.Call {
	c.EndsWith = o
	return c
}

// at returns the position of a call.
func at(entry, index int) transcript.Ref { return transcript.Ref{Entry: entry, Index: index} }

func result(ref transcript.Ref, s transcript.Status, text string) *transcript.Result {
	return &transcript.Result{Ref: ref, Status: s, Content: []provider.Part{provider.Text{Text: text}}}
}

func ok(ref transcript.Ref) *transcript.Result {
	return result(ref, transcript.StatusOK, "did "+ref.String())
}

func intent(ref transcript.Ref, attempt int) *transcript.Intent {
	return &transcript.Intent{Ref: ref, Attempt: attempt}
}

func void(ref transcript.Ref, attempt int) *transcript.Intent {
	return &transcript.Intent{Ref: ref, Attempt: attempt, Void: true}
}

func decide(ref transcript.Ref, v transcript.Verdict) *transcript.Decision {
	return &transcript.Decision{Ref: ref, Digest: toSign, Verdict: v}
}

func ends(o transcript.Outcome) *transcript.End { return &transcript.End{Outcome: o} }

// brief returns an action in short, such as "tools 1.0 1.2" or "model, tools off". Entries to
// append before it come first: "1.0 refused; tools 1.1". Closing texts are in parentheses.
func brief(a transcript.Action) string {
	s := ""
	for _, b := range a.Before {
		s += briefBody(b) + "; "
	}
	s += string(a.Kind)
	for _, w := range a.Calls {
		s += " " + w.Ref.String()
		if w.Attempt > 1 {
			s += fmt.Sprintf("#%d", w.Attempt)
		}
	}
	if a.ToolsOff {
		s += ", tools off"
	}
	return s
}

func briefBody(b transcript.Body) string {
	switch b := b.(type) {
	case *transcript.Result:
		return fmt.Sprintf("%s %s", b.Ref, b.Status)
	case *transcript.Intent:
		return fmt.Sprintf("%s begins #%d", b.Ref, b.Attempt)
	case *transcript.End:
		s := string(b.Outcome)
		if b.Reason != "" {
			s += ": " + b.Reason
		}
		if b.ClosingText != "" {
			s += " (" + b.ClosingText + ")"
		}
		return s
	}
	return fmt.Sprintf("%T", b)
}

// next returns the next action in short. It also checks that the transcript is valid, that it
// stays valid with the entries of the action, and that a worker that crashed after appending
// them gets the same action.
func next(t *testing.T, tr transcript.Transcript) string {
	t.Helper()
	act := transcript.Next(tr)
	checkAction(t, tr, act)
	return brief(act)
}

func checkAction(t *testing.T, tr transcript.Transcript, act transcript.Action) {
	t.Helper()
	if err := transcript.Validate(tr); err != nil {
		t.Fatalf("the transcript is not valid: %v", err)
	}
	after := then(tr, act.Before...)
	if err := transcript.Validate(after); err != nil {
		t.Fatalf("the entries of Next (%s) are not valid: %v", brief(act), err)
	}
	if len(act.Before) == 0 {
		return
	}
	want := act
	want.Before = nil
	switch {
	case act.Kind == transcript.ActionNone: // the End is written
		want = transcript.Action{Kind: transcript.ActionNone}
	case act.Kind == transcript.ActionTools && act.Calls[0].Call.Class == transcript.ClassIdempotent:
		want.Calls = []transcript.Work{act.Calls[0]}
		want.Calls[0].Attempt++
		want.Calls[0].InDoubt, want.Calls[0].StartedAt = true, after.Entries[len(after.Entries)-1].Time
		want.Calls[0].AttemptsSinceResume++
		want.Before = []transcript.Body{intent(act.Calls[0].Ref, want.Calls[0].Attempt)}
	case act.Kind == transcript.ActionTools && act.Calls[0].Call.Class != transcript.ClassReadOnly:
		want.Kind = transcript.ActionReconcile
		want.Calls = []transcript.Work{act.Calls[0]}
		want.Calls[0].Attempt++
		want.Calls[0].AttemptsSinceResume++
		want.Calls[0].InDoubt, want.Calls[0].StartedAt = true, after.Entries[len(after.Entries)-1].Time
	}
	if diff := cmp.Diff(want, transcript.Next(after), same); diff != "" {
		t.Fatalf("after %s was appended, another worker gets a different action (-want +got):\n%s", brief(act), diff)
	}
}

// recoded returns tr as another process decodes it.
func recoded(t testing.TB, tr transcript.Transcript) transcript.Transcript {
	t.Helper()
	got, err := transcript.Decode(bytes.NewReader(encoded(t, tr)))
	if err != nil {
		t.Fatalf("what was encoded cannot be decoded: %v", err)
	}
	return got
}

func encoded(t testing.TB, tr transcript.Transcript) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := transcript.Encode(&b, tr); err != nil {
		t.Fatalf("Encode: %v", err)
	}
	return b.Bytes()
}
