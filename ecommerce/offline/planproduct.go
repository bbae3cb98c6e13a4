package offline

import (
	"regexp"
	"slices"
)

// productsOf returns the products of a want: codes, or the customer's words for one. If it names
// none, they are those of an order, those that the question names elsewhere, or the last ones.
func (c *conversation) productsOf(p *plan, w want) (products []string, waiting bool) {
	if codes := productCodes(w.text); len(codes) > 0 {
		return codes, false
	}
	if w.follows && !hasProduct(w.text) && !namesOnly(w.text) && len(c.products) > 0 {
		return c.products, false // the other words are no name: "make it 2"
	}
	ofOrder := boughtWord.MatchString(w.text) || pronoun.MatchString(w.text) && (len(orderIDs(c.whole)) > 0 || len(orderIDs(w.text)) > 0)
	if ofOrder {
		if codes, waiting := c.bought(p, w); waiting || len(codes) > 0 {
			return codes, waiting
		}
	}
	if names := productNames(w.text); len(names) > 0 && !aboutIt.MatchString(w.clause) {
		return names, false
	}
	if codes := productCodes(c.whole); len(codes) > 0 {
		return codes, false
	}
	for _, cl := range clauses(c.whole) {
		if aboutIt.MatchString(cl.text) {
			continue
		}
		if name := productName(cl.text); name != "" && (hasProduct(cl.text) || len(intents(cl)) > 0) {
			return []string{name}, false
		}
	}
	if c.topic == toolOrder || c.topic == toolReturn {
		if codes, waiting := c.bought(p, w); waiting || len(codes) > 0 {
			return codes, waiting
		}
	}
	return c.products, false
}

// aboutIt matches a question about what was named before: in "does it come with a charger?" the
// product is not the charger.
var aboutIt = regexp.MustCompile(`(?i)^\W*(?:does|do|did|is|are|can|could|will|would|has|have) (?:it|they|this|that|these|those)\b`)

// bought returns the product codes in the orders of a want. If they are unknown, it plans to look
// the orders up.
func (c *conversation) bought(p *plan, w want) (codes []string, waiting bool) {
	ids := orderIDs(w.text)
	if len(ids) == 0 {
		ids = orderIDs(c.whole)
	}
	if len(ids) == 0 {
		ids = c.orders
	}
	for _, id := range ids {
		o, known := c.order(p, id)
		waiting = waiting || !known && !c.unknown(toolOrder)
		named := mentioned(c.whole, o.itemNames())
		for i, item := range o.Items {
			meant := len(named) == 0 || slices.Contains(named, i)
			if meant && item.SKU != "" && !slices.Contains(codes, item.SKU) {
				codes = append(codes, item.SKU)
			}
		}
	}
	return codes, waiting
}

// wordsOf returns the words of a want, and those before it if it answers a question.
func (c *conversation) wordsOf(w want) string {
	if c.asked != "" {
		return c.whole
	}
	return w.text
}

func (c *conversation) planProduct(p *plan, w want) {
	products, waiting := c.productsOf(p, w)
	switch {
	case waiting:
		return
	case len(products) == 0:
		p.missing(askProduct)
	}
	for _, name := range products {
		parts := c.partsFor(p, name)
		c.ask(p, toolProduct, productArgs{name, infoType(parts)})
		p.parts[name] = parts
	}
}

func (c *conversation) planStock(p *plan, w want) {
	products, waiting := c.productsOf(p, w)
	if waiting {
		return
	}
	if len(products) == 0 {
		p.missing(askStock)
		return
	}
	n, zip := quantity(c.wordsOf(w)), zipCode(w.text)
	if c.asked == askQuantity {
		n = quantity(c.latest)
	}
	if zip == "" {
		zip = zipCode(c.whole)
	}
	if w.stock != nil {
		if zip == "" {
			zip = w.stock.ZIP
		}
		if !n.given && w.stock.Quantity > 0 {
			n = counted{w.stock.Quantity, true, true}
		}
	}
	if n.given && !n.ok {
		p.missing(askQuantity)
		return
	}
	for _, name := range products {
		c.ask(p, toolStock, stockArgs{name, zip, n.n})
	}
}
