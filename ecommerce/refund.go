package ecommerce

import "fmt"

// A bill is what an order's items cost, what was paid for them, and what was paid back.
type bill struct {
	sum      Money // of all items, at full price
	returned Money // of the pieces that were returned, at full price
	paid     Money // for the items: sum less the discount
	refunded Money // by the order's returns
}

// billOf adds up an order. If a number of it is impossible, the error wraps ErrInvalidOrder.
func billOf(o Order) (bill, error) {
	invalid := func(format string, args ...any) (bill, error) {
		return bill{}, fmt.Errorf("%w %s: %s: correct the order in the shop's data", ErrInvalidOrder, o.ID, fmt.Sprintf(format, args...))
	}
	var b bill
	if o.Total < 0 {
		return invalid("its total is %v", o.Total)
	}
	for i, item := range o.Items {
		if item.Qty < 1 {
			return invalid("the quantity of item %d (%s) is %d", i, item.Name, item.Qty)
		}
		if item.Returned < 0 || item.Returned > item.Qty {
			return invalid("%d pieces of item %d (%s) are returned, of %d", item.Returned, i, item.Name, item.Qty)
		}
		price, err := item.Price.Times(item.Qty)
		if err != nil {
			return invalid("item %d (%s): %v", i, item.Name, err)
		}
		var ok bool
		if b.sum, ok = b.sum.plus(price); !ok {
			return invalid("the sum of its items is too large")
		}
		b.returned += item.Price * Money(item.Returned) // at most b.sum
	}
	for _, r := range o.Returns {
		if r.RefundAmount < 0 {
			return invalid("the refund of return %s is %v", r.ID, r.RefundAmount)
		}
		var ok bool
		if b.refunded, ok = b.refunded.plus(r.RefundAmount); !ok {
			return invalid("the sum of its refunds is too large")
		}
	}
	b.paid = min(o.Total, b.sum)
	return b, nil
}

// refund returns what is paid back for further pieces of that value at full price: their share
// of what was paid. Shares are differences of rounded running totals, so that the refunds of all
// pieces sum to what was paid. What was refunded already limits the refund.
func (b bill) refund(value Money) Money {
	share := b.paid.portion(b.returned+value, b.sum) - b.paid.portion(b.returned, b.sum)
	return min(share, max(b.paid-b.refunded, 0))
}
