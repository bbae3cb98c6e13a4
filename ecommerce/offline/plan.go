package offline

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A call is a tool call, planned or made.
type call struct{ tool, args string }

// maxCalls bounds the calls of one question.
const maxCalls = 24

// A plan is what remains to be done about the customer's question. It is made again in each
// turn and leaves out calls that have results, so it shrinks until only the answer remains.
type plan struct {
	calls []call // to make in this turn
	asked []call // the calls that the question asks for, made or not
	need  []string
	notes []string // sentences that need no tool
	// cannot names tools that are needed and not offered.
	cannot []string
}

func (c *conversation) plan() *plan {
	p := &plan{}
	for _, w := range c.wants {
		switch w.intent {
		case wantOrder:
			c.planOrder(p, w)
		case wantStock:
			c.planStock(p, w)
		case wantProduct:
			c.planProduct(p, w)
		case wantCustomer:
			c.planCustomer(p, w)
		case wantReturn:
			c.planReturn(p, w)
		}
	}
	return p
}

// ask plans a call that the question asks for.
func (c *conversation) ask(p *plan, tool string, args any) {
	if made, ok := c.prepare(p, tool, args); ok && !slices.Contains(p.asked, made) {
		p.asked = append(p.asked, made)
	}
}

// lookUp plans a call whose result another call needs.
func (c *conversation) lookUp(p *plan, tool string, args any) { c.prepare(p, tool, args) }

func (c *conversation) prepare(p *plan, tool string, args any) (call, bool) {
	if !c.offers[tool] {
		if !slices.Contains(p.cannot, tool) {
			p.cannot = append(p.cannot, tool)
		}
		return call{}, false
	}
	b, err := json.Marshal(args)
	if err != nil {
		return call{}, false // these arguments can always be encoded
	}
	made := call{tool, string(b)}
	if !c.toolsOff && !c.made(made) && !slices.Contains(p.calls, made) && len(c.turn)+len(p.calls) < maxCalls {
		p.calls = append(p.calls, made)
	}
	return made, true
}

func (c *conversation) made(made call) bool {
	return slices.ContainsFunc(c.turn, func(f finished) bool { return f.call == made })
}

func (p *plan) missing(ask string) {
	if !slices.Contains(p.need, ask) {
		p.need = append(p.need, ask)
	}
}

// The arguments, in the order in which the tools declare them.
type (
	orderArgs struct {
		OrderID  string `json:"order_id"`
		Tracking *bool  `json:"include_tracking,omitempty"`
	}
	stockArgs struct {
		SKU      string `json:"product_sku"`
		ZIP      string `json:"zip_code,omitempty"`
		Quantity int    `json:"quantity_needed,omitempty"`
	}
	productArgs struct {
		SKU  string `json:"product_sku"`
		Info string `json:"info_type,omitempty"`
	}
	customerArgs struct {
		ID      string `json:"customer_id"`
		History bool   `json:"include_order_history,omitempty"`
	}
	returnArgs struct {
		OrderID string `json:"order_id"`
		Reason  string `json:"reason"`
		Items   []int  `json:"items_to_return,omitempty"`
		Pickup  *bool  `json:"request_pickup,omitempty"`
	}
)

var no = false

// ordersOf returns the orders of a want: its own, the question's, or the last one mentioned.
func (c *conversation) ordersOf(w want) []string {
	if ids := orderIDs(w.text); len(ids) > 0 {
		return ids
	}
	if ids := orderIDs(c.whole); len(ids) > 0 {
		return ids
	}
	if c.lastOrder != "" {
		return []string{c.lastOrder}
	}
	return nil
}

func (c *conversation) planOrder(p *plan, w want) {
	ids := c.ordersOf(w)
	if len(ids) == 0 {
		p.missing(askOrder)
	}
	for _, id := range ids {
		args := orderArgs{OrderID: id}
		if untracked.MatchString(w.text) {
			args.Tracking = &no
		}
		c.ask(p, toolOrder, args)
	}
}

func (c *conversation) planCustomer(p *plan, w want) {
	keys := customerKeys(w.text)
	if len(keys) == 0 {
		keys = customerKeys(c.whole)
	}
	if len(keys) == 0 && c.lastCustomer != "" {
		keys = []string{c.lastCustomer}
	}
	if len(keys) == 0 && ownWord.MatchString(c.whole) {
		keys = []string{me}
	}
	if len(keys) == 0 || keys[0] == me && c.unknown(toolCustomer) {
		p.missing(askCustomer)
	}
	for _, key := range keys {
		c.ask(p, toolCustomer, customerArgs{key, historyWord.MatchString(c.whole)})
	}
}

// me is the session's customer.
const me = "me"

var ownWord = regexp.MustCompile(`(?i)\b(?:my|me|i|our|we)\b`)

// unknown reports whether a tool found nothing in this turn.
func (c *conversation) unknown(tool string) bool {
	return slices.ContainsFunc(c.turn, func(f finished) bool {
		e, ok := decode[json.RawMessage](f.text)
		return f.tool == tool && ok && !e.Success
	})
}

// boughtWord ties a product to an order: "the warranty on what I ordered".
var boughtWord = regexp.MustCompile(`(?i)\bORD-\w+|\b(?:i|we) (?:ordered|bought)\b|\bin (?:it|that order|my order)\b`)

// pronoun ties a product to an order in the same question.
var pronoun = regexp.MustCompile(`(?i)\b(?:it|its|them|they|these|those|that|this)\b`)

// productsOf returns the products of a want, by code or by name. Words beside an order's number
// are items of the order, not a product's full name.
func (c *conversation) productsOf(w want) (codes []string, name string) {
	if codes = productCodes(w.text); len(codes) > 0 {
		return codes, ""
	}
	if len(orderIDs(w.text)) > 0 {
		return nil, ""
	}
	if name = productName(w.text); name != "" {
		return nil, name
	}
	for n, sku := range c.facts.skus {
		if strings.Contains(strings.ToLower(w.text), n) {
			codes = append(codes, sku)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes), ""
}

// bought returns the product codes in the orders of a want. If they are unknown, it plans to look
// the orders up.
func (c *conversation) bought(p *plan, w want) (codes []string, waiting bool) {
	for _, id := range c.ordersOf(w) {
		o, known := c.order(p, id)
		waiting = waiting || !known
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

func (c *conversation) order(p *plan, id string) (order, bool) {
	o, known := c.facts.orders[id]
	if !known {
		// If the question asks for the order, one call serves both.
		for _, made := range slices.Concat(p.asked, p.calls) {
			if made.tool == toolOrder && strings.Contains(made.args, fmt.Sprintf("%q", id)) {
				return o, false
			}
		}
		c.lookUp(p, toolOrder, orderArgs{id, &no})
	}
	return o, known
}

func (c *conversation) planProduct(p *plan, w want) {
	info := infoType(w.text + w.like)
	codes, name := c.productsOf(w)
	if len(codes) == 0 && name == "" {
		var waiting bool
		codes, name, waiting = c.otherProducts(p, w)
		if waiting {
			return
		}
	}
	if name != "" {
		c.ask(p, toolProduct, productArgs{name, info})
	}
	for _, code := range codes {
		c.ask(p, toolProduct, productArgs{code, info})
	}
	switch {
	case len(codes) > 0 || name != "":
	case returnPolicy.MatchString(w.text):
		p.notes = append(p.notes, policyNote)
	default:
		p.missing(askProduct)
	}
}

// otherProducts returns the products of a want that names none: those of an order, those that the
// question names elsewhere, or the last one mentioned.
func (c *conversation) otherProducts(p *plan, w want) (codes []string, name string, waiting bool) {
	ofOrder := boughtWord.MatchString(w.text) && len(c.ordersOf(w)) > 0 ||
		pronoun.MatchString(w.text) && len(orderIDs(c.whole)) > 0
	if ofOrder {
		if codes, waiting = c.bought(p, w); waiting || len(codes) > 0 {
			return codes, "", waiting
		}
	}
	if codes = productCodes(c.whole); len(codes) > 0 {
		return codes, "", false
	}
	for _, clause := range clauseEnd.Split(c.whole, -1) {
		if name = productName(clause); name != "" && len(intents(clause)) > 0 {
			return nil, name, false
		}
	}
	if c.lastProduct != "" {
		return []string{c.lastProduct}, "", false
	}
	return nil, "", false
}

func (c *conversation) planStock(p *plan, w want) {
	codes, name := c.productsOf(w)
	if len(codes) == 0 && name == "" {
		var waiting bool
		codes, name, waiting = c.otherProducts(p, w)
		if waiting {
			return
		}
	}
	if len(codes) == 0 && name == "" {
		p.missing(askStock)
		return
	}
	if name != "" {
		// The stock tool needs a code, so look up the name first.
		sku, known := c.facts.skus[strings.ToLower(name)]
		if !known {
			c.lookUp(p, toolProduct, productArgs{SKU: name})
			return
		}
		codes = []string{sku}
	}
	zip, n := zipCode(w.text), quantity(w.text)
	if zip == "" {
		zip = zipCode(c.whole)
	}
	for _, code := range codes {
		c.ask(p, toolStock, stockArgs{code, zip, n})
	}
}
