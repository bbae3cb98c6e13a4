package offline

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// A return has an effect, so only an explicit request starts one.
var (
	returnTalk   = regexp.MustCompile(`(?i)\breturn(?:s|ed|ing)?\b|\bsend (?:[\w-]+ )*back\b|\brefund|\bmoney back\b`)
	returnPolicy = regexp.MustCompile(`(?i)\breturns? polic(?:y|ies)\b`)

	// asksReturn matches a request at the start of a clause: an imperative or a wish.
	asksReturn = regexp.MustCompile(`(?i)^\W*(?:(?:hi|hello|yes|ok|okay|so|then|also|now|please|just)\b\W*)*(?:` +
		`(?:return|refund|send)(?:\W*$|\W+(?:please|it|them|this|that|these|those|the|my|our|everything|both|all|only|just|an?|one|items?|order|back|(?-i:[A-Z0-9"])))` +
		`|(?:(?:i|we)(?: would|'d|'ll| will)? )?(?:also |really |just )*(?:like|want|need|wish)(?: to)? (?:also |please )*(?:return\b|refund\b|send\b|(?:get |have )?(?:a |my |the |full )*(?:refund|money back|return)\b))`)

	// againstReturn matches words that make it not a request: a negation, a condition, a
	// question, reported speech.
	againstReturn = regexp.MustCompile(`(?i)\b(?:don't|do not|not|never|won't)\s+(?:\w+ ){0,2}(?:return|send|refund)` +
		`|\b(?:stop|cancel|cancell?ing|undo|withdraw|keep|keeping|should|shouldn't|if|unless|whether|what happens|how (?:do|can|could|would)|instead of|said|says|told|friend)\b` +
		`|\b(?:return|refund|send)\b[^.!?;\n]*\?`)

	aboutReturn = regexp.MustCompile(`(?i)^\W*(?:has|have|when|where|did|was|were|is|are)\b`)

	// closing matches words that withdraw a request.
	closing = regexp.MustCompile(`(?i)^\W*(?:no|nope|nah)\W*(?:[,.;!]|$|thank|i keep)|\b(?:never ?mind|forget (?:it|that|about)|leave it|(?:don't|do not) (?:do|bother|start))\b|^\W*(?:please )?(?:stop|don't|do not)\W*$`)
)

// answersReturn reports whether a message can answer a question about the return that the
// customer requested with the earlier words.
func (c *conversation) answersReturn(earlier string) bool {
	asked := orderIDs(earlier)
	if len(asked) == 0 && c.lastOrder != "" {
		asked = []string{c.lastOrder}
	}
	for _, id := range orderIDs(c.latest) {
		if len(asked) > 0 && !slices.Contains(asked, id) {
			return false // the message is about another order
		}
	}
	return !againstReturn.MatchString(c.latest) && !strings.Contains(c.latest, "?") &&
		(!returnTalk.MatchString(c.latest) || c.wanted(wantReturn))
}

// planReturn asks for missing details. It starts a return only after it has looked up the order.
func (c *conversation) planReturn(p *plan, w want) {
	ids := c.ordersOf(w)
	if len(ids) == 0 {
		p.missing(askReturnOrder)
		return
	}
	reason := returnReason(c.whole)
	if reason == "" {
		p.missing(askReason)
		return
	}
	for _, id := range ids {
		if made := c.returnOf(id); made != nil {
			p.asked = append(p.asked, *made) // one attempt, whatever its result
			continue
		}
		o, known := c.order(p, id)
		if !known {
			continue
		}
		items, sure := c.itemsToReturn(w, o)
		if !sure {
			p.missing(askFor(o))
			continue
		}
		c.ask(p, toolReturn, returnArgs{id, reason, items, pickup(c.whole)})
	}
}

// returnOf returns the call of process_return for an order since the customer's last message, or
// nil.
func (c *conversation) returnOf(id string) *call {
	for _, f := range c.turn {
		var args returnArgs
		if f.tool == toolReturn && json.Unmarshal([]byte(f.args), &args) == nil && args.OrderID == id {
			return &f.call
		}
	}
	return nil
}

var (
	// excluding matches words that exclude items, so that naming an item does not ask for its
	// return.
	excluding = regexp.MustCompile(`(?i)\b(?:except|excluding|without (?:the|my)|apart from|other than|all but|but not|not (?:the|my)|besides|leave out)\b|\b(?:is|are|was|were) (?:still )?(?:fine|good|ok|okay)\b|\bworks? (?:fine|well)\b`)
	narrowing = regexp.MustCompile(`(?i)\b(?:only|just)\b`)
	itemIndex = regexp.MustCompile(`(?i)\bitems? (?:number |no\.? |#)?(\d{1,4})\b`)
)

// itemsToReturn returns the items of an order that the customer means; none means all. If the
// words are ambiguous, it is not sure.
func (c *conversation) itemsToReturn(w want, o order) (items []int, sure bool) {
	said := c.whole
	if c.askedItems {
		said = c.latest // the earlier words were not clear
	} else if c.whole == c.latest && len(c.wants) > 1 {
		said = w.text // other clauses may name other products
	}
	if excluding.MatchString(said) || !c.askedItems && excluding.MatchString(c.whole) {
		return nil, false
	}
	if m := itemIndex.FindStringSubmatch(said); m != nil {
		// The tool counts from 0, people count from 1: only 0 is unambiguous.
		return []int{0}, m[1] == "0" && len(o.Items) > 0
	}
	if wholeOrder.MatchString(said) {
		return nil, true
	}
	found := mentioned(said, o.itemNames())
	if len(found) == 0 && (c.askedItems || namesItems(said) || narrowing.MatchString(said)) && len(o.Items) > 0 {
		return nil, false
	}
	if len(found) == 0 || len(found) == len(o.Items) {
		return nil, true
	}
	return found, true
}

func askFor(o order) string {
	return "Order " + o.ID + " holds " + list(o.itemNames()) + ". " + askItems
}
