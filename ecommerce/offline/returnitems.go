package offline

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A selection is what to return of an order. Without items it is all that is left. If ask is not
// "", the words are ambiguous and it is the question about them.
type selection struct {
	items, quantities []int
	ask               string
}

var (
	// excluding matches words that exclude items, so that naming an item does not ask for its
	// return.
	excluding = anyOf(
		`\b(?:except|excluding|without (?:the|my)|apart from|aside from|other than|all but|but not|not (?:the|my)|besides|leave out|keep(?:ing)? (?:it|them|this|that|these|those|the|my|an?|both|one|two|all|\d+)|only need)\b`,
		`\b(?:is|are|was|were) (?:still |all |perfectly |totally )?(?:fine|good|ok|okay|great|perfect)\b`,
		`\bworks? (?:fine|well|great|perfectly)\b`,
	)
	narrowing = regexp.MustCompile(`(?i)\b(?:only|just)\b`)
	itemIndex = regexp.MustCompile(`(?i)\bitems? (?:number |no\.? |#)?(\d{1,4})\b`)

	wholeOrder = regexp.MustCompile(`(?i)\b(?:everything|(?:whole|entire|complete|full) (?:order|thing|package|parcel|lot)|all (?:of (?:it|them)|items|the items|products)|it all|all)\b`)
	allPieces  = regexp.MustCompile(`(?i)^(?:both|all|every|each)$`)

	returnedThing = anyOf(
		`\b(?:return|returning|(?:send|give|take|hand|bring) back|refund for|refund)\s+(?:just |only )?(.+?)(?:\s+(?:of|from|in|because|since|as|due|please|to|for|back|is|are|now|with)\b|\s-\s|[,.;:?!(\n]|$)`,
		`\b(?:send|give|take|hand|bring)\s+((?:[\w'@-]+ ){1,6}?)back\b`,
	)

	// wholeThing matches what stands for a whole order. Other words name a part of it.
	wholeThing = regexp.MustCompile(`(?i)^\W*(?:(?:for|of|on|from|in) )?(?:it|them|this|that|these|those|everything|all|back|(?:(?:the|my|an?|this|that|our|whole|entire|complete|full|last|latest|most|recent|please) )*(?:order|package|parcel|delivery|purchase|shipment|stuff|things?|lot|@)?)(?:\W+(?:number|please|then|now|too|also|today|again|@))*\W*$`)

	ordinalItem = regexp.MustCompile(`(?i)\b(?:first|1st|second|2nd|third|3rd|fourth|4th|last) (?:item|one|product|article|thing|position)s?\b`)
)

// itemsToReturn returns the items of an order that the customer means.
func (c *conversation) itemsToReturn(w want, o order) selection {
	said := c.whole
	askedItems := c.asked != "" && c.chosen != ""
	switch {
	case askedItems:
		said = c.chosen // the earlier words were not clear
	case c.whole == c.latest && len(c.wants) > 1:
		said = w.text // other clauses may name other products
	}
	which := selection{ask: askFor(o)}
	if excluding.MatchString(said) || !askedItems && excluding.MatchString(c.whole) {
		return which
	}
	if m := itemIndex.FindStringSubmatch(said); m != nil {
		// The tool counts from 0, people count from 1: only 0 is unambiguous.
		if m[1] != "0" || len(o.Items) == 0 {
			return which
		}
		return selection{items: []int{0}}
	}
	found := mentioned(said, o.itemNames())
	if len(found) == 0 && otherPiece.MatchString(said) {
		return c.otherOfLast(o)
	}
	if m := ordinalItem.FindString(said); m != "" {
		i := ordinal(m, len(o.Items))
		if i < 0 {
			return which
		}
		found = []int{i}
	}
	for i, item := range o.Items {
		if slices.Contains(productCodes(said), item.SKU) && !slices.Contains(found, i) {
			found = append(found, i)
		}
	}
	slices.Sort(found)
	if namesOther(said, o) {
		return which
	}
	if len(found) > 0 {
		return c.pieces(o, found, said)
	}
	count := c.countAlone(said)
	switch {
	case len(o.Items) == 1 && count.given:
		return c.pieces(o, []int{0}, said)
	case wholeOrder.MatchString(said), bothWord.MatchString(said) && o.pieces() == 2, bothWord.MatchString(said) && askedItems && len(o.Items) == 2:
		return selection{}
	case len(o.Items) > 1 && (c.aboutProducts() || c.spokeOfItems(o)):
		return which // "return it" can be the product that was talked about
	case len(o.Items) > 0 && (askedItems || count.given || bothWord.MatchString(said) || narrowing.MatchString(said) || namesItems(said)):
		return which
	}
	return selection{}
}

// spokeOfItems reports whether the customer named some of an order's items in the turns before.
func (c *conversation) spokeOfItems(o order) bool {
	const recent = 3
	return slices.ContainsFunc(c.before[max(len(c.before)-recent, 0):], func(t turn) bool {
		found := mentioned(t.said, o.itemNames())
		return len(found) > 0 && len(found) < len(o.Items)
	})
}

var bothWord = regexp.MustCompile(`(?i)\bboth\b`)

// countAlone returns a number of pieces that no item's name follows.
func (c *conversation) countAlone(said string) counted {
	if c.asked == askPieces {
		said = c.latest
	}
	if m := oneOfThem.FindString(said); m != "" {
		return counted{1, true, true}
	}
	return numberIn(said) // a number is never left out of a return
}

var oneOfThem = regexp.MustCompile(`(?i)\b(?:only |just )?one (?:of (?:them|these|those|the|it)|piece|please)\b|^\W*(?:just |only )?(?:one|1|a single one|the one)\W*$|\b(?:just|only) one\b`)

// pieces returns the found items with the numbers of pieces that the customer said.
func (c *conversation) pieces(o order, found []int, said string) selection {
	var quantities []int
	counts := false
	open := -1 // the item whose number of pieces is not said
	for _, i := range found {
		left := o.left(i)
		n := countOf(said, o, i)
		if !n.given && len(o.Items) == 1 {
			n = c.countAlone(said)
		}
		switch {
		case n.given && (!n.ok || n.n > max(left, 1)):
			return selection{ask: askHowMany(o, i)}
		case n.given:
			counts = true
			quantities = append(quantities, n.n)
		case left <= 1, saysAll(said, o, i):
			quantities = append(quantities, max(left, 1))
		case open >= 0:
			return selection{ask: askFor(o)}
		default:
			open = i
			quantities = append(quantities, 0)
		}
	}
	if open >= 0 {
		n := counted{}
		if c.asked == askPieces {
			if n = c.countAlone(c.latest); !n.given && allOfThem.MatchString(c.latest) {
				n = counted{o.left(open), true, true}
			}
		}
		if !n.ok || n.n > o.left(open) {
			return selection{ask: askHowMany(o, open)}
		}
		counts = true
		quantities[slices.Index(found, open)] = n.n
	}
	switch {
	case counts:
		return selection{items: found, quantities: quantities}
	case len(found) == len(o.Items):
		return selection{}
	}
	return selection{items: found}
}

var allOfThem = regexp.MustCompile(`(?i)\b(?:both|all|every|everything)\b`)

var tokenPattern = regexp.MustCompile(`-?\d[\d.,]*x?|[\p{L}]+|[^\s\p{L}\d]`)

// besideNoun are words between a number and the noun that it counts.
var besideNoun = wordSet("of the my our these those this that your x pieces piece units unit broken defective faulty damaged dead new wireless usb c type charging mechanical smart inch k pair pairs single extra other")

// countOf returns the number of pieces of item i that a text says: "one of the two cables" is 1.
func countOf(said string, o order, i int) counted {
	tokens := tokenPattern.FindAllString(strings.ToLower(sizes.ReplaceAllString(masked(said), " ")), -1)
	names := words(o.Items[i].Name)
	for j, t := range tokens {
		if !names[strings.TrimSuffix(t, "s")] {
			continue
		}
		n := counted{}
		for k := j - 1; k >= 0 && k >= j-8; k-- {
			t := tokens[k]
			value, numeral := numerals[t]
			switch {
			case t[0] >= '0' && t[0] <= '9' || t[0] == '-' && len(t) > 1:
				n = parseCount(t)
			case numeral:
				n = counted{value, true, value > 0}
			case (t == "a" || t == "an") && !n.given:
				n = counted{1, true, true}
			case t == "-" || besideNoun[t] || names[strings.TrimSuffix(t, "s")]:
				continue
			default:
				k = -1 // another word: the phrase begins behind it
			}
		}
		if n.given {
			return n
		}
	}
	return counted{}
}

// saysAll reports whether a text means all pieces of item i: "both cables", "the cables".
func saysAll(said string, o order, i int) bool {
	tokens := tokenPattern.FindAllString(strings.ToLower(sizes.ReplaceAllString(masked(said), " ")), -1)
	names := words(o.Items[i].Name)
	own := strings.ToLower(o.Items[i].Name)
	for j, t := range tokens {
		if !names[strings.TrimSuffix(t, "s")] {
			continue
		}
		if strings.HasSuffix(t, "s") && !strings.Contains(own, t) {
			return true
		}
		for k := j - 1; k >= 0 && k >= j-6; k-- {
			if allPieces.MatchString(tokens[k]) {
				return true
			}
			if !besideNoun[tokens[k]] && tokens[k] != "-" && !names[strings.TrimSuffix(tokens[k], "s")] {
				break
			}
		}
	}
	return false
}

// namesItems reports whether the text names a thing to return that is not a whole order.
func namesItems(text string) bool {
	for _, m := range returnedThing.FindAllStringSubmatch(masked(text), -1) {
		if thing := m[1] + m[2]; !wholeThing.MatchString(thing) && !reasonGiven(thing) {
			return true
		}
	}
	return false
}

// namesOther reports whether the text names a product that no item of the order is.
func namesOther(text string, o order) bool {
	all := words(strings.Join(o.itemNames(), " "))
	for _, noun := range productNouns.FindAllString(masked(text), -1) {
		known := false
		for w := range words(noun) {
			known = known || all[w]
		}
		if !known {
			return true
		}
	}
	return false
}

// reasonGiven reports whether words behind "return" are its reason: "return - broken".
func reasonGiven(words string) bool { return returnReason(words) != "" }

// mentioned returns the indexes of the names that the text mentions, by distinctive words.
func mentioned(text string, names []string) []int {
	holders := make(map[string][]int)
	for i, name := range names {
		for w := range words(name) {
			holders[w] = append(holders[w], i)
		}
	}
	said := words(text)
	found := []int{}
	for w, in := range holders {
		if len(in) == 1 && said[w] && !slices.Contains(found, in[0]) {
			found = append(found, in[0])
		}
	}
	slices.Sort(found)
	return found
}

var wordPattern = regexp.MustCompile(`[\p{L}\p{N}]+`)

// words returns the distinctive words of a text, without a plural s.
func words(text string) map[string]bool {
	set := make(map[string]bool)
	for _, w := range wordPattern.FindAllString(strings.ToLower(text), -1) {
		if w = strings.TrimSuffix(w, "s"); (len(w) > 2 || w == "tv") && w != "pro" && w != "the" && w != "charging" {
			set[w] = true
		}
	}
	return set
}

func askFor(o order) string {
	var items []string
	for _, item := range o.Items {
		switch left := item.left(); {
		case left == 1:
			items = append(items, item.Name)
		case left > 1:
			items = append(items, fmt.Sprintf("%d x %s", left, item.Name))
		}
	}
	if len(items) == 0 {
		return "All of order " + o.ID + " was returned before."
	}
	return "Order " + o.ID + " holds " + list(items) + ". " + askItems
}

func askHowMany(o order, i int) string {
	return fmt.Sprintf("Order %s holds %d x %s. %s", o.ID, o.left(i), o.Items[i].Name, askPieces)
}
