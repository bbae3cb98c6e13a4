package funcall

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/funcall/funcall/internal/agent/attempts"
	"github.com/funcall/funcall/internal/agent/consumer"
	"github.com/funcall/funcall/internal/agent/guard"
	"github.com/funcall/funcall/internal/agent/intent"
	"github.com/funcall/funcall/internal/agent/runlog"
	"github.com/funcall/funcall/internal/agent/storable"
	"github.com/funcall/funcall/internal/agent/structured"
	"github.com/funcall/funcall/internal/exec"
	"github.com/funcall/funcall/internal/lazyctx"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// Do performs an action: one model call with messages, tool calls, or the reconciliation of
// one call. It returns the entries to append, in order, and appends nothing. For ActionNone
// and ActionWait it does nothing. Do is for engines that own the transcript, such as a durable
// workflow; Run and Send call it themselves.
//
// If err is not nil, append the entries all the same. If the error ends the run (a failed
// model call, [Fatal]), they include the End. If ctx is done, they do not: do the next action
// later to continue the run, or append an End with OutcomeCanceled. After any other error,
// append an End with OutcomeFailed.
//
// If act.Before has an Intent, append act.Before and call Do at once: the age of the intent
// counts from then. Each Do has its own budget of repeated model calls (10).
//
// If emit is not nil, it receives the events on the caller's goroutine, except EventDone. If
// emit panics, Do cancels what runs, waits for it, and panics with the same value.
func (a *Agent) Do(ctx context.Context, messages []*provider.Message, act transcript.Action, emit func(Event)) ([]transcript.Body, error) {
	switch {
	case slices.Contains(messages, nil):
		return intent.Voids(act.Before), fmt.Errorf("funcall: Do: message %d is nil", slices.Index(messages, nil))
	case len(act.Calls) == 0 && (act.Kind == transcript.ActionTools || act.Kind == transcript.ActionReconcile):
		return intent.Voids(act.Before), fmt.Errorf("funcall: Do: the action %q has no calls; take it from transcript.Next", act.Kind)
	}
	jobs := exec.Crew{Runner: &a.exec}
	defer jobs.Close()
	act.Calls = slices.Clone(act.Calls) // an abandoned call reads its own
	s := &step{Action: act, messages: messages, intended: a.cfg.Now(), jobs: &jobs, log: a.log}
	defer s.leave()
	if emit == nil {
		return a.do(ctx, s)
	}
	ctx, c := consumer.New(ctx, func(ev Event, _ error) bool { emit(ev); return true })
	defer c.Cancel()
	s.emit = c.Emit
	bodies, err := a.do(ctx, s)
	c.Close()
	return bodies, err
}

// do returns what happened, with an error, too.
func (a *Agent) do(ctx context.Context, s *step) ([]transcript.Body, error) {
	switch s.Kind {
	case transcript.ActionModel:
		return a.doModel(ctx, s)
	case transcript.ActionTools:
		return a.doTools(ctx, s)
	case transcript.ActionReconcile:
		return a.doReconcile(ctx, s)
	}
	return nil, nil
}

func (a *Agent) doModel(ctx context.Context, s *step) ([]transcript.Body, error) {
	if s.OutputSchema != nil && s.answer == nil {
		var err error
		if s.answer, err = structured.Read(s.OutputSchema, a.tools[s.OutputSchema.Name] != nil); err != nil {
			return nil, err
		}
	}
	limit := a.cfg.ModelTimeout
	outOfTime := s.TimeLeft > 0 && s.TimeLeft < limit
	if outOfTime {
		limit = s.TimeLeft
	}
	var mctx lazyctx.Context
	mctx.Begin(ctx, time.Now().Add(limit))
	defer mctx.Stop()
	resp, bodies, err := a.generate(&mctx, s)
	if err == nil {
		bodies = append(bodies, a.attempts(ctx, s, resp.Attempts)...)
		s.movedBy(len(bodies))
		bodies = append(bodies, a.admit(ctx, s, resp))
		runlog.Model(ctx, s.log, resp, time.Since(s.asked))
		s.left = bodies
		s.served.rest(resp.Message, s.emit)
		s.emitLast(bodies, Event{Kind: EventModelEnd, Usage: resp.Usage})
		return bodies, nil
	}
	if e, ok := errors.AsType[*unasked](err); ok && e.limit != "" {
		return append(bodies, &transcript.End{Outcome: transcript.OutcomeLimit, Reason: e.limit, ClosingText: spentText(s.ClosingText)}), nil
	}
	canceled := ctx.Err() != nil
	if !canceled && mctx.Err() != nil && outOfTime {
		bodies = append(bodies, a.failed(ctx, s, err, provider.ThenGiveUp)...)
		return append(bodies, &transcript.End{Outcome: transcript.OutcomeLimit, Reason: transcript.LimitActiveTime, ClosingText: s.ClosingText}), nil
	}
	if !canceled && mctx.Err() != nil {
		err = attempts.TooSlow(err, limit)
	}
	bodies = append(bodies, a.failed(ctx, s, err, provider.ThenGiveUp)...)
	if !canceled {
		return append(bodies, &transcript.End{Outcome: transcript.OutcomeFailed, Reason: storable.Reason(err.Error())}), err
	}
	if !errors.Is(err, ctx.Err()) {
		err = errors.Join(ctx.Err(), err)
	}
	return bodies, err
}

// generate asks the model. If it has no form for the answer that is wanted, it is asked
// again, for a tool call instead, and the failed attempt is returned beside the response.
func (a *Agent) generate(ctx context.Context, s *step) (*provider.Response, []transcript.Body, error) {
	if s.shared == nil {
		s.shared = provider.NewRun(maxRepeats, s.Fallbacks...)
	}
	s.byTool = s.OutputSchema != nil && s.answer.ByTool.Load()
	resp, err := a.ask(ctx, s)
	e, ok := errors.AsType[*provider.Error](err)
	if s.OutputSchema == nil || s.byTool || !ok || e.Kind != provider.KindUnsupported || e.Emitted {
		return resp, nil, err
	}
	failed := a.failed(ctx, s, err, provider.ThenRetry)
	s.byTool = true
	resp, err = a.ask(ctx, s)
	if err == nil { // so it was that which was unsupported
		s.answer.ByTool.Store(true)
	}
	return resp, failed, err
}

// ask asks the model once, within the budgets of the run.
func (a *Agent) ask(ctx context.Context, s *step) (*provider.Response, error) {
	req := a.request(s)
	if len(s.budgets()) == 0 {
		return a.call(ctx, s, req)
	}
	estimate, err := a.reserve(ctx, s, req)
	if err != nil {
		return nil, err
	}
	resp, err := a.call(ctx, s, req)
	a.settle(ctx, s, estimate, resp, err)
	return resp, err
}

// request returns the request of the step.
func (a *Agent) request(s *step) *provider.Request {
	req := &provider.Request{Messages: s.messages, Run: s.shared, Settings: a.cfg.Settings}
	a.steer(req, &s.Action)
	if s.Settings != nil {
		req.Settings = req.Settings.Merge(*s.Settings)
	}
	if s.ToolsOff {
		req.Choice = provider.ToolChoice{Mode: provider.ToolsNone}
	}
	switch {
	case s.OutputSchema == nil:
	case s.byTool && s.callsFirst(): // the answer is asked for in the next step
	case s.byTool:
		s.answer.WantCall(req, req.Choice.Mode == provider.ToolsNone)
	default:
		req.OutputSchema = s.OutputSchema
	}
	return req
}

func (a *Agent) call(ctx context.Context, s *step, req *provider.Request) (*provider.Response, error) {
	s.asked = time.Now()
	resp, err := guard.Generate(ctx, s.log, a.provider, req, s.deltas())
	if err != nil {
		return nil, err
	}
	wantsText := s.OutputSchema == nil && !s.ToolsOff
	return storable.Response(resp, wantsText, s.emit != nil)
}

// deltas passes a provider's deltas on: as events, to what can begin early, and to what shows
// the answer while it is written.
func (s *step) deltas() func(provider.Delta) {
	emit, early := s.emit, s.early
	if emit == nil {
		return nil
	}
	follow := func(provider.Delta) {}
	if s.hooks != nil && s.hooks.partial != nil {
		follow = s.answer.Follow(s.hooks.partial)
	}
	return func(d provider.Delta) {
		switch d.Kind {
		case provider.DeltaText:
			emit(Event{Kind: EventText, Text: d.Text})
		case provider.DeltaReasoning:
			emit(Event{Kind: EventReasoning, Text: d.Text})
		case provider.DeltaCallStart:
			emit(Event{Kind: EventToolInput, Tool: d.Name})
		case provider.DeltaCallEnd:
			early.complete(provider.ToolCall{ID: d.ID, Name: d.Name, Args: d.Text})
		case provider.DeltaServerStart, provider.DeltaServerEnd:
			s.served.delta(d, emit)
		}
		follow(d)
	}
}

// doTools runs the calls of one batch: read-only ones side by side, or one
// other alone. It takes over those that began early. It calls emit on the
// caller's goroutine.
func (a *Agent) doTools(ctx context.Context, s *step) ([]transcript.Body, error) {
	b := a.batchOf(ctx, s)
	s.batch = b
	b.run()
	b.jobs.End()
	if s.batch = nil; b.fatal != nil {
		return b.bodies(), b.fatal
	}
	return b.bodies(), ctx.Err()
}

// batchOf returns the calls of the step, and takes over those that began early.
func (a *Agent) batchOf(ctx context.Context, s *step) *batch {
	b := s.early.adopt()
	if b == nil {
		b = a.newBatch(ctx, s.jobs, min(len(s.Calls), a.cfg.MaxParallel))
	}
	b.emit, b.intended = s.emit, s.intended
	b.jobs.Deadline = exec.After(s.TimeLeft)
	b.fill(s.Calls)
	return b
}
