package main

import (
	"context"
	"fmt"

	"github.com/funcall/funcall"
)

// A Refund is the input of the tool, and its result.
type Refund struct {
	OrderID string `json:"order_id" jsonschema:"pattern=^A-[0-9]{4}$" jsonschema_description:"The order, such as A-1001"`
	Cents   int    `json:"cents" jsonschema:"minimum=1" jsonschema_description:"How much to pay back, in cents"`
}

func newRefund(p payments) funcall.Tool {
	refund := func(ctx context.Context, r Refund) (Refund, error) {
		order, err := findOrder(ctx, OrderQuery{r.OrderID})
		if err != nil {
			return Refund{}, err
		}
		key := funcall.CallFrom(ctx).Key
		done, cents, err := p.read(key, r.OrderID)
		if err != nil {
			return Refund{}, err
		}
		if left := order.Cents - cents; !done && r.Cents > left {
			return Refund{}, funcall.Visible(fmt.Errorf("at most %d cents can be paid back", left))
		}
		return r, p.pay(ctx, key, r)
	}
	// find asks the payment provider for the outcome of a refund.
	find := func(_ context.Context, key string, r Refund) (Refund, error) {
		done, _, err := p.read(key, r.OrderID)
		if err == nil && !done {
			err = funcall.ErrNotApplied
		}
		return r, err
	}
	return funcall.NewTool("refund", "Pays money back for an order of the customer.", refund, funcall.Reconcile(find))
}
