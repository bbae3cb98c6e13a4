package transcript

import (
	"fmt"

	"github.com/funcall/funcall/provider"
)

// A Cost is the cost of model calls. Amount leaves out the calls of unknown cost,
// which UnknownCalls counts.
type Cost struct {
	Amount       provider.Money
	UnknownCalls int
}

// String returns the amount and, if there are any, the number of calls of unknown cost.
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
