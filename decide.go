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

// Decide appends people's words on calls that wait, all of them or none, and goes
// on with the run: what was approved runs, what was not is told to the model, and
// where calls are left that wait, the run pauses again. It works from any process,
// at any time, under anybody's context; calls can be decided one by one, in any
// order.
//
// Only what the store holds counts. A decision is refused with [ErrStaleDecision] if the call
// changed since it was shown; with [ErrNotPending] if the call was decided or answered;
// with [ErrExpired] if it comes too late; with [ErrInvalidArguments] and what is wrong with them
// if the tool's schema refuses the edited arguments. Then nothing was stored. While the run
// goes on with an earlier decision, here or elsewhere, Decide returns [ErrBusy], and can be
// tried again in a moment. A call whose tool has changed since is not run, whatever was
// decided: the model is told to call again.
//
// A session that was asked for with another [Subject] than the conversation's gets
// [ErrWrongSubject]. Whether a person may decide is for the caller to know.
func (s *Session) Decide(ctx context.Context, decisions ...transcript.Decision) (*Result, error) {
	return s.decide(ctx, decisions, nil)
}

// StreamDecide is Decide, watched; see [Agent.Stream].
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
