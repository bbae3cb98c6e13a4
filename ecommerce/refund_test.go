package ecommerce

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

// returnAll returns an order in random parts, and returns the refunds.
func returnAll(t testing.TB, o Order, rnd *rand.Rand) []Money {
	t.Helper()
	var refunds []Money
	for n := 1; o.Status != StatusReturned; n++ {
		req := ReturnRequest{OrderID: o.ID, Reason: ReasonOther}
		if rnd.IntN(8) > 0 {
			for _, line := range rnd.Perm(len(o.Items)) {
				if left := o.Items[line].Qty - o.Items[line].Returned; left > 0 && (req.Items == nil || rnd.IntN(2) == 0) {
					req.Items = append(req.Items, line)
					req.Quantities = append(req.Quantities, 1+rnd.IntN(left))
				}
			}
		}
		r, after, err := DecideReturn(o, req, n, now)
		if err != nil {
			t.Fatalf("%+v of %+v: %v", req, o, err)
		}
		value := new(big.Int)
		for i := range o.Items {
			pieces := big.NewInt(int64(after.Items[i].Returned - o.Items[i].Returned))
			value.Add(value, pieces.Mul(pieces, big.NewInt(int64(o.Items[i].Price))))
		}
		if r.RefundAmount < 0 || big.NewInt(int64(r.RefundAmount)).Cmp(value) > 0 {
			t.Fatalf("refund %v for pieces of %v", r.RefundAmount, value)
		}
		refunds = append(refunds, r.RefundAmount)
		o = after
	}
	if len(o.Returns) != len(refunds) {
		t.Fatalf("%d returns, and the order has %d", len(refunds), len(o.Returns))
	}
	for _, i := range o.Items {
		if i.Returned != i.Qty {
			t.Fatalf("returned, with pieces left: %+v", i)
		}
	}
	return refunds
}

func checkRefunds(t testing.TB, o Order, rnd *rand.Rand) {
	t.Helper()
	sum := new(big.Int)
	for _, i := range o.Items {
		sum.Add(sum, new(big.Int).Mul(big.NewInt(int64(i.Price)), big.NewInt(int64(i.Qty))))
	}
	want, got := big.NewInt(int64(o.Total)), new(big.Int)
	if sum.Cmp(want) < 0 {
		want = sum
	}
	refunds := returnAll(t, o, rnd)
	for _, r := range refunds {
		got.Add(got, big.NewInt(int64(r)))
	}
	if got.Cmp(want) != 0 {
		t.Fatalf("refunds %v sum to %v, want %v: %+v", refunds, got, want, o)
	}
}

// The refunds of all pieces sum to what was paid for them, to the cent.
func TestRefundsSumToWhatWasPaid(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		o := Order{ID: "ORD-1", Status: StatusDelivered}
		sum := Money(0)
		most := []int64{1, 10, 10_000, math.MaxInt64 / 40}[rnd.IntN(4)]
		for range 1 + rnd.IntN(4) {
			item := Item{Name: "x", Qty: 1 + rnd.IntN(10), Price: Money(rnd.Int64N(most))}
			o.Items = append(o.Items, item)
			sum += item.Price * Money(item.Qty)
		}
		o.Total = Money(rnd.Int64N(int64(sum) + 2)) // a discount, or a cent of shipping
		if rnd.IntN(3) == 0 {
			o.Total = sum
		}
		checkRefunds(t, o, rnd)
	}
}

func FuzzRefund(f *testing.F) {
	f.Add(int64(10000), int64(8999), 1, int64(1299), 2, uint64(1))
	f.Add(int64(math.MaxInt64), int64(math.MaxInt64), 1, int64(0), 3, uint64(2))
	f.Add(int64(1), int64(math.MaxInt64/2), 1, int64(math.MaxInt64/2), 1, uint64(3))
	f.Add(int64(5), int64(-1), 0, int64(math.MaxInt64), 2, uint64(4))
	f.Fuzz(func(t *testing.T, total, price1 int64, qty1 int, price2 int64, qty2 int, seed uint64) {
		o := Order{ID: "ORD-1", Status: StatusShipped, Total: Money(total), Items: []Item{
			{Name: "a", Qty: qty1, Price: Money(price1)}, {Name: "b", Qty: qty2, Price: Money(price2)},
		}}
		if _, err := billOf(o); err != nil {
			if _, _, err := DecideReturn(o, ReturnRequest{Reason: ReasonOther}, 1, now); !errors.Is(err, ErrInvalidOrder) {
				t.Fatalf("%+v: %v", o, err)
			}
			return
		}
		if max(qty1, qty2) > 100 { // a return of single pieces would take too long
			return
		}
		checkRefunds(t, o, rand.New(rand.NewPCG(seed, 0)))
	})
}

func TestRefundOfADiscountedOrder(t *testing.T) {
	o := referenceOrder(t, "ORD-73055") // 100.00 paid for 89.99 + 2 x 12.99
	for _, c := range []struct {
		items, quantities []int
		refund            string
	}{
		{[]int{1}, []int{1}, "11.20"}, {[]int{1}, nil, "11.20"}, {nil, nil, "77.60"},
	} {
		r, after, err := DecideReturn(o, ReturnRequest{OrderID: o.ID, Reason: ReasonOther, Items: c.items, Quantities: c.quantities}, 1, now)
		if err != nil || r.RefundAmount.String() != c.refund {
			t.Fatalf("%v %v: %v, %v; want %s", c.items, c.quantities, r.RefundAmount, err, c.refund)
		}
		o = after
	}
}

func TestRefundOfAFreeOrder(t *testing.T) {
	o := referenceOrder(t, "ORD-78342")
	o.Total = 0
	if r, _, err := DecideReturn(o, ReturnRequest{OrderID: o.ID, Reason: ReasonOther}, 1, now); err != nil || r.RefundAmount != 0 {
		t.Errorf("%v, %v", r.RefundAmount, err)
	}
}

// What an order was refunded before bounds a refund, whatever it was refunded for.
func TestEarlierRefundsBoundARefund(t *testing.T) {
	for refunded, want := range map[Money]Money{0: 8999, 2598: 8999, 2599: 8998, 11597: 0, 20000: 0, math.MaxInt64: 0} {
		o := referenceOrder(t, "ORD-78342")
		o.Returns = []Return{{ID: "RET-1", RefundAmount: refunded}}
		r, _, err := DecideReturn(o, ReturnRequest{OrderID: o.ID, Reason: ReasonOther, Items: []int{0}}, 1, now)
		if err != nil || r.RefundAmount != want {
			t.Errorf("after %v: %v, %v; want %v", refunded, r.RefundAmount, err, want)
		}
	}
}

func TestInvalidOrders(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*Order)
		says  string
	}{
		"negative total":       {func(o *Order) { o.Total = -1 }, "its total is -0.01"},
		"no pieces":            {func(o *Order) { o.Items[1].Qty = 0 }, "the quantity of item 1 (USB-C Charging Cable) is 0"},
		"negative quantity":    {func(o *Order) { o.Items[1].Qty = -2 }, "the quantity of item 1 (USB-C Charging Cable) is -2"},
		"negative price":       {func(o *Order) { o.Items[0].Price = -8999 }, "item 0 (Wireless Earbuds Pro): invalid price of 1 pieces at -89.99"},
		"negative returned":    {func(o *Order) { o.Items[0].Returned = -1 }, "-1 pieces of item 0 (Wireless Earbuds Pro) are returned, of 1"},
		"returned too many":    {func(o *Order) { o.Items[0].Returned = 2 }, "2 pieces of item 0 (Wireless Earbuds Pro) are returned, of 1"},
		"price overflows":      {func(o *Order) { o.Items[1].Price = math.MaxInt64 }, "the price of 2 pieces at 92233720368547758.07 is too large"},
		"price wraps to 4":     {func(o *Order) { o.Items[1].Price, o.Items[1].Qty = 1<<62+1, 4 }, "is too large"},
		"sum overflows":        {func(o *Order) { o.Items[0].Price = math.MaxInt64 }, "the sum of its items is too large"},
		"negative refund":      {func(o *Order) { o.Returns = []Return{{ID: "RET-7", RefundAmount: -1}} }, "the refund of return RET-7 is -0.01"},
		"refunds overflow":     {func(o *Order) { o.Returns = []Return{{RefundAmount: math.MaxInt64}, {RefundAmount: 1}} }, "the sum of its refunds is too large"},
		"another line's fault": {func(o *Order) { o.Items[0].Price = -1 }, "item 0"},
	} {
		o := referenceOrder(t, "ORD-78342")
		c.spoil(&o)
		r, _, err := DecideReturn(o, ReturnRequest{OrderID: o.ID, Reason: ReasonOther, Items: []int{1}}, 1, now)
		_, refused := errors.AsType[*Refusal](err)
		if !errors.Is(err, ErrInvalidOrder) || refused || !strings.HasPrefix(fmt.Sprint(err), "invalid order ORD-78342: ") || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

func TestQuantities(t *testing.T) {
	for _, c := range []struct {
		name              string
		items, quantities []int
		already           int // pieces of item 1
		accepted          string
		refund            Money
		refused           string
	}{
		{name: "one of two", items: []int{1}, quantities: []int{1}, accepted: "[USB-C Charging Cable] [1]", refund: 1299},
		{name: "both", items: []int{1}, quantities: []int{2}, accepted: "[USB-C Charging Cable] [2]", refund: 2598},
		{name: "in another order", items: []int{1, 0}, quantities: []int{2, 1}, accepted: "[Wireless Earbuds Pro USB-C Charging Cable] [1 2]", refund: 11597},
		{name: "what is left of a line", items: []int{1}, already: 1, accepted: "[USB-C Charging Cable] [1]", refund: 1299},
		{name: "all that is left", already: 1, accepted: "[Wireless Earbuds Pro USB-C Charging Cable] [1 1]", refund: 10298},
		{name: "too many", items: []int{0, 1}, quantities: []int{1, 3}, refused: "The quantity 3 of item 1 (USB-C Charging Cable) is not possible: 2 of its 2 pieces are left; give a quantity from 1 to 2."},
		{name: "more than is left", items: []int{1}, quantities: []int{2}, already: 1, refused: "1 of its 2 pieces are left; give a quantity from 1 to 1."},
		{name: "none", items: []int{1}, quantities: []int{0}, refused: "The quantity 0 of item 1"},
		{name: "negative", items: []int{1}, quantities: []int{-1}, refused: "The quantity -1 of item 1"},
		{name: "least", items: []int{1}, quantities: []int{math.MinInt}, refused: "of item 1"},
		{name: "nothing left", items: []int{1}, quantities: []int{1}, already: 2, refused: "Item 1 (USB-C Charging Cable) has already been returned."},
		{name: "too few quantities", items: []int{0, 1}, quantities: []int{1}, refused: "The length of quantities is 1, that of items_to_return is 2: give one quantity for each item"},
		{name: "no quantities", items: []int{1}, quantities: []int{}, accepted: "[USB-C Charging Cable] [2]", refund: 2598},
		{name: "neither items nor quantities", quantities: []int{}, accepted: "[Wireless Earbuds Pro USB-C Charging Cable] [1 2]", refund: 11597},
		{name: "without items", quantities: []int{1, 2}, refused: "name the items that they belong to"},
		{name: "named twice", items: []int{1, 1}, quantities: []int{1, 1}, refused: "Item 1 is named twice"},
	} {
		o := referenceOrder(t, "ORD-78342")
		o.Items[1].Returned = c.already
		r, after, err := DecideReturn(o, ReturnRequest{OrderID: o.ID, Reason: ReasonOther, Items: c.items, Quantities: c.quantities}, 1, now)
		if c.refused != "" {
			if refusal, is := errors.AsType[*Refusal](err); !is || !strings.Contains(refusal.Message, c.refused) || refusal.OrderID != o.ID {
				t.Errorf("%s: %+v, %v", c.name, r, err)
			}
			continue
		}
		if err != nil || fmt.Sprint(r.ItemsAccepted, " ", r.Quantities) != c.accepted || r.RefundAmount != c.refund {
			t.Errorf("%s: %+v, %v", c.name, r, err)
		}
		left := 0
		for _, i := range after.Items {
			left += i.Qty - i.Returned
		}
		if (after.Status == StatusReturned) != (left == 0) || len(after.Returns) != 1 || after.Returns[0].ID != r.ID {
			t.Errorf("%s: the order is now %+v", c.name, after)
		}
	}
}
