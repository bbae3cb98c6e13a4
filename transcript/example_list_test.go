package transcript_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// asksForRefund is a conversation with a call that awaits approval.
func asksForRefund() []transcript.Entry {
	began := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	return []transcript.Entry{
		{Time: began, Body: &transcript.Input{
			Message: provider.User("I want my money back."), Subject: "CUST-9821", Limits: transcript.Limits{Steps: 16, Calls: 64, Refusals: 3},
		}},
		{Time: began, Body: &transcript.Output{
			Message: provider.Assistant(provider.ToolCall{ID: "c1", Name: "refund", Args: `{"amount":250}`}),
			Finish:  provider.FinishToolCalls,
			Calls: []transcript.Call{{
				ID: "c1", Tool: "refund", Args: `{"amount":250}`, Class: transcript.ClassEffect,
				ApprovalReason: "it is over 100.00", ApprovalDeadline: began.Add(48 * time.Hour),
			}},
		}},
	}
}

// List the calls that wait for a decision.
func ExampleLister() {
	store := new(transcript.Memory)
	if err := store.Append(context.Background(), transcript.Batch{Session: "ticket-4711", Entries: asksForRefund()}); err != nil {
		panic(err)
	}
	var list transcript.Lister = store
	for s, err := range list.List(context.Background(), transcript.Filter{Outcome: transcript.OutcomeWaiting}) {
		if err != nil {
			panic(err)
		}
		for _, p := range s.Pending {
			fmt.Println(s.ID, s.Subject, p.Tool, p.Args, p.Reason)
		}
	}
	// Output: ticket-4711 CUST-9821 refund {"amount":250} it is over 100.00
}

func ExampleMemory_List() {
	var store transcript.Memory
	_ = store.Append(context.Background(), transcript.Batch{Session: "ticket-4711", Entries: asksForRefund()})
	for s := range store.List(context.Background(), transcript.Filter{InDoubt: true}) {
		fmt.Println(s.ID)
	}
	// Output:
}

func ExampleFilter_Matches() {
	k := transcript.Track(transcript.Transcript{ID: "ticket-4711", Entries: asksForRefund()})
	s := k.Summary()
	fmt.Println(s.Outcome, transcript.Filter{Outcome: transcript.OutcomeWaiting, UpdatedBefore: time.Now()}.Matches(s))
	// Output: waiting true
}

func ExamplePendingCall_Expired() {
	p := transcript.Track(transcript.Transcript{ID: "ticket-4711", Entries: asksForRefund()}).Pending()[0]
	fmt.Println(p.Expired(p.Since.Add(47*time.Hour)), p.Expired(p.Since.Add(48*time.Hour)))
	// Output: false true
}

func ExampleTracker_CheckDecision() {
	k := transcript.Track(transcript.Transcript{ID: "ticket-4711", Entries: asksForRefund()})
	p := k.Pending()[0]
	d := transcript.Decision{Ref: p.Ref, Digest: p.Digest, Verdict: transcript.VerdictDeny, By: "anna"}
	fmt.Println("in time:", k.CheckDecision(d, p.Since.Add(time.Hour)))
	fmt.Println("too late:", errors.Is(k.CheckDecision(d, p.Deadline), transcript.ErrExpired))
	d.Digest = "of another call"
	fmt.Println("stale:", errors.Is(k.CheckDecision(d, p.Since), transcript.ErrStaleDecision))
	// Output:
	// in time: <nil>
	// too late: true
	// stale: true
}

func ExampleTracker_InDoubt() {
	k := transcript.Track(transcript.Transcript{ID: "ticket-4711", Entries: asksForRefund()})
	p := k.Pending()[0]
	for _, b := range []transcript.Body{
		&transcript.Decision{Ref: p.Ref, Digest: p.Digest, Verdict: transcript.VerdictApprove, By: "anna"},
		&transcript.Intent{Ref: p.Ref, Attempt: 1},
		&transcript.Result{Ref: p.Ref, Status: transcript.StatusInDoubt, ErrorText: "connection reset"},
	} {
		k.Add(transcript.Entry{Time: p.Since, Body: b})
	}
	fmt.Println(k.InDoubt())
	// Output: [1.0]
}

// A worker that does not know whether its append succeeded repeats it.
func ExampleBatch() {
	var store transcript.Memory
	ctx := context.Background()
	b := transcript.Batch{Session: "ticket-4711", Writer: "worker-1", Entries: asksForRefund()}
	fmt.Println(store.Append(ctx, b))
	fmt.Println(store.Append(ctx, b))
	b.Writer = "worker-2"
	fmt.Println(errors.Is(store.Append(ctx, b), transcript.ErrConflict))
	// Output:
	// <nil>
	// <nil>
	// true
}
