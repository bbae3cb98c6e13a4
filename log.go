package funcall

import (
	"context"
	"log/slog"
	"time"

	"github.com/funcall/funcall/internal/exec"
	"github.com/funcall/funcall/internal/storable"
	"github.com/funcall/funcall/internal/toolresult"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// What is logged, and where: see Config.Logger for the promise.

func ms(d time.Duration) slog.Attr {
	return slog.Float64("ms", float64(d.Microseconds())/1000)
}

func logModel(ctx context.Context, log *slog.Logger, r *provider.Response, took time.Duration) {
	log.LogAttrs(ctx, slog.LevelInfo, "model call", ms(took),
		slog.String("model", r.Model), slog.String("request_id", r.RequestID), slog.String("finish", string(r.Finish)),
		slog.Int64("input_tokens", r.Usage.Input), slog.Int64("output_tokens", r.Usage.Output))
}

func logAttempt(ctx context.Context, log *slog.Logger, a *provider.Attempt) {
	log.LogAttrs(ctx, slog.LevelWarn, "model call failed", ms(a.Duration),
		slog.String("model", a.Model), slog.String("request_id", a.RequestID), slog.String("then", string(a.Then)),
		slog.Int64("input_tokens", a.Usage.Input), slog.Int64("output_tokens", a.Usage.Output), slog.String("error", a.Error))
}

func (a *Agent) logCall(ctx context.Context, c *call) {
	r := c.result
	attrs := []slog.Attr{
		slog.String("session", c.work.Session), slog.String("ref", r.Ref.String()),
		slog.String("tool", c.work.Call.Tool), slog.String("class", string(c.work.Call.Class)),
		slog.String("status", string(r.Status)), ms(r.Duration),
	}
	if c.purpose == toReconcile {
		attrs = append(attrs, slog.Bool("reconcile", true))
	}
	if r.Err == "" {
		a.log.LogAttrs(ctx, slog.LevelInfo, "tool call", attrs...)
		return
	}
	attrs = append(attrs, slog.String("error", r.Err), slog.String("reference", toolresult.Reference(c.work.Key)))
	switch {
	case c.State == exec.Abandoned:
		attrs = append(attrs, slog.Int("abandoned", a.Abandoned()))
		a.log.LogAttrs(ctx, slog.LevelError, "tool call abandoned", attrs...)
	case c.Panic != nil:
		attrs = append(attrs, slog.String("stack", string(c.Panic.Stack)))
		a.log.LogAttrs(ctx, slog.LevelError, "tool call panicked", attrs...)
	default:
		a.log.LogAttrs(ctx, slog.LevelWarn, "tool call failed", attrs...)
	}
}

// Retried tells of a call that failed and is made again.
func (c *call) Retried() {
	c.warn(c, "tool call is retried", slog.Int("retry", c.Retry()+1), slog.String("error", c.out.Err))
}

// Late tells of a call that returned after it had been abandoned.
func (c *call) Late(took time.Duration) {
	what := "tool call"
	if c.purpose == toApprove {
		what = "approval rule"
	}
	c.warn(c, "abandoned "+what+" returned", ms(took), slog.Int("abandoned", c.agent.Abandoned()))
}

// warn logs a message about the call.
func (c *call) warn(ctx context.Context, message string, attrs ...slog.Attr) {
	c.agent.log.LogAttrs(ctx, slog.LevelWarn, message, append([]slog.Attr{
		slog.String("session", c.work.Session), slog.String("ref", c.work.Ref.String()), slog.String("tool", c.work.Call.Tool),
	}, attrs...)...)
}

// logFirst tells of what a run begins with.
func (r *run) logFirst(ctx context.Context, bodies []transcript.Body) {
	for _, b := range bodies {
		switch b := b.(type) {
		case *transcript.Decision:
			r.log.LogAttrs(ctx, slog.LevelInfo, "decision", slog.String("ref", b.Ref.String()), slog.String("verdict", string(b.Verdict)))
		case *transcript.Withdrawal:
			r.log.LogAttrs(ctx, slog.LevelInfo, "withdrawal", slog.Int("from", b.From), slog.String("reason", string(b.Reason)))
		}
	}
}

func (r *run) logEnd(ctx context.Context, res *Result, err error) {
	attrs := []slog.Attr{
		slog.String("outcome", string(res.Outcome)),
		slog.Int("steps", res.Steps), slog.Int("calls", len(res.Calls)), slog.Int("entries", len(res.Transcript.Entries)),
		slog.Int64("input_tokens", res.Usage.Input), slog.Int64("output_tokens", res.Usage.Output),
		slog.String("cost", res.Cost.String()),
	}
	if err == nil {
		if res.Outcome == transcript.OutcomeLimit {
			attrs = append(attrs, slog.String("reason", res.Reason))
		}
		r.log.LogAttrs(ctx, slog.LevelInfo, "run ended", attrs...)
		return
	}
	r.log.LogAttrs(ctx, slog.LevelWarn, "run ended", append(attrs, slog.String("error", storable.Reason(err.Error())))...)
}
