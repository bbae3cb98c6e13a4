package offline

import "fmt"

// history returns the customer's latest orders. If they are unknown, it plans to look them up.
func (c *conversation) history(p *plan) (orders []summary, known bool) {
	for _, done := range c.turn {
		if done.tool == toolCustomer {
			e, ok := decode[customer](done.text)
			if done.isError || !ok || !e.Success {
				p.missing(askOrder)
			}
			return e.Data.History, e.Success
		}
	}
	c.lookUp(p, toolCustomer, customerArgs{me, true})
	return nil, false
}

func (c *conversation) newestOrder(p *plan) []string {
	orders, known := c.history(p)
	if known && len(orders) == 0 {
		p.note(noOrders)
	}
	if len(orders) == 0 {
		return nil
	}
	return []string{orders[0].ID}
}

// returnedOrders returns the latest of the customer's orders that were returned. Without any it
// asks for the order: a part of another one may have been returned.
func (c *conversation) returnedOrders(p *plan, w want) []string {
	orders, known := c.history(p)
	if !known {
		return nil
	}
	var ids []string
	for _, o := range orders {
		if o.Status == "returned" && len(ids) < mostOpen {
			ids = append(ids, o.ID)
		}
	}
	if hasProduct(w.text) {
		ids = c.holding(p, ids, w.text)
	}
	if len(ids) == 0 && len(p.calls) == 0 {
		p.note("I see no such order of yours that was returned as a whole.")
		p.missing(askOrder)
	}
	return ids
}

// mostOpen is how many open orders are looked up one by one.
const mostOpen = 3

// planOpenOrders looks up the customer's orders that are under way.
func (c *conversation) planOpenOrders(p *plan, w want) {
	orders, known := c.history(p)
	if !known {
		return
	}
	var open []string
	for _, o := range orders {
		if isOpen(o.Status) {
			open = append(open, o.ID)
		}
	}
	switch {
	case len(orders) == 0:
		p.note(noOrders)
		return
	case len(open) == 0:
		p.note("None of your orders is under way. The latest:" + listOrders(orders[:min(len(orders), mostOpen)]))
		return
	case len(open) > mostOpen:
		p.note(fmt.Sprintf("You have %d orders under way. The latest orders:%s", len(open), listOrders(orders)))
		p.missing(askOrder)
		return
	}
	meant := c.holding(p, open, w.text)
	if len(meant) == 0 {
		meant = open
		if hasProduct(w.text) {
			p.note("I see that in none of your orders under way. This is under way:")
		}
	}
	if len(meant) > 1 {
		p.note(fmt.Sprintf("You have %d orders under way.", len(meant)))
	}
	for _, id := range meant {
		c.ask(p, toolOrder, orderArgs{OrderID: id})
	}
}

// holding returns the orders that hold an item that the text mentions. It looks all orders up.
func (c *conversation) holding(p *plan, ids []string, text string) []string {
	var found []string
	for _, id := range ids {
		c.lookUp(p, toolOrder, orderArgs{OrderID: id})
		if o, known := c.facts.orders[id]; known && len(mentioned(text, o.itemNames())) > 0 {
			found = append(found, id)
		}
	}
	return found
}
