package offline

import (
	"regexp"
	"slices"
	"strings"
)

// The model's questions for missing details. By their words a later turn finds the question that
// the customer's answer belongs to.
const (
	askOrder       = "Which order is it about? Its number looks like ORD-12345."
	askReturnOrder = "Which order would you like to return? Its number looks like ORD-12345."
	askReason      = "Why would you like to return it: is it defective, the wrong item, not as described, did you change your mind, or is there another reason?"
	askItems       = "Which of them would you like to return?"
	askPieces      = "How many of them would you like to return?"
	askStock       = "Which product shall I look for? I need its SKU or its name."
	askProduct     = "Which product would you like to know about? I need its SKU or its name."
	askQuantity    = "How many pieces do you need? I can check a whole number from 1 to 1,000,000."
	askWhich       = "Which one do you mean?"
	askCustomer    = "Which account is it about? I need the customer id or the e-mail address."
)

// questions are what the answers belong to, and the words of a question that was asked twice in vain.
var questions = map[string]struct {
	intent intent
	again  string
}{
	askOrder:       {wantOrder, `I still need the order's number: "ORD-" and five digits. Can you find it, or shall I leave that?`},
	askReturnOrder: {wantReturn, `I still need the number of the order to return: "ORD-" and five digits. Can you find it, or shall I leave that?`},
	askReason:      {wantReturn, `I still need a reason that the shop knows. Is it "defective", "wrong item", "not as described", "changed my mind" or "other"?`},
	askItems:       {wantReturn, `Please say the name of one of them, or "everything". What shall I return?`},
	askPieces:      {wantReturn, `Please say a number, or "all of them". How many shall I return?`},
	askStock:       {wantStock, `I still need a product, such as "the earbuds" or "WEP-2024". Which shall I look for?`},
	askProduct:     {wantProduct, `I still need a product, such as "the earbuds" or "WEP-2024". Which shall I describe?`},
	askQuantity:    {wantStock, `Please say one number, such as "3". How many do you need?`},
	askCustomer:    {wantCustomer, `I still need "CUST-" and four digits, or an e-mail address. Which account shall I show?`},
}

// asking returns the question at the end of an answer, or "".
func asking(answer string) string {
	if strings.HasSuffix(answer, askWhich) {
		return askWhich
	}
	for q, more := range questions {
		if strings.HasSuffix(answer, q) || strings.HasSuffix(answer, more.again) {
			return q
		}
	}
	return ""
}

// inOtherWords returns an answer's question in other words if it was asked twice in vain.
func (c *conversation) inOtherWords(ask string) string {
	question := asking(ask)
	n := 0
	for _, t := range slices.Backward(c.before) {
		if question == "" || asking(t.answer) != question {
			break
		}
		n++
	}
	if n < 2 || questions[question].again == "" {
		return ask
	}
	return strings.TrimSuffix(ask, question) + questions[question].again
}

// openQuestion returns the question in the model's last message, if there is one, and the
// customer's words that led to it. It notes the words for items and the answers about the reason.
func (c *conversation) openQuestion() (question, earlier string) {
	question = asking(c.last().answer)
	if question == "" {
		return "", ""
	}
	answer := c.latest // to the question of t
	for _, t := range slices.Backward(c.before) {
		if asking(t.answer) == "" {
			break // an answer: earlier questions are settled
		}
		if asking(t.answer) == askReason {
			c.reasons += answer + "\n"
		}
		if asking(t.answer) == askItems && c.chosen == "" {
			c.chosen = strings.TrimSpace(earlier + "\n" + c.latest)
		}
		answer, earlier = t.said, strings.TrimSpace(t.said+"\n"+earlier)
	}
	return question, earlier
}

// understand finds the customer's wants, with the conversation so far.
func (c *conversation) understand() {
	question, earlier := c.openQuestion()
	if id := c.listedOrder(); id != "" && (question == askOrder || question == askReturnOrder) {
		c.latest = id
	}
	c.whole = c.latest
	if c.tooLong || talksAboutModel(c.latest) {
		return
	}
	c.cannot = personal(c.latest)
	if c.startedReturn() != nil && wantsPickup(c.latest) {
		c.cannot = append(c.cannot, "change a return that was started")
	}
	c.wants = wants(c.latest)
	if c.inTrouble() {
		// "My parcel came broken" is not about a parcel under way, and asks for no information.
		c.wants = slices.DeleteFunc(c.wants, func(w want) bool {
			return w.intent == wantOrder && len(orderIDs(c.latest)) == 0 && !tracked.MatchString(w.clause) ||
				w.intent == wantProduct && !productWords.MatchString(w.clause)
		})
	}
	if c.asksOfOthers() {
		c.drop(wantOrder, wantCustomer)
	}
	if asksList(c.latest) {
		c.drop(wantStock, wantProduct)
	}
	if len(c.cannot) > 0 {
		// "I was charged twice and want my money back" is no return.
		c.drop(wantReturn)
		return
	}
	asked := questions[question].intent
	corrects := asked != wantReturn && c.aboutProducts() && hasDetail(c.latest) // "no, 5"
	c.closed = closing.MatchString(c.latest) && !corrects || asked == wantReturn && speaksAgainst(c.latest)
	if c.closed {
		c.drop(wantReturn)
		return
	}
	switch {
	case lostNumber.MatchString(c.latest) && (question == askOrder || question == askReturnOrder):
		c.wants = []want{{intent: wantOrder, text: c.latest, clause: c.latest}}
	case question == askWhich && c.choose():
	case asked != 0 && c.answers(asked) && (asked != wantReturn || c.answersReturn(earlier)):
		c.asked = question
		c.whole = earlier + "\n" + c.latest
		c.drop(asked, wantOrder)
		c.wants = append([]want{{intent: asked, text: c.latest, clause: c.latest}}, c.wants...)
	case asked == 0 && c.listedOrder() != "":
		id := c.listedOrder()
		c.wants = []want{{intent: wantOrder, text: id, clause: id}}
	case len(c.wants) == 0, c.namesOnly():
		c.followUp()
	}
}

// troubleWords match a complaint about a product, beside the reasons of a return.
var troubleWords = regexp.MustCompile(`(?i)\b(?:wrong|problems?|issues?|trouble) with\b|\bacting up\b|\bstopped\b|\bnot (?:turn|charge|start|connect|pair|work)`)

// inTrouble reports whether the message complains about a product and asks for no return.
func (c *conversation) inTrouble() bool {
	return !returnTalk.MatchString(c.latest) && (returnReason(c.latest) != "" || troubleWords.MatchString(c.latest))
}

func (c *conversation) drop(intents ...intent) {
	c.wants = slices.DeleteFunc(c.wants, func(w want) bool { return slices.Contains(intents, w.intent) })
}

func (c *conversation) wanted(i intent) bool {
	return slices.ContainsFunc(c.wants, func(w want) bool { return w.intent == i })
}

// answers reports whether the last message can answer the open question and is not about
// something else.
func (c *conversation) answers(asked intent) bool {
	for _, w := range c.wants {
		if w.intent != asked && w.intent != wantOrder {
			return false
		}
		if w.intent == wantOrder && asked != wantOrder && len(orderIDs(w.text)) == 0 && (asked != wantReturn || openWords.MatchString(w.text)) {
			return false // "where is it?" is another question; "my last order" is not
		}
	}
	if talk := talkOf(c.latest); talk != noTalk && talk != talkYes && !hasDetail(c.latest) {
		return returnReason(c.latest) != ""
	}
	return !lostNumber.MatchString(c.latest)
}
