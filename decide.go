package funcall

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/funcall/funcall/transcript"
)

// Decide stores decisions on pending calls, all of them or none, and continues the run.
// Approved calls run. The model is told of denied and answered ones. If other calls still
// wait, the run pauses again. Decide works from any process and at any time. Calls can be
// decided one by one, in any order.
//
// If the call changed since it was shown, Decide returns [ErrStaleDecision]; if it was decided
// or answered, [ErrNotPending]; if its deadline has passed, [ErrExpired]; if the tool's schema
// refuses edited arguments, [ErrInvalidArguments] with the reasons. Nothing is stored then. If
// the run is continuing with an earlier decision, here or elsewhere, Decide returns [ErrBusy]:
// try again in a moment. If the tool's definition has changed since, the call does not run,
// and the model is told to call again.
//
// If the session was opened with another [Subject], Decide returns [ErrWrongSubject]. Decide
// does not check whether the person may decide: the caller does.
func (s *Session) Decide(ctx context.Context, decisions ...transcript.Decision) (*Result, error) {
	return s.decide(ctx, decisions, nil)
}

// StreamDecide is like Decide and yields events; see [Agent.Stream].
func (s *Session) StreamDecide(ctx context.Context, decisions ...transcript.Decision) iter.Seq2[Event, error] {
	return watch(ctx, func(ctx context.Context, emit func(Event)) (*Result, error) {
		return s.decide(ctx, decisions, emit)
	})
}

func (s *Session) decide(ctx context.Context, decisions []transcript.Decision, emit func(Event)) (*Result, error) {
	if len(decisions) == 0 {
		err := errors.New("funcall: Decide needs a decision")
		return s.empty(err), err
	}
	return s.run(ctx, nil, emit, func(k *transcript.Tracker, now time.Time) ([]transcript.Body, error) {
		if s.foreign(k) {
			return nil, ErrWrongSubject
		}
		pending := k.Pending()
		o, end := k.Outcome()
		if end == nil && o == transcript.OutcomeOpen && k.Len() > 0 {
			return nil, fmt.Errorf("%w: it waits for no decision at the moment; if whoever ran it is gone, Resume takes it over", ErrBusy)
		}
		var bodies []transcript.Body
		if end != nil { // it failed or was canceled, and left calls that wait
			bodies = append(bodies, &transcript.Resume{})
		}
		for _, d := range decisions {
			d, err := s.agent.checkDecision(d, pending, now)
			if err != nil {
				return nil, err
			}
			// A second word on the same call finds it decided.
			pending = slices.DeleteFunc(pending, func(p transcript.Pending) bool { return p.Ref == d.Ref })
			bodies = append(bodies, &d)
		}
		return bodies, nil
	})
}

// checkDecision holds a decision against the calls that wait. It returns the
// decision with its arguments as the tool will have them.
func (a *Agent) checkDecision(d transcript.Decision, pending []transcript.Pending, now time.Time) (transcript.Decision, error) {
	i := slices.IndexFunc(pending, func(p transcript.Pending) bool { return p.Ref == d.Ref })
	if i < 0 {
		return d, fmt.Errorf("%w (call %s)", ErrNotPending, d.Ref)
	}
	p := pending[i]
	t := a.tools[p.Tool]
	most := defaultMaxResult
	if t != nil {
		most = t.maxResult
	}
	d.Text, d.By = cutText(d.Text, most), shortened(d.By)
	switch {
	case d.Digest != p.Digest && d.Digest != shownDigest(p):
		return d, fmt.Errorf("%w (call %s)", ErrStaleDecision, d.Ref)
	case p.Expired(now):
		return d, fmt.Errorf("%w (call %s, until %v)", ErrExpired, d.Ref, p.Deadline)
	case d.Verdict != transcript.VerdictApprove && d.Verdict != transcript.VerdictDeny && d.Verdict != transcript.VerdictRespond:
		return d, fmt.Errorf("funcall: %q is no verdict of a person", d.Verdict)
	case d.Verdict == transcript.VerdictRespond && d.Text == "":
		return d, fmt.Errorf("funcall: the answer in the stead of call %s is empty: the model would learn nothing", d.Ref)
	case d.Args != "" && d.Verdict != transcript.VerdictApprove:
		return d, fmt.Errorf("%w: only a call that is approved has arguments", ErrInvalidArguments)
	}
	d.Digest = p.Digest // as it is stored
	if d.Args == "" {
		return d, nil
	}
	if t == nil {
		return d, fmt.Errorf("%w: there is no tool %q any more", ErrInvalidArguments, p.Tool)
	}
	args, _, refused := t.args.check(t.name, d.Args)
	if refused != "" {
		return d, fmt.Errorf("%w: %s", ErrInvalidArguments, refused)
	}
	d.Args = args
	return d, nil
}
