package funcall

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/funcall/funcall/internal/agent/storable"
	"github.com/funcall/funcall/internal/exec"
)

// A question is a function of the program that a run asks for a text.
type question struct {
	exec.Job

	log    *slog.Logger
	option string // that has the function
	ask    func(context.Context) (string, error)
	text   string
	err    error
}

// Handle asks the function. The methods of its error are the program's code, too.
func (q *question) Handle(ctx context.Context) (again bool) {
	text, err := q.ask(ctx)
	if err != nil {
		err = fmt.Errorf("funcall: %s: %w", q.option, err)
		_ = err.Error()
	}
	q.text, q.err = text, err
	return false
}

// Retried is not called: Handle makes one attempt.
func (q *question) Retried() {}

// Late logs that the function returned after it had been abandoned; see [exec.Handler].
func (q *question) Late(took time.Duration) {
	q.log.LogAttrs(q, slog.LevelWarn, "abandoned function of "+q.option+" returned", slog.Int64("ms", took.Milliseconds()))
}

// consult asks a function that an option has. Like an approval rule it has 5 seconds, and
// is abandoned if it does not return.
func (a *Agent) consult(ctx context.Context, option string, f func(context.Context) (string, error)) (string, error) {
	q := &question{log: a.log, option: option, ask: f}
	q.Handler, q.Timeout = q, ruleTimeout
	a.exec.Run(ctx, time.Time{}, &q.Job)
	switch {
	case q.State == exec.Abandoned:
		return "", fmt.Errorf("funcall: %s: the function had not returned after %v", option, q.Duration.Round(time.Millisecond))
	case q.Panic != nil:
		a.log.LogAttrs(ctx, slog.LevelError, "function of "+option+" panicked", slog.String("error", q.Panic.Text), slog.String("stack", string(q.Panic.Stack)))
		return "", fmt.Errorf("funcall: %s: the function failed: %s; its stack is in the log", option, storable.Reason(q.Panic.Text))
	}
	if q.TimedOut && q.err == nil {
		if q.err = ctx.Err(); q.err == nil {
			q.err = fmt.Errorf("funcall: %s: the function took longer than %v", option, ruleTimeout)
		}
	}
	return q.text, q.err
}
