package offline

import (
	"regexp"
	"slices"
	"strings"
)

// The parts of a product's information. The tool tells the price only with all of them.
const (
	pricePart    = "price"
	specsPart    = "specs"
	warrantyPart = "warranty"
	shippingPart = "shipping"
)

var (
	specsWords    = regexp.MustCompile(`(?i)\bspec|\bfeature|\btechnical\b`)
	warrantyWords = anyOf(
		`\bwarrant|\bguarantee|\bcovered\b`,
		`\b(?:what|if|when|once|in case)\b.*\b(?:breaks?|broken|fails?|dies?|stops?|goes? wrong)\b`,
	)
	bareHowLong = regexp.MustCompile(`(?i)^\W*(?:for )?how long(?: is it| does it last| for)?\W*$`)
	described   = regexp.MustCompile(`(?i)\b(?:tell me|more|know|information|info|details) (?:\w+ )?about\b|\bdescri(?:be|ption)\b|\beverything\b`)
	cheaper     = regexp.MustCompile(`(?i)\bcheaper\b|\bcheapest\b`)

	// withShipping matches a question for a price and for the shipping: "how much is shipping" is
	// not one.
	withShipping = regexp.MustCompile(`(?i)\b(?:includ\w*|incl|with|plus|and) (?:the )?(?:shipping|delivery)\b`)

	// howLong matches a question for a length or a time. Beside a warranty or a shipping it is not
	// about a feature.
	howLong = regexp.MustCompile(`(?i)\bhow (?:long|fast|quick(?:ly)?|soon)\b`)
)

// partsOf returns the parts of a product's information that a text asks for. Without any it asks
// for all.
func partsOf(text string) []string {
	text = noiseCancelling.ReplaceAllString(text, "noise")
	var parts []string
	if warrantyWords.MatchString(text) {
		parts = append(parts, warrantyPart)
	}
	if shipWords.MatchString(text) {
		parts = append(parts, shippingPart)
	}
	features := text
	if len(parts) > 0 {
		features = howLong.ReplaceAllString(text, " ")
	}
	if specsWords.MatchString(features) || featureWords.MatchString(features) && !slices.Contains(parts, warrantyPart) {
		parts = append(parts, specsPart)
	}
	shipOnly := slices.Contains(parts, shippingPart) && !withShipping.MatchString(text)
	priced := priceWords.MatchString(text) || cheaper.MatchString(text)
	if priced && !shipOnly && (len(parts) > 0 || !described.MatchString(text)) {
		parts = append(parts, pricePart)
	}
	return parts
}

// infoType returns the tool's name for the parts, or "" for all of the information.
func infoType(parts []string) string {
	if len(parts) == 1 && parts[0] != pricePart {
		return parts[0]
	}
	return ""
}

// partsFor returns the parts of a product's information that the message asks for, over all of its
// wants. A bare "how long?" is about the part before it.
func (c *conversation) partsFor(p *plan, product string) []string {
	var all []string
	for _, w := range c.wants {
		if w.intent != wantProduct || len(all) > 0 && bareHowLong.MatchString(w.clause) {
			continue
		}
		if products, _ := c.productsOf(p, w); !slices.Contains(products, product) {
			continue
		}
		parts := partsOf(strings.TrimSpace(c.wordsOf(w) + " " + w.like))
		if len(parts) == 0 {
			parts = w.parts
		}
		if len(parts) == 0 {
			return nil
		}
		all = append(all, parts...)
	}
	return unique(all)
}
