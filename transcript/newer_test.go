package transcript_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/transcript"
)

// entry decodes a stored entry.
func entry(t *testing.T, line string) transcript.Entry {
	t.Helper()
	var e transcript.Entry
	if err := e.UnmarshalJSON([]byte(line)); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return e
}

// mustKnow are entries that a program must know and this one does not, with their types and
// the versions that they need.
var mustKnow = []struct{ line, kind, needs string }{
	{`{"at":"2026-03-01T12:00:09Z","type":"settlement","needs":"1.3","call":"1.0","n":9007199254740993,"f":1.50}`, "settlement", "1.3"},
	{`{"call":"1.0","type":"decision","needs":"1.10","digest":[],"at":"2026-03-01T12:00:09Z"}`, "decision", "1.10"},
	{`{"at":"2026-03-01T12:00:09Z","type":"withdrawal","needs":"2.0","from":{"to":7},"text":"<&>\u0041"}`, "withdrawal", "2.0"},
	// No version wrote this. It must not be ignored.
	{`{"at":"2026-03-01T12:00:09Z","type":"settlement","needs":"1.0"}`, "settlement", "1.0"},
}

func TestR24_EntriesThatMustBeKnown(t *testing.T) {
	for name, tr := range map[string]transcript.Transcript{
		"nothing":        log(),
		"the model":      log(user("hi")),
		"a call to make": log(user("hi"), asks(effect("a"))),
		"a wait":         log(user("hi"), asks(asking(effect("a")))),
		"a started call": log(user("hi"), asks(effect("a")), intent(at(1, 0), 1)),
		"a failed run":   log(user("hi"), asks(asking(effect("a")), effect("b")), intent(at(1, 1), 1), ends(transcript.OutcomeFailed)),
		"rest":           log(user("hi"), says("Hello."), ends(transcript.OutcomeDone)),
	} {
		for _, c := range mustKnow {
			tr := transcript.Transcript{ID: tr.ID, Entries: append(slices.Clip(tr.Entries), entry(t, c.line))}
			last := tr.Entries[len(tr.Entries)-1]
			u, ok := last.Body.(*transcript.Unknown)
			if !ok || u.Type != c.kind || u.Needs != c.needs || last.Time.Sub(noon).Seconds() != 9 {
				t.Fatalf("%s became %#v of %v", c.line, last.Body, last.Time)
			}
			followed := transcript.Track(transcript.Transcript{ID: tr.ID, Entries: tr.Entries[:len(tr.Entries)-1]})
			if err := followed.Err(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			end, _ := followed.Outcome()
			followed.Add(last)
			for _, k := range []*transcript.Tracker{transcript.Track(tr), followed} {
				message := k.Err()
				if !errors.Is(message, transcript.ErrNewerVersion) {
					t.Fatalf("%s, %s: got %v", name, c.line, message)
				}
				for _, want := range []string{`transcript "s", entry `, `("` + c.kind + `")`, "needs version " + c.needs + ", newer than this program (version " + transcript.Version + "): upgrade"} {
					if !strings.Contains(message.Error(), want) {
						t.Errorf("%s: %q does not say %q", name, message, want)
					}
				}
				withdrawn, _ := k.Withdraw()
				if act := k.Next(); brief(act) != "rest" || len(k.Repair())+len(withdrawn)+len(k.Pending()) > 0 || k.Resumable() {
					t.Errorf("%s, %s: Next is %s, %d repairs, %d withdrawn, %d pending, resumable %v",
						name, c.line, brief(act), len(k.Repair()), len(withdrawn), len(k.Pending()), k.Resumable())
				}
				// It can be looked at.
				if end == transcript.OutcomeWaiting {
					end = transcript.OutcomeOpen
				}
				if s := k.Summary(); s.Entries != len(tr.Entries) || s.Outcome != end || s.Err == nil || s.Err.Error() != message.Error() || !s.UpdatedAt.Equal(last.Time) {
					t.Errorf("%s: the summary is %+v", name, s)
				}
			}
			if err := transcript.Validate(tr); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			lines := strings.Split(strings.TrimSpace(string(encoded(t, tr))), "\n")
			if got := lines[len(lines)-1]; got != c.line {
				t.Errorf("%s became %s", c.line, got)
			}
		}
	}
}

// An entry that every version knows, or that may be ignored, changes nothing.
func TestR24_EntriesThatMayBeIgnored(t *testing.T) {
	for line, want := range map[string]string{
		`{"at":"2026-03-01T12:00:09Z","type":"resume","needs":"1.0"}`:    "model",
		`{"at":"2026-03-01T12:00:09Z","type":"resume","needs":"1.1"}`:    "model",
		`{"at":"2026-03-01T12:00:09Z","type":"settlement","call":"1.0"}`: "rest",
		`{"at":"2026-03-01T12:00:09Z","type":"settlement","needs":""}`:   "rest",
	} {
		tr := then(log(user("hi"), ends(transcript.OutcomeFailed)), entry(t, line).Body)
		if err := transcript.Track(tr).Err(); err != nil || brief(transcript.Next(tr)) != want || transcript.Track(tr).Summary().Err != nil {
			t.Errorf("%s: Next is %s, %v", line, brief(transcript.Next(tr)), err)
		}
		if !transcript.Track(tr).Resumable() {
			t.Errorf("%s: not resumable", line)
		}
	}
}

// The error names the first entry that needs a newer version. Entries before it are validated;
// entries after it are not.
func TestR24_EntriesAfterOneThatMustBeKnown(t *testing.T) {
	unknown := entry(t, mustKnow[0].line).Body
	first := then(log(user("hi"), asks(effect("a"))), unknown, entry(t, mustKnow[1].line).Body, user("and now?"), says("Hello."))
	err := transcript.Track(first).Err()
	if err == nil || !strings.Contains(err.Error(), `entry 2 ("settlement")`) {
		t.Errorf("got %v", err)
	}
	if err := transcript.Validate(first); err != nil {
		t.Errorf("what follows: %v", err)
	}
	checkErr(t, "what stands ahead of it", transcript.Validate(then(log(user("hi"), asks(effect("a")), user("and now?")), unknown)), "has not ended")
}

// A withdrawal has "needs". Those that the first programs of 1.1 wrote have not.
func TestR24_AWithdrawalMustBeKnown(t *testing.T) {
	const then, now = `{"at":"2026-03-01T12:00:00Z","type":"withdrawal","from":2}`, `{"at":"2026-03-01T12:00:00Z","type":"withdrawal","needs":"1.1","from":2}`
	for _, line := range []string{then, now} {
		e := entry(t, line)
		if d := cmp.Diff(transcript.Entry{Time: noon, Body: &transcript.Withdrawal{From: 2}}, e); d != "" {
			t.Errorf("%s: %s", line, d)
		}
		if b, err := e.MarshalJSON(); err != nil || string(b) != now {
			t.Errorf("got %s, %v", b, err)
		}
	}
}

// A decision on a call that was shown before is not for a program that is too old.
func TestR24_NoDecisionInANewerTranscript(t *testing.T) {
	k := transcript.Track(log(user("hi"), asks(asking(effect("a")))))
	p := k.Pending()[0]
	k.Add(entry(t, mustKnow[0].line))
	d := transcript.Decision{Ref: p.Ref, Digest: p.Digest, Verdict: transcript.VerdictApprove}
	if err := k.CheckDecision(d, noon); !errors.Is(err, transcript.ErrNewerVersion) {
		t.Errorf("got %v", err)
	}
}
