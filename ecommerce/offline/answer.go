package offline

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

const whatIAm = "I am a set of offline rules, not a language model."

const whatICan = "I can look up an order, check a product's stock, tell a product's specifications, warranty and shipping, " +
	"show a customer's profile, and start a return."

const (
	plainReturn  = `"Return ORD-12345, it is defective."`
	noReturnNote = `I have started no return. If you want one, ask for it plainly: %s`
	furtherNote  = `I have started no further return. If you want one, ask for it plainly: "Return the other one too, same reason."`
	offerNote    = "You can ask for it plainly: %s The shop then says whether it can be made."
	policyNote   = "I do not know the shop's rules for returns. When you ask for the return of an order, the shop says whether it can be made. Ask for it plainly: %s"
	troubleNote  = "I am sorry to hear that. I can start a return if you ask for it plainly: %s For anything else please contact our staff: a person there can help you."
	signIn       = "You have not signed in, so I can show no account and no list of orders. Please sign in first."
	tooLong      = "Your message is too long for me. Please say it in a few sentences."
	noCatalog    = "I have no tool that lists the catalog, but I can look for one product."
	oneReturn    = "I start one return at a time."
	noOrders     = "I see no orders of yours."
	inFull       = `Please tell me in full what I can do for you, for example "Where is ORD-12345?" or ` + plainReturn
)

// answer turns the tools' results into sentences, and asks for missing details.
func (c *conversation) answer(p *plan) string {
	if c.tooLong {
		return tooLong
	}
	var says []string
	if len(c.cannot) > 0 {
		says = append(says, personNote(c.cannot))
	}
	if c.closed {
		says = append(says, c.leave())
	}
	says = append(says, c.aboutReturns()...)
	says = append(says, p.notes...)
	for _, done := range c.turn {
		text, good := c.report(p, done)
		// Lookups for another call are not reported.
		lookup := len(p.asked) > 0 || len(p.need) > 0 || len(p.notes) > 0
		if !good || slices.Contains(p.asked, done.call) || !lookup {
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
		for _, ask := range p.need[:min(len(p.need), 1)] {
			says = append(says, c.inOtherWords(ask))
		}
	}
	if len(says) == 0 {
		return c.smallTalk()
	}
	return strings.Join(last(says, c.isChoice), "\n\n")
}

// leave answers a message that withdraws the request. A return that was started goes on.
func (c *conversation) leave() string {
	if r := c.startedReturn(); r != nil {
		return fmt.Sprintf("Return %s of order %s was started already. %s", r.ID, r.OrderID, personNote([]string{"cancel it"}))
	}
	return "All right, I leave that. Is there anything else?"
}

// startedReturn returns the return that the turn before started, or nil.
func (c *conversation) startedReturn() *returned { return c.last().startedReturn() }

// aboutReturns returns what to say of returns beside the results.
func (c *conversation) aboutReturns() []string {
	if len(c.cannot) > 0 {
		return nil
	}
	switch {
	case c.wanted(wantReturn):
		return nil
	case c.asksMayReturn():
		return []string{fmt.Sprintf(offerNote, c.plainReturn())}
	case c.speaksOf(returnRules):
		return []string{fmt.Sprintf(policyNote, c.plainReturn())}
	case c.speaksOf(returnAsked), c.speaksOf(returnMentioned) && !c.speaksOf(returnStatus), c.closed && returnTalk.MatchString(c.latest):
		return []string{fmt.Sprintf(noReturnNote, c.plainReturn())}
	case len(c.wants) == 0 && c.startedReturn() != nil && (otherPiece.MatchString(c.latest) || sameReason.MatchString(c.latest)):
		return []string{furtherNote}
	case !c.closed && c.asked == "" && c.inTrouble() && !c.wanted(wantProduct) && !c.wanted(wantStock):
		return []string{fmt.Sprintf(troubleNote, c.plainReturn())}
	}
	return nil
}

// asksMayReturn reports whether the message asks if an order can be returned, and has the reason.
func (c *conversation) asksMayReturn() bool {
	return c.speaksOf(returnRules) && len(orderIDs(c.latest)) == 1 && returnReason(c.latest) != ""
}

// plainReturn returns a request for the return that the message is about, in quotes.
func (c *conversation) plainReturn() string {
	ids := orderIDs(c.latest)
	if len(ids) != 1 {
		return plainReturn
	}
	thing := ""
	if phrase := thingPhrase.FindString(masked(c.latest)); phrase != "" {
		thing = strings.ToLower(phrase[:1]) + phrase[1:]
		thing = ownWord.ReplaceAllString(thing, "the") + " of "
	}
	reason := reasonWords[returnReason(c.latest)]
	if reason == "" {
		reason = reasonWords["defective"]
	}
	return fmt.Sprintf(`"Return %s%s, %s."`, thing, ids[0], reason)
}

// reasonWords are the reasons of a return in a customer's words.
var reasonWords = map[string]string{
	"defective": "it is defective", "wrong_item": "it is the wrong item", "not_as_described": "it is not as described",
	"changed_mind": "I changed my mind", "other": "for another reason",
}

// thingPhrase matches the words for a product with its number of pieces.
var thingPhrase = regexp.MustCompile(`(?i)\b(?:(?:one|two|three|\d{1,3}) of (?:the|my)|the|my|an?|one|both) (?:[\w-]+ )?` + productNouns.String())

// smallTalk answers a message that is about nothing in the shop.
func (c *conversation) smallTalk() string {
	switch talkOf(c.latest) {
	case talkGreeting:
		return hello(c.customer) + " " + whatIAm + " " + whatICan
	case talkHowAreYou:
		return hello(c.customer) + " I am ready to help. " + whatICan
	case talkIdentity:
		return whatIAm + " " + whatICan
	case talkHelp:
		return whatICan + " What would you like to know?"
	case talkThanks:
		return "You are welcome. Is there anything else?"
	case talkBye:
		return "Goodbye, and thank you for your visit."
	case talkLanguage:
		return "I understand English only. " + whatIAm
	case talkInsult:
		return "I am sorry that I was of no help. " + whatIAm + " Please contact our staff: a person there can do more."
	case talkPraise:
		return "I am glad. Is there anything else?"
	case talkWait:
		return "Take your time. " + inFull
	case talkYes:
		if q := asking(c.last().answer); q != "" {
			return c.inOtherWords(q)
		}
		return "All right. " + inFull
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

// isChoice reports whether a sentence asks to choose one of several products.
func (c *conversation) isChoice(text string) bool { return strings.HasSuffix(text, askWhich) }

// last returns the list with the sentences of that kind at its end.
func last(list []string, kind func(string) bool) []string {
	var front, back []string
	for _, s := range list {
		if kind(s) {
			back = append(back, s)
		} else {
			front = append(front, s)
		}
	}
	return append(front, back...)
}

// report describes the result of one call. If good is set, it is reported only if the customer
// asked for it.
func (c *conversation) report(p *plan, done finished) (text string, good bool) {
	if done.isError {
		return couldNot(done), false
	}
	switch done.tool {
	case toolOrder:
		return reportAs(done, c.reportOrder)
	case toolStock:
		return reportAs(done, func(a availability) string { return a.report(c.whole) })
	case toolProduct:
		parts := p.parts[argument(done.args, "product_sku")]
		return reportAs(done, func(p product) string { return p.report(c.whole, parts) })
	case toolCustomer:
		return reportAs(done, func(p customer) string { return p.report(c.whole) })
	case toolReturn:
		return reportAs(done, returned.report)
	}
	return fmt.Sprintf("%s reported: %s", done.tool, strings.TrimSpace(done.text)), true
}

// tasks say what the tools do, in the words of a customer.
var tasks = map[string]string{
	toolOrder: "look up the order", toolStock: "check the stock", toolProduct: "look up the product",
	toolCustomer: "look up the account", toolReturn: "complete the return",
}

// couldNot tells of a call that failed, was denied or is in doubt. The text may be an operator's.
func couldNot(done finished) string {
	task := tasks[done.tool]
	if task == "" {
		task = "do that"
	}
	text := strings.TrimSpace(done.text)
	if text == "" {
		return "I could not " + task + "."
	}
	if !strings.ContainsAny(text[len(text)-1:], ".!?") {
		text += "."
	}
	return "I could not " + task + ": " + text
}

func reportAs[T any](done finished, tell func(T) string) (string, bool) {
	e, ok := decode[T](done.text)
	switch {
	case !ok:
		return couldNot(done), false
	case e.Success:
		return tell(e.Data), true
	case e.Error == "Order not found":
		return fmt.Sprintf("I cannot find an order %s. Please check its number.", e.OrderID), false
	case e.Error == "Customer not found":
		return "I cannot find that customer.", false
	}
	if len(e.Candidates) > 0 {
		return whichOf(argument(done.args, "product_sku"), e.Candidates), false
	}
	text := strings.TrimSuffix(e.Error, ".") + "."
	if strings.HasPrefix(e.Error, "Product ") && strings.HasSuffix(e.Error, " not found") {
		text += " Please tell me another name for it, or its SKU."
	}
	return text, false
}

// whichOf asks which of several products the customer means.
func whichOf(said string, candidates []candidate) string {
	var names []string
	for _, m := range candidates {
		names = append(names, m.Name+" ("+m.SKU+")")
	}
	return fmt.Sprintf("I find no single product for %q. These are close: %s. %s", said, list(names), askWhich)
}
