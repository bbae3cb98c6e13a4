package transcript_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// CheckDecision and the reader of stored decisions share the rules by which a decision has
// effect. CheckDecision also checks what a person may decide.
func TestR19_CheckDecision(t *testing.T) {
	until := noon.Add(48 * time.Hour)
	c := asking(effect("a"))
	c.ApprovalDeadline = until
	hi := user("hi")
	asked := log(hi, asks(c, read("b"), refused("c")))
	shown := transcript.Track(asked).Pending()[0]
	of := func(v transcript.Verdict) transcript.Decision {
		return transcript.Decision{Ref: shown.Ref, Digest: shown.Digest, Verdict: v, Text: "done by hand"}
	}
	with := func(change func(*transcript.Decision)) transcript.Decision {
		d := of(transcript.VerdictApprove)
		change(&d)
		return d
	}
	for _, c := range []struct {
		name    string
		log     transcript.Transcript
		d       transcript.Decision
		at      time.Time
		is      error // that the error matches
		says    string
		decides bool // if it is stored all the same
	}{
		{"approved", asked, of(transcript.VerdictApprove), noon, nil, "", true},
		{"denied", asked, of(transcript.VerdictDeny), noon, nil, "", true},
		{"responded", asked, of(transcript.VerdictRespond), until.Add(-1), nil, "", true},
		{"edited", asked, with(func(d *transcript.Decision) { d.Args = "{}" }), noon, nil, "", true},

		{"no such call", asked, with(func(d *transcript.Decision) { d.Ref = at(1, 9) }), noon, transcript.ErrNotPending, "no call 1.9", false},
		{"a call that asks for nothing", asked, with(func(d *transcript.Decision) { d.Ref = at(1, 1) }), noon, transcript.ErrNotPending, "needs no approval", false},
		{"a refused call", asked, with(func(d *transcript.Decision) { d.Ref = at(1, 2) }), noon, transcript.ErrNotPending, "was refused", false},
		{"decided", then(asked, decide(at(1, 0), transcript.VerdictDeny)), of(transcript.VerdictApprove), noon, transcript.ErrNotPending, "is already decided", false},
		{"answered", then(asked, result(at(1, 0), transcript.StatusSkipped, "no")), of(transcript.VerdictApprove), noon, transcript.ErrNotPending, "already has a result", false},
		{"of a turn that was truncated", log(hi, cutShort(asks(c), provider.FinishLength)), of(transcript.VerdictApprove), noon, transcript.ErrNotPending, "no further calls", false},
		{"stale", asked, with(func(d *transcript.Decision) { d.Digest = "0" }), noon, transcript.ErrStaleDecision, "call 1.0", false},
		{"late", asked, of(transcript.VerdictApprove), until, transcript.ErrExpired, "call 1.0", false},
		{"early to expire", asked, of(transcript.VerdictExpire), noon, nil, "cannot expire before", false},

		{"a person's expiry", asked, of(transcript.VerdictExpire), until, transcript.ErrExpired, "", true},
		{"no verdict", asked, of("maybe"), noon, nil, `unknown verdict "maybe"`, true},
		{"an empty response", asked, with(func(d *transcript.Decision) { d.Verdict, d.Text = transcript.VerdictRespond, "" }), noon, nil, "is empty", true},
		{"arguments of a call that is denied", asked, with(func(d *transcript.Decision) { d.Verdict, d.Args = transcript.VerdictDeny, "{}" }), noon, transcript.ErrInvalidArguments, `"deny"`, true},
	} {
		err := transcript.Track(c.log).CheckDecision(c.d, c.at)
		if good := c.is == nil && c.says == ""; good != (err == nil) || c.is != nil && !errors.Is(err, c.is) || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %v and %q", c.name, err, c.is, c.says)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "transcript: ") {
			t.Errorf("%s: %v does not say whose error it is", c.name, err)
		}
		stored := c.log
		stored.Entries = append(stored.Entries[:len(stored.Entries):len(stored.Entries)], transcript.Entry{Time: c.at, Body: &c.d})
		valid := transcript.Validate(stored) == nil
		if known := c.d.Verdict != "maybe"; valid != (c.decides && known) {
			t.Errorf("%s: stored, it is valid: %v", c.name, valid)
		}
		pending := func(tr transcript.Transcript) int { return len(transcript.Track(tr).Pending()) }
		if decided := pending(stored) < pending(c.log); decided != c.decides {
			t.Errorf("%s: stored, it decides: %v", c.name, decided)
		}
	}
}
