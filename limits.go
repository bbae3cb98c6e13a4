package funcall

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/funcall/funcall/internal/text/wording"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

var defaultLimits = transcript.Limits{Steps: 16, Calls: 64, Refusals: 3, ClosingText: wording.AtLimit}

// limitsOver returns over, with what it leaves out taken from base.
func limitsOver(base, over transcript.Limits) transcript.Limits {
	return transcript.Limits{
		Steps: cmp.Or(over.Steps, base.Steps), Calls: cmp.Or(over.Calls, base.Calls), Refusals: cmp.Or(over.Refusals, base.Refusals),
		Tokens: cmp.Or(over.Tokens, base.Tokens), ActiveTime: cmp.Or(over.ActiveTime, base.ActiveTime), Cost: cmp.Or(over.Cost, base.Cost),
		ClosingText: cmp.Or(over.ClosingText, base.ClosingText),
	}
}

func checkLimits(l transcript.Limits) error {
	if l.Steps < 0 || l.Calls < 0 || l.Refusals < 0 || l.Tokens < 0 || l.ActiveTime < 0 || l.Cost < 0 {
		return errors.New("a limit is negative; leave it out for the default")
	}
	return nil
}

// checkCost refuses a limit that nobody could hold: one on the cost of a model
// whose price is not known.
func (a *Agent) checkCost(l transcript.Limits) error {
	if l.Cost == 0 {
		return nil
	}
	if a.model == "" {
		return errors.New("there is a limit of cost, and the provider does not say which model it asks: give it a method Model() string (provider.Named)")
	}
	if _, ok := a.cfg.Prices.Lookup(a.model, ""); !ok {
		return fmt.Errorf("there is a limit of cost, and Config.Prices has no price for the model %q", a.model)
	}
	return nil
}

// costOf returns what a call of the model cost: what the API said or else, by the
// price of its model, what its tokens cost. It returns nil if neither is known.
func (a *Agent) costOf(model string, u provider.Usage, said *provider.Money) *provider.Money {
	if said != nil && *said >= 0 {
		return new(*said)
	}
	price, ok := a.cfg.Prices.Lookup(a.model, model)
	if !ok || u == (provider.Usage{}) {
		return nil
	}
	return new(price.Cost(u))
}
