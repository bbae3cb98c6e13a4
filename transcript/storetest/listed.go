package storetest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// checkListed checks that a Lister finds sessions in every state, and no longer finds them in
// a state that they have left.
func checkListed(ctx context.Context, s transcript.Store) error {
	list, ok := optional[transcript.Lister](s)
	if !ok {
		return nil
	}
	sessions := []string{"at rest", "running", "waiting", "decided", "in doubt", "resolved", "escalated", "reopened", "newer"}
	for i, id := range sessions {
		es := sessionIn(id)
		for j := range es { // the first session has the latest entries
			es[j].Time = es[j].Time.Add(time.Duration(len(sessions)-i) * time.Hour)
			if es[j].Body == nil {
				es[j] = newer(es[j].Time)
			}
		}
		for j, e := range es {
			if err := s.Append(ctx, unnamed(id, j, e)); err != nil {
				return fmt.Errorf("appending entry %d to %q: %w", j, id, err)
			}
		}
		if err := transcript.Validate(transcript.Transcript{ID: id, Entries: es}); err != nil {
			return err
		}
	}
	for _, c := range []struct {
		filter transcript.Filter
		want   []string
	}{
		{transcript.Filter{}, []string{"newer", "reopened", "escalated", "resolved", "in doubt", "decided", "waiting", "running", "at rest"}},
		{transcript.Filter{Outcome: transcript.OutcomeDone}, []string{"resolved", "in doubt", "at rest"}},
		{transcript.Filter{Outcome: transcript.OutcomeWaiting}, []string{"waiting"}},
		{transcript.Filter{Outcome: transcript.OutcomeOpen}, []string{"newer", "reopened", "decided", "running"}},
		{transcript.Filter{Outcome: transcript.OutcomeOpen, UpdatedBefore: began.Add(4 * time.Hour)}, []string{"newer", "reopened"}},
		{transcript.Filter{Outcome: transcript.OutcomeHandedOff}, []string{"escalated"}},
		{transcript.Filter{Outcome: transcript.OutcomeFailed}, nil},
		{transcript.Filter{InDoubt: true}, []string{"in doubt"}},
		{transcript.Filter{InDoubt: true, Outcome: transcript.OutcomeHandedOff}, nil},
	} {
		var got []string
		for sum, err := range list.List(ctx, c.filter) {
			if err != nil {
				return fmt.Errorf("List(%+v): %w", c.filter, err)
			}
			got = append(got, sum.ID)
			if err := isSummary(ctx, s, sum); err != nil {
				return fmt.Errorf("List(%+v): %w", c.filter, err)
			}
		}
		if !slices.Equal(got, c.want) {
			return fmt.Errorf("List(%+v) yields %q, want %q", c.filter, got, c.want)
		}
	}
	//lint:ignore errcheck the loop stops at the first session, with or without an error
	for range list.List(ctx, transcript.Filter{}) {
		break // the caller may stop early
	}
	return nil
}

// isSummary compares a summary with that of the loaded transcript.
func isSummary(ctx context.Context, s transcript.Store, got transcript.Summary) error {
	t, err := s.Load(ctx, got.ID)
	if err != nil {
		return err
	}
	want := transcript.Track(t).Summary()
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		return fmt.Errorf("the summary of %q is\n%s, want\n%s", got.ID, g, w)
	}
	return nil
}

// sessionIn returns a session in the named state.
func sessionIn(state string) []transcript.Entry {
	call := func(id, ask string) transcript.Call {
		return transcript.Call{ID: id, Tool: "refund", Digest: "d", Args: `{"order_id":"ORD-1"}`, Class: transcript.ClassIdempotent, ApprovalReason: ask}
	}
	in := func() transcript.Body {
		return &transcript.Input{Message: provider.User("hi"), Subject: "CUST-1", Limits: transcript.Limits{Steps: 9, Calls: 9, Refusals: 3}}
	}
	says := func() transcript.Body {
		return &transcript.Output{Message: provider.Assistant(provider.Text{Text: "There you are."}), Finish: provider.FinishStop}
	}
	asks := func(c transcript.Call) transcript.Body {
		m := provider.Assistant(provider.ToolCall{ID: c.ID, Name: c.Tool, Args: c.Args})
		return &transcript.Output{Message: m, Finish: provider.FinishToolCalls, Calls: []transcript.Call{c}}
	}
	end := func(o transcript.Outcome) transcript.Body { return &transcript.End{Outcome: o, Reason: "so it is"} }
	begins := func(at int) transcript.Body {
		return &transcript.Intent{Ref: transcript.Ref{Entry: at}, Attempt: 1}
	}
	result := func(at int, s transcript.Status) transcript.Body {
		return &transcript.Result{Ref: transcript.Ref{Entry: at}, Status: s, Content: []provider.Part{provider.Text{Text: "?"}}}
	}
	doubt := []transcript.Body{in(), asks(call("1", "")), begins(1), result(1, transcript.StatusInDoubt), says(), end(transcript.OutcomeDone)}
	switch state {
	case "running":
		return entries(in(), says(), end(transcript.OutcomeDone), in())
	case "waiting":
		return entries(in(), asks(call("1", "It costs money.")))
	case "decided":
		es := entries(in(), asks(call("1", "It costs money.")), nil)
		p := transcript.Track(transcript.Transcript{ID: state, Entries: es[:2]}).Pending()[0]
		es[2].Body = &transcript.Decision{Ref: p.Ref, Digest: p.Digest, Verdict: transcript.VerdictApprove, By: "anna"}
		return es
	case "in doubt":
		return entries(doubt...)
	case "resolved":
		return entries(append(doubt, in(), asks(call("2", "")), begins(7), result(7, transcript.StatusOK), says(), end(transcript.OutcomeDone))...)
	case "escalated":
		return entries(in(), end(transcript.OutcomeHandedOff))
	case "newer": // it is unknown whether the call still waits
		return entries(in(), asks(call("1", "It costs money.")), nil)
	case "reopened":
		return entries(in(), end(transcript.OutcomeFailed), &transcript.Resume{})
	}
	return entries(in(), says(), end(transcript.OutcomeDone))
}
