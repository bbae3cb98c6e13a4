package offline

import (
	"regexp"
	"slices"
)

// anotherThing matches words for something beside what was returned.
var anotherThing = regexp.MustCompile(`(?i)\b(?:too|also|as well|rest|remaining|others?|another|everything|all|both|whole|more)\b`)

// returnedAgain returns a sentence if the message asks to return "it", and the conversation's last
// return has it already. Otherwise it returns "".
func (c *conversation) returnedAgain(id string) string {
	last := c.lastReturned()
	if last == nil || last.OrderID != id || c.asked != "" || len(orderIDs(c.latest)) > 0 ||
		!pronoun.MatchString(c.latest) || anotherThing.MatchString(c.latest) || namesItems(c.latest) {
		return ""
	}
	if hasProduct(c.latest) && len(mentioned(c.latest, last.Items)) == 0 {
		return ""
	}
	return "That was returned already (" + last.ID + "): " + last.things() + "."
}

// lastReturned returns the latest return that was started before the customer's last message, or
// nil.
func (c *conversation) lastReturned() *returned {
	for _, t := range slices.Backward(c.before) {
		if r := t.startedReturn(); r != nil {
			return r
		}
	}
	return nil
}

// startedReturn returns the return that the turn started, or nil.
func (t turn) startedReturn() *returned {
	for _, done := range t.calls {
		if e, ok := decode[returned](done.text); done.tool == toolReturn && !done.isError && ok && e.Success {
			return &e.Data
		}
	}
	return nil
}
