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
	// parts are what the question asks of products, by name.
	parts map[string][]string
	// cannot names tools that are needed and not offered.
	cannot []string
}

func (c *conversation) plan() *plan {
	p := &plan{parts: make(map[string][]string)}
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
	if c.asksOfOthers() {
		p.note(onlyOwn)
	}
	if c.asksCatalog() {
		p.note(noCatalog)
		p.missing(askProduct)
	}
	return p
}

// asksCatalog reports whether the message asks for a list of products.
func (c *conversation) asksCatalog() bool {
	return len(c.wants) == 0 && len(c.cannot) == 0 && asksList(c.latest)
}

// asksList reports whether a message asks for a list of products, and names none.
func asksList(message string) bool {
	return catalogWords.MatchString(message) && productName(message) == "" && !shipWords.MatchString(message)
}

// catalogWords match a question for a list of products.
var catalogWords = anyOf(
	`\bwhat (?:(?:kinds? of |other |sorts? of )?(?:products?|items|things|stuff|else|articles|goods) )?(?:do|can|could|does|are) (?:you|i|we|the shop|your shop) (?:sell|have|carry|offer|buy|order|get|selling)\b`,
	`\b(?:all|list|browse|your|which|what|any|other) (?:of )?(?:your |the |new )?(?:products?|items|catalog(?:ue)?|inventory|assortment|range|goods)\b`,
	`\b(?:cheapest|most expensive|best ?-?sell\w*|most popular|newest|top rated)\b|\bwhat is new\b`,
)

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

func (p *plan) note(text string) {
	if !slices.Contains(p.notes, text) {
		p.notes = append(p.notes, text)
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
		OrderID    string `json:"order_id"`
		Reason     string `json:"reason"`
		Items      []int  `json:"items_to_return,omitempty"`
		Quantities []int  `json:"quantities,omitempty"`
		// Pickup is always sent: without it the shop books a pickup.
		Pickup bool `json:"request_pickup"`
	}
)

var no = false

// me is the session's customer.
const me = "me"

var (
	untracked  = regexp.MustCompile(`(?i)\bwithout (?:the )?tracking\b`)
	lostNumber = anyOf(
		`\b(?:not (?:know|have|remember|find|recall)|no idea|lost|forgot(?:ten)?|without|have no|where (?:do|can) i (?:find|see|get)|what is my)\b.{0,25}\border (?:number|id)\b|\b(?:lost|forgot(?:ten)?|not (?:know|have|remember)) (?:the|my|a|that) (?:number|id)\b`,
		`^\W*(?:i )?(?:do not know|no idea|not sure|do not have (?:it|one)|do not remember)\b`,
	)
	allOrders   = regexp.MustCompile(`(?i)\bmy (?:stuff|things|orders|packages|parcels|deliveries|items|shipments)\b|\b(?:open|pending|current) orders?\b|\beverything\b`)
	latestOrder = regexp.MustCompile(`(?i)\b(?:last|latest|newest|most recent|recent) (?:order|purchase|package|parcel|delivery|shipment)\b`)
	pronoun     = regexp.MustCompile(`(?i)\b(?:it|its|them|they|these|those|that|this)\b`)
	boughtWord  = regexp.MustCompile(`(?i)\bORD-\w+|\b(?:i|we) (?:ordered|bought)\b|\bin (?:it|that order|my order)\b`)
	dueWord     = regexp.MustCompile(`(?i)\b(?:get|arriv|deliver|come|here|ship)`)
)

// planOrder looks up the orders of a want: those that it names, the one that the conversation is
// about, or those of the customer that are under way.
func (c *conversation) planOrder(p *plan, w want) {
	ids := orderIDs(w.text)
	if len(ids) == 0 {
		ids = orderIDs(c.whole)
	}
	if numbers := trackingNumbers(w.text); len(ids) == 0 && len(numbers) > 0 {
		c.planTracking(p, numbers[0])
		return
	}
	ofReturn := returnTalk.MatchString(w.text)
	if last := c.lastReturn(); len(ids) == 0 && ofReturn && last != nil {
		ids = []string{last.OrderID}
	}
	past := ofReturn || paid.MatchString(w.text) || returnPattern.MatchString(w.text) || pickupWanted.MatchString(w.text) // not only of orders under way
	switch {
	case len(ids) > 0:
	case lostNumber.MatchString(w.text):
		c.planLostNumber(p)
		return
	case c.who == customerSpeaks && dayOf(w.text) != "":
		if ids = c.ordersOf(p, dayOf(w.text)); ids == nil {
			return
		}
	case c.who == customerSpeaks && latestOrder.MatchString(w.text):
		if ids = c.newestOrder(p); ids == nil {
			return
		}
	case c.aboutProducts() && pronoun.MatchString(w.text) && dueWord.MatchString(w.text):
		c.planStock(p, want{intent: wantStock, text: w.text, clause: w.clause, stock: c.stock})
		return
	case len(c.orders) > 0 && (past || !allOrders.MatchString(w.text) && (c.who != customerSpeaks || !c.aboutProducts())):
		ids = c.orders
	case c.who == customerSpeaks && !past:
		c.planOpenOrders(p, w)
		return
	case c.who == customerSpeaks && ofReturn:
		if ids = c.returnedOrders(p, w); ids == nil {
			return
		}
	default:
		p.missing(askOrder)
		return
	}
	for _, id := range ids {
		args := orderArgs{OrderID: id}
		if untracked.MatchString(w.text) {
			args.Tracking = &no
		}
		c.ask(p, toolOrder, args)
	}
}

// aboutProducts reports whether the conversation is about products at the moment.
func (c *conversation) aboutProducts() bool {
	return (c.topic == toolStock || c.topic == toolProduct) && len(c.products) > 0
}

// planLostNumber helps to find an order's number.
func (c *conversation) planLostNumber(p *plan) {
	if c.who == customerSpeaks {
		c.ask(p, toolCustomer, customerArgs{me, true})
		return
	}
	p.note("Without an order's number I can look up no order. " + personNote([]string{"find an order by other means"}))
}

var (
	ownWord     = regexp.MustCompile(`(?i)\b(?:my|me|i|our|we|mine)\b`)
	historyWord = anyOf(
		`\bhistory\b|\borders\b|\bpurchases\b|\bbought\b|\bbuy\b|\bhave i (?:\w+ )?ordered\b`,
		`\bdid i (?:\w+ )?(?:order|buy|purchase)\b|\bordered\b|\bpurchased\b|\b(?:did|has|have) \S+ (?:\w+ )?(?:order|buy|purchase)\b`,
	)
	numberOnly = regexp.MustCompile(`(?i)\bhow many orders\b`)
)

// planCustomer looks up the accounts of a want. A customer's own needs no ID.
func (c *conversation) planCustomer(p *plan, w want) {
	if who := c.whoTheyAre(); who != "" && whoAmI.MatchString(w.clause) {
		p.note(who)
		return
	}
	keys := customerKeys(w.text)
	if len(keys) == 0 {
		keys = customerKeys(c.whole)
	}
	own := ownWord.MatchString(c.whole)
	switch {
	case len(keys) > 0:
	case c.who == customerSpeaks || own && c.who == unknownSpeaker:
		keys = []string{me}
	case c.who == visitorSpeaks:
		p.note(signIn)
		return
	case c.meansPerson():
		keys = []string{c.person}
	case c.who == staffSpeaks && ownData.MatchString(c.latest):
		p.note(staffMember)
	}
	if len(keys) == 0 || keys[0] == me && c.unknown(toolCustomer) {
		p.missing(askCustomer)
	}
	for _, key := range keys {
		c.ask(p, toolCustomer, customerArgs{key, historyWord.MatchString(c.whole) && !numberOnly.MatchString(c.whole)})
	}
}

// unknown reports whether a tool found nothing in this turn.
func (c *conversation) unknown(tool string) bool {
	return slices.ContainsFunc(c.turn, func(f finished) bool {
		e, ok := decode[json.RawMessage](f.text)
		return f.tool == tool && ok && !e.Success
	})
}

// order returns an order that the tools returned. If it is unknown, it plans to look it up.
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
