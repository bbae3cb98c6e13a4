package funcall

import (
	"context"
	"slices"

	"github.com/funcall/funcall/internal/text/nearest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// textNoTools is what the model is told of a call in a run that has no tools by choice.
const textNoTools = "no tools can be called in this run: answer without them"

// A turn is where the calls of a model's turn stand, and for whom they are made.
type turn struct {
	session, subject string
	entry            int
	toolsOff         bool
	noTools          bool     // the run has no tools by choice
	tools            []string // that the run may call; nil for all
	stopAfter        []string
}

func turnOf(act *transcript.Action) turn {
	t := turn{session: act.Session, subject: act.Subject, entry: act.Entry, toolsOff: act.ToolsOff, tools: act.Tools()}
	if s := act.Steering; s != nil {
		t.noTools, t.stopAfter = s.ToolChoice.Mode == provider.ToolsNone, s.StopAfter
	}
	return t
}

// mayCall reports whether the run may call the tool.
func (in *turn) mayCall(name string) bool { return in.tools == nil || slices.Contains(in.tools, name) }

// verdict returns the verdict on call number i of the turn, of one of the agent's
// tools.
func (a *Agent) verdict(ctx context.Context, in turn, asked *rules, i int, c provider.ToolCall) transcript.Call {
	v := transcript.Call{ID: c.ID, Tool: c.Name}
	t := a.tools[c.Name]
	switch {
	case in.noTools && !in.toolsOff:
		v.Refusal = textNoTools
		return v
	case t == nil || !in.mayCall(c.Name):
		v.Refusal = nearest.Unknown(c.Name, slices.DeleteFunc(slices.Clone(a.names), func(name string) bool { return !in.mayCall(name) }))
		return v
	}
	v.Digest, v.Class, v.EndsWith = t.digest, t.class, t.ends
	if v.EndsWith == "" && slices.Contains(in.stopAfter, c.Name) {
		v.EndsWith = transcript.OutcomeDone
	}
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
