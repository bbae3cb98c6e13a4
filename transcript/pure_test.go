package transcript_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/text/wording"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// journey is a conversation with every kind of entry.
func journey() transcript.Transcript {
	l := roomy
	l.ActiveTime, l.Tokens = time.Minute, 1<<40
	temperature := 0.5
	in := limited("Return ORD-1 and ORD-2.", l)
	in.Settings = &provider.Settings{Temperature: &temperature, Extra: []byte(`{"n":9007199254740993}`)}
	return log(
		in,
		costs(asksSaying("Let me see.", read("a"), read("b"), refused("c"), asking(effect("d")), effect("e"), idem("f")), 100, 20),
		result(at(1, 2), transcript.StatusRefused, "/of: is missing"),
		ok(at(1, 1)),
		result(at(1, 0), transcript.StatusFailed, "It failed."),
		intent(at(1, 4), 1),
		&transcript.Resume{By: "another"},
		void(at(1, 4), 1),
		intent(at(1, 4), 2),
		ok(at(1, 4)),
		intent(at(1, 5), 1),
		&transcript.Resume{By: "a third"},
		intent(at(1, 5), 2),
		result(at(1, 5), transcript.StatusInDoubt, wording.InDoubt),
		verdict(decide(at(1, 3), transcript.VerdictApprove), `{"of":"less"}`, ""),
		intent(at(1, 3), 1),
		&transcript.Unknown{Type: "note", Raw: []byte(`{"type":"note","at":"2026-03-01T12:00:16Z"}`)},
		ok(at(1, 3)),
		costs(asks(read("g"), read("h")), 300, 20),
		ok(at(18, 1)),
		ends(transcript.OutcomeFailed),
		&transcript.Resume{},
		ok(at(18, 0)),
		says("Both are on their way."),
		ends(transcript.OutcomeDone),
		limited("Thanks!", transcript.Limits{}),
		toolsOff(asks(effect("i"))),
		result(at(26, 0), transcript.StatusSkipped, "Not done."),
		&transcript.End{Outcome: transcript.OutcomeLimit, Reason: "steps", ClosingText: "You are welcome."},
	)
}

func prefixes(tr transcript.Transcript, f func(n int, tr transcript.Transcript)) {
	for n := range len(tr.Entries) + 1 {
		f(n, transcript.Transcript{ID: tr.ID, Entries: tr.Entries[:n:n]})
	}
}

// another is a time zone that no machine is likely to use.
var another = time.FixedZone("another", -11*3600+17)

func TestR03_SameTranscriptSameAction(t *testing.T) {
	local := time.Local
	t.Cleanup(func() { time.Local = local })
	prefixes(journey(), func(n int, tr transcript.Transcript) {
		want := transcript.Next(tr)
		checkAction(t, tr, want)
		time.Local = another
		loaded := recoded(t, tr)
		got := transcript.Next(loaded)
		messages := loaded.Messages()
		time.Local = local
		if diff := cmp.Diff(want, got, same); diff != "" {
			t.Errorf("entry %d: another machine goes on differently (-here +there):\n%s", n, diff)
		}
		if diff := cmp.Diff(tr.Messages(), messages, same); diff != "" {
			t.Errorf("entry %d: another machine sends something else (-here +there):\n%s", n, diff)
		}
	})
}

func TestR03_TrackerIsNext(t *testing.T) {
	full := journey()
	k := transcript.Track(transcript.Transcript{ID: full.ID})
	prefixes(full, func(n int, tr transcript.Transcript) {
		if n > 0 {
			k.Add(full.Entries[n-1])
		}
		if diff := diffTrackers(k, transcript.Track(tr)); diff != "" {
			t.Errorf("entry %d: who followed knows something else than who begins anew (-followed +anew):\n%s", n, diff)
		}
		if k.Len() != n || n > 0 && !k.UpdatedAt().Equal(full.Entries[n-1].Time) {
			t.Errorf("after %d entries: Len %d, Last %v", n, k.Len(), k.UpdatedAt())
		}
	})
}

// diffTrackers compares the results of two trackers' methods.
func diffTrackers(a, b *transcript.Tracker) string {
	type told struct {
		Next      transcript.Action
		Outcome   transcript.Outcome
		End       *transcript.End
		Messages  []*provider.Message
		Repair    []transcript.Body
		Summary   transcript.Summary
		Steps     int
		Usage     provider.Usage
		Subject   string
		From, Len int
	}
	tell := func(k *transcript.Tracker) (s told) {
		s = told{Next: k.Next(), Messages: k.Messages(), Repair: k.Repair(), Summary: k.Summary(), Steps: k.Steps(), Usage: k.Usage(), Len: k.Len()}
		s.Outcome, s.End = k.Outcome()
		s.Subject, _ = k.Subject()
		_, s.From = k.LastRun()
		return s
	}
	return cmp.Diff(tell(a), tell(b), same)
}

// Reading a transcript does not change it.
func TestR03_EntriesAreNotChanged(t *testing.T) {
	tr := journey()
	before := string(encoded(t, tr))
	prefixes(tr, func(n int, part transcript.Transcript) {
		part.Entries = tr.Entries[:n] // with spare capacity that holds other entries
		k := transcript.Track(part)
		act := k.Next()
		for i := range act.Calls { // an action is its holder's own
			act.Calls[i].Call.Args = "changed"
		}
		k.Messages()
		k.Repair()
		if err := transcript.Validate(part); err != nil {
			t.Errorf("entry %d: %v", n, err)
		}
		k.Add(transcript.Entry{Time: noon, Body: ends(transcript.OutcomeFailed)})
		_ = append(k.Transcript().Entries, transcript.Entry{})
		_ = append(k.Messages(), provider.User("more"))
	})
	if after := string(encoded(t, tr)); after != before {
		t.Errorf("the transcript changed:\n%s", cmp.Diff(before, after))
	}
}

// The caller may append to slices that a Tracker returned, and the Tracker continues.
func TestTrackerReturnsSnapshots(t *testing.T) {
	full := journey()
	k := transcript.Track(transcript.Transcript{ID: full.ID})
	type held struct {
		entries  []transcript.Entry
		messages []*provider.Message
	}
	entry, message := transcript.Entry{Time: noon, Body: user("mine")}, provider.User("mine")
	var holders []held
	for _, e := range full.Entries {
		holders = append(holders, held{append(k.Transcript().Entries, entry), append(k.Messages(), message)})
		k.Add(e)
	}
	k.Messages()
	for n, h := range holders {
		before := transcript.Transcript{ID: full.ID, Entries: full.Entries[:n:n]}
		if diff := cmp.Diff(append(before.Entries, entry), h.entries, same); diff != "" {
			t.Errorf("the transcript of %d entries and one more became (-want +got):\n%s", n, diff)
		}
		if diff := cmp.Diff(append(before.Messages(), message), h.messages, same); diff != "" {
			t.Errorf("the messages of %d entries and one more became (-want +got):\n%s", n, diff)
		}
	}
}

// Trackers of one loaded transcript share its entries; run with -race.
func TestConcurrentTrackers(t *testing.T) {
	tr := journey()
	diffs := make(chan string)
	const readers = 8
	for range readers {
		go func() { diffs <- diffTrackers(transcript.Track(tr), transcript.Track(tr)) }()
	}
	for range readers {
		if diff := <-diffs; diff != "" {
			t.Error(diff)
		}
	}
}
