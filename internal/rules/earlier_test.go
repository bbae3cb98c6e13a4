package rules_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// A stored conversation may have gone on while a call waits. What is decided about it then
// is kept, told to the model with the next message, and runs nothing.
func TestR33_DecidedInALaterRun(t *testing.T) {
	for _, c := range []struct {
		name string
		end  transcript.Body
	}{
		{"after a run that is done", &transcript.End{Outcome: transcript.OutcomeDone}},
		{"after a run that failed", &transcript.End{Outcome: transcript.OutcomeFailed}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			p := d.asks().Pending[0]
			before := d.goesOn(c.end)
			if _, err := d.session().Send(t.Context(), "hello?"); !errors.Is(err, funcall.ErrPending) {
				t.Errorf("a message: %v", err)
			}
			if _, err := d.session().Withdraw(t.Context()); !errors.Is(err, funcall.ErrPending) {
				t.Errorf("taken back: %v", err)
			}
			if _, err := d.session().Decide(t.Context(), funcall.Approve(p)); err == nil || !strings.Contains(err.Error(), "an earlier run") {
				t.Errorf("approved: %v", err)
			}
			if after := stored(t, d.store); len(after.Entries) != before {
				t.Errorf("%d entries became %d", before, len(after.Entries))
			}
			res, err := d.session().Decide(t.Context(), funcall.Deny(p, "too dear"))
			if err != nil || len(res.Pending) > 0 || len(res.Transcript.Entries) != before+1 {
				t.Fatalf("denied: %v, %d entries, pending %v", err, len(res.Transcript.Entries)-before, res.Pending)
			}
			res, err = d.session(providertest.Say("so be it")).Send(t.Context(), "hello?")
			if err != nil || res.Text() != "so be it" || len(d.paid) > 0 {
				t.Errorf("the next message: %q, %v, paid %v", res.Text(), err, d.paid)
			}
			if told := res.Transcript.Messages()[2].Parts[0].(provider.ToolResult); told.Text() != "too dear" {
				t.Errorf("the model reads another result of the call: %+v", told)
			}
			check(t, res)
		})
	}
}

// goesOn ends the run that waits, and stores another one that ends so. It returns how many
// entries there are.
func (d *desk) goesOn(end transcript.Body) int {
	d.t.Helper()
	tr := stored(d.t, d.store)
	k := transcript.Track(tr)
	in := *tr.Entries[0].Body.(*transcript.Input)
	in.Message = provider.User("another thing")
	said := &transcript.Output{Message: provider.Assistant(provider.Text{Text: "Fine."}), Finish: provider.FinishStop}
	for _, b := range []transcript.Body{&transcript.End{Outcome: transcript.OutcomeCanceled}, &in, said, end} {
		k.Add(transcript.Entry{Time: k.UpdatedAt(), Body: b})
	}
	after := k.Transcript()
	if err := errors.Join(transcript.Validate(after), d.store.Append(d.t.Context(), transcript.Batch{Session: "s", At: len(tr.Entries), Entries: after.Entries[len(tr.Entries):]})); err != nil {
		d.t.Fatal(err)
	}
	return len(after.Entries)
}
