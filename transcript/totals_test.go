package transcript_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// A summary has the times of a session, and what it cost: the last run, and all runs, with
// failed model calls and withdrawn messages.
func TestSummaryTotals(t *testing.T) {
	dollar := new(provider.Dollar)
	turn := func(text string) *transcript.Output {
		o := costs(says(text), 100, 10)
		o.Cost = dollar
		return o
	}
	failed := attempted(provider.KindUnavailable)
	failed.Usage, failed.Cost = provider.Usage{Input: 7}, nil

	tr := log(user("one"), failed, turn("1"), ends(transcript.OutcomeDone))
	k := transcript.Track(tr)
	k.Add(transcript.Entry{Time: k.UpdatedAt().Add(time.Second), Body: &transcript.Withdrawal{From: 0}})
	withdrawnAt := k.UpdatedAt()
	second := withdrawnAt.Add(time.Hour)
	k.Add(transcript.Entry{Time: second, Body: user("two")})
	k.Add(transcript.Entry{Time: second.Add(time.Second), Body: turn("2")})
	k.Add(transcript.Entry{Time: second.Add(time.Minute), Body: &transcript.End{Outcome: transcript.OutcomeFailed, Reason: "no"}})
	k.Add(transcript.Entry{Time: second.Add(time.Hour), Body: &transcript.Resume{}})

	want := transcript.Summary{
		ID: tr.ID, Subject: "CUST-1", Entries: 9, Runs: 2, Outcome: transcript.OutcomeOpen,
		CreatedAt: tr.Entries[0].Time, LastRunAt: second, UpdatedAt: second.Add(time.Hour),
		Cursor: transcript.Cursor{UpdatedAt: second.Add(time.Hour), ID: tr.ID},
		Usage:  provider.Usage{Input: 100, Output: 10}, TotalUsage: provider.Usage{Input: 207, Output: 20},
		Cost: transcript.Cost{Amount: provider.Dollar}, TotalCost: transcript.Cost{Amount: 2 * provider.Dollar, UnknownCalls: 1},
	}
	if diff := cmp.Diff(want, k.Summary()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(want, transcript.Track(k.Transcript()).Summary()); diff != "" {
		t.Errorf("read anew, -want +got:\n%s", diff)
	}
	if diff := cmp.Diff(transcript.Summary{ID: "s"}, transcript.Track(transcript.Transcript{ID: "s"}).Summary()); diff != "" {
		t.Errorf("without entries, -want +got:\n%s", diff)
	}
}
