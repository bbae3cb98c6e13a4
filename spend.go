package funcall

import (
	"context"
	"errors"
	"fmt"

	"github.com/funcall/funcall/internal/agent/spending"
	"github.com/funcall/funcall/internal/agent/storable"
	"github.com/funcall/funcall/internal/text/wording"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// Spent returns what was spent of a budget in the present window. If the budget is per subject,
// it is that of the subject; otherwise the subject does not count. The amount includes the
// estimates of model calls that run, or whose process was killed. If runs of other processes are
// to count, Config.Store must be a [transcript.Ledger].
func (a *Agent) Spent(ctx context.Context, b Budget, subject string) (transcript.Spend, error) {
	if err := b.check(); err != nil {
		return transcript.Spend{}, fmt.Errorf("funcall: Spent: %w", err)
	}
	account, err := b.account(subject, a.cfg.Now())
	if err != nil {
		return transcript.Spend{}, err
	}
	spent, err := a.ledger.Spent(ctx, account.Key)
	if err != nil {
		return transcript.Spend{}, fmt.Errorf("funcall: the account of the budget %q cannot be read: %w", b.Name, err)
	}
	return spent, nil
}

// An unasked is the error of a model call that was not made because of the budgets of its run.
type unasked struct {
	err   error
	limit string // the End.Reason of the run, if a budget is spent; "" otherwise
}

func (e *unasked) Error() string { return e.err.Error() }
func (e *unasked) Unwrap() error { return e.err }

// reserve reserves an estimate of the request in the budgets of the run, and returns it.
func (a *Agent) reserve(ctx context.Context, s *step, req *provider.Request) (transcript.Spend, error) {
	for _, account := range s.budgets() { // this agent may lack the price that the one had that began the run
		if err := a.costs.CheckLimit(fmt.Sprintf("Cost of the budget %q", budgetName(account.Key)), account.Bound.Cost); err != nil {
			return transcript.Spend{}, &unasked{err: fmt.Errorf("funcall: %w", err)}
		}
	}
	estimate := spending.Estimate(a.costs, req, spending.Known{Usage: s.LastUsage, Messages: s.LastMessages, Head: a.lastHead(&s.Action)})
	full, err := spending.Reserve(ctx, a.ledger, s.budgets(), estimate)
	if err != nil {
		return estimate, &unasked{err: err}
	}
	if full != "" {
		limit := storable.Reason(transcript.LimitBudget(budgetName(full)))
		return estimate, &unasked{err: errors.New("funcall: limit: " + limit), limit: limit}
	}
	return estimate, nil
}

// lastHead returns what stood ahead of the messages in the request of act.LastUsage. It returns
// nil if that was a request of the same run, which has the same.
func (a *Agent) lastHead(act *transcript.Action) *provider.Request {
	in := act.LastInput
	if in == nil {
		return nil
	}
	req := &provider.Request{OutputSchema: in.OutputSchema}
	a.steer(req, &transcript.Action{Setup: in.Setup, Steering: in.Steering})
	return req
}

// spentText returns the answer of a run whose budget is spent: its closing text, unless that is
// the default, which asks for another try.
func spentText(closing string) string {
	if closing == wording.ClosingText {
		return wording.SpentText
	}
	return closing
}

// settle settles what the request spent.
func (a *Agent) settle(ctx context.Context, s *step, estimate transcript.Spend, resp *provider.Response, err error) {
	spent := spending.Spent(a.costs, estimate, resp, err)
	spending.Settle(ctx, s.log, a.ledger, s.budgets(), spent.Minus(estimate))
}
