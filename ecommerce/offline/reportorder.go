package offline

import (
	"fmt"
	"regexp"
	"strings"
)

// An orderPart is the part of an order that a message asks for.
type orderPart int

const (
	wholeOfOrder orderPart = iota
	trackingOfOrder
	refundOfOrder
	pickupOfOrder
)

var (
	asksTracking = regexp.MustCompile(`(?i)\b(?:track(?:ing)?|parcel|shipment) (?:numbers?|no|nr|id|code)\b`)
	asksRefund   = regexp.MustCompile(`(?i)\b(?:refunds?|refunded|money)\b|\bhow much\b[^.?!\n]*\bback\b`)
	asksPickup   = regexp.MustCompile(`(?i)\b(?:when|what|which|date|day|time)\b[^.?!\n]*\b(?:pick-?up|driver|picked up|collected)\b|\bpick-?up (?:date|day|time)\b`)

	// asksMoreOfOrder matches what only the report of the whole order tells.
	asksMoreOfOrder = regexp.MustCompile(`(?i)\bstatus\b|\barriv|\bdeliver|\blabel\b|\baddress\b|\bitems?\b|\bwhere (?:is|are) (?:it|they|my (?:order|parcel|package)|ORD-)|\bholds?\b|\bwhose\b|\bordered\b|\bpaid\b`)
)

// partOfOrder returns what the message asks of an order. A message that asks for several things is
// about the whole order.
func (c *conversation) partOfOrder() orderPart {
	if len(c.wants) != 1 || c.whole != c.latest || asksMoreOfOrder.MatchString(c.latest) {
		return wholeOfOrder
	}
	part := wholeOfOrder
	for _, p := range []struct {
		part  orderPart
		asked *regexp.Regexp
	}{{trackingOfOrder, asksTracking}, {refundOfOrder, asksRefund}, {pickupOfOrder, asksPickup}} {
		if !p.asked.MatchString(c.latest) {
			continue
		}
		if part != wholeOfOrder {
			return wholeOfOrder
		}
		part = p.part
	}
	return part
}

// reportOrder describes an order, or the part of it that the message asks for.
func (c *conversation) reportOrder(o order) string {
	switch c.partOfOrder() {
	case trackingOfOrder:
		if t := o.Tracking; t != nil {
			return fmt.Sprintf("%s carries order %s under %s.", t.Carrier, o.ID, t.Number)
		}
		return o.headline() + " It has no tracking number."
	case refundOfOrder:
		if len(o.Returns) == 0 {
			return o.headline() + o.withoutReturn()
		}
		return o.headline() + " " + o.ofReturns(returned.state)
	case pickupOfOrder:
		if len(o.Returns) == 0 {
			return o.headline() + o.withoutReturn()
		}
		return o.ofReturns(returned.pickup)
	}
	return o.report(c.whole, c.speaksOf(returnStatus))
}

// ofReturns tells something of each return of an order.
func (o order) ofReturns(tell func(returned) string) string {
	var told []string
	for _, r := range o.Returns {
		told = append(told, tell(r))
	}
	return strings.Join(told, " ")
}

// withoutReturn says that the shop knows no return of an order.
func (o order) withoutReturn() string {
	if o.Status == "returned" {
		return " The shop tells no more about its return."
	}
	return " No return of it was started."
}

// pickup tells when a return is picked up.
func (r returned) pickup() string {
	switch {
	case r.PickupDate != nil:
		return fmt.Sprintf("The pickup of return %s is on %s.", r.ID, *r.PickupDate)
	case r.Status == "return_initiated":
		return fmt.Sprintf("No pickup was requested for return %s: bring the parcel to a drop-off point of the carrier.", r.ID)
	}
	return fmt.Sprintf("No pickup was requested for return %s.", r.ID)
}
