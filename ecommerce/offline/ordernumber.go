package offline

import (
	"regexp"
	"slices"
	"strings"
)

const (
	mostNumbers = 10 // bounds the numbers of a message that are understood
	near        = 40 // is how many bytes on either side of a number tell what it is
)

var (
	// fiveDigitWord matches five digits that stand alone, and the characters around them.
	fiveDigitWord = regexp.MustCompile(`(?:^|[\s(:;,"'])(\d{5})(?:[\s?!;:)"']|[.,](?:\s|$)|$)`)

	// bareNumber matches an answer that is only an order's number without ORD.
	bareNumber = regexp.MustCompile(`(?i)^\W*(?:(?:it is|the number is|number|no|nr)\W+)?(\d{5})\W*$`)

	// beforePlace matches the end of a text behind which five digits are a ZIP code.
	beforePlace = regexp.MustCompile(`(?i)(?:\b(?:to|near|around|at|code|zip|area|il|tx|ca|wa|ny|(?:live|am|are|located|based) in)|(?-i:\b[A-Z]{2}),?)\s*$`)

	// beforeOrder matches the end of a text behind which five digits can be an order's number,
	// though the message asks for stock, too.
	beforeOrder = regexp.MustCompile(`(?i)\b(?:in|of|from|on|with|about)\s+(?:my |the |number )?$`)

	// ofOrder matches the end of a text behind which only an order's number stands: "the keyboard of".
	ofOrder = regexp.MustCompile(productNouns.String() + `\s+(?:of|from)\s+$`)

	// behindCount matches the text behind a number that counts something.
	behindCount = regexp.MustCompile(`(?i)^\s*(?:of (?:it|them|those|these)\b|more\b|pieces?\b|units?\b|x\b|dollars\b|usd\b|points\b|miles\b)`)

	// orderTalk matches words of an order.
	orderTalk = regexp.MustCompile(`(?i)\bnews\b|\bstatus\b|\bupdates?\b|\btrack|\bwhere\b|\barriv|\bdelivered\b|\bshipped\b|\border(?:ed)?\b|\bdid (?:i|we)\b|\bparcel\b|\bpackage\b|\bbought\b|\bup with\b`)
)

// withOrderNumbers returns a message in which the five digits that are an order's number have the
// form ORD-12345. The question is the one that the message may answer. The other five digits are a
// ZIP code or a quantity.
func (c *conversation) withOrderNumbers(said, question string) string {
	if m := bareNumber.FindStringSubmatch(said); m != nil {
		if question == askOrder || question == askReturnOrder || question == "" && !c.aboutProducts() || c.knowsOrder("ORD-"+m[1]) {
			return "ORD-" + m[1]
		}
		return said
	}
	if !fiveDigitWord.MatchString(said) {
		return said
	}
	t := c.themeOf(said)
	at := 0
	for range mostNumbers {
		found := fiveDigitWord.FindStringSubmatchIndex(said[at:])
		if found == nil {
			break
		}
		from, to := at+found[2], at+found[3]
		at = to
		if c.isOrderNumber(t, said[from:to], said[max(from-near, 0):from], said[to:min(to+near, len(said))]) {
			said = said[:from] + "ORD-" + said[from:to] + said[to:]
			at += len("ORD-")
		}
	}
	return said
}

// A theme is what a message with five digits is about.
type theme struct {
	zips  []string // what it calls a ZIP code
	order bool     // an order or a return
	stock bool     // the stock of a product
	none  bool     // nothing else that the shop knows
}

func (c *conversation) themeOf(said string) theme {
	t := theme{
		order: orderTalk.MatchString(said) || returnTalk.MatchString(said) || returnReason(said) != "" || troubleWords.MatchString(said),
		stock: stockWords.MatchString(said) || needs.MatchString(said) && !returnTalk.MatchString(said) || c.aboutProducts(),
		none:  !hasProduct(said) && len(personal(said)) == 0,
	}
	for _, m := range calledZIP.FindAllStringSubmatch(said, -1) {
		t.zips = append(t.zips, m[1])
	}
	return t
}

// isOrderNumber reports whether five digits are an order's number, by the theme of the message and
// the words around them.
func (c *conversation) isOrderNumber(t theme, number, before, after string) bool {
	switch {
	case slices.Contains(t.zips, number), beforePlace.MatchString(before), behindCount.MatchString(after), startsWithProduct(after):
		return false
	case ofOrder.MatchString(before):
		return true
	case t.stock:
		return (t.order || c.knowsOrder("ORD-"+number)) && beforeOrder.MatchString(before)
	case c.knowsOrder("ORD-" + number):
		return true
	}
	return t.order || t.none && !beforeOrder.MatchString(before)
}

// startsWithProduct reports whether a text begins with the noun of a product, which a number
// before it counts.
func startsWithProduct(text string) bool {
	phrase, _, _ := strings.Cut(text, ",")
	at := productNouns.FindStringIndex(phrase)
	return at != nil && len(strings.Fields(phrase[:at[0]])) <= 2 && !behindZIP.MatchString(phrase)
}

// knowsOrder reports whether the conversation was about an order, or listed it.
func (c *conversation) knowsOrder(id string) bool {
	if _, known := c.facts.orders[id]; known {
		return true
	}
	return slices.Contains(c.orders, id) || slices.ContainsFunc(c.before, func(t turn) bool {
		return slices.Contains(orderIDs(t.answer), id)
	})
}
