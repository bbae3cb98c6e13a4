package offline

const kin = `(?:friend|wife|husband|partner|boyfriend|girlfriend|mother|mom|mum|father|dad|brother|sister|son|daughter|parents?|neighbou?r|colleague|boss|roommate)`

// ofOthers matches a question for the orders or the account of another person.
var ofOthers = anyOf(
	`\b`+kin+`s?'s? (?:\w+ ){0,2}(?:orders?|packages?|parcels?|delivery|purchases?|history|account|stuff|things)\b`,
	`\b(?:what|where|when) (?:did |has |have )?(?:my |a |the )?`+kin+` (?:ever |already |has |have )?(?:bought|buy|ordered|order|purchased?)\b`,
)

const onlyOwn = "I can show only your own orders and account. The person who placed an order can ask for it."

// asksOfOthers reports whether someone who is not of the shop's staff asks for what belongs to
// another person, without a number that the shop could look up.
func (c *conversation) asksOfOthers() bool {
	return (c.who == customerSpeaks || c.who == visitorSpeaks) && ofOthers.MatchString(c.latest) &&
		len(orderIDs(c.latest)) == 0 && len(customerKeys(c.latest)) == 0
}
