package funcall

import (
	"context"

	"github.com/funcall/funcall/internal/agent/storable"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// admit makes an output of a response. Whatever has a say in what becomes of
// each call is asked here, once, and its verdict is stored.
func (a *Agent) admit(ctx context.Context, s *step, resp *provider.Response) *transcript.Output {
	m := s.callIDs.Own(s.messages, resp.Message)
	out := &transcript.Output{
		Message: m, Finish: resp.Finish, Usage: resp.Usage, Cost: a.costs.Of(resp.Model, resp.Usage, resp.Cost),
		Model: resp.Model, RequestID: resp.RequestID,
		ToolsOff: s.ToolsOff, Limit: s.Limit, Fallbacks: storable.Names(s.shared.Fallbacks()),
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
