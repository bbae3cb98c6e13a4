package offline

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// A return has an effect, so only an explicit request starts one.
var (
	returnTalk = regexp.MustCompile(`(?i)\breturn(?:s|ed|ing|able)?\b|\b(?:send|sent|sending|give|giving|take|hand|bring) (?:[\w-]+ )*back\b|\brefund|\bmoney back\b|\bmy money\b|\bhow much\b[^.,?!\n]*\bget\b[^.,?!\n]*\bback\b|\bget (?:\w+ )?back(?: for| on|\W*$)`)

	// asksReturn matches a request at the start of a clause: an imperative or a wish.
	asksReturn = regexp.MustCompile(`(?i)^\W*(?:(?:please|just|also|only|immediately|now)\W+)*(?:` +
		`(?:send|give|take|hand|bring) (?:[\w-]+ ){0,6}back\b|(?:return|refund)(?:\W*$|\W+(?:please|it|them|this|that|these|those|the|my|our|everything|something|anything|both|all|only|just|an?|one|two|three|\d|items?|order|back|(?-i:[A-Z0-9"])))` +
		`|(?:start|open|begin|initiate|make|create|process|arrange|set up|file|book) (?:an?|the|my) (?:return|refund)\b` +
		`|(?:(?:i|we)(?: would| will)? )?(?:also |really |just |still )*(?:like|love|want|need|wish|have|am looking|am trying)(?: to)? (?:also |please )*(?:return\b|refund\b|(?:send|give|hand|bring|take) (?:[\w-]+ ){0,6}back\b|(?:start|open|initiate|make|request|arrange|get|have) (?:an? |the )*(?:full )?(?:return|refund)\b|(?:get )?my money back\b|(?:get |have )?(?:an? |full )+(?:return|refund)\b)` +
		`|(?:give me|get me) (?:my money back|a (?:full )?refund)\b)`)

	// returnThing matches things of a return: "return label" is no request.
	returnThing = anyOf(
		`\breturns? (?:label|address|window|period|shipment|parcel|package|fees?|costs?|status|process|procedure|forms?|number|id|instructions|deadline|option|date|slip)\b`,
		`\breturn to\b`,
	)

	// againstReturn matches words that make it not a request: a negation, a condition, a
	// question, reported speech.
	againstReturn = regexp.MustCompile(`(?i)\b(?:not|never|nor|cannot|without|stop|cancel|cancell?ing|undo|withdraw|revoke)\s+(?:[\w']+ ){0,4}?(?:return|send|sending|refund|(?:give|hand|bring|take) (?:[\w']+ ){0,3}back)` +
		`|\b(?:keep(?:ing)? (?:it|them|this|that|these|those|the|my|both|one|all|everything)|should|shall|if|unless|whether|suppose|imagine|might|maybe|perhaps|could|would it|before i|what happens|how (?:do|can|could|would|to)|instead of|rather than|said|says|say|saying|told|tells|wrote|writes|quote|asked me|friend|thinking (?:of|about)|considering|hypothetically|pretend|example|already|yesterday|last (?:week|month)|not sure|unsure|undecided)\b` +
		`|\b(?:return|refund|send)\b[^.!?;\n]*\?|"[^"\n]*\b(?:return|refund|send)\b`)

	// haveOne matches a reason for a return with a word of againstReturn.
	haveOne = regexp.MustCompile(`(?i)\balready (?:have|own|got|bought) (?:one|two|another|an?|the same)\b`)

	returnPolicy = anyOf(
		`\breturns? (?:polic(?:y|ies)|conditions|rules|terms)\b|\bpolicy (?:for|on|about) returns?\b`,
		`\brefund policy\b`,
		`\b(?:how long|how many days|until when)\b.*\b(?:to|can|could|do i have)\b.*\b(?:return|refund|send)`,
		`\bhow (?:do|can|could|would|to|does|should)\b.*\b(?:return|refund|send)|\bfree returns?\b`,
		`\b(?:can|could|may|am i able to|is it possible to|are we allowed to) (?:i |we |one |you |customers |people )?(?:still |also |even )?(?:return|get a refund|(?:send|give|hand|bring) (?:[\w-]+ ){0,6}back|send)\b`,
		`\breturns? costs?\b|\breturnable\b|\brefundable\b|\bhow long (?:do|does|will|would|are) (?:a |the )?refunds? (?:usually )?take\b|\bdo you (?:accept|take|allow|offer|give|do|have|refund)\b`,
		`\b(?:is|are) (?:the |a |your )?(?:returns?|refunds?) (?:free|possible|allowed|accepted)\b`,
		`\bwhat (?:if|happens)\b|\brestocking\b|\breturn shipping\b|\bpay for (?:the |a |my )?returns?\b`,
		`\b(?:costs?|fees?|price) (?:of|for) (?:the |a |my )?returns?\b`,
	)

	// aboutReturn matches a question about a return that was made.
	aboutReturn = regexp.MustCompile(`(?i)\b(?:status|when|where|has|have|did|was|were|arrived?|received?|come|came|track|pickup|picked up|waiting|yet|news|update|already|processed|going|coming|on its way|happening|progress|sent|i (?:have )?returned|how (?:much|long|is|are)|what (?:is|was|about)|show|check|my (?:refund|return))\b`)

	// closing matches words that withdraw a request.
	closing = anyOf(
		`^\W*(?:no|nope|nah|na)\W*(?:[,.;!]|$|thank|i (?:will )?keep|wait|stop|please|do not|never|not|that is all)`,
		`\b(?:never ?mind|nvm|forget (?:it|that|about)|leave it|(?:do not|not) (?:do|bother|start|want to))\b`,
		`^\W*(?:(?:please|wait|oh|ok|hold on|actually|no)\W+)*(?:stop|do not|cancel(?: (?:that|it|this))?|abort|wait)\W*(?:please)?\W*$`,
		`\bi (?:have )?changed my mind about (?:the |this |that )?return`,
		`\bi (?:will|would rather|want to|am going to) keep (?:it|them|this|that|the|my)\b`,
	)
)

// A returnKind is what a clause that speaks of returns is about.
type returnKind int

const (
	noReturnTalk returnKind = iota
	returnAsked
	returnStatus
	returnRules
	returnMentioned
)

func kindOfReturn(cl clause) returnKind {
	switch text := cl.text; {
	case !returnTalk.MatchString(text):
		return noReturnTalk
	case returnPolicy.MatchString(text):
		return returnRules
	case asksReturn.MatchString(text) && !cl.question && !returnThing.MatchString(text):
		return returnAsked
	case aboutReturn.MatchString(text):
		return returnStatus
	default:
		return returnMentioned
	}
}

// speaksOf reports whether a clause of the latest message speaks of returns in that way.
func (c *conversation) speaksOf(kind returnKind) bool {
	return slices.ContainsFunc(clauses(c.latest), func(cl clause) bool { return kindOfReturn(cl) == kind })
}

// speaksAgainst reports whether an answer has words that make it not a request for a return.
func speaksAgainst(answer string) bool {
	return againstReturn.MatchString(haveOne.ReplaceAllString(answer, " "))
}

// answersReturn reports whether a message can answer a question about the return that the
// customer requested with the earlier words.
func (c *conversation) answersReturn(earlier string) bool {
	asked := orderIDs(earlier)
	if len(asked) == 0 {
		asked = c.orders
	}
	for _, id := range orderIDs(c.latest) {
		if len(asked) > 0 && !slices.Contains(asked, id) {
			return false // the message is about another order
		}
	}
	return !speaksAgainst(c.latest) && !strings.Contains(c.latest, "?") &&
		(!returnTalk.MatchString(c.latest) || c.wanted(wantReturn))
}

// ordersToReturn returns the orders that a request for a return names. The last message with a
// number counts. Without a number it is what the conversation is about.
func (c *conversation) ordersToReturn() []string {
	var ids []string
	for _, w := range c.wants {
		if w.intent == wantReturn {
			ids = append(ids, orderIDs(w.clause)...)
		}
	}
	if len(ids) > 0 {
		return unique(ids)
	}
	lines := strings.Split(c.whole, "\n")
	for _, said := range slices.Backward(lines) {
		if ids := orderIDs(said); len(ids) > 0 {
			return ids
		}
	}
	return c.orders
}

// planReturn asks for missing details. It starts a return only after it has looked up the order.
func (c *conversation) planReturn(p *plan, w want) {
	ids := c.ordersToReturn()
	if len(ids) != 1 {
		if len(ids) > 1 {
			p.note(oneReturn)
		}
		p.missing(askReturnOrder)
		return
	}
	id := ids[0]
	if again := c.returnedAgain(id); again != "" {
		p.note(again)
		return
	}
	reason := returnReason(c.whole)
	if reason == "" && c.asked != "" && (otherReason.MatchString(c.reasons) || haveOne.MatchString(c.reasons)) {
		reason = "other"
	}
	if last := c.lastReturn(); reason == "" && last != nil && sameReason.MatchString(c.whole) {
		reason = last.Reason
	}
	if reason == "" {
		p.missing(askReason)
		return
	}
	if made := c.returnOf(id); made != nil {
		p.asked = append(p.asked, *made) // one attempt, whatever its result
		return
	}
	o, known := c.order(p, id)
	if !known {
		return
	}
	chosen := c.itemsToReturn(w, o)
	if chosen.ask != "" {
		p.missing(chosen.ask)
		return
	}
	c.ask(p, toolReturn, returnArgs{id, reason, chosen.items, chosen.quantities, wantsPickup(c.whole)})
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

var reasonPatterns = []struct {
	reason  string
	pattern *regexp.Regexp
}{
	{"wrong_item", anyOf(
		`\bwrong (?:\w+ )?(?:item|product|one|thing|size|colou?r|model|order|article|parcel|package|cable|keyboard|earbuds|tv)\b`,
		`\bnot (?:what|the one|the item|the product) (?:that )?(?:i|we) (?:have )?(?:ordered|bought|wanted|asked)`,
		`\bsent (?:me |us )?(?:the |a |something )?wrong`,
		`\b(?:received|got|sent me) (?:something|an item|a product) (?:else|different)\b`,
		`\bincorrect (?:item|product)|(?m:^\W*(?:the )?wrong\W*$)`,
	)},
	{"not_as_described", anyOf(
		`\bnot (?:as|like|what was) (?:described|advertised|shown|promised|expected|pictured|in the (?:picture|description|photo))`,
		`\b(?:differs?|different) (?:from|than|to) (?:the |your |what )?(?:description|pictures?|photos?|advertised|described|website)`,
		`\bnot (?:at all )?(?:what|how|the way) (?:you|they|it|the \w+|was|is)\b(?: \w+){0,3}? (?:described?|advertised?|showed|shown|promised?|pictured|says?|said|looks?)\b`,
		`\bnot (?:really |at all )?(?:match|look like|correspond)\b|\bmisleading\b|\bmis-?(?:described|represented)\b`,
		`\blooks? (?:\w+ )?different\b|\bnothing like (?:the |what )?(?:you|descri|picture|photo|website)`,
	)},
	{"defective", anyOf(
		`\bdefect|\bbroken?\b`,
		`\b(?:not|never|stopped|no longer) (?:work|charg|turn|power|start|connect|function|switch|pair)`,
		`\bfault(?:y|s)?\b|\bdamage|\bcracked|\bdead\b|\bmalfunction|\bdoa\b|\bkaput|\bbusted\b`,
		`\b(?:is|are|got|gets|keeps?|being|were|was) (?:\w+ )?(?:stuck|jammed)\b|\b(?:keys?|buttons?|switch(?:es)?) (?:sticks?|jams?|fell off|came off|is missing)\b`,
		`\bnot working\b|\bshattered\b|\bscratched\b`,
	)},
	{"changed_mind", anyOf(
		`\bchang(?:ed|e|ing) (?:my|our|her|his) minds?\b`,
		`\b(?:no longer|not|do not) (?:really )?(?:want|need|like)(?:ed|s)? (?:it|them|this|that|these|those|the|any|my|one|either)\b`,
		`\b(?:not|no longer) (?:need|want|like)(?:ed)?\W*(?:$|,|any ?more)|\bno longer (?:need|want)`,
		`\b(?:ordered|bought) (?:it |them |this )?(?:by (?:mistake|accident)|accidentally|twice)`,
	)},
	{"other", regexp.MustCompile(`(?im)\b(?:an)?other reasons?\b|\bno (?:particular |special |specific )?reason\b|^\W*(?:the )?others?\W*$|\brather not say\b|\bpersonal reasons?\b`)},
}

var (
	// otherReason matches a reason that the tool does not list, in an answer to the question for it.
	otherReason = anyOf(
		`\btoo (?:big|small|large|loud|heavy|long|short|expensive|slow|late|tight|bright|complicated|bulky|quiet)\b`,
		`\bnot (?:fit|suit)`,
		`\b(?:found|bought|got|have) (?:a |it |one |another )?(?:cheaper|better|another|already)\b|\bgift\b`,
		`\buncomfortable\b|\bpoor (?:quality|sound)\b`,
	)

	// noFault matches phrases that deny a fault.
	noFault = anyOf(
		`\b(?:stuck|jammed) (?:in|at|on|with|somewhere)\b`,
		`\b(?:not|never|no|nor|without)\s+(?:[\w-]+ ){0,3}?(?:defect\w*|broken?\b|fault\w*|damage\w*|cracked|dead\b|wrong|malfunction\w*|scratched)`,
		`\bnothing (?:is )?(?:wrong|broken)\b|\bworks? (?:fine|well|perfectly|great)\b`,
	)
)

// returnReason returns the reason for a return as the tool spells it, or "". If the text gives
// several, it is the first in the order of reasonPatterns.
func returnReason(text string) string {
	text = noFault.ReplaceAllString(text, " ")
	for _, r := range reasonPatterns {
		if r.pattern.MatchString(text) || strings.Contains(text, r.reason) && r.reason != "other" {
			return r.reason
		}
	}
	return ""
}

var (
	noPickup = anyOf(
		`\b(?:no|not|without|instead of|rather than|never|cancel|skip)\b[^.!?\n]{0,30}?(?:\bpick|\bcollect|\bfetch)`,
		`\bdrop(?:ping)?[ -]?(?:it |them |that |this |everything )?off\b|\bbring (?:it|them|the)\b|\bmyself\b`,
	)
	// pickupWanted matches a wish for a pickup, and not "I picked it up".
	pickupWanted = anyOf(
		`\bpick[ -]?(?:(?:it|them|that|this|these|everything|the \w+) )?up\b`,
		`\b(?:be|have (?:it|them)|get (?:it|them)|want (?:it|them)|it|them) (?:picked up|collected|fetched)\b`,
		`\b(?:collect|fetch) (?:it|them|the|everything|from)\b|\bwith (?:a )?pick-?up\b`,
		`\bcome (?:and )?(?:get|collect|fetch) (?:it|them)\b`,
	)
	pickedUp = regexp.MustCompile(`(?i)\b(?:i|we|he|she|they) (?:have |had )?(?:just )?(?:picked|collected|fetched|pick up|had to pick)\b`)
)

// pickupAsked matches a request for a pickup in the form of a question, and not "is pickup free?".
var pickupAsked = regexp.MustCompile(`(?i)^\W*(?:(?:can|could|would|will) (?:you|someone|somebody|anyone|a driver|the driver|it|they)|have (?:it|them|the))\b`)

// wantsPickup reports whether the customer asked for a pickup at home.
func wantsPickup(text string) bool {
	if noPickup.MatchString(text) || pickedUp.MatchString(text) {
		return false
	}
	return slices.ContainsFunc(clauses(text), func(cl clause) bool {
		return pickupWanted.MatchString(cl.text) && (!cl.question || pickupAsked.MatchString(cl.text))
	})
}
