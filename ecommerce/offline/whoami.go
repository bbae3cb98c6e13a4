package offline

import "regexp"

const staffMember = "You are a member of the shop's staff."

var (
	// whoAmI matches a message or a clause that asks only for the speaker.
	whoAmI = regexp.MustCompile(`(?i)^\W*(?:and |so )?who (?:am i|i am)(?: again| really| here| to you)?\W*$`)

	// ownData matches words for what belongs to the speaker. The staff has none of it.
	ownData = regexp.MustCompile(`(?i)\b(?:my|mine|our)\b|\b(?:have|did|am) i\b`)

	// ofThisPerson matches words for the customer that the conversation is about.
	ofThisPerson = regexp.MustCompile(`(?i)\b(?:his|her|their|he|she|they|him|them|(?:this|that|the|same) (?:customer|person|account|profile|member)(?:'s)?)\b`)

	// everyOrder matches words for the orders of all customers, without a word for one of them.
	everyOrder = regexp.MustCompile(`(?i)\b(?:all|every|any|list|latest|recent|newest)\b[^.?!\n]*\b(?:orders?|purchases?)\b`)
)

// whoTheyAre tells the speaker who it is, as the instructions have it, or returns "".
func (c *conversation) whoTheyAre() string {
	switch {
	case c.who == staffSpeaks:
		return staffMember
	case c.who == visitorSpeaks:
		return "You are a visitor: you have not signed in."
	case c.who == customerSpeaks && c.customer != "":
		return "You are " + c.customer + "."
	}
	return ""
}

// meansPerson reports whether a message of the staff is about the customer that was shown last,
// and not about the speaker or all customers.
func (c *conversation) meansPerson() bool {
	switch {
	case c.person == "" || c.person == me:
		return false
	case c.who != staffSpeaks, ofThisPerson.MatchString(c.latest):
		return true
	}
	return !ownData.MatchString(c.latest) && !everyOrder.MatchString(c.latest)
}
