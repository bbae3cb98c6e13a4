package offline

import (
	"regexp"
	"strings"
)

var (
	// numbered matches a word and a number behind it. Five digits are a ZIP code or an order.
	numbered = regexp.MustCompile(`\b([A-Za-z][\w'-]*) (\d{1,4})\b`)

	// countsNext matches the text behind a number that counts what follows.
	countsNext = regexp.MustCompile(`(?i)^(?:[.,/%-]\w|x\b|\s*(?:of|pieces?|units?|x|times)\b)`)

	// brandNoun matches a noun of productNouns that is a name, too.
	brandNoun = regexp.MustCompile(`(?i)^iphones?$`)
)

// mostModels bounds the models of a text that are understood.
const mostModels = 20

// modelNumbers returns where the numbers begin that are part of a product's name: in "3 iPhone 15"
// the 15. Behind a common noun a number can be a quantity.
func modelNumbers(text string) []int {
	var found []int
	for _, m := range numbered.FindAllStringSubmatchIndex(text, mostModels) {
		word, after := text[m[2]:m[3]], text[m[1]:]
		if isName(word) && !countsNext.MatchString(after) && !startsWithProduct(after[:min(len(after), near)]) {
			found = append(found, m[4])
		}
	}
	return found
}

// isName reports whether a word can be the name of a product, and is no common noun or number.
func isName(word string) bool {
	low := strings.ToLower(word)
	_, numeral := numerals[low]
	switch {
	case numeral, noName[low], low == "sku", countWord.MatchString(low):
		return false
	}
	return brandNoun.MatchString(word) || !productNouns.MatchString(word) && !beforeCount[low]
}

// beforeCount are words before a quantity that are no name, beside those of noName and countWord.
var beforeCount = wordSet("require requires grab add pick choose reserve approximately roughly perhaps nearly almost version page option step past id")

// withoutModels removes the numbers of modelNumbers.
func withoutModels(text string) string {
	var b strings.Builder
	from := 0
	for _, at := range modelNumbers(text) {
		b.WriteString(text[from:at])
		for from = at; from < len(text) && text[from] >= '0' && text[from] <= '9'; from++ {
		}
	}
	b.WriteString(text[from:])
	return b.String()
}
