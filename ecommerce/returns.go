package ecommerce

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Reason is the reason for a return.
type Reason string

const (
	ReasonDefective      Reason = "defective"
	ReasonWrongItem      Reason = "wrong_item"
	ReasonChangedMind    Reason = "changed_mind"
	ReasonNotAsDescribed Reason = "not_as_described"
	ReasonOther          Reason = "other"
)

// reasons are all reasons, in the order of the tool's schema.
var reasons = []Reason{ReasonDefective, ReasonWrongItem, ReasonChangedMind, ReasonNotAsDescribed, ReasonOther}

// pickupAfter is the number of days from the request to the pickup.
const pickupAfter = 5

// A Return is a return that the shop accepted.
type Return struct {
	ID            string   `json:"return_id"`
	OrderID       string   `json:"order_id"`
	Status        string   `json:"status"`
	Reason        Reason   `json:"reason"`
	ItemsAccepted []string `json:"items_accepted"`
	// Quantities are the pieces of each of ItemsAccepted.
	Quantities      []int  `json:"quantities_accepted"`
	LabelURL        string `json:"return_label_url"`
	Instructions    string `json:"return_instructions"`
	PickupScheduled bool   `json:"pickup_scheduled"`
	PickupDate      *Date  `json:"pickup_date"` // null without a pickup
	RefundAmount    Money  `json:"refund_amount"`
	RefundMethod    string `json:"refund_method"`
	RefundTimeline  string `json:"refund_timeline"`
}

// clone returns a copy that shares nothing with r.
func (r Return) clone() Return {
	r.ItemsAccepted, r.Quantities = slices.Clone(r.ItemsAccepted), slices.Clone(r.Quantities)
	if r.PickupDate != nil {
		day := *r.PickupDate
		r.PickupDate = &day
	}
	return r
}

// DecideReturn applies the shop's rules for returns to an order. It returns the return, with
// that number (six digits) and the date of now, and the order after the return. The caller
// stores both or neither. If the rules do not allow the return, the error is a [*Refusal] with
// the reason and, where it helps, an alternative.
//
// DecideReturn does not modify o or what o points to, so a [Backend] can call it inside its
// own transaction.
func DecideReturn(o Order, req ReturnRequest, number int, now time.Time) (Return, Order, error) {
	if err := checkReturn(o, req); err != nil {
		return Return{}, Order{}, err
	}
	after := o.Clone()
	chosen, err := chooseItems(o, req.Items)
	if err != nil {
		return Return{}, Order{}, err
	}
	r := Return{
		ID:             fmt.Sprintf("RET-%06d", number),
		OrderID:        o.ID,
		Status:         "return_initiated",
		Reason:         req.Reason,
		Instructions:   "Pack the items, attach the label and bring the parcel to any drop-off point of the carrier.",
		RefundMethod:   "Original payment method",
		RefundTimeline: "5-7 business days after return is received",
	}
	r.LabelURL = "https://returns.example.com/label/" + r.ID + ".pdf"
	if req.Pickup {
		day := DateOf(now.AddDate(0, 0, pickupAfter))
		r.PickupScheduled, r.PickupDate = true, &day
		r.Instructions = "Pack the items, attach the label and have the parcel ready for the driver on the pickup date."
	}
	for _, i := range chosen {
		item := &after.Items[i]
		pieces := item.Qty - item.Returned
		item.Returned = item.Qty
		r.ItemsAccepted = append(r.ItemsAccepted, item.Name)
		r.Quantities = append(r.Quantities, pieces)
		r.RefundAmount += item.Price.Times(pieces)
	}
	if !slices.ContainsFunc(after.Items, func(i Item) bool { return i.Returned < i.Qty }) {
		after.Status = StatusReturned
	}
	return r, after, nil
}

func checkReturn(o Order, req ReturnRequest) error {
	if !slices.Contains(reasons, req.Reason) {
		return &Refusal{Message: "Invalid return reason. Must be one of: " + join(reasons)}
	}
	why := ""
	switch o.Status {
	case StatusShipped, StatusInTransit, StatusDelivered:
		return nil
	case StatusProcessing:
		why = "it is still being processed and has not been shipped. It can be cancelled instead"
	case StatusCancelled:
		why = "it was cancelled"
	case StatusReturned:
		why = "it has already been returned"
	default:
		why = fmt.Sprintf("its status is %q", o.Status)
	}
	return refuseReturn(o, "Order %s cannot be returned: %s.", o.ID, why)
}

// chooseItems returns the indexes of the items to return, in the order of o. If the request
// names none, it returns all that were not returned yet.
func chooseItems(o Order, indexes []int) ([]int, error) {
	if indexes == nil {
		for i, item := range o.Items {
			if item.Returned < item.Qty {
				indexes = append(indexes, i)
			}
		}
		if indexes == nil {
			return nil, refuseReturn(o, "Order %s has no items left to return.", o.ID)
		}
		return indexes, nil
	}
	if len(indexes) == 0 {
		return nil, refuseReturn(o, "items_to_return is empty: name at least one item, or leave it out to return all.")
	}
	seen := make(map[int]bool)
	for _, i := range indexes {
		switch {
		case i < 0 || i >= len(o.Items):
			return nil, refuseReturn(o, "Order %s has no item %d: its %d items are counted from 0.", o.ID, i, len(o.Items))
		case seen[i]:
			return nil, refuseReturn(o, "Item %d is named twice: one index stands for the item's whole quantity.", i)
		case o.Items[i].Returned == o.Items[i].Qty:
			return nil, refuseReturn(o, "Item %d (%s) has already been returned.", i, o.Items[i].Name)
		}
		seen[i] = true
	}
	return slices.Sorted(slices.Values(indexes)), nil
}

func refuseReturn(o Order, format string, args ...any) error {
	return &Refusal{Message: fmt.Sprintf(format, args...), OrderID: o.ID}
}

func join[S ~string](list []S) string {
	var b strings.Builder
	for i, s := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(s))
	}
	return b.String()
}
