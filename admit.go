package funcall

import (
	"context"

	"github.com/funcall/funcall/internal/agent/callids"
	"github.com/funcall/funcall/internal/text/nearest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// admit makes an output of a response. Whatever has a say in what becomes of
// each call is asked here, once, and its verdict is stored.
func (a *Agent) admit(ctx context.Context, s *step, resp *provider.Response) *transcript.Output {
	m := callids.Own(s.messages, resp.Message)
	out := &transcript.Output{
		Message: m, Finish: resp.Finish, Usage: resp.Usage, Cost: a.costs.Of(resp.Model, resp.Usage, resp.Cost),
		Model: resp.Model, RequestID: resp.RequestID,
		ToolsOff: s.ToolsOff, Limit: s.Limit, Fallback: s.fellBack(),
	}
	if calls := m.ToolCalls(); len(calls) > 0 {
		asked := s.early.rules()
		out.Calls = make([]transcript.Call, len(calls))
		for i, c := range calls {
			out.Calls[i] = a.verdictOn(ctx, s, asked, i, c)
		}
	}
	if out.Finish.Complete() { // what a gateway calls it does not matter
		out.Finish = provider.FinishStop
		if len(out.Calls) > 0 {
			out.Finish = provider.FinishToolCalls
		}
	}
	if s.OutputSchema != nil {
		s.answer.TakeText(out, s.byTool)
	}
	return out
}

// verdictOn returns the verdict on call number i of the turn.
func (a *Agent) verdictOn(ctx context.Context, s *step, asked *rules, i int, c provider.ToolCall) transcript.Call {
	if s.OutputSchema != nil && c.Name == s.OutputSchema.Name {
		return s.answer.Call(c)
	}
	if v, known := s.early.verdict(i, c); known {
		return v
	}
	return a.verdict(ctx, turnOf(&s.Action), asked, i, c)
}

// A turn is where the calls of a model's turn stand, and for whom they are made.
type turn struct {
	session, subject string
	entry            int
	toolsOff         bool
}

func turnOf(act *transcript.Action) turn {
	return turn{act.Session, act.Subject, act.Entry, act.ToolsOff}
}

// verdict returns the verdict on call number i of the turn, of one of the agent's
// tools.
func (a *Agent) verdict(ctx context.Context, in turn, asked *rules, i int, c provider.ToolCall) transcript.Call {
	v := transcript.Call{ID: c.ID, Tool: c.Name}
	t := a.tools[c.Name]
	if t == nil {
		v.Refusal = nearest.Unknown(c.Name, a.names)
		return v
	}
	v.Digest, v.Class, v.EndsWith = t.digest, t.class, t.ends
	v.Args, v.Coercions, v.Refusal = t.args.Check(t.name, c.Args)
	if v.Class != transcript.ClassReadOnly {
		v.MaxDuration = t.timeout + a.cfg.GracePeriod
	}
	if t.asks == nil || v.Refusal != "" || in.toolsOff {
		return v
	}
	ref := transcript.Ref{Entry: in.entry, Index: i}
	w := transcript.Work{Session: in.session, Ref: ref, Call: v, Key: transcript.Key(in.session, ref), Subject: in.subject, Attempt: 1}
	if v.ApprovalReason = a.askWhy(ctx, asked, t, w); v.ApprovalReason != "" && t.askWithin > 0 {
		v.ApprovalDeadline = a.cfg.Now().Add(t.askWithin).UTC().Round(0)
	}
	return v
}
