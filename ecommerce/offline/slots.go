package offline

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The patterns of details in a customer's words.

var (
	orderPattern    = regexp.MustCompile(`(?i)\bORD-\w+`)
	customerPattern = regexp.MustCompile(`(?i)\bCUST-\w+`)
	emailPattern    = regexp.MustCompile(`[\w.+-]+@[\w-]+(?:\.[\w-]+)+`)
	skuPattern      = regexp.MustCompile(`(?i)\b[A-Z]{2,}(?:-[A-Z0-9]+)+\b`)
	upcPattern      = regexp.MustCompile(`\b\d{12,13}\b`)
	zipPattern      = regexp.MustCompile(`\b\d{5}(?:-\d{4})?\b`)
	// Anything that is called a ZIP code is passed on: the shop validates it.
	calledZIP      = regexp.MustCompile(`(?i)\b(?:zip(?:\s*code)?[\s:]+(?:is\s+)?|(?:near|around|ship to|deliver to)\s+)(\w*\d[\w-]*)`)
	countedPattern = regexp.MustCompile(`(?i)\b(\d{1,4}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|a dozen)\s+([a-z][\w-]*)`)
	quantityNamed  = regexp.MustCompile(`(?i)\b(?:quantity|qty|need|want)(?:\s+of)?[\s:]+(\d{1,4}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|a dozen)\b`)
	quotedPattern  = regexp.MustCompile(`"([^"]+)"`)
)

// normal replaces typographic quotes by plain ones.
var normal = strings.NewReplacer("’", "'", "‘", "'", "“", `"`, "”", `"`, "–", "-")

func findUpper(p *regexp.Regexp, text string) []string {
	var found []string
	for _, s := range p.FindAllString(text, -1) {
		if s = strings.ToUpper(s); !slices.Contains(found, s) {
			found = append(found, s)
		}
	}
	return found
}

func orderIDs(text string) []string { return findUpper(orderPattern, withoutEmails(text)) }

// customerKeys returns customer ids and e-mail addresses.
func customerKeys(text string) []string {
	keys := findUpper(customerPattern, withoutEmails(text))
	for _, s := range emailPattern.FindAllString(text, -1) {
		if !slices.Contains(keys, s) {
			keys = append(keys, s)
		}
	}
	return keys
}

// productCodes returns SKUs and UPCs. An SKU has a digit, unlike "USB-C".
func productCodes(text string) []string {
	text = withoutEmails(text)
	var codes []string
	for _, s := range findUpper(skuPattern, text) {
		if isSKU(s) {
			codes = append(codes, s)
		}
	}
	return append(codes, findUpper(upcPattern, text)...)
}

func isSKU(s string) bool {
	prefix, _, _ := strings.Cut(strings.ToUpper(s), "-")
	return strings.ContainsAny(s, "0123456789") && !slices.Contains([]string{"ORD", "CUST", "RET", "ZIP"}, prefix)
}

func withoutEmails(text string) string { return emailPattern.ReplaceAllString(text, " ") }

// withoutIDs removes the digits of IDs from the text.
func withoutIDs(text string) string {
	for _, p := range []*regexp.Regexp{emailPattern, orderPattern, customerPattern, upcPattern} {
		text = p.ReplaceAllString(text, "@")
	}
	return replaceSKUs(text, "@")
}

func replaceSKUs(text, with string) string {
	return skuPattern.ReplaceAllStringFunc(text, func(s string) string {
		if isSKU(s) {
			return with
		}
		return s
	})
}

func zipCode(text string) string {
	text = withoutIDs(text)
	if m := calledZIP.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return zipPattern.FindString(text)
}

var numerals = map[string]int{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
	"eight": 8, "nine": 9, "ten": 10, "twelve": 12, "a dozen": 12,
}

// notCounted are words that make the number before them not a quantity.
var notCounted = regexp.MustCompile(`(?i)^(?:days?|hours?|minutes?|weeks?|months?|years?|dollars?|percent|inch(?:es)?|am|pm|is|in|of us)$`)

// quantity returns the number of pieces, or 0 if the text has none.
func quantity(text string) int {
	text = replaceSKUs(text, "pieces") // "3 WEP-2024" counts
	text = zipPattern.ReplaceAllString(withoutIDs(text), " ")
	if m := quantityNamed.FindStringSubmatch(text); m != nil {
		return number(m[1])
	}
	for _, m := range countedPattern.FindAllStringSubmatch(text, -1) {
		if !notCounted.MatchString(m[2]) {
			return number(m[1])
		}
	}
	return 0
}

// number parses digits or a numeral.
func number(text string) int {
	if n, ok := numerals[strings.ToLower(text)]; ok {
		return n
	}
	n, _ := strconv.Atoi(text)
	return n
}

var reasonPatterns = []struct {
	reason  string
	pattern *regexp.Regexp
}{
	{"wrong_item", regexp.MustCompile(`(?i)wrong (?:item|product|one|thing|size|colou?r|model)|not what i (?:ordered|bought)|sent me the wrong`)},
	{"not_as_described", regexp.MustCompile(`(?i)not as (?:described|advertised|shown)|(?:isn't|is not|aren't|are not) (?:what was|as) (?:described|advertised)|differs? from the (?:description|picture)|different from the (?:description|picture)|doesn't match`)},
	{"defective", regexp.MustCompile(`(?i)defect|broken?\b|(?:doesn't|does not|don't|do not|didn't|not|never|stopped) work|faulty|damaged|cracked|dead\b|won't (?:turn on|start|charge|connect)`)},
	{"changed_mind", regexp.MustCompile(`(?i)changed (?:my|our|her|his) mind|(?:no longer|don't|do not) (?:want|need|like)`)},
	{"other", regexp.MustCompile(`(?i)(?:an)?other reason|no (?:particular |special )?reason|^\W*other\W*$|rather not say`)},
}

// noFault matches phrases that deny a fault.
var noFault = regexp.MustCompile(`(?i)(?:\bnot|\bnever|\bno|n't)\s+(?:\w+ ){0,2}?(?:defect|broken?\b|faulty|damaged|cracked|dead\b|wrong)`)

// returnReason returns the reason for a return as the tool spells it, or "".
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
	dropOffPattern = regexp.MustCompile(`(?i)drop(?:ping)?[ -]?(?:it |them )?off|bring (?:it|them|the)|myself|(?:no|without(?: a)?) pick-?\s?up`)
	pickupPattern  = regexp.MustCompile(`(?i)pick(?:ed)?[ -]?(?:it |them )?up|collect|fetch`)
)

// pickup reports whether a pickup is wanted; nil means that the text does not say.
func pickup(text string) *bool {
	off := dropOffPattern.MatchString(text)
	if off || pickupPattern.MatchString(text) {
		on := !off
		return &on
	}
	return nil
}

// The start and the end of a product's name. Only the shop knows the names themselves.
const (
	article = `(?:the |a |an |my |your |our |some |one of the |of the |of |\d{1,4} |units of |pieces of )*`
	nameEnd = `(?:\s+(?:in stock|available|left|have|has|had|come|comes|cost|costs|include|includes|for|near|at|in|to|by|ship|ships|from|on|with|because|since|as|due|please|is|are|was|were|now|right now|again|back)\b|[,.;:?!(]|$)`
)

var namePatterns = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\b(?:warranty|guarantee|specs?|specifications?|features?|price|cost|info|information|details|costs|options|methods|availability|stock|shipping|life)\s+(?:of|for|on|about)\s+` + article + `(.+?)` + nameEnd),
	regexp.MustCompile(`(?i)\b(?:warranty|guarantee|specs|features|price)\s+(?:do|does|is|are|has|have)\s+` + article + `(.+?)` + nameEnd),
	regexp.MustCompile(`(?i)\b(?:how much|how long)\s+(?:is|are|does|do)\s+` + article + `(.+?)` + nameEnd),
	regexp.MustCompile(`(?i)\b(?:tell me (?:more )?about|describe)\s+` + article + `(.+?)` + nameEnd),
	regexp.MustCompile(`(?i)\b(?:what is|what are|what's)\s+` + article + `(?:\w+ ){1,3}(?:of|for|on)\s+` + article + `(.+?)` + nameEnd),
	regexp.MustCompile(`(?i)\b(?:have|get|buy|need|want)\s+(?:any\s+|more\s+)?` + article + `(.+?)` + nameEnd),
	regexp.MustCompile(`(?i)\b(?:is|are|does|do|whether|if)\s+` + article + `(.+?)` + nameEnd),
	regexp.MustCompile(`(?i)\b(?:what is|what are|what's)\s+` + article + `(.+?)` + nameEnd),
	regexp.MustCompile(`(?i)\bhow many\s+` + article + `(.+?)\s+(?:do|are|have|left)\b`),
}

// barePatterns find a name that stands alone.
var barePatterns = []*regexp.Regexp{
	regexp.MustCompile(`(?i)^\W*(?:of|for|on|about)\s+` + article + `(.+?)` + nameEnd),
	regexp.MustCompile(`^\W*(?:the |a |an )?([A-Z][\w-]*(?: [A-Z0-9][\w-]*)+)\W*$`),
}

// nameless are words in the place of a name that are not names.
var nameless = regexp.MustCompile(`(?i)^(?:(?:in|near|at|for|to|on|by|with|from) .*|one|two|three|four|five|six|seven|eight|nine|ten|twelve|a dozen|it|its|they|them|this|that|these|those|one|ones|(?:it|this|that|they|these|those) (?:still|also|now|again|already|currently)|you|there|i|we|he|she|here|any|everything|something|all|(?:this |that |these |those )?(?:product|item|thing|order|package|parcel|customer|account|profile|warranty|price|specs|stock|availability|return policy|policy|refund|return)s?|(?:status|tracking)(?: of.*)?|.*\b(?:warranty|warranties|specs|specifications|price|stock|shipping|ordered|bought)\b.*)$`)

// productName returns the name of the product in the text, or "".
func productName(text string) string {
	if m := quotedPattern.FindStringSubmatch(text); m != nil {
		return strings.TrimSpace(m[1])
	}
	if name := nameBy(namePatterns, text); name != "" {
		return name
	}
	return bareName(text)
}

func bareName(text string) string { return nameBy(barePatterns, text) }

func nameBy(patterns []*regexp.Regexp, text string) string {
	text = strings.TrimSpace(text)
	for _, p := range patterns {
		m := p.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		name := strings.Trim(m[1], " '\"")
		if name != "" && len(name) <= 80 && !nameless.MatchString(name) && withoutIDs(name) == name {
			return name
		}
	}
	return ""
}

var (
	returnedThing = regexp.MustCompile(`(?i)\b(?:return|returning|send back|refund for|refund)\s+(?:just |only )?` + article + `(.+?)(?:\s+of\b|` + nameEnd + `)`)
	wholeOrder    = regexp.MustCompile(`(?i)\b(?:everything|whole|entire|both|all of)\b`)
	wordPattern   = regexp.MustCompile(`[\p{L}\p{N}]+`)
)

// namesItems reports whether the text names items of an order to return.
func namesItems(text string) bool {
	m := returnedThing.FindStringSubmatch(text)
	return m != nil && !nameless.MatchString(m[1]) && withoutIDs(m[1]) == m[1] && !wholeOrder.MatchString(text)
}

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

// words returns the distinctive words of a text, without a plural s.
func words(text string) map[string]bool {
	set := make(map[string]bool)
	for _, w := range wordPattern.FindAllString(strings.ToLower(text), -1) {
		if w = strings.TrimSuffix(w, "s"); len(w) > 2 && w != "pro" && w != "the" {
			set[w] = true
		}
	}
	return set
}
