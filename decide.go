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

// Decide stores decisions on pending calls, all or none, and continues the run. Approved calls
// run. The model is told of denials and responses. If other calls still wait, the outcome is
// OutcomeWaiting again. Calls can be decided one by one, in any order, from any process.
//
// Decide stores nothing and returns
//
//   - [ErrStaleDecision], if the call or its reason changed since it was shown;
//   - [ErrNotPending], if the call was decided, has a result, or does not exist;
//   - [ErrExpired], if its deadline has passed; [Session.Resume] then continues the run;
//   - [ErrInvalidArguments] with the reasons, if the edited arguments are refused;
//   - [ErrBusy], if the run is not waiting: try again, or Resume if its process is gone;
//   - [ErrWrongSubject], if the session was opened with another [Subject];
//   - another error, if a call of an earlier run is approved: deny it or respond to it.
//
// If this agent's tool differs from the one that the model called, an approved call does not
// run, and the model is told to call again. Decide does not check whether the person may
// decide: the caller does.
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
	return s.continues(ctx, emit, func(_ *runConfig, k *transcript.Tracker, now time.Time) ([]transcript.Body, error) {
		o, end := k.Outcome()
		if end == nil && o == transcript.OutcomeOpen && k.Len() > 0 {
			return nil, fmt.Errorf("%w: the run is not waiting; call Resume if its process is gone", ErrBusy)
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
				return nil, fmt.Errorf("%w (call %s): two decisions on one call", ErrNotPending, d.Ref)
			}
			d, tool := s.agent.asStored(d, pending)
			if err := k.CheckDecision(d, now); err != nil {
				return nil, err
			}
			if d.Verdict == transcript.VerdictApprove && !last(d) {
				return nil, fmt.Errorf("funcall: call %s belongs to an earlier run and cannot be approved; deny it or respond to it", d.Ref)
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
