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

// The states of a [Return].
const (
	ReturnInitiated = "return_initiated" // the label is made, the parcel is expected
	ReturnRefunded  = "refunded"         // the parcel arrived, the refund was paid
)

// What each return says.
const (
	dropOffInstructions = "Pack the items, attach the label and bring the parcel to any drop-off point of the carrier."
	pickupInstructions  = "Pack the items, attach the label and have the parcel ready for the driver on the pickup date."
	refundMethod        = "Original payment method"
	refundTimeline      = "5-7 business days after return is received"
)

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
// the reason and, where it helps, an alternative. If the order's numbers are impossible, the
// error wraps [ErrInvalidOrder] and says which of them is wrong.
//
// The refund is the returned pieces' share of what was paid for the items: all returns of an
// order, in any order and of any pieces, sum to exactly the lower of its total and the sum of
// its items, unless earlier returns refunded other amounts. A total below the sum is a discount.
// A total above it has shipping, which is not refunded.
//
// DecideReturn does not modify o or what o points to, so a [Backend] can call it inside its
// own transaction.
func DecideReturn(o Order, req ReturnRequest, number int, now time.Time) (Return, Order, error) {
	if err := checkReturn(o, req); err != nil {
		return Return{}, Order{}, err
	}
	bill, err := billOf(o)
	if err != nil {
		return Return{}, Order{}, err
	}
	chosen, err := choosePieces(o, req)
	if err != nil {
		return Return{}, Order{}, err
	}
	r := Return{
		ID:             fmt.Sprintf("RET-%06d", number),
		OrderID:        o.ID,
		Status:         ReturnInitiated,
		Reason:         req.Reason,
		Instructions:   dropOffInstructions,
		RefundMethod:   refundMethod,
		RefundTimeline: refundTimeline,
	}
	r.LabelURL = "https://returns.example.com/label/" + r.ID + ".pdf"
	if req.Pickup {
		day := DateOf(now.AddDate(0, 0, pickupAfter))
		r.PickupScheduled, r.PickupDate = true, &day
		r.Instructions = pickupInstructions
	}
	after := o.Clone()
	var value Money // of the pieces, at full price
	for _, c := range chosen {
		item := &after.Items[c.line]
		item.Returned += c.pieces
		r.ItemsAccepted = append(r.ItemsAccepted, item.Name)
		r.Quantities = append(r.Quantities, c.pieces)
		value += item.Price * Money(c.pieces) // a part of the bill's sum, which is in range
	}
	r.RefundAmount = bill.refund(value)
	after.Returns = append(after.Returns, r.clone())
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
