package transcript

import (
	"fmt"

	"github.com/funcall/funcall/provider"
)

// Cost is what the model calls of a run cost: an amount, and how many calls are
// not in it, because nobody knows what they cost.
type Cost struct {
	Amount       provider.Money
	UnknownCalls int
}

// String is the amount; with calls of unknown cost it says so.
func (c Cost) String() string {
	switch {
	case c.UnknownCalls == 0:
		return c.Amount.String()
	case c.Amount == 0:
		return "unknown"
	}
	return fmt.Sprintf("at least %v (%d of unknown cost)", c.Amount, c.UnknownCalls)
}

func (c Cost) add(turn *provider.Money) Cost {
	if turn == nil {
		c.UnknownCalls++
	} else {
		c.Amount = c.Amount.Add(*turn)
	}
	return c
}
