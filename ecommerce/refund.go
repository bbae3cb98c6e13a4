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

// refund returns what is paid back for further pieces of that value at full price. What was
// refunded already limits the refund.
func (b bill) refund(value Money) Money {
	return min(b.share(b.returned, b.returned+value), max(b.paid-b.refunded, 0))
}

// share returns what was paid for the pieces between two running totals at full price. As shares
// are differences of rounded totals, those of all pieces sum to what was paid.
func (b bill) share(from, to Money) Money {
	return b.paid.portion(to, b.sum) - b.paid.portion(from, b.sum)
}
