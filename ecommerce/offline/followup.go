package offline

import (
	"regexp"
	"slices"
	"strings"
)

// followUp understands a message that only changes the question before: "and five of them?",
// "for zip 98101?", "what about the keyboard?".
func (c *conversation) followUp() {
	c.wants = nil
	if c.inTrouble() && len(orderIDs(c.latest)) == 0 {
		return // "one pair of my earbuds is broken" asks for no stock
	}
	if c.asksMayReturn() {
		return // "can I return ORD-12345? It is broken" does not ask for the status
	}
	if talkOf(c.latest) != noTalk && !hasDetail(c.latest) {
		return
	}
	switch {
	case len(orderIDs(c.latest)) > 0, returnPattern.MatchString(c.latest):
		c.add(wantOrder)
		return
	case len(customerKeys(c.latest)) > 0 && c.who != customerSpeaks && c.who != visitorSpeaks:
		c.add(wantCustomer)
		return
	}
	named := hasProduct(c.latest) || c.namesOnly()
	counted := quantity(c.latest).given || zipCode(c.latest) != ""
	switch {
	case counted && countOnly.MatchString(c.latest) && c.topic == "":
		c.add(wantStock) // of which product?
	case counted && (named && !statement.MatchString(c.latest) || c.topic == toolStock || c.topic == toolProduct && len(c.products) > 0):
		c.add(wantStock)
	case named && c.topic == toolStock:
		c.add(wantStock)
	case named && (c.topic == toolProduct || len(productCodes(c.latest)) > 0 || hasProduct(c.latest) && namesOnly(c.latest)):
		c.add(wantProduct)
	}
}

// add adds a want of the whole message that keeps what the question before said and this one does
// not.
func (c *conversation) add(i intent) {
	w := want{intent: i, text: c.latest, clause: c.latest, follows: true}
	switch {
	case i == wantStock && c.topic == toolStock:
		w.stock = c.stock
	case i == wantProduct && c.topic == toolProduct:
		w.parts = c.parts
	}
	c.wants = append(c.wants, w)
}

// countOnly matches a message that is only a number or a ZIP code: "and five of them?"
var countOnly = regexp.MustCompile(`(?i)^\W*(?:(?:and|or|what|how|about|ok|so|then|also|if|for|i|need|want|with|to|in|near|at|zip|code|my|is|the)\W+)*[\w,.-]+(?:\W+of (?:them|those|these|it))?\W*$`)

// bareOpening matches the words before the changed detail.
var bareOpening = regexp.MustCompile(`(?i)^\W*(?:(?:and|or|what|how|about|ok|okay|so|then|also|if|for|with|the|a|an|your|my|thanks|yes|maybe|of|sorry|i mean|meant|rather|instead|please|tell me)\b\W*)+`)

// namesOnly reports whether the message only names a product for the question before.
func (c *conversation) namesOnly() bool {
	return c.aboutProducts() && namesOnly(c.latest)
}

// namesOnly reports whether a message names a product and says nothing else: "and the keyboard?"
func namesOnly(message string) bool {
	rest := bareOpening.ReplaceAllString(message, "")
	opened := len(rest) < len(message) || hasProduct(message)
	name := productName(rest)
	return opened && name != "" && strings.EqualFold(strings.Trim(rest, " ?!."), name)
}

var ordinals = []struct {
	n       int // from 0; -1 is the last
	pattern *regexp.Regexp
}{
	{0, regexp.MustCompile(`(?i)\b(?:first|1st|former)\b|^\W*(?:number |no\.? |#)?(?:1|one)\W*$`)},
	{1, regexp.MustCompile(`(?i)\b(?:second|2nd|latter)\b|^\W*(?:number |no\.? |#)?(?:2|two)\W*$`)},
	{2, regexp.MustCompile(`(?i)\b(?:third|3rd)\b|^\W*(?:number |no\.? |#)?(?:3|three)\W*$`)},
	{3, regexp.MustCompile(`(?i)\b(?:fourth|4th)\b|^\W*(?:number |no\.? |#)?(?:4|four)\W*$`)},
	{-1, regexp.MustCompile(`(?i)\blast(?: (?:one|item|product|article|thing|position))?\W*$`)},
}

// ordinal returns the element of a list of n that the text names by its place, or -1.
func ordinal(text string, n int) int {
	for _, o := range ordinals {
		if o.pattern.MatchString(text) {
			i := o.n
			if i < 0 {
				i = n - 1
			}
			if i < n {
				return i
			}
		}
	}
	return -1
}

// choose continues the question whose answer were several products, if the message chooses one of
// them.
func (c *conversation) choose() bool {
	for _, done := range slices.Backward(c.last().calls) {
		e, ok := decode[struct{}](done.text)
		if !ok || len(e.Candidates) == 0 {
			continue
		}
		sku := chosen(c.latest, e.Candidates)
		if sku == "" {
			return false
		}
		w := want{text: sku, clause: sku}
		switch done.tool {
		case toolStock:
			w.intent, w.stock = wantStock, decodeArgs[stockArgs](done.args)
		case toolProduct:
			w.intent, w.parts = wantProduct, c.parts
		default:
			return false
		}
		c.wants = []want{w}
		return true
	}
	return false
}

// chosen returns the SKU of the candidate that the text names by code, name or place, or "".
func chosen(text string, candidates []candidate) string {
	for _, code := range productCodes(text) {
		for _, m := range candidates {
			if strings.EqualFold(m.SKU, code) {
				return m.SKU
			}
		}
	}
	var names []string
	for _, m := range candidates {
		names = append(names, m.Name)
	}
	if found := mentioned(text, names); len(found) == 1 {
		return candidates[found[0]].SKU
	}
	if i := ordinal(text, len(candidates)); i >= 0 {
		return candidates[i].SKU
	}
	if len(candidates) == 1 && talkOf(text) == talkYes {
		return candidates[0].SKU
	}
	return ""
}

// listedOrder returns the order that the message names by its place in the orders that were listed
// last, or "".
func (c *conversation) listedOrder() string {
	if !placeOnly.MatchString(c.latest) {
		return ""
	}
	for _, t := range slices.Backward(c.before) {
		listed, isList := t.listedOrders()
		if !isList {
			continue
		}
		if i := ordinal(c.latest, len(listed)); i >= 0 {
			return listed[i]
		}
		return ""
	}
	return ""
}

// listedOrders returns the orders that a turn's answer listed: those that it looked up for the
// customer, or else the order history.
func (t turn) listedOrders() (ids []string, isList bool) {
	var history []string
	for _, done := range t.calls {
		switch e, ok := decode[customer](done.text); {
		case done.tool == toolOrder:
			ids = append(ids, argument(done.args, "order_id"))
		case done.tool == toolCustomer && ok && e.Success:
			isList = true
			for _, o := range e.Data.History {
				history = append(history, o.ID)
			}
		}
	}
	if len(ids) == 0 {
		ids = history
	}
	return ids, isList
}

// placeOnly matches a message that ends with a place in a list: "and the second one?"
var placeOnly = regexp.MustCompile(`(?i)\b(?:first|second|third|fourth|last|1st|2nd|3rd|4th)(?: one)?\W*$`)
