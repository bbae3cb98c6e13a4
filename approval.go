package funcall

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"time"

	"github.com/funcall/funcall/internal/agent/digest"
	"github.com/funcall/funcall/internal/agent/runlog"
	"github.com/funcall/funcall/internal/agent/storable"
	"github.com/funcall/funcall/internal/exec"
	"github.com/funcall/funcall/internal/schema/arguments"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// A DecisionOption adds to a decision.
type DecisionOption func(*transcript.Decision)

// By names the person who decided. The name is not checked: authenticate the person first. A
// name longer than 256 bytes is cut.
func By(who string) DecisionOption { return func(d *transcript.Decision) { d.By = who } }

// Approve lets the call run with the arguments that p shows.
func Approve(p transcript.PendingCall, opts ...DecisionOption) transcript.Decision {
	return decision(p, transcript.VerdictApprove, opts)
}

// ApproveWith lets the call run with edited arguments: JSON text (a string or
// json.RawMessage), or a value that is encoded as JSON. If they cannot be encoded, or the
// tool's schema refuses them, [Session.Decide] returns [ErrInvalidArguments]. The model learns
// of the edit only from the result.
func ApproveWith(p transcript.PendingCall, args any, opts ...DecisionOption) transcript.Decision {
	d := decision(p, transcript.VerdictApprove, opts)
	switch args := args.(type) {
	case string:
		d.Args = args
	case json.RawMessage:
		d.Args = string(args)
	default:
		b, err := json.Marshal(args)
		if err != nil {
			b = []byte(err.Error()) // which no schema accepts
		}
		d.Args = string(b)
	}
	if d.Args == "" { // nothing is no edit, and must not pass for the consent to what was there
		d.Args = "null"
	}
	return d
}

// Deny keeps the call from running. The model is told the reason or, if it is "", that a
// person declined.
func Deny(p transcript.PendingCall, why string, opts ...DecisionOption) transcript.Decision {
	d := decision(p, transcript.VerdictDeny, opts)
	d.Text = why
	return d
}

// Respond gives the model a result in place of running the tool, such as for work that a
// person has done by hand. The result must not be empty. The tool's [MaxResultBytes] bounds
// it.
func Respond(p transcript.PendingCall, result string, opts ...DecisionOption) transcript.Decision {
	d := decision(p, transcript.VerdictRespond, opts)
	d.Text = result
	return d
}

func decision(p transcript.PendingCall, v transcript.Verdict, opts []DecisionOption) transcript.Decision {
	d := transcript.Decision{Ref: p.Ref, Digest: digest.Shown(p), Verdict: v}
	for _, opt := range opts {
		if opt != nil {
			opt(&d)
		}
	}
	return d
}

// RequireApproval makes calls of the tool wait for a person's decision. The rule gets the
// input, checked and with defaults filled in, and returns why the call needs approval, or ""
// if it needs none. In is the tool's input type, or json.RawMessage. [CallFrom] works in a
// rule.
//
// The rule runs when the model makes the call, perhaps while the response still streams, and
// perhaps more than once: it must have no effect. Its verdict is stored with the call. All
// rules of one response share 5 seconds. If a rule fails, panics or takes longer, the call
// needs approval.
//
// The run pauses with [transcript.OutcomeWaiting] when nothing else is left to do.
// [Session.Decide] continues it, at any time and in any process. [Agent.Run] returns
// [ErrPending] instead.
func RequireApproval[In any](rule func(ctx context.Context, in In) (why string, err error)) ToolOption {
	return func(t *tool) {
		t.fail(checkInput("RequireApproval", reflect.TypeFor[In](), t.in))
		if rule == nil {
			t.fail(errors.New("RequireApproval(nil)"))
			return
		}
		name := t.name
		args := t.args
		t.asks = func(ctx context.Context, raw string) (any, error) {
			in, err := arguments.Decode[In](args, name, raw)
			if err != nil {
				return "", err
			}
			return rule(ctx, in)
		}
	}
}

// ApprovalTimeout sets the deadline of a decision, counted from the model's turn. A later
// decision returns [ErrExpired]. [Session.Resume], or the next message, then continues the
// conversation as if the call had been denied. Without it a call waits without a deadline.
func ApprovalTimeout(d time.Duration) ToolOption {
	return func(t *tool) {
		if t.askWithin = d; d <= 0 {
			t.fail(fmt.Errorf("ApprovalTimeout(%v) must be positive; to have no deadline, leave it out", d))
		}
	}
}

// rules is what a turn has asked its tools' rules so far.
type rules struct{ took time.Duration }

// What a person is told where the rule itself does not say why they are asked.
const (
	whyRuleFailed = "the rule that says whether a person has to approve this failed"
	whyRuleSlow   = "the rule that says whether a person has to approve this gave no answer in time"
)

// askWhy asks the tool's rule why a person has to decide on the call.
func (a *Agent) askWhy(ctx context.Context, r *rules, t *tool, w transcript.Work) string {
	c := &call{agent: a, work: &w, tool: t, purpose: toApprove}
	if c.Handler, c.Timeout = c, ruleTimeout-r.took; c.Timeout <= 0 {
		return whyRuleSlow
	}
	a.exec.Run(ctx, time.Time{}, &c.Job)
	r.took += c.Duration
	err := "abandoned: the rule had not returned"
	if c.State == exec.Ended {
		err = c.ending().Err
	}
	if err == "" {
		return storable.Reason(provider.ToolResult{Parts: c.out.Parts}.Text())
	}
	attrs := []slog.Attr{slog.String("error", err)}
	if c.Panic != nil {
		attrs = append(attrs, slog.String("stack", string(c.Panic.Stack)))
	}
	runlog.Warn(ctx, a.log, c.work, "approval rule failed", attrs...)
	if c.State == exec.Abandoned || c.TimedOut {
		return whyRuleSlow
	}
	return whyRuleFailed
}
