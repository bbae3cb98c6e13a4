// Package runlog writes the log records of runs. Config.Logger of package funcall says
// what they may hold.
package runlog

import (
	"context"
	"log/slog"
	"time"

	"github.com/funcall/funcall/internal/agent/storable"
	"github.com/funcall/funcall/internal/agent/toolresult"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// Session returns a logger that names the session. It is log itself if that discards records.
func Session(log *slog.Logger, id string) *slog.Logger {
	if log.Handler() == slog.DiscardHandler {
		return log
	}
	return log.With("session", id)
}

// Duration returns the attribute of how long something took, in milliseconds.
func Duration(d time.Duration) slog.Attr {
	return slog.Float64("ms", float64(d.Microseconds())/1000)
}

// Model logs a model call that returned a response.
func Model(ctx context.Context, log *slog.Logger, r *provider.Response, took time.Duration) {
	log.LogAttrs(ctx, slog.LevelInfo, "model call", Duration(took),
		slog.String("model", r.Model), slog.String("request_id", r.RequestID), slog.String("finish", string(r.Finish)),
		slog.Int64("input_tokens", r.Usage.Input), slog.Int64("output_tokens", r.Usage.Output))
}

// Attempt logs a model call that failed.
func Attempt(ctx context.Context, log *slog.Logger, a *provider.Attempt) {
	level, what := slog.LevelWarn, "model call failed"
	if a.Then == provider.ThenContinue {
		level, what = slog.LevelInfo, "model call paused"
	}
	log.LogAttrs(ctx, level, what, Duration(a.Duration),
		slog.String("model", a.Model), slog.String("request_id", a.RequestID), slog.String("then", string(a.Then)),
		slog.Int64("input_tokens", a.Usage.Input), slog.Int64("output_tokens", a.Usage.Output), slog.String("error", a.Error))
}

// ToolCall logs a tool call that has ended, or its reconciler. If it was abandoned, abandoned is
// how many calls are; if it panicked, stack is the panic's.
func ToolCall(ctx context.Context, log *slog.Logger, w *transcript.Work, r *transcript.Result, reconcile bool, abandoned int, stack []byte) {
	if r.ErrorText == "" && !log.Enabled(ctx, slog.LevelInfo) {
		return
	}
	attrs := []slog.Attr{
		slog.String("session", w.Session), slog.String("ref", r.Ref.String()),
		slog.String("tool", w.Call.Tool), slog.String("class", string(w.Call.Class)),
		slog.String("status", string(r.Status)), Duration(r.Duration),
	}
	if reconcile {
		attrs = append(attrs, slog.Bool("reconcile", true))
	}
	if r.ErrorText == "" {
		log.LogAttrs(ctx, slog.LevelInfo, "tool call", attrs...)
		return
	}
	attrs = append(attrs, slog.String("error", r.ErrorText), slog.String("reference", toolresult.Reference(w.Key)))
	switch {
	case abandoned > 0:
		log.LogAttrs(ctx, slog.LevelError, "tool call abandoned", append(attrs, slog.Int("abandoned", abandoned))...)
	case stack != nil:
		log.LogAttrs(ctx, slog.LevelError, "tool call panicked", append(attrs, slog.String("stack", string(stack)))...)
	default:
		log.LogAttrs(ctx, slog.LevelWarn, "tool call failed", attrs...)
	}
}

// Warn logs a message about the call of w.
func Warn(ctx context.Context, log *slog.Logger, w *transcript.Work, message string, attrs ...slog.Attr) {
	log.LogAttrs(ctx, slog.LevelWarn, message, append([]slog.Attr{
		slog.String("session", w.Session), slog.String("ref", w.Ref.String()), slog.String("tool", w.Call.Tool),
	}, attrs...)...)
}

// Begin logs the decisions and withdrawals among the first entries of a run.
func Begin(ctx context.Context, log *slog.Logger, bodies []transcript.Body) {
	for _, b := range bodies {
		switch b := b.(type) {
		case *transcript.Decision:
			log.LogAttrs(ctx, slog.LevelInfo, "decision", slog.String("ref", b.Ref.String()), slog.String("verdict", string(b.Verdict)))
		case *transcript.Withdrawal:
			log.LogAttrs(ctx, slog.LevelInfo, "withdrawal", slog.Int("from", b.From), slog.String("reason", string(b.Reason)))
		}
	}
}

// End logs the last run that k has read, and the error that it returns.
func End(ctx context.Context, log *slog.Logger, k *transcript.Tracker, calls int, err error) {
	if err == nil && !log.Enabled(ctx, slog.LevelInfo) {
		return
	}
	outcome, end := k.Outcome()
	attrs := []slog.Attr{
		slog.String("outcome", string(outcome)),
		slog.Int("steps", k.Steps()), slog.Int("calls", calls), slog.Int("entries", k.Len()),
		slog.Int64("input_tokens", k.Usage().Input), slog.Int64("output_tokens", k.Usage().Output),
		slog.String("cost", k.Cost().String()),
	}
	if err != nil {
		log.LogAttrs(ctx, slog.LevelWarn, "run ended", append(attrs, slog.String("error", storable.Reason(err.Error())))...)
		return
	}
	if outcome == transcript.OutcomeLimit {
		attrs = append(attrs, slog.String("reason", end.Reason))
	}
	log.LogAttrs(ctx, slog.LevelInfo, "run ended", attrs...)
}
