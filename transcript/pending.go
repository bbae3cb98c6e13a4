package transcript

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// A PendingCall is a call that waits for a decision, with what the person has to see. It can be
// sent elsewhere as JSON. A decision on it counts only if its Digest is still the call's.
type PendingCall struct {
	Session string `json:"session"`
	Ref     Ref    `json:"call"`
	Tool    string `json:"tool"`
	// Args are the arguments that the tool gets unless the person edits them.
	Args string `json:"args"`
	// Reason is why the call needs approval.
	Reason  string `json:"why"`
	Subject string `json:"subject,omitempty"`
	// Since is when the model made the call. After Deadline a decision is too late; the zero
	// time means no deadline.
	Since    time.Time `json:"since"`
	Deadline time.Time `json:"until,omitzero"`
	// Digest covers the session, the call's position, the tool, its definition, the arguments
	// and the reason.
	Digest string `json:"digest"`
}

// Expired reports whether the deadline has passed.
func (p PendingCall) Expired(now time.Time) bool {
	return !p.Deadline.IsZero() && !now.Before(p.Deadline)
}

// Pending returns the calls that await approval, in their order. It includes the calls of the
// last turn even if its run failed or was canceled, those of earlier turns that waited when
// the next input came, and those whose deadline has passed.
func (k *Tracker) Pending() []PendingCall {
	if k.newer != nil {
		return nil
	}
	k.look()
	var list []PendingCall
	for s := range k.calls {
		if s.state == callAwaiting {
			list = append(list, k.pending(s))
		}
	}
	return list
}

func (k *Tracker) pending(s *slot) PendingCall {
	in := k.in
	if !k.isLast(s.ref) {
		in = k.earlierOutput(s.ref).in
	}
	p := PendingCall{
		Session: k.t.ID, Ref: s.ref, Tool: s.call.Tool, Args: s.call.Args,
		Reason: k.approvalReason(s), Subject: in.Subject, Since: k.t.Entries[s.ref.Entry].Time, Deadline: s.call.ApprovalDeadline,
	}
	p.Digest = p.digest(s.call.Digest)
	return p
}

// digest returns the digest of p for a tool with that definition.
func (p PendingCall) digest(definition string) string {
	h := sha256.New()
	for _, text := range []string{p.Session, p.Ref.String(), p.Tool, definition, p.Args, p.Reason} {
		fmt.Fprintf(h, "%d:%s", len(text), text)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// digestWithoutDoubt returns the digest that older versions gave p: the doubt was not shown
// beside the reason of the call's verdict. Stored decisions may have it.
func (p PendingCall) digestWithoutDoubt(c *Call) string {
	if c.ApprovalReason != "" {
		p.Reason = c.ApprovalReason
	}
	return p.digest(c.Digest)
}

// approvalReason returns why the call needs approval, or "" if it needs none. A call needs
// approval if its verdict says so, or if it repeats an in-doubt call, whose effect may have
// happened already. The doubt comes first in the text. An idempotent call needs no approval
// for a doubt: it reuses the in-doubt call's key.
func (k *Tracker) approvalReason(s *slot) string {
	switch {
	case s.begun > 0 || s.call.Class == ClassIdempotent:
		return s.call.ApprovalReason
	case s.asked != "":
		return s.asked
	}
	d := k.doubtOf(s)
	if d == nil {
		return s.call.ApprovalReason
	}
	why := fmt.Sprintf(textAskInDoubt, d.ref)
	if s.call.ApprovalReason != "" {
		why += "; " + s.call.ApprovalReason
	}
	return why
}
