package offline

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

var (
	addressWord   = regexp.MustCompile(`(?i)\baddress\b|\bwhere\b[^,.;?!\n]*\b(?:deliver|ship|send|sent|go)|\b(?:ship|shipped|deliver|delivered|going|sent) to\b`)
	orderedWhen   = regexp.MustCompile(`(?i)\bwhen\b[^,.;?!\n]*\b(?:i|we) (?:\w+ )?(?:order|place|buy|purchase)|\b(?:order|purchase) date\b|\bwhen was\b[^,.;?!\n]*\b(?:ordered|placed|bought)`)
	contactWord   = regexp.MustCompile(`(?i)\baddress\b|\bphone\b|\bdata\b|\bmy details\b|\bon file\b|\bcontact\b`)
	warehouseWord = regexp.MustCompile(`(?i)\bwarehouses?\b|\bwhere\b[^,.;?!\n]*\bstock|\blocations?\b|\b(?:chicago|dallas|seattle|los angeles|texas|california|illinois|washington)\b`)
	colorWord     = anyOf(
		`\bcolou?rs?\b|\bin (?:black|white|red|blue|green|silver|gold|pink|gr[ae]y)\b`,
		`\b(?:black|white|red|blue|green|silver|pink|gr[ae]y) (?:one|version|model|earbuds|keyboards?|cables?|tvs?)\b`,
	)
)

var whoseWord = regexp.MustCompile(`(?i)\bwhose\b|\bwho (?:bought|ordered|placed)\b|\bwhich customer\b`)

// headline tells the status of an order.
func (o order) headline() string {
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
	if o.Estimated != "" && o.isOpen() {
		b.WriteString(" and should arrive by " + o.Estimated)
	}
	b.WriteString(".")
	return b.String()
}

// report describes an order. What the question asks for beside the usual is told, too.
func (o order) report(question string, ofReturns bool) string {
	var b strings.Builder
	b.WriteString(o.headline())
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
	if o.OrderDate != "" && orderedWhen.MatchString(question) {
		fmt.Fprintf(&b, " It was ordered on %s.", o.OrderDate)
	}
	if o.Address != "" && addressWord.MatchString(question) {
		fmt.Fprintf(&b, " Its address is %s.", o.Address)
	}
	if o.CustomerID != "" && whoseWord.MatchString(question) {
		fmt.Fprintf(&b, " It belongs to customer %s.", o.CustomerID)
	}
	for _, r := range o.Returns {
		b.WriteString(" " + r.state())
	}
	if len(o.Returns) == 0 && ofReturns {
		b.WriteString(o.withoutReturn())
	}
	return b.String()
}

// state describes a return that was made before.
func (r returned) state() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Return %s (%s) has the status %q. The refund is %s (%s, %s).", r.ID, r.things(),
		strings.ReplaceAll(r.Status, "_", " "), money(r.Refund), r.Method, r.Timeline)
	if r.PickupDate != nil {
		fmt.Fprintf(&b, " The pickup is on %s.", *r.PickupDate)
	}
	if r.LabelURL != "" {
		fmt.Fprintf(&b, " The label: %s", r.LabelURL)
	}
	return b.String()
}

// things lists the returned items, with their pieces if there are several.
func (r returned) things() string {
	var things []string
	for i, name := range r.Items {
		if i < len(r.Quantities) && r.Quantities[i] != 1 {
			name = fmt.Sprintf("%d x %s", r.Quantities[i], name)
		}
		things = append(things, name)
	}
	return list(things)
}

// report describes the stock of a product.
func (a availability) report(question string) string {
	var b strings.Builder
	switch {
	case a.Meets && a.Needed == "1":
		fmt.Fprintf(&b, "Yes: %s (%s) is in stock. We have %s.", a.Name, a.SKU, a.Quantity)
	case a.Meets:
		fmt.Fprintf(&b, "Yes: %s (%s) is in stock. You need %s and we have %s.", a.Name, a.SKU, a.Needed, a.Quantity)
	default:
		fmt.Fprintf(&b, "Not enough: you need %s of %s (%s) and we have %s.", a.Needed, a.Name, a.SKU, a.Quantity)
	}
	if w := a.Closest; w != nil {
		fmt.Fprintf(&b, " The closest warehouse is %s, with %s; it ships in %s.", w.Location, w.Qty, w.ShipsIn)
	}
	if a.DeliveryRange != "" {
		fmt.Fprintf(&b, " Delivery takes %s.", a.DeliveryRange)
	}
	if warehouseWord.MatchString(question) && len(a.Warehouses) > 1 {
		var all []string
		for _, w := range a.Warehouses {
			all = append(all, fmt.Sprintf("%s %s", w.Location, w.Qty))
		}
		fmt.Fprintf(&b, " The warehouses hold: %s.", strings.Join(all, "; "))
	}
	b.WriteString(cannotTell(question, nil))
	return b.String()
}

func (c customer) report(question string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s, %s) is a %s member since %s, with %s and %s spent.",
		c.Name, c.ID, c.Email, c.Tier, c.MemberSince, count(c.TotalOrders, "order"), money(c.TotalSpent))
	if contactWord.MatchString(question) && c.Address != "" {
		fmt.Fprintf(&b, " The address is %s; the phone number is %s.", c.Address, c.Phone)
	}
	if len(c.History) > 0 {
		b.WriteString(" The latest orders:" + listOrders(c.History))
	}
	return b.String()
}

func count(n json.Number, noun string) string {
	if n == "1" {
		return "1 " + noun
	}
	return n.String() + " " + noun + "s"
}

func listOrders(orders []summary) string {
	var b strings.Builder
	for _, o := range orders {
		fmt.Fprintf(&b, "\n- %s of %s, %s, %s", o.ID, o.Date, strings.ReplaceAll(o.Status, "_", " "), money(o.Total))
	}
	return b.String()
}

func (r returned) report() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Return %s of order %s is under way: %s.", r.ID, r.OrderID, r.things())
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
