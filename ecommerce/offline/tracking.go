package offline

import (
	"regexp"
	"slices"
	"strings"
)

// trackingPattern matches the number of a parcel.
var trackingPattern = regexp.MustCompile(`(?i)\b(?:[A-Z]{2}\d{6,20}|1Z[A-Z0-9]{16})\b`)

func trackingNumbers(text string) []string { return findUpper(trackingPattern, withoutEmails(text)) }

// mostSearched is how many orders are looked up one by one to find one of them.
const mostSearched = 5

// planTracking looks for the order of a parcel among the orders of the conversation and, if a
// customer asks, among the latest of the customer.
func (c *conversation) planTracking(p *plan, number string) {
	if id := c.orderOf(number); id != "" {
		c.ask(p, toolOrder, orderArgs{OrderID: id})
		return
	}
	if c.who != customerSpeaks {
		p.note("I find an order by its own number, not by a tracking number.")
		p.missing(askOrder)
		return
	}
	orders, known := c.history(p)
	if !known {
		return
	}
	for _, o := range orders[:min(len(orders), mostSearched)] {
		c.lookUp(p, toolOrder, orderArgs{OrderID: o.ID})
	}
	if len(p.calls) == 0 {
		p.note("I see no order of yours with the tracking number " + number + ".")
		p.missing(askOrder)
	}
}

// orderOf returns the known order with a tracking number, or "".
func (c *conversation) orderOf(number string) string {
	var ids []string
	for id, o := range c.facts.orders {
		if o.Tracking != nil && strings.EqualFold(o.Tracking.Number, number) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return ""
	}
	return slices.Min(ids)
}
