package funcall

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/funcall/funcall/internal/agent/digest"
	"github.com/funcall/funcall/internal/agent/storable"
	"github.com/funcall/funcall/transcript"
)

// Decide stores decisions on pending calls, all of them or none, and continues the run.
// Approved calls run. The model is told of denied and answered ones. If other calls still
// wait, the run pauses again. Decide works from any process and at any time. Calls can be
// decided one by one, in any order.
//
// If the call changed since it was shown, Decide returns [ErrStaleDecision]; if it was decided
// or answered, [ErrNotPending]; if its deadline has passed, [ErrExpired]; if the tool's schema
// refuses edited arguments, [ErrInvalidArguments] with the reasons. Nothing is stored then. A
// call of an earlier run can be denied or answered, and not approved. If the run is continuing with an earlier decision, here or elsewhere, Decide returns [ErrBusy]:
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
		o, end := k.Outcome()
		if end == nil && o == transcript.OutcomeOpen && k.Len() > 0 {
			return nil, fmt.Errorf("%w: it waits for no decision at the moment; if whoever ran it is gone, Resume takes it over", ErrBusy)
		}
		var bodies []transcript.Body
		_, from := k.LastRun()
		last := func(d transcript.Decision) bool { return d.Ref.Entry >= from } // about a call of the last run
		if end != nil && slices.ContainsFunc(decisions, last) {                 // which failed or was canceled
			bodies = append(bodies, &transcript.Resume{})
		}
		pending := k.Pending()
		for i, d := range decisions {
			if slices.ContainsFunc(decisions[:i], func(o transcript.Decision) bool { return o.Ref == d.Ref }) {
				return nil, fmt.Errorf("%w (call %s): it is decided on twice", ErrNotPending, d.Ref)
			}
			d, tool := s.agent.asStored(d, pending)
			if err := k.CheckDecision(d, now); err != nil {
				return nil, err
			}
			if d.Verdict == transcript.VerdictApprove && !last(d) {
				return nil, fmt.Errorf("funcall: call %s belongs to an earlier run, and nothing would run it; deny it, or answer it", d.Ref)
			}
			if err := s.agent.checkEdit(&d, tool); err != nil {
				return nil, err
			}
			bodies = append(bodies, &d)
		}
		return bodies, nil
	})
}

// asStored returns the decision as it is stored, and the name of its call's tool: about
// the call itself if it is about what was shown of it, with texts of bounded length.
func (a *Agent) asStored(d transcript.Decision, pending []transcript.PendingCall) (_ transcript.Decision, tool string) {
	for _, p := range pending {
		if p.Ref == d.Ref {
			tool = p.Tool
			if d.Digest == digest.Shown(p) {
				d.Digest = p.Digest
			}
		}
	}
	most := defaultMaxResult
	if t := a.tools[tool]; t != nil {
		most = t.maxResult
	}
	d.Text, d.By = storable.Cut(d.Text, most), storable.Name(d.By)
	return d, tool
}

// checkEdit checks edited arguments, and completes them as the tool will have them.
func (a *Agent) checkEdit(d *transcript.Decision, tool string) error {
	if d.Args == "" {
		return nil
	}
	t := a.tools[tool]
	if t == nil {
		return fmt.Errorf("%w: there is no tool %q any more", ErrInvalidArguments, tool)
	}
	args, _, refused := t.args.Check(t.name, d.Args)
	if refused != "" {
		return fmt.Errorf("%w: %s", ErrInvalidArguments, refused)
	}
	d.Args = args
	return nil
}
