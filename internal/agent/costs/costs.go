// Package costs says what model calls cost.
package costs

import (
	"fmt"

	"github.com/funcall/funcall/provider"
)

// A Book has the prices of models. Model is the one that is asked, "" if its provider
// does not name it.
type Book struct {
	Model  string
	Prices provider.Prices
}

// CheckLimit refuses a limit that cannot be held: one on the cost of a model whose price
// is not known. name is that of the setting.
func (b Book) CheckLimit(name string, limit provider.Money) error {
	if limit == 0 {
		return nil
	}
	if b.Model == "" {
		return fmt.Errorf("%s is set, but the provider does not name its model: give it a method Model() string (provider.Named)", name)
	}
	if _, ok := b.Prices.Lookup(b.Model, ""); !ok {
		return fmt.Errorf("%s is set, but Config.Prices has no price for the model %q", name, b.Model)
	}
	return nil
}

// Of returns what a call of the model cost: what the API said or else, by the price of
// its model, what its tokens and its uses of tools cost. It returns nil if neither is known.
func (b Book) Of(model string, u provider.Usage, said *provider.Money) *provider.Money {
	if said != nil && *said >= 0 {
		return new(*said)
	}
	price, ok := b.Prices.Lookup(b.Model, model)
	if !ok || u.WithoutTools() == (provider.Usage{}) || !price.Covers(u) {
		return nil
	}
	return new(price.Cost(u))
}

// AtMost returns what a call with that usage costs if the model that is asked answers and no
// cache has the input. It returns 0 if the price is not known.
func (b Book) AtMost(u provider.Usage) provider.Money {
	price, _ := b.Prices.Lookup(b.Model, "")
	written := u
	written.CacheWrite = u.Input
	return max(price.Cost(u), price.Cost(written))
}
