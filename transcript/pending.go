package transcript

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// Pending is a call that waits for a person's decision, as that person is to
// see it. It can be sent anywhere, as JSON; what comes back counts only as far
// as its Digest is the one of the transcript.
type Pending struct {
	Session string `json:"session"`
	Ref     Ref    `json:"call"`
	Tool    string `json:"tool"`
	// Args are what the tool will be given, unless the person edits them.
	Args string `json:"args"`
	// Why says why a person has to decide.
	Why     string `json:"why"`
	Subject string `json:"subject,omitempty"`
	// Since is when the model made the call, and Until how long it can be
	// decided on; zero means for ever.
	Since time.Time `json:"since"`
	Until time.Time `json:"until,omitzero"`
	// Digest identifies all that the decision is about: the session, the call's
	// place, the tool and its definition, the arguments, and why it is asked.
	Digest string `json:"digest"`
}

// Expired reports whether it is too late to decide on the call.
func (p Pending) Expired(now time.Time) bool { return !p.Until.IsZero() && !now.Before(p.Until) }

// Pending returns the calls of the last turn that wait for a decision, in
// their order: also after a run that failed or was canceled meanwhile, and
// those for which it is too late.
func (k *Tracker) Pending() []Pending {
	open := k.open()
	if len(open) == 0 {
		return nil
	}
	var list []Pending
	p := newPlan(k)
	for _, i := range open {
		s := &k.slots[i]
		if status, _ := p.settled(s); status == "" && k.waits(s) {
			list = append(list, k.pending(i))
		}
	}
	return list
}

func (k *Tracker) pending(i int) Pending {
	s := &k.slots[i]
	p := Pending{
		Session: k.t.ID, Ref: Ref{k.outAt, i}, Tool: s.call.Tool, Args: s.call.Args,
		Why: k.asks(s), Subject: k.in.Subject, Since: k.t.Entries[k.outAt].At, Until: s.call.AskUntil,
	}
	h := sha256.New()
	for _, text := range []string{p.Session, p.Ref.String(), p.Tool, s.call.Digest, p.Args, p.Why} {
		fmt.Fprintf(h, "%d:%s", len(text), text)
	}
	p.Digest = hex.EncodeToString(h.Sum(nil)[:16])
	return p
}

// asks says why a person has to decide on the call, or nothing. Beside what its
// verdict says, one has to where an earlier call may have done already what this
// one is to do: that it is made anew under the same key is enough only where the
// key is honored.
func (k *Tracker) asks(s *slot) string {
	if s.call.Ask != "" || s.begun > 0 || s.call.Class == Idempotent {
		return s.call.Ask
	}
	if s.asked != "" {
		return s.asked
	}
	if d := k.doubtOf(s); d != nil {
		return fmt.Sprintf(textAskInDoubt, d.ref)
	}
	return ""
}

// waits reports whether a person has to decide on the call.
func (k *Tracker) waits(s *slot) bool { return s.decision == nil && k.asks(s) != "" }

// approved reports whether nobody's approval stands between the call and its
// tool.
func (k *Tracker) approved(s *slot) bool {
	return s.decision != nil && s.decision.Verdict == Approve || k.asks(s) == ""
}

// decides says why d, made at that time, decides nothing, or nil.
func (k *Tracker) decides(s *slot, d *Decision, at time.Time) error {
	p := Pending{}
	if s.decision == nil && k.asks(s) != "" {
		p = k.pending(d.Ref.Index)
	}
	switch expired := p.Expired(at); {
	case s.decision != nil:
		return errDecided
	case p.Why == "":
		return errNotAsked
	case d.Digest != p.Digest:
		return errOther
	case d.Verdict == Expire && !expired:
		return fmt.Errorf("it cannot expire before %v", p.Until)
	case d.Verdict != Expire && expired:
		return fmt.Errorf("it came too late, after %v", p.Until)
	}
	return nil
}
