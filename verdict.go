package funcall

import (
	"context"

	"github.com/funcall/funcall/internal/text/nearest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

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
