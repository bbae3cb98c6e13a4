package transcript

import (
	"errors"
	"fmt"
	"time"
)

// Errors of [Tracker.CheckDecision]. Compare them with errors.Is.
var (
	// ErrNotPending: the call does not wait for a decision. It was decided or answered, its
	// run is over, or there is no such call.
	ErrNotPending = errors.New("transcript: the call does not wait for a decision")
	// ErrStaleDecision: the digest of the decision is not the call's. The call, its arguments,
	// its tool's definition or the reason for approval changed since the call was shown.
	ErrStaleDecision = errors.New("transcript: stale decision: the call, its arguments or its tool changed since it was shown; load the pending call again")
	// ErrExpired: the deadline of the decision has passed.
	ErrExpired = errors.New("transcript: the deadline for a decision has passed")
	// ErrInvalidArguments: the call cannot run with the arguments of the decision.
	ErrInvalidArguments = errors.New("transcript: the edited arguments are invalid")
)

// CheckDecision returns an error if a person's decision, made at that time, must not be
// appended. The error matches [ErrNotPending], [ErrStaleDecision], [ErrExpired] or
// [ErrInvalidArguments], or says that the verdict is unknown or the response empty.
// If [Tracker.Err] is not nil, CheckDecision returns it. CheckDecision does not check edited
// arguments against the tool's schema: the caller does. Decisions of funcall.Approve and its
// like are made for Session.Decide, which replaces their digest. A call of an earlier turn can
// be approved, but Next does not run it.
func (k *Tracker) CheckDecision(d Decision, at time.Time) error {
	if err := k.Err(); err != nil {
		return err
	}
	p, err := k.decides(&d, at)
	switch {
	case err != nil:
		return err
	case d.Digest != p.Digest:
		return fmt.Errorf("%w (call %s)", ErrStaleDecision, d.Ref)
	case d.Verdict == VerdictExpire:
		return fmt.Errorf("%w (call %s, deadline %v)", ErrExpired, d.Ref, p.Deadline)
	case !d.Verdict.known():
		return errVerdict(d.Verdict)
	case d.Verdict == VerdictRespond && d.Text == "":
		return fmt.Errorf("transcript: the response to call %s is empty; give the result that the model is to read", d.Ref)
	case d.Args != "" && d.Verdict != VerdictApprove:
		return fmt.Errorf("%w: call %s has verdict %q; only an approval can edit arguments", ErrInvalidArguments, d.Ref, d.Verdict)
	}
	return nil
}

// decides returns the pending call that d, made at that time, decides, or an error if d has no
// effect. It applies to every decision in a transcript.
func (k *Tracker) decides(d *Decision, at time.Time) (PendingCall, error) {
	s, err := k.fitsCall(d.Ref)
	if err == nil {
		err = k.awaits(s)
	}
	if err != nil {
		return PendingCall{}, fmt.Errorf("%w (call %s): %w", ErrNotPending, d.Ref, err)
	}
	p := k.pending(s)
	switch expired := p.Expired(at); {
	case d.Digest != p.Digest && d.Digest != p.digestWithoutDoubt(s.call):
		return p, fmt.Errorf("%w (call %s)", ErrStaleDecision, d.Ref)
	case d.Verdict == VerdictExpire && !expired:
		return p, fmt.Errorf("transcript: call %s cannot expire before its deadline %v", d.Ref, p.Deadline)
	case d.Verdict != VerdictExpire && expired:
		return p, fmt.Errorf("%w (call %s, deadline %v)", ErrExpired, d.Ref, p.Deadline)
	}
	return p, nil
}

// awaits returns an error if the call, which has no result, does not wait for a decision.
func (k *Tracker) awaits(s *slot) error {
	switch state := k.state(s); {
	case state == callAwaiting:
		return nil
	case state == callRefused:
		return errors.New("the call was refused")
	case s.decision != nil:
		return errors.New("the call is already decided")
	case state == callSkipped:
		return errors.New("its turn runs no further calls")
	}
	return errors.New("the call needs no approval")
}

// known reports whether the verdict is one of this package's.
func (v Verdict) known() bool {
	switch v {
	case VerdictApprove, VerdictDeny, VerdictRespond, VerdictExpire:
		return true
	}
	return false
}

func errVerdict(v Verdict) error {
	return fmt.Errorf("transcript: unknown verdict %q; want %q, %q or %q", v, VerdictApprove, VerdictDeny, VerdictRespond)
}
