package ecommerce

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var now = time.Date(2024, 11, 20, 9, 0, 0, 0, time.UTC)

func referenceOrder(t *testing.T, id string) Order {
	t.Helper()
	for _, o := range referenceOrders() {
		if o.ID == id {
			return o
		}
	}
	t.Fatalf("no order %s", id)
	return Order{}
}

func TestDecideReturnWhole(t *testing.T) {
	day := Date("2024-11-25")
	o := referenceOrder(t, "ORD-78342")
	got, after, err := DecideReturn(o, ReturnRequest{OrderID: o.ID, Reason: ReasonDefective, Pickup: true}, 7, now)
	if err != nil {
		t.Fatal(err)
	}
	want := Return{
		ID: "RET-000007", OrderID: "ORD-78342", Status: "return_initiated", Reason: ReasonDefective,
		ItemsAccepted:   []string{"Wireless Earbuds Pro", "USB-C Charging Cable"},
		Quantities:      []int{1, 2},
		LabelURL:        "https://returns.example.com/label/RET-000007.pdf",
		Instructions:    got.Instructions,
		PickupScheduled: true, PickupDate: &day, RefundAmount: 11597,
		RefundMethod: "Original payment method", RefundTimeline: "5-7 business days after return is received",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if after.Status != StatusReturned {
		t.Errorf("after all was returned the order is %s", after.Status)
	}
	if o.Items[0].Returned != 0 || o.Status != StatusInTransit {
		t.Error("the order that was asked about has changed")
	}
}

// No quantities are stored as none: a repetition from storage is the same request.
func TestEqualRequests(t *testing.T) {
	sent := ReturnRequest{OrderID: "ORD-1", Items: []int{0}, Quantities: []int{}}
	stored := sent
	stored.Quantities = nil
	other := sent
	other.Quantities = []int{1}
	if !sent.Equal(stored) || !stored.Equal(sent) || sent.Equal(other) || stored.Equal(other) {
		t.Errorf("%+v, %+v", sent, stored)
	}
}

func TestDecideReturnItems(t *testing.T) {
	for _, c := range []struct {
		name    string
		items   []int
		already []int
		refund  Money
		left    bool // something is left, so that the order is not "returned"
		refused string
	}{
		{name: "one with its whole quantity", items: []int{1}, refund: 2598, left: true},
		{name: "all by index, in any order", items: []int{1, 0}, refund: 11597},
		{name: "all that is left", already: []int{0}, refund: 2598},
		{name: "the last one", items: []int{0}, already: []int{1}, refund: 8999},
		{name: "empty list", items: []int{}, refused: "items_to_return is empty"},
		{name: "negative", items: []int{0, -1}, refused: "has no item -1"},
		{name: "unknown", items: []int{2}, refused: "has no item 2: its 2 items are counted from 0"},
		{name: "repeated", items: []int{1, 1}, refused: "Item 1 is named twice"},
		{name: "returned before", items: []int{0}, already: []int{0}, refused: "Item 0 (Wireless Earbuds Pro) has already been returned"},
		{name: "nothing left", already: []int{0, 1}, refused: "no items left"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := referenceOrder(t, "ORD-78342")
			for _, i := range c.already {
				o.Items[i].Returned = o.Items[i].Qty
			}
			got, after, err := DecideReturn(o, ReturnRequest{OrderID: o.ID, Reason: ReasonOther, Items: c.items}, 1, now)
			if c.refused != "" {
				r, is := errors.AsType[*Refusal](err)
				if !is || !strings.Contains(r.Message, c.refused) || r.OrderID != o.ID {
					t.Fatalf("got %#v, want a refusal with %q", err, c.refused)
				}
				return
			}
			if err != nil || got.RefundAmount != c.refund {
				t.Fatalf("refund %v, %v; want %v", got.RefundAmount, err, c.refund)
			}
			if left := after.Status != StatusReturned; left != c.left {
				t.Errorf("the order is now %s", after.Status)
			}
		})
	}
}

func TestDecideReturnStatuses(t *testing.T) {
	for status, refused := range map[OrderStatus]string{
		StatusShipped:    "",
		StatusInTransit:  "",
		StatusDelivered:  "",
		StatusProcessing: "It can be cancelled instead",
		StatusCancelled:  "it was cancelled",
		StatusReturned:   "it has already been returned",
		"lost":           `its status is "lost"`,
	} {
		o := referenceOrder(t, "ORD-78342")
		o.Status = status
		_, _, err := DecideReturn(o, ReturnRequest{OrderID: o.ID, Reason: ReasonOther}, 1, now)
		if refused == "" && err != nil || refused != "" && (err == nil || !strings.Contains(err.Error(), refused)) {
			t.Errorf("%s: got %v, want %q", status, err, refused)
		}
	}
}

func TestDecideReturnReason(t *testing.T) {
	_, _, err := DecideReturn(referenceOrder(t, "ORD-78342"), ReturnRequest{Reason: "bored"}, 1, now)
	const want = "Invalid return reason. Must be one of: defective, wrong_item, changed_mind, not_as_described, other"
	if r, is := errors.AsType[*Refusal](err); !is || r.Message != want {
		t.Errorf("got %v", err)
	}
}

func TestPickupAndDropOffDiffer(t *testing.T) {
	o := referenceOrder(t, "ORD-78342")
	pickup, _, err1 := DecideReturn(o, ReturnRequest{Reason: ReasonOther, Pickup: true}, 1, now)
	dropOff, _, err2 := DecideReturn(o, ReturnRequest{Reason: ReasonOther}, 1, now)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if pickup.Instructions == dropOff.Instructions || dropOff.PickupScheduled || dropOff.PickupDate != nil {
		t.Errorf("pickup %+v\ndrop-off %+v", pickup, dropOff)
	}
}
