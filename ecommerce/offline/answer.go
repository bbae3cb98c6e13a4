package offline

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const whatIAm = "I am a set of offline rules, not a language model."

const whatICan = "I can look up an order, check a product's stock, tell a product's specifications, warranty and shipping, " +
	"show a customer's profile, and start a return."

const (
	noReturnNote = `I have started no return. If you want one, ask for it plainly: "Return ORD-12345, it is defective."`
	policyNote   = "I do not know the shop's rules for returns. When you ask for the return of an order, the shop says whether it can be made."
)

// answer turns the tools' results into sentences, and asks for missing details.
func (c *conversation) answer(p *plan) string {
	var says []string
	if cancelWord.MatchString(c.latest) {
		says = append(says, "I have no tool to cancel anything with; please ask our staff for that.")
	}
	if c.closed {
		says = append(says, "All right, I leave that.")
	}
	if returnTalk.MatchString(c.latest) && !returnPolicy.MatchString(c.latest) && !c.wanted(wantReturn) {
		says = append(says, noReturnNote)
	}
	says = append(says, p.notes...)
	for _, done := range c.turn {
		text, good := report(done)
		// Lookups for another call are not reported.
		if !good || slices.Contains(p.asked, done.call) || len(p.asked) == 0 && len(p.need) == 0 {
			says = append(says, text)
		}
	}
	if c.toolsOff && len(c.turn) == 0 && len(c.wants) > 0 {
		says = append(says, "I cannot look anything up at the moment, so I cannot tell.")
	} else if len(p.cannot) > 0 {
		says = append(says, "I have no tool here for that: it would take "+list(p.cannot)+".")
	}
	if !c.toolsOff {
		// Ask one question at a time: the answer must belong to one of them.
		says = append(says, p.need[:min(len(p.need), 1)]...)
	}
	if len(says) > 0 {
		return strings.Join(says, "\n\n")
	}
	switch {
	case greeting.MatchString(c.latest):
		return hello(c.customer) + " " + whatIAm + " " + whatICan
	case thanks.MatchString(c.latest):
		return "You are welcome. Is there anything else?"
	}
	return "I do not understand that. " + whatIAm + " " + whatICan
}

// hello greets the customer, by name if it is known.
func hello(name string) string {
	if name == "" {
		return "Hello!"
	}
	return "Hello, " + name + "!"
}

func (c *conversation) wanted(i intent) bool {
	return slices.ContainsFunc(c.wants, func(w want) bool { return w.intent == i })
}

// report describes the result of one call. If good is set, it is reported only if the customer
// asked for it.
func report(done finished) (text string, good bool) {
	if done.isError {
		return fmt.Sprintf("I could not finish that: %s reported: %s", done.tool, strings.TrimSpace(done.text)), false
	}
	switch done.tool {
	case toolOrder:
		return reportAs(done, order.report)
	case toolStock:
		return reportAs(done, availability.report)
	case toolProduct:
		return reportAs(done, product.report)
	case toolCustomer:
		return reportAs(done, customer.report)
	case toolReturn:
		return reportAs(done, returned.report)
	}
	return fmt.Sprintf("%s reported: %s", done.tool, strings.TrimSpace(done.text)), true
}

func reportAs[T any](done finished, tell func(T) string) (string, bool) {
	e, ok := decode[T](done.text)
	switch {
	case !ok:
		return fmt.Sprintf("%s reported: %s", done.tool, strings.TrimSpace(done.text)), false
	case e.Success:
		return tell(e.Data), true
	case e.Error == "Order not found":
		return fmt.Sprintf("I cannot find an order %s. Please check its number.", e.OrderID), false
	case e.Error == "Customer not found":
		return "I cannot find that customer.", false
	}
	text := strings.TrimSuffix(e.Error, ".") + "."
	if len(e.Candidates) > 0 {
		var which []string
		for _, m := range e.Candidates {
			which = append(which, m.SKU+" ("+m.Name+")")
		}
		text += " They are " + list(which) + "."
	}
	return text, false
}

func (o order) report() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Order %s ", o.ID)
	switch o.Status {
	case "processing":
		b.WriteString("is being processed")
	case "shipped":
		b.WriteString("has been shipped")
	case "in_transit":
		b.WriteString("is in transit")
	case "delivered", "cancelled", "returned":
		b.WriteString("was " + o.Status)
	default:
		fmt.Fprintf(&b, "has the status %q", o.Status)
	}
	if o.Estimated != "" && slices.Contains([]string{"processing", "shipped", "in_transit"}, o.Status) {
		b.WriteString(" and should arrive by " + o.Estimated)
	}
	b.WriteString(".")
	if len(o.Items) > 0 {
		var items []string
		for _, i := range o.Items {
			item := fmt.Sprintf("%s x %s at %s", i.Qty, i.Name, money(i.Price))
			if i.Qty != "1" {
				item += " each"
			}
			items = append(items, item)
		}
		fmt.Fprintf(&b, " It holds %s; the total is %s.", list(items), money(o.Total))
	}
	if t := o.Tracking; t != nil {
		fmt.Fprintf(&b, " %s carries it under %s", t.Carrier, t.Number)
		if n := len(t.Events); n > 0 {
			last := t.Events[n-1]
			fmt.Fprintf(&b, "; the latest news, of %s from %s: %s", last.Timestamp, last.Location, last.Status)
		}
		b.WriteString(".")
	}
	return b.String()
}

func (a availability) report() string {
	var b strings.Builder
	if a.Meets {
		fmt.Fprintf(&b, "Yes: %s (%s) is in stock. You need %s and we have %s.", a.Name, a.SKU, a.Needed, a.Quantity)
	} else {
		fmt.Fprintf(&b, "Not enough: you need %s of %s (%s) and we have %s.", a.Needed, a.Name, a.SKU, a.Quantity)
	}
	if w := a.Closest; w != nil {
		fmt.Fprintf(&b, " The closest warehouse is %s, with %s; it ships in %s.", w.Location, w.Qty, w.ShipsIn)
	}
	if a.DeliveryRange != "" {
		fmt.Fprintf(&b, " Delivery takes %s.", a.DeliveryRange)
	}
	return b.String()
}

func (p product) report() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)", p.Name, p.SKU)
	if p.Price != "" {
		fmt.Fprintf(&b, " costs %s", money(p.Price))
	}
	b.WriteString(".")
	if p.Description != "" {
		b.WriteString(" " + strings.TrimSuffix(p.Description, ".") + ".")
	}
	if len(p.Specs) > 0 {
		var specs []string
		for _, k := range slices.Sorted(maps.Keys(p.Specs)) {
			specs = append(specs, strings.ReplaceAll(k, "_", " ")+": "+p.Specs[k])
		}
		fmt.Fprintf(&b, " Specifications: %s.", strings.Join(specs, "; "))
	}
	if w := p.Warranty; w != nil {
		fmt.Fprintf(&b, " Warranty: %s. It covers: %s. %s.", w.Type, w.Coverage, w.Process)
	}
	if s := p.Shipping; s != nil {
		fmt.Fprintf(&b, " Shipping: %s. Standard costs %s, express %s, next day %s; it is free from %s on.",
			list(s.Methods), money(s.Costs.Standard), money(s.Costs.Express), money(s.Costs.NextDay), money(s.FreeFrom))
	}
	return b.String()
}

func (c customer) report() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s, %s) is a %s member since %s, with %s orders and %s spent.",
		c.Name, c.ID, c.Email, c.Tier, c.MemberSince, c.TotalOrders, money(c.TotalSpent))
	if len(c.History) > 0 {
		b.WriteString(" The latest orders:")
		for _, o := range c.History {
			fmt.Fprintf(&b, "\n- %s of %s, %s, %s", o.ID, o.Date, strings.ReplaceAll(o.Status, "_", " "), money(o.Total))
		}
	}
	return b.String()
}

func (r returned) report() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Return %s of order %s is under way: %s.", r.ID, r.OrderID, list(r.Items))
	fmt.Fprintf(&b, " The refund is %s (%s, %s).", money(r.Refund), r.Method, r.Timeline)
	if r.PickupDate != nil {
		fmt.Fprintf(&b, " A driver comes on %s.", *r.PickupDate)
	}
	fmt.Fprintf(&b, " %s The label: %s", r.Instructions, r.LabelURL)
	return b.String()
}

func money(a amount) string {
	if a == "" {
		return "an unknown amount"
	}
	return "$" + a.String()
}

func list(names []string) string {
	switch n := len(names); n {
	case 0:
		return "nothing"
	case 1:
		return names[0]
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
}
