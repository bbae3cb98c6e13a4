package offline

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

const month = `(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?`

const (
	day    = `(?:(\d{4})-(\d{2})-(\d{2})|` + month + `\s+(\d{1,2})(?:st|nd|rd|th)?|(\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?` + month + `)\b`
	months = "jan feb mar apr may jun jul aug sep oct nov dec"
)

// placedOn are patterns for the day of an order; "by november 3rd" is when it should arrive.
var placedOn = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\b(?:from|of|dated|(?:placed|ordered|bought|made|purchased) on)\s+(?:the\s+)?` + day),
	regexp.MustCompile(`(?i)\b` + day + `\s+(?:order|purchase)\b`),
}

// dayOf returns the day on which an order was placed by the customer's words, as the end of a date:
// "2024-11-03" or "-11-03". Without one it is "".
func dayOf(text string) string {
	for _, p := range placedOn {
		m := p.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		if m[1] != "" {
			return m[1] + "-" + m[2] + "-" + m[3]
		}
		name, day := m[4]+m[7], m[5]+m[6]
		n, _ := strconv.Atoi(day)
		return fmt.Sprintf("-%02d-%02d", strings.Index(months, strings.ToLower(name))/len("jan ")+1, n)
	}
	return ""
}

// ordersOf returns the customer's orders of a day. Without any it lists the orders.
func (c *conversation) ordersOf(p *plan, day string) []string {
	orders, known := c.history(p)
	var ids []string
	for _, o := range orders {
		if strings.HasSuffix(o.Date, day) {
			ids = append(ids, o.ID)
		}
	}
	switch {
	case !known || len(ids) > 0:
	case len(orders) == 0:
		p.note(noOrders)
	default:
		p.note("I see no order of yours of that day. The latest orders:" + listOrders(orders))
	}
	return ids
}
